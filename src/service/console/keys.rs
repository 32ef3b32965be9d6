//! What one record of a console's keyboard is in bytes. Reads nothing itself.

use crossterm_winapi::KeyEventRecord;
use zeroize::Zeroizing;

/// `VK_MENU`: the Alt key, whose release gives the character whose number was typed with it.
const ALT: u16 = 0x12;

/// What counts of a record.
#[derive(Clone, Copy)]
pub struct Key {
    down: bool,
    code: u16,
    unit: u16,
    times: u16,
}

impl From<&KeyEventRecord> for Key {
    fn from(record: &KeyEventRecord) -> Self {
        Self {
            down: record.key_down,
            code: record.virtual_key_code,
            unit: record.u_char,
            times: record.repeat_count,
        }
    }
}

/// Turns records into UTF-8; keeps the first half of a pair of surrogates.
#[derive(Default)]
pub struct Units {
    half: Option<u16>,
}

impl Units {
    /// The bytes of a record: of a key that is pressed or held, not of one that is let go.
    pub fn bytes(&mut self, key: Key) -> Zeroizing<Vec<u8>> {
        let counts = key.down || (key.code == ALT && key.unit != 0);
        let mut bytes = Zeroizing::new(Vec::new());
        if !counts {
            return bytes;
        }
        let mut buffer = Zeroizing::new([0; 4]);
        let one = match key.unit {
            0 => sequence(key.code).unwrap_or_default(),
            unit => match self.character(unit) {
                Some(character) => character.encode_utf8(&mut *buffer).as_bytes(),
                None => return bytes,
            },
        };
        let times = usize::from(key.times.max(1));
        bytes.reserve_exact(one.len() * times);
        (0..times).for_each(|_| bytes.extend_from_slice(one));
        bytes
    }

    fn character(&mut self, unit: u16) -> Option<char> {
        let pair = [self.half.take().unwrap_or(unit), unit];
        match unit {
            0xD800..=0xDBFF => {
                self.half = Some(unit);
                None
            }
            0xDC00..=0xDFFF => char::decode_utf16(pair).next()?.ok(),
            _ => char::from_u32(u32::from(unit)),
        }
    }
}

/// The sequence of a key without a character (Virtual-Key Codes), on a console that sends none itself.
fn sequence(virtual_key: u16) -> Option<&'static [u8]> {
    Some(match virtual_key {
        0x21 => b"\x1b[5~",
        0x22 => b"\x1b[6~",
        0x23 => b"\x1b[F",
        0x24 => b"\x1b[H",
        0x25 => b"\x1b[D",
        0x26 => b"\x1b[A",
        0x27 => b"\x1b[C",
        0x28 => b"\x1b[B",
        0x2D => b"\x1b[2~",
        0x2E => b"\x1b[3~",
        0x70 => b"\x1bOP",
        0x71 => b"\x1bOQ",
        0x72 => b"\x1bOR",
        0x73 => b"\x1bOS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(down: bool, code: u16, unit: u16, times: u16) -> Key {
        Key { down, code, unit, times }
    }

    fn typed(records: &[Key]) -> Vec<u8> {
        let mut units = Units::default();
        records.iter().flat_map(|record| units.bytes(*record).to_vec()).collect()
    }

    #[test]
    fn a_key_is_its_character_as_often_as_it_is_held_and_nothing_when_let_go() {
        assert_eq!(typed(&[key(true, 0x41, 97, 1), key(false, 0x41, 97, 1)]), b"a");
        assert_eq!(typed(&[key(true, 0x41, 97, 3)]), b"aaa");
        assert_eq!(typed(&[key(true, 0x10, 0, 1), key(true, 0x0D, 13, 1)]), b"\r");
        assert_eq!(typed(&[key(false, ALT, 233, 1)]), "é".as_bytes());
        assert_eq!(typed(&[key(false, ALT, 0, 1)]), b"");
    }

    #[test]
    fn surrogates_are_one_character_and_half_a_pair_is_none() {
        let pair: Vec<u16> = "🦀".encode_utf16().collect();
        let [first, second] = [key(true, 0, pair[0], 1), key(true, 0, pair[1], 1)];
        assert_eq!(typed(&[first, second]), "🦀".as_bytes());
        assert_eq!(typed(&[second, first, key(true, 0x41, 97, 1)]), b"a");
    }

    #[test]
    fn a_key_without_a_character_is_its_sequence() {
        assert_eq!(typed(&[key(true, 0x26, 0, 1), key(true, 0x28, 0, 2)]), b"\x1b[A\x1b[B\x1b[B");
        assert_eq!(typed(&[key(false, 0x26, 0, 1)]), b"");
    }
}
