//! The profiles screen: each with its provider, owner, health and time left, and what to do about it.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, popup, words};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::profiles::Profiles;
use crate::config::Meaning;
use crate::service::oauth::{Health, Kept};
use crate::vault::Timestamp;

/// Columns of the health's word and glyph.
const HEALTH: u16 = 10;
/// Columns of the time left.
const LEFT: u16 = 8;
/// Columns of the provider's name.
const PROVIDER: u16 = 14;

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Profiles, app: &App) {
    let count = state.kept().len();
    let note = if count > 0 { words::counted(count, "profile") } else { String::new() };
    popup::frame(canvas, area, "OAuth profiles", &note);
    if state.now.is_none() {
        return;
    }
    if count == 0 {
        return empty::say(canvas, rect(area.list), "No profile yet: a signs in at a provider");
    }
    let window =
        Window { len: count, offset: state.offset, selected: state.selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(kept) = state.kept().get(row.index) {
            draw_row(canvas, &row, kept, app.wall);
        }
    });
    let Some(below) = area.part(Part::Text).map(rect) else { return };
    match (state.working, state.chosen()) {
        (Some(working), _) => {
            let text = format!("{working} {}", canvas.glyphs().ellipsis);
            canvas.prose(below, &text, Meaning::Accent);
        }
        (None, Some(kept)) => {
            canvas.prose(below, &remark(kept), Meaning::Dim);
        }
        (None, None) => {}
    }
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, kept: &Kept, now: Timestamp) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let mut end = width.saturating_sub(1);
    canvas.right(x + end, y, LEFT, &left(kept, now), dim);
    end = end.saturating_sub(LEFT + 2);
    let (glyph, meaning) = look(canvas, kept.health);
    let style = row.style(canvas, meaning);
    let at = x + end.saturating_sub(HEALTH);
    canvas.put(at, y, 1, glyph, style);
    canvas.put(at + 2, y, HEALTH - 2, kept.health.word(), style);
    end = end.saturating_sub(HEALTH + 2);
    if end > PROVIDER + 24 {
        let at = x + end - PROVIDER;
        canvas.put(at, y, PROVIDER, &crate::text::visible(&kept.profile.body.name), dim);
        end -= PROVIDER + 2;
    }
    let owner = kept.profile.owner.as_str();
    let used = canvas.name(x + 1, y, end.saturating_sub(1), kept.profile.id.as_str(), text);
    let room = end.saturating_sub(used + 4);
    if room > 8 {
        canvas.name(x + 1 + used + 2, y, room, owner, dim);
    }
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
    match kept.profile.expires_at().map(|end| end.since(now)) {
        None => String::new(),
        Some(seconds) if seconds <= 0 => "ended".to_owned(),
        Some(seconds) if seconds < 120 => format!("{seconds} s"),
        Some(seconds) if seconds < 2 * 3600 => format!("{} min", seconds / 60),
        Some(seconds) if seconds < 48 * 3600 => format!("{} h", seconds / 3600),
        Some(seconds) => format!("{} days", seconds / 86_400),
    }
}

/// What to do about it, or where its token lies.
fn remark(kept: &Kept) -> String {
    match kept.health.next_step(&kept.profile) {
        Some(next) => next,
        None => format!("Its token lies at {}", kept.profile.handed_out()),
    }
}
