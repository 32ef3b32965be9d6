//! The screen as a pure function of the application's state. No input, no clock, no state of its own.

mod activity;
mod add_form;
mod backends;
mod browse;
mod canvas;
mod columns;
mod confirm;
mod copy_menu;
mod detail;
mod editor;
mod empty;
mod facts;
mod first_run;
mod form;
mod generator;
mod health;
mod help;
mod hints;
mod hints_of_value;
mod history;
mod import;
mod input;
mod key_list;
mod meta_form;
mod meter;
mod names;
mod new_passphrase;
mod one_time;
mod palette;
mod pane;
mod popup;
mod profiles;
mod recovery;
mod rename;
mod rows;
mod scope_tree;
mod slot_forms;
mod slots;
mod status;
pub mod style;
mod title;
mod toast;
mod trash;
mod unlock;
mod value;
mod view_as;
pub mod width;
mod wizard;
mod wizard_approve;
pub mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::layout::{self, Frame};
use crate::app::{App, Layer, Screen};
use crate::config::{Meaning, Theme};
use canvas::{Canvas, rect};
use style::Skin;

/// Said when nothing else has room.
const TOO_SMALL: &str = "Please enlarge the window.";

/// Draws the whole screen into `area` of `buf`; returns where the cursor belongs, or hides it.
///
/// The layout is computed from [`App::size`], which the shell keeps equal to the size of `area`;
/// should they differ for a moment, what lies outside is not drawn.
pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let mut canvas = Canvas::new(buf, Skin::new(theme, app.settings.chosen.ascii));
    canvas.clear(area);
    let frame = layout::frame(app);
    if frame.tiny {
        canvas.prose(area, TOO_SMALL, Meaning::Text);
        return None;
    }
    draw_screen(&mut canvas, &frame, app);
    for (index, layer) in app.layers.iter().enumerate() {
        // What is asked above the keys stands alone: no boxes in boxes.
        let below = index + 1 < app.layers.len();
        if below && matches!(layer, Layer::Slots(_) | Layer::Profiles(_) | Layer::Health(_)) {
            continue;
        }
        // What is below has no cursor any more.
        canvas.cursor = None;
        canvas.veil(area);
        draw_layer(&mut canvas, index, layer, app);
    }
    hints::draw(&mut canvas, &layout::hints(app));
    status::draw(&mut canvas, rect(frame.status), app);
    toast::draw(&mut canvas, toast_area(&frame), &app.toasts);
    canvas.cursor
}

fn draw_screen(canvas: &mut Canvas<'_>, frame: &Frame, app: &App) {
    title::draw(canvas, rect(frame.title), app);
    match &app.screen {
        Screen::Browse(browse) => browse::draw(canvas, frame, app, browse),
        // What is asked above it stands alone: no boxes in boxes.
        Screen::FirstRun(_) if !app.layers.is_empty() => {}
        Screen::FirstRun(state) => {
            first_run::draw(canvas, &layout::popup(app, app.layers.len()), state);
        }
        Screen::Unlock(state) => {
            unlock::draw(canvas, &layout::popup(app, app.layers.len()), state, app);
        }
    }
}

fn draw_layer(canvas: &mut Canvas<'_>, index: usize, layer: &Layer, app: &App) {
    let area = layout::popup(app, index);
    let now = app.wall;
    match layer {
        Layer::Activity(state) => activity::draw(canvas, &area, state, app),
        Layer::AddForm(state) => add_form::draw(canvas, &area, state, now),
        Layer::Confirm(state) => confirm::draw(canvas, &area, state),
        Layer::CopyMenu(state) => copy_menu::draw(canvas, &area, state),
        Layer::Editor(state) => editor::draw(canvas, &area, state, now),
        Layer::Generator(state) => generator::draw(canvas, &area, state),
        Layer::Health(state) => health::draw(canvas, &area, state, app),
        Layer::Help(state) => help::draw(canvas, &area, state),
        Layer::History(state) => history::draw(canvas, &area, state, app),
        Layer::Import(state) => import::draw(canvas, &area, state),
        Layer::KeyFileForm(state) => slot_forms::draw_key_file(canvas, &area, state),
        Layer::MetaForm(state) => meta_form::draw(canvas, &area, state),
        Layer::Palette(state) => palette::draw(canvas, &area, state),
        Layer::PassphraseForm(state) => slot_forms::draw_passphrase(canvas, &area, state),
        Layer::Profiles(state) => profiles::draw(canvas, &area, state, app),
        Layer::Prompt(state) => unlock::draw_prompt(canvas, &area, state),
        Layer::Recovery(state) => recovery::draw(canvas, &area, state),
        Layer::Rename(state) => rename::draw(canvas, &area, state),
        Layer::Slots(state) => slots::draw(canvas, &area, state, app),
        Layer::Trash(state) => trash::draw(canvas, &area, state, app),
        Layer::ViewAs(state) => view_as::draw(canvas, &area, state),
        Layer::Wizard(state) => wizard::draw(canvas, &area, state, app),
    }
}

/// Messages lie over the lowest rows of the body, inside its border.
fn toast_area(frame: &Frame) -> Rect {
    let body = rect(frame.body);
    let border = u16::from(frame.borders);
    let (width, height) = (body.width.saturating_sub(border), body.height.saturating_sub(border));
    Rect { width, height, ..body }
}

#[cfg(test)]
mod tests;
