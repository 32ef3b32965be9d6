//! The one table of bindings: it feeds dispatch, hints, help, palette and `[keys.<context>]`. It acts on nothing.

use super::bindings_table::ROWS;
pub use super::keymap::{KeyOverrides, Keymap, KeymapError, Lookup};

/// Where keys go. The word is the table's name in the config file: `[keys.browse]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of the config file say it")]
pub enum Context {
    Global,
    List,
    Browse,
    Activity,
    Health,
    Search,
    FirstRun,
    Unlock,
    Form,
    Editor,
    Confirm,
    CopyMenu,
    Generator,
    Help,
    History,
    Import,
    Palette,
    Prompt,
    Recovery,
    Slots,
    Trash,
    ViewAs,
    Profiles,
    Wizard,
    WizardForm,
    Approve,
}

impl Context {
    /// All contexts with their words and the titles the help gives them.
    pub const ALL: [(Self, &'static str, &'static str); 26] = [
        (Self::Browse, "browse", "Browsing"),
        (Self::List, "list", "Moving"),
        (Self::Search, "search", "Search"),
        (Self::Editor, "editor", "Editor"),
        (Self::Form, "form", "Forms"),
        (Self::Generator, "generator", "Generator"),
        (Self::History, "history", "History"),
        (Self::Trash, "trash", "Trash"),
        (Self::Activity, "activity", "Activity"),
        (Self::Health, "health", "Health"),
        (Self::Profiles, "profiles", "Profiles"),
        (Self::Wizard, "wizard", "New profile"),
        (Self::WizardForm, "wizard_form", "New profile, typing"),
        (Self::Approve, "approve", "New profile, waiting"),
        (Self::Slots, "slots", "Keys"),
        (Self::CopyMenu, "copy_menu", "Copy menu"),
        (Self::ViewAs, "view_as", "View as"),
        (Self::Import, "import", "Import"),
        (Self::Confirm, "confirm", "Questions"),
        (Self::Prompt, "prompt", "Passphrase"),
        (Self::Recovery, "recovery", "Recovery code"),
        (Self::Unlock, "unlock", "Unlocking"),
        (Self::FirstRun, "first_run", "First run"),
        (Self::Palette, "palette", "Palette"),
        (Self::Help, "help", "Help"),
        (Self::Global, "global", "Everywhere"),
    ];

    /// The word in the config file.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(context, ..)| *context == self).map_or("", |(_, word, _)| word)
    }

    /// The heading in the help.
    pub fn title(self) -> &'static str {
        Self::ALL.iter().find(|(context, ..)| *context == self).map_or("", |(.., title)| title)
    }

    /// Whether a letter that is typed there is text.
    pub fn takes_text(self) -> bool {
        use Context as C;
        matches!(
            self,
            C::Editor
                | C::FirstRun
                | C::Form
                | C::Import
                | C::Palette
                | C::Prompt
                | C::Recovery
                | C::Search
                | C::Unlock
                | C::WizardForm
        )
    }

    /// Where a key is looked up, in order.
    pub fn chain(self) -> &'static [Self] {
        use Context as C;
        match self {
            C::Global => &[C::Global],
            C::List => &[C::List, C::Global],
            C::Browse => &[C::Browse, C::List, C::Global],
            C::Activity => &[C::Activity, C::List, C::Global],
            C::Health => &[C::Health, C::List, C::Global],
            C::Search => &[C::Search, C::Global],
            C::FirstRun => &[C::FirstRun, C::Global],
            C::Unlock => &[C::Unlock, C::Global],
            C::Form => &[C::Form, C::Global],
            C::Editor => &[C::Editor, C::Global],
            C::Confirm => &[C::Confirm, C::Global],
            C::CopyMenu => &[C::CopyMenu, C::List, C::Global],
            C::Generator => &[C::Generator, C::Global],
            C::Help => &[C::Help, C::List, C::Global],
            C::History => &[C::History, C::List, C::Global],
            C::Import => &[C::Import, C::Form, C::Global],
            C::Palette => &[C::Palette, C::Global],
            C::Prompt => &[C::Prompt, C::Global],
            C::Recovery => &[C::Recovery, C::Global],
            C::Slots => &[C::Slots, C::List, C::Global],
            C::Trash => &[C::Trash, C::List, C::Global],
            C::ViewAs => &[C::ViewAs, C::List, C::Global],
            C::Profiles => &[C::Profiles, C::List, C::Global],
            C::Wizard => &[C::Wizard, C::List, C::Global],
            C::WizardForm => &[C::WizardForm, C::Global],
            C::Approve => &[C::Approve, C::Global],
        }
    }
}

/// Everything a key, the palette or a click can do. The word is the key in the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each row of the table below says what its variant means")]
pub enum Action {
    // Everywhere.
    Lock,
    Suspend,
    Cancel,
    OpenHelp,
    OpenPalette,
    Quit,
    // Moving.
    Up,
    Down,
    Left,
    Right,
    Top,
    Bottom,
    PageUp,
    PageDown,
    HalfPageUp,
    HalfPageDown,
    NextPane,
    PreviousPane,
    // Browsing.
    Search,
    Reveal,
    Peek,
    Copy,
    CopyMenu,
    ClearClipboard,
    Add,
    Edit,
    EditMetadata,
    Rename,
    Delete,
    Undo,
    History,
    Trash,
    Activity,
    Health,
    Generate,
    ViewAs,
    Import,
    Keys,
    Profiles,
    Present,
    Back,
    // Layers and forms.
    Accept,
    Close,
    Next,
    Previous,
    ShowTyped,
    StripNewline,
    Toggle,
    Again,
    Restore,
    Purge,
    Overwrite,
    ChangePassphrase,
    Rotate,
    OpenPage,
    SignIn,
    PasteAddress,
    Protected,
}

/// One row of the table.
pub struct Binding {
    /// Where it is valid.
    pub context: Context,
    /// What it does.
    pub action: Action,
    /// The word in the config file and the palette.
    pub word: &'static str,
    /// The default keys; a sequence has spaces: `g g`.
    pub keys: &'static [&'static str],
    /// The short label of a hint.
    pub label: &'static str,
    /// The sentence of the help and the palette.
    pub description: &'static str,
    /// The place among the hints, 1 first; `None` is not hinted.
    pub hint: Option<u8>,
}

/// All rows, in the order of the help.
pub fn table() -> &'static [Binding] {
    ROWS
}

/// The rows of what this system has: no job control, no suspending.
pub fn offered() -> impl Iterator<Item = &'static Binding> {
    ROWS.iter().filter(|row| cfg!(unix) || row.action != Action::Suspend)
}

/// The row of `action` in `context`.
pub fn binding(context: Context, action: Action) -> Option<&'static Binding> {
    ROWS.iter().find(|row| row.context == context && row.action == action)
}
