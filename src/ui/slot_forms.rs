//! The forms of the keys screen: another passphrase, and a key file.

use super::canvas::Canvas;
use super::{form, new_passphrase, popup};
use crate::app::layout::{Part, Popup};
use crate::app::slot_forms::{KeyFileForm, PassphraseForm};
use crate::config::Meaning;

/// Draws the form for another passphrase.
pub fn draw_passphrase(canvas: &mut Canvas<'_>, area: &Popup, state: &PassphraseForm) {
    let (title, text) = match state.old {
        Some(_) => (
            "Change the passphrase",
            "The old one opens nothing any more; the vault key stays the same.",
        ),
        None => ("Add a passphrase", "Each passphrase opens the vault by itself."),
    };
    popup::frame(canvas, area, title, "");
    popup::prose(canvas, area, Part::Intro, text, Meaning::Dim);
    new_passphrase::draw(canvas, area, &state.new, state.working.is_some());
    if state.working.is_some() {
        return popup::working(canvas, area, "Deriving the key");
    }
    match &state.failure {
        Some(failure) => popup::failure(canvas, area, failure),
        None => new_passphrase::draw_problem(canvas, area, &state.new),
    }
}

/// Draws the form for a key file.
pub fn draw_key_file(canvas: &mut Canvas<'_>, area: &Popup, state: &KeyFileForm) {
    popup::frame(canvas, area, "Add a key file", "");
    let text = "Who can read this file can open the vault: for servers and CI. It is made, for you \
                alone, if it is not there.";
    popup::prose(canvas, area, Part::Intro, text, Meaning::Dim);
    form::field(canvas, area, 0, "File", &state.path, form::plain(state.working.is_none(), ""));
    if state.working.is_some() {
        return popup::working(canvas, area, "Adding the key file");
    }
    if let Some(failure) = &state.failure {
        popup::failure(canvas, area, failure);
    }
}
