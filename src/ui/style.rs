//! A theme made ready for drawing: terminal styles by meaning, and the glyphs. Decides no look itself.

use ratatui::style::{Color, Modifier, Style};

use crate::config::theme::{Colour, Meaning, Paint, Theme};

/// The few signs beside letters and box drawing, all one column wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Left bar of the selected row.
    pub mark: &'static str,
    /// One masked character of a value.
    pub mask: &'static str,
    /// One typed character of a hidden field; also what is chosen among several.
    pub dot: &'static str,
    /// What could be chosen but is not.
    pub ring: &'static str,
    /// Something was left out here.
    pub ellipsis: &'static str,
    /// It went well, it may.
    pub good: &'static str,
    /// It needs attention soon.
    pub warn: &'static str,
    /// It failed, it may not.
    pub bad: &'static str,
    /// Separates words of a line.
    pub middot: &'static str,
    /// Stands where there is nothing.
    pub none: &'static str,
    /// A folded branch of a tree.
    pub folded: &'static str,
    /// An open branch of a tree.
    pub open: &'static str,
    /// A full cell of a bar.
    pub full: &'static str,
    /// An empty cell of a bar.
    pub empty: &'static str,
    /// Leads from the old to the new.
    pub arrow: &'static str,
    /// There is more above.
    pub up: &'static str,
    /// There is more below.
    pub down: &'static str,
    /// Box drawing: corners from the top left clockwise, then horizontal and vertical.
    pub frame: [&'static str; 6],
    /// The same in heavy lines.
    pub heavy: [&'static str; 6],
}

const UNICODE: Glyphs = Glyphs {
    mark: "▌",
    mask: "•",
    dot: "●",
    ring: "○",
    ellipsis: "…",
    good: "✓",
    warn: "⚠",
    bad: "✗",
    middot: "·",
    none: "—",
    folded: "▸",
    open: "▾",
    full: "█",
    empty: "░",
    arrow: "→",
    up: "↑",
    down: "↓",
    frame: ["╭", "╮", "╯", "╰", "─", "│"],
    heavy: ["┏", "┓", "┛", "┗", "━", "┃"],
};

const ASCII: Glyphs = Glyphs {
    mark: ">",
    mask: "*",
    dot: "*",
    ring: "o",
    ellipsis: "~",
    good: "+",
    warn: "!",
    bad: "x",
    middot: "-",
    none: "-",
    folded: "+",
    open: "-",
    full: "#",
    empty: ".",
    arrow: ">",
    up: "^",
    down: "v",
    frame: ["+", "+", "+", "+", "-", "|"],
    heavy: ["#"; 6],
};

/// Styles and glyphs for one frame.
#[derive(Debug, Clone, Copy)]
pub struct Skin {
    styles: [Style; Meaning::COUNT],
    /// The glyphs, Unicode or ASCII.
    pub glyphs: Glyphs,
    /// Whether only ASCII may be drawn for our own signs.
    pub ascii: bool,
}

impl Skin {
    /// Prepares `theme`; `ascii` exchanges the glyphs.
    pub fn new(theme: &Theme, ascii: bool) -> Self {
        let mut styles = [Style::new(); Meaning::COUNT];
        for meaning in Meaning::ALL {
            styles[meaning as usize] = style(theme.paint(meaning));
        }
        Self { styles, glyphs: if ascii { ASCII } else { UNICODE }, ascii }
    }

    /// The style of one meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.styles[meaning as usize]
    }
}

fn style(paint: Paint) -> Style {
    let attributes = [
        (paint.bold, Modifier::BOLD),
        (paint.dim, Modifier::DIM),
        (paint.italic, Modifier::ITALIC),
        (paint.underlined, Modifier::UNDERLINED),
        (paint.reversed, Modifier::REVERSED),
    ];
    let modifiers = attributes
        .into_iter()
        .filter_map(|(wanted, modifier)| wanted.then_some(modifier))
        .fold(Modifier::empty(), |all, one| all | one);
    Style { fg: paint.fg.map(color), bg: paint.bg.map(color), ..Style::new() }
        .add_modifier(modifiers)
}

/// The sixteen colours go out as the numbered ones, so that the terminal's palette decides.
fn color(colour: Colour) -> Color {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Colour::Default => Color::Reset,
        Colour::Ansi(index) => NAMED[usize::from(index) % NAMED.len()],
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::CellWidth;

    use super::*;

    #[test]
    fn every_glyph_is_one_column_wide_and_ascii_is_ascii() {
        for (glyphs, ascii) in [(UNICODE, false), (ASCII, true)] {
            let g = glyphs;
            let mut all = vec![
                g.mark, g.mask, g.dot, g.ring, g.ellipsis, g.good, g.warn, g.bad, g.middot, g.none,
                g.folded, g.open, g.full, g.empty, g.arrow, g.up, g.down,
            ];
            all.extend(g.frame.into_iter().chain(g.heavy));
            for glyph in all {
                assert_eq!(glyph.cell_width(), 1, "{glyph}");
                assert!(!ascii || glyph.is_ascii(), "{glyph}");
            }
        }
    }

    #[test]
    fn no_colour_reaches_the_cells_of_the_mono_theme() {
        let skin = Skin::new(&Theme::mono(), false);
        for meaning in Meaning::ALL {
            let style = skin.style(meaning);
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(skin.style(Meaning::Selection).add_modifier.contains(Modifier::REVERSED));
    }
}
