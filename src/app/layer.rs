//! The stack above the screen: keys go to the top one, drawing goes bottom-up.

use super::add_form::AddForm;
use super::confirm::Confirm;
use super::copy_menu::CopyMenu;
use super::editor::Editor;
use super::generator::Generator;
use super::help::Help;
use super::history::History;
use super::import::Import;
use super::meta_form::MetaForm;
use super::palette::Palette;
use super::prompt::Prompt;
use super::rename::Rename;
use super::trash::Trash;
use super::view_as::ViewAs;

/// One layer. Esc takes it away.
#[allow(missing_docs, clippy::large_enum_variant)]
pub enum Layer {
    AddForm(AddForm),
    Confirm(Confirm),
    CopyMenu(CopyMenu),
    Editor(Editor),
    Generator(Generator),
    Help(Help),
    History(History),
    Import(Import),
    MetaForm(MetaForm),
    Palette(Palette),
    Prompt(Prompt),
    Rename(Rename),
    Trash(Trash),
    ViewAs(ViewAs),
}
