//! The activity screen: who did what to which secret and when, and whether that record is whole.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::rows::{Row, Window};
use super::{empty, popup, width, words};
use crate::app::App;
use crate::app::activity::Activity;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;
use crate::text::visible;
use crate::vault::doctor::Severity;
use crate::vault::journal::{Action, Entry, Finding, Journal, Verification};
use crate::vault::{Actor, SecretRef};

/// Columns of when it was: `11 mo ago`.
const WHEN: u16 = 11;
/// Columns of what was done: `restore`, and where there is room for the longest: `profile-remove`.
const WHAT: (u16, u16) = (9, 16);
/// Columns of who did it, where there is room for them, and where there is much.
const WHO: (u16, u16) = (12, 20);

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Activity, app: &App) {
    let entries = state.entries();
    let count = match entries.len() {
        0 => String::new(),
        many => words::counted(many, "record"),
    };
    popup::frame(canvas, area, "Activity", &count);
    let Some(journal) = &state.journal else {
        return empty::say(canvas, rect(area.list), if app.is_busy() { "Reading" } else { "" });
    };
    draw_state(canvas, area, journal);
    if entries.is_empty() {
        return empty::say(canvas, rect(area.list), "Nothing that this view may see is recorded");
    }
    let wide = entries.iter().any(|entry| entry.action.word().len() >= usize::from(WHAT.0));
    let (offset, selected) = (state.offset, state.selected);
    let window = Window { len: entries.len(), offset, selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        if let Some(entry) = entries.get(row.index) {
            draw_row(canvas, &row, entry, wide, app);
        }
    });
    if let Some(entry) = state.selected_entry() {
        draw_selected(canvas, area, entry);
    }
}

/// One line or two: whether every record follows the one before it.
fn draw_state(canvas: &mut Canvas<'_>, area: &Popup, journal: &Journal) {
    let Some(place) = area.part(Part::Intro).map(rect) else { return };
    let (glyph, meaning, text) = match (&journal.found, journal.has_problems) {
        (found, false) => (canvas.glyphs().good, Meaning::Good, whole(found.as_ref())),
        (found, true) => (canvas.glyphs().bad, Meaning::Bad, broken(found.as_ref())),
    };
    canvas.say(place.x, place.y, 1, glyph, meaning);
    let beside = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
    canvas.prose(beside, &text, Meaning::Text);
}

/// What is said of a journal in which nothing is missing or altered.
fn whole(found: Option<&Verification>) -> String {
    let sound = "Whole: no record is missing or altered";
    let Some(found) = found else { return sound.into() };
    match found.pinned {
        Some(pinned) => format!("{sound}; pinned up to {}", number(pinned)),
        None => format!("{sound}; nothing is pinned yet"),
    }
}

/// The first thing that is wrong, and where the others are told. Whoever is not the owner learns no more
/// than that.
fn broken(found: Option<&Verification>) -> String {
    let Some(found) = found else {
        return "Not whole: records are missing or altered. The owner sees which".into();
    };
    let mut problems = found.findings.iter().filter(|one| one.severity() == Severity::Problem);
    let first = problems.next().map(Finding::to_string).unwrap_or_default();
    let more = match problems.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("Not whole: {first}{more}. 'tresor log --verify' tells all")
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, entry: &Entry, wide: bool, app: &App) {
    let Rect { x, y, width, .. } = row.area;
    let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
    let end = width.saturating_sub(1);
    canvas.put(x + 1, y, WHEN.min(end), &words::ago(entry.at, app.wall), dim);
    let at = 1 + WHEN;
    let (sign, meaning) = sign(canvas, entry);
    let style = row.style(canvas, meaning);
    canvas.put(x + at, y, end.saturating_sub(at), sign, style);
    let at = at + 2;
    let columns = if wide && end >= 60 { WHAT.1 } else { WHAT.0 };
    let word = visible(entry.action.word());
    let word = width::end(&word, usize::from(columns - 1), canvas.glyphs().ellipsis);
    canvas.put(x + at, y, end.saturating_sub(at), &word, text);
    let at = at + columns;
    let room = end.saturating_sub(at);
    let who = match room {
        60.. => WHO.1,
        36.. => WHO.0,
        _ => 0,
    };
    let name = what(canvas, entry);
    canvas.name(x + at, y, room.saturating_sub(if who > 0 { who + 2 } else { 0 }), &name, text);
    if who > 0 {
        canvas.name(x + end - who, y, who, &actor(canvas, entry), dim);
    }
}

/// Tells what was not done or found broken, and changes from mere reads.
fn sign(canvas: &Canvas<'_>, entry: &Entry) -> (&'static str, Meaning) {
    let bad = entry.saved == Some(false) || entry.action == Action::Broken;
    match (bad, changes(&entry.action)) {
        (true, _) => (canvas.glyphs().bad, Meaning::Bad),
        (false, true) => (canvas.glyphs().dot, Meaning::Accent),
        (false, false) => (" ", Meaning::Dim),
    }
}

/// Whether it changed the vault, so that the eye finds it between the reads.
fn changes(action: &Action) -> bool {
    use Action as A;
    !matches!(
        action,
        A::Unlock | A::Read | A::Reveal | A::Copy | A::Edit | A::Run | A::Export | A::Compare
    )
}

/// The secret it is about; of a rename both names; else what is known of it.
fn what(canvas: &Canvas<'_>, entry: &Entry) -> String {
    let shown = |name: Option<&SecretRef>| {
        name.map_or_else(|| canvas.glyphs().none.to_owned(), ToString::to_string)
    };
    match (&entry.name, &entry.from, &entry.detail) {
        (name, Some(from), _) => {
            format!("{from} {} {}", canvas.glyphs().arrow, shown(name.as_ref()))
        }
        (Some(name), None, _) => name.to_string(),
        (None, None, Some(detail)) => detail.clone(),
        (None, None, None) => canvas.glyphs().none.to_owned(),
    }
}

fn actor(canvas: &Canvas<'_>, entry: &Entry) -> String {
    entry.actor.as_ref().map_or_else(|| canvas.glyphs().none.to_owned(), Actor::to_string)
}

/// The selected record's number, moment, revision and actor, which its row has no room for.
fn draw_selected(canvas: &mut Canvas<'_>, area: &Popup, entry: &Entry) {
    let Some(place) = area.part(Part::Text).map(rect) else { return };
    let mut parts = Vec::new();
    if entry.saved == Some(false) {
        parts.push("not saved".to_owned());
    }
    parts.push(format!("{} UTC", words::date_time(entry.at)));
    parts.push(format!("record {}", number(entry.sequence)));
    parts.extend(entry.revision.map(|revision| format!("revision {revision}")));
    parts.extend(entry.actor.as_ref().map(|actor| format!("by {actor}")));
    let dot = format!(" {} ", canvas.glyphs().middot);
    canvas.sentence(place.x, place.y, place.width, &parts.join(&dot), Meaning::Dim);
}

fn number(sequence: u64) -> String {
    words::grouped(usize::try_from(sequence).unwrap_or(usize::MAX))
}
