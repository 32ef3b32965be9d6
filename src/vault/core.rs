//! The unlocked vault's inside: its keys, and reading one consistent state without a lock.
//! Not who may read (view) and not how a state is replaced (commit).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::backend::{BackendKind, BlobBackend};
use super::encoding::{Digest, Id};
use super::envelope::{Binding, EnvelopePayload, Kek};
use super::error::{Result, VaultError};
use super::index::{Entry, Kept, Page};
use super::journal::Trouble;
use super::keys::{ProtectionKey, VaultKeys};
use super::place::Place;
use super::root::{Header, MAX_ROOT, RootHeader, RootList};
use super::scope::SecretRef;
use super::seal::Key;
use super::secret::{Secret, SensitiveBytes};
use super::storage::{LockMode, is_missing, names, optional};

/// The largest page that is read.
pub(crate) const MAX_PAGE: u64 = 256 * 1024 * 1024;
/// How often a reader starts again when the root moved under it, before it takes a shared lock.
const READ_TRIES: usize = 3;
/// How long to try for the lock before the vault is called busy.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// What all clones and views of one unlocked vault share.
pub(crate) struct Core {
    pub place: Place,
    pub vault_id: Id,
    /// What could not be recorded in the journal.
    pub trouble: Trouble,
    /// Whether a cache opened it and nobody showed what really does.
    pub only_kept: bool,
    keys: Mutex<Option<Arc<VaultKeys>>>,
    /// The backend of the newest root that was read: a migration may change it at any time.
    backend: Mutex<(BackendKind, Arc<dyn BlobBackend>)>,
}

impl Core {
    pub(crate) fn new(place: Place, header: &Header, keys: VaultKeys) -> Result<Self> {
        Ok(Self {
            backend: Mutex::new((header.backend, place.backend(header.backend, header.vault_id)?)),
            vault_id: header.vault_id,
            keys: Mutex::new(Some(Arc::new(keys))),
            trouble: Trouble::default(),
            only_kept: false,
            place,
        })
    }

    /// The keys, or `Locked`. Ask after every wait and keep them no longer than the work takes:
    /// they are wiped by their last user.
    pub(crate) fn keys(&self) -> Result<Arc<VaultKeys>> {
        self.held().clone().ok_or(VaultError::Locked)
    }

    /// Takes the keys of a new epoch, unless the vault has been locked meanwhile.
    pub(crate) fn replace_keys(&self, keys: Arc<VaultKeys>) {
        if let Some(held) = self.held().as_mut() {
            *held = keys;
        }
    }

    /// Refuses what would outlast the time of a cache, but to a person: only who entered a passphrase or
    /// a recovery code has a protection key.
    pub(crate) fn check_ways_in(&self, protection: Option<&ProtectionKey>) -> Result<()> {
        match self.only_kept && protection.is_none() {
            true => Err(VaultError::OnlyKept),
            false => Ok(()),
        }
    }

    /// The backend that a header names.
    fn backend_of(&self, header: &Header) -> Result<Arc<dyn BlobBackend>> {
        let mut held = self.backend.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != header.backend {
            *held = (header.backend, self.place.backend(header.backend, self.vault_id)?);
        }
        Ok(Arc::clone(&held.1))
    }

    /// The kind of the backend, as it was last seen.
    pub(crate) fn backend_kind(&self) -> BackendKind {
        self.backend.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Drops the keys at once; work under way that holds them wipes them when it ends.
    pub(crate) fn lock(&self) {
        drop(self.held().take());
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.held().is_none()
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<VaultKeys>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one consistent state. A file that vanished because the root moved means: again.
    pub(crate) fn read<R>(&self, read: impl Fn(&Snapshot<'_>) -> Result<R>) -> Result<R> {
        for _ in 0..READ_TRIES {
            let snapshot = Snapshot::load(self)?;
            match read(&snapshot) {
                Err(error) if is_missing(&error) => {
                    if read_root(&self.place)?.sha256 == snapshot.root.sha256 {
                        return Err(missing_is_damage(error));
                    }
                }
                result => return result,
            }
        }
        let _still = self.place.storage.lock(LockMode::Shared, LOCK_WAIT)?;
        let snapshot = Snapshot::load(self)?;
        read(&snapshot).map_err(missing_is_damage)
    }
}

/// A file or item the root names that is not there is damage, not input and output.
pub(crate) fn missing_is_damage(error: VaultError) -> VaultError {
    match &error {
        VaultError::Io { path, .. } if is_missing(&error) => {
            let what = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            VaultError::Damaged { what, why: "it is missing" }
        }
        _ => error,
    }
}

/// Reads the root and compares it with what was seen before, seen first: a root read later can
/// only be newer.
pub(crate) fn read_root(place: &Place) -> Result<RootHeader> {
    let seen = place.seen.as_ref().map(|file| file.read()).transpose()?.flatten();
    let root = read_root_unchecked(place)?;
    if let Some(seen) = seen {
        seen.check(&root, &place.shown())?;
    }
    Ok(root)
}

/// Reads the root, whatever was seen before.
pub(crate) fn read_root_unchecked(place: &Place) -> Result<RootHeader> {
    match optional(place.storage.read(names::ROOT, MAX_ROOT))? {
        Some(bytes) => RootHeader::from_bytes(&bytes),
        None => Err(no_root(place)),
    }
}

/// Tells an empty place from a directory of something else and from a vault that lost its root.
pub(crate) fn no_root(place: &Place) -> VaultError {
    let path = place.shown();
    let marker = place.storage.read(names::MARKER, 256);
    if marker.is_ok_and(|marker| marker == names::UNFINISHED) {
        return VaultError::NotAVault { path, why: "what was to be built there was cut off" };
    }
    let files = place.storage.list(names::TOP).unwrap_or_default();
    let has = |name: &str| files.iter().any(|file| file == name);
    let used = |dir| place.storage.list(dir).is_ok_and(|files| !files.is_empty());
    let used = [names::INDEX, names::OBJECTS, names::JOURNAL].into_iter().any(used);
    if has(names::ROOT_PREV) || used {
        return VaultError::Damaged { what: names::ROOT.into(), why: "it is missing" };
    }
    // Nothing but what a broken-off creation leaves is as good as nothing: it is simply repeated.
    match files.iter().all(|file| names::is_ours(file)) {
        true => VaultError::NoVault { path },
        false => VaultError::NotAVault { path, why: "it holds no root.json" },
    }
}

/// One state of the vault: a root, and through it immutable files.
pub(crate) struct Snapshot<'a> {
    pub core: &'a Core,
    pub keys: Arc<VaultKeys>,
    pub root: RootHeader,
    pub list: RootList,
    pub backend: Arc<dyn BlobBackend>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn load(core: &'a Core) -> Result<Self> {
        Self::over(core, read_root(&core.place)?)
    }

    /// Opens the list of a root.
    pub(crate) fn over(core: &'a Core, root: RootHeader) -> Result<Self> {
        let keys = core.keys()?;
        let list = root.open(&keys)?;
        let backend = core.backend_of(&root.header)?;
        Ok(Self { core, keys, root, list, backend })
    }

    /// The page of that number; empty when there is none.
    pub(crate) fn page(&self, number: u8) -> Result<Page> {
        let Some(page) = self.list.pages.get(&number) else { return Ok(Page::default()) };
        let name = names::page(page.file);
        let file = self.core.place.storage.read(&name, MAX_PAGE)?;
        if Digest::of(&file) != page.sha256 {
            return Err(VaultError::Damaged {
                what: name,
                why: "it is not the page the root names",
            });
        }
        Page::open(&self.keys, number, &name, &file)
    }

    /// All pages, in order.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Result<(u8, Page)>> + '_ {
        self.list.pages.keys().map(|number| Ok((*number, self.page(*number)?)))
    }

    /// The live entry of that name.
    pub(crate) fn entry(&self, name: &SecretRef) -> Result<Entry> {
        let page = self.page(self.keys.locate(name)?)?;
        let found = page.entries.into_iter().find(|e| e.deleted.is_none() && e.name == *name);
        found.ok_or_else(|| VaultError::NotFound { name: name.clone() })
    }

    /// The live entries of several names, in their order. Each page is opened once.
    pub(crate) fn entries(&self, names: &[SecretRef]) -> Result<Vec<Entry>> {
        if let [name] = names {
            return Ok(vec![self.entry(name)?]);
        }
        let missing = |name: &SecretRef| VaultError::NotFound { name: name.clone() };
        let pairs = self.entries_there(names)?.into_iter().zip(names);
        pairs.map(|(entry, name)| entry.ok_or_else(|| missing(name))).collect()
    }

    /// The same, where `None` is a name without a live entry.
    pub(crate) fn entries_there(&self, names: &[SecretRef]) -> Result<Vec<Option<Entry>>> {
        let mut places: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(self.keys.locate(name)?).or_default().push(place);
        }
        let mut found: Vec<Option<Entry>> = names.iter().map(|_| None).collect();
        for (number, places) in places {
            let page = self.page(number)?;
            let live = page.entries.iter().filter(|entry| entry.deleted.is_none());
            let live: HashMap<&SecretRef, &Entry> =
                live.map(|entry| (&entry.name, entry)).collect();
            for place in places {
                found[place] = live.get(&names[place]).map(|entry| (*entry).clone());
            }
        }
        Ok(found)
    }

    /// A live secret with its value, or that of a kept revision; and which revision that is.
    pub(crate) fn secret(
        &self,
        entry: Entry,
        revision: Option<u64>,
        protection: Option<&ProtectionKey>,
    ) -> Result<(Secret, u64)> {
        let name = &entry.name;
        let kept = match revision {
            None => *entry.live()?,
            Some(revision) => *entry
                .kept
                .iter()
                .find(|kept| kept.revision == revision)
                .ok_or_else(|| VaultError::NoRevision { name: name.clone(), revision })?,
        };
        let value = self.value(&entry, &kept, protection)?;
        Ok((Secret { name: entry.name, metadata: entry.metadata, value }, kept.revision))
    }

    /// The value of a kept revision.
    pub(crate) fn value(
        &self,
        entry: &Entry,
        kept: &Kept,
        protection: Option<&ProtectionKey>,
    ) -> Result<SensitiveBytes> {
        let bytes = self.backend.get(kept.object)?;
        open_value(&self.keys, entry, kept, &bytes, protection)
    }
}

/// The key an entry's envelopes are wrapped with: the KEK, or for a protected one HKDF(wrap ‖ PK).
pub(crate) fn kek(
    keys: &VaultKeys,
    entry: &Entry,
    protection: Option<&ProtectionKey>,
) -> Result<Key> {
    match (entry.metadata.protected, protection) {
        (false, _) => Ok(Key::copy_of(keys.wrap())),
        (true, Some(protection)) => keys.protected_wrap(protection),
        (true, None) => Err(VaultError::Protected { name: entry.name.clone() }),
    }
}

/// What the envelope of a kept revision is bound to.
pub(crate) fn binding<'a>(keys: &VaultKeys, entry: &'a Entry, kept: &Kept) -> Binding<'a> {
    Binding {
        vault_id: keys.vault_id(),
        secret_id: entry.secret_id,
        name: &entry.name,
        revision: kept.revision,
    }
}

/// Reads an envelope's bytes after comparing them with the pin in the index.
pub(crate) fn envelope(kept: &Kept, bytes: &[u8]) -> Result<EnvelopePayload> {
    let name = names::object(kept.object);
    if Digest::of(bytes) != kept.sha256 {
        let why = "it is not the envelope the index names";
        return Err(VaultError::Damaged { what: name, why });
    }
    EnvelopePayload::from_bytes(&name, bytes)
}

/// Opens the value in an envelope's bytes.
pub(crate) fn open_value(
    keys: &VaultKeys,
    entry: &Entry,
    kept: &Kept,
    bytes: &[u8],
    protection: Option<&ProtectionKey>,
) -> Result<SensitiveBytes> {
    let key = kek(keys, entry, protection)?;
    let opened = envelope(kept, bytes)?
        .open_value(binding(keys, entry, kept), Kek { key: &key, epoch: keys.epoch() });
    let name = names::object(kept.object);
    opened.ok_or(VaultError::Damaged { what: name, why: "its seal does not open" })
}
