//! What the world answers: each outcome goes to the question that asked for it. Late answers are dropped.

use super::App;
use super::asks::{Ask, CopySource, DescribeFor, ReadFor};
use super::bindings::Action;
use super::effect::{CopyWhat, Effect};
use super::event::{Failure, Outcome, Ticket};
use super::one_time::CodeUse;
use super::prompt::Retry;
use super::settings::Osc52;
use super::toast::Tone;
use crate::fault::FaultKind;
use crate::vault::{Description, SecretRef, SensitiveBytes};

impl App {
    pub(super) fn on_done(&mut self, ticket: Ticket, outcome: Outcome) {
        self.opened(ticket);
        self.prompt_answered(ticket);
        let Some(ask) = self.asks.take(ticket) else { return };
        match (ask, outcome) {
            (Ask::TryBackends, Outcome::Backends(now)) => self.backends_tried(now),
            (Ask::Create | Ask::Unlock | Ask::Keyring, Outcome::Unlocked(facts)) => {
                self.unlocked(facts)
            }
            (Ask::Accept { .. }, Outcome::Unlocked(facts)) => self.accepted(facts),
            (Ask::Load, Outcome::Listed(listing)) => self.listed(listing),
            (Ask::Describe(_, purpose), Outcome::Described(found)) => {
                self.described(purpose, found)
            }
            (Ask::Read { purpose, .. }, Outcome::Read(name, revision, value)) => {
                self.was_read(purpose, name, revision, value);
            }
            (Ask::Code(_, to), Outcome::Code(name, revision, made)) => {
                self.code_made(to, name, revision, made);
            }
            (Ask::Copy(source), Outcome::Copied(report)) => self.copied(source, report),
            (Ask::ClearClipboard, Outcome::ClipboardCleared) => self.clipboard_cleared(),
            (Ask::Save(job), Outcome::Saved(receipt)) => self.saved(&job, &receipt),
            (Ask::Slots, Outcome::Slots(now)) => self.slots_listed(now),
            (Ask::Prove(job), Outcome::Proven(dropped)) => self.proven(job, &dropped),
            (Ask::ChangeSlots(work), Outcome::SlotsChanged(now)) => self.slots_changed(work, now),
            (Ask::Rotate, Outcome::Rotated(done)) => self.rotated(done),
            (Ask::Trash, Outcome::Trash(entries)) => self.trash_listed(entries),
            (Ask::Activity, Outcome::Activity(journal)) => self.activity_read(journal),
            (Ask::Audit, Outcome::Audited(report)) => self.audited(report),
            (Ask::Profiles, Outcome::Profiles(now)) => self.profiles_listed(now),
            (Ask::Renew(_), Outcome::Renewed(id)) => {
                self.profile_changed("New tokens for ", &id, "")
            }
            (Ask::RemoveProfile(..), Outcome::ProfileRemoved(id, revoked)) => {
                let help = match revoked {
                    true => "The provider took its tokens back; they are in the trash",
                    false => "What it kept is in the trash, and still good at the provider",
                };
                self.profile_changed("Removed ", &id, help);
            }
            (Ask::SignIn, Outcome::SignedIn(kept, tried)) => self.signed_in(ticket, kept, tried),
            (Ask::Search, Outcome::Found(hits)) => self.found(ticket, hits),
            (Ask::Preview, Outcome::ImportPreview(preview)) => self.previewed(preview),
            (Ask::Import, Outcome::Saved(receipt)) => self.imported(&receipt),
            _ => {}
        }
    }

    pub(super) fn on_failed(&mut self, ticket: Ticket, failure: Failure) {
        if self.opening == Some(ticket) {
            // What was typed ahead was meant for something that will not come.
            self.held.clear();
        }
        self.opened(ticket);
        let wrong = failure.mistyped();
        let refused = wrong && self.prompt_refused(ticket, &failure);
        if !refused {
            self.prompt_answered(ticket);
        }
        let Some(ask) = self.asks.take(ticket) else { return };
        if refused {
            // The draft below can be left, or saved once more.
            self.unsubmit_wizard(ticket);
            return self.set_saving(None);
        }
        if ask == Ask::Rotate {
            return self.rotation_failed(failure);
        }
        let opens = matches!(ask, Ask::Create | Ask::Unlock | Ask::Keyring | Ask::Accept { .. });
        if failure.kind == FaultKind::Locked && !wrong && !opens {
            return self.lock_for(failure.message);
        }
        self.ask_failed(ticket, ask, failure);
    }

    /// Takes a failure to what asked: a question for the user, the form it belongs to, or a message.
    fn ask_failed(&mut self, ticket: Ticket, ask: Ask, failure: Failure) {
        match ask {
            Ask::TryBackends => self.backends_untried(&failure.message),
            Ask::Create => self.create_failed(failure),
            Ask::Unlock => self.unlock_failed(failure),
            Ask::Keyring => self.keyring_failed(failure),
            Ask::Accept { by_file } => self.accept_failed(failure, by_file),
            Ask::Read { name, revision, purpose } if failure.needs_protection => {
                self.ask_passphrase(Retry::Read(name, revision, purpose));
            }
            Ask::Code(name, to) if failure.needs_protection => {
                self.ask_passphrase(Retry::Code(name, to));
            }
            Ask::Code(name, to) if failure.uses_up => self.ask_next_code(name, to, failure),
            Ask::Copy(source) if failure.needs_protection => {
                self.ask_passphrase(Retry::Copy(source));
            }
            Ask::Copy(source)
                if failure.needs_consent && self.settings.chosen.osc52 == Osc52::Ask =>
            {
                self.ask_osc52(source);
            }
            Ask::Save(job) => self.save_failed(job, failure),
            Ask::Describe(_, purpose) => self.describe_failed(purpose, failure),
            Ask::Preview | Ask::Import => self.import_failed(failure),
            Ask::Slots => {
                self.layers.retain(|layer| !matches!(layer, super::Layer::Slots(_)));
                self.fail(failure);
            }
            Ask::ChangeSlots(_) => self.slot_change_failed(failure),
            Ask::Trash => {
                self.layers.retain(|layer| !matches!(layer, super::Layer::Trash(_)));
                self.fail(failure);
            }
            Ask::Activity => {
                self.layers.retain(|layer| !matches!(layer, super::Layer::Activity(_)));
                self.fail(failure);
            }
            Ask::Audit => self.audit_failed(failure),
            Ask::Profiles => {
                self.layers.retain(|layer| !matches!(layer, super::Layer::Profiles(_)));
                self.fail(failure);
            }
            Ask::Renew(id) => self.profile_failed(Retry::Renew(id), failure),
            Ask::RemoveProfile(id, revoke) => self.removal_failed(id, revoke, failure),
            Ask::SignIn => self.sign_in_failed(ticket, failure),
            Ask::Load => {
                self.load_failed();
                // A question that nobody asked for must not come between two keys of a text.
                match self.text_field() {
                    Some(_) => self.say(failure),
                    None => self.fail(failure),
                }
            }
            Ask::Search => self.search_failed(ticket, failure),
            Ask::Read { .. } | Ask::Copy(_) | Ask::Code(..)
                if failure.changed || failure.kind == FaultKind::NotFound =>
            {
                self.fail(failure);
                self.request_load();
            }
            Ask::Read { .. }
            | Ask::Code(..)
            | Ask::Copy(_)
            | Ask::ClearClipboard
            | Ask::Prove(_) => {
                self.fail(failure);
            }
            Ask::Rotate => self.rotation_failed(failure),
        }
    }

    /// Ends the holding back of keys when their layer came or failed to.
    fn opened(&mut self, ticket: Ticket) {
        if self.opening == Some(ticket) {
            self.opening = None;
        }
    }

    /// Stops waiting for an answer; what it brings later is dropped.
    pub(super) fn give_up(&mut self, ticket: Ticket) {
        self.asks.take(ticket);
        self.set_saving(None);
    }

    /// Shows a failure until the next key, or asks when it is one to be accepted.
    pub(super) fn fail(&mut self, failure: Failure) {
        if !self.ask_accept(&failure) {
            self.say(failure);
        }
    }

    /// Shows a failure until the next key.
    pub(super) fn say(&mut self, failure: Failure) {
        if self.presenting {
            // It may name a secret.
            let help = self.key_help(Action::Present, "leaves the presenter mode, to see why");
            return self.toast(Tone::Error, "That did not work".into(), help);
        }
        self.toast(Tone::Error, failure.message, failure.help);
    }

    /// Asks for a value.
    pub(super) fn read(
        &mut self,
        name: SecretRef,
        revision: Option<u64>,
        purpose: ReadFor,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        let ask = Ask::Read { name: name.clone(), revision, purpose };
        let ticket = self.asks.put(ask, self.now);
        if matches!(purpose, ReadFor::Edit) && passphrase.is_none() {
            self.opening = Some(ticket);
        }
        let purpose = purpose.purpose();
        self.out.push(Effect::Read { ticket, name, revision, purpose, passphrase });
        Some(ticket)
    }

    /// Asks for everything known about a secret.
    pub(super) fn describe(&mut self, name: SecretRef, purpose: DescribeFor) -> Ticket {
        let ticket = self.asks.put(Ask::Describe(name.clone(), purpose), self.now);
        self.out.push(Effect::Describe(ticket, name));
        ticket
    }

    fn described(&mut self, purpose: DescribeFor, found: Description) {
        match purpose {
            DescribeFor::Detail => self.detail_described(found),
            DescribeFor::Metadata => self.open_meta_form(&found),
            DescribeFor::History => self.history_described(found),
        }
    }

    fn was_read(
        &mut self,
        purpose: ReadFor,
        name: SecretRef,
        revision: u64,
        value: SensitiveBytes,
    ) {
        match purpose {
            ReadFor::Reveal | ReadFor::Peek => {
                self.show_value(name, revision, value, purpose == ReadFor::Peek);
            }
            ReadFor::Edit => self.open_editor(name, revision, &value),
            ReadFor::Reload => self.reload_editor(&name, revision, &value),
            ReadFor::History => self.show_old_value(name, revision, value),
        }
    }

    /// Copies; a passphrase or consent is asked when it is needed.
    pub(super) fn copy(&mut self, source: CopySource) {
        self.copy_with(source, None);
    }

    pub(super) fn copy_with(
        &mut self,
        source: CopySource,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        let what = match &source {
            CopySource::Value(name) => CopyWhat::Value(name.clone()),
            CopySource::Text { label, text } => {
                CopyWhat::Text { label: label.clone(), text: text.clone() }
            }
            CopySource::Generated => {
                CopyWhat::Generated(self.generator()?.value.as_ref()?.duplicate())
            }
            CopySource::Code(name) => {
                return self.make_code(name.clone(), CodeUse::Copy, false, passphrase);
            }
            CopySource::Shown(name) => CopyWhat::Generated(self.shown_code(name)?),
        };
        let allow_osc52 = self.osc52_agreed || self.settings.chosen.osc52 == Osc52::Always;
        let ticket = self.asks.put(Ask::Copy(source), self.now);
        self.out.push(Effect::Copy { ticket, what, passphrase, allow_osc52 });
        Some(ticket)
    }
}
