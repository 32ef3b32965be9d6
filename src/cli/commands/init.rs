//! `tresor init`: makes a vault with the slots it is given. Opens none that is there.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::prompt::Terminal;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{backend, input, new_slot, unlock};
use crate::service::keyring;
use crate::text::{counted, visible, visible_path};
use crate::vault::backend::Choice;
use crate::vault::doctor;
use crate::vault::{
    BackendKind, ClosedVault, CreateOptions, NewSlot, Place, Result as VaultResult, SlotKind,
    SystemRandom, Vault, VaultError,
};

/// Create a vault
///
/// Without --key-file and --passphrase-file it asks for a passphrase on the terminal. A key file
/// that is not there is made, readable by you only. What a guess of the passphrase costs is measured,
/// unless TRESOR_PASSPHRASE_COST is 'least'.
#[derive(Args)]
pub struct Init {
    /// Where values are kept. auto is the system's own store, where that keeps what it is given and this
    /// is a desktop session of this machine, else encrypted files; 'tresor doctor backends' shows which
    #[arg(long, value_name = "KIND", default_value = "auto", value_parser = backend::or_auto())]
    backend: backend::Wish,
    /// Also put a key into the desktop's keyring, so that this session opens it without asking
    #[arg(long)]
    keyring: bool,
    /// Also make a recovery code, and write it to this new file
    #[arg(long, value_name = "FILE")]
    recovery_out: Option<PathBuf>,
}

impl Init {
    pub fn run(&self, session: &Session) -> Outcome {
        let place = session.place()?;
        match ClosedVault::open(&place) {
            Err(VaultError::NoVault { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let path = place.path().unwrap_or(Path::new("")).to_owned();
                return Err(VaultError::AlreadyThere { path }.into());
            }
        }
        for left in doctor::remember_former(&place)? {
            session.out.note(&format!(
                "the vault {}, which was here, left {} in {}; 'tresor doctor' tells of them",
                left.vault,
                counted(left.items, "item"),
                backend::place_of(left.kind)
            ));
        }
        let chosen = backend::for_new_vault(session, &place, self.backend)?;
        if self.keyring {
            // Before there is a vault: one without what was asked for would only be in the way.
            keyring::prove(&|| unlock::waiting(&session.globals))?;
        }
        let mut made = Vec::new();
        let created = self.slots(session, &mut made).and_then(|slots| {
            // Told from what was asked for: a read that fails now would deny a vault that is there.
            let kinds: Vec<_> = slots.iter().map(|slot| slot.kind().word()).collect();
            let vault = create(&place, slots, chosen.kind);
            Ok((vault.map_err(|error| unlock::named(error, &session.globals))?, kinds))
        });
        match created {
            Ok((vault, mut slots)) => {
                if self.keyring {
                    self.add_keyring(session, &vault)?;
                    slots.push(SlotKind::Keyring.word());
                }
                self.report(session, &vault, &chosen, &slots, &made)
            }
            Err(error) => {
                // A key for a vault that was never made would only mislead; one of a vault whose
                // last step failed is the only way in.
                let is_there = place.path().is_some_and(|path| path.join("root.json").exists());
                for file in made.iter().filter(|_| !is_there) {
                    let _ = std::fs::remove_file(file);
                }
                Err(error)
            }
        }
    }

    /// The slots that were named, or else a passphrase from the terminal. Files are noted as they
    /// are made.
    fn slots(&self, session: &Session, made: &mut Vec<PathBuf>) -> Result<Vec<NewSlot>, CliError> {
        let mut slots = Vec::new();
        if let Some(passphrase) = unlock::explicit_passphrase(&session.globals)? {
            slots.push(session.passphrase_slot(passphrase)?);
        }
        if let Some(file) = unlock::key_file(&session.globals) {
            if std::fs::symlink_metadata(&file).is_err() {
                input::make_key_file(&file, &SystemRandom)?;
                made.push(file.clone());
            }
            slots.push(NewSlot::KeyFile(input::read_key_file(&file)?));
        }
        if slots.is_empty() {
            match (Terminal::open(), &self.recovery_out) {
                (Some(terminal), _) => {
                    let passphrase = new_slot::ask_passphrase(&terminal)?;
                    slots.push(session.passphrase_slot(passphrase)?);
                }
                (None, Some(_)) => {}
                (None, None) => return Err(nobody_to_ask()),
            }
        }
        if let Some(file) = &self.recovery_out {
            slots.push(new_slot::recovery(Some(file))?.0);
            made.push(file.clone());
        }
        Ok(slots)
    }

    /// Puts a key into the keyring and makes the slot it opens: items bear the vault's id.
    fn add_keyring(&self, session: &Session, vault: &Vault) -> Result<(), CliError> {
        let (slot, made) = new_slot::keyring(vault, &session.globals)?;
        let added = vault.change_slots(&[slot], &[], None);
        added.inspect_err(|error| new_slot::undo(&made, vault, error, &session.globals))?;
        Ok(())
    }

    fn report(
        &self,
        session: &Session,
        vault: &Vault,
        chosen: &Choice,
        slots: &[&str],
        made: &[PathBuf],
    ) -> Outcome {
        let path = vault.path().unwrap_or_default();
        let mut line = format!("Made a vault at {}", visible_path(&path));
        line += &format!(
            "\nIts secrets are kept in {}: {}",
            backend::place_of(chosen.kind),
            chosen.why
        );
        for file in made {
            let what = match Some(file) == self.recovery_out.as_ref() {
                true => "Wrote the recovery code to",
                false => "Made the key file",
            };
            let file = file.to_string_lossy();
            line += &format!("\n{what} {}; keep a copy apart from it", visible(&file));
        }
        let json = json!({
            "vault_id": vault.vault_id(),
            "path": path.to_string_lossy(),
            "backend": chosen.kind.word(),
            "why": chosen.why,
            "slots": slots,
        });
        session.out.done(&line, &json)?;
        DONE
    }
}

fn create(place: &Place, slots: Vec<NewSlot>, backend: BackendKind) -> VaultResult<Vault> {
    Vault::create(place, &CreateOptions { backend, ..CreateOptions::new(slots) })
}

/// What to say when no way in was named and nobody can be asked for one.
fn nobody_to_ask() -> CliError {
    CliError::invalid(
        "a vault needs something that unlocks it, and there is no terminal to ask on",
        "give --passphrase-file FILE, --key-file FILE or both",
    )
}
