//! Where a new vault's secrets may be kept: a line for each backend with its time and what it means, and
//! which one is suggested. Not the box around it.

use std::time::Duration;

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::{input, popup, width};
use crate::app::backends::{BackendRow, Backends, Tried};
use crate::app::layout::Popup;
use crate::app::layout_popup::{ABOVE_BACKENDS, BELOW_BACKENDS};
use crate::config::Meaning;

/// Columns of the mark, the name and the space after it.
const NAME: u16 = 18;
/// Columns of how long a write takes, and the space after it.
const TIME: u16 = 10;

/// Draws the table; `focused` when it has the cursor.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Backends, focused: bool) {
    if let Some(line) = area.part(ABOVE_BACKENDS).map(rect) {
        let heading = Rect { x: line.right(), ..line };
        let text = "Where secrets are kept, and how long a write takes";
        input::label(canvas, heading, line.width, text, focused);
    }
    let list = rect(area.list);
    for ((at, row), y) in state.rows.iter().enumerate().zip(list.y..list.bottom()) {
        let chosen = state.chosen().is_some() && at == state.selected;
        if chosen && focused {
            canvas.place_cursor(list.x, y);
        }
        draw_row(canvas, Rect { y, height: 1, ..list }, row, look(chosen, focused));
    }
    let (text, meaning) = match &state.suggested {
        None => (format!("trying what works here {}", canvas.glyphs().ellipsis), Meaning::Accent),
        Some(choice) => {
            (format!("Suggested: {}; {}", choice.kind.label(), choice.why), Meaning::Dim)
        }
    };
    popup::prose(canvas, area, BELOW_BACKENDS, &text, meaning);
}

/// How the name of one is drawn, and whether it is marked.
fn look(chosen: bool, focused: bool) -> (bool, Meaning) {
    let meaning = match (chosen, focused) {
        (true, true) => Meaning::TitleFocused,
        (true, false) => Meaning::Text,
        (false, _) => Meaning::Dim,
    };
    (chosen, meaning)
}

/// `● encrypted files   0.4 ms    also over SSH; …`, or why not.
fn draw_row(
    canvas: &mut Canvas<'_>,
    line: Rect,
    row: &BackendRow,
    (chosen, meaning): (bool, Meaning),
) {
    let glyphs = canvas.glyphs();
    let glyph = match (&row.tried, chosen) {
        (_, true) => glyphs.dot,
        (Tried::Not(_), false) => glyphs.none,
        (_, false) => glyphs.ring,
    };
    canvas.say(line.x, line.y, line.width, glyph, meaning);
    canvas.say(line.x + 2, line.y, line.width.saturating_sub(2), row.kind.label(), meaning);
    let rest = right_of(line, NAME);
    match &row.tried {
        Tried::Not(why) => drop(canvas.sentence(rest.x, rest.y, rest.width, why, Meaning::Dim)),
        Tried::Trying => say_whole(canvas, right_of(rest, TIME), row.kind.means()),
        Tried::Works(took) => {
            canvas.say(rest.x, rest.y, rest.width, &write_time(*took), meaning);
            say_whole(canvas, right_of(rest, TIME), row.kind.means());
        }
    }
}

/// What it means is said whole or, where there is no room, not at all: half of it would mislead.
fn say_whole(canvas: &mut Canvas<'_>, area: Rect, text: &str) {
    if width::width(text) <= usize::from(area.width) {
        canvas.say(area.x, area.y, area.width, text, Meaning::Dim);
    }
}

fn right_of(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}

/// How long a write takes: `0.4 ms`, `23 ms`, `1.2 s`.
fn write_time(took: Duration) -> String {
    match took.as_secs_f64() * 1000.0 {
        millis if millis < 10.0 => format!("{millis:.1} ms"),
        millis if millis < 1000.0 => format!("{millis:.0} ms"),
        millis => format!("{:.1} s", millis / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_no_more_digits_than_it_is_worth() {
        let told = |micros| write_time(Duration::from_micros(micros));
        assert_eq!(
            [told(412), told(23_400), told(1_240_000)],
            ["0.4 ms", "23 ms", "1.2 s"].map(str::to_owned)
        );
    }
}
