//! What can be found wrong with a journal, and how it is said. Finds nothing itself.

use std::fmt;

use crate::vault::doctor::Severity;
use crate::vault::secret::Timestamp;

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Whether the owner has accepted it since, with a restored vault.
    pub accepted: bool,
}

/// What can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingKind {
    /// There is no journal, although a commit pinned one.
    Missing {
        /// The record that was pinned.
        pinned: u64,
    },
    /// It ends before the record that the last commit pinned.
    Truncated {
        /// Its last record.
        last: u64,
        /// The record that was pinned.
        pinned: u64,
    },
    /// The record that the last commit pinned is another one.
    Replaced {
        /// Its number.
        pinned: u64,
    },
    /// The beginning of the file was altered.
    Beginning,
    /// Bytes behind that record are not what was written.
    Altered {
        /// The last record before them.
        after: u64,
    },
    /// Records are not there.
    Gap {
        /// The first one.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// A record stands where it does not belong, or once more.
    OutOfOrder {
        /// Its number.
        sequence: u64,
    },
    /// A record was not written after the one that stands before it.
    Unchained {
        /// Its number.
        sequence: u64,
    },
    /// A writer has found the journal broken before.
    Noticed {
        /// The record that says so.
        sequence: u64,
        /// When.
        at: Timestamp,
        /// What it found.
        why: String,
    },
    /// Something was wrong with records that were dropped since, the oldest first.
    DroppedBroken,
    /// The end of a record that was cut off while it was written; harmless.
    Torn {
        /// How many bytes.
        bytes: usize,
    },
    /// A clock went backwards between two records.
    ClockBack {
        /// The later record.
        sequence: u64,
        /// What the clock said before.
        from: Timestamp,
        /// What it said then.
        to: Timestamp,
    },
    /// The oldest records were dropped, as they are when the file is full.
    Dropped {
        /// The last one that was dropped.
        up_to: u64,
    },
    /// A newer tresor wrote a record that this one cannot read.
    Unknown {
        /// Its number.
        sequence: u64,
    },
}

impl Finding {
    pub(super) fn new(kind: FindingKind) -> Self {
        Self { kind, accepted: false }
    }

    /// The owner has seen it, and goes on from here.
    pub(super) fn accept(&mut self) {
        self.accepted = self.kind.is_loss();
    }

    /// How much it matters; what was accepted is only worth knowing.
    pub fn severity(&self) -> Severity {
        match self.accepted || !self.kind.is_loss() {
            true => Severity::Note,
            false => Severity::Problem,
        }
    }
}

impl FindingKind {
    /// Whether it says that records were lost or tampered with.
    fn is_loss(&self) -> bool {
        use FindingKind as F;
        match self {
            F::Missing { .. }
            | F::Truncated { .. }
            | F::Replaced { .. }
            | F::Beginning
            | F::Altered { .. }
            | F::Gap { .. }
            | F::OutOfOrder { .. }
            | F::Unchained { .. }
            | F::Noticed { .. }
            | F::DroppedBroken => true,
            F::Torn { .. } | F::ClockBack { .. } | F::Dropped { .. } | F::Unknown { .. } => false,
        }
    }

    /// A stable word for programs.
    pub fn word(&self) -> &'static str {
        use FindingKind as F;
        match self {
            F::Missing { .. } => "missing",
            F::Truncated { .. } => "truncated",
            F::Replaced { .. } => "replaced",
            F::Beginning => "beginning",
            F::Altered { .. } => "altered",
            F::Gap { .. } => "gap",
            F::OutOfOrder { .. } => "out_of_order",
            F::Unchained { .. } => "unchained",
            F::Noticed { .. } => "noticed",
            F::DroppedBroken => "dropped_broken",
            F::Torn { .. } => "torn",
            F::ClockBack { .. } => "clock_back",
            F::Dropped { .. } => "dropped",
            F::Unknown { .. } => "unknown",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match self.accepted {
            true => f.write_str(" (accepted since)"),
            false => Ok(()),
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use FindingKind as F;
        match self {
            F::Missing { pinned } => {
                write!(f, "it is missing; the last change saw records up to {pinned}")
            }
            F::Truncated { last, pinned } => {
                write!(f, "it ends with record {last}; the last change saw records up to {pinned}")
            }
            F::Replaced { pinned } => {
                write!(f, "record {pinned} is not the one the last change saw")
            }
            F::Beginning => f.write_str("the beginning of the file was altered"),
            F::Altered { after: 0 } => f.write_str("bytes before the first record were altered"),
            F::Altered { after } => write!(f, "bytes after record {after} were altered"),
            F::Gap { first, last } if first == last => write!(f, "record {first} is missing"),
            F::Gap { first, last } => write!(f, "records {first} to {last} are missing"),
            F::OutOfOrder { sequence } => {
                write!(f, "record {sequence} stands where it does not belong")
            }
            F::Unchained { sequence } => {
                write!(f, "record {sequence} was not written after the one before it")
            }
            F::Noticed { sequence, at, why } => {
                write!(f, "found at {at}, record {sequence}: {why}")
            }
            F::DroppedBroken => {
                f.write_str("something was wrong with records that have been dropped since")
            }
            F::Torn { bytes } => {
                let (last, are) = match bytes {
                    1 => ("the last byte".to_owned(), "is"),
                    bytes => (format!("the last {bytes} bytes"), "are"),
                };
                write!(f, "{last} {are} of a record that was cut off; harmless")
            }
            F::ClockBack { sequence, from, to } => {
                write!(f, "the clock went back from {from} to {to} before record {sequence}")
            }
            F::Dropped { up_to } => {
                write!(f, "records up to {up_to} were dropped, the oldest first, as it grew")
            }
            F::Unknown { sequence } => {
                write!(f, "record {sequence} is of a form only a newer tresor knows")
            }
        }
    }
}

/// What a look at the whole journal gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// In the order of the file; what the last commit says about it comes last.
    pub findings: Vec<Finding>,
    /// How many records can be read.
    pub records: usize,
    /// The first and last of them.
    pub range: Option<(u64, u64)>,
    /// The record that the last commit pinned: loss is found up to it.
    pub pinned: Option<u64>,
}

impl Verification {
    /// Whether records were lost or tampered with.
    pub fn has_problems(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Programs read the words, people the sentences: neither may change by mistake.
    #[test]
    fn each_finding_has_its_word_and_names_the_records_it_is_about() {
        use FindingKind as F;
        let (at, from, to) = (Timestamp(0), Timestamp(86_400), Timestamp(0));
        let all = [
            (F::Missing { pinned: 7 }, "missing", "up to 7"),
            (F::Truncated { last: 5, pinned: 7 }, "truncated", "ends with record 5"),
            (F::Replaced { pinned: 7 }, "replaced", "record 7 is not the one"),
            (F::Beginning, "beginning", "the beginning of the file"),
            (F::Altered { after: 0 }, "altered", "before the first record"),
            (F::Altered { after: 4 }, "altered", "after record 4"),
            (F::Gap { first: 3, last: 3 }, "gap", "record 3 is missing"),
            (F::Gap { first: 3, last: 5 }, "gap", "records 3 to 5 are missing"),
            (F::OutOfOrder { sequence: 6 }, "out_of_order", "record 6 stands where"),
            (F::Unchained { sequence: 6 }, "unchained", "record 6 was not written after"),
            (F::Noticed { sequence: 9, at, why: "gap".into() }, "noticed", "record 9: gap"),
            (F::DroppedBroken, "dropped_broken", "have been dropped since"),
            (F::Torn { bytes: 12 }, "torn", "last 12 bytes"),
            (
                F::ClockBack { sequence: 8, from, to },
                "clock_back",
                "from 1970-01-02T00:00:00Z to 1970-01-01T00:00:00Z before record 8",
            ),
            (F::Dropped { up_to: 2 }, "dropped", "up to 2 were dropped"),
            (F::Unknown { sequence: 4 }, "unknown", "record 4"),
        ];
        for (kind, word, part) in &all {
            assert_eq!(kind.word(), *word);
            assert!(kind.to_string().contains(part), "{kind}");
        }
        let words: BTreeSet<_> = all.iter().map(|(kind, ..)| kind.word()).collect();
        assert_eq!(words.len(), all.len() - 2, "only two kinds stand there twice");
    }

    /// Only what no crash and no age explains is a loss; only a loss can be accepted.
    #[test]
    fn what_is_harmless_is_no_problem_and_a_loss_is_one_until_it_is_accepted() {
        for harmless in [
            FindingKind::Torn { bytes: 1 },
            FindingKind::Dropped { up_to: 1 },
            FindingKind::Unknown { sequence: 1 },
            FindingKind::ClockBack { sequence: 2, from: Timestamp(1), to: Timestamp(0) },
        ] {
            assert_ne!(Finding::new(harmless).severity(), Severity::Problem);
        }
        let mut lost = Finding::new(FindingKind::Gap { first: 1, last: 2 });
        assert_eq!(lost.severity(), Severity::Problem);
        lost.accept();
        assert_eq!(lost.severity(), Severity::Note);
    }
}
