//! What is done with protected secrets in an open vault, and how their key is come by.

use std::collections::{BTreeMap, BTreeSet};

use super::Opened;
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::prompt::Terminal;
use crate::cli::unlock::{self, Material};
use crate::service::compare;
use crate::vault::{
    ProtectionKey, Purpose, Result as VaultResult, Secret, SecretRef, SecretSummary, VaultError,
};

impl Opened<'_> {
    /// Does `work`, and once more with the protection key if that is what it lacks.
    pub fn with_protection<R>(
        &self,
        work: impl Fn(Option<&ProtectionKey>) -> VaultResult<R>,
    ) -> Result<R, CliError> {
        let done = match self.protection.get() {
            Some(key) => work(Some(key)),
            None => match work(None) {
                Err(error @ VaultError::Protected { .. }) => {
                    work(Some(self.protection_key(error)?))
                }
                other => other,
            },
        };
        self.tell_unrecorded();
        Ok(done?)
    }

    /// Gives the secrets to `with`, to compare them; what is gone meanwhile is passed over. Asks for the
    /// protection key where one of them needs it.
    pub fn compare(
        &self,
        secrets: &[&SecretSummary],
        with: &mut dyn FnMut(Secret),
    ) -> Result<(), CliError> {
        let key = match (self.protection.get(), secrets.iter().find(|secret| secret.protected)) {
            (None, Some(secret)) => {
                let missing = VaultError::Protected { name: secret.name.clone() };
                Some(self.protection_key(missing)?)
            }
            (known, _) => known,
        };
        let names: Vec<SecretRef> = secrets.iter().map(|secret| secret.name.clone()).collect();
        let mut progress = Progress::new(self.session.out, "secrets compared");
        let mut at = |done, total| progress.at(done, total);
        let done = compare::each(&self.view, &names, key, &mut at, with);
        self.tell_unrecorded();
        Ok(done?)
    }

    /// The secrets of the names, each read once however often it is asked for. Says which of them have
    /// expired.
    pub fn read_once(
        &self,
        names: BTreeSet<&SecretRef>,
        purpose: Purpose,
    ) -> Result<BTreeMap<SecretRef, Secret>, CliError> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: Vec<SecretRef> = names.into_iter().cloned().collect();
        let view = self.view.for_purpose(purpose);
        let read = self.with_protection(|key| view.read_all(&names, key))?;
        read.iter().for_each(|secret| self.note_if_expired(secret));
        Ok(read.into_iter().map(|secret| (secret.name.clone(), secret)).collect())
    }

    /// The protection key, from what is at hand, what was named, or a prompt.
    pub fn protection_key(&self, missing: VaultError) -> Result<&ProtectionKey, CliError> {
        let key = match &self.material {
            None | Some(Material::KeyFile(_) | Material::Keyring(_)) => {
                self.protection_key_apart(missing)?
            }
            Some(material) => self.vault.protection_key(&material.lend())?,
        };
        Ok(self.protection.get_or_init(|| key))
    }

    /// The protection key, if it was asked for already.
    pub fn known_protection(&self) -> Option<&ProtectionKey> {
        self.protection.get()
    }

    /// The protection key, if what is at hand or was named gives it; nobody is asked.
    pub fn protection_at_hand(&self) -> Result<Option<&ProtectionKey>, CliError> {
        let is_at_hand = match &self.material {
            Some(Material::Passphrase(_) | Material::Recovery(_)) => true,
            _ => unlock::names_passphrase(&self.session.globals),
        };
        match is_at_hand && self.vault.can_protect()? {
            true => self.protection_key(VaultError::NeedsProtectionKey).map(Some),
            false => Ok(None),
        }
    }

    /// The protection key for a change of the ways in; `None` while no slot keeps it.
    pub fn protection_for_slots(&self) -> Result<Option<&ProtectionKey>, CliError> {
        match self.vault.can_protect()? {
            true => self.protection_key(VaultError::NeedsProtectionKey).map(Some),
            false => Ok(None),
        }
    }

    fn protection_key_apart(&self, missing: VaultError) -> Result<ProtectionKey, CliError> {
        let material = match unlock::explicit_passphrase(&self.session.globals)? {
            Some(passphrase) => Material::typed(passphrase)?,
            None => {
                let terminal = match self.may_ask && self.vault.can_protect()? {
                    true => Terminal::open(),
                    false => None,
                };
                let Some(terminal) = terminal else {
                    return Err(missing.into());
                };
                terminal.say(&format!("{missing}.\n"))?;
                Material::typed(terminal.ask_unseen("Passphrase: ")?)?
            }
        };
        Ok(self.vault.protection_key(&material.lend())?)
    }
}
