//! Ranks names by a fuzzy query. Pure computation; the shell runs it on a worker.
//!
//! What is typed is split at spaces, and every word must match: as a subsequence of `scope/key`,
//! scored by skim's algorithm, or more weakly as a part of a tag, the username or the URL. A word
//! with a capital letter minds case, others do not. Notes and values are never looked at.

mod haystack;
mod skim;

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::vault::SecretSummary;
use haystack::{Haystack, Word};
use skim::Skim;

/// Hits with match positions: more than any screen shows at once.
const WITH_POSITIONS: usize = 200;
/// Characters of a query that are looked at; the rest is ignored.
const MAX_QUERY: usize = 128;
/// Rows between two looks at whether the answer is still wanted (about 1 ms).
const ROWS_PER_LOOK: usize = 1_000;
/// Rows that are scored by skim (about 1 µs each). Where a query of two or three letters matches
/// more, all are ranked by the best place the letters stand together instead (0.1 µs).
const FINE_ROWS: usize = 5_000;

/// What to search.
#[derive(Clone)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// The secrets of the current listing.
    pub secrets: Arc<Vec<SecretSummary>>,
}

/// The ranked result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchHits {
    /// Best first.
    pub hits: Vec<SearchHit>,
}

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// Index into the searched secrets.
    pub index: u32,
    /// Character positions matched in `scope/key`, ascending; computed for the first 200 hits.
    pub positions: Box<[u32]>,
}

/// Searches one listing after the other, and remembers what narrows the next keystroke.
pub struct SearchEngine {
    skim: Skim,
    prepared: Option<Prepared>,
}

/// A listing made ready to be searched.
struct Prepared {
    secrets: Arc<Vec<SecretSummary>>,
    haystack: Haystack,
    /// The last finished query and the rows that matched it, in listing order.
    last: Option<(String, Vec<u32>)>,
}

impl Default for SearchEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl SearchEngine {
    /// An engine that has seen nothing yet.
    pub fn new() -> Self {
        Self { skim: Skim::default(), prepared: None }
    }

    /// Drops what is remembered of the last listing, for instance on lock.
    pub fn forget(&mut self) {
        self.prepared = None;
    }

    /// Ranks all matches: by score, then the shorter name, then in listing order. An empty query
    /// matches everything in listing order.
    ///
    /// `unwanted` is asked every thousand rows; once it says true the search ends with `None`.
    pub fn search(
        &mut self,
        query: &SearchQuery,
        unwanted: &dyn Fn() -> bool,
    ) -> Option<SearchHits> {
        let text: String = query.text.nfc().take(MAX_QUERY).collect();
        let words: Vec<Word> = text.split_whitespace().map(Word::new).collect();
        if words.is_empty() {
            return Some(everything(query.secrets.len()));
        }
        let Self { skim, prepared } = self;
        if !prepared.as_ref().is_some_and(|p| Arc::ptr_eq(&p.secrets, &query.secrets)) {
            *prepared = None;
        }
        let prepared = prepared.get_or_insert_with(|| Prepared {
            secrets: Arc::clone(&query.secrets),
            haystack: Haystack::new(&query.secrets),
            last: None,
        });
        let ranked = prepared.rank(skim, &text, &words, unwanted)?;
        Some(SearchHits { hits: prepared.hits(skim, &words, &ranked) })
    }
}

/// All rows as they stand.
fn everything(count: usize) -> SearchHits {
    let hit = |index| SearchHit { index, positions: Box::default() };
    SearchHits { hits: (0..u32::try_from(count).unwrap_or(u32::MAX)).map(hit).collect() }
}

impl Prepared {
    /// The matching rows, best first, each packed with its rank.
    fn rank(
        &mut self,
        skim: &Skim,
        text: &str,
        words: &[Word],
        unwanted: &dyn Fn() -> bool,
    ) -> Option<Vec<u64>> {
        // Whatever matches a longer query also matched the shorter one it begins with.
        let narrowed = self.last.take().filter(|(before, _)| text.starts_with(before.as_str()));
        let likely = match narrowed {
            Some((_, rows)) => self.likely(words, rows.into_iter(), unwanted)?,
            None => self.likely(words, self.haystack.rows(), unwanted)?,
        };
        let rough = likely.len() > FINE_ROWS;
        let mut ranked = Vec::with_capacity(likely.len());
        for (place, row) in likely.into_iter().enumerate() {
            if place % ROWS_PER_LOOK == 0 && unwanted() {
                return None;
            }
            if let Some(score) = self.score(skim, words, row, rough) {
                ranked.push(pack(score, self.haystack.name(row).len(), row));
            }
        }
        self.last = Some((text.to_owned(), ranked.iter().map(|rank| row_of(*rank)).collect()));
        ranked.sort_unstable();
        Some(ranked)
    }

    /// The rows that pass the cheap tests.
    fn likely(
        &self,
        words: &[Word],
        rows: impl Iterator<Item = u32>,
        unwanted: &dyn Fn() -> bool,
    ) -> Option<Vec<u32>> {
        let mut likely = Vec::new();
        for (place, row) in rows.enumerate() {
            if place % ROWS_PER_LOOK == 0 && unwanted() {
                return None;
            }
            let matches = |word| {
                self.haystack.may_match_name(row, word) || self.haystack.may_match_rest(row, word)
            };
            if words.iter().all(matches) {
                likely.push(row);
            }
        }
        Some(likely)
    }

    /// The sum of every word's better score, or `None` when one does not match at all.
    fn score(&self, skim: &Skim, words: &[Word], row: u32, rough: bool) -> Option<i64> {
        words.iter().try_fold(0, |sum, word| {
            let name = self.haystack.may_match_name(row, word).then(|| {
                let name = self.haystack.name(row);
                match word.is_letter() || (rough && word.is_ascii()) {
                    true => Some(haystack::score_roughly(name, word)),
                    false => skim.score(name, word.text()),
                }
            });
            let rest = self
                .haystack
                .may_match_rest(row, word)
                .then(|| haystack::score_rest(&self.secrets[row as usize], word));
            // `None` is less than any score.
            Some(sum + name.flatten().max(rest.flatten())?)
        })
    }

    /// The rows unpacked, the first with the characters that matched.
    fn hits(&self, skim: &Skim, words: &[Word], ranked: &[u64]) -> Vec<SearchHit> {
        let hit = |(place, rank): (usize, &u64)| {
            let index = row_of(*rank);
            let positions = match place {
                0..WITH_POSITIONS => self.positions(skim, words, index),
                _ => Box::default(),
            };
            SearchHit { index, positions }
        };
        ranked.iter().enumerate().map(hit).collect()
    }

    fn positions(&self, skim: &Skim, words: &[Word], row: u32) -> Box<[u32]> {
        let name = self.haystack.name(row);
        let mut all: Vec<usize> = words
            .iter()
            .flat_map(|word| match word.is_letter() {
                true => haystack::best_run(name, word)
                    .and_then(|(_, place)| Some(vec![name.get(..place)?.chars().count()])),
                false => skim.positions(name, word.text()),
            })
            .flatten()
            .collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().filter_map(|position| u32::try_from(position).ok()).collect()
    }
}

/// Packs what decides the order into one number: higher score, shorter name, listing order.
fn pack(score: i64, length: usize, row: u32) -> u64 {
    const HALF: i64 = 1 << 19;
    let score = u64::try_from(HALF - score.clamp(1 - HALF, HALF - 1)).unwrap_or(0);
    let length = u64::try_from(length.min(0xfff)).unwrap_or(0xfff);
    score << 44 | length << 32 | u64::from(row)
}

/// The row at the low end of a packed rank.
fn row_of(rank: u64) -> u32 {
    (rank & u64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests;
