//! The first run: where the vault goes and a passphrase, twice, with its strength.

use super::canvas::{Canvas, rect};
use super::{new_passphrase, popup};
use crate::app::first_run::FirstRun;
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// What everybody must know before it is too late.
const WARNING: &str = "Nobody can recover a forgotten passphrase: without it the vault stays \
                       closed for ever, for you too.";

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &FirstRun) {
    popup::frame(canvas, area, "Welcome to tresor", "");
    if let Some(intro) = area.part(Part::Intro).map(rect) {
        canvas.sentence(
            intro.x,
            intro.y,
            intro.width,
            "A new encrypted vault will be made at",
            Meaning::Dim,
        );
        if intro.height > 1 {
            let style = canvas.style(Meaning::Text);
            canvas.name(intro.x, intro.y + 1, intro.width, &state.path, style);
        }
    }
    new_passphrase::draw(canvas, area, &state.new, state.working.is_some());
    popup::prose(canvas, area, Part::Text, WARNING, Meaning::Warn);
    if state.working.is_some() {
        return popup::working(canvas, area, "Making the vault");
    }
    match &state.failure {
        Some(failure) => popup::failure(canvas, area, failure),
        None => new_passphrase::draw_problem(canvas, area, &state.new),
    }
}
