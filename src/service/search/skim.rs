//! Skim's algorithm as a pure function of name and word.
//!
//! The matcher of `fuzzy-matcher` 0.3.7 keeps its matrix from one call to the next and resets only
//! a part of it: a bonus left behind by an earlier name can raise the score of a later one
//! (`build_score_matrix` reads the `bonus` of a matched cell before it was written). Without its
//! cache it panics, and one matcher a name takes twice the time. So its matrix is cut before each
//! call.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// A matcher that remembers nothing that counts.
#[derive(Default)]
pub(super) struct Skim(SkimMatcherV2);

impl Skim {
    /// The score of `word` in `name`, or `None` where its characters do not come in this order.
    pub(super) fn score(&self, name: &str, word: &str) -> Option<i64> {
        self.cut();
        self.0.fuzzy_match(name, word)
    }

    /// The characters of `name` that `word` was matched with, ascending.
    pub(super) fn positions(&self, name: &str, word: &str) -> Option<Vec<usize>> {
        self.cut();
        self.0.fuzzy_indices(name, word).map(|(_, places)| places)
    }

    /// Leaves a matrix of two rows and two columns. The next call grows it by empty cells, and
    /// resets the old ones itself: they lie in its first row where the name has three characters,
    /// and the shortest, `global/k`, has eight.
    fn cut(&self) {
        self.0.fuzzy_match("a", "a");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_matched_before_changes_nothing(
            before in proptest::collection::vec(("[abA/_]{3,24}", "[ab]{1,5}"), 1..8),
            name in "[abA/_]{3,24}",
            word in "[ab]{1,5}",
        ) {
            let used = Skim::default();
            for (name, word) in before {
                used.score(&name, &word);
                used.positions(&name, &word);
            }
            prop_assert_eq!(used.score(&name, &word), Skim::default().score(&name, &word));
            prop_assert_eq!(used.positions(&name, &word), Skim::default().positions(&name, &word));
        }
    }
}
