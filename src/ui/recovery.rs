//! A new recovery code, large enough to copy by hand, and the field it is typed back into.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::{form, popup};
use crate::app::layout::{Part, Popup};
use crate::app::recovery::{CodeFor, Recovery};
use crate::config::Meaning;

/// Five groups of spaced letters fill a line of this many columns.
const WIDE: u16 = 51;

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Recovery) {
    let dot = canvas.glyphs().middot;
    let note = match state.typing {
        false => format!("step 1 of 2 {dot} copy it"),
        true => format!("step 2 of 2 {dot} type it back"),
    };
    popup::frame(canvas, area, "Recovery code", &note);
    popup::prose(canvas, area, Part::Intro, intro(state), Meaning::Text);
    if let Some(cells) = area.part(Part::Text).map(rect) {
        draw_code(canvas, cells, state);
    }
    if state.typing {
        let look = form::plain(state.working.is_none(), "tresor1 ...");
        form::field(canvas, area, 0, "From paper", &state.typed, look);
    }
    if state.working.is_some() {
        return popup::working(canvas, area, "Adding the code");
    }
    match (&state.problem, state.typing) {
        (Some(problem), _) => popup::problem(canvas, area, Some(problem)),
        (None, false) => {
            let text = match state.shown {
                true => "Keep the paper apart from this machine. The code is never shown again.",
                false => "It is hidden while you look elsewhere. Enter shows it again.",
            };
            popup::remark(canvas, area, dot, text, Meaning::Dim);
        }
        (None, true) => {
            let text = "Either case; spaces and hyphens do not matter.";
            popup::remark(canvas, area, dot, text, Meaning::Dim);
        }
    }
}

fn intro(state: &Recovery) -> &'static str {
    match (state.typing, state.purpose) {
        (true, _) => "Type it back from your paper to show that it is right.",
        (false, CodeFor::Rotation) => {
            "The old code ends with the old key. Write this one on paper in its place: it opens \
             the vault when the passphrase is forgotten."
        }
        (false, _) => {
            "It opens the vault when the passphrase is forgotten. Write it on paper, letter by \
             letter."
        }
    }
}

/// The code in groups of four letters, or as many masks in the same places.
fn draw_code(canvas: &mut Canvas<'_>, area: Rect, state: &Recovery) {
    let (step, gap) = if area.width >= WIDE { (2, 4) } else { (1, 1) };
    let down = if area.height >= 5 { 2 } else { 1 };
    let mask = canvas.glyphs().mask;
    let meaning = if state.shown { Meaning::Secret } else { Meaning::Dim };
    state.code.with_str(|code| {
        let (mut x, mut y) = (area.x, area.y);
        for (at, group) in code.split(' ').enumerate() {
            let letters = u16::try_from(group.len()).unwrap_or(0);
            let columns = (letters * step).saturating_sub(step - 1);
            // What every code begins with stands by itself.
            if at == 1 || (at > 1 && x + columns > area.right()) {
                (x, y) = (area.x, y + down);
            }
            if y >= area.bottom() {
                return;
            }
            let mut bytes = [0; 4];
            for (number, letter) in (0_u16..).zip(group.chars()) {
                let letter: &str = if state.shown { letter.encode_utf8(&mut bytes) } else { mask };
                canvas.say(x + number * step, y, 1, letter, meaning);
            }
            x += columns + gap;
        }
    });
}
