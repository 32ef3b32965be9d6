//! The first run: where the vault goes, a passphrase, twice, with its strength, and where secrets are kept.

use super::canvas::{Canvas, rect};
use super::{backends, new_passphrase, popup};
use crate::app::first_run::FirstRun;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// What everybody must know before it is too late.
const WARNING: &str = "Nobody can recover a forgotten passphrase: without it the vault stays \
                       closed for ever, for you too.";

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &FirstRun) {
    popup::frame(canvas, area, "Welcome to tresor", "");
    draw_intro(canvas, area, &state.path);
    let busy = state.working.is_some();
    new_passphrase::draw(canvas, area, &state.new, busy || state.choosing);
    backends::draw(canvas, area, &state.backends, state.choosing && !busy);
    popup::prose(canvas, area, Part::Text, WARNING, Meaning::Warn);
    if busy {
        let text = match &state.backends.suggested {
            Some(_) => "Making the vault",
            None => "The vault is made when it is known what works here",
        };
        return popup::working(canvas, area, text);
    }
    match &state.failure {
        Some(failure) => popup::failure(canvas, area, failure),
        None => new_passphrase::draw_problem(canvas, area, &state.new),
    }
}

/// Where it will be, on two lines, or one where there is no room for both.
fn draw_intro(canvas: &mut Canvas<'_>, area: &Popup, path: &str) {
    let Some(intro) = area.part(Part::Intro).map(rect) else { return };
    let text = "A new encrypted vault will be made at ";
    let used = canvas.sentence(intro.x, intro.y, intro.width, text, Meaning::Dim);
    let used = if intro.height > 1 { 0 } else { used };
    let y = intro.y + intro.height.min(2) - 1;
    let style = canvas.style(Meaning::Text);
    canvas.name(intro.x + used, y, intro.width - used, path, style);
}
