//! Control sequences of terminals around a place in a stream (ECMA-48), so that none is cut in half. Knows the
//! shape of sequences, not their meaning. What a string such as a title holds is text to it.

/// The longest sequence that is recognised: the longest in use set two colours and take thirty bytes.
pub const LONGEST: usize = 64;

const ESCAPE: u8 = 0x1b;

/// Where the sequence ends that `bytes[at]` is inside of, or `at` when it is in none. `before` is what came ahead
/// of `bytes`.
pub fn end(before: &[u8], bytes: &[u8], at: usize) -> usize {
    match state(before, bytes, at) {
        State::Text => at,
        State::Escape => after_escape(bytes, at),
        State::Control => after(bytes, at, 0x20..=0x3f),
        State::Intermediate => after(bytes, at, 0x20..=0x2f),
    }
}

/// What the byte at a place continues.
enum State {
    Text,
    /// ESC came right before.
    Escape,
    /// `ESC [` and parameters.
    Control,
    /// ESC and intermediate bytes, as in `ESC ( B`.
    Intermediate,
}

fn state(before: &[u8], bytes: &[u8], at: usize) -> State {
    let head = bytes.get(..at).unwrap_or_default();
    let mut back = head.iter().rev().chain(before.iter().rev()).copied().take(LONGEST);
    let (mut any, mut parameters) = (false, false);
    loop {
        match back.next() {
            Some(ESCAPE) if !any => return State::Escape,
            Some(ESCAPE) if !parameters => return State::Intermediate,
            Some(b'[') if back.next() == Some(ESCAPE) => return State::Control,
            Some(byte @ 0x20..=0x3f) => {
                any = true;
                parameters |= byte >= 0x30;
            }
            _ => return State::Text,
        }
    }
}

/// The end of a sequence whose ESC came right before.
fn after_escape(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'[') => after(bytes, at + 1, 0x20..=0x3f),
        _ => after(bytes, at, 0x20..=0x2f),
    }
}

/// The end of a sequence that goes on with some of these bytes and one final.
fn after(bytes: &[u8], at: usize, goes_on: std::ops::RangeInclusive<u8>) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let last = at + rest.iter().take_while(|byte| goes_on.contains(byte)).count();
    match bytes.get(last) {
        // A control character or the start of another sequence is no final byte: this one was broken off.
        Some(0x30..=0x7e) | None => (last + 1).min(bytes.len()),
        Some(_) => last,
    }
}
