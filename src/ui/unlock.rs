//! The unlock screen, and the same box when one action asks for the passphrase.

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use super::{names, popup, words};
use crate::app::layout::{Part, Popup};
use crate::app::prompt::{Prompt, Retry};
use crate::app::{App, Failure, SecretField, Unlock};
use crate::config::Meaning;

/// What both boxes have.
struct Asked<'a> {
    passphrase: &'a SecretField,
    working: Option<&'static str>,
    failure: Option<&'a Failure>,
    tries: u32,
    notice: Option<&'a str>,
}

/// Draws the unlock screen's box.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Unlock, app: &App) {
    popup::frame(canvas, area, "Unlock", "");
    if let Some(line) = area.part(Part::Intro).map(rect) {
        let style = canvas.style(Meaning::Text);
        let path = names::text(app, canvas, &state.path);
        canvas.name(line.x, line.y, line.width, &path, style);
    }
    let asked = Asked {
        passphrase: &state.passphrase,
        working: state.working.is_some().then_some("Unlocking"),
        failure: state.failure.as_ref(),
        tries: state.tries,
        notice: state.notice.as_deref(),
    };
    ask(canvas, area, &asked);
    if state.has_recovery {
        draw_other_ways(canvas, area);
    }
}

/// What opens the vault instead, on two lines, or one where there is no room for both.
fn draw_other_ways(canvas: &mut Canvas<'_>, area: &Popup) {
    let Some(mut lines) = area.part(Part::Text).map(rect) else { return };
    if lines.height > 1 {
        canvas.sentence(lines.x, lines.y, lines.width, "Other ways in", Meaning::Dim);
        (lines.x, lines.y, lines.width) = (lines.x + 2, lines.y + 1, lines.width.saturating_sub(2));
    }
    let text = "the recovery code: type it in place of the passphrase";
    canvas.sentence(lines.x, lines.y, lines.width, text, Meaning::Text);
}

/// Draws the question for the passphrase of one action.
pub fn draw_prompt(canvas: &mut Canvas<'_>, area: &Popup, state: &Prompt) {
    let title = match state.retry {
        Retry::Slots(_) => "Keys",
        _ => "Protected",
    };
    popup::frame(canvas, area, title, "");
    popup::prose(canvas, area, Part::Intro, &state.title, Meaning::Text);
    let asked = Asked {
        passphrase: &state.passphrase,
        working: state.working.is_some().then_some("Checking"),
        failure: state.failure.as_ref(),
        tries: state.tries,
        notice: None,
    };
    ask(canvas, area, &asked);
}

fn ask(canvas: &mut Canvas<'_>, area: &Popup, asked: &Asked<'_>) {
    if let Some(field) = area.fields.first().copied().map(rect) {
        let focused = asked.working.is_none();
        input::label(canvas, field, area.label, "Passphrase", focused);
        let look = Look { focused, placeholder: "", meaning: Meaning::Text };
        input::draw(canvas, field, asked.passphrase, look);
    }
    if let Some(working) = asked.working {
        return popup::working(canvas, area, working);
    }
    match (asked.failure, asked.notice) {
        (Some(failure), _) if failure.wrong_passphrase => {
            let tries = words::counted(asked.tries as usize, "try");
            let text = match asked.tries {
                0 | 1 => "That is not the passphrase.".to_owned(),
                _ => format!("That is not the passphrase.  ({tries})"),
            };
            popup::problem(canvas, area, Some(&text));
        }
        (Some(failure), _) if failure.wrong_code => {
            popup::problem(canvas, area, Some(&failure.message));
        }
        (Some(failure), _) => popup::failure(canvas, area, failure),
        (None, Some(notice)) => {
            let dot = canvas.glyphs().middot;
            popup::remark(canvas, area, dot, notice, Meaning::Dim);
        }
        (None, None) => {}
    }
}
