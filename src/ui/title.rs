//! The first line: the vault at the left, its state at the right. Not a pane's title.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::width;
use crate::app::{App, Screen};
use crate::config::Meaning;
use crate::vault::Actor;

/// Draws the title line.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    if area.height == 0 {
        return;
    }
    let mut used = 1;
    used +=
        canvas.say(area.x + used, area.y, area.width.saturating_sub(used), "tresor", Meaning::Dim);
    if let Some(facts) = &app.facts {
        let x = area.x + used + 2;
        let style = canvas.style(Meaning::Accent);
        let room = (area.width / 3).saturating_sub(2);
        if !app.presenting {
            used += 2 + canvas.name(x, area.y, room, &facts.name, style);
        }
    }
    let room = area.width.saturating_sub(used + 2);
    let meaning = if app.presenting || lens(app).is_some() { Meaning::Warn } else { Meaning::Dim };
    let states = states(app, canvas);
    let fits = |text: &&String| width::width(text) <= usize::from(room.saturating_sub(1));
    if let Some(text) = states.iter().find(fits) {
        let style = canvas.style(meaning);
        canvas.right(area.right().saturating_sub(1), area.y, room, text, style);
    }
}

/// The actor through whose eyes the vault is seen, unless it is the owner.
fn lens(app: &App) -> Option<&Actor> {
    match &app.screen {
        Screen::Browse(browse) if browse.actor != Actor::Owner => Some(&browse.actor),
        _ => None,
    }
}

/// What can be said of the vault, the longest first.
fn states(app: &App, canvas: &Canvas<'_>) -> Vec<String> {
    let dot = format!(" {} ", canvas.glyphs().middot);
    let Some(facts) = &app.facts else {
        let path = if app.presenting { "presenter mode" } else { app.path.as_str() };
        return vec![path.to_owned(), "locked".into()];
    };
    let lock = app.locks_in().map(|left| {
        let minutes = left.as_secs().div_ceil(60).max(1);
        (format!("locks in {minutes} min"), format!("{minutes} min"))
    });
    let (long, short) = match (lock, facts.lockable) {
        (Some((long, short)), _) => {
            (format!("unlocked{dot}{long}"), format!("unlocked{dot}{short}"))
        }
        (None, true) => ("unlocked".into(), "unlocked".into()),
        (None, false) => ("nothing is kept".into(), "demo".into()),
    };
    let seen = match lens(app) {
        _ if app.presenting => Some("presenter mode".to_owned()),
        actor => actor.map(|actor| format!("seen by {actor}")),
    };
    let busy = app.is_busy().then(|| format!("working {}", canvas.glyphs().ellipsis));
    let join =
        |parts: [Option<&str>; 3]| parts.into_iter().flatten().collect::<Vec<_>>().join(&dot);
    let first = match app.presenting {
        true => seen.as_deref(),
        false => busy.as_deref().or(seen.as_deref()),
    };
    vec![
        join([first, Some(&facts.backend), Some(&long)]),
        join([first, Some(&long), None]),
        join([first, Some(&short), None]),
        first.unwrap_or(&short).to_owned(),
    ]
}
