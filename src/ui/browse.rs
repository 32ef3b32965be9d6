//! The browse screen: scopes, keys and detail side by side, as many as there is room for.

use super::canvas::Canvas;
use super::{detail, key_list, scope_tree};
use crate::app::App;
use crate::app::browse::{Browse, Pane};
use crate::app::layout::Frame;

/// Draws the panes that the layout shows.
pub fn draw(canvas: &mut Canvas<'_>, frame: &Frame, app: &App, browse: &Browse) {
    for area in &frame.panes {
        match area.pane {
            Pane::Scopes => scope_tree::draw(canvas, area, frame.borders, app, browse),
            Pane::Keys => key_list::draw(canvas, area, frame, app, browse),
            Pane::Detail => detail::draw(canvas, area, frame.borders, app, browse),
        }
    }
}
