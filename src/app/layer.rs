//! The stack above the screen: keys go to the top one, drawing goes bottom-up.

use super::App;
use super::activity::Activity;
use super::add_form::AddForm;
use super::bindings::Context;
use super::confirm::Confirm;
use super::copy_menu::CopyMenu;
use super::editor::Editor;
use super::effect::Effect;
use super::field::SecretField;
use super::generator::Generator;
use super::health::Health;
use super::help::Help;
use super::history::History;
use super::import::Import;
use super::meta_form::MetaForm;
use super::palette::Palette;
use super::profiles::Profiles;
use super::prompt::Prompt;
use super::recovery::Recovery;
use super::rename::Rename;
use super::slot_forms::{KeyFileForm, PassphraseForm};
use super::slots::Slots;
use super::trash::Trash;
use super::view_as::ViewAs;
use super::wizard::{Keep, Stage, Wizard};

/// One layer. Esc takes it away.
#[allow(missing_docs, reason = "each variant is documented at the type it holds")]
#[allow(clippy::large_enum_variant, reason = "there are few at a time")]
pub enum Layer {
    Activity(Activity),
    AddForm(AddForm),
    Confirm(Confirm),
    CopyMenu(CopyMenu),
    Editor(Editor),
    Generator(Generator),
    Health(Health),
    Help(Help),
    History(History),
    Import(Import),
    KeyFileForm(KeyFileForm),
    MetaForm(MetaForm),
    Palette(Palette),
    PassphraseForm(PassphraseForm),
    Profiles(Profiles),
    Prompt(Prompt),
    Recovery(Recovery),
    Rename(Rename),
    Slots(Slots),
    Trash(Trash),
    ViewAs(ViewAs),
    Wizard(Wizard),
}

impl Layer {
    /// Where its keys are looked up.
    pub fn context(&self) -> Context {
        match self {
            Self::AddForm(_) | Self::MetaForm(_) | Self::Rename(_) => Context::Form,
            Self::PassphraseForm(_) | Self::KeyFileForm(_) => Context::Form,
            Self::Activity(_) => Context::Activity,
            Self::Confirm(_) => Context::Confirm,
            Self::CopyMenu(_) => Context::CopyMenu,
            Self::Editor(_) => Context::Editor,
            Self::Generator(_) => Context::Generator,
            Self::Health(_) => Context::Health,
            Self::Help(_) => Context::Help,
            Self::History(_) => Context::History,
            Self::Import(_) => Context::Import,
            Self::Palette(_) => Context::Palette,
            Self::Profiles(_) => Context::Profiles,
            Self::Prompt(_) => Context::Prompt,
            Self::Recovery(_) => Context::Recovery,
            Self::Slots(_) => Context::Slots,
            Self::Trash(_) => Context::Trash,
            Self::ViewAs(_) => Context::ViewAs,
            Self::Wizard(wizard) => wizard.context(),
        }
    }

    /// The text field with the cursor; none while what is typed is on its way to the vault.
    pub(super) fn text_field(&mut self) -> Option<&mut SecretField> {
        match self {
            Self::AddForm(form) if form.saving.is_none() => form.field(),
            Self::Editor(editor) if editor.saving.is_none() => Some(&mut editor.text),
            Self::Import(import) if import.working.is_none() => import.field(),
            Self::KeyFileForm(form) if form.working.is_none() => Some(&mut form.path),
            Self::PassphraseForm(form) if form.working.is_none() => Some(form.new.field()),
            Self::MetaForm(form) if form.saving.is_none() => form.field(),
            Self::Palette(palette) => Some(&mut palette.query),
            Self::Prompt(prompt) if prompt.working.is_none() => Some(&mut prompt.passphrase),
            Self::Recovery(code) if code.typing && code.working.is_none() => Some(&mut code.typed),
            Self::Rename(form) if form.saving.is_none() => Some(form.field()),
            Self::Wizard(wizard) => match &mut wizard.stage {
                Stage::Form(form) => form.field(),
                Stage::Approve(approve) if approve.pasting => Some(&mut approve.address),
                Stage::Keep(keep) if !keep.working => keep.place.field(),
                _ => None,
            },
            _ => None,
        }
    }

    /// All its fields with their places among the popup's `fields`.
    pub(super) fn fields(&mut self) -> Vec<(usize, &mut SecretField)> {
        match self {
            Self::AddForm(form) => {
                vec![(0, &mut form.scope), (1, &mut form.key), (2, &mut form.value)]
            }
            Self::Editor(editor) => vec![(0, &mut editor.text)],
            Self::Import(import) => vec![(0, &mut import.path), (1, &mut import.scope)],
            Self::MetaForm(form) => vec![
                (1, &mut form.username),
                (2, &mut form.url),
                (3, &mut form.tags),
                (4, &mut form.expires),
                (6, &mut form.note),
            ],
            Self::KeyFileForm(form) => vec![(0, &mut form.path)],
            Self::PassphraseForm(form) => {
                vec![(0, &mut form.new.passphrase), (1, &mut form.new.again)]
            }
            Self::Palette(palette) => vec![(0, &mut palette.query)],
            Self::Prompt(prompt) => vec![(0, &mut prompt.passphrase)],
            Self::Recovery(recovery) => vec![(0, &mut recovery.typed)],
            Self::Rename(form) => vec![(0, &mut form.scope), (1, &mut form.key)],
            Self::Wizard(wizard) => match &mut wizard.stage {
                Stage::Form(form) | Stage::Keep(Keep { place: form, .. }) => {
                    form.fields.iter_mut().map(|field| &mut field.text).enumerate().collect()
                }
                Stage::Approve(approve) => vec![(0, &mut approve.address)],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Its list: the first row on screen, the selected one, and how many there are.
    pub(super) fn list(&mut self) -> Option<(&mut usize, &mut usize, usize)> {
        match self {
            Self::Activity(activity) => {
                let len = activity.entries().len();
                Some((&mut activity.offset, &mut activity.selected, len))
            }
            Self::Health(health) => {
                let len = health.rows.len();
                Some((&mut health.offset, &mut health.selected, len))
            }
            Self::History(history) => {
                let len = history.revisions.as_ref().map_or(0, Vec::len);
                Some((&mut history.offset, &mut history.selected, len))
            }
            Self::Profiles(profiles) => {
                let len = profiles.kept().len();
                Some((&mut profiles.offset, &mut profiles.selected, len))
            }
            Self::Wizard(wizard) => wizard.rows(),
            Self::Slots(slots) => {
                let len = slots.slots.as_ref().map_or(0, Vec::len);
                Some((&mut slots.offset, &mut slots.selected, len))
            }
            Self::Trash(trash) => {
                let len = trash.entries.as_ref().map_or(0, Vec::len);
                Some((&mut trash.offset, &mut trash.selected, len))
            }
            Self::ViewAs(lens) => Some((&mut lens.offset, &mut lens.row, lens.rows.len())),
            Self::Palette(palette) => {
                Some((&mut palette.offset, &mut palette.selected, palette.rows.len()))
            }
            _ => None,
        }
    }
}

/// A method that finds the layer of a kind; there is never more than one of each.
macro_rules! finders {
    ($($name:ident: $kind:ident),* $(,)?) => {
        impl App {
            $(pub(super) fn $name(&mut self) -> Option<&mut $kind> {
                self.layers.iter_mut().rev().find_map(|layer| match layer {
                    Layer::$kind(found) => Some(found),
                    _ => None,
                })
            })*
        }
    };
}

finders! {
    activity: Activity,
    add_form: AddForm,
    confirm: Confirm,
    copy_menu: CopyMenu,
    editor: Editor,
    generator: Generator,
    health: Health,
    help_layer: Help,
    history: History,
    import: Import,
    key_file_form: KeyFileForm,
    meta_form: MetaForm,
    palette: Palette,
    passphrase_form: PassphraseForm,
    profiles: Profiles,
    prompt: Prompt,
    recovery: Recovery,
    rename: Rename,
    slots: Slots,
    trash_layer: Trash,
    view_as: ViewAs,
    wizard: Wizard,
}

impl App {
    /// Takes the top layer away as Esc does: a draft is asked about first.
    pub(super) fn close_top(&mut self) {
        let wall = self.wall;
        let dirty = match self.layers.last() {
            Some(Layer::Editor(editor)) => editor.dirty && editor.saving.is_none(),
            Some(Layer::AddForm(form)) => form.is_dirty(),
            Some(Layer::MetaForm(form)) => form.is_dirty(wall),
            Some(Layer::Recovery(recovery)) => !recovery.typed.is_empty(),
            Some(Layer::Wizard(_)) => return self.leave_wizard(),
            Some(Layer::Prompt(_)) => return self.prompt_act(super::bindings::Action::Close),
            _ => false,
        };
        if dirty {
            self.ask_discard();
        } else {
            self.pop_layer();
        }
    }

    /// Drops the top layer; what it showed is drawn over at once.
    pub(super) fn pop_layer(&mut self) {
        if self.layers.pop().is_some() {
            self.out.push(Effect::Redraw);
        }
    }
}
