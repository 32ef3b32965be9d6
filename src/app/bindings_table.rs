//! The rows of the binding table. Reads like a menu; nothing is decided here.

use super::bindings::{Action as A, Binding, Context as C};

type Keys = &'static [&'static str];

/// A row that is hinted.
const fn hint(
    place: u8,
    context: C,
    action: A,
    word: &'static str,
    keys: Keys,
    label: &'static str,
    description: &'static str,
) -> Binding {
    Binding { context, action, word, keys, label, description, hint: Some(place) }
}

/// A row that only help and palette tell.
const fn row(
    context: C,
    action: A,
    word: &'static str,
    keys: Keys,
    description: &'static str,
) -> Binding {
    Binding { context, action, word, keys, label: word, description, hint: None }
}

#[rustfmt::skip]
pub(super) const ROWS: &[Binding] = &[
    // Browsing.
    hint(1, C::Browse, A::Reveal, "reveal", &["enter"], "reveal", "Show the value; it hides by itself"),
    hint(2, C::Browse, A::Copy, "copy", &["y"], "copy", "Copy the value; the clipboard clears itself"),
    hint(6, C::Browse, A::CopyMenu, "copy_menu", &["Y"], "copy menu", "Copy the username, URL or reference"),
    hint(3, C::Browse, A::Edit, "edit", &["e"], "edit", "Edit the value"),
    hint(4, C::Browse, A::Add, "add", &["a"], "add", "Add a secret"),
    hint(7, C::Browse, A::Delete, "delete", &["d", "delete"], "delete", "Move the secret to the trash"),
    hint(5, C::Browse, A::Search, "search", &["/"], "search", "Search every scope"),
    hint(9, C::Browse, A::NextPane, "next_pane", &["tab"], "next pane", "Go to the next pane"),
    row(C::Browse, A::PreviousPane, "previous_pane", &["shift-tab"], "Go to the previous pane"),
    row(C::Browse, A::Peek, "peek", &["p"], "Show the value for two seconds or until the next key"),
    row(C::Browse, A::EditMetadata, "metadata", &["m"], "Edit kind, username, URL, tags, expiry, protection and note"),
    row(C::Browse, A::Rename, "rename", &["r"], "Rename the secret or move it to another scope"),
    row(C::Browse, A::Undo, "undo", &["u"], "Undo the last change"),
    row(C::Browse, A::History, "history", &["H"], "List the kept revisions"),
    row(C::Browse, A::Trash, "trash", &["t"], "List deleted secrets"),
    row(C::Browse, A::Activity, "activity", &["L"], "Who read and changed what, when and for what"),
    row(C::Browse, A::Health, "health", &["A"], "What wants attention: expired, weak, reused, expiring or old"),
    row(C::Browse, A::Generate, "generate", &["ctrl-g", "g n"], "Generate a password, passphrase or token"),
    row(C::Browse, A::Import, "import", &["I"], "Import an environment file"),
    row(C::Browse, A::ViewAs, "view_as", &["V"], "See the vault as another actor sees it"),
    row(C::Browse, A::Keys, "keys", &["K"], "Ways to unlock the vault: list, add, remove; replace its key"),
    row(C::Browse, A::Profiles, "profiles", &["o"], "OAuth profiles: sign in, refresh, copy, remove"),
    hint(11, C::Browse, A::Present, "presenter", &["P"], "leave presenter mode", "Presenter mode: hide every name while others look on"),
    row(C::Browse, A::ClearClipboard, "clear_clipboard", &["ctrl-x"], "Clear the clipboard now if it is still ours"),
    row(C::Browse, A::Toggle, "fold", &["space"], "Fold or unfold the environments of a project"),
    row(C::Browse, A::Back, "back", &["esc"], "Hide the value, leave the search or the lens"),
    hint(8, C::Browse, A::OpenPalette, "palette", &[":"], "commands", "Find any command by its name"),
    hint(10, C::Browse, A::OpenHelp, "help", &["?"], "help", "Show every key"),
    row(C::Browse, A::Quit, "quit", &["q"], "Quit"),
    // Moving.
    row(C::List, A::Up, "up", &["up", "k"], "One up"),
    row(C::List, A::Down, "down", &["down", "j"], "One down"),
    row(C::List, A::Left, "left", &["left", "h"], "To the left"),
    row(C::List, A::Right, "right", &["right", "l"], "To the right"),
    row(C::List, A::Top, "top", &["g g", "home"], "To the first"),
    row(C::List, A::Bottom, "bottom", &["G", "end"], "To the last"),
    row(C::List, A::PageUp, "page_up", &["pageup", "ctrl-b"], "One page up"),
    row(C::List, A::PageDown, "page_down", &["pagedown", "ctrl-f"], "One page down"),
    row(C::List, A::HalfPageUp, "half_page_up", &["ctrl-u"], "Half a page up"),
    row(C::List, A::HalfPageDown, "half_page_down", &["ctrl-d"], "Half a page down"),
    // Search.
    hint(1, C::Search, A::Accept, "accept", &["enter"], "go to it", "Go to the secret"),
    hint(2, C::Search, A::Close, "close", &["esc"], "clear", "Clear the search"),
    hint(3, C::Search, A::NextPane, "list", &["tab"], "to the list", "To the list; what was found stays"),
    row(C::Search, A::Up, "up", &["up", "ctrl-k"], "One up"),
    row(C::Search, A::Down, "down", &["down", "ctrl-j"], "One down"),
    row(C::Search, A::PageUp, "page_up", &["pageup"], "One page up"),
    row(C::Search, A::PageDown, "page_down", &["pagedown"], "One page down"),
    // Editor.
    hint(1, C::Editor, A::Accept, "save", &["ctrl-s"], "save", "Save a new revision"),
    hint(2, C::Editor, A::Close, "close", &["esc"], "cancel", "Leave; asks when something was changed"),
    hint(3, C::Editor, A::Generate, "generate", &["ctrl-g"], "generate", "Replace the text by a generated value"),
    hint(4, C::Editor, A::ShowTyped, "show", &["ctrl-r"], "hide or show", "Hide or show the text"),
    hint(5, C::Editor, A::StripNewline, "strip_newline", &["ctrl-n"], "drop newline", "Drop the newline at the end of a single line"),
    // Forms.
    hint(1, C::Form, A::Accept, "save", &["ctrl-s", "enter"], "save", "Save"),
    hint(2, C::Form, A::Close, "close", &["esc"], "cancel", "Leave; asks when something was typed"),
    hint(3, C::Form, A::Next, "next", &["tab", "down"], "next field", "To the next field"),
    row(C::Form, A::Previous, "previous", &["shift-tab", "up"], "To the previous field"),
    hint(4, C::Form, A::Generate, "generate", &["ctrl-g"], "generate", "Fill the value with a generated one"),
    hint(5, C::Form, A::ShowTyped, "show", &["ctrl-r"], "hide or show", "Hide or show the value"),
    hint(6, C::Form, A::StripNewline, "strip_newline", &["ctrl-n"], "drop newline", "Drop the newline at the end of a single line"),
    // Generator.
    hint(1, C::Generator, A::Again, "again", &["space"], "again", "Make another one; on a check box, switch it"),
    hint(2, C::Generator, A::Accept, "accept", &["enter"], "use it", "Use the value"),
    hint(3, C::Generator, A::Copy, "copy", &["y"], "copy only", "Copy it without storing it"),
    hint(4, C::Generator, A::Close, "close", &["esc"], "cancel", "Leave"),
    row(C::Generator, A::Next, "next", &["tab", "down", "j"], "To the next row"),
    row(C::Generator, A::Previous, "previous", &["shift-tab", "up", "k"], "To the previous row"),
    row(C::Generator, A::Left, "left", &["left", "h"], "Less, or the one before"),
    row(C::Generator, A::Right, "right", &["right", "l"], "More, or the one after"),
    // History.
    hint(1, C::History, A::Reveal, "reveal", &["enter"], "reveal", "Show the value of that revision"),
    hint(2, C::History, A::Restore, "restore", &["r"], "restore", "Write that revision's value as the newest"),
    hint(3, C::History, A::Close, "close", &["esc", "q", "H"], "back", "Back"),
    // Trash.
    hint(1, C::Trash, A::Restore, "restore", &["enter", "r"], "restore", "Bring it back under its old name"),
    hint(2, C::Trash, A::Purge, "purge", &["d", "delete"], "remove for good", "Remove it for good"),
    hint(3, C::Trash, A::Close, "close", &["esc", "q", "t"], "back", "Back"),
    // Activity.
    hint(1, C::Activity, A::Accept, "go_to", &["enter"], "go to it", "Go to the secret it is about"),
    hint(2, C::Activity, A::Again, "reload", &["r"], "read again", "Read the journal again"),
    hint(3, C::Activity, A::Close, "close", &["esc", "q", "L"], "back", "Back"),
    // Health.
    hint(1, C::Health, A::Accept, "go_to", &["enter"], "go to it", "Go to the secret"),
    hint(2, C::Health, A::Generate, "generate", &["ctrl-g", "g n"], "generate", "Generate another value for it"),
    hint(3, C::Health, A::Edit, "edit", &["e"], "edit", "Edit its value"),
    hint(4, C::Health, A::EditMetadata, "metadata", &["m"], "metadata", "Edit its kind, expiry and the rest"),
    hint(5, C::Health, A::Protected, "protected", &["p"], "protected too", "Look at protected secrets too; asks for the passphrase"),
    hint(6, C::Health, A::Again, "again", &["r"], "look again", "Look at every secret again"),
    hint(7, C::Health, A::Close, "close", &["esc", "q", "A"], "back", "Back"),
    // Keys.
    hint(1, C::Slots, A::Add, "add", &["a"], "add", "Add a passphrase, a recovery code or a key file"),
    hint(2, C::Slots, A::Delete, "remove", &["d", "delete"], "remove", "Remove the selected way in"),
    hint(3, C::Slots, A::ChangePassphrase, "passphrase", &["p"], "passphrase", "Change the passphrase"),
    hint(4, C::Slots, A::Rotate, "rotate", &["R"], "rotate", "Replace the vault key; every way in is made anew"),
    hint(5, C::Slots, A::Close, "close", &["esc", "q", "K"], "back", "Back"),
    // Profiles.
    hint(1, C::Profiles, A::Add, "add", &["a"], "sign in", "Sign in at a provider, or keep a key of it"),
    hint(2, C::Profiles, A::Copy, "copy", &["y", "enter"], "copy token", "Copy the token; the clipboard clears itself"),
    hint(3, C::Profiles, A::Again, "refresh", &["r"], "refresh", "Ask the provider for new tokens"),
    hint(4, C::Profiles, A::SignIn, "sign_in", &["s"], "sign in again", "Sign in again, as it was done the last time"),
    hint(5, C::Profiles, A::Delete, "remove", &["d", "delete"], "remove", "Revoke the tokens and remove the profile"),
    hint(6, C::Profiles, A::Close, "close", &["esc", "q", "o"], "back", "Back"),
    // The wizard.
    hint(1, C::Wizard, A::Accept, "accept", &["enter"], "go on", "Go on"),
    hint(2, C::Wizard, A::Previous, "back", &["left", "h", "backspace"], "step back", "One step back"),
    hint(3, C::Wizard, A::Close, "close", &["esc", "q"], "cancel", "Leave; nothing is kept"),
    hint(1, C::WizardForm, A::Accept, "accept", &["enter"], "go on", "Sign in with what was typed"),
    hint(2, C::WizardForm, A::Next, "next", &["tab"], "next", "To the next line, or to the scopes"),
    row(C::WizardForm, A::Previous, "previous", &["shift-tab"], "To the line before"),
    row(C::WizardForm, A::Down, "down", &["down"], "One down"),
    row(C::WizardForm, A::Up, "up", &["up"], "One up"),
    hint(3, C::WizardForm, A::Toggle, "toggle", &["space"], "tick", "Ask for that scope, or not"),
    hint(4, C::WizardForm, A::ShowTyped, "show", &["ctrl-r"], "show it", "Show what is typed"),
    hint(5, C::WizardForm, A::Back, "back", &["alt-left", "ctrl-b"], "step back", "One step back"),
    hint(6, C::WizardForm, A::Close, "close", &["esc"], "cancel", "Leave; nothing is kept"),
    hint(1, C::Approve, A::Copy, "copy", &["y"], "copy", "Copy the code, or the address"),
    hint(2, C::Approve, A::OpenPage, "open", &["b"], "open browser", "Open the page in the browser of this machine"),
    hint(3, C::Approve, A::PasteAddress, "paste", &["u"], "paste address", "Paste the address that the browser ended at"),
    hint(4, C::Approve, A::Previous, "back", &["left", "backspace"], "step back", "End the sign-in and go back"),
    hint(5, C::Approve, A::Close, "close", &["esc", "q"], "cancel", "End the sign-in"),
    // Copy menu.
    hint(1, C::CopyMenu, A::Accept, "accept", &["enter"], "copy", "Copy the selected entry"),
    hint(2, C::CopyMenu, A::Close, "close", &["esc", "q"], "back", "Back"),
    // View as.
    hint(1, C::ViewAs, A::Left, "previous_actor", &["left", "h"], "previous actor", "The actor before"),
    hint(2, C::ViewAs, A::Right, "next_actor", &["right", "l"], "next actor", "The next actor"),
    hint(3, C::ViewAs, A::Accept, "accept", &["enter"], "view as", "See the vault as this actor"),
    hint(4, C::ViewAs, A::Close, "close", &["esc", "q", "V"], "back", "Back"),
    // Import.
    hint(1, C::Import, A::Accept, "accept", &["enter"], "go on", "Read the file; then import"),
    hint(2, C::Import, A::Overwrite, "overwrite", &["ctrl-o"], "overwrite", "Replace different values, or keep them"),
    hint(3, C::Import, A::Close, "close", &["esc"], "cancel", "Leave"),
    row(C::Import, A::Up, "up", &["up"], "One up"),
    row(C::Import, A::Down, "down", &["down"], "One down"),
    // Questions.
    hint(1, C::Confirm, A::Accept, "accept", &["enter"], "choose", "Take the focused answer"),
    hint(2, C::Confirm, A::Close, "close", &["esc", "q"], "cancel", "Cancel"),
    row(C::Confirm, A::Next, "next", &["tab", "right", "l"], "To the next answer"),
    row(C::Confirm, A::Previous, "previous", &["shift-tab", "left", "h"], "To the answer before"),
    // Passphrase.
    hint(1, C::Prompt, A::Accept, "accept", &["enter"], "go on", "Go on"),
    hint(2, C::Prompt, A::ShowTyped, "show", &["ctrl-r"], "show what I type", "Show what is typed"),
    hint(3, C::Prompt, A::Close, "close", &["esc"], "cancel", "Cancel"),
    // Recovery code.
    hint(1, C::Recovery, A::Accept, "accept", &["enter"], "go on", "Hide the code, then check what was typed back"),
    hint(2, C::Recovery, A::ShowTyped, "show", &["ctrl-r"], "show or hide the code", "Show or hide the code"),
    hint(3, C::Recovery, A::Close, "close", &["esc"], "cancel", "Leave; the code opens nothing then"),
    // Unlocking.
    hint(1, C::Unlock, A::Accept, "accept", &["enter"], "unlock", "Unlock"),
    hint(2, C::Unlock, A::ShowTyped, "show", &["ctrl-r"], "show what I type", "Show what is typed"),
    hint(3, C::Unlock, A::Quit, "quit", &["esc"], "quit", "Quit"),
    // First run.
    hint(1, C::FirstRun, A::Accept, "accept", &["enter"], "go on", "Go on; at the end, make the vault"),
    hint(2, C::FirstRun, A::Next, "next", &["tab"], "next field", "To the next field"),
    row(C::FirstRun, A::Previous, "previous", &["shift-tab"], "To the field before"),
    hint(3, C::FirstRun, A::Down, "down", &["down"], "next place", "To the next field, or the next place to keep secrets"),
    hint(4, C::FirstRun, A::Up, "up", &["up"], "place before", "To the field before, or the place before"),
    hint(5, C::FirstRun, A::ShowTyped, "show", &["ctrl-r"], "show what I type", "Show what is typed"),
    row(C::Form, A::Toggle, "toggle", &["space"], "Switch a check box, or take the next kind"),
    row(C::Form, A::Left, "left", &["left"], "The kind before"),
    row(C::Form, A::Right, "right", &["right"], "The kind after"),
    hint(6, C::FirstRun, A::Quit, "quit", &["esc"], "quit", "Quit; nothing was made"),
    // Palette.
    hint(1, C::Palette, A::Accept, "accept", &["enter"], "do it", "Do it"),
    hint(2, C::Palette, A::Close, "close", &["esc"], "back", "Back"),
    row(C::Palette, A::Up, "up", &["up", "ctrl-k"], "One up"),
    row(C::Palette, A::Down, "down", &["down", "ctrl-j"], "One down"),
    // Help.
    hint(1, C::Help, A::Close, "close", &["esc", "q", "?", "enter"], "back", "Back"),
    // Everywhere.
    row(C::Global, A::OpenPalette, "palette", &["ctrl-p"], "Find any command by its name"),
    row(C::Global, A::OpenHelp, "help", &["f1"], "Show every key"),
    row(C::Global, A::Lock, "lock", &["ctrl-l"], "Lock the vault"),
    row(C::Global, A::Suspend, "suspend", &["ctrl-z"], "Suspend to the shell"),
    row(C::Global, A::Cancel, "cancel", &["ctrl-c"], "Cancel; twice quits"),
];
