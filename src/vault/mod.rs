//! The vault: an encrypted store of secrets with scopes, history and permissions.
//! It knows no terminal, clipboard, network or configuration; time and randomness are passed in.

pub mod access;
pub mod error;
pub mod kind;
pub mod scope;
pub mod secret;

mod api;

pub use access::{Actor, Verdict};
pub use api::*;
pub use error::{Result, VaultError};
pub use kind::{Recognised, SecretKind, proposed_key, recognise};
pub use scope::{Locator, Scope, ScopeKind, SecretKey, SecretRef};
pub use secret::{
    Description, MetadataPatch, RevisionInfo, Secret, SecretMetadata, SecretSummary,
    SensitiveBytes, Timestamp, TrashEntry, TrashId,
};
