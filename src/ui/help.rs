//! Every key, from the one table of bindings.

use super::canvas::{Canvas, rect};
use super::pane::{self, Extent};
use super::popup;
use crate::app::help::{Help, HelpRow};
use crate::app::layout::Popup;
use crate::config::Meaning;

/// Columns of the keys.
const KEYS: u16 = 16;

/// Draws the help.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Help) {
    popup::frame(canvas, area, "Keys", "");
    let list = rect(area.list);
    let height = usize::from(list.height);
    let offset = state.offset.min(state.rows.len().saturating_sub(height));
    for (y, row) in (list.y..list.bottom()).zip(state.rows.iter().skip(offset)) {
        match row {
            HelpRow::Gap => {}
            HelpRow::Heading(text) => {
                canvas.say(list.x, y, list.width, text, Meaning::TitleFocused);
            }
            HelpRow::Binding { keys, description, .. } => {
                let used = canvas.say(list.x + 2, y, KEYS, keys, Meaning::HintKey).max(KEYS) + 4;
                let room = list.width.saturating_sub(used);
                canvas.sentence(list.x + used, y, room, description, Meaning::Text);
            }
        }
    }
    let extent = Extent { offset, len: state.rows.len() };
    if popup::has_border(area) {
        pane::thumb(canvas, rect(area.outer), list, extent, true);
    }
}
