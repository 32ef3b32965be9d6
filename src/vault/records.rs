//! Records: small texts kept beside the secrets, sealed in the root's list, each with an owner scope.
//! Not what they say, and no place for a secret value: they are not wiped, and reading one is not recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::View;
use super::access::Actor;
use super::apply::check_write;
use super::change::{Expect, Outcome};
use super::error::{Result, VaultError};
use super::root::RootList;
use super::scope::{Scope, SecretKey, SecretRef};
use super::storage::names;

/// The longest body of a record in bytes.
pub const MAX_RECORD: usize = 8 * 1024;
/// The most records of a vault: every commit writes all of them.
const MAX_RECORDS: usize = 1_000;
/// The extension of the root's list that holds them.
pub(crate) const EXTENSION: &str = "records";

/// A small text kept beside the secrets: who sees its owner scope sees it. It holds no secret value itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its name, unique in the whole vault.
    pub id: SecretKey,
    /// Who it belongs to.
    pub owner: Scope,
    /// Counts its changes, from 1.
    pub revision: u64,
    /// What it says: 1 to [`MAX_RECORD`] bytes.
    pub body: Vec<u8>,
}

impl Record {
    fn outcome(&self) -> Outcome {
        let name = SecretRef::new(self.owner.clone(), self.id.clone());
        Outcome { name, revision: self.revision, trash: None }
    }

    /// Refuses a change that the writer did not mean, or may not make.
    fn check(&self, actor: &Actor, expect: Expect) -> Result<()> {
        let (id, actual) = (|| self.id.clone(), self.revision);
        if expect == Expect::Absent {
            return Err(VaultError::RecordExists { id: id() });
        }
        check_write(actor, &self.owner)?;
        match expect {
            Expect::Revision(expected) if expected != actual => {
                Err(VaultError::RecordChanged { id: id(), expected, actual })
            }
            _ => Ok(()),
        }
    }
}

/// All records of a vault, in the order their owner gave them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Records(Vec<Record>);

impl Records {
    /// Those of a root's list.
    pub(crate) fn of(list: &RootList) -> Result<Self> {
        let damaged = || VaultError::Damaged {
            what: names::ROOT.into(),
            why: "its list of profiles is malformed",
        };
        match list.extensions.get(EXTENSION) {
            Some(bytes) => Self::from_bytes(bytes).ok_or_else(damaged),
            None => Ok(Self::default()),
        }
    }

    /// Puts them into a root's list; without any it is as if there had never been one.
    pub(crate) fn put_into(&self, list: &mut RootList) -> Result<()> {
        match self.0.is_empty() {
            true => drop(list.extensions.remove(EXTENSION)),
            false => drop(list.extensions.insert(EXTENSION.into(), self.to_bytes()?)),
        }
        Ok(())
    }

    /// Reads exactly what [`Self::to_bytes`] writes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let records = Self(postcard::from_bytes(bytes).ok()?);
        let ids: BTreeSet<&SecretKey> = records.0.iter().map(|record| &record.id).collect();
        let sound = |record: &Record| record.revision > 0 && check_body(&record.body).is_ok();
        let sound = records.0.iter().all(sound) && ids.len() == records.0.len();
        let canonical = sound && ids.len() <= MAX_RECORDS && records.to_bytes().ok()? == bytes;
        canonical.then_some(records)
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = postcard::to_allocvec(&self.0);
        bytes.map_err(|_| VaultError::Internal { what: "encoding the records" })
    }

    /// The revision of one of them, if it is there.
    pub(crate) fn revision(&self, id: &SecretKey) -> Option<u64> {
        self.0.iter().find(|record| record.id == *id).map(|record| record.revision)
    }

    /// Writes a new record behind the others, or a new revision of one. An id that is taken is told
    /// to be so also where its record may not be seen: there is no other of that id to be had.
    pub(crate) fn put(
        &mut self,
        actor: &Actor,
        id: SecretKey,
        owner: Scope,
        body: Vec<u8>,
        expect: Expect,
    ) -> Result<Outcome> {
        check_body(&body)?;
        let Some(there) = self.0.iter_mut().find(|record| record.id == id) else {
            return self.add(Record { id, owner, revision: 1, body }, expect);
        };
        if !actor.sees(&there.owner).is_allowed() {
            return Err(VaultError::RecordExists { id });
        }
        there.check(actor, expect)?;
        (there.owner, there.body) = (owner, body);
        there.revision += 1;
        Ok(there.outcome())
    }

    fn add(&mut self, record: Record, expect: Expect) -> Result<Outcome> {
        if matches!(expect, Expect::Revision(_)) {
            return Err(VaultError::NoRecord { id: record.id });
        }
        if self.0.len() >= MAX_RECORDS {
            return Err(VaultError::InvalidOption { why: "a vault has at most 1,000 profiles" });
        }
        let outcome = record.outcome();
        self.0.push(record);
        Ok(outcome)
    }

    /// Removes a record. One the actor may not see is not there for it.
    pub(crate) fn remove(
        &mut self,
        actor: &Actor,
        id: &SecretKey,
        expect: Expect,
    ) -> Result<Outcome> {
        let wanted = |record: &Record| record.id == *id && actor.sees(&record.owner).is_allowed();
        let there = self.0.iter().enumerate().find(|(_, record)| wanted(record));
        let (at, record) = there.ok_or_else(|| VaultError::NoRecord { id: id.clone() })?;
        record.check(actor, expect)?;
        Ok(self.0.remove(at).outcome())
    }

    /// Puts those into this order, before all others; the outcome is of the first.
    pub(crate) fn order(&mut self, ids: &[SecretKey]) -> Result<Outcome> {
        let places: BTreeMap<&SecretKey, usize> = ids.iter().zip(0..).collect();
        if places.len() < ids.len() {
            return Err(VaultError::InvalidOption { why: "a profile is named twice" });
        }
        if let Some(id) = ids.iter().find(|id| self.revision(id).is_none()) {
            return Err(VaultError::NoRecord { id: id.clone() });
        }
        if ids.is_empty() {
            return Err(VaultError::InvalidOption { why: "an order names one profile at least" });
        }
        // Stable: the others keep their order.
        self.0.sort_by_key(|record| places.get(&record.id).copied().unwrap_or(ids.len()));
        let first = self.0.first().map(Record::outcome);
        first.ok_or(VaultError::Internal { what: "ordering the records" })
    }
}

fn check_body(body: &[u8]) -> Result<()> {
    match body.len() {
        0 => Err(VaultError::EmptyValue),
        actual if actual > MAX_RECORD => Err(VaultError::ValueTooLarge { actual, max: MAX_RECORD }),
        _ => Ok(()),
    }
}

impl View {
    /// The visible records, in the order their owner gave them.
    ///
    /// # Errors
    /// `Damaged` when they are malformed, and what reading the root refuses.
    pub fn records(&self) -> Result<Vec<Record>> {
        self.core.read(|snapshot| {
            let mut records = Records::of(&snapshot.list)?.0;
            records.retain(|record| self.actor.sees(&record.owner).is_allowed());
            Ok(records)
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// `NoRecord`, also for one that this view may not see, and what [`Self::records`] refuses.
    pub fn record(&self, id: &SecretKey) -> Result<Record> {
        let found = self.records()?.into_iter().find(|record| record.id == *id);
        found.ok_or_else(|| VaultError::NoRecord { id: id.clone() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
