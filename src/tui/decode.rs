//! Turns the bytes a terminal sends into events. Reads nothing itself and knows no time.
//!
//! Written here because the usual readers keep pasted text in buffers they never wipe: every byte that passes
//! through this decoder is overwritten once its event has been made.

use zeroize::Zeroize;

use super::keys::{Step, step};
use crate::app::Event;
use crate::vault::SensitiveBytes;
use crate::vault::secret::MAX_MAX_VALUE;

/// What ends a bracketed paste (xterm control sequences, "Bracketed Paste Mode").
const PASTE_END: &[u8] = b"\x1b[201~";
/// The longest paste that is kept; one byte more than any vault takes, so that it is refused as too
/// long and never shortened silently.
const MAX_PASTE: usize = MAX_MAX_VALUE as usize + 1;
/// Longer than any sequence known here: what grows past it is dropped.
const MAX_SEQUENCE: usize = 64;

/// Bytes in, events out; keeps what is not yet complete.
#[derive(Default)]
pub struct Decoder {
    /// The start of a sequence or of a character, at most [`MAX_SEQUENCE`] bytes.
    pending: Vec<u8>,
    paste: Option<Paste>,
}

impl Decoder {
    /// A decoder at the start of a sequence.
    pub fn new() -> Self {
        Self { pending: Vec::with_capacity(MAX_SEQUENCE), paste: None }
    }

    /// Takes `bytes` and appends the events they complete to `events`.
    ///
    /// A terminal sends a key in one piece, but slow lines cut sequences. So Escape at the end of one
    /// piece begins a sequence only if the next piece goes on like one: Escape and a character that come
    /// apart are two keys, together they are one with Alt.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        if self.pending == [0x1b] && !matches!(bytes, [] | [b'[' | b'O', ..]) {
            self.settle(events);
        }
        for &byte in bytes {
            if let Some(paste) = &mut self.paste {
                if paste.push(byte) {
                    self.end_paste(events);
                }
            } else {
                self.pending.push(byte);
                self.advance(false, events);
            }
        }
    }

    /// Whether more bytes may change the meaning of what came last: Escape, or the start of a sequence.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a paste has begun and not ended.
    pub fn is_pasting(&self) -> bool {
        self.paste.is_some()
    }

    /// Says that nothing more follows for now: a lone Escape is the key, a paste without end is over.
    pub fn settle(&mut self, events: &mut Vec<Event>) {
        if self.paste.is_some() {
            self.end_paste(events);
        }
        while !self.pending.is_empty() {
            self.advance(true, events);
        }
    }

    fn end_paste(&mut self, events: &mut Vec<Event>) {
        if let Some(paste) = self.paste.take() {
            events.push(Event::Paste(paste.finish()));
        }
    }

    /// Reads as many steps from `pending` as are complete; with `last`, at least one.
    fn advance(&mut self, last: bool, events: &mut Vec<Event>) {
        while !self.pending.is_empty() {
            let used = match step(&self.pending, last) {
                Step::Need if self.pending.len() >= MAX_SEQUENCE => self.pending.len(),
                Step::Need => return,
                Step::Skip(used) => used,
                Step::Event(used, event) => {
                    events.push(event);
                    used
                }
                Step::PasteStart(used) => {
                    self.paste = Some(Paste::default());
                    used
                }
            };
            self.consume(used.max(1));
            if last {
                return;
            }
        }
    }

    fn consume(&mut self, used: usize) {
        let used = used.min(self.pending.len());
        self.pending.rotate_left(used);
        let kept = self.pending.len() - used;
        self.pending[kept..].zeroize();
        self.pending.truncate(kept);
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.pending.zeroize();
    }
}

/// A paste under way; its buffers are wiped whenever they are given up.
#[derive(Default)]
struct Paste {
    text: Vec<u8>,
    /// How many bytes of [`PASTE_END`] have been seen.
    matched: usize,
    after_return: bool,
}

impl Paste {
    /// Takes one byte; true when it was the last of the end mark.
    fn push(&mut self, byte: u8) -> bool {
        if byte == PASTE_END[self.matched] {
            self.matched += 1;
            return self.matched == PASTE_END.len();
        }
        let matched = std::mem::take(&mut self.matched);
        for &held in &PASTE_END[..matched] {
            self.keep(held);
        }
        if byte == PASTE_END[0] {
            self.matched = 1;
        } else {
            self.keep(byte);
        }
        false
    }

    /// Keeps one byte. Terminals send line ends as returns: they become the newlines they were.
    fn keep(&mut self, byte: u8) {
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        match byte {
            b'\n' if after_return => {}
            b'\r' => self.append(b'\n'),
            byte => self.append(byte),
        }
    }

    fn append(&mut self, byte: u8) {
        if self.text.len() >= MAX_PASTE {
            return;
        }
        if self.text.len() == self.text.capacity() {
            let mut larger = Vec::with_capacity((self.text.capacity() * 2).max(256));
            larger.extend_from_slice(&self.text);
            self.text.zeroize();
            self.text = larger;
        }
        self.text.push(byte);
    }

    fn finish(mut self) -> SensitiveBytes {
        SensitiveBytes::new(std::mem::take(&mut self.text))
    }
}

impl Drop for Paste {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::app::MouseKind;

    /// The events of `bytes`, written as words, the input fed in pieces of `size`.
    fn read(bytes: &[u8], size: usize) -> Vec<String> {
        let (mut decoder, mut events) = (Decoder::new(), Vec::new());
        for piece in bytes.chunks(size) {
            decoder.feed(piece, &mut events);
        }
        decoder.settle(&mut events);
        assert!(!decoder.is_waiting() && !decoder.is_pasting());
        events.iter().map(word).collect()
    }

    fn word(event: &Event) -> String {
        match event {
            Event::Key(chord) => chord.to_string(),
            Event::Paste(text) => text.with(|b| format!("paste {}", String::from_utf8_lossy(b))),
            Event::Mouse { kind: MouseKind::Click, column, row } => format!("click {column},{row}"),
            Event::Mouse { kind: MouseKind::ScrollUp, .. } => "wheel up".into(),
            Event::Mouse { kind: MouseKind::ScrollDown, .. } => "wheel down".into(),
            Event::Focus(gained) => format!("focus {gained}"),
            _ => "another event".into(),
        }
    }

    #[test]
    fn keys_mean_the_same_however_the_bytes_are_cut() {
        let cases: [(&[u8], &[&str]); 21] = [
            (b"aG?", &["a", "G", "?"]),
            ("é日🦀".as_bytes(), &["é", "日", "🦀"]),
            (b"\r\t\x7f ", &["enter", "tab", "backspace", "space"]),
            (b"\x03\x0c\x00\x1f", &["ctrl-c", "ctrl-l", "ctrl-space", "ctrl-_"]),
            (b"\x08", &["backspace"]),
            (b"\x1b", &["esc"]),
            (b"\x1b\x1b", &["esc", "esc"]),
            (b"\x1b[A\x1bOB", &["up", "down"]),
            (b"\x1b[1;5C\x1b[1;3D", &["ctrl-right", "alt-left"]),
            (b"\x1b[Z", &["shift-tab"]),
            (b"\x1b[1~\x1b[4~\x1b[H\x1b[F", &["home", "end", "home", "end"]),
            (b"\x1b[5~\x1b[6~\x1b[2~\x1b[3~", &["pageup", "pagedown", "insert", "delete"]),
            (b"\x1bOP\x1b[15~\x1b[24~\x1b[[B", &["f1", "f5", "f12", "f2"]),
            (b"\x1b[108;5u\x1b[76;6u", &["ctrl-l", "ctrl-l"]),
            (b"\x1b[27;5;46~", &["ctrl-."]),
            (b"\x1b[97;1:3u", &[]),
            (b"\x1b[I\x1b[O", &["focus true", "focus false"]),
            (
                b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M\x1b[<65;1;1M",
                &["click 2,3", "wheel up", "wheel down"],
            ),
            (b"\x1b[M !\"x", &["click 0,1", "x"]),
            (b"\x1b[?1;2cq", &["q"]),
            (b"\x1b[", &["alt-["]),
        ];
        for (bytes, expected) in cases {
            for size in [1, 2, 3, 1024] {
                assert_eq!(read(bytes, size), expected, "{bytes:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn escape_and_a_character_are_one_key_only_together() {
        assert_eq!(read(b"\x1bx\x1b\r", 2), ["alt-x", "alt-enter"]);
        assert_eq!(read(b"\x1bx\x1b\r", 1), ["esc", "x", "esc", "enter"]);
    }

    #[test]
    fn a_paste_is_one_event_and_never_a_key() {
        let bytes = b"\x1b[200~line\r\nq\rdd\n\x1b[20\x1b[201~x";
        for size in [1, 2, 5, 1024] {
            assert_eq!(read(bytes, size), ["paste line\nq\ndd\n\x1b[20", "x"]);
        }
    }

    #[test]
    fn a_paste_without_an_end_is_over_when_nothing_follows() {
        assert_eq!(read(b"\x1b[200~abc", 1024), ["paste abc"]);
    }

    #[test]
    fn a_paste_longer_than_any_value_is_kept_one_byte_too_long() {
        let mut bytes = b"\x1b[200~".to_vec();
        bytes.resize(bytes.len() + MAX_PASTE + 5000, b'x');
        bytes.extend_from_slice(b"\x1b[201~q");
        let (mut decoder, mut events) = (Decoder::new(), Vec::new());
        decoder.feed(&bytes, &mut events);
        let [Event::Paste(text), Event::Key(_)] = events.as_slice() else {
            panic!("not a paste and a key");
        };
        assert_eq!(text.len(), MAX_PASTE);
    }

    #[test]
    fn nothing_the_terminal_sends_is_more_than_dropped() {
        for bytes in [
            b"\xff\xfe".as_slice(),
            b"\xc3(",
            b"\x1b[\xff",
            b"\x1b[999999999999999999;9~",
            b"\x1b[<;M",
            b"\x1b[<99999;99999;99999M",
            b"\x1b]0;title\x07",
            b"\x1bP1$r\x1b\\",
            &[b';'; 500],
            &[0x1b; 500],
        ] {
            for size in [1, 7, 1024] {
                read(bytes, size);
            }
        }
        let long = [b"\x1b[".as_slice(), &[b'1'; 500]].concat();
        assert!(read(&long, 1024).len() <= 500);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_pieces_come_to_an_end(bytes: Vec<u8>, size in 1_usize..64) {
            // Dense in what begins sequences, so that more than keys come out.
            let dense = bytes.iter().map(|byte| match byte % 8 {
                0 => 0x1b,
                1 => b'[',
                2 => b"0123456789;<:~MuIO"[usize::from(byte / 8) % 18],
                _ => *byte,
            });
            read(&dense.collect::<Vec<u8>>(), size);
            read(&bytes, size);
        }
    }

    #[test]
    fn only_a_whole_event_ends_the_waiting() {
        let (mut decoder, mut events) = (Decoder::new(), Vec::new());
        decoder.feed(b"\x1b[1;5", &mut events);
        assert!(decoder.is_waiting() && events.is_empty());
        decoder.feed(b"A", &mut events);
        assert!(!decoder.is_waiting());
        assert_eq!(events.len(), 1);
    }
}
