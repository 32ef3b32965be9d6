//! Which line a place in a file is on. Reads nothing.

/// Counts lines of one file, from 1; places are asked for in rising order.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    place: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    /// The lines of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0, line: 1 }
    }

    /// The line on which `part`, a piece of the same file, begins; 1 for anything else.
    pub(super) fn of(&mut self, part: &[u8]) -> usize {
        let begin = self.bytes.as_ptr() as usize;
        let place = (part.as_ptr() as usize).wrapping_sub(begin);
        if place < self.place {
            (self.place, self.line) = (0, 1);
        }
        let passed = self.bytes.get(self.place..place).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.place = place.min(self.bytes.len());
        self.line
    }
}
