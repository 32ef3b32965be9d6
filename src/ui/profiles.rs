//! The profiles screen: each with its provider, owner, health and time left, and what to do about it.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, popup, width, words};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::profiles::{Profiles, health_at, what_next};
use crate::config::Meaning;
use crate::service::oauth::{Health, Kept, time_left};
use crate::vault::Timestamp;

/// Columns of the health's word and glyph.
const HEALTH: u16 = 10;
/// Columns of the time left.
const LEFT: u16 = 8;
/// Columns of the provider's name, at most.
const PROVIDER: u16 = 14;
/// An owner in fewer columns than these says nothing.
const SHORTEST: u16 = 12;

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Profiles, app: &App) {
    let count = state.kept().len();
    let note = if count > 0 { words::counted(count, "profile") } else { String::new() };
    popup::frame(canvas, area, "OAuth profiles", &note);
    if state.now.is_none() {
        return;
    }
    if count == 0 {
        let text = format!("No profiles yet {} a signs in at a provider", canvas.glyphs().none);
        return empty::say(canvas, rect(area.list), &text);
    }
    let window =
        Window { len: count, offset: state.offset, selected: state.selected, focused: true };
    let columns = columns(state.kept(), area.list.width);
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(kept) = state.kept().get(row.index) {
            draw_row(canvas, &row, columns, kept, app.wall);
        }
    });
    let Some(below) = area.part(Part::Text).map(rect) else { return };
    match (state.working, state.chosen()) {
        (Some(working), _) => {
            let text = format!("{working} {}", canvas.glyphs().ellipsis);
            canvas.prose(below, &text, Meaning::Accent);
        }
        (None, Some(kept)) => {
            canvas.prose(below, &remark(kept, app.wall), Meaning::Dim);
        }
        (None, None) => {}
    }
}

/// Columns of the names, of the owners and of the providers; 0 for what there is no room for.
fn columns(kept: &[Kept], width: u16) -> (u16, u16, u16) {
    let longest = |text: fn(&Kept) -> &str| {
        let columns = kept.iter().map(|kept| width::shown_width(text(kept))).max();
        u16::try_from(columns.unwrap_or(0)).unwrap_or(u16::MAX)
    };
    let room = width.saturating_sub(HEALTH + LEFT + 4);
    let name = longest(|kept| kept.profile.id.as_str()).min(room);
    let room = room.saturating_sub(name + 2);
    let owner = longest(|kept| kept.profile.owner.as_str());
    let owner = if room >= SHORTEST { owner.min(room) } else { 0 };
    let provider = longest(|kept| kept.profile.body.name.as_str()).min(PROVIDER);
    let fits = room.saturating_sub(owner + 2) >= provider;
    (name, owner, if fits { provider } else { 0 })
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    row: &Row,
    (name, owner, provider): (u16, u16, u16),
    kept: &Kept,
    now: Timestamp,
) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let mut end = width.saturating_sub(1);
    canvas.right(x + end, y, LEFT, &left(kept, now), dim);
    end = end.saturating_sub(LEFT + 2);
    let health = health_at(kept, now);
    let (glyph, meaning) = look(canvas, health);
    let style = row.style(canvas, meaning);
    let at = x + end.saturating_sub(HEALTH);
    canvas.put(at, y, 1, glyph, style);
    canvas.put(at + 2, y, HEALTH - 2, health.word(), style);
    let mut at = x + 1;
    canvas.name(at, y, name, kept.profile.id.as_str(), text);
    at += name + 2;
    canvas.name(at, y, owner, kept.profile.owner.as_str(), dim);
    at += owner + 2;
    canvas.clause(at, y, provider, &kept.profile.body.name, dim);
}

/// The glyph of a state and how it is coloured.
fn look(canvas: &Canvas<'_>, health: Health) -> (&'static str, Meaning) {
    let glyphs = canvas.glyphs();
    match health {
        Health::Ok => (glyphs.good, Meaning::Good),
        Health::Static => (glyphs.dot, Meaning::Dim),
        Health::Expiring => (glyphs.warn, Meaning::Warn),
        Health::Expired | Health::Missing => (glyphs.bad, Meaning::Bad),
    }
}

/// How long it is good, short.
pub(super) fn left(kept: &Kept, now: Timestamp) -> String {
    let health = health_at(kept, now);
    match kept.profile.expires_at().map(|end| end.since(now)) {
        _ if health == Health::Missing => String::new(),
        _ if health == Health::Expired => "ended".to_owned(),
        None => String::new(),
        Some(seconds) => time_left(seconds),
    }
}

/// What to do about it, or where its token lies.
fn remark(kept: &Kept, now: Timestamp) -> String {
    let place = kept.profile.handed_out();
    match (what_next(kept, now), health_at(kept, now)) {
        (next, _) if !next.is_empty() => next,
        (_, Health::Static) => format!("Does not expire; it lies at {place}"),
        _ => format!("Its token lies at {place}"),
    }
}
