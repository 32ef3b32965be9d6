//! Fits what a popup would like to be into the screen there is. Knows no popup.

use super::layout::{Frame, Part, Popup, Rect};

/// What a popup would like to be.
pub(super) struct Wish {
    /// Columns inside border and padding.
    pub width: u16,
    /// Columns of the labels left of the fields, with the space after them.
    pub label: u16,
    /// From the top to the bottom.
    pub parts: Vec<Block>,
    /// Whether it keeps to the upper part of the screen, so that its list may grow and shrink below.
    pub high: bool,
}

/// One part: its rows, the least it can do with, and how late it is left out (0 first).
pub(super) struct Block(pub Part, pub u16, pub u16, pub u8);

/// Puts the wish into the middle of the screen, clamped, leaving out what there is no room for.
pub(super) fn place(frame: &Frame, mut wish: Wish, size: (u16, u16)) -> Popup {
    let (padding, border) = if frame.borders { (3, 1) } else { (1, 0) };
    let outer_width = wish.width.saturating_add(2 * (padding + border)).min(size.0);
    // The title line stays free, and the status line; without borders the title is our own first line.
    // On a screen with room, popups stay inside the borders of the panes below them.
    let (top, rows) = match size.1 {
        _ if !frame.borders => (0, size.1),
        20.. => (2, size.1 - 5),
        _ => (1, size.1 - 2),
    };
    let frame_rows = if frame.borders { 2 } else { 1 };
    shrink(&mut wish.parts, rows.saturating_sub(frame_rows));
    let used: u16 = wish.parts.iter().map(|part| part.1).sum();
    let outer_height = if frame.borders { (used + frame_rows).min(rows) } else { rows };
    let slack = rows - outer_height;
    let outer = Rect {
        x: (size.0 - outer_width) / 2,
        y: top + if wish.high { slack.min(2) } else { slack / 2 },
        width: if frame.borders { outer_width } else { size.0 },
        height: outer_height,
    };
    let outer = if frame.borders { outer } else { Rect { x: 0, ..outer } };
    let inner = Rect {
        x: outer.x + (padding + border).min(outer.width),
        y: outer.y + 1,
        width: outer.width.saturating_sub(2 * (padding + border)),
        height: outer.height.saturating_sub(frame_rows),
    };
    arrange(outer, inner, &wish)
}

/// Shrinks lists, drops empty lines, shrinks further, then leaves out what matters least.
fn shrink(parts: &mut Vec<Block>, rows: u16) {
    give(parts, rows, 4);
    leave_out(parts, rows, 0);
    give(parts, rows, 1);
    leave_out(parts, rows, u8::MAX);
}

fn total(parts: &[Block]) -> u16 {
    parts.iter().fold(0_u16, |sum, part| sum.saturating_add(part.1))
}

/// Takes rows from what can do with fewer, but leaves each `least` if it has so many.
fn give(parts: &mut [Block], rows: u16, least: u16) {
    let mut over = total(parts).saturating_sub(rows);
    for part in parts {
        let given = over.min(part.1.saturating_sub(part.2.max(least)));
        part.1 -= given;
        over -= given;
    }
}

/// Leaves out, lowest first and last first, what is kept no better than `up_to`.
fn leave_out(parts: &mut Vec<Block>, rows: u16, up_to: u8) {
    while total(parts) > rows {
        let least = parts.iter().map(|part| part.3).min().unwrap_or(u8::MAX);
        match parts.iter().rposition(|part| part.3 == least) {
            Some(at) if least <= up_to => parts.remove(at),
            _ => return,
        };
    }
}

fn arrange(outer: Rect, inner: Rect, wish: &Wish) -> Popup {
    let mut popup = Popup { outer, inner, label: wish.label, ..Popup::default() };
    let mut y = inner.y;
    for Block(part, rows, ..) in &wish.parts {
        let area = Rect { y, height: *rows, ..inner };
        y += rows;
        match part {
            Part::Field(at) => {
                let label = wish.label.min(inner.width);
                let area = Rect { x: area.x + label, width: area.width - label, ..area };
                set(&mut popup.fields, *at, area);
            }
            Part::List => popup.list = area,
            Part::Hints => popup.hints = area,
            _ => {}
        }
        popup.parts.push((*part, area));
    }
    popup
}

fn set(fields: &mut Vec<Rect>, at: usize, area: Rect) {
    if fields.len() <= at {
        fields.resize(at + 1, Rect::default());
    }
    fields[at] = area;
}
