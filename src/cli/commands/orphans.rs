//! What vaults that are not at their place any more left in the store of the system: told, and removed on
//! request. Looks at none that is there.

use serde_json::{Value, json};

use crate::cli::backend::place_of;
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::counted;
use crate::vault::doctor::{self, Orphans};
use crate::vault::{Place, VaultError};

/// What is left, as far as the store of the system answers.
pub fn find(session: &Session, place: &Place) -> Result<Vec<Orphans>, CliError> {
    match doctor::orphans(place) {
        Ok(found) => Ok(found),
        // What is not safe there is told, and mended, with the rest.
        Err(VaultError::Unsafe { .. }) => Ok(Vec::new()),
        Err(error @ VaultError::Store { .. }) => {
            let note =
                format!("what a vault that was here may have left there is unknown: {error}");
            session.out.note(&note);
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}

/// Says what is left.
pub fn tell(session: &Session, found: &[Orphans]) -> Result<(), CliError> {
    for left in found {
        let what = what(left);
        match left.is_elsewhere {
            true => session.out.note(&format!(
                "{what}; it was opened at another place too, which may need them"
            )),
            false => session.out.line(&format!(
                "✗ {what}; a vault that was moved, or lies on a disk that is not mounted, needs them; \
                 'tresor doctor --remove-orphans' removes those of one that is gone"
            ))?,
        }
    }
    Ok(())
}

/// As in JSON.
pub fn to_json(found: &[Orphans]) -> Value {
    let left = |left: &Orphans| {
        json!({
            "backend": left.kind.word(),
            "vault_id": left.vault,
            "items": left.items,
            "opened_elsewhere": left.is_elsewhere,
        })
    };
    found.iter().map(left).collect()
}

/// Removes what is left, and asks before each vault's.
pub fn remove(session: &Session, place: &Place) -> Outcome {
    let found = doctor::orphans(place)?;
    let mut removed = 0;
    for left in &found {
        let elsewhere = match left.is_elsewhere {
            true => " It was opened at another place too: a copy there loses its secrets.",
            false => "",
        };
        session.confirm(&format!(
            "{}. Without them its directory opens nothing, wherever it is, nor does a backup of it.\
             {elsewhere} Remove them?",
            what(left)
        ))?;
        let mut shown = Progress::new(session.out, "items removed");
        removed += doctor::remove_orphans(place, left, &mut |done, total| shown.at(done, total))?;
    }
    let line = match found.is_empty() {
        true => "Nothing is left of a vault that was here".into(),
        false => format!("Removed {}", counted(removed, "item")),
    };
    session.out.done(&line, &json!({"orphans": to_json(&found), "removed": removed}))?;
    DONE
}

fn what(left: &Orphans) -> String {
    let Orphans { kind, vault, items, .. } = left;
    let (are, items) = (if *items == 1 { "is" } else { "are" }, counted(*items, "item"));
    format!("{items} of the vault {vault}, which was here, {are} in {}", place_of(*kind))
}
