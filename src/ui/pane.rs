//! A frame with a title at its left and a note at its right; focus by border and weight. Holds no contents.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::width;
use crate::config::Meaning;
use crate::text::visible;

/// What is written into the frame.
#[derive(Debug, Clone, Copy, Default)]
pub struct Label<'a> {
    /// At the left; the name of what is inside.
    pub title: &'a str,
    /// At the right: a count, an actor's share. Left out before the title is cut.
    pub note: &'a str,
    /// Whether the keys go there.
    pub focused: bool,
}

/// How much of a list is on screen, for the mark in the right border.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// The first row shown.
    pub offset: usize,
    /// All rows.
    pub len: usize,
}

/// Draws the frame of `outer`; without borders only the title in its first line.
pub fn frame(canvas: &mut Canvas<'_>, outer: Rect, borders: bool, label: Label<'_>) {
    if outer.width < 2 || outer.height == 0 {
        return;
    }
    let border = if label.focused { Meaning::BorderFocused } else { Meaning::Border };
    if borders {
        outline(canvas, outer, border);
    }
    let title = if label.focused { Meaning::TitleFocused } else { Meaning::Title };
    let (inset, corner) = if borders { (1, 2) } else { (0, 0) };
    let room = outer.width.saturating_sub(2 * inset + corner);
    let note_columns = columns(label.note);
    let shows_note = note_columns > 0 && columns(label.title) + note_columns + 5 <= room;
    let for_title = if shows_note { room - note_columns - 3 } else { room };
    if !label.title.is_empty() && for_title > 2 {
        let x = outer.x + inset + corner / 2;
        canvas.say(x, outer.y, 1, " ", border);
        let style = canvas.style(title);
        let used = canvas.name(x + 1, outer.y, for_title - 2, label.title, style);
        canvas.say(x + 1 + used, outer.y, 1, " ", border);
    }
    if shows_note {
        let x = outer.right() - inset - corner / 2 - note_columns - 2;
        let text = format!(" {} ", label.note);
        canvas.say(x, outer.y, note_columns + 2, &text, title_note(label.focused));
    }
}

fn title_note(focused: bool) -> Meaning {
    if focused { Meaning::Title } else { Meaning::Dim }
}

fn columns(text: &str) -> u16 {
    u16::try_from(width::width(&visible(text))).unwrap_or(u16::MAX / 4)
}

fn outline(canvas: &mut Canvas<'_>, area: Rect, meaning: Meaning) {
    let [top_left, top_right, bottom_right, bottom_left, horizontal, vertical] =
        canvas.glyphs().frame;
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for y in area.y..=bottom {
        canvas.say(area.x, y, 1, vertical, meaning);
        canvas.say(right, y, 1, vertical, meaning);
    }
    for y in [area.y, bottom] {
        canvas.repeat(area.x, y, area.width, horizontal, meaning);
    }
    canvas.say(area.x, area.y, 1, top_left, meaning);
    canvas.say(right, area.y, 1, top_right, meaning);
    canvas.say(right, bottom, 1, bottom_right, meaning);
    canvas.say(area.x, bottom, 1, bottom_left, meaning);
}

/// Marks in the right border which part of a long list is on screen; `rows` are its cells.
pub fn thumb(canvas: &mut Canvas<'_>, outer: Rect, rows: Rect, extent: Extent, focused: bool) {
    let height = usize::from(rows.height);
    if extent.len <= height || height == 0 || outer.width == 0 {
        return;
    }
    let length = (height * height / extent.len).max(1);
    let free = height - length;
    let last = extent.len - height;
    let at = (extent.offset.min(last) * free + last / 2) / last;
    let (glyph, meaning) = match (canvas.skin.ascii, focused) {
        (true, _) => ("#", Meaning::Border),
        (false, true) => ("┃", Meaning::BorderFocused),
        (false, false) => ("┃", Meaning::Border),
    };
    for row in at..at + length {
        let y = rows.y.saturating_add(u16::try_from(row).unwrap_or(0));
        canvas.say(outer.right() - 1, y, 1, glyph, meaning);
    }
}
