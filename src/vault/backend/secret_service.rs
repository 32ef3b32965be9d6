//! The Linux Secret Service (the freedesktop.org specification), over D-Bus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use keyring_core::CredentialStore;
use zbus_secret_service_keyring_store::{Store, cred::Wrapper};

use super::credentials::Service;

/// Where the objects of the collection lie that ends with the session.
const SESSION: &str = "/org/freedesktop/secrets/collection/session/";

/// The one of this session.
pub(super) static SERVICE: Service = Service {
    connect: || Store::new().map(|store| -> Arc<CredentialStore> { store }),
    label: Some("tresor: an encrypted secret; do not delete"),
    lasts,
    connection: Mutex::new(None),
};

/// Whether the item of that name is not in the collection of the session.
fn lasts(store: &CredentialStore, name: &str) -> keyring_core::Result<bool> {
    let items = store.search(&HashMap::from([("username", name)]))?;
    let in_session = |item: &Wrapper| item.get_path().starts_with(SESSION);
    let mut wrapped = items.iter().filter_map(|item| item.as_any().downcast_ref::<Wrapper>());
    Ok(!wrapped.any(in_session))
}
