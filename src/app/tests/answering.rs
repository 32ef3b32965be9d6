//! The shell of the stories: answers each effect from a vault in memory.

use super::*;
use crate::app::ProfilesNow;
use crate::service::audit::{Rules, audit};
use crate::service::oauth::Registry;
use crate::service::otp::{Factor, Otp, Step};
use crate::service::surroundings::Surroundings;
use crate::vault::{Purpose, View};

/// What a vault says that is older than the one seen before.
pub(super) fn rolled_back() -> VaultError {
    VaultError::RolledBack { found: 3, seen: 5 }
}

/// The profiles of that vault, and the providers that come with the program.
fn profiles(view: &View) -> ProfilesNow {
    ProfilesNow {
        kept: Registry::new(view).survey(Timestamp(0)).expect("profiles"),
        providers: crate::service::oauth::all(None).expect("providers"),
        here: Surroundings::default(),
    }
}

fn other_code() -> RecoveryCode {
    RecoveryCode::generate(&SystemRandom).expect("a code")
}

impl Shell {
    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Some(event) = self.answer(effect) {
                self.waiting.push_back(event);
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Event> {
        let (word, ticket, result) = match effect {
            Effect::Quit => return self.note("quit"),
            Effect::Suspend => return self.note("suspend"),
            Effect::Redraw => return self.note("redraw"),
            Effect::Lock => return self.note("lock"),
            Effect::TryBackends(ticket) => {
                ("try", ticket, Ok(Outcome::Backends(self.backends.clone())))
            }
            Effect::Create { ticket, backend, code, keyring, .. } => {
                self.made_in = Some(backend);
                self.made_with_keyring = keyring;
                self.made_with_code = Some(code.is_some());
                self.code = code.unwrap_or_else(|| std::mem::replace(&mut self.code, other_code()));
                ("create", ticket, Ok(Outcome::Unlocked(facts(true))))
            }
            Effect::Unlock(ticket, opener) => {
                let result = match self.altered {
                    true => Err(Failure::from(&rolled_back())),
                    false => self.opened(&opener),
                };
                ("unlock", ticket, result)
            }
            Effect::AcceptRestore(ticket, opener) => {
                let result = self.opened(&opener);
                self.altered = result.is_err();
                ("accept", ticket, result)
            }
            Effect::Load(ticket, actor) => {
                self.actor = actor;
                ("load", ticket, self.ask(|view| Ok(Outcome::Listed(view.list()?))))
            }
            Effect::Describe(..) if self.mute => return self.note("describe"),
            Effect::Describe(ticket, name) => {
                let found = self.ask(|view| Ok(Outcome::Described(view.describe(&name)?)));
                ("describe", ticket, found)
            }
            Effect::Read { ticket, name, revision, purpose, passphrase } => {
                let result = self.unprotect(&name, passphrase.as_ref()).and_then(|()| {
                    self.ask(|view| {
                        let view = view.for_purpose(purpose);
                        let secret = view.read_with(&name, revision, None)?;
                        let at = revision.unwrap_or(secret.metadata.revision);
                        Ok(Outcome::Read(name.clone(), at, secret.value))
                    })
                });
                ("read", ticket, result)
            }
            Effect::MakeCode { ticket, name, purpose, passphrase, count } => {
                let allowed = self.unprotect(&name, passphrase.as_ref());
                let made = allowed.and_then(|()| self.code(&name, purpose, count));
                ("code", ticket, made)
            }
            Effect::Copy { ticket, what, passphrase, allow_osc52 } => {
                ("copy", ticket, self.copied(&what, passphrase.as_ref(), allow_osc52))
            }
            Effect::ClearClipboard(ticket) => {
                self.clipboard = None;
                ("clear", ticket, Ok(Outcome::ClipboardCleared))
            }
            Effect::Apply(ticket, changes, passphrase) => {
                let name = match changes.first() {
                    Some(Change::Write { name, .. } | Change::Edit { name, .. }) => {
                        Some(name.clone())
                    }
                    _ => None,
                };
                let allowed = name.map_or(Ok(()), |n| self.unprotect(&n, passphrase.as_ref()));
                ("apply", ticket, allowed.and_then(|()| self.apply(changes)))
            }
            Effect::LoadSlots(ticket) => ("slots", ticket, Ok(Outcome::Slots(self.slots_now()))),
            Effect::Prove(ticket, opener) => {
                let gone = |slot: &&SlotInfo| slot.kind == SlotKind::KeyFile;
                let dropped = self.slots.iter().filter(gone).cloned().collect();
                ("prove", ticket, self.opened(&opener).map(|_| Outcome::Proven(dropped)))
            }
            Effect::ChangeSlots(ticket, change) => {
                let changed = self.change_slots(change).map_err(|error| Failure::from(&error));
                ("change", ticket, changed.map(|()| Outcome::SlotsChanged(self.slots_now())))
            }
            Effect::Rotate { ticket, opener, code } => {
                self.slots.retain(|slot| slot.kind != SlotKind::KeyFile);
                self.code = code.unwrap_or_else(other_code);
                let warnings = Vec::new();
                let done = RotationDone { envelopes: 9, warnings, now: self.slots_now() };
                ("rotate", ticket, self.opened(&opener).map(|_| Outcome::Rotated(done)))
            }
            Effect::LoadTrash(ticket) => {
                ("trash", ticket, self.ask(|view| Ok(Outcome::Trash(view.trash()?))))
            }
            Effect::LoadActivity(ticket) => {
                ("activity", ticket, self.ask(|view| Ok(Outcome::Activity(view.journal()?))))
            }
            Effect::Audit { ticket, rules, passphrase } => {
                ("audit", ticket, self.audit(&rules, passphrase.as_ref()))
            }
            Effect::OpenPage(_) => return self.note("open page"),
            Effect::LoadProfiles(ticket) => {
                ("profiles", ticket, self.ask(|view| Ok(Outcome::Profiles(profiles(view)))))
            }
            Effect::RenewProfile(ticket, id, typed) => {
                let what = if typed.is_some() { "renew with what was typed" } else { "renew" };
                (what, ticket, Ok(Outcome::Renewed(id)))
            }
            Effect::RemoveProfile { ticket, id, revoke, passphrase } => {
                let removed = self.ask(|view| {
                    let registry = Registry::new(view);
                    let profile = registry.get(&id).expect("the profile");
                    // In some stories the first try fails for want of a passphrase.
                    if passphrase.is_some() || self.answers {
                        registry.remove(&profile).expect("removed");
                    }
                    Ok(Outcome::ProfileRemoved(id.clone(), false))
                });
                (if revoke { "remove profile" } else { "remove it only" }, ticket, removed)
            }
            // It goes on until the story says how it ends.
            Effect::SignIn(ticket, request) => {
                self.signing_in = Some((ticket, request));
                return self.note("sign in");
            }
            Effect::Search(ticket, query) => ("search", ticket, Ok(Outcome::Found(find(&query)))),
            Effect::PreviewImport(ticket, path, _) => {
                let rows = self
                    .import
                    .iter()
                    .map(|(name, _)| ImportRow { name: name.clone(), state: ImportState::New });
                let rows = rows.collect();
                let missing = Failure::plain(FaultKind::Internal, "cannot read it", "");
                let found = path.ends_with(".env");
                let preview =
                    Outcome::ImportPreview(ImportPreview { rows, left_out: self.import_left_out });
                ("preview", ticket, if found { Ok(preview) } else { Err(missing) })
            }
            Effect::Import { ticket, passphrase, .. } => {
                let names = self.import.iter().map(|(name, _)| name);
                let mut allowed = names.map(|name| self.unprotect(name, passphrase.as_ref()));
                let allowed = allowed.find(Result::is_err).unwrap_or(Ok(()));
                let changes = self.import.iter().map(|(name, value)| Change::Write {
                    name: name.clone(),
                    value: SensitiveBytes::copy_of(value.as_bytes()),
                    patch: MetadataPatch::default(),
                    expect: Expect::Any,
                });
                let changes: Vec<Change> = changes.collect();
                ("import", ticket, allowed.and_then(|()| self.apply(changes)))
            }
        };
        self.log.push(word);
        Some(match result {
            Ok(outcome) => Event::Done(ticket, outcome),
            Err(failure) => Event::Failed(ticket, failure),
        })
    }

    fn opened(&self, opener: &Opener) -> Result<Outcome, Failure> {
        match opener {
            Opener::Typed(typed) => self.fits(typed),
            Opener::KeyFile if self.file_fits => Ok(()),
            Opener::KeyFile => Err(VaultError::WrongKeyFile),
            Opener::Keyring if self.keyring_works => Ok(()),
            Opener::Keyring => Err(VaultError::WrongKeyringKey),
        }
        .map_err(|error| Failure::from(&error))?;
        Ok(Outcome::Unlocked(facts(true)))
    }

    /// Whether what was typed is the passphrase or the recovery code.
    fn fits(&self, typed: &SensitiveBytes) -> Result<(), VaultError> {
        if RecoveryCode::looks_like(typed) {
            let code = RecoveryCode::parse(typed)?;
            return code.same_as(&self.code).then_some(()).ok_or(VaultError::WrongRecoveryCode);
        }
        let fits = typed.with(|typed| typed == self.passphrase.as_bytes());
        fits.then_some(()).ok_or(VaultError::WrongPassphrase)
    }

    fn slots_now(&self) -> SlotsNow {
        let has_recovery = self.slots.iter().any(|slot| slot.kind == SlotKind::Recovery);
        let lockable = self.app.facts.as_ref().is_some_and(|facts| facts.lockable);
        let facts = VaultFacts { has_recovery, ..facts(lockable) };
        SlotsNow { slots: self.slots.clone(), facts }
    }

    fn change_slots(&mut self, change: SlotChange) -> Result<(), VaultError> {
        let text = |text: &SensitiveBytes| text.with_str(str::to_owned).unwrap_or_default();
        match change {
            SlotChange::Add(NewWay::KeyFile(path), _) if path.starts_with("/none") => {
                return Err(VaultError::Unsafe { path, why: "it is not there".into() });
            }
            SlotChange::Add(NewWay::Keyring, _) if !self.keyring_works => {
                return Err(VaultError::Unsupported { what: "the desktop's keyring".into() });
            }
            SlotChange::Add(way, proof) => {
                let kind = match way {
                    NewWay::Keyring => SlotKind::Keyring,
                    NewWay::Passphrase(_) => SlotKind::Passphrase,
                    NewWay::KeyFile(_) => SlotKind::KeyFile,
                    NewWay::Recovery(code) => {
                        self.code = code;
                        SlotKind::Recovery
                    }
                };
                proof.map_or(Ok(()), |proof| self.fits(&proof))?;
                let one = self.slots[0].clone();
                self.slots.push(SlotInfo { kind, word: kind.word().into(), ..one });
            }
            SlotChange::Replace { new, proof, .. } => {
                self.fits(&proof)?;
                self.passphrase = text(&new);
            }
            SlotChange::Remove(_) if self.slots.len() == 1 => {
                let what = "the passphrase slot".into();
                return Err(VaultError::KeepsOut { what, why: "it is the last way in" });
            }
            SlotChange::Remove(id) => self.slots.retain(|slot| slot.id != Some(id)),
        }
        Ok(())
    }

    fn note(&mut self, word: &'static str) -> Option<Event> {
        self.log.push(word);
        None
    }

    fn ask<T>(&self, ask: impl FnOnce(&View) -> crate::vault::Result<T>) -> Result<T, Failure> {
        if self.altered {
            return Err(Failure::from(&rolled_back()));
        }
        ask(&self.vault.view(self.actor.clone())).map_err(|error| Failure::from(&error))
    }

    fn apply(&self, changes: Vec<Change>) -> Result<Outcome, Failure> {
        self.ask(|view| view.apply(changes, None).map(Outcome::Saved))
    }

    /// Whatever is protected in a story is left out unless the passphrase is given.
    fn audit(&self, rules: &Rules, typed: Option<&SensitiveBytes>) -> Result<Outcome, Failure> {
        typed.map_or(Ok(()), |typed| self.fits(typed)).map_err(|error| Failure::from(&error))?;
        let mut report = self.ask(|view| audit(view, rules, None, &mut |_, _| {}))?;
        if typed.is_none() {
            let closed = |name: &SecretRef| self.protected.contains(&name.to_string());
            report.findings.retain(|(name, _)| !closed(name));
            report.left_out = self.protected.iter().map(|name| name.parse().unwrap()).collect();
            report.looked_at -= report.left_out.len();
        }
        Ok(Outcome::Audited(report))
    }

    /// As the worker does it.
    fn code(&self, name: &SecretRef, purpose: Purpose, count: bool) -> Result<Outcome, Failure> {
        let secret = self.ask(|view| view.for_purpose(purpose).read(name))?;
        let plain = |text: &str| Failure::plain(FaultKind::Precondition, text, "");
        let revision = secret.metadata.revision;
        let made = |made| Ok(Outcome::Code(name.clone(), revision, made));
        let Ok(key) = Otp::parse(&secret.value) else {
            return made(CodeMade::NoKey { value: secret.value, why: plain("it makes no codes") });
        };
        match key.factor() {
            Factor::Time { .. } => made(CodeMade::ByTime { key, into_second: self.into_second }),
            Factor::Counter(_) if !count => {
                Err(Failure { uses_up: true, ..plain("it counts its codes") })
            }
            Factor::Counter(counter) => {
                let step = Step::after(name, &secret, counter).expect("a step");
                self.apply(vec![step.change()])?;
                let code = key.code(0).expect("a code");
                made(CodeMade::Counted { code, counter, warnings: Vec::new() })
            }
        }
    }

    fn unprotect(
        &self,
        name: &SecretRef,
        passphrase: Option<&SensitiveBytes>,
    ) -> Result<(), Failure> {
        match (self.protected.contains(&name.to_string()), passphrase) {
            (true, None) => Err(Failure::from(&VaultError::Protected { name: name.clone() })),
            (true, Some(given)) => self.fits(given).map_err(|error| Failure::from(&error)),
            _ => Ok(()),
        }
    }

    fn copied(
        &mut self,
        what: &CopyWhat,
        passphrase: Option<&SensitiveBytes>,
        allow_osc52: bool,
    ) -> Result<Outcome, Failure> {
        let text = |value: &SensitiveBytes| value.with_str(str::to_owned).unwrap_or_default();
        let copied = match what {
            CopyWhat::Value(name) => {
                self.unprotect(name, passphrase)?;
                text(&self.ask(|view| view.read_with(name, None, None))?.value)
            }
            CopyWhat::Text { text, .. } => text.clone(),
            CopyWhat::Generated(value) => text(value),
        };
        if self.only_osc52 && !allow_osc52 {
            let failure = Failure::plain(FaultKind::Refused, "only OSC 52 is left", "");
            return Err(Failure { needs_consent: true, ..failure });
        }
        self.clipboard = Some(copied);
        let (route, clear_after) = match (self.only_osc52, self.in_tmux) {
            (true, _) => (Route::Osc52, None),
            (false, true) => (Route::Tmux, Some(30)),
            (false, false) => (Route::X11, Some(30)),
        };
        let to_terminal = self.only_osc52 || (self.in_tmux && allow_osc52);
        let paste = if self.in_tmux { "prefix ]".to_owned() } else { String::new() };
        let limits = String::new();
        Ok(Outcome::Copied(CopyReport { route, clear_after, to_terminal, paste, limits }))
    }
}

/// A search by what a name contains.
fn find(query: &SearchQuery) -> SearchHits {
    let hits = query.secrets.iter().enumerate().filter_map(|(at, secret)| {
        let found = secret.name.to_string().find(&query.text)?;
        let positions = (found..found + query.text.len()).map(|p| p as u32).collect();
        Some(SearchHit { index: at as u32, positions })
    });
    SearchHits { hits: hits.collect() }
}
