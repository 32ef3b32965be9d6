//! The box of a layer: cleared ground, frame, hints, and the parts the layout gives. Holds no contents.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::pane::{self, Extent, Label};
use super::rows::{self, Row, Window};
use crate::app::Failure;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// Clears the ground and draws the frame with its title and note.
pub fn frame(canvas: &mut Canvas<'_>, popup: &Popup, title: &str, note: &str) {
    let outer = rect(popup.outer);
    canvas.clear(outer);
    let borders = has_border(popup);
    let label = Label { title, note, focused: true };
    pane::frame(canvas, outer, borders, label);
}

/// Only a popup with a border has a line below its inside.
pub fn has_border(popup: &Popup) -> bool {
    popup.inner.y + popup.inner.height < popup.outer.y + popup.outer.height
}

/// Says prose in a part, if there is room for it.
pub fn prose(canvas: &mut Canvas<'_>, popup: &Popup, part: Part, text: &str, meaning: Meaning) {
    if let Some(area) = popup.part(part) {
        canvas.prose(rect(area), text, meaning);
    }
}

/// Says what is wrong, with its glyph; nothing when nothing is.
pub fn problem(canvas: &mut Canvas<'_>, popup: &Popup, text: Option<&str>) {
    let glyph = canvas.glyphs().bad;
    if let Some(text) = text {
        remark(canvas, popup, glyph, text, Meaning::Bad);
    }
}

/// Says what failed and what to do.
pub fn failure(canvas: &mut Canvas<'_>, popup: &Popup, failure: &Failure) {
    let text = match failure.help.as_str() {
        "" => failure.message.clone(),
        help => format!("{} {} {help}", failure.message, canvas.glyphs().none),
    };
    problem(canvas, popup, Some(&text));
}

/// Says something in the line of problems, with a glyph before it.
pub fn remark(canvas: &mut Canvas<'_>, popup: &Popup, glyph: &str, text: &str, meaning: Meaning) {
    let Some(area) = popup.part(Part::Problem).map(rect) else { return };
    canvas.say(area.x, area.y, 1, glyph, meaning);
    let text_area = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let meaning = if meaning == Meaning::Bad { Meaning::Text } else { meaning };
    canvas.prose(text_area, text, meaning);
}

/// Says that something is being done.
pub fn working(canvas: &mut Canvas<'_>, popup: &Popup, text: &str) {
    let text = format!("{text} {}", canvas.glyphs().ellipsis);
    let dot = canvas.glyphs().dot;
    remark(canvas, popup, dot, &text, Meaning::Accent);
}

/// Draws the rows of the popup's list; its selection bar stands in the padding.
pub fn list(
    canvas: &mut Canvas<'_>,
    popup: &Popup,
    window: Window,
    draw: impl FnMut(&mut Canvas<'_>, Row),
) {
    rows::draw(canvas, wide_list(popup), window, draw);
    thumb(canvas, popup, window);
}

/// The same while something else has the keys: no row stands out.
pub fn idle_list(
    canvas: &mut Canvas<'_>,
    popup: &Popup,
    window: Window,
    mut draw: impl FnMut(&mut Canvas<'_>, Row),
) {
    let area = wide_list(popup);
    let first = window.first(area.height);
    for (y, index) in (area.y..area.bottom()).zip(first..window.len) {
        let area = Rect { x: area.x + 1, y, width: area.width.saturating_sub(1), height: 1 };
        draw(canvas, Row { index, area, selected: None });
    }
    thumb(canvas, popup, window);
}

/// The rows of the list with the padding beside them.
fn wide_list(popup: &Popup) -> Rect {
    let area = rect(popup.list);
    let pad = (popup.inner.x - popup.outer.x.min(popup.inner.x)).min(2).saturating_sub(1);
    Rect { x: area.x - pad, width: area.width + 2 * pad, ..area }
}

/// How far the list is scrolled.
fn thumb(canvas: &mut Canvas<'_>, popup: &Popup, window: Window) {
    let area = rect(popup.list);
    let extent = Extent { offset: window.first(area.height), len: window.len };
    if has_border(popup) {
        pane::thumb(canvas, rect(popup.outer), area, extent, true);
    }
}
