//! A list of which only the rows on screen are drawn, and how its selected row looks. Knows no contents.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::Canvas;
use crate::config::Meaning;

/// What of a list is shown.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// All rows.
    pub len: usize,
    /// The first row on screen, as the application keeps it.
    pub offset: usize,
    /// The selected row.
    pub selected: usize,
    /// Whether the list has the keys.
    pub focused: bool,
}

impl Window {
    /// The first row to draw: the application's, unless that would hide the selected one.
    pub fn first(&self, height: u16) -> usize {
        let height = usize::from(height);
        let lowest = (self.selected + 1).saturating_sub(height);
        self.offset.clamp(lowest, self.selected.max(lowest)).min(self.len)
    }
}

/// The line of one row, ready to be written to.
pub struct Row {
    /// Its number in the list.
    pub index: usize,
    /// Its line, without the column of the mark.
    pub area: Rect,
    /// The style of the row when it is selected.
    pub selected: Option<Style>,
}

impl Row {
    /// The style of a piece with that meaning: the selection's when the row is selected.
    pub fn style(&self, canvas: &Canvas<'_>, meaning: Meaning) -> Style {
        self.selected.unwrap_or_else(|| canvas.style(meaning))
    }
}

/// Draws the marks and calls `draw` for each row on screen.
pub fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    window: Window,
    mut draw: impl FnMut(&mut Canvas<'_>, Row),
) {
    if area.width < 2 {
        return;
    }
    let first = window.first(area.height);
    for (y, index) in (area.y..area.bottom()).zip(first..window.len) {
        let line = Rect { y, height: 1, ..area };
        let selected = (index == window.selected).then(|| mark(canvas, line, window.focused));
        let area = Rect { x: line.x + 1, width: line.width - 1, ..line };
        draw(canvas, Row { index, area, selected });
    }
}

/// Paints the selected row and its bar; returns the style of its text.
fn mark(canvas: &mut Canvas<'_>, line: Rect, focused: bool) -> Style {
    let (row, bar) = match focused {
        true => (Meaning::Selection, Meaning::SelectionMark),
        false => (Meaning::SelectionIdle, Meaning::SelectionIdle),
    };
    canvas.paint(line, row);
    let mark = canvas.glyphs().mark;
    canvas.say(line.x, line.y, 1, mark, bar);
    // Screen readers follow the cursor; a field that has it already keeps it.
    if focused && canvas.cursor.is_none() {
        canvas.place_cursor(line.x, line.y);
    }
    canvas.style(row)
}
