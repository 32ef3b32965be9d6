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
    /// Something was wrong with records that were dropped for their age.
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
                write!(f, "the last {bytes} bytes are of a record that was cut off; harmless")
            }
            F::ClockBack { sequence, from, to } => {
                write!(f, "the clock went back from {from} to {to} before record {sequence}")
            }
            F::Dropped { up_to } => write!(f, "records up to {up_to} were dropped for their age"),
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
