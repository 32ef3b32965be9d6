//! Backends by their words, and which one a new vault gets. Opens none.

use clap::builder::TypedValueParser;

use super::environment as env;
use super::error::CliError;
use super::session::Session;
use super::words::one_of;
use crate::service::surroundings::Surroundings;
use crate::vault::backend::{Choice, Probed, choose};
use crate::vault::{BackendKind, Place, VaultError};

/// Which backend a new vault is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The best there is.
    Best,
    /// This one.
    This(BackendKind),
}

/// What `--to` takes.
pub fn lasting() -> impl TypedValueParser<Value = BackendKind> {
    one_of(BackendKind::LASTING.map(|kind| (kind, kind.word())))
}

/// What `--backend` takes.
pub fn or_auto() -> impl TypedValueParser<Value = Wish> {
    let [one, two, three, four] = BackendKind::LASTING.map(|kind| (Wish::This(kind), kind.word()));
    one_of([(Wish::Best, "auto"), one, two, three, four])
}

/// Refuses a backend that this system does not have.
pub fn check_is_here(kind: BackendKind) -> Result<(), CliError> {
    match kind.is_of_this_system() {
        true => Ok(()),
        false => {
            let what = format!("the backend {}", kind.word());
            Err(VaultError::Unsupported { what }.into())
        }
    }
}

/// Where a vault is kept, within a sentence.
pub fn place_of(kind: BackendKind) -> String {
    match kind {
        BackendKind::EncryptedFile => "encrypted files".into(),
        kind => format!("the {}", kind.label()),
    }
}

/// The backend for a new vault: the one that is named, which has to work, or the best there is.
pub fn for_new_vault(session: &Session, place: &Place, wish: Wish) -> Result<Choice, CliError> {
    match wish {
        Wish::Best => Ok(choose(here().desktop(), |kind| place.probe(kind).verdict())),
        Wish::This(kind) => {
            check_is_here(kind)?;
            proven(session, place.probe(kind))?;
            Ok(Choice { kind, why: "as asked".into() })
        }
    }
}

fn proven(session: &Session, probed: Probed) -> Result<(), CliError> {
    match probed.write {
        Ok(_) => Ok(()),
        Err(error @ VaultError::Store { .. }) => {
            session.out.note("'tresor doctor backends' shows what works here");
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Where this runs.
pub fn here() -> Surroundings {
    Surroundings::of(env::get)
}
