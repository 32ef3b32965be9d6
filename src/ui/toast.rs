//! Short messages at the bottom right, at most three; they lie over what is there and move nothing.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::width;
use crate::app::{Toast, Toasts, Tone};
use crate::config::Meaning;

/// The widest a message may be, in columns.
const WIDEST: u16 = 64;

/// Draws the messages upwards from the bottom of `area`, the newest lowest.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, toasts: &Toasts) {
    let mut bottom = area.bottom();
    for toast in toasts.items.iter().rev().take(3) {
        let rows = rows(toast, area.width);
        let height = u16::try_from(rows.len()).unwrap_or(1);
        if bottom < area.y + height {
            return;
        }
        bottom -= height;
        draw_one(canvas, Rect { y: bottom, height, ..area }, toast.tone, &rows);
    }
}

/// The lines of a message: what happened, and below it what to do.
fn rows(toast: &Toast, columns: u16) -> Vec<(String, bool)> {
    let room = usize::from(columns.min(WIDEST).saturating_sub(7));
    let mut rows = Vec::new();
    for (text, is_help) in [(&toast.text, false), (&toast.help, true)] {
        if !text.is_empty() {
            rows.extend(width::words(text, room, 3).into_iter().map(|line| (line.into(), is_help)));
        }
    }
    rows
}

fn draw_one(canvas: &mut Canvas<'_>, area: Rect, tone: Tone, rows: &[(String, bool)]) {
    let glyphs = canvas.glyphs();
    let (glyph, meaning) = match tone {
        Tone::Done => (glyphs.good, Meaning::Good),
        Tone::Note => (glyphs.middot, Meaning::Accent),
        Tone::Warning => (glyphs.warn, Meaning::Warn),
        Tone::Error => (glyphs.bad, Meaning::Bad),
    };
    let longest = rows.iter().map(|(line, _)| width::width(line)).max().unwrap_or(0);
    let columns = u16::try_from(longest + 6).unwrap_or(area.width).min(area.width);
    canvas.clear(Rect { x: area.right() - columns, width: columns, ..area });
    let columns = columns.saturating_sub(1);
    let area = Rect { x: area.right() - columns, width: columns, ..area };
    for (y, (line, is_help)) in (area.y..).zip(rows) {
        canvas.say(area.x, y, 1, glyphs.mark, meaning);
        let text = if *is_help { Meaning::Dim } else { Meaning::Text };
        canvas.say(area.x + 4, y, area.width.saturating_sub(4), line, text);
    }
    canvas.say(area.x + 2, area.y, 1, glyph, meaning);
}
