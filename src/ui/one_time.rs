//! A one-time code on the screen, in a ring that is the time it is still valid. Makes no codes.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::{meter, width, words};
use crate::app::App;
use crate::app::detail::Shown;
use crate::config::Meaning;
use crate::vault::SensitiveBytes;

/// Columns of the ring: with its three rows it has thirty cells, one for each second of the usual period.
const RING: u16 = 14;
/// Its rows.
const RING_ROWS: u16 = 3;
/// The cells of its upper edge before the one where a clock begins.
const NOON: u16 = RING / 2;
/// Columns from the ring to the words at its right, and of those words.
const BESIDE: (u16, u16) = (2, 6);

/// Draws a code over what is below it; `left` are the seconds it has of each period. Returns the row of its
/// digits.
pub fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    shown: &Shown,
    left: (u32, u32),
    app: &App,
) -> u16 {
    let ring = area.width >= RING + BESIDE.0 + BESIDE.1 && area.height > RING_ROWS;
    let (row, rows) = if ring { (1, RING_ROWS) } else { (0, 1) };
    canvas.clear(Rect { height: (rows + 2).min(area.height), ..area });
    match ring {
        true => draw_ring(canvas, area, shown, left),
        false => draw_line(canvas, area, shown, left),
    }
    if area.height > rows {
        hides(canvas, (area.x, area.y + rows, area.width), shown, app);
    }
    area.y + row
}

/// When it is gone.
pub fn hides(canvas: &mut Canvas<'_>, (x, y, max): (u16, u16, u16), shown: &Shown, app: &App) {
    let text = match shown.peek {
        true => "hides with the next key".to_owned(),
        false => {
            let left = shown.until.saturating_duration_since(app.now);
            format!("hides in {} s", words::seconds_left(left))
        }
    };
    canvas.sentence(x, y, max, &text, Meaning::Dim);
}

/// The code, how long it is valid, and a bar of that, in one line.
fn draw_line(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown, (left, period): (u32, u32)) {
    let mut used = digits(canvas, (area.x, area.y, area.width), &shown.value);
    used += canvas.say(area.x + used, area.y, area.width - used, "  ", Meaning::Text);
    let room = area.width - used;
    used += canvas.say(area.x + used, area.y, room, &format!("{left:>2} s "), Meaning::Text);
    let cells = share(left, period, meter::CELLS.into());
    meter::bar(canvas, area.x + used, area.y, area.width - used, cells, Meaning::Accent);
}

fn draw_ring(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown, (left, period): (u32, u32)) {
    let Rect { x, y, .. } = area;
    let all = 2 * RING + 2 * (RING_ROWS - 2);
    let lit = share(left, period, all.into());
    let glyphs = canvas.glyphs();
    for at in 0..all {
        // The hand moves clockwise from noon, and what it passed is gone.
        let from_noon = (at + all - NOON) % all;
        let (frame, meaning) = match from_noon >= all - lit {
            true => (glyphs.heavy, Meaning::Accent),
            false => (glyphs.frame, Meaning::Dim),
        };
        let (column, row, glyph) = cell(at, frame);
        canvas.say(x + column, y + row, 1, glyph, meaning);
    }
    let columns = u16::try_from(grouped_width(shown.value.len())).unwrap_or(0);
    let inset = 1 + (RING - 2).saturating_sub(columns) / 2;
    digits(canvas, (x + inset, y + 1, RING - 1 - inset), &shown.value);
    let at = RING + BESIDE.0;
    canvas.say(x + at, y + 1, area.width - at, &format!("{left} s"), Meaning::Text);
}

/// Where a cell of the ring is, clockwise from the upper left corner, and what stands there.
fn cell(at: u16, frame: [&'static str; 6]) -> (u16, u16, &'static str) {
    const END: u16 = RING - 1;
    let [upper_left, upper_right, lower_right, lower_left, across, down] = frame;
    match at {
        0 => (0, 0, upper_left),
        END => (END, 0, upper_right),
        at if at < END => (at, 0, across),
        at if at == RING => (END, 1, down),
        at if at == RING + 1 => (END, 2, lower_right),
        at if at < 2 * RING => (2 * RING - at, 2, across),
        at if at == 2 * RING => (0, 2, lower_left),
        _ => (0, 1, down),
    }
}

/// So many of `all` cells as `left` is of `period`: all at first, and never none.
fn share(left: u32, period: u32, all: u32) -> u16 {
    let cells = (u64::from(left) * u64::from(all)).div_ceil(u64::from(period.max(1)));
    u16::try_from(cells.min(all.into())).unwrap_or(0)
}

/// The columns of a code of so many digits, in two groups.
fn grouped_width(digits: usize) -> usize {
    digits + 1
}

/// The digits in two groups, as people read them aloud.
pub fn digits(canvas: &mut Canvas<'_>, (x, y, max): (u16, u16, u16), code: &SensitiveBytes) -> u16 {
    let draw = |text: &str| {
        let half = width::head(text, text.len() / 2);
        let rest = text.get(half.len()..).unwrap_or_default();
        let mut used = canvas.say(x, y, max, half, Meaning::Secret);
        used += canvas.say(x + used, y, max - used, " ", Meaning::Secret);
        used + canvas.say(x + used, y, max - used, rest, Meaning::Secret)
    };
    code.with_str(draw).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_of_the_ring_is_there_once() {
        let frame = ["1", "2", "3", "4", "-", "|"];
        let mut cells: Vec<_> = (0..30).map(|at| cell(at, frame)).collect();
        assert_eq!(cells.iter().filter(|(.., glyph)| *glyph == "|").count(), 2);
        assert_eq!(cells.iter().filter(|(.., glyph)| *glyph == "-").count(), 24);
        cells.sort_unstable();
        cells.dedup_by_key(|(x, y, _)| (*x, *y));
        assert_eq!(cells.len(), 30);
        assert!(cells.iter().all(|(x, y, _)| *x < RING && *y < RING_ROWS));
    }

    #[test]
    fn the_ring_is_whole_at_first_and_has_a_cell_to_the_last_second() {
        assert_eq!([30, 29, 1].map(|left| share(left, 30, 30)), [30, 29, 1]);
        assert_eq!([60, 59, 58, 1].map(|left| share(left, 60, 30)), [30, 30, 29, 1]);
        assert_eq!(share(86_400, 86_400, 30), 30);
        assert_eq!(share(1, 0, 30), 30);
    }
}
