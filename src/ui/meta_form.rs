//! The form of a secret's metadata.

use super::canvas::{Canvas, rect};
use super::{form, input, popup, words};
use crate::app::layout::{Part, Popup};
use crate::app::meta_form::{MetaField, MetaForm};
use crate::config::Meaning;

/// Draws the form.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &MetaForm) {
    popup::frame(canvas, area, &format!("About {}", state.name), "");
    let on = |field| state.focus == field && state.saving.is_none();
    let dash = canvas.glyphs().none;
    form::choice(canvas, area, 0, "Kind", words::kind_long(state.kind), on(MetaField::Kind));
    let fields = [
        (1, "Username", &state.username, MetaField::Username, dash),
        (2, "URL", &state.url, MetaField::Url, dash),
        (3, "Tags", &state.tags, MetaField::Tags, dash),
        (4, "Expires", &state.expires, MetaField::Expires, "never"),
    ];
    for (at, label, text, which, placeholder) in fields {
        form::field(canvas, area, at, label, text, form::plain(on(which), placeholder));
    }
    if let Some(line) = area.part(Part::Under(4)).map(rect)
        && on(MetaField::Expires)
    {
        let help = "2027-03-01, or 30d, 6w, 2y from now; empty is never";
        let room = line.width.saturating_sub(area.label);
        canvas.sentence(line.x + area.label, line.y, room, help, Meaning::Dim);
    }
    if let Some(field) = form::place(area, 5) {
        let focused = on(MetaField::Protected);
        input::label(canvas, field, area.label, "Protect", focused);
        let text = "ask for the passphrase each time";
        input::check_box(canvas, field, text, state.protected, focused);
    }
    form::area(canvas, area, 6, "Note", &state.note, form::plain(on(MetaField::Note), ""));
    draw_problem(canvas, area, state);
}

fn draw_problem(canvas: &mut Canvas<'_>, area: &Popup, state: &MetaForm) {
    if state.saving.is_some() {
        return popup::working(canvas, area, "Saving");
    }
    if let Some((_, problem)) = &state.problem {
        return popup::problem(canvas, area, Some(problem));
    }
    if let Some(revision) = state.changed_to {
        let warn = canvas.glyphs().warn;
        let text = format!("Revision {revision} was written meanwhile; saving asks first.");
        popup::remark(canvas, area, warn, &text, Meaning::Warn);
    }
}
