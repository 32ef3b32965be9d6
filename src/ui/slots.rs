//! The keys screen: each way in with what it opens and what guessing it costs, and a rotation's progress.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, meter, popup, words};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::slots::{Slots, kind_words, short_id};
use crate::config::Meaning;
use crate::vault::SlotInfo;

/// Columns of the letters that name a slot.
const ID: u16 = 8;
/// Columns of what guessing costs: `64 MiB · 3 passes`.
const COST: u16 = 19;

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Slots, app: &App) {
    let count = state.slots.as_ref().map_or(0, Vec::len);
    let note = match count {
        0 => String::new(),
        1 => "one way in".to_owned(),
        many => format!("{many} ways in"),
    };
    popup::frame(canvas, area, "Keys", &note);
    let Some(slots) = &state.slots else { return };
    if slots.is_empty() {
        return empty::say(
            canvas,
            rect(area.list),
            "Nothing unlocks this vault: it is never stored",
        );
    }
    let window =
        Window { len: count, offset: state.offset, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(slot) = slots.get(row.index) {
            draw_row(canvas, &row, slot);
        }
    });
    let Some(below) = area.part(Part::Text).map(rect) else { return };
    match state.rotating {
        Some(progress) => draw_progress(canvas, below, progress),
        None if app.is_rotating() => {}
        None => draw_remark(canvas, below, slots),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, slot: &SlotInfo) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let mut end = width.saturating_sub(1);
    if let Some(id) = slot.id {
        canvas.right(x + end, y, ID, &short_id(id), dim);
    }
    end = end.saturating_sub(ID + 2);
    if let Some((memory, passes)) = slot.cost {
        let dot = canvas.glyphs().middot;
        let cost = format!("{} MiB {dot} {passes} passes", memory / 1024);
        if end > COST + 20 {
            canvas.right(x + end, y, COST, &cost, dim);
        }
    }
    end = end.saturating_sub(COST + 2);
    let used = canvas.name(x + 1, y, 18.min(end), &kind_words(slot), text);
    let at = 19.max(used + 3);
    let (long, short) = match slot.protects {
        true => ("opens protected secrets too", "opens protected"),
        false => ("not protected secrets", "not protected"),
    };
    let room = end.saturating_sub(at);
    canvas.put(x + at, y, room, if room >= 27 { long } else { short }, dim);
}

fn draw_remark(canvas: &mut Canvas<'_>, area: Rect, slots: &[SlotInfo]) {
    let text = match slots {
        [_] => "The only way in: if it is lost, so is the vault. A recovery code on paper helps.",
        _ => "Each of them opens the vault by itself. Removing one keeps the vault key.",
    };
    canvas.prose(area, text, Meaning::Dim);
}

/// `Wrapping keys anew  ██████░░░░  1,234 of 2,000`, and that nothing can be lost.
fn draw_progress(canvas: &mut Canvas<'_>, area: Rect, (done, total): (usize, usize)) {
    let tenths = u16::try_from(done.saturating_mul(usize::from(meter::CELLS)) / total.max(1));
    let mut at = canvas.say(area.x, area.y, area.width, "Wrapping keys anew  ", Meaning::Accent);
    let room = |at: u16| area.width.saturating_sub(at);
    let filled = tenths.unwrap_or(meter::CELLS);
    at += meter::bar(canvas, area.x + at, area.y, room(at), filled, Meaning::Accent);
    if total > 0 {
        let count = format!("  {} of {}", words::grouped(done), words::grouped(total));
        canvas.say(area.x + at, area.y, room(at), &count, Meaning::Dim);
    }
    if area.height > 1 {
        let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let text = "Safe to break off at any instant: until its end the old key holds.";
        canvas.prose(below, text, Meaning::Dim);
    }
}
