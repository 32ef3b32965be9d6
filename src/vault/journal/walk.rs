//! One look at a whole journal file: every record that can be read, and everything that is wrong.
//! Changes nothing.

use super::entry::{Action, Plain};
use super::finding::{Finding, FindingKind, Verification};
use super::record::{BEGIN, Base, MAX, Record};
use crate::vault::encoding::Digest;
use crate::vault::keys::VaultKeys;
use crate::vault::secret::Timestamp;

/// The number and hash of a record, as a commit pins it.
pub(super) type Head = (u64, Digest);

/// What a look at a file gave.
pub(super) struct Walk {
    pub records: Vec<(u64, Plain)>,
    pub findings: Vec<Finding>,
    /// Where the chain ends; the next record follows this one.
    pub head: Option<Head>,
    pub pinned: Option<u64>,
    /// When the last record was written.
    clock: Option<Timestamp>,
}

impl Walk {
    /// Looks at a file, or at there being none; `pin` is what the last commit says of it.
    pub(super) fn over(keys: &VaultKeys, file: Option<&[u8]>, pin: Option<Head>) -> Self {
        let mut walk = Self {
            records: Vec::new(),
            findings: Vec::new(),
            head: None,
            pinned: pin.map(|(sequence, _)| sequence),
            clock: None,
        };
        // A file without a whole beginning holds no record: it was made, and never written to.
        let begun = file.filter(|file| file.len() >= BEGIN);
        let found = begun.map(|file| walk.read(keys, file, pin)).unwrap_or_default();
        if let (Some((pinned, _)), false) = (pin, found) {
            walk.find(match (file, walk.head) {
                (None, _) => FindingKind::Missing { pinned },
                (_, Some((last, _))) if last >= pinned => FindingKind::Replaced { pinned },
                (_, head) => {
                    FindingKind::Truncated { last: head.map_or(0, |(last, _)| last), pinned }
                }
            });
        }
        walk
    }

    fn find(&mut self, kind: FindingKind) {
        self.findings.push(Finding::new(kind));
    }

    /// Reads the file; says whether what is pinned is in it, or was dropped from it in due order.
    fn read(&mut self, keys: &VaultKeys, file: &[u8], pin: Option<Head>) -> bool {
        let base = Base::open(keys, file);
        let mut found = false;
        match base {
            None => self.find(FindingKind::Beginning),
            Some(base) => {
                self.head = Some((base.sequence, base.hash));
                found = pin.is_some_and(|pin| base.holds(pin));
                if base.sequence > 0 {
                    self.find(FindingKind::Dropped { up_to: base.sequence });
                }
                if base.broken {
                    self.find(FindingKind::DroppedBroken);
                }
            }
        }
        for part in parts(file.get(BEGIN..).unwrap_or_default()) {
            match part {
                Part::Record(record) => {
                    self.take(keys, &record);
                    found |= pin == Some((record.sequence, record.hash()));
                }
                Part::Torn(bytes) => self.find(FindingKind::Torn { bytes }),
                Part::Altered => self.altered(),
            }
        }
        found
    }

    /// Bytes that are no record, or one that does not open: what follows has nothing to chain to.
    fn altered(&mut self) {
        let after = self.head.map_or(0, |(sequence, _)| sequence);
        let kind = FindingKind::Altered { after };
        // A stretch of several is one finding.
        if self.findings.last().map(|finding| &finding.kind) != Some(&kind) {
            self.find(kind);
        }
    }

    fn take(&mut self, keys: &VaultKeys, record: &Record<'_>) {
        let Some(plain) = record.open(keys) else { return self.altered() };
        self.check_place(record);
        self.head = Some((record.sequence, record.hash()));
        let Some(plain) = plain else {
            return self.find(FindingKind::Unknown { sequence: record.sequence });
        };
        self.check_clock(record.sequence, plain.at);
        if plain.is(&Action::Broken) {
            let (at, why) = (plain.at, plain.detail.clone().unwrap_or_default());
            self.find(FindingKind::Noticed { sequence: record.sequence, at, why });
        }
        if plain.is(&Action::Accept) {
            self.findings.iter_mut().for_each(Finding::accept);
        }
        self.records.push((record.sequence, plain));
    }

    /// Whether a record follows the one before it. After altered bytes nobody can say more than
    /// has been said.
    fn check_place(&mut self, record: &Record<'_>) {
        let Some((last, hash)) = self.head else { return };
        let broken = matches!(
            self.findings.last().map(|finding| &finding.kind),
            Some(FindingKind::Altered { after }) if *after == last
        );
        let (next, sequence) = (last.saturating_add(1), record.sequence);
        if sequence < next {
            self.find(FindingKind::OutOfOrder { sequence });
        } else if sequence > next && !broken {
            self.find(FindingKind::Gap { first: next, last: sequence - 1 });
        } else if record.previous != hash && !broken {
            self.find(FindingKind::Unchained { sequence });
        }
    }

    fn check_clock(&mut self, sequence: u64, now: Timestamp) {
        if let Some(from) = self.clock.filter(|before| now < *before) {
            self.find(FindingKind::ClockBack { sequence, from, to: now });
        }
        self.clock = Some(now);
    }

    /// The findings with what they are about.
    pub(super) fn verification(&self) -> Verification {
        let first = self.records.first().map(|(sequence, _)| *sequence);
        let last = self.records.last().map(|(sequence, _)| *sequence);
        Verification {
            findings: self.findings.clone(),
            records: self.records.len(),
            range: first.zip(last),
            pinned: self.pinned,
        }
    }
}

/// A piece of a file.
enum Part<'a> {
    Record(Record<'a>),
    /// Bytes that are no record, between records or too many for one that was cut off.
    Altered,
    /// The remains of one write that was cut off: so many bytes.
    Torn(usize),
}

/// Takes a file apart: from the beginning, and where that comes to a halt, from the end.
fn parts(mut rest: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(record) = Record::first(rest) {
        rest = rest.get(record.length()..).unwrap_or_default();
        parts.push(Part::Record(record));
    }
    let mut behind = Vec::new();
    while let Some(record) = Record::last(rest) {
        rest = rest.get(..rest.len() - record.length()).unwrap_or_default();
        behind.push(Part::Record(record));
    }
    match (rest.is_empty(), behind.is_empty() && is_torn(rest)) {
        (true, _) => {}
        (false, true) => parts.push(Part::Torn(rest.len())),
        (false, false) => parts.push(Part::Altered),
    }
    parts.extend(behind.into_iter().rev());
    parts
}

/// Whether the end of a file, no whole record, may be what a write left that was cut off: not more
/// than one record, or zeros behind that where a power loss kept only the length.
fn is_torn(rest: &[u8]) -> bool {
    rest.iter().skip(MAX).all(|byte| *byte == 0)
}

/// The longest beginning of a file in which every record opens and follows the one before it.
pub(super) struct Sound {
    /// Where it ends; 0 when not even the beginning of the file opens.
    pub end: usize,
    pub head: Head,
    /// Whether what follows may be cut off without a loss: nothing, or a torn record.
    pub only_torn: bool,
}

impl Sound {
    pub(super) fn of(keys: &VaultKeys, file: &[u8]) -> Self {
        let Some(base) = Base::open(keys, file) else {
            let head = (Base::NOTHING.sequence, Base::NOTHING.hash);
            return Self { end: 0, head, only_torn: file.len() < BEGIN };
        };
        let (mut end, mut head) = (BEGIN, (base.sequence, base.hash));
        loop {
            let rest = file.get(end..).unwrap_or_default();
            let Some(record) = Record::first(rest) else {
                let only_torn = is_torn(rest) && Record::last(rest).is_none();
                return Self { end, head, only_torn };
            };
            let follows = (record.sequence, record.previous) == (head.0.wrapping_add(1), head.1);
            if !follows || !record.is_genuine(keys) {
                return Self { end, head, only_torn: false };
            }
            head = (record.sequence, record.hash());
            end += record.length();
        }
    }
}
