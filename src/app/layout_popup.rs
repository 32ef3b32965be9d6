//! How large each popup is and where its parts are: decided by what it holds. Draws nothing.

use unicode_width::UnicodeWidthStr;

use super::layout::{Part, Popup, Rect, frame};
use super::layout_fit::{Block, Wish, place};
use super::{App, Layer, Screen};
use crate::app::add_form::AddForm;
use crate::app::confirm::Confirm;
use crate::app::first_run::FirstRun;
use crate::app::generator::{Generator, Shape};
use crate::app::import::Import;
use crate::app::wizard::{Stage, Wizard};
use crate::service::qr::Squares;

/// What the check boxes of the generator say, in the order of Tab.
pub const GENERATOR_BOXES: [&str; 5] = ["a-z", "A-Z", "0-9", "symbols", "easy to read aloud"];

/// Rows of the health screen's bars: one for each sort of finding, or two side by side where it is low.
pub const HEALTH_BARS: (u16, u16) = (5, 3);

const GAP: Block = Block(Part::Gap, 1, 1, 0);
const HINTS: Block = Block(Part::Hints, 1, 1, 8);

const fn field(index: usize) -> Block {
    Block(Part::Field(index), 1, 1, 9)
}

const fn under(index: usize) -> Block {
    Block(Part::Under(index), 1, 1, 5)
}

const fn problem() -> Block {
    Block(Part::Problem, 2, 1, 7)
}

fn list(rows: usize) -> Block {
    Block(Part::List, u16::try_from(rows).unwrap_or(u16::MAX).max(1), 1, 9)
}

/// Where the parts of layer `index` are; of the unlock or first-run box when there is no such layer.
pub fn popup(app: &App, index: usize) -> Popup {
    let wish = match app.layers.get(index) {
        Some(layer) => layer_wish(app, layer),
        None => screen_wish(&app.screen),
    };
    let mut popup = place(&frame(app), wish, app.size);
    match app.layers.get(index) {
        Some(Layer::Confirm(confirm)) => spread_buttons(&mut popup, confirm),
        Some(Layer::Generator(generator)) => spread_boxes(&mut popup, generator),
        _ => {}
    }
    popup
}

/// The buttons of a question, side by side.
fn spread_buttons(popup: &mut Popup, confirm: &Confirm) {
    let Some(row) = popup.part(Part::Buttons) else { return };
    let widths = confirm.choices.iter().map(|choice| button_width(choice.label));
    popup.buttons = side_by_side(row, widths.map(|width| width - 2), 2);
}

/// The check boxes of the generator share one line, and are there for characters only.
fn spread_boxes(popup: &mut Popup, generator: &Generator) {
    let Some(row) = popup.part(Part::Field(2)) else { return };
    let row = Rect { x: popup.inner.x, width: popup.inner.width, ..row };
    popup.fields.truncate(2);
    let boxes = GENERATOR_BOXES.map(|label| label.width() + 4);
    popup.fields.extend(match generator.shape {
        Shape::Characters => side_by_side(row, boxes.into_iter(), 2),
        _ => vec![Rect::default(); boxes.len()],
    });
}

fn side_by_side(row: Rect, widths: impl Iterator<Item = usize>, gap: u16) -> Vec<Rect> {
    let end = row.x + row.width;
    let mut x = row.x;
    let place = |width: usize| {
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(end - x.min(end));
        let area = Rect { x, width, ..row };
        x = x.saturating_add(width).saturating_add(gap).min(end);
        area
    };
    widths.map(place).collect()
}

fn screen_wish(screen: &Screen) -> Wish {
    match screen {
        Screen::FirstRun(first_run) => first_run_wish(first_run),
        Screen::Unlock(unlock) if unlock.has_recovery => {
            let mut wish = passphrase_wish();
            // Before the empty line above the hints.
            let at = wish.parts.len().saturating_sub(2);
            wish.parts.splice(at..at, [GAP, Block(Part::Text, 2, 1, 3)]);
            wish
        }
        _ => passphrase_wish(),
    }
}

/// The heading above the backends, and what is said below them: with the numbers of two fields that the
/// box does not have, after the two it has.
pub const ABOVE_BACKENDS: Part = Part::Under(2);
/// See [`ABOVE_BACKENDS`].
pub const BELOW_BACKENDS: Part = Part::Under(3);

/// Both fields, and the backends: the rows of other systems give way first.
fn first_run_wish(first_run: &FirstRun) -> Wish {
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let backends = &first_run.backends;
    let table = Block(Part::List, rows(backends.rows.len()), rows(backends.own()), 6);
    let parts = vec![
        GAP,
        Block(Part::Intro, 2, 1, 1),
        GAP,
        field(0),
        under(0),
        field(1),
        // The last empty line that goes.
        Block(Part::Gap, 1, 1, 1),
        Block(ABOVE_BACKENDS, 1, 1, 5),
        table,
        Block(BELOW_BACKENDS, 2, 1, 3),
        GAP,
        Block(Part::Text, 2, 2, 4),
        GAP,
        problem(),
        HINTS,
    ];
    Wish { width: 72, label: 14, parts, high: false }
}

/// The unlock box and the question for the passphrase of one action.
fn passphrase_wish() -> Wish {
    let intro = Block(Part::Intro, 1, 1, 1);
    let parts = vec![GAP, intro, GAP, field(0), GAP, problem(), GAP, HINTS];
    Wish { width: 60, label: 14, parts, high: false }
}

fn layer_wish(app: &App, layer: &Layer) -> Wish {
    let (width, height) = app.size;
    let roomy = if width < 100 { 68 } else { 80 };
    let plain = |width, parts| Wish { width, label: 0, parts, high: false };
    match layer {
        Layer::Activity(activity) => {
            // The list is as long as it can be from the start: nothing jumps when it is read.
            let whole = Block(Part::Intro, if activity.has_problems() { 2 } else { 1 }, 1, 7);
            let chosen = Block(Part::Text, 1, 1, 5);
            plain(
                if width < 100 { 72 } else { 100 },
                vec![GAP, whole, GAP, list(22), GAP, chosen, GAP, HINTS],
            )
        }
        Layer::AddForm(form) => add_wish(form),
        Layer::Confirm(confirm) => confirm_wish(confirm, width),
        Layer::CopyMenu(menu) => plain(64, vec![GAP, list(menu.rows.len()), GAP, HINTS]),
        Layer::Editor(_) => {
            let rows = height.saturating_sub(10).clamp(3, 30);
            let text = Block(Part::Field(0), rows, 1, 9);
            plain(
                if width < 100 { 68 } else { 92 },
                vec![GAP, text, GAP, under(0), problem(), HINTS],
            )
        }
        Layer::Generator(generator) => generator_wish(generator),
        Layer::Help(help) => plain(72, vec![GAP, list(help.rows.len()), GAP, HINTS]),
        Layer::Health(_) => {
            // As long as it can be from the start: nothing jumps when it is known.
            let rows = match height {
                // Their numbers in one line.
                ..18 => 1,
                18..32 => HEALTH_BARS.1,
                _ => HEALTH_BARS.0,
            };
            let bars = Block(Part::Intro, rows, rows, 6);
            let chosen = Block(Part::Text, 1, 1, 5);
            plain(
                if width < 100 { 72 } else { 100 },
                vec![GAP, bars, GAP, under(0), GAP, list(16), GAP, chosen, GAP, HINTS],
            )
        }
        Layer::History(history) => {
            let rows = history.revisions.as_ref().map_or(1, Vec::len).clamp(4, 12);
            let value = Block(Part::Text, 4, 1, 6);
            plain(68, vec![GAP, list(rows), GAP, value, GAP, HINTS])
        }
        Layer::Import(import) => import_wish(import),
        Layer::KeyFileForm(_) => {
            let intro = Block(Part::Intro, 2, 1, 1);
            let parts = vec![GAP, intro, GAP, field(0), GAP, problem(), HINTS];
            Wish { width: 66, label: 9, parts, high: false }
        }
        Layer::PassphraseForm(_) => {
            let intro = Block(Part::Intro, 1, 1, 1);
            let parts =
                vec![GAP, intro, GAP, field(0), under(0), field(1), GAP, problem(), GAP, HINTS];
            Wish { width: 66, label: 14, parts, high: false }
        }
        Layer::Slots(slots) => {
            let rows = slots.slots.as_ref().map_or(1, Vec::len).clamp(4, 8);
            let below = Block(Part::Text, 2, 1, 6);
            plain(roomy, vec![GAP, list(rows), GAP, below, GAP, HINTS])
        }
        Layer::MetaForm(form) => meta_wish(form.can_protect),
        Layer::Palette(_) => {
            let parts = vec![GAP, field(0), GAP, list(12), GAP, HINTS];
            Wish { width: roomy, label: 2, parts, high: true }
        }
        Layer::Prompt(_) => passphrase_wish(),
        Layer::Recovery(_) => recovery_wish(),
        Layer::Profiles(profiles) => {
            let rows = profiles.kept().len().clamp(6, 14);
            let below = Block(Part::Text, 2, 1, 6);
            plain(roomy, vec![GAP, list(rows), GAP, below, GAP, HINTS])
        }
        Layer::Wizard(wizard) => wizard_wish(wizard, app.size),
        Layer::Rename(_) => {
            let intro = Block(Part::Intro, 1, 1, 1);
            let parts =
                vec![GAP, intro, GAP, field(0), under(0), field(1), GAP, problem(), GAP, HINTS];
            Wish { width: 66, label: 9, parts, high: false }
        }
        Layer::Trash(trash) => {
            let rows = trash.entries.as_ref().map_or(1, Vec::len).clamp(6, 16);
            plain(roomy, vec![GAP, list(rows), GAP, HINTS])
        }
        Layer::ViewAs(lens) => {
            plain(roomy, vec![GAP, list(lens.rows.len().clamp(8, 18)), GAP, HINTS])
        }
    }
}

/// All steps have the same size where there is room, so that nothing jumps.
fn wizard_wish(wizard: &Wizard, (width, height): (u16, u16)) -> Wish {
    let intro = Block(Part::Intro, 2, 1, 5);
    let columns = if width < 100 { 70 } else { 86 };
    let (label, parts) = match &wizard.stage {
        Stage::Provider | Stage::Flow => {
            (0, vec![GAP, intro, GAP, list(12), GAP, problem(), HINTS])
        }
        Stage::Form(form) => {
            // Words are broken a little before the end of a line.
            let rows = |line: &str| line.width().div_ceil(usize::from(columns) - 8).max(1);
            let rows: usize = wizard.advice().lines().map(rows).sum();
            let advice = rows.min(6);
            let mut parts = Vec::new();
            if advice > 0 {
                let advice = u16::try_from(advice).unwrap_or(1);
                parts.extend([GAP, Block(Part::Intro, advice, 1, 5)]);
            }
            parts.push(GAP);
            parts.extend((0..form.fields.len()).map(field));
            if !form.scopes.is_empty() {
                let asked = under(form.fields.len());
                parts.extend([GAP, asked, list(form.scopes.len().clamp(3, 7))]);
            }
            // What a provider says takes more words than what is missing.
            let long = form.problem.as_ref().is_some_and(|said| said.width() > 120);
            let said = if wizard.failure.is_some() { 4 } else { 2 + u16::from(long) };
            parts.extend([GAP, Block(Part::Problem, said, 1, 7), HINTS]);
            (15, parts)
        }
        Stage::Approve(approve) => {
            // The empty line above goes where the squares need it.
            let rows = |squares: &Squares| squares.side.div_ceil(2) + 2;
            let rows = approve.squares.as_ref().filter(|_| height >= 24).map_or(3, rows);
            let least = u16::try_from(rows.min(16)).unwrap_or(3);
            let mut parts = vec![GAP, Block(Part::Text, 18, least, 9)];
            // Only what is pasted can be wrong.
            if approve.pasting {
                parts.extend([GAP, field(0), problem()]);
            }
            parts.push(HINTS);
            (10, parts)
        }
        Stage::Keep(_) => {
            let what = Block(Part::Intro, 3, 1, 5);
            (15, vec![GAP, what, GAP, field(0), field(1), under(1), GAP, problem(), HINTS])
        }
        Stage::Done(..) => (0, vec![GAP, intro, GAP, Block(Part::Text, 8, 1, 9), GAP, HINTS]),
    };
    Wish { width: columns, label, parts, high: false }
}

fn recovery_wish() -> Wish {
    let code = Block(Part::Text, 5, 3, 9);
    let intro = Block(Part::Intro, 2, 1, 2);
    let parts = vec![GAP, intro, GAP, code, GAP, field(0), problem(), GAP, HINTS];
    Wish { width: 60, label: 12, parts, high: false }
}

fn add_wish(form: &AddForm) -> Wish {
    let value = Block(Part::Field(2), 6, 1, 9);
    let mut parts = vec![GAP, field(0), under(0), field(1), GAP, value, under(2)];
    if form.can_protect {
        parts.extend([GAP, field(3)]);
    }
    parts.extend([GAP, problem(), HINTS]);
    Wish { width: 68, label: 11, parts, high: false }
}

fn meta_wish(can_protect: bool) -> Wish {
    let note = Block(Part::Field(6), 4, 1, 9);
    let mut parts = vec![GAP, field(0), field(1), field(2), field(3), field(4), under(4)];
    if can_protect {
        parts.push(field(5));
    }
    parts.extend([GAP, note, GAP, problem(), HINTS]);
    Wish { width: 68, label: 12, parts, high: false }
}

fn import_wish(import: &Import) -> Wish {
    let rows = import.preview.as_ref().map_or(4, |preview| preview.rows.len()).clamp(4, 14);
    let summary = Block(Part::Text, 1, 1, 6);
    let rows = list(rows);
    let parts = vec![GAP, field(0), field(1), under(1), summary, GAP, rows, GAP, problem(), HINTS];
    Wish { width: 68, label: 9, parts, high: false }
}

fn generator_wish(generator: &Generator) -> Wish {
    let mut parts = vec![
        GAP,
        Block(Part::Intro, 2, 1, 9),
        GAP,
        Block(Part::Under(0), 1, 1, 6),
        GAP,
        field(0),
        field(1),
    ];
    // The check boxes always keep their line, so that the box does not change its size.
    parts.push(Block(
        Part::Field(2),
        1,
        1,
        if generator.shape == Shape::Characters { 9 } else { 3 },
    ));
    parts.extend([GAP, Block(Part::Text, 1, 1, 5), GAP, HINTS]);
    Wish { width: 66, label: 11, parts, high: false }
}

fn confirm_wish(confirm: &Confirm, screen: u16) -> Wish {
    let longest = confirm.lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let buttons: usize = confirm.choices.iter().map(|choice| button_width(choice.label)).sum();
    let most = usize::from(screen.saturating_sub(10)).clamp(10, 66);
    let width = longest.max(buttons).max(confirm.title.width() + 2).clamp(38.min(most), most);
    // Breaking between words loses some columns at the end of each line.
    let rows = |line: &String| {
        let columns = line.width();
        1 + columns.saturating_sub(1) / width + columns / (width * 4).max(1)
    };
    let rows: usize = confirm.lines.iter().map(rows).sum();
    let rows = u16::try_from(rows.clamp(1, 12)).unwrap_or(1);
    let intro = Block(Part::Intro, rows, 1, 6);
    let buttons = Block(Part::Buttons, 1, 1, 9);
    let parts = vec![GAP, intro, GAP, buttons, GAP, HINTS];
    Wish { width: u16::try_from(width).unwrap_or(38), label: 0, parts, high: false }
}

/// `[ Delete ]` and the space after it.
fn button_width(label: &str) -> usize {
    label.width() + 6
}
