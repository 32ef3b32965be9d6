//! The last line: what is waited for, what became of the last copy, with its countdown, and keys typed so
//! far. Not the toasts.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::{meter, width};
use crate::app::{App, ClipboardState, ClipboardStatus, keymap};
use crate::config::Meaning;
use crate::service::clipboard::{ClipboardReceipt, Route};

/// What a call to a store of the system waits for when it takes long.
const WAITING: &str = "waiting for your desktop's unlock prompt";

/// Draws the status line.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    let typed = keymap::show(&app.pending_keys);
    let style = canvas.style(Meaning::Accent);
    let taken = canvas.right(area.right() - 1, area.y, area.width - 2, &typed, style);
    let line = Rect { x: area.x + 2, width: area.width.saturating_sub(4 + taken), ..area };
    if app.stores_wait > 0 {
        let x = start(canvas, line, canvas.glyphs().dot, Meaning::Accent);
        let room = line.right().saturating_sub(x);
        canvas.sentence(x, line.y, room, WAITING, Meaning::Text);
    } else if let Some(clipboard) = &app.clipboard {
        draw_clipboard(canvas, line, clipboard, app);
    }
}

fn draw_clipboard(canvas: &mut Canvas<'_>, area: Rect, clipboard: &ClipboardStatus, app: &App) {
    match &clipboard.state {
        ClipboardState::Held { until, since } => {
            let (glyph, meaning) = match until {
                Some(_) => (canvas.glyphs().good, Meaning::Good),
                None => (canvas.glyphs().warn, Meaning::Warn),
            };
            let x = start(canvas, area, glyph, meaning);
            let end = area.right();
            // ` · clears in 27 s`; the bar comes only after the route is named.
            let tail = if until.is_some() { 17 } else { 0 };
            let what = if app.presenting { "a secret" } else { clipboard.what.as_str() };
            let at = (x, area.y, end - x.min(end));
            let x = x + say_copied(canvas, at, clipboard, what, tail);
            let room = end - x.min(end);
            match until {
                Some(until) if room >= 14 => {
                    let dot = format!(" {} ", canvas.glyphs().middot);
                    let used = canvas.say(x, area.y, room, &dot, Meaning::Dim);
                    let times = (*since, *until, app.now);
                    meter::countdown(canvas, (x + used, area.y, room - used), "clears in", times);
                }
                _ => {}
            }
        }
        ClipboardState::Ended(receipt) => draw_receipt(canvas, area, receipt, clipboard),
    }
}

/// A glyph and a space; returns where the text begins.
fn start(canvas: &mut Canvas<'_>, area: Rect, glyph: &str, meaning: Meaning) -> u16 {
    canvas.say(area.x, area.y, area.width, glyph, meaning);
    area.x + 2
}

/// `Copied stripe_secret_key to the Wayland clipboard`, shortened until `tail` columns are left.
fn say_copied(
    canvas: &mut Canvas<'_>,
    (x, y, max): (u16, u16, u16),
    clipboard: &ClipboardStatus,
    what: &str,
    tail: u16,
) -> u16 {
    let route = route(&clipboard.report.route);
    let report = &clipboard.report;
    let dot = canvas.glyphs().middot;
    let mut forms = vec![format!("Copied {what} to {route}"), format!("Copied {what}")];
    match (report.clear_after, report.to_terminal) {
        (None, _) if !report.limits.is_empty() => {
            forms.insert(0, format!("Copied {what} to {route} {dot} {}", report.limits));
        }
        // That it stays somewhere is said in every form.
        (Some(_), true) => {
            forms = vec![
                format!("Copied {what} to {route} and to the terminal, which keeps it"),
                format!("Copied {what} to tmux and the terminal, which keeps it"),
                format!("Copied {what}; the terminal keeps it"),
            ];
        }
        _ if !report.paste.is_empty() => {
            forms.insert(0, format!("Copied {what} to {route} {dot} paste with {}", report.paste));
        }
        _ => {}
    }
    let room = usize::from(max.saturating_sub(tail));
    let text = forms.iter().find(|form| width::width(form) <= room);
    match text {
        Some(text) => canvas.say(x, y, max, text, Meaning::Text),
        // Here the countdown gives way.
        None if report.to_terminal => {
            canvas.sentence(x, y, max, "The terminal keeps a copy", Meaning::Text)
        }
        None => canvas.sentence(x, y, max.saturating_sub(tail), "Copied", Meaning::Text),
    }
}

fn route(route: &Route) -> &'static str {
    match route {
        Route::X11 => "the X11 clipboard",
        Route::Wayland => "the Wayland clipboard",
        Route::Tmux => "a tmux buffer",
        Route::Osc52 => "the terminal's clipboard",
        Route::System => "the clipboard",
    }
}

fn draw_receipt(
    canvas: &mut Canvas<'_>,
    area: Rect,
    receipt: &ClipboardReceipt,
    clipboard: &ClipboardStatus,
) {
    let glyphs = canvas.glyphs();
    let (glyph, meaning, text) = match receipt {
        ClipboardReceipt::Cleared if clipboard.report.to_terminal => {
            let text = "The tmux buffer is deleted; the terminal keeps its copy".to_owned();
            (glyphs.warn, Meaning::Warn, text)
        }
        ClipboardReceipt::Cleared => (glyphs.good, Meaning::Good, "Clipboard cleared".to_owned()),
        ClipboardReceipt::Replaced => {
            (glyphs.middot, Meaning::Dim, "You copied something else; left alone".to_owned())
        }
        ClipboardReceipt::Kept(why) => {
            (glyphs.warn, Meaning::Warn, format!("Still on the clipboard: {why}"))
        }
    };
    let x = start(canvas, area, glyph, meaning);
    canvas.sentence(x, area.y, area.right() - x.min(area.right()), &text, Meaning::Text);
}
