//! Envelopes as items of the operating system's credential store, one an envelope, by the keyring
//! crates. Every call has a deadline. Not which store that is.

mod line;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};

use super::{BackendKind, BlobBackend, Id, Site, StoreTrouble};
use crate::vault::deadline::Waiting;
use crate::vault::error::{Result, VaultError};
use crate::vault::storage::io_error;
use line::Line;

/// What all our items are filed under.
const SERVICE: &str = "tresor";

type Answer<R> = std::result::Result<R, StoreTrouble>;

/// A credential store of this system: how it is reached, and what is particular about it.
pub(super) struct Service {
    pub connect: fn() -> keyring_core::Result<Arc<CredentialStore>>,
    /// What an item is given beside its name, where the store takes it.
    pub label: Option<&'static str>,
    /// Whether the item of that name is still there in the next session.
    pub lasts: fn(&CredentialStore, &str) -> keyring_core::Result<bool>,
    /// Made with the first call, and anew after one that failed: the store may have been started again.
    pub connection: Mutex<Option<Arc<CredentialStore>>>,
}

impl Service {
    fn connected(&self) -> keyring_core::Result<Arc<CredentialStore>> {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(store) => Ok(Arc::clone(store)),
            None => Ok(Arc::clone(held.insert((self.connect)()?))),
        }
    }

    fn forget_connection(&self) {
        drop(self.connection.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Asks the store, once more over a new connection if the one there was does not work any more.
    /// `None` when it has no such item.
    fn ask<R>(
        &self,
        question: impl Fn(&CredentialStore) -> keyring_core::Result<R>,
    ) -> Answer<Option<R>> {
        let asked = || self.connected().and_then(|store| question(&*store));
        let answered = match asked() {
            Err(Error::PlatformFailure(_)) => {
                self.forget_connection();
                asked()
            }
            answered => answered,
        };
        match answered {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => StoreTrouble::of(&error).map_or(Ok(None), Err),
        }
    }

    /// The item of that name.
    fn item(&self, store: &CredentialStore, name: &str) -> keyring_core::Result<Entry> {
        let modifiers = self.label.map(|label| HashMap::from([("label", label)]));
        store.build(SERVICE, name, modifiers.as_ref())
    }

    fn items(&self, store: &CredentialStore) -> keyring_core::Result<Vec<Entry>> {
        store.search(&HashMap::from([("service", SERVICE)]))
    }
}

/// The items of one vault.
pub(super) struct Credentials {
    kind: BackendKind,
    service: &'static Service,
    line: Line,
    vault: Id,
    waiting: Waiting,
    deadline: Duration,
}

impl Credentials {
    pub(super) fn new(kind: BackendKind, service: &'static Service, site: &Site<'_>) -> Self {
        Self {
            kind,
            service,
            line: Line::default(),
            vault: site.vault,
            waiting: Arc::clone(site.waiting),
            deadline: site.deadline,
        }
    }

    /// The user that an envelope is filed under: never what it is about, as everybody in the session
    /// can read that. A keyring slot's items have a dot there.
    fn name(&self, id: Id) -> String {
        format!("{}/{id}", self.vault)
    }

    /// Asks the store on a thread of its own.
    fn ask<R: Send + 'static>(
        &self,
        question: impl Fn(&'static Service, &CredentialStore) -> keyring_core::Result<R>
        + Send
        + 'static,
    ) -> Result<Option<R>> {
        let service = self.service;
        let work = move || service.ask(|store| question(service, store));
        let answer = self.line.run(&*self.waiting, self.deadline, work);
        let answer = answer.map_err(StoreTrouble::from).and_then(|answer| answer);
        answer.map_err(|trouble| VaultError::Store { backend: self.kind, trouble })
    }

    fn missing(&self, id: Id) -> VaultError {
        let path: PathBuf = [self.kind.label(), &id.to_string()].iter().collect();
        io_error("find", &path, ErrorKind::NotFound)
    }
}

impl BlobBackend for Credentials {
    fn put_new(&self, id: Id, bytes: &[u8]) -> Result<()> {
        let (name, bytes) = (self.name(id), bytes.to_vec());
        let put = self.ask(move |service, store| service.item(store, &name)?.set_secret(&bytes))?;
        put.ok_or_else(|| self.missing(id))
    }

    fn sync(&self, _new: &[Id]) -> Result<()> {
        Ok(())
    }

    fn get(&self, id: Id) -> Result<Vec<u8>> {
        let name = self.name(id);
        let got = self.ask(move |service, store| service.item(store, &name)?.get_secret())?;
        got.ok_or_else(|| self.missing(id))
    }

    fn delete(&self, id: Id) -> Result<()> {
        let name = self.name(id);
        self.ask(move |service, store| service.item(store, &name)?.delete_credential()).map(drop)
    }

    fn list(&self) -> Result<Vec<Id>> {
        let ours = format!("{}/", self.vault);
        let found = self.ask(move |service, store| {
            let items = service.items(store)?;
            let names = items.iter().filter_map(|item| item.get_specifiers());
            Ok(names.filter_map(|(_, user)| Id::parse(user.strip_prefix(&ours)?)).collect())
        })?;
        Ok(found.unwrap_or_default())
    }

    fn remains(&self) -> Result<usize> {
        let vault = self.vault.to_string();
        let held = self.ask(move |service, store| Ok(remains(service, store, &vault)?.len()))?;
        Ok(held.unwrap_or_default())
    }

    fn remove_remains(&self) -> Result<usize> {
        let vault = self.vault.to_string();
        let removed = self.ask(move |service, store| {
            let items = remains(service, store, &vault)?;
            items.iter().try_for_each(Entry::delete_credential).map(|()| items.len())
        })?;
        Ok(removed.unwrap_or_default())
    }

    fn lasts(&self, id: Id) -> Result<bool> {
        let name = self.name(id);
        let lasts = self.ask(move |service, store| (service.lasts)(store, &name))?;
        Ok(lasts.unwrap_or_default())
    }
}

/// Every item of a vault: its envelopes, and the keys of its keyring slots, which have a dot in their
/// names.
fn remains(
    service: &Service,
    store: &CredentialStore,
    vault: &str,
) -> keyring_core::Result<Vec<Entry>> {
    let mut items = service.items(store)?;
    items.retain(|item| {
        let user = item.get_specifiers().map(|(_, user)| user).unwrap_or_default();
        user.strip_prefix(vault).is_some_and(|rest| rest.starts_with(['/', '.']))
    });
    Ok(items)
}
