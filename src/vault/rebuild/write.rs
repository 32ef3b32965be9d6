//! Writes the new vault: whole and durable, or nothing of it is left behind. Until its root is there
//! the directory says of itself that it is unfinished.

use std::collections::BTreeMap;

use super::source::Source;
use crate::vault::commit::uncertain;
use crate::vault::core::{Core, LOCK_WAIT};
use crate::vault::create::sync_parent;
use crate::vault::encoding::{Digest, Hex};
use crate::vault::error::{Result, VaultError};
use crate::vault::index::{Entry, Page};
use crate::vault::journal::{self, Action, Note};
use crate::vault::keys::VaultKeys;
use crate::vault::marker;
use crate::vault::place::Place;
use crate::vault::root::{Header, MAX_ROOT, PageRef, RootList};
use crate::vault::seen::{Seen, make_private_dirs};
use crate::vault::storage::{LockMode, Storage, names, optional};
use crate::vault::world::random_bytes;

/// Refuses a place where anything is.
pub(super) fn check_empty(into: &Place) -> Result<()> {
    match into.storage.list(names::TOP)?.is_empty() {
        true => Ok(()),
        false => Err(VaultError::NotEmpty { path: into.shown() }),
    }
}

/// Writes the vault, and gives what could not be done once it was there.
pub(super) fn write(
    source: &Source<'_>,
    header: &Header,
    entries: Vec<Entry>,
    into: &Place,
) -> Result<Vec<String>> {
    // A record that cannot be kept must be known before there is a vault, not after.
    into.seen.as_ref().map(|seen| seen.read()).transpose()?;
    let was_there = into.path().is_some_and(std::path::Path::exists);
    if let Some(path) = into.path() {
        make_private_dirs(path)?;
    }
    let storage = &*into.storage;
    let guard = storage.lock(LockMode::Exclusive, LOCK_WAIT);
    let mut guard = Some(guard.inspect_err(|_| leave(into, was_there))?);
    let mut take_back = || {
        // Some systems keep the name of its file as long as that is open.
        drop(guard.take());
        leave(into, was_there);
    };
    let there = storage.list(names::TOP).inspect_err(|_| take_back())?;
    if there.iter().any(|name| name != names::LOCK) {
        // Another process was first; what is there is its own.
        return Err(VaultError::NotEmpty { path: into.shown() });
    }
    let root = build(source, header, entries, into).inspect_err(|_| {
        tidy(into);
        take_back();
    })?;
    if let Err(error) = storage.rename(names::ROOT_NEXT, names::ROOT) {
        if optional(storage.read(names::ROOT, MAX_ROOT))?.is_some() {
            return Err(uncertain(error));
        }
        tidy(into);
        take_back();
        return Err(error);
    }
    let durable = storage.sync_dir(names::TOP).and_then(|()| sync_parent(into));
    durable.map_err(uncertain)?;
    let warnings = finish(source, header, &root, into);
    drop(guard);
    Ok(warnings)
}

/// Writes everything but the name of the root, and makes it durable.
fn build(
    source: &Source<'_>,
    header: &Header,
    entries: Vec<Entry>,
    into: &Place,
) -> Result<Vec<u8>> {
    let storage = &*into.storage;
    storage.create_new(names::MARKER, names::UNFINISHED)?;
    for dir in [names::INDEX, names::OBJECTS, names::JOURNAL] {
        storage.make_dir(dir)?;
    }
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
    let root = header.clone().seal(&source.keys, &list, &*into.random)?;
    storage.create_new(names::ROOT_NEXT, &root)?;
    storage.sync_all()?;
    Ok(root)
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
    let storage = &*into.storage;
    let seen = Seen::new(header.vault_id, header.generation, Digest::of(root));
    let record = || -> Result<Option<String>> {
        let keys = source.keys.vault_key();
        let core = |keys| Core::new(into.clone(), header, keys);
        let core = VaultKeys::derive(&keys, header.vault_id, header.epoch).and_then(core)?;
        let note = Note::of_vault(Action::Accept, Some("rebuilt".into()));
        journal::record(&core, &*core.keys()?, None, &[note]);
        Ok(core.trouble.take())
    };
    let steps = [
        // Not synced: it is for people, and `doctor --fix` mends it.
        storage.overwrite(names::MARKER, marker::text(header.backend).as_bytes()),
        into.seen.as_ref().map_or(Ok(()), |file| file.write(&seen)),
        storage.overwrite(names::ROOT_PREV, root),
    ];
    let failed = steps.into_iter().filter_map(Result::err);
    let mut warnings: Vec<String> =
        failed.map(|error| format!("built, but not finished: {error}")).collect();
    match record() {
        Ok(unrecorded) => warnings.extend(unrecorded),
        Err(error) => warnings.push(error.to_string()),
    }
    warnings
}

/// Removes what was begun, but the directory. All of it is ours: the place was empty.
fn tidy(into: &Place) {
    let storage = &*into.storage;
    for dir in [names::INDEX, names::OBJECTS, names::JOURNAL, names::TOP] {
        for name in storage.list(dir).unwrap_or_default() {
            let name = if dir.is_empty() { name } else { format!("{dir}/{name}") };
            // What is left after all says of itself that it is unfinished: its mark goes last.
            if name != names::MARKER {
                let _ = storage.remove(&name);
            }
        }
        if let (Some(path), false) = (into.path(), dir.is_empty()) {
            let _ = std::fs::remove_dir(path.join(dir));
        }
    }
    let _ = storage.remove(names::MARKER);
}

/// Takes back the directory itself, if it was made here and nothing else is in it.
fn leave(into: &Place, was_there: bool) {
    let _ = into.storage.remove(names::LOCK);
    if let (Some(path), false) = (into.path(), was_there) {
        let _ = std::fs::remove_dir(path);
    }
}
