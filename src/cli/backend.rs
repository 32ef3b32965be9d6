//! Backends by their words, and which one a new vault gets. Opens none.

use super::environment as env;
use super::error::CliError;
use super::session::Session;
use crate::service::surroundings::Surroundings;
use crate::text::visible;
use crate::vault::backend::{Choice, Probed, choose};
use crate::vault::{BackendKind, Place, VaultError};

/// The backend of that word, where this system has it.
pub fn named(word: &str) -> Result<BackendKind, CliError> {
    let lasting = BackendKind::LASTING.into_iter().find(|kind| kind.word() == word);
    match lasting {
        Some(kind) if kind.is_of_this_system() => Ok(kind),
        Some(kind) => {
            let what = format!("the backend {kind}");
            Err(VaultError::Unsupported { what }.into())
        }
        None => Err(CliError::invalid(
            format!("unknown backend '{}'", visible(word)),
            format!("choose one of {}", words().join(", ")),
        )),
    }
}

/// Where a vault is kept, within a sentence.
pub fn place_of(kind: BackendKind) -> String {
    match kind {
        BackendKind::EncryptedFile => "encrypted files".into(),
        kind => format!("the {}", kind.label()),
    }
}

/// The words of the backends that this system has.
pub fn words() -> Vec<&'static str> {
    let of_this_system = |kind: &BackendKind| kind.is_of_this_system();
    BackendKind::LASTING.into_iter().filter(of_this_system).map(BackendKind::word).collect()
}

/// The backend for a new vault: the one that is named, which has to work, or the best there is.
pub fn for_new_vault(
    session: &Session,
    place: &Place,
    preference: &str,
) -> Result<Choice, CliError> {
    if preference == "auto" {
        return Ok(choose(here().desktop(), |kind| place.probe(kind).verdict()));
    }
    let kind = named(preference)?;
    proven(session, place.probe(kind))?;
    Ok(Choice { kind, why: "as asked".into() })
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
