//! A buffer as text, to be read by a person, and the meanings of its cells as letters.

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;

use crate::app::App;
use crate::config::Theme;
use crate::config::theme::Meaning;

/// One letter a meaning, in the order of [`Meaning::ALL`].
const LETTERS: &str = "tdaTF-=SMImgwbskl";

/// Draws `app` at its own size.
pub fn draw(app: &App, theme: &Theme) -> (Buffer, Option<Position>) {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let mut buf = Buffer::empty(area);
    let cursor = super::super::draw(app, theme, area, &mut buf);
    (buf, cursor)
}

/// The text of the cells, one line a row, without spaces at the ends; the cursor is named below.
pub fn text(app: &App) -> String {
    let (buf, cursor) = draw(app, &Theme::terminal());
    let mut shown = rows(&buf).join("\n");
    if let Some(Position { x, y }) = cursor {
        shown.push_str(&format!("\n[cursor at column {x}, row {y}]"));
    }
    shown
}

/// The rows of a buffer as text.
pub fn rows(buf: &Buffer) -> Vec<String> {
    let area = buf.area;
    let row = |y: u16| {
        let (mut line, mut x) = (String::new(), area.left());
        while x < area.right() {
            let cell = &buf[(x, y)];
            line.push_str(cell.symbol());
            x += cell.symbol().cell_width().max(1);
        }
        line.trim_end().to_owned()
    };
    (area.top()..area.bottom()).map(row).collect()
}

/// Text, and below each row whose styles say something the letters of its meanings.
pub fn styled(app: &App) -> String {
    let (buf, _) = draw(app, &telling_theme());
    let mut shown = String::new();
    for (y, text) in (0..).zip(rows(&buf)) {
        shown.push_str(&format!("{text}\n"));
        let letters: String = (0..buf.area.width).map(|x| letter(buf[(x, y)].fg)).collect();
        if letters.contains(['S', 'I', 'm', 'w', 'b', 'g']) {
            shown.push_str(&format!("{}\n", letters.trim_end_matches(['t', '-', '='])));
        }
    }
    shown
}

/// A theme that gives every meaning a colour of its own.
fn telling_theme() -> Theme {
    let mut file = String::from("[styles]\n");
    for (at, word) in WORDS.iter().enumerate() {
        file.push_str(&format!("{word} = {{ fg = \"#0000{at:02x}\" }}\n"));
    }
    Theme::parse(&file, "telling".as_ref()).expect("a theme")
}

const WORDS: [&str; Meaning::COUNT] = [
    "text",
    "dim",
    "accent",
    "title",
    "title_focused",
    "border",
    "border_focused",
    "selection",
    "selection_mark",
    "selection_idle",
    "match",
    "good",
    "warn",
    "bad",
    "secret",
    "hint_key",
    "hint_label",
];

fn letter(colour: Color) -> char {
    let Color::Rgb(0, 0, at) = colour else { return '?' };
    LETTERS.chars().nth(usize::from(at)).unwrap_or('?')
}
