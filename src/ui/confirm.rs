//! One question, the safe answer focused, the verb on the button.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::popup;
use crate::app::confirm::{Choice, Confirm};
use crate::app::layout::{Part, Popup};
use crate::config::Meaning;

/// Draws the question.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Confirm) {
    popup::frame(canvas, area, &state.title, "");
    if let Some(mut text) = area.part(Part::Intro).map(rect) {
        for (at, line) in state.lines.iter().enumerate() {
            let meaning = if at == 0 { Meaning::Text } else { Meaning::Dim };
            let used = canvas.prose(text, line, meaning);
            text = Rect { y: text.y + used, height: text.height - used, ..text };
        }
    }
    for (at, (button, choice)) in area.buttons.iter().zip(&state.choices).enumerate() {
        draw_button(canvas, rect(*button), choice, at == state.selected);
    }
}

/// `[ Delete ]`, its key underlined by the theme's look of keys.
fn draw_button(canvas: &mut Canvas<'_>, area: Rect, choice: &Choice, focused: bool) {
    let meaning = match (focused, choice.danger) {
        (true, _) => Meaning::Selection,
        (false, true) => Meaning::Bad,
        (false, false) => Meaning::Text,
    };
    if focused {
        canvas.paint(area, Meaning::Selection);
        canvas.place_cursor(area.x + 2, area.y);
    }
    canvas.say(area.x, area.y, area.width, &format!("[ {} ]", choice.label), meaning);
}
