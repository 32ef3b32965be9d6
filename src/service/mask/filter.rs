//! Finds where a form may begin without looking at every byte: of four bytes in a row at fixed distances it asks
//! whether they occur near the start of any form. Tells no form from another, and may be wrong, but never misses one.

use super::forms::Form;

/// How many bytes are looked at in one place; no form is shorter.
const GRAM: usize = 4;
/// How much of a form's start is known at the most. More makes the distances longer and the tables larger.
const LONGEST: usize = 16;
/// How many times as many bits as entries a table has, so that few others are taken for them.
const SPARE: usize = 64;

/// The tables.
pub struct Filter {
    /// How many first bytes of each form are known: of the shortest all, if they are few.
    known: usize,
    /// Four bytes anywhere in these.
    inside: Table,
    /// The first four.
    first: Table,
}

impl Filter {
    /// For these forms, none of them shorter than four bytes.
    pub fn new(forms: &[Form]) -> Self {
        let shortest = forms.iter().map(|form| form.len()).min().unwrap_or(LONGEST);
        let known = shortest.clamp(GRAM, LONGEST);
        let mut inside = Table::for_entries(forms.len() * (known - GRAM + 1));
        let mut first = Table::for_entries(forms.len());
        for form in forms {
            let start = form.get(..known).unwrap_or(form);
            start.windows(GRAM).for_each(|gram| inside.add(gram));
            start.get(..GRAM).into_iter().for_each(|gram| first.add(gram));
        }
        Self { known, inside, first }
    }

    /// How many bytes have to follow a place for a form that begins there to be found.
    pub fn known(&self) -> usize {
        self.known
    }

    /// The first place from `from` on where a form may begin. Whatever begins at a place has one of the bytes
    /// looked at among those known of it, because these reach from one such place to the next.
    pub fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let step = self.known - GRAM + 1;
        let mut at = from.next_multiple_of(step);
        while let Some(gram) = bytes.get(at..at + GRAM) {
            if self.inside.has(gram) {
                let mut start = from.max((at + 1).saturating_sub(step));
                while let Some(gram) = bytes.get(start..start + GRAM).filter(|_| start <= at) {
                    if self.first.has(gram) {
                        return Some(start);
                    }
                    start += 1;
                }
            }
            at += step;
        }
        None
    }
}

/// A set of four bytes in a row, by one bit for many of them.
struct Table {
    bits: Vec<u64>,
    shift: u32,
}

impl Table {
    fn for_entries(entries: usize) -> Self {
        let bits = (entries * SPARE).next_power_of_two().clamp(1 << 12, 1 << 26);
        Self { bits: vec![0; bits / 64], shift: 32 - bits.trailing_zeros() }
    }

    fn add(&mut self, gram: &[u8]) {
        let (word, bit) = self.place(gram);
        self.bits.get_mut(word).into_iter().for_each(|word| *word |= 1 << bit);
    }

    /// Every thirteenth byte of the output comes by here, and the release is built for size.
    #[inline(always)]
    fn has(&self, gram: &[u8]) -> bool {
        let (word, bit) = self.place(gram);
        self.bits.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4).
    #[inline(always)]
    fn place(&self, gram: &[u8]) -> (usize, u32) {
        let gram = gram.first_chunk().copied().map_or(0, u32::from_le_bytes);
        let hash = gram.wrapping_mul(0x9e37_79b1) >> self.shift;
        (usize::try_from(hash >> 6).unwrap_or(0), hash & 63)
    }
}
