//! What one key, click or report of a terminal looks like in bytes (ECMA-48, xterm control sequences).
//! Pure look-up; what is not complete yet is kept by the decoder.

use crate::app::{Event, MouseKind};
use crate::config::{Chord, KeyCode};

/// What the bytes at the front mean.
#[allow(clippy::large_enum_variant, reason = "taken apart at once, never kept")]
pub enum Step {
    /// Not complete yet.
    Need,
    /// So many bytes mean nothing here.
    Skip(usize),
    /// So many bytes are this event.
    Event(usize, Event),
    /// So many bytes begin a bracketed paste.
    PasteStart(usize),
}

/// Reads what stands at the front of `bytes` (never empty). With `last`, nothing more will follow and
/// `Need` is not an answer.
pub fn step(bytes: &[u8], last: bool) -> Step {
    let found = match bytes {
        [0x1b] => Step::Need,
        [0x1b, b'[', rest @ ..] => csi(rest),
        [0x1b, b'O', rest @ ..] => ss3(rest),
        [0x1b, 0x1b, ..] => key(1, Chord::plain(KeyCode::Esc)),
        [0x1b, rest @ ..] => with_alt(plain(rest)),
        _ => plain(bytes),
    };
    match found {
        Step::Need if last => forced(bytes),
        found => found,
    }
}

/// What an incomplete sequence means when nothing follows it.
fn forced(bytes: &[u8]) -> Step {
    match bytes {
        [0x1b] => key(1, Chord::plain(KeyCode::Esc)),
        [0x1b, c @ (b'[' | b'O')] => with_alt(plain(&[*c])),
        [0x1b, ..] => Step::Skip(bytes.len()),
        _ => Step::Skip(1),
    }
}

fn key(used: usize, chord: Chord) -> Step {
    Step::Event(used, Event::Key(chord))
}

/// The same with one more byte before it, and Alt.
fn with_alt(found: Step) -> Step {
    match found {
        Step::Event(used, Event::Key(chord)) => key(used + 1, Chord { alt: true, ..chord }),
        Step::Skip(used) => Step::Skip(used + 1),
        other => other,
    }
}

/// A key that is one byte or one character of UTF-8.
fn plain(bytes: &[u8]) -> Step {
    let Some(&first) = bytes.first() else {
        return Step::Need;
    };
    match first {
        b'\r' => key(1, Chord::plain(KeyCode::Enter)),
        b'\t' => key(1, Chord::plain(KeyCode::Tab)),
        // Some terminals send ^H for Backspace; Ctrl-H is given up for them.
        0x7f | 0x08 => key(1, Chord::plain(KeyCode::Backspace)),
        0x00 => key(1, Chord::ctrl(' ')),
        0x01..=0x1a => key(1, Chord::ctrl(char::from(first - 1 + b'a'))),
        0x1c..=0x1f => key(1, Chord::ctrl(char::from(first - 0x1c + b'\\'))),
        0x20..=0x7e => key(1, Chord::char(char::from(first))),
        _ => character(bytes, first),
    }
}

/// One character of more than one byte.
fn character(bytes: &[u8], first: u8) -> Step {
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Skip(1),
    };
    let Some(whole) = bytes.get(..length) else {
        let rest_fits = bytes.iter().skip(1).all(|byte| byte & 0xc0 == 0x80);
        return if rest_fits { Step::Need } else { Step::Skip(1) };
    };
    match std::str::from_utf8(whole).ok().and_then(|text| text.chars().next()) {
        Some(c) => key(length, Chord::char(c)),
        None => Step::Skip(1),
    }
}

/// After `ESC O`: arrows and F1 to F4 in application mode.
fn ss3(rest: &[u8]) -> Step {
    match rest.first() {
        None => Step::Need,
        Some(b'M') => key(3, Chord::plain(KeyCode::Enter)),
        Some(&last) => named(3, last, &[]),
    }
}

/// After `ESC [`: parameters, intermediates, one final byte.
fn csi(rest: &[u8]) -> Step {
    if let [b'[', after @ ..] = rest {
        return linux_function_key(after);
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return Step::Need;
    };
    let (body, last) = (&rest[..end], rest[end]);
    let used = end + 3;
    match (body, last) {
        (_, last) if !(0x40..=0x7e).contains(&last) => Step::Skip(used - 1),
        ([], b'M') => old_mouse(&rest[1..]),
        ([], b'I') => Step::Event(used, Event::Focus(true)),
        ([], b'O') => Step::Event(used, Event::Focus(false)),
        ([b'<', body @ ..], b'M') => mouse(used, &numbers(body)),
        (body, last) => named(used, last, &numbers(body)),
    }
}

/// The Linux console sends `ESC [ [ A` to `E` for F1 to F5.
fn linux_function_key(after: &[u8]) -> Step {
    match after.first() {
        None => Step::Need,
        Some(c @ b'A'..=b'E') => key(4, Chord::plain(KeyCode::F(c - b'A' + 1))),
        Some(_) => Step::Skip(3),
    }
}

/// The numbers between semicolons, each with what follows its colon; 0 where nothing stands.
fn numbers(body: &[u8]) -> Vec<(u32, u32)> {
    let number = |text: &[u8]| {
        std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    body.split(|byte| *byte == b';')
        .map(|part| {
            let mut parts = part.split(|byte| *byte == b':');
            (parts.next().map_or(0, number), parts.next().map_or(0, number))
        })
        .collect()
}

/// A key named by its final byte or number, with modifiers in the second number.
fn named(used: usize, last: u8, numbers: &[(u32, u32)]) -> Step {
    let first = numbers.first().map_or(0, |number| number.0);
    let (mut modifiers, event) = numbers.get(1).copied().unwrap_or((1, 0));
    if event == 3 {
        return Step::Skip(used);
    }
    let code = match (last, first) {
        (b'A', _) => KeyCode::Up,
        (b'B', _) => KeyCode::Down,
        (b'C', _) => KeyCode::Right,
        (b'D', _) => KeyCode::Left,
        (b'H', _) => KeyCode::Home,
        (b'F', _) => KeyCode::End,
        (b'Z', _) => KeyCode::BackTab,
        (b'P' | b'Q' | b'R' | b'S', _) => KeyCode::F(last - b'P' + 1),
        (b'~', 200) => return Step::PasteStart(used),
        (b'~', 27) => {
            let code = numbers.get(2).map_or(0, |number| number.0);
            return coded(used, code, modifiers);
        }
        (b'~', number) => match tilde(number) {
            Some(code) => code,
            None => return Step::Skip(used),
        },
        (b'u', code) => return coded(used, code, modifiers),
        _ => return Step::Skip(used),
    };
    modifiers = modifiers.max(1) - 1;
    key(used, Chord { code, ctrl: modifiers & 4 != 0, alt: modifiers & 2 != 0 })
}

/// The keys that end in a tilde.
fn tilde(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(number - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(number - 11).ok()?),
        23..=24 => KeyCode::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}

/// A key sent as its character's number (xterm's modifyOtherKeys, `CSI u`).
fn coded(used: usize, code: u32, modifiers: u32) -> Step {
    let modifiers = modifiers.max(1) - 1;
    let (shift, alt, ctrl) = (modifiers & 1 != 0, modifiers & 2 != 0, modifiers & 4 != 0);
    let code = match (char::from_u32(code), shift) {
        (Some('\r'), _) => KeyCode::Enter,
        (Some('\t'), true) => KeyCode::BackTab,
        (Some('\t'), false) => KeyCode::Tab,
        (Some('\u{1b}'), _) => KeyCode::Esc,
        (Some('\u{7f}' | '\u{8}'), _) => KeyCode::Backspace,
        (Some(c), _) if c.is_control() => return Step::Skip(used),
        (Some(c), _) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        (Some(c), true) => KeyCode::Char(c.to_ascii_uppercase()),
        (Some(c), false) => KeyCode::Char(c),
        (None, _) => return Step::Skip(used),
    };
    key(used, Chord { code, ctrl, alt })
}

/// A click or the wheel in SGR form; releases and drags mean nothing here.
fn mouse(used: usize, numbers: &[(u32, u32)]) -> Step {
    let [(button, _), (column, _), (row, _)] = numbers else {
        return Step::Skip(used);
    };
    match mouse_event(*button, column.saturating_sub(1), row.saturating_sub(1)) {
        Some(event) => Step::Event(used, event),
        None => Step::Skip(used),
    }
}

/// The older form of three bytes, for terminals that do not know SGR.
fn old_mouse(rest: &[u8]) -> Step {
    let [button, column, row, ..] = rest else {
        return Step::Need;
    };
    let cell = |byte: &u8| u32::from(byte.saturating_sub(33));
    match mouse_event(u32::from(button.saturating_sub(32)), cell(column), cell(row)) {
        Some(event) => Step::Event(6, event),
        None => Step::Skip(6),
    }
}

fn mouse_event(button: u32, column: u32, row: u32) -> Option<Event> {
    // Bits 2 to 4 are Shift, Alt and Ctrl: the terminal keeps Shift for itself, the others change nothing.
    let kind = match button & !0b1_1100 {
        0 => MouseKind::Click,
        64 => MouseKind::ScrollUp,
        65 => MouseKind::ScrollDown,
        _ => return None,
    };
    let (column, row) = (u16::try_from(column).ok()?, u16::try_from(row).ok()?);
    Some(Event::Mouse { kind, column, row })
}
