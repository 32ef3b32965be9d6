//! Which hints are shown and where: whole ones only, the most useful first. Draws nothing.

use unicode_width::UnicodeWidthStr;

use super::activity::Activity;
use super::bindings::{Action, Binding, table};
use super::keymap::show;
use super::layer::Layer;
use super::layout::{Hint, Rect, frame, popup};
use super::{App, Screen};

/// Columns between two hints.
const GAP: u16 = 2;

/// The hints of whatever has the keys, placed left to right; `? help` stands at the right end.
pub(super) fn hints(app: &App) -> Vec<Hint> {
    let line = line(app);
    if line.height == 0 {
        return Vec::new();
    }
    let mut rows = hinted(app);
    let help = rows.iter().position(|row| row.action == Action::OpenHelp);
    let help = help.and_then(|at| place(app, rows.remove(at), line.x));
    let mut end = line.x + line.width;
    let mut placed = Vec::new();
    if let Some(mut help) = help.filter(|help| help.area.width + 2 * GAP <= line.width) {
        help.area.x = end - help.area.width;
        help.area.y = line.y;
        end = help.area.x.saturating_sub(GAP);
        placed.push(help);
    }
    let mut x = line.x;
    for row in rows {
        let Some(mut hint) = place(app, row, x) else { continue };
        if x + hint.area.width > end {
            break;
        }
        hint.area.y = line.y;
        x += hint.area.width + GAP;
        placed.push(hint);
    }
    placed
}

/// The line the hints stand in.
fn line(app: &App) -> Rect {
    let bar = frame(app).hints;
    let inside = Rect { x: bar.x + 2, width: bar.width.saturating_sub(4), ..bar };
    let has_box = !app.layers.is_empty() || !app.is_browsing();
    if !has_box {
        return inside;
    }
    let own = popup(app, app.layers.len().checked_sub(1).unwrap_or(usize::MAX)).hints;
    if own.height == 0 { inside } else { own }
}

/// The table's hinted rows of this context that apply now, by their place.
fn hinted(app: &App) -> Vec<&'static Binding> {
    let chain = app.context().chain();
    let mut rows: Vec<&Binding> = table()
        .iter()
        .filter(|row| chain.contains(&row.context) && row.hint.is_some())
        .filter(|row| applies(app, row.action))
        .collect();
    let own = |row: &Binding| row.context == app.context();
    let all = rows.clone();
    let shadowed = |row: &&Binding| {
        own(row) || !all.iter().any(|other| own(other) && other.action == row.action)
    };
    rows.retain(|row| shadowed(row));
    rows.sort_by_key(|row| (!own(row), row.hint));
    rows
}

/// Whether a hinted action can do something now.
fn applies(app: &App, action: Action) -> bool {
    match (app.layers.last(), action) {
        (Some(Layer::AddForm(form)), Action::StripNewline) => {
            form.hints.as_ref().is_some_and(|hints| hints.trailing_newline)
        }
        (Some(Layer::Editor(editor)), Action::StripNewline) => editor.hints.trailing_newline,
        (
            Some(Layer::MetaForm(_) | Layer::Rename(_) | Layer::Import(_)),
            Action::StripNewline | Action::Generate | Action::ShowTyped,
        ) => false,
        (Some(Layer::PassphraseForm(_)), Action::StripNewline | Action::Generate) => false,
        (
            Some(Layer::KeyFileForm(_)),
            Action::StripNewline | Action::Generate | Action::ShowTyped | Action::Next,
        ) => false,
        (Some(Layer::Import(import)), Action::Overwrite) => import.preview.is_some(),
        (Some(Layer::Activity(activity)), Action::Accept) => {
            activity.selected_entry().is_some_and(|entry| Activity::about(entry).is_some())
        }
        (Some(Layer::Health(health)), action) => health.applies(action),
        (Some(Layer::Trash(trash)), Action::Restore | Action::Purge) => {
            trash.entries.as_ref().is_some_and(|entries| !entries.is_empty())
        }
        (
            Some(Layer::Profiles(profiles)),
            Action::Copy | Action::Again | Action::SignIn | Action::Delete,
        ) => !profiles.kept().is_empty(),
        (Some(Layer::Wizard(wizard)), action) => wizard.applies(action),
        (None, action) => match &app.screen {
            Screen::FirstRun(first_run) => first_run.applies(action),
            _ => app.browse_applies(action),
        },
        _ => true,
    }
}

/// The hint at `x` in line 0; nothing when the action has no key.
fn place(app: &App, row: &'static Binding, x: u16) -> Option<Hint> {
    let key = app.keymap.keys(row.context, row.action).first().map(|keys| show(keys))?;
    let width = key.width() + 1 + row.label.width();
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let area = Rect { x, y: 0, width, height: 1 };
    Some(Hint { action: row.action, key, label: row.label, area })
}
