//! What a command works with: the options given everywhere, the vault's place, the open vault.
//! Runs nothing by itself.

mod protection;

use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::args::Globals;
use super::environment as env;
use super::error::CliError;
use super::output::Output;
use super::progress::Progress;
use super::prompt::Terminal;
use super::unlock::{self, Material};
use crate::config::Settings;
use crate::config::paths::Paths;
use crate::fault::FaultKind;
use crate::service::{calibrate::Calibration, ways_in};
use crate::tui::StoreWaits;
use crate::vault::{
    Actor, Change, Clock, ClosedVault, NewSlot, Place, ProtectionKey, Receipt,
    Result as VaultResult, Scope, Secret, SecretSummary, SensitiveBytes, SystemClock, Timestamp,
    Vault, VaultError, View, memory,
};

/// What a command returns: the process's exit code.
pub type Outcome = Result<ExitCode, CliError>;

/// Done, and nothing more to say.
pub const DONE: Outcome = Ok(ExitCode::SUCCESS);

/// One run of the program.
pub struct Session {
    pub globals: Globals,
    pub out: Output,
    /// Says that a store waits for a person: on the screen while there is one.
    pub waits: StoreWaits,
}

impl Session {
    pub fn new(globals: Globals) -> Self {
        let out = Output { json: globals.json, quiet: globals.quiet };
        Self { globals, out, waits: StoreWaits::default() }
    }

    /// The vault's place: `--vault`, `TRESOR_VAULT_DIR`, or the platform's.
    pub fn place(&self) -> Result<Place, CliError> {
        let paths = paths()?;
        let named =
            self.globals.vault.clone().or_else(|| env::get(env::VAULT_DIR).map(PathBuf::from));
        let (out, waits) = (self.out, self.waits.clone());
        let place = Place::on_disk(&named.unwrap_or(paths.vault), &paths.state);
        Ok(place.with_waiting_until(Arc::new(move || {
            waits.say().unwrap_or_else(|| {
                out.waiting_for_the_desktop();
                Box::new(())
            })
        })))
    }

    /// The settings: `--config`, `TRESOR_CONFIG`, or the platform's file if it is there.
    pub fn settings(&self) -> Result<Settings, CliError> {
        Ok(Settings::load(&self.settings_file()?, self.named_settings().is_some())?)
    }

    /// Reads a file that was named on the command line: it is never ignored, used or not.
    pub fn check_named_settings(&self) -> Result<(), CliError> {
        match self.globals.config {
            Some(_) => self.settings().map(drop),
            None => Ok(()),
        }
    }

    /// The file that holds the settings, there or not.
    pub fn settings_file(&self) -> Result<PathBuf, CliError> {
        match self.named_settings() {
            Some(file) => Ok(file),
            None => Ok(paths()?.settings_file()),
        }
    }

    fn named_settings(&self) -> Option<PathBuf> {
        self.globals.config.clone().or_else(|| env::get(env::CONFIG).map(PathBuf::from))
    }

    /// Who asks: `--as`, or the owner. Says that this is self-declared.
    pub fn actor(&self) -> Result<Actor, CliError> {
        let actor = self.quiet_actor()?;
        if self.globals.actor.is_some() {
            self.out.note(&format!("seen as {actor}; --as is a lens, not a login"));
        }
        Ok(actor)
    }

    /// Who asks, for the UI, which shows it itself.
    pub fn quiet_actor(&self) -> Result<Actor, CliError> {
        Ok(self.globals.actor.as_deref().map_or(Ok(Actor::Owner), str::parse)?)
    }

    /// Refuses another actor than the owner, who looks through a lens, in the words of `may_not`.
    pub fn only_the_owner(&self, may_not: &str) -> Result<(), CliError> {
        match self.quiet_actor()? {
            Actor::Owner => Ok(()),
            actor => {
                let message = format!("{actor} {may_not}");
                Err(CliError::new(FaultKind::Refused, message, "leave out --as"))
            }
        }
    }

    /// Opens and unlocks the vault.
    pub fn open(&self) -> Result<Opened<'_>, CliError> {
        self.opened_by(unlock::unlock)
    }

    /// The same where nobody may be asked on a terminal, neither now nor for a protected secret.
    pub fn open_unasked(&self) -> Result<Opened<'_>, CliError> {
        let opened = self.opened_by(unlock::unlock_unasked)?;
        Ok(Opened { may_ask: false, ..opened })
    }

    /// What may be seen of the vault, if it opens without a question to anybody and without a word.
    pub fn open_silently(&self) -> Option<View> {
        let closed = ClosedVault::open(&self.place().ok()?).ok()?;
        let vault = unlock::unlock_silently(&closed, &self.globals)?;
        Some(vault.view(self.quiet_actor().ok()?))
    }

    /// The same, but never with what is kept unlocked for a while: for what would outlast it.
    pub fn open_anew(&self) -> Result<Opened<'_>, CliError> {
        self.opened_by(|closed, globals| {
            unlock::unlock_anew(closed, globals).map(|(vault, material)| (vault, Some(material)))
        })
    }

    fn opened_by(
        &self,
        unlock: impl FnOnce(&ClosedVault, &Globals) -> Result<(Vault, Option<Material>), CliError>,
    ) -> Result<Opened<'_>, CliError> {
        let actor = self.actor()?;
        let closed = ClosedVault::open(&self.place()?)?;
        if !closed.marker_agrees() {
            self.out.warning(&format!(
                "backend.kind does not say {}, as the vault's header does, which decides; 'tresor doctor --fix' mends it",
                closed.backend()
            ));
        }
        let (vault, material) = unlock(&closed, &self.globals)?;
        if let Some(material) = &material {
            ways_in::renew(&vault, &material.lend());
        }
        let view = vault.view(actor);
        let (protection, told) = (OnceCell::new(), Cell::new(false));
        let may_ask = true;
        let opened = Opened { session: self, vault, view, material, protection, told, may_ask };
        opened.tell_unrecorded();
        Ok(opened)
    }

    /// Asks before something that cannot be taken back; `--yes` answers for the user.
    pub fn confirm(&self, question: &str) -> Result<(), CliError> {
        if self.globals.yes {
            return Ok(());
        }
        let terminal = Terminal::open().ok_or_else(|| {
            let message = "this has to be confirmed, and there is no terminal to ask on";
            CliError::new(FaultKind::Refused, message, "add --yes if you mean it")
        })?;
        match terminal.confirm(question)? {
            true => Ok(()),
            false => {
                Err(CliError::new(FaultKind::Interrupted, "not confirmed", "nothing was changed"))
            }
        }
    }

    /// How the cost of new passphrases is found.
    pub fn calibration(&self) -> Result<Calibration, CliError> {
        match env::get(env::PASSPHRASE_COST) {
            None => Ok(Calibration::Measured),
            Some(word) if word == "least" => Ok(Calibration::Least),
            Some(_) => Err(CliError::invalid(
                format!("{} is something else than 'least'", env::PASSPHRASE_COST),
                "leave it unset, and the cost is measured",
            )),
        }
    }

    /// A slot for a new passphrase, at what a guess should cost here.
    pub fn passphrase_slot(&self, passphrase: SensitiveBytes) -> Result<NewSlot, CliError> {
        let calibration = self.calibration()?;
        if calibration == Calibration::Measured {
            self.out.progress("tresor: measuring what a guess of it should cost here");
        }
        Ok(calibration.slot(passphrase))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

/// The platform's places.
pub fn paths() -> Result<Paths, CliError> {
    Paths::of_the_platform().ok_or_else(|| {
        let message = "there is no home directory to keep anything in";
        CliError::new(FaultKind::Precondition, message, "set HOME")
    })
}

/// An unlocked vault, seen by one actor.
pub struct Opened<'a> {
    session: &'a Session,
    pub vault: Vault,
    pub view: View,
    material: Option<Material>,
    protection: OnceCell<ProtectionKey>,
    /// Whether it was said that the journal takes nothing.
    told: Cell<bool>,
    /// Whether a person may be asked on the terminal.
    may_ask: bool,
}

impl Opened<'_> {
    /// Refuses a scope the actor may not see, whether there is anything in it or not.
    pub fn check_visible(&self, scope: &Scope) -> VaultResult<()> {
        self.check(self.view.actor().sees(scope).is_allowed(), "see", scope)
    }

    /// Refuses a scope the actor may not write to, before anybody is asked for a value.
    pub fn check_writable(&self, scope: &Scope) -> VaultResult<()> {
        self.check_visible(scope)?;
        self.view.check_writes(scope)
    }

    fn check(&self, is_allowed: bool, verb: &'static str, scope: &Scope) -> VaultResult<()> {
        let actor = self.view.actor().to_string();
        match is_allowed {
            true => Ok(()),
            false => Err(VaultError::NotAllowed { actor, verb, scope: scope.clone() }),
        }
    }

    /// Shuts the vault before the command goes on without it: its keys and what unlocked it are wiped.
    pub fn close(self) {
        self.vault.lock();
        drop(self);
        memory::wipe_stack();
    }

    /// Goes on with the open vault alone: what unlocked it is wiped.
    pub fn into_vault(self) -> Vault {
        let vault = self.vault.clone();
        drop(self);
        memory::wipe_stack();
        vault
    }

    /// Says once that something could not be recorded; it was done all the same.
    fn tell_unrecorded(&self) {
        if let Some(why) = self.view.take_unrecorded()
            && !self.told.replace(true)
        {
            self.session.out.warning(&why);
        }
    }

    /// Commits what `make` makes; it may be asked a second time, with the protection key at hand.
    pub fn commit(&self, make: impl Fn() -> Vec<Change>) -> Result<Receipt, CliError> {
        let receipt = self.with_protection(|key| {
            let mut shown = Progress::new(self.session.out, "changes made");
            self.view.apply_told(make(), key, &mut |done, total| shown.at(done, total))
        })?;
        for warning in &receipt.warnings {
            self.session.out.warning(warning);
        }
        Ok(receipt)
    }

    /// Refuses scopes in which nothing is stored: they are wrong names.
    pub fn check_filled(
        &self,
        scopes: &[Scope],
        secrets: &[SecretSummary],
    ) -> Result<(), CliError> {
        let is_filled = |scope: &&Scope| secrets.iter().any(|secret| secret.name.scope == **scope);
        match scopes.iter().find(|scope| !is_filled(scope)) {
            None => Ok(()),
            Some(scope) => {
                let help = "'tresor list' shows what is stored";
                let message = format!("nothing is stored in {scope}");
                Err(CliError::new(FaultKind::NotFound, message, help))
            }
        }
    }

    /// Says so when a secret that is about to be used has expired.
    pub fn note_if_expired(&self, secret: &Secret) {
        if secret.metadata.expires_at.is_some_and(|end| end.has_come(self.session.now())) {
            self.session.out.note(&format!("{} has expired", secret.name));
        }
    }

    /// What unlocked the vault; `None` when it was kept unlocked.
    pub fn material(&self) -> Option<&Material> {
        self.material.as_ref()
    }
}
