//! The list of keys on the browse screen: which secrets, which is selected. Holds indices, never copies.

use std::ops::Range;

use crate::service::search::SearchHit;

/// Which secrets of the listing the list shows, in order.
#[derive(Debug)]
pub enum Rows {
    /// Those of a scope: index ranges of the sorted listing.
    Ranges(Vec<Range<u32>>),
    /// Those a search found, best first, with the positions to highlight.
    Hits(Vec<SearchHit>),
}

/// The list and what is selected in it.
#[derive(Debug)]
pub struct KeyList {
    /// Which secrets.
    pub rows: Rows,
    /// The number of rows, kept so that moving costs nothing.
    pub len: usize,
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub offset: usize,
    /// Whether rows belong to more than one scope, so that the scope is worth a column.
    pub mixed: bool,
}

impl KeyList {
    /// The index into the listing of the row `at`.
    pub fn index(&self, at: usize) -> Option<usize> {
        match &self.rows {
            Rows::Hits(hits) => hits.get(at).map(|hit| hit.index as usize),
            Rows::Ranges(ranges) => {
                let mut left = at;
                for range in ranges {
                    if left < range.len() {
                        return Some(range.start as usize + left);
                    }
                    left -= range.len();
                }
                None
            }
        }
    }

    /// Shows the secrets of those ranges, from the first.
    pub(super) fn show_ranges(&mut self, ranges: Vec<Range<u32>>, mixed: bool) {
        self.len = ranges.iter().map(ExactSizeIterator::len).sum();
        self.rows = Rows::Ranges(ranges);
        (self.selected, self.offset, self.mixed) = (0, 0, mixed);
    }

    /// Shows what a search found, best first.
    pub(super) fn show_hits(&mut self, hits: Vec<SearchHit>) {
        self.len = hits.len();
        self.rows = Rows::Hits(hits);
        (self.selected, self.offset, self.mixed) = (0, 0, true);
    }

    /// The row of the listing's index `wanted`: at once for ranges, by looking through hits.
    pub(super) fn row_of(&self, wanted: usize) -> Option<usize> {
        match &self.rows {
            Rows::Hits(hits) => hits.iter().position(|hit| hit.index as usize == wanted),
            Rows::Ranges(ranges) => {
                let mut before = 0;
                for range in ranges {
                    if (range.start as usize..range.end as usize).contains(&wanted) {
                        return Some(before + wanted - range.start as usize);
                    }
                    before += range.len();
                }
                None
            }
        }
    }

    /// Character positions in `scope/key` that the search matched; empty without a search.
    pub fn positions(&self, at: usize) -> &[u32] {
        match &self.rows {
            Rows::Hits(hits) => hits.get(at).map_or(&[], |hit| &hit.positions),
            Rows::Ranges(_) => &[],
        }
    }
}

impl Default for KeyList {
    fn default() -> Self {
        Self { rows: Rows::Ranges(Vec::new()), len: 0, selected: 0, offset: 0, mixed: false }
    }
}
