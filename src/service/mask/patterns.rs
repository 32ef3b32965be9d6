//! All forms of all values, and where one of them may begin in some bytes. Changes no bytes.

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::forms::{self, Form};

/// The shortest value that is masked: shorter ones are everywhere by chance.
pub const SHORTEST: usize = 4;
/// How many of a form's first bytes the automaton knows. More make it larger and find no more.
const ANCHOR: usize = 8;

/// What is looked for.
#[derive(Default)]
pub struct Patterns {
    /// Sorted, each once.
    forms: Vec<Form>,
    /// Of each form the longest other one that it begins with.
    inner: Vec<Option<usize>>,
    /// Finds the first bytes of forms; `None` when it is too large to build.
    anchors: Option<AhoCorasick>,
}

/// A place where a form begins or may begin.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where.
    pub at: usize,
    /// The length of the longest form that stands there whole, or 0.
    pub whole: usize,
    /// Whether the bytes end before a form that they agree with.
    pub pending: bool,
}

impl Patterns {
    /// Adds every form of a value, if it is long enough; [`Patterns::finish`] comes after the last.
    pub fn add(&mut self, value: &[u8]) {
        if Self::takes(value) {
            self.forms.extend(forms::of(value).into_iter().filter(|form| form.len() >= SHORTEST));
        }
    }

    /// Builds what finds them.
    pub fn finish(&mut self) {
        self.forms.sort_unstable_by(|one, other| one.as_slice().cmp(other));
        self.forms.dedup_by(|one, other| one.as_slice() == other.as_slice());
        self.inner = nested(&self.forms);
        let mut anchors = AhoCorasick::builder();
        anchors.match_kind(MatchKind::LeftmostFirst);
        self.anchors = anchors.build(starts(&self.forms)).ok();
    }

    /// Whether a value is long enough to be masked.
    pub fn takes(value: &[u8]) -> bool {
        forms::without_newline(value).len() >= SHORTEST
    }

    /// The first place from `from` on where a form begins or may begin.
    pub fn next(&self, bytes: &[u8], from: usize) -> Option<Candidate> {
        let (mut from, end) = (from, bytes.len());
        loop {
            let found = self.anchor(bytes, from);
            // Before that, at the very end, there may be less than an anchor.
            let tail = from.max(end.saturating_sub(ANCHOR - 1));
            for at in tail..found.unwrap_or(end) {
                if let Some(candidate) = self.at(bytes, at) {
                    return Some(candidate);
                }
            }
            let at = found?;
            if let Some(candidate) = self.at(bytes, at) {
                return Some(candidate);
            }
            from = at + 1;
        }
    }

    fn anchor(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.anchors {
            Some(anchors) => {
                anchors.find(Input::new(bytes).range(from..)).map(|found| found.start())
            }
            None => (from < bytes.len()).then_some(from),
        }
    }

    /// What stands at a place.
    fn at(&self, bytes: &[u8], at: usize) -> Option<Candidate> {
        let rest = bytes.get(at..)?;
        let after = self.forms.partition_point(|form| form.as_slice() <= rest);
        let pending = self.forms.get(after).is_some_and(|form| form.starts_with(rest));
        // Whatever `rest` begins with is the last form not after it, or one that this begins with.
        let mut inner = after.checked_sub(1);
        while let Some(index) = inner {
            let form = self.forms.get(index)?;
            if rest.starts_with(form) {
                return Some(Candidate { at, whole: form.len(), pending });
            }
            inner = self.inner.get(index).copied().flatten();
        }
        pending.then_some(Candidate { at, whole: 0, pending })
    }
}

/// Of each of some sorted forms the longest other one that it begins with: the last before it, or one of that
/// one's own.
fn nested(forms: &[Form]) -> Vec<Option<usize>> {
    let mut inner: Vec<Option<usize>> = Vec::with_capacity(forms.len());
    for (index, form) in forms.iter().enumerate() {
        let mut before = index.checked_sub(1);
        while let Some(other) = before {
            if forms.get(other).is_some_and(|other| form.starts_with(other)) {
                break;
            }
            before = inner.get(other).copied().flatten();
        }
        inner.push(before);
    }
    inner
}

/// The first bytes of some sorted forms, each once, and none that begins with another.
fn starts(forms: &[Form]) -> Vec<&[u8]> {
    let mut starts: Vec<&[u8]> = Vec::new();
    for form in forms {
        let start = form.get(..ANCHOR).unwrap_or(form);
        if !starts.last().is_some_and(|last| start.starts_with(last)) {
            starts.push(start);
        }
    }
    starts
}
