//! Envelopes as items of the operating system's credential store, one an envelope, by the keyring
//! crates. Every call has a deadline. Not which store that is.

mod line;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};

use super::{BackendKind, BlobBackend, Id, MAX_ENVELOPE, Site, StoreTrouble};
use crate::vault::deadline::Waiting;
use crate::vault::error::{Result, VaultError};
use crate::vault::storage::names;
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
        if let Some(store) = &*self.held() {
            return Ok(Arc::clone(store));
        }
        // Not under the lock: it may take for ever, and the next call tries anew.
        let store = (self.connect)()?;
        Ok(Arc::clone(self.held().insert(store)))
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<CredentialStore>>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_connection(&self) {
        drop(self.held().take());
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
        if answer.is_err() {
            // What that call waits for may never come over its connection.
            service.forget_connection();
        }
        let answer = answer.map_err(StoreTrouble::from).and_then(|answer| answer);
        answer.map_err(|trouble| VaultError::Store { backend: self.kind, trouble })
    }

    /// Who all our items are filed under, of every vault.
    fn users(&self) -> Result<Vec<String>> {
        let list = |service: &Service, store: &CredentialStore| {
            let items = service.items(store)?;
            items
                .iter()
                .filter_map(|item| user(item).transpose())
                .collect::<keyring_core::Result<Vec<_>>>()
        };
        let users = self.ask(move |service, store| {
            // One that another process removes meanwhile looks like a failure: look again.
            list(service, store).or_else(|_| list(service, store))
        })?;
        Ok(users.unwrap_or_default())
    }

    /// Of one vault: its envelopes, and the keys of its keyring slots, which have a dot in their names.
    fn users_of_the_vault(&self) -> Result<Vec<String>> {
        let vault = self.vault.to_string();
        let mut users = self.users()?;
        users.retain(|user| {
            user.strip_prefix(&vault).is_some_and(|rest| rest.starts_with(['/', '.']))
        });
        Ok(users)
    }

    /// Removes the item of that name, and those that somebody put beside it.
    fn delete_named(&self, name: String) -> Result<()> {
        let deleted =
            self.ask(move |service, store| match service.item(store, &name)?.delete_credential() {
                Err(Error::Ambiguous(items)) => items.iter().try_for_each(Entry::delete_credential),
                deleted => deleted,
            });
        deleted.map(drop)
    }

    fn missing(&self, id: Id) -> VaultError {
        VaultError::NotInStore { backend: self.kind, id: id.to_string() }
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
        let bytes = got.ok_or_else(|| self.missing(id))?;
        match u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_ENVELOPE) {
            true => Ok(bytes),
            false => Err(VaultError::Damaged {
                what: names::object(id),
                why: "it is larger than any envelope",
            }),
        }
    }

    fn delete(&self, id: Id) -> Result<()> {
        self.delete_named(self.name(id))
    }

    fn list(&self) -> Result<Vec<Id>> {
        let ours = format!("{}/", self.vault);
        let users = self.users()?;
        Ok(users.iter().filter_map(|user| Id::parse(user.strip_prefix(&ours)?)).collect())
    }

    fn remains(&self) -> Result<usize> {
        self.users_of_the_vault().map(|users| users.len())
    }

    fn remove_remains(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<usize> {
        let left = self.users_of_the_vault()?;
        let total = left.len();
        for (done, user) in left.into_iter().enumerate() {
            self.delete_named(user)?;
            progress(done + 1, total);
        }
        Ok(total)
    }

    fn lasts(&self, id: Id) -> Result<bool> {
        let name = self.name(id);
        let lasts = self.ask(move |service, store| (service.lasts)(store, &name))?;
        Ok(lasts.unwrap_or_default())
    }
}

/// Who an item is filed under, if anybody. A store that fails must not look emptier than it is.
fn user(item: &Entry) -> keyring_core::Result<Option<String>> {
    if let Some((_, user)) = item.get_specifiers() {
        return Ok(Some(user));
    }
    match item.get_attributes() {
        Ok(mut attributes) => Ok(attributes.remove("username")),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}
