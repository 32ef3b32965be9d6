//! A store of the operating system in memory: it outlives places and vaults, and its calls can be made
//! to fail, to hang, to lose what they were given, or to be the last ones of a process.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tresor::vault::backend::{BackendKind, Backends, BlobBackend, Id, Site, StoreTrouble};
use tresor::vault::{Place, Result, VaultError};

/// The kind it stands for.
pub const KIND: BackendKind = BackendKind::LinuxSecretService;

/// Whose canaries of probes are.
pub const NO_VAULT: &str = "00000000000000000000000000000000";

/// What a call does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused.
    Refused,
    /// It hangs, is given up, and has been done all the same.
    Hangs,
    /// It says that it was done, and was not.
    Loses,
}

#[derive(Default)]
struct Inside {
    blobs: BTreeMap<(Id, Id), Vec<u8>>,
    calls: usize,
    fault: Option<(Range<usize>, Fault)>,
}

/// The store. Clones are the same one.
#[derive(Clone, Default)]
pub struct Store(Arc<Mutex<Inside>>);

impl Store {
    /// From now on the calls of these numbers fail so.
    pub fn fails(&self, calls: Range<usize>, fault: Fault) {
        let mut inside = self.0.lock().unwrap();
        (inside.calls, inside.fault) = (0, Some((calls, fault)));
    }

    /// All is well again; how many calls there were.
    pub fn heals(&self) -> usize {
        let mut inside = self.0.lock().unwrap();
        inside.fault = None;
        inside.calls
    }

    /// How many envelopes it holds, of all vaults.
    pub fn held(&self) -> usize {
        let inside = self.0.lock().unwrap();
        inside.blobs.keys().filter(|(vault, _)| vault.to_string() != NO_VAULT).count()
    }

    /// The envelope of that id is gone.
    pub fn lose(&self, id: &str) {
        self.0.lock().unwrap().blobs.retain(|(_, held), _| held.to_string() != id);
    }

    /// The same place, which has this store.
    pub fn at(&self, place: Place) -> Place {
        let others = place.backends();
        place.with_backends(Arc::new(With { store: self.clone(), others }))
    }

    /// Does `work`, unless this is a call that fails.
    fn call<R>(
        &self,
        lost: impl FnOnce() -> Result<R>,
        work: impl FnOnce(&mut BTreeMap<(Id, Id), Vec<u8>>) -> Result<R>,
    ) -> Result<R> {
        let mut inside = self.0.lock().unwrap();
        let number = inside.calls;
        inside.calls += 1;
        let fault = inside.fault.as_ref().filter(|(calls, _)| calls.contains(&number));
        match fault.map(|(_, fault)| *fault) {
            None => work(&mut inside.blobs),
            Some(Fault::Loses) => lost(),
            Some(Fault::Refused) => {
                Err(trouble(StoreTrouble::Unreachable("it is not there".into())))
            }
            Some(Fault::Hangs) => {
                let _ = work(&mut inside.blobs);
                Err(trouble(StoreTrouble::Silent(Duration::ZERO)))
            }
        }
    }
}

fn trouble(trouble: StoreTrouble) -> VaultError {
    VaultError::Store { backend: KIND, trouble }
}

fn missing() -> VaultError {
    VaultError::Io { verb: "find", path: "an item".into(), source: ErrorKind::NotFound.into() }
}

/// The backends of a place, with this one among them.
struct With {
    store: Store,
    others: Arc<dyn Backends>,
}

impl Backends for With {
    fn open(&self, kind: BackendKind, site: &Site<'_>) -> Result<Arc<dyn BlobBackend>> {
        match kind {
            KIND => Ok(Arc::new(Items { store: self.store.clone(), vault: site.vault })),
            kind => self.others.open(kind, site),
        }
    }
}

/// What it holds of one vault.
struct Items {
    store: Store,
    vault: Id,
}

impl BlobBackend for Items {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        self.store.call(
            || Ok(()),
            |blobs| match blobs.insert((self.vault, id), bytes.to_vec()) {
                None => Ok(()),
                Some(_) => panic!("an item was written over"),
            },
        )
    }

    fn sync(&self, _new: &[Id]) -> Result<()> {
        self.store.call(|| Ok(()), |_| Ok(()))
    }

    fn get(&self, id: Id) -> Result<Vec<u8>> {
        let find = |blobs: &mut BTreeMap<_, Vec<u8>>| blobs.get(&(self.vault, id)).cloned();
        self.store.call(|| Err(missing()), |blobs| find(blobs).ok_or_else(missing))
    }

    fn delete(&self, id: Id) -> Result<()> {
        self.store.call(
            || Ok(()),
            |blobs| {
                blobs.remove(&(self.vault, id));
                Ok(())
            },
        )
    }

    fn list(&self) -> Result<Vec<Id>> {
        let ours = |blobs: &mut BTreeMap<(Id, Id), Vec<u8>>| {
            blobs.keys().filter(|(vault, _)| *vault == self.vault).map(|(_, id)| *id).collect()
        };
        self.store.call(|| Ok(Vec::new()), |blobs| Ok(ours(blobs)))
    }
}
