//! The hints: what can be done here, from the one table. Never cuts a hint; the layout left out what has no room.

use super::canvas::{Canvas, rect};
use crate::app::layout::Hint;
use crate::config::Meaning;

/// Draws the hints where the layout placed them.
pub fn draw(canvas: &mut Canvas<'_>, hints: &[Hint]) {
    for hint in hints {
        let area = rect(hint.area);
        let used = canvas.say(area.x, area.y, area.width, &hint.key, Meaning::HintKey) + 1;
        let room = area.width.saturating_sub(used);
        canvas.say(area.x + used, area.y, room, hint.label, Meaning::HintLabel);
    }
}
