//! What each change does to the pages, envelopes and records of a transaction. Not when it becomes
//! visible.

use std::sync::Arc;

use super::access::Actor;
use super::change::{Change, Expect, Outcome};
use super::commit::Transaction;
use super::core::{binding, envelope, kek, open_value};
use super::encoding::{Hex, Id};
use super::envelope::{EnvelopePayload, Kek};
use super::error::{Result, VaultError};
use super::index::{Deleted, Entry, Kept, objects};
use super::journal::Note;
use super::keys::ProtectionKey;
use super::kind::{Recognised, SecretKind, recognise};
use super::scope::{Scope, SecretRef};
use super::secret::{MetadataPatch, SecretMetadata, SensitiveBytes, TrashId};
use super::world::random_bytes;

/// One batch being applied for one actor.
pub(crate) struct Changes<'t, 'a> {
    pub tx: &'t mut Transaction<'a>,
    pub actor: &'t Actor,
    pub protection: Option<&'t ProtectionKey>,
}

impl Changes<'_, '_> {
    /// Applies one change; an error leaves the transaction to be dropped as a whole.
    pub(crate) fn apply(&mut self, change: Change) -> Result<Outcome> {
        let note = Note::change(self.actor, &change);
        let outcome = self.change(change)?;
        self.tx.notes.push(note.led_to(&outcome));
        Ok(outcome)
    }

    fn change(&mut self, change: Change) -> Result<Outcome> {
        match change {
            Change::Write { name, value, patch, expect } => {
                patch.check()?;
                self.write(name, &value, &patch, expect)
            }
            Change::Edit { name, patch, expect } => {
                patch.check()?;
                self.edit(&name, &patch, expect)
            }
            Change::Move { from, to, expect } => self.rename(&from, to, expect),
            Change::Delete { name, expect } => self.delete(&name, expect),
            Change::Restore { id } => self.restore(id),
            Change::Revert { name, revision, expect } => self.revert(name, revision, expect),
            Change::Purge { id } => self.purge(id),
            Change::PutRecord { id, owner, body, expect } => {
                self.tx.records_mut()?.put(self.actor, id, owner, body, expect)
            }
            Change::RemoveRecord { id, expect } => {
                self.tx.records_mut()?.remove(self.actor, &id, expect)
            }
            Change::OrderRecords { ids } => self.tx.records_mut()?.order(&ids),
        }
    }

    fn page_of(&self, name: &SecretRef) -> Result<u8> {
        self.tx.snapshot.keys.locate(name)
    }

    /// Takes the live entry out of its page, to be changed and put back.
    fn take(&mut self, name: &SecretRef) -> Result<Option<Entry>> {
        let number = self.page_of(name)?;
        if self.tx.page(number)?.find(name).is_none() {
            return Ok(None);
        }
        let entries = &mut self.tx.page_mut(number)?.entries;
        let at = entries.iter().position(|e| e.deleted.is_none() && e.name == *name);
        Ok(at.map(|at| entries.swap_remove(at)))
    }

    /// Takes the live entry if it is what the writer saw.
    fn take_expected(&mut self, name: &SecretRef, expect: Expect) -> Result<Entry> {
        let entry = self.take(name)?;
        check_expectation(name, entry.as_ref(), expect)?;
        entry.ok_or_else(|| VaultError::NotFound { name: name.clone() })
    }

    fn put(&mut self, entry: Entry) -> Result<Outcome> {
        let number = self.page_of(&entry.name)?;
        let outcome = Outcome {
            name: entry.name.clone(),
            revision: entry.metadata.revision,
            trash: entry.deleted.map(|_| TrashId(entry.secret_id.0)),
        };
        self.tx.page_mut(number)?.entries.push(entry);
        Ok(outcome)
    }

    fn write(
        &mut self,
        name: SecretRef,
        value: &SensitiveBytes,
        patch: &MetadataPatch,
        expect: Expect,
    ) -> Result<Outcome> {
        self.check_value(value)?;
        let found = self.take(&name)?;
        check_expectation(&name, found.as_ref(), expect)?;
        let known = value.with(recognise);
        let mut entry = match found {
            Some(entry) => entry,
            None => self.new_entry(name, &known)?,
        };
        let was_protected = entry.metadata.protected;
        self.update_metadata(&mut entry.metadata, known, patch);
        if was_protected != entry.metadata.protected {
            self.reseal_kept(&mut entry, was_protected)?;
        }
        let kept = self.seal(&entry, value)?;
        let dropped = entry.push(kept);
        self.tx.drop_objects(dropped);
        self.put(entry)
    }

    fn check_value(&self, value: &SensitiveBytes) -> Result<()> {
        let max = self.tx.header.limits.max_value as usize;
        match value.len() {
            0 => Err(VaultError::EmptyValue),
            actual if actual > max => Err(VaultError::ValueTooLarge { actual, max }),
            _ => Ok(()),
        }
    }

    /// The last revision a deleted secret of that name had. Numbers go on after it: a writer that
    /// saw the old one must not take another one for it.
    fn last_number(&mut self, name: &SecretRef) -> Result<u64> {
        let number = self.page_of(name)?;
        let former = self.tx.page(number)?.entries.iter().filter(|entry| entry.name == *name);
        Ok(former.map(|entry| entry.metadata.revision).max().unwrap_or(0))
    }

    fn new_entry(&mut self, name: SecretRef, known: &Recognised) -> Result<Entry> {
        let revision = self.last_number(&name)?;
        let metadata = SecretMetadata {
            kind: known.kind,
            username: None,
            url: None,
            tags: Vec::new(),
            note: None,
            expires_at: None,
            protected: false,
            created_at: self.tx.now,
            updated_at: self.tx.now,
            revision,
            facts: Vec::new(),
            extensions: Default::default(),
        };
        let secret_id = Hex(random_bytes(&*self.tx.snapshot.core.place.random)?);
        Ok(Entry { secret_id, name, metadata, kept: Vec::new(), deleted: None })
    }

    /// What a new value means for the metadata: its own facts and expiry, then what was asked for.
    fn update_metadata(&self, m: &mut SecretMetadata, known: Recognised, patch: &MetadataPatch) {
        // An expiry that the old value declared itself dies with that value.
        let declared = matches!(m.kind, SecretKind::Jwt | SecretKind::Certificate);
        if known.expires_at.is_some() || declared {
            m.expires_at = known.expires_at;
        }
        if m.kind == SecretKind::Other {
            m.kind = known.kind;
        }
        m.facts = known.facts;
        self.touch(m, patch);
    }

    fn touch(&self, metadata: &mut SecretMetadata, patch: &MetadataPatch) {
        patch.apply_to(metadata);
        metadata.revision += 1;
        metadata.updated_at = self.tx.now;
    }

    fn edit(&mut self, name: &SecretRef, patch: &MetadataPatch, expect: Expect) -> Result<Outcome> {
        let mut entry = self.take_expected(name, expect)?;
        let live = *entry.live()?;
        let value = self.open(&entry, &live)?;
        let was_protected = entry.metadata.protected;
        self.touch(&mut entry.metadata, patch);
        entry.kept.pop();
        if was_protected != entry.metadata.protected {
            self.reseal_kept(&mut entry, was_protected)?;
        }
        // The value is not new: it keeps its time in the history.
        let kept = Kept { written_at: live.written_at, ..self.seal(&entry, &value)? };
        entry.kept.push(kept);
        self.tx.drop_objects([live.object]);
        self.put(entry)
    }

    fn rename(&mut self, from: &SecretRef, to: SecretRef, expect: Expect) -> Result<Outcome> {
        if *from == to {
            return Err(VaultError::InvalidOption { why: "the new name is the old one" });
        }
        self.refuse_existing(&to)?;
        let mut entry = self.take_expected(from, expect)?;
        let former = entry.clone();
        entry.metadata.revision = entry.metadata.revision.max(self.last_number(&to)?);
        entry.name = to;
        self.touch(&mut entry.metadata, &MetadataPatch::default());
        self.reseal(&mut entry, &former)?;
        self.put(entry)
    }

    fn refuse_existing(&mut self, name: &SecretRef) -> Result<()> {
        let number = self.page_of(name)?;
        match self.tx.page(number)?.find(name) {
            Some(_) => Err(VaultError::Exists { name: name.clone() }),
            None => Ok(()),
        }
    }

    fn delete(&mut self, name: &SecretRef, expect: Expect) -> Result<Outcome> {
        let mut entry = self.take_expected(name, expect)?;
        entry.deleted = Some(Deleted { at: self.tx.now, generation: self.tx.generation });
        self.put(entry)
    }

    fn revert(&mut self, name: SecretRef, revision: u64, expect: Expect) -> Result<Outcome> {
        let number = self.page_of(&name)?;
        let page = self.tx.page(number)?;
        let entry = page.find(&name).ok_or_else(|| VaultError::NotFound { name: name.clone() })?;
        let kept = entry.kept.iter().find(|kept| kept.revision == revision).copied();
        let entry = entry.clone();
        let kept = kept.ok_or_else(|| VaultError::NoRevision { name: name.clone(), revision })?;
        let value = self.open(&entry, &kept)?;
        self.write(name, &value, &MetadataPatch::default(), expect)
    }

    fn restore(&mut self, id: TrashId) -> Result<Outcome> {
        let mut entry = self.take_trash(id)?;
        self.refuse_existing(&entry.name)?;
        entry.deleted = None;
        self.put(entry)
    }

    fn purge(&mut self, id: TrashId) -> Result<Outcome> {
        let entry = self.take_trash(id)?;
        self.tx.forget = true;
        self.tx.drop_objects(objects(&entry));
        Ok(Outcome { name: entry.name, revision: entry.metadata.revision, trash: None })
    }

    /// Finds a trash entry in whichever page it lies. One the actor may not see is not there for it.
    fn take_trash(&mut self, id: TrashId) -> Result<Entry> {
        let actor = self.actor;
        let wanted = |entry: &Entry| {
            let found = entry.deleted.is_some() && entry.secret_id.0 == id.0;
            found && actor.sees(&entry.name.scope).is_allowed()
        };
        for number in 0..=u8::MAX {
            let Some(found) = self.tx.page(number)?.entries.iter().find(|e| wanted(e)) else {
                continue;
            };
            check_write(self.actor, &found.name.scope)?;
            let entries = &mut self.tx.page_mut(number)?.entries;
            if let Some(at) = entries.iter().position(wanted) {
                return Ok(entries.swap_remove(at));
            }
        }
        Err(VaultError::NotInTrash { what: Hex(id.0).to_string() })
    }

    fn open(&self, entry: &Entry, kept: &Kept) -> Result<SensitiveBytes> {
        let bytes = self.tx.object(kept.object)?;
        open_value(&self.tx.snapshot.keys, entry, kept, &bytes, self.protection)
    }

    /// Seals a value as the entry's newest revision.
    fn seal(&mut self, entry: &Entry, value: &SensitiveBytes) -> Result<Kept> {
        let revision = entry.metadata.revision;
        self.seal_as(entry, revision, &entry.metadata, value, self.tx.now)
    }

    fn seal_as(
        &mut self,
        entry: &Entry,
        revision: u64,
        metadata: &SecretMetadata,
        value: &SensitiveBytes,
        written_at: super::secret::Timestamp,
    ) -> Result<Kept> {
        let keys = Arc::clone(&self.tx.snapshot.keys);
        if entry.metadata.protected && !self.tx.header.slots.iter().any(|slot| slot.protects()) {
            return Err(VaultError::CannotProtect);
        }
        let key = kek(&keys, entry, self.protection)?;
        let mut kept = Kept { revision, object: Id::NONE, sha256: Hex([0; 32]), written_at };
        let sealed = EnvelopePayload::seal(
            binding(&keys, entry, &kept),
            self.tx.generation,
            Kek { key: &key, epoch: keys.epoch() },
            metadata,
            value,
            &*self.tx.snapshot.core.place.random,
        )?;
        (kept.object, kept.sha256) = self.tx.add_object(sealed.to_bytes()?)?;
        Ok(kept)
    }

    /// Re-seals every kept revision after protection was switched on or off.
    fn reseal_kept(&mut self, entry: &mut Entry, was_protected: bool) -> Result<()> {
        let mut former = entry.clone();
        former.metadata.protected = was_protected;
        self.reseal(entry, &former)
    }

    /// Seals every kept revision of `former` again under the name and protection of `entry`.
    fn reseal(&mut self, entry: &mut Entry, former: &Entry) -> Result<()> {
        let keys = Arc::clone(&self.tx.snapshot.keys);
        let live = entry.metadata.revision;
        let mut resealed = Vec::with_capacity(former.kept.len());
        for kept in &former.kept {
            let value = self.open(former, kept)?;
            let bytes = self.tx.object(kept.object)?;
            let key = kek(&keys, former, self.protection)?;
            let header = envelope(kept, &bytes)?
                .open_header(binding(&keys, former, kept), Kek { key: &key, epoch: keys.epoch() });
            let header = header.ok_or_else(|| VaultError::Damaged {
                what: super::storage::names::object(kept.object),
                why: "its seal does not open",
            })?;
            // A rename counts the live revision on; earlier ones keep their numbers.
            let renamed = kept.revision == former.metadata.revision && kept.revision != live;
            let (revision, mut metadata) = match renamed {
                true => (live, entry.metadata.clone()),
                false => (kept.revision, header.metadata),
            };
            metadata.protected = entry.metadata.protected;
            let kept = self.seal_as(entry, revision, &metadata, &value, kept.written_at)?;
            resealed.push(kept);
        }
        self.tx.drop_objects(former.kept.iter().map(|kept| kept.object));
        entry.kept = resealed;
        Ok(())
    }
}

/// Refuses a change that the writer did not mean.
fn check_expectation(name: &SecretRef, entry: Option<&Entry>, expect: Expect) -> Result<()> {
    match (expect, entry) {
        (Expect::Absent, Some(_)) => Err(VaultError::Exists { name: name.clone() }),
        (Expect::Revision(_), None) => Err(VaultError::NotFound { name: name.clone() }),
        (Expect::Revision(expected), Some(entry)) if entry.metadata.revision != expected => {
            let actual = entry.metadata.revision;
            Err(VaultError::Changed { name: name.clone(), expected, actual })
        }
        _ => Ok(()),
    }
}

/// Refuses an actor that may not write to a scope.
pub(crate) fn check_write(actor: &Actor, scope: &Scope) -> Result<()> {
    if actor.may_write(scope) {
        return Ok(());
    }
    Err(VaultError::NotAllowed { actor: actor.to_string(), verb: "change", scope: scope.clone() })
}
