//! The step of the wizard in which a person allows it: the page and its code, large enough to be read
//! aloud or scanned, and how long they live.

use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::canvas::{Canvas, rect};
use super::{form, meter, popup, wizard};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::wizard::{Approve, Wizard};
use crate::config::Meaning;
use crate::service::oauth::{Flow, Step, spaced};
use crate::service::qr::Squares;
use crate::text::visible;

/// The quiet border of a code in squares: two of the four that the standard wants are enough on a screen,
/// and one where there is no room for more.
const QUIETS: [usize; 2] = [2, 1];

/// Draws the step.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, approve: &Approve, app: &App) {
    let Some(all) = area.part(Part::Text).map(rect) else { return };
    let words =
        match approve.squares.as_ref().and_then(|squares| Some((squares, quiet(squares, all)?))) {
            Some((squares, quiet)) if !canvas.skin.ascii => {
                let columns = u16::try_from(squares.side + 2 * quiet).unwrap_or(0);
                draw_squares(canvas, all, squares, quiet);
                let x = all.x + columns + 3;
                Rect { x, width: all.right().saturating_sub(x), ..all }
            }
            _ => all,
        };
    let mut pen = Pen { canvas, area: words, y: words.y };
    match &approve.step {
        None => {
            let name = state.chosen().map_or("the provider", |provider| provider.name.as_str());
            let (name, ellipsis) = (visible(name), pen.canvas.glyphs().ellipsis);
            let text = match state.way() {
                Flow::ApiKey => format!("Trying the key at {name} {ellipsis}"),
                _ => format!("Asking {name} {ellipsis}"),
            };
            pen.line(&text, Meaning::Accent);
        }
        Some(Step::Device { user_code, verification_uri, .. }) => {
            pen.line("Open this page on any device", Meaning::Dim);
            pen.prose(verification_uri, 3, Meaning::Text);
            pen.gap();
            pen.line("and enter", Meaning::Dim);
            pen.line(&format!("   {}", grouped(user_code)), Meaning::TitleFocused);
        }
        Some(Step::Browser { url, listening }) => {
            let text = match listening {
                true => "Open this page in the browser of this machine",
                false => {
                    "Open this page in any browser. At the end it goes to an address that does not \
                     load: paste that one here."
                }
            };
            pen.prose(text, 3, Meaning::Dim);
            pen.gap();
            // Whatever is left below what follows.
            let rows = pen.area.bottom().saturating_sub(pen.y + 5).max(2);
            pen.prose(url, rows, Meaning::Text);
        }
        Some(_) => {}
    }
    if approve.step.is_some() {
        pen.gap();
        draw_waiting(&mut pen, approve, app);
        pen.gap();
        pen.prose(&why(state), 2, Meaning::Dim);
    }
    if approve.pasting {
        let look = form::plain(true, "http://127.0.0.1/callback?code=");
        form::field(canvas, area, 0, "Address", &approve.address, look);
    }
    if approve.handed {
        return popup::working(canvas, area, "Asking the provider with that address");
    }
    popup::problem(canvas, area, approve.problem.as_deref());
}

/// `● waiting for your approval   asked 4 times`, and how long the code lives.
fn draw_waiting(pen: &mut Pen<'_, '_>, approve: &Approve, app: &App) {
    let dot = pen.canvas.glyphs().dot;
    let asked = match approve.asked {
        0 => String::new(),
        1 => "   asked once".to_owned(),
        count => format!("   asked {count} times"),
    };
    pen.line(&format!("{dot} waiting for your approval{asked}"), Meaning::Accent);
    let Some((until, whole)) = approve.until else { return };
    let left = until.saturating_duration_since(app.now).as_secs();
    let cells = u64::from(meter::CELLS) * left / whole.as_secs().max(1);
    let text = format!("  code lives {} min {:02} s  ", left / 60, left % 60);
    let Rect { x, width, .. } = pen.area;
    if pen.y < pen.area.bottom() {
        let used = pen.canvas.say(x, pen.y, width, &text, Meaning::Dim);
        let filled = u16::try_from(cells).unwrap_or(meter::CELLS);
        meter::bar(
            pen.canvas,
            x + used,
            pen.y,
            width.saturating_sub(used),
            filled,
            Meaning::Accent,
        );
        pen.y += 1;
    }
}

/// `By a code, because this is an SSH session.`
fn why(state: &Wizard) -> String {
    let name = wizard::said(state.way()).0;
    match state.reason() {
        "" => format!("{name}."),
        reason => format!("{name}, {reason}."),
    }
}

/// A code as it can be read aloud, its groups apart.
fn grouped(code: &str) -> String {
    spaced(code).replace(" - ", "  -  ")
}

/// The widest border with which the squares fit beside the words.
fn quiet(squares: &Squares, area: Rect) -> Option<usize> {
    QUIETS.into_iter().find(|quiet| {
        let side = squares.side + 2 * quiet;
        side + 30 <= usize::from(area.width) && side.div_ceil(2) <= usize::from(area.height)
    })
}

/// Two squares to a cell, as half blocks: the light ones are drawn, with their border. Scanners want dark
/// on light, whatever the theme; without colours it is the terminal's own two.
fn draw_squares(canvas: &mut Canvas<'_>, area: Rect, squares: &Squares, quiet: usize) {
    let side = squares.side + 2 * quiet;
    let light =
        |column: usize, row: usize| match (column.checked_sub(quiet), row.checked_sub(quiet)) {
            (Some(column), Some(row)) => !squares.is_dark(column, row),
            _ => true,
        };
    let coloured = canvas.style(Meaning::Accent).fg.is_some();
    let style = match coloured {
        true => Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(16)),
        false => canvas.style(Meaning::Text),
    };
    for line in 0..side.div_ceil(2) {
        let cell = |column| match (
            light(column, 2 * line),
            2 * line + 1 < side && light(column, 2 * line + 1),
        ) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let text: String = (0..side).map(cell).collect();
        let y = area.y + u16::try_from(line).unwrap_or(0);
        // Below the last of an odd number the line is half empty.
        let style = if 2 * line + 1 == side { Style { bg: None, ..style } } else { style };
        canvas.put(area.x, y, area.width, &text, style);
    }
}

/// Writes one line below the other.
struct Pen<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    area: Rect,
    y: u16,
}

impl Pen<'_, '_> {
    fn line(&mut self, text: &str, meaning: Meaning) {
        if self.y < self.area.bottom() {
            self.canvas.say(self.area.x, self.y, self.area.width, text, meaning);
        }
        self.y += 1;
    }

    /// Text over as many lines as it takes and may.
    fn prose(&mut self, text: &str, most: u16, meaning: Meaning) {
        let height = most.min(self.area.bottom().saturating_sub(self.y));
        let area = Rect { y: self.y, height, ..self.area };
        self.y += self.canvas.prose(area, text, meaning).max(1);
    }

    fn gap(&mut self) {
        self.y += 1;
    }
}
