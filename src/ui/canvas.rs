//! The one way text reaches the cells: made visible, clipped, in a style of the theme. Knows no screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::style::{Glyphs, Skin};
use super::width;
use crate::app::layout;
use crate::config::Meaning;
use crate::text::visible;

/// The cells of one frame, the styles, and where the cursor goes.
pub struct Canvas<'a> {
    buf: &'a mut Buffer,
    /// Styles and glyphs.
    pub skin: Skin,
    /// Where the terminal's cursor is; the last one that sets it wins.
    pub cursor: Option<Position>,
}

impl<'a> Canvas<'a> {
    /// Draws into `buf` with `skin`.
    pub fn new(buf: &'a mut Buffer, skin: Skin) -> Self {
        Self { buf, skin, cursor: None }
    }

    /// The style of one meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.skin.style(meaning)
    }

    /// The glyphs of this frame.
    pub fn glyphs(&self) -> Glyphs {
        self.skin.glyphs
    }

    /// Puts `text` at a cell, at most `max` columns of it; returns the columns it took.
    ///
    /// Whatever the text holds, no cell gets a character that a terminal obeys.
    pub fn put(&mut self, x: u16, y: u16, max: u16, text: &str, style: impl Into<Style>) -> u16 {
        let area = self.buf.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let (end, _) = self.buf.set_stringn(x, y, visible(text), usize::from(max), style);
        end - x
    }

    /// The same in the style of a meaning.
    pub fn say(&mut self, x: u16, y: u16, max: u16, text: &str, meaning: Meaning) -> u16 {
        self.put(x, y, max, text, self.skin.style(meaning))
    }

    /// A name: cut in its middle when it does not fit.
    pub fn name(&mut self, x: u16, y: u16, max: u16, text: &str, style: impl Into<Style>) -> u16 {
        let shown = visible(text);
        let cut = width::middle(&shown, usize::from(max), self.skin.glyphs.ellipsis);
        self.put(x, y, max, &cut, style)
    }

    /// A sentence: cut at its end when it does not fit.
    pub fn sentence(&mut self, x: u16, y: u16, max: u16, text: &str, meaning: Meaning) -> u16 {
        self.clause(x, y, max, text, self.skin.style(meaning))
    }

    /// The same in a style.
    pub fn clause(&mut self, x: u16, y: u16, max: u16, text: &str, style: impl Into<Style>) -> u16 {
        let shown = visible(text);
        let cut = width::end(&shown, usize::from(max), self.skin.glyphs.ellipsis);
        self.put(x, y, max, &cut, style)
    }

    /// Text that ends at the column before `end`; nothing when it is wider than `max`.
    pub fn right(
        &mut self,
        end: u16,
        y: u16,
        max: u16,
        text: &str,
        style: impl Into<Style>,
    ) -> u16 {
        let shown = visible(text);
        let columns = width::width(&shown);
        match u16::try_from(columns) {
            Ok(columns) if columns <= max && columns <= end => {
                self.put(end - columns, y, columns, &shown, style)
            }
            _ => 0,
        }
    }

    /// Prose broken between words; returns the rows it took.
    pub fn prose(&mut self, area: Rect, text: &str, meaning: Meaning) -> u16 {
        let shown = crate::text::visible_lines(text);
        let limit = usize::from(area.height);
        let lines = width::words(&shown, usize::from(area.width), limit + 1);
        for (row, line) in (area.y..).zip(lines.iter().take(limit)) {
            self.say(area.x, row, area.width, line, meaning);
        }
        if lines.len() > limit && limit > 0 {
            let last = lines.get(limit - 1).map_or(0, |line| width::width(line));
            let at = u16::try_from(last).unwrap_or(0).min(area.width.saturating_sub(1));
            let ellipsis = self.glyphs().ellipsis;
            self.say(area.x + at, area.bottom() - 1, 1, ellipsis, meaning);
        }
        u16::try_from(lines.len().min(limit)).unwrap_or(area.height)
    }

    /// Text with some of its characters highlighted; `matched` tells by the character's number.
    pub fn matched(
        &mut self,
        (x, y, max): (u16, u16, u16),
        text: &str,
        style: Style,
        matched: impl Fn(usize) -> bool,
    ) -> u16 {
        let room = usize::from(max);
        let cut = width::width(text) > room;
        let ellipsis = self.glyphs().ellipsis;
        let (front, back) = match cut {
            true => width::ends(text, room),
            false => (text.len(), text.len()),
        };
        let highlight = style.patch(self.style(Meaning::Match));
        let (mut used, mut number) = (0, 0);
        for (at, grapheme) in text.grapheme_indices(true) {
            let hit = (number..number + grapheme.chars().count()).any(&matched);
            number += grapheme.chars().count();
            if at >= front && at < back {
                continue;
            }
            if cut && at >= back && at < back + grapheme.len() {
                used += self.put(x + used, y, max - used, ellipsis, style);
            }
            let style = if hit { highlight } else { style };
            used += self.put(x + used, y, max - used, grapheme, style);
        }
        if cut && back == text.len() {
            used += self.put(x + used, y, max - used, ellipsis, style);
        }
        used
    }

    /// Styles cells without touching what stands in them.
    pub fn paint(&mut self, area: Rect, meaning: Meaning) {
        self.buf.set_style(area, self.skin.style(meaning));
    }

    /// Fills one line of cells with a glyph.
    pub fn repeat(&mut self, x: u16, y: u16, count: u16, glyph: &str, meaning: Meaning) {
        for column in 0..count {
            self.say(x.saturating_add(column), y, 1, glyph, meaning);
        }
    }

    /// Takes weight and colour from what is drawn so far, so that what comes above it stands out.
    pub fn veil(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        let style = self.style(Meaning::Text).patch(self.style(Meaning::Dim));
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.set_style(Style::reset());
                    cell.set_style(style);
                }
            }
        }
    }

    /// Empties the area down to the theme's ground; no half of a wide character stays at its edge.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        let ground = self.style(Meaning::Text);
        for y in area.top()..area.bottom() {
            if area.left() > self.buf.area.left()
                && let Some(cell) = self.buf.cell_mut((area.left() - 1, y))
                && width::width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(ground);
                }
            }
        }
    }

    /// Puts the terminal's cursor there if the cell is on the screen.
    pub fn place_cursor(&mut self, x: u16, y: u16) {
        let position = Position { x, y };
        if self.buf.area.contains(position) {
            self.cursor = Some(position);
        }
    }
}

/// The application's rectangle as ratatui's.
pub fn rect(area: layout::Rect) -> Rect {
    Rect { x: area.x, y: area.y, width: area.width, height: area.height }
}
