//! The form for a new secret: scope, key, value, protection.

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use super::{form, hints_of_value, popup};
use crate::app::add_form::{AddField, AddForm};
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;
use crate::vault::Timestamp;

/// Draws the form.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &AddForm, now: Timestamp) {
    popup::frame(canvas, area, "Add a secret", "");
    let on = |field| state.focus == field && state.saving.is_none();
    let scope = form::plain(on(AddField::Scope), "global, project:shop:prod, skill:extractor");
    form::field(canvas, area, 0, "Scope", &state.scope, scope);
    form::completions(canvas, area, 0, &state.completions, on(AddField::Scope));
    let key = form::plain(on(AddField::Key), "letters, digits, '.', '_' and '-'");
    form::field(canvas, area, 1, "Key", &state.key, key);
    let look = Look {
        focused: on(AddField::Value),
        placeholder: "type or paste; as many lines as you like",
        meaning: Meaning::Secret,
    };
    form::area(canvas, area, 2, "Value", &state.value, look);
    if let (Some(line), Some(hints)) = (area.part(Part::Under(2)).map(rect), &state.hints) {
        let room = line.width.saturating_sub(area.label);
        hints_of_value::draw(canvas, (line.x + area.label, line.y, room), hints, now);
    }
    if state.can_protect
        && let Some(field) = form::place(area, 3)
    {
        let focused = on(AddField::Protected);
        input::label(canvas, field, area.label, "Protect", focused);
        let text = "ask for the passphrase each time";
        input::check_box(canvas, field, text, state.protected, focused);
    }
    if state.saving.is_some() {
        return popup::working(canvas, area, "Saving");
    }
    popup::problem(canvas, area, state.problem.as_ref().map(|(_, text)| text.as_str()));
}
