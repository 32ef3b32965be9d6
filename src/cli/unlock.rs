//! Finds what unlocks the vault, in the documented order. Derives no keys itself.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::args::Globals;
use super::environment as env;
use super::error::CliError;
use super::input;
use super::output::Output;
use super::prompt::Terminal;
use crate::fault::FaultKind;
use crate::service::keyring;
use crate::service::unlock_cache::{self, CacheError};
use crate::text::visible;
use crate::vault::{
    ClosedVault, KeyringKey, RecoveryCode, SensitiveBytes, SlotKind, Unlock, Vault, VaultError,
};

/// The longest passphrase a command may print, in bytes.
const MAX_PRINTED: usize = 64 * 1024;
/// How often a person may try.
const TRIES: usize = 3;

/// What unlocks a vault.
pub enum Material {
    Passphrase(SensitiveBytes),
    Recovery(RecoveryCode),
    Keyring(KeyringKey),
    KeyFile(SensitiveBytes),
}

impl Material {
    /// Lends it to the vault.
    pub fn lend(&self) -> Unlock<'_> {
        match self {
            Self::Passphrase(bytes) => Unlock::Passphrase(bytes),
            Self::Recovery(code) => Unlock::Recovery(code),
            Self::Keyring(key) => Unlock::Keyring(key),
            Self::KeyFile(bytes) => Unlock::KeyFile(bytes),
        }
    }

    /// What a person typed, or a file held: a recovery code is told by how it begins.
    pub fn typed(text: SensitiveBytes) -> Result<Self, VaultError> {
        match RecoveryCode::looks_like(&text) {
            true => RecoveryCode::parse(&text).map(Self::Recovery),
            false => Ok(Self::Passphrase(text)),
        }
    }
}

/// The key file that was named, if any.
pub fn key_file(globals: &Globals) -> Option<PathBuf> {
    globals.key_file.clone().or_else(|| env::get(env::KEY_FILE).map(PathBuf::from))
}

/// Whether a passphrase was named, in a file or as a command's.
pub fn names_passphrase(globals: &Globals) -> bool {
    passphrase_file(globals).is_some() || env::get(env::PASSPHRASE_COMMAND).is_some()
}

/// The file with the passphrase that was named, if any.
fn passphrase_file(globals: &Globals) -> Option<PathBuf> {
    let named = globals.passphrase_file.clone();
    named.or_else(|| env::get(env::PASSPHRASE_FILE).map(PathBuf::from))
}

/// A passphrase from a file or a command that was named, if any.
pub fn explicit_passphrase(globals: &Globals) -> Result<Option<SensitiveBytes>, CliError> {
    if let Some(file) = passphrase_file(globals) {
        return input::read_passphrase_file(&file).map(Some);
    }
    match env::get(env::PASSPHRASE_COMMAND) {
        Some(command) => from_command(&command.to_string_lossy()).map(Some),
        None => Ok(None),
    }
}

/// What was named to unlock with, without asking anybody.
pub fn explicit(globals: &Globals) -> Result<Option<Material>, CliError> {
    match key_file(globals) {
        Some(file) => Ok(Some(Material::KeyFile(input::read_key_file(&file)?))),
        None => Ok(explicit_passphrase(globals)?.map(Material::typed).transpose()?),
    }
}

/// Unlocks in the documented order; a person may try three times. Without material it was the cache.
pub fn unlock(
    closed: &ClosedVault,
    globals: &Globals,
) -> Result<(Vault, Option<Material>), CliError> {
    if let Some(opened) = without_a_question(closed, globals)? {
        return Ok(opened);
    }
    let (vault, material) = by_keyring_or_person(closed, globals)?;
    Ok((vault, Some(material)))
}

/// The same where nobody may be asked on a terminal. The desktop may ask for its keyring, for a while.
pub fn unlock_unasked(
    closed: &ClosedVault,
    globals: &Globals,
) -> Result<(Vault, Option<Material>), CliError> {
    if let Some(opened) = without_a_question(closed, globals)? {
        return Ok(opened);
    }
    let (vault, material) =
        from_keyring(closed, globals).unwrap_or_else(|| Err(nothing_unlocks(closed)))?;
    Ok((vault, Some(material)))
}

/// The same for a shell that completes a line: by a file that was named, or the cache. A command could
/// ask, and so could the desktop.
pub fn unlock_silently(closed: &ClosedVault, globals: &Globals) -> Option<Vault> {
    let material = match (key_file(globals), passphrase_file(globals)) {
        (Some(file), _) => Material::KeyFile(input::read_key_file(&file).ok()?),
        (None, Some(file)) => Material::typed(input::read_passphrase_file(&file).ok()?).ok()?,
        (None, None) => return unlock_cache::open(closed).ok()?,
    };
    closed.unlock(&material.lend()).ok()
}

/// The same without the cache: what is open for a while must not be made to last.
pub fn unlock_anew(closed: &ClosedVault, globals: &Globals) -> Result<(Vault, Material), CliError> {
    match by_what_was_named(closed, globals)? {
        Some(opened) => Ok(opened),
        None => by_keyring_or_person(closed, globals),
    }
}

/// Unlocks with what was named, or with what 'tresor unlock' keeps.
fn without_a_question(
    closed: &ClosedVault,
    globals: &Globals,
) -> Result<Option<(Vault, Option<Material>)>, CliError> {
    if let Some((vault, material)) = by_what_was_named(closed, globals)? {
        return Ok(Some((vault, Some(material))));
    }
    Ok(from_cache(closed, globals)?.map(|vault| (vault, None)))
}

fn by_what_was_named(
    closed: &ClosedVault,
    globals: &Globals,
) -> Result<Option<(Vault, Material)>, CliError> {
    let Some(material) = explicit(globals)? else { return Ok(None) };
    let vault = closed.unlock(&material.lend()).map_err(|error| named(error, globals))?;
    Ok(Some((vault, material)))
}

/// Opens a vault that 'tresor unlock' keeps open. A cache that fails is mentioned and passed over.
pub fn from_cache(closed: &ClosedVault, globals: &Globals) -> Result<Option<Vault>, CliError> {
    match unlock_cache::open(closed) {
        Ok(vault) => Ok(vault),
        Err(CacheError::Vault(error)) => Err(error.into()),
        // Where there is none, nothing can have been kept in it.
        Err(CacheError::Missing | CacheError::Forbidden) => Ok(None),
        Err(error @ CacheError::Failed(_)) => {
            output(globals).note(&error.to_string());
            Ok(None)
        }
    }
}

fn by_keyring_or_person(
    closed: &ClosedVault,
    globals: &Globals,
) -> Result<(Vault, Material), CliError> {
    let tried = from_keyring(closed, globals);
    if let Some(Ok(opened)) = tried {
        return Ok(opened);
    }
    let failed = tried.and_then(Result::err);
    let Some(terminal) = terminal(closed) else {
        return Err(failed.unwrap_or_else(|| nothing_unlocks(closed)));
    };
    if let Some(error) = failed {
        terminal.say(&format!("{error}.\n"))?;
    }
    for _ in 1..TRIES {
        match ask_once(closed, &terminal)? {
            Ok(opened) => return Ok(opened),
            Err(VaultError::WrongPassphrase) => terminal.say("That is not the passphrase.\n")?,
            Err(
                error @ (VaultError::InvalidRecoveryCode { .. } | VaultError::WrongRecoveryCode),
            ) => terminal.say(&format!("{error}.\n"))?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ask_once(closed, &terminal)??)
}

/// Tries what the desktop's keyring holds, if the vault has such a slot.
fn from_keyring(
    closed: &ClosedVault,
    globals: &Globals,
) -> Option<Result<(Vault, Material), CliError>> {
    let item = closed.slots().into_iter().find_map(|slot| slot.item)?;
    let key = keyring::fetch(&closed.vault_id(), &item, &|| waiting(globals));
    Some(key.map_err(CliError::from).and_then(|key| {
        let material = Material::Keyring(key);
        Ok((closed.unlock(&material.lend())?, material))
    }))
}

/// Says what is waited for.
pub fn waiting(globals: &Globals) {
    output(globals).waiting_for_the_desktop();
}

fn output(globals: &Globals) -> Output {
    Output { json: globals.json, quiet: globals.quiet }
}

/// One question, and what the vault makes of the answer.
fn ask_once(
    closed: &ClosedVault,
    terminal: &Terminal,
) -> Result<Result<(Vault, Material), VaultError>, CliError> {
    let typed = Material::typed(terminal.ask_unseen("Passphrase: ")?);
    Ok(typed.and_then(|material| Ok((closed.unlock(&material.lend())?, material))))
}

/// The error with the name of the key file that it speaks of.
pub fn named(error: VaultError, globals: &Globals) -> CliError {
    match (error, key_file(globals)) {
        (error @ VaultError::InvalidOption { .. }, Some(file)) => {
            input::key_file_error(&file, error)
        }
        (error, _) => error.into(),
    }
}

/// Asks for the passphrase of a vault whose header cannot be trusted to name its slots.
pub fn ask() -> Result<Material, CliError> {
    let terminal = Terminal::open().ok_or_else(|| {
        let help = "give --passphrase-file FILE or --key-file FILE, or run it in a terminal";
        CliError::new(FaultKind::Locked, "the vault is locked, and nothing here unlocks it", help)
    })?;
    Ok(Material::typed(terminal.ask_unseen("Passphrase: ")?)?)
}

/// The terminal to ask on, if there is one and a passphrase would unlock.
fn terminal(closed: &ClosedVault) -> Option<Terminal> {
    Terminal::open().filter(|_| closed.slots().iter().any(|slot| slot.kind.protects()))
}

/// What to say when there is nothing to unlock with and nobody to ask.
fn nothing_unlocks(closed: &ClosedVault) -> CliError {
    let ways: BTreeSet<&str> = closed
        .slots()
        .into_iter()
        .filter_map(|slot| match slot.kind {
            SlotKind::Passphrase | SlotKind::Recovery => Some("--passphrase-file FILE"),
            SlotKind::KeyFile => Some("--key-file FILE"),
            _ => None,
        })
        .collect();
    let help = match ways.is_empty() {
        true => "this tresor knows none of its slots; use a newer one".to_owned(),
        false => {
            let ways: Vec<&str> = ways.into_iter().collect();
            format!("give {}, or run it in a terminal", ways.join(" or "))
        }
    };
    CliError::new(FaultKind::Locked, "the vault is locked, and nothing here unlocks it", help)
}

/// Runs the words of `TRESOR_PASSPHRASE_COMMAND` and takes what it prints, one final newline dropped.
fn from_command(line: &str) -> Result<SensitiveBytes, CliError> {
    let failed = |what: String| {
        let message = format!("{} {what}", env::PASSPHRASE_COMMAND);
        CliError::new(FaultKind::Locked, message, "try the command by itself")
    };
    let words =
        shell_words::split(line).map_err(|error| failed(format!("is no command: {error}")))?;
    let (program, arguments) =
        words.split_first().ok_or_else(|| failed("is no command: it is empty".into()))?;
    let shown = visible(program);
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot be run: {shown}: {error}")))?;
    let printed = match child.stdout.take() {
        Some(pipe) => input::read_all(pipe, MAX_PRINTED),
        None => Ok(None),
    };
    let status = child.wait().map_err(|error| failed(format!("was lost: {shown}: {error}")))?;
    if !status.success() {
        return Err(failed(format!("failed: {shown}: {status}")));
    }
    let printed = printed
        .map_err(|error| failed(format!("cannot be read: {shown}: {error}")))?
        .map(input::chomp)
        .filter(|passphrase| !passphrase.is_empty());
    printed.ok_or_else(|| failed(format!("printed no passphrase, or too much: {shown}")))
}
