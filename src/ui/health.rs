//! The health screen: how many secrets want attention and why, as bars, and each of them in a list.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, meter, popup, words};
use crate::app::health::{Health, HealthRow, LookedAt};
use crate::app::layout::{Part, Popup};
use crate::app::layout_popup::HEALTH_BARS;
use crate::app::{Action, App, Context};
use crate::config::Meaning;
use crate::service::audit::Finding;

/// Columns of a finding's word, with its sign and the space after it.
const WORD: u16 = 12;
/// Columns of a count, with the space after it.
const COUNT: u16 = 8;
/// The longest bar.
const LONGEST: u16 = 40;
/// Columns of what a row says of its finding, where there is room for it.
const TEXT: u16 = 27;

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Health, app: &App) {
    let count = match state.rows.len() {
        0 => String::new(),
        many => words::counted(many, "finding"),
    };
    popup::frame(canvas, area, "Health", &count);
    if let Some(looking) = state.looking {
        // At the top while there is nothing else.
        let part = if state.looked_at.is_none() { Part::Intro } else { Part::Under(0) };
        draw_looking(canvas, area.part(part).map(rect), looking);
    }
    if let Some(failure) = &state.failure {
        return draw_failure(canvas, area, &failure.message, &failure.help);
    }
    let Some(looked_at) = state.looked_at else { return };
    draw_bars(canvas, area, state);
    if state.looking.is_none() {
        draw_looked_at(canvas, area, looked_at, app);
    }
    if state.rows.is_empty() {
        let text = match looked_at {
            LookedAt { values: 0, left_out: 0 } => "There is no secret to look at yet",
            LookedAt { values: 0, .. } => "Nothing could be looked at",
            _ => "Nothing wants attention",
        };
        return empty::say(canvas, rect(area.list), text);
    }
    let (len, offset, selected) = (state.rows.len(), state.offset, state.selected);
    popup::list(canvas, area, Window { len, offset, selected, focused: true }, |canvas, row| {
        if let Some(finding) = state.rows.get(row.index) {
            draw_row(canvas, &row, finding);
        }
    });
    if let Some(row) = state.selected_row() {
        draw_selected(canvas, area, row);
    }
}

/// How far it is; the bars of the look before stay where they are.
fn draw_looking(canvas: &mut Canvas<'_>, place: Option<Rect>, (done, total): (usize, usize)) {
    let Some(place) = place else { return };
    let room = |at: u16| place.width.saturating_sub(at);
    let text = format!("Looking at every secret {} ", canvas.glyphs().ellipsis);
    let mut at = canvas.say(place.x, place.y, place.width, &text, Meaning::Accent);
    if let Some(filled) = done.saturating_mul(meter::CELLS.into()).checked_div(total) {
        let filled = u16::try_from(filled).unwrap_or(meter::CELLS);
        at += meter::bar(canvas, place.x + at, place.y, room(at), filled, Meaning::Accent);
        let count = format!("  {} of {}", words::grouped(done), words::grouped(total));
        canvas.say(place.x + at, place.y, room(at), &count, Meaning::Dim);
    }
}

fn draw_failure(canvas: &mut Canvas<'_>, area: &Popup, message: &str, help: &str) {
    let list = rect(area.list);
    let top = area.part(Part::Intro).map_or(list, rect);
    let place = Rect { height: list.bottom().saturating_sub(top.y), ..top };
    let bad = canvas.glyphs().bad;
    canvas.say(place.x, place.y, 1, bad, Meaning::Bad);
    let beside = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
    let used = canvas.prose(beside, message, Meaning::Text);
    let below = Rect { y: beside.y + used, height: beside.height.saturating_sub(used), ..beside };
    canvas.prose(below, help, Meaning::Dim);
}

/// One bar for each sort of finding, the worst at the top; where it is low, their numbers in one line.
fn draw_bars(canvas: &mut Canvas<'_>, area: &Popup, state: &Health) {
    let Some(place) = area.part(Part::Intro).map(rect) else { return };
    let counts = Finding::WORDS.map(|word| (word, state.count(word)));
    if place.height < HEALTH_BARS.1 {
        return draw_counts(canvas, place, counts);
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let columns = counts.len().div_ceil(usize::from(place.height).max(1));
    let columns = u16::try_from(columns).unwrap_or(1).max(1);
    let width = place.width / columns;
    let cells = (0..columns).flat_map(|column| (0..place.height).map(move |row| (column, row)));
    for ((column, row), count) in cells.zip(counts) {
        let at = (place.x + column * width, place.y + row, width.saturating_sub(2));
        draw_bar(canvas, at, count, most);
    }
}

/// `✗ weak  2  ████`, as long as its share of the most there are of a sort.
fn draw_bar(
    canvas: &mut Canvas<'_>,
    (x, y, width): (u16, u16, u16),
    (word, count): (&'static str, usize),
    most: usize,
) {
    let (sign, meaning) = match count {
        0 => (canvas.glyphs().good, Meaning::Good),
        _ => sign(canvas, word),
    };
    canvas.say(x, y, 1, sign, meaning);
    canvas.say(x + 2, y, (WORD - 2).min(width.saturating_sub(2)), word, Meaning::Text);
    let at = WORD + COUNT;
    let style = canvas.style(if count == 0 { Meaning::Dim } else { Meaning::Text });
    canvas.right(x + at - 2, y, COUNT - 2, &words::grouped(count), style);
    let room = usize::from(width.saturating_sub(at).min(LONGEST));
    let cells = u16::try_from((count * room).div_ceil(most)).unwrap_or(0);
    let full = canvas.glyphs().full;
    canvas.repeat(x + at, y, cells, full, meaning);
}

fn draw_counts(canvas: &mut Canvas<'_>, place: Rect, counts: [(&'static str, usize); 5]) {
    let found = counts.iter().filter(|(_, count)| *count > 0);
    let said: Vec<String> =
        found.map(|(word, count)| format!("{} {word}", words::grouped(*count))).collect();
    if said.is_empty() {
        return;
    }
    let dot = format!(" {} ", canvas.glyphs().middot);
    canvas.sentence(place.x, place.y, place.width, &said.join(&dot), Meaning::Text);
}

/// What hurts already, and what will; a word stands beside each.
fn sign(canvas: &Canvas<'_>, word: &str) -> (&'static str, Meaning) {
    match word {
        "expired" | "weak" => (canvas.glyphs().bad, Meaning::Bad),
        "reused" | "expiring" => (canvas.glyphs().warn, Meaning::Warn),
        _ => (canvas.glyphs().dot, Meaning::Dim),
    }
}

/// What the findings rest on, and what they leave out.
fn draw_looked_at(canvas: &mut Canvas<'_>, area: &Popup, looked_at: LookedAt, app: &App) {
    let Some(place) = area.part(Part::Under(0)).map(rect) else { return };
    let mut text = format!("{} looked at", words::counted(looked_at.values, "value"));
    if looked_at.left_out > 0 {
        let dot = canvas.glyphs().middot;
        let were = if looked_at.left_out == 1 { "was" } else { "were" };
        let left = words::grouped(looked_at.left_out);
        text.push_str(&format!(" {dot} {left} protected {were} not"));
        if let Some(key) = app.keymap.first_key(Context::Health, Action::Protected) {
            text.push_str(&format!(": {key} asks for the passphrase"));
        }
    }
    canvas.sentence(place.x, place.y, place.width, &text, Meaning::Dim);
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, finding: &HealthRow) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let end = width.saturating_sub(1);
    let word = finding.finding.word();
    let (sign, meaning) = match finding.changed {
        true => (canvas.glyphs().good, Meaning::Good),
        false => sign(canvas, word),
    };
    let style = row.style(canvas, meaning);
    canvas.put(x + 1, y, end.min(1), sign, style);
    let word = if finding.changed { "changed" } else { word };
    canvas.put(x + 3, y, (WORD - 3).min(end.saturating_sub(2)), word, text);
    let at = 1 + WORD;
    let room = end.saturating_sub(at);
    let said = if room >= 30 + TEXT { TEXT.max(room - 44) } else { 0 };
    let beside = if said > 0 { said + 2 } else { 0 };
    canvas.name(x + at, y, room - beside.min(room), &finding.name.to_string(), text);
    if said > 0 {
        canvas.clause(x + end - said, y, said, &finding.finding.text(), dim);
    }
}

/// The selected finding in full, which its row may have no room for.
fn draw_selected(canvas: &mut Canvas<'_>, area: &Popup, row: &HealthRow) {
    let Some(place) = area.part(Part::Text).map(rect) else { return };
    let text = match row.changed {
        true => "changed since it was looked at".to_owned(),
        false => row.finding.text(),
    };
    let dot = canvas.glyphs().middot;
    let name = row.name.to_string();
    let text = format!("{name} {dot} {text}");
    canvas.sentence(place.x, place.y, place.width, &text, Meaning::Dim);
}
