//! `tresor init`: makes a vault with the slots it is given. Opens none that is there.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::prompt::Terminal;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{input, unlock};
use crate::service::strength;
use crate::text::visible;
use crate::vault::{
    BackendKind, ClosedVault, CreateOptions, NewSlot, Place, Result as VaultResult, SensitiveBytes,
    SystemRandom, Vault, VaultError,
};

/// Create a vault
///
/// Without --key-file and --passphrase-file it asks for a passphrase on the terminal. A key file
/// that is not there is made, readable by you only.
#[derive(Args)]
pub struct Init {
    /// Where values are kept: auto, encrypted_file, linux_secret_service, macos_keychain or
    /// windows_dpapi
    #[arg(long, value_name = "KIND", default_value = "auto")]
    backend: String,
    #[arg(long, hide = true)]
    keyring: bool,
    #[arg(long, hide = true, value_name = "FILE")]
    recovery_out: Option<PathBuf>,
}

impl Init {
    pub fn run(&self, session: &Session) -> Outcome {
        let backend = self.backend()?;
        let place = session.place()?;
        match ClosedVault::open(&place) {
            Err(VaultError::NoVault { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let path = place.path().unwrap_or(Path::new("")).to_owned();
                return Err(VaultError::AlreadyThere { path }.into());
            }
        }
        let mut made = None;
        let created = slots(session, &mut made).and_then(|slots| {
            create(&place, slots, backend).map_err(|error| unlock::named(error, &session.globals))
        });
        match created {
            Ok(vault) => report(session, &vault, made.as_deref()),
            Err(error) => {
                // A key file for a vault that was never made would only mislead; one of a vault whose
                // last step failed is the only way in.
                let is_there = place.path().is_some_and(|path| path.join("root.json").exists());
                if let Some(file) = made.filter(|_| !is_there) {
                    let _ = std::fs::remove_file(file);
                }
                Err(error)
            }
        }
    }

    /// The backend asked for, if it is built.
    fn backend(&self) -> Result<BackendKind, CliError> {
        if self.keyring {
            return Err(CliError::not_built("'init --keyring'"));
        }
        if self.recovery_out.is_some() {
            return Err(CliError::not_built("'init --recovery-out'"));
        }
        match self.backend.as_str() {
            "auto" | "encrypted_file" => Ok(BackendKind::EncryptedFile),
            "linux_secret_service" | "macos_keychain" | "windows_dpapi" => {
                Err(CliError::not_built(&format!("the backend {}", self.backend)))
            }
            other => Err(CliError::invalid(
                format!("unknown backend '{}'", visible(other)),
                "choose auto or encrypted_file",
            )),
        }
    }
}

fn create(place: &Place, slots: Vec<NewSlot>, backend: BackendKind) -> VaultResult<Vault> {
    Vault::create(place, &CreateOptions { backend, ..CreateOptions::new(slots) })
}

/// The slots that were named, or else a passphrase from the terminal.
fn slots(session: &Session, made: &mut Option<PathBuf>) -> Result<Vec<NewSlot>, CliError> {
    let mut slots = Vec::new();
    if let Some(passphrase) = unlock::explicit_passphrase(&session.globals)? {
        slots.push(NewSlot::Passphrase(passphrase));
    }
    if let Some(file) = unlock::key_file(&session.globals) {
        if std::fs::symlink_metadata(&file).is_err() {
            input::make_key_file(&file, &SystemRandom)?;
            *made = Some(file.clone());
        }
        slots.push(NewSlot::KeyFile(input::read_key_file(&file)?));
    }
    if slots.is_empty() {
        slots.push(NewSlot::Passphrase(ask()?));
    }
    Ok(slots)
}

/// Asks for a new passphrase, twice.
fn ask() -> Result<SensitiveBytes, CliError> {
    let terminal = Terminal::open().ok_or_else(|| {
        CliError::invalid(
            "a vault needs something that unlocks it, and there is no terminal to ask on",
            "give --passphrase-file FILE, --key-file FILE or both",
        )
    })?;
    terminal
        .say("Choose a passphrase. Nobody can recover it: without it the vault stays shut.\n")?;
    let passphrase = terminal.ask_twice("Passphrase: ", "Once more: ")?;
    if passphrase.is_empty() {
        return Err(CliError::invalid("the passphrase is empty", "choose a long one"));
    }
    let strength = strength::estimate(&passphrase);
    let advice = strength.advice.map(|advice| format!(" {advice}")).unwrap_or_default();
    let (word, time) = (strength.word(), strength.words());
    terminal.say(&format!("Strength: {word}, {time} to guess.{advice}\n"))?;
    Ok(passphrase)
}

fn report(session: &Session, vault: &Vault, made: Option<&Path>) -> Outcome {
    let path = vault.path().unwrap_or_default();
    let slots: Vec<&str> = vault.slots()?.iter().map(|slot| slot.kind.word()).collect();
    let mut line = format!("Made a vault at {}", visible(&path.to_string_lossy()));
    if let Some(file) = made {
        let file = file.to_string_lossy();
        line += &format!("\nMade the key file {}; keep a copy apart from it", visible(&file));
    }
    let json = json!({
        "vault_id": vault.vault_id(),
        "path": path.to_string_lossy(),
        "backend": vault.backend().word(),
        "slots": slots,
    });
    session.out.done(&line, &json)?;
    DONE
}
