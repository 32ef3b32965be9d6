//! Renaming a secret or moving it to another scope.

use super::canvas::Canvas;
use super::{form, popup};
use crate::app::layout::{Part, Popup};
use crate::app::rename::{Rename, RenameField};
use crate::config::Meaning;

/// Draws the form.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Rename) {
    popup::frame(canvas, area, "Rename or move", "");
    popup::prose(canvas, area, Part::Intro, &state.from.to_string(), Meaning::Dim);
    let on = |field| state.focus == field && state.saving.is_none();
    let scope = form::plain(on(RenameField::Scope), "");
    form::field(canvas, area, 0, "Scope", &state.scope, scope);
    form::completions(canvas, area, 0, &state.completions, on(RenameField::Scope));
    form::field(canvas, area, 1, "Key", &state.key, form::plain(on(RenameField::Key), ""));
    if state.saving.is_some() {
        return popup::working(canvas, area, "Moving");
    }
    match &state.problem {
        Some((_, problem)) => popup::problem(canvas, area, Some(problem)),
        None => {
            let dot = canvas.glyphs().middot;
            let text = "The history moves along; u undoes it.";
            popup::remark(canvas, area, dot, text, Meaning::Dim);
        }
    }
}
