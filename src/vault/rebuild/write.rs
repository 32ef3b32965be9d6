//! Writes the new vault: its pages, its journal, its envelopes as they are. Where it lies and when it is
//! one is not decided here.

use std::collections::BTreeMap;

use super::source::Source;
use crate::vault::core::Core;
use crate::vault::encoding::{Digest, Hex};
use crate::vault::error::{Result, VaultError};
use crate::vault::index::{Entry, Page};
use crate::vault::journal::{self, Action, Note};
use crate::vault::keys::VaultKeys;
use crate::vault::place::Place;
use crate::vault::raise::{raise, settle};
use crate::vault::root::{Header, PageRef, RootList};
use crate::vault::storage::{Storage, names};
use crate::vault::world::random_bytes;

/// Writes the vault, and gives what could not be done once it was there.
pub(super) fn write(
    source: &Source<'_>,
    header: &Header,
    entries: Vec<Entry>,
    into: &Place,
) -> Result<Vec<String>> {
    let (root, guard) = raise(into, |_| build(source, header, entries, into))?;
    let warnings = finish(source, header, &root, into);
    drop(guard);
    Ok(warnings)
}

/// Writes everything but the root.
fn build(
    source: &Source<'_>,
    header: &Header,
    entries: Vec<Entry>,
    into: &Place,
) -> Result<Vec<u8>> {
    let storage = &*into.storage;
    let mut pages: BTreeMap<u8, Page> = BTreeMap::new();
    for entry in entries {
        copy(source, &entry, storage)?;
        pages.entry(source.keys.locate(&entry.name)?).or_default().entries.push(entry);
    }
    let former = source.list.as_ref().map(|listed| listed.list.extensions.clone());
    let mut list = RootList { extensions: former.unwrap_or_default(), ..RootList::default() };
    for (number, page) in pages {
        let page = write_page(source, header.generation, number, page, into)?;
        list.pages.insert(number, page);
    }
    if let Some(file) = journal::file(&*source.place.storage, source.keys.epoch()) {
        storage.create_new(&names::journal(source.keys.epoch()), &file)?;
    }
    header.clone().seal(&source.keys, &list, &*into.random)
}

/// Copies the envelopes of a secret, bit for bit.
fn copy(source: &Source<'_>, entry: &Entry, to: &dyn Storage) -> Result<()> {
    for kept in &entry.kept {
        let (name, bytes) = (names::object(kept.object), source.backend.get(kept.object)?);
        if Digest::of(&bytes) != kept.sha256 {
            return Err(VaultError::Damaged { what: name, why: "it changed while it was read" });
        }
        to.create_new(&name, &bytes)?;
    }
    Ok(())
}

fn write_page(
    source: &Source<'_>,
    generation: u64,
    number: u8,
    mut page: Page,
    into: &Place,
) -> Result<PageRef> {
    let file = Hex(random_bytes(&*into.random)?);
    let bytes = page.seal(&source.keys, generation, number, &*into.random)?;
    into.storage.create_new(&names::page(file), &bytes)?;
    Ok(PageRef { file, sha256: Digest::of(&bytes), live: page.live() })
}

/// What follows once the vault is there. It is whole without any of it.
fn finish(source: &Source<'_>, header: &Header, root: &[u8], into: &Place) -> Vec<String> {
    let record = || -> Result<Option<String>> {
        let keys = source.keys.vault_key();
        let core = |keys| Core::new(into.clone(), header, keys);
        let core = VaultKeys::derive(&keys, header.vault_id, header.epoch).and_then(core)?;
        let note = Note::of_vault(Action::Accept, Some("rebuilt".into()));
        journal::record(&core, &*core.keys()?, None, &[note]);
        Ok(core.trouble.take())
    };
    let failed = settle(into, header, root).into_iter();
    let mut warnings: Vec<String> =
        failed.map(|error| format!("built, but not finished: {error}")).collect();
    match record() {
        Ok(unrecorded) => warnings.extend(unrecorded),
        Err(error) => warnings.push(error.to_string()),
    }
    warnings
}
