//! All forms of all values, and where one of them may begin in some bytes. Changes no bytes.

use super::filter::Filter;
use super::forms::{self, Form};

/// The shortest value that is masked: shorter ones are everywhere by chance.
pub const SHORTEST: usize = 4;

/// What is looked for.
#[derive(Default)]
pub struct Patterns {
    /// Sorted, each once.
    forms: Vec<Form>,
    /// Of each form the longest other one that it begins with.
    inner: Vec<Option<usize>>,
    /// Finds their first bytes; `None` when there are no forms.
    filter: Option<Filter>,
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
        self.filter = (!self.forms.is_empty()).then(|| Filter::new(&self.forms));
    }

    /// Whether a value is long enough to be masked.
    pub fn takes(value: &[u8]) -> bool {
        forms::without_line_end(value).len() >= SHORTEST
    }

    /// The first place from `from` on where a form begins or may begin.
    pub fn next(&self, bytes: &[u8], mut from: usize) -> Option<Candidate> {
        let (filter, end) = (self.filter.as_ref()?, bytes.len());
        // From here on there may be less of a form than the filter knows: each place is looked at.
        let tail = end.saturating_sub(filter.known() - 1);
        while from < end {
            let at = match from < tail {
                true => filter.next(bytes, from).map_or(tail, |at| at.min(tail)),
                false => from,
            };
            if let Some(candidate) = self.at(bytes, at) {
                return Some(candidate);
            }
            from = at + 1;
        }
        None
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
