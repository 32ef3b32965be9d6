//! Asks for the secrets of new ways in: a passphrase, a key file, a recovery code. Changes no vault.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::Globals;
use super::error::CliError;
use super::output::Output;
use super::prompt::Terminal;
use super::{input, unlock};
use crate::fault::FaultKind;
use crate::service::keyring::{self, KeyringError};
use crate::service::strength;
use crate::text::visible;
use crate::vault::{
    NewSlot, RecoveryCode, SensitiveBytes, SystemRandom, Vault, VaultError, create_private_file,
};

/// Switches to the terminal's other screen and back: what is shown there stays in no scrollback.
const OTHER_SCREEN: &str = "\x1b[?1049h\x1b[H\x1b[2J";
const FIRST_SCREEN: &str = "\x1b[H\x1b[2J\x1b[?1049l";

/// A new passphrase: from the file that was named, or asked for twice.
pub fn passphrase(file: Option<&Path>) -> Result<SensitiveBytes, CliError> {
    if let Some(file) = file {
        return input::read_passphrase_file(file);
    }
    let terminal = Terminal::open().ok_or_else(|| {
        CliError::invalid(
            "there is no terminal to ask for a new passphrase on",
            "give it with --new-passphrase-file FILE",
        )
    })?;
    ask_passphrase(&terminal)
}

/// Asks for a new passphrase, twice, and says how strong it is.
pub fn ask_passphrase(terminal: &Terminal) -> Result<SensitiveBytes, CliError> {
    terminal.say("Choose a passphrase. Nobody can recover it.\n")?;
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

/// What was made outside the vault for a new slot.
pub enum Made {
    /// A file with its secret.
    File(PathBuf),
    /// An item of the keyring.
    Item(String),
}

/// Undoes what was made for slots that the vault refused; not when nobody knows whether it did.
pub fn undo(made: &[Made], vault: &Vault, error: &VaultError, globals: &Globals) {
    if matches!(error, VaultError::Uncertain { .. }) {
        return;
    }
    for made in made {
        match made {
            // A secret for a way in that was never made would only mislead.
            Made::File(file) => drop(std::fs::remove_file(file)),
            Made::Item(item) => forget(vault, item, globals),
        }
    }
}

/// The slot of a key file, which is made if it is not there.
pub fn key_file(file: &Path) -> Result<(NewSlot, Vec<Made>), CliError> {
    let mut made = Vec::new();
    if std::fs::symlink_metadata(file).is_err() {
        input::make_key_file(file, &SystemRandom)?;
        made.push(Made::File(file.to_owned()));
    }
    Ok((NewSlot::KeyFile(input::read_key_file(file)?), made))
}

/// A new key in an item of its own in the desktop's keyring, read back to prove it.
pub fn keyring(vault: &Vault, globals: &Globals) -> Result<(NewSlot, Vec<Made>), CliError> {
    let (waiting, left) = (|| unlock::waiting(globals), |error: &_| note_left(error, globals));
    let key = keyring::make(&vault.vault_id(), &waiting, &left)?;
    let item = key.item();
    Ok((NewSlot::Keyring(key), vec![Made::Item(item)]))
}

/// Removes an item that opens nothing any more; says when it could not be removed.
pub fn forget(vault: &Vault, item: &str, globals: &Globals) {
    if let Err(error) = keyring::remove(&vault.vault_id(), item, &|| unlock::waiting(globals)) {
        note_left(&error, globals);
    }
}

fn note_left(error: &KeyringError, globals: &Globals) {
    let out = Output { json: globals.json, quiet: globals.quiet };
    out.note(&format!("an item that opens nothing may be left in the keyring: {error}"));
}

/// A new recovery code: written to a new file, or shown once and typed back.
pub fn recovery(out: Option<&Path>) -> Result<(NewSlot, Vec<Made>), CliError> {
    let code = RecoveryCode::generate(&SystemRandom)?;
    let mut made = Vec::new();
    match out {
        Some(file) => {
            write_code(&code.shown()?, file)?;
            made.push(Made::File(file.to_owned()));
        }
        None => show_and_ask(&code.shown()?)?,
    }
    Ok((NewSlot::Recovery(code), made))
}

/// Writes the code to a file that is not there yet, for its owner only.
fn write_code(code: &SensitiveBytes, file: &Path) -> Result<(), CliError> {
    let write = || {
        let mut new = create_private_file(file)?;
        let written = code.with(|code| new.write_all(code)).and_then(|()| new.write_all(b"\n"));
        written.and_then(|()| new.sync_all()).inspect_err(|_| {
            // Half a code opens nothing.
            let _ = std::fs::remove_file(file);
        })
    };
    write().map_err(|error| CliError::file("make", file, &error))
}

/// Shows the code on the other screen until it has been typed back.
fn show_and_ask(code: &SensitiveBytes) -> Result<(), CliError> {
    let terminal = Terminal::open().ok_or_else(|| {
        CliError::invalid(
            "there is no terminal to show a recovery code on",
            "have it written to a new file with --recovery-out FILE",
        )
    })?;
    terminal.say(OTHER_SCREEN)?;
    let typed = ask_code(&terminal, code);
    terminal.say(FIRST_SCREEN)?;
    typed
}

fn ask_code(terminal: &Terminal, code: &SensitiveBytes) -> Result<(), CliError> {
    terminal.say("The recovery code opens the vault when the passphrase is forgotten.\n")?;
    terminal.say("Write it down on paper, and keep it apart from this machine:\n\n    ")?;
    terminal.say_secret(code)?;
    terminal.say("\n\nIt is never shown again. Type it back to show that you have it.\n")?;
    let expected = RecoveryCode::parse(code)?;
    for _ in 0..5 {
        match RecoveryCode::parse(&terminal.ask_unseen("Recovery code: ")?) {
            Ok(typed) if typed.same_as(&expected) => return Ok(()),
            Ok(_) => terminal.say("That is another code.\n")?,
            Err(error) => terminal.say(&format!("{error}.\n"))?,
        }
    }
    let help = "nothing was changed; start again when you have it written down";
    Err(CliError::new(FaultKind::Refused, "the recovery code was not typed back", help))
}

/// What to say of a recovery code that lies in a file.
pub fn remark_on_file(file: &Path) -> String {
    let file = file.to_string_lossy();
    format!(
        "the recovery code is in {}; print it, keep it apart, and remove the file",
        visible(&file)
    )
}
