//! Backends by their words, and which one a new vault gets. Opens none.

use clap::builder::PossibleValuesParser;

use super::environment as env;
use super::error::CliError;
use super::session::Session;
use crate::service::surroundings::Surroundings;
use crate::text::visible;
use crate::vault::backend::{Choice, Probed, choose};
use crate::vault::{BackendKind, Place, VaultError};

/// Takes the best there is.
const AUTO: &str = "auto";

/// What `--to` takes.
pub fn lasting() -> PossibleValuesParser {
    PossibleValuesParser::new(BackendKind::LASTING.map(BackendKind::word))
}

/// What `--backend` takes.
pub fn or_auto() -> PossibleValuesParser {
    let words = BackendKind::LASTING.into_iter().map(BackendKind::word);
    PossibleValuesParser::new([AUTO].into_iter().chain(words))
}

/// The backend of that word, where this system has it.
pub fn named(word: &str) -> Result<BackendKind, CliError> {
    let kind = BackendKind::LASTING.into_iter().find(|kind| kind.word() == word);
    kind.filter(|kind| kind.is_of_this_system()).ok_or_else(|| {
        let what = format!("the backend {}", visible(word));
        VaultError::Unsupported { what }.into()
    })
}

/// Where a vault is kept, within a sentence.
pub fn place_of(kind: BackendKind) -> String {
    match kind {
        BackendKind::EncryptedFile => "encrypted files".into(),
        kind => format!("the {}", kind.label()),
    }
}

/// The backend for a new vault: the one that is named, which has to work, or the best there is.
pub fn for_new_vault(
    session: &Session,
    place: &Place,
    preference: &str,
) -> Result<Choice, CliError> {
    if preference == AUTO {
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
