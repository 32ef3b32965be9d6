//! The login keychain of macOS.

use std::sync::{Arc, Mutex};

use apple_native_keyring_store::keychain::Store;
use keyring_core::CredentialStore;

use super::credentials::Service;

/// The user's login keychain. Its items are shown under the name of their service.
pub(super) static SERVICE: Service = Service {
    connect: || Store::new().map(|store| -> Arc<CredentialStore> { store }),
    label: None,
    lasts: |_, _| Ok(true),
    connection: Mutex::new(None),
};
