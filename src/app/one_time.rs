//! One-time codes: made live while they are shown, and copied. The keys that make them are not shown here.

use std::time::{Duration, Instant};

use super::App;
use super::asks::{Ask, CopySource};
use super::confirm::{Purpose as Question, no, yes};
use super::detail::Shown;
use super::effect::{CopyWhat, Effect};
use super::event::{CodeMade, Failure, Ticket};
use super::settings::Osc52;
use super::toast::Tone;
use crate::service::otp::{Factor, Otp};
use crate::vault::{Purpose, SecretKind, SecretRef, SensitiveBytes, Timestamp};

/// The longest time that a code by time is shown at once: twice the usual period (RFC 6238, section 4.1). A
/// key with a longer one is asked again.
const LONGEST: u64 = 60;

/// What a code on the screen has beside its digits.
pub enum OneTime {
    /// Goes on with the time.
    ByTime {
        /// Makes the next one.
        key: Otp,
        /// When the one that is shown ends.
        ends: Timestamp,
    },
    /// Used up by being shown.
    Counted {
        /// Which one it is.
        counter: u64,
    },
}

impl OneTime {
    /// How many seconds the code is still valid, and how long each one is; `None` for one of a counter.
    pub fn left(&self, now: Timestamp) -> Option<(u32, u32)> {
        match self {
            Self::ByTime { key, .. } => match (key.seconds_left(now.0), key.factor()) {
                (Some(left), Factor::Time { period }) => Some((left, period)),
                _ => None,
            },
            Self::Counted { .. } => None,
        }
    }
}

/// What a code is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    /// To show it.
    Show,
    /// To show it for a moment.
    Peek,
    /// To copy it.
    Copy,
}

impl CodeUse {
    /// What the journal says of it.
    fn purpose(self) -> Purpose {
        match self {
            Self::Show | Self::Peek => Purpose::Reveal,
            Self::Copy => Purpose::Copy,
        }
    }
}

/// When the code of `now` ends.
fn ends(key: &Otp, now: Timestamp) -> Timestamp {
    now.plus(key.seconds_left(now.0).unwrap_or_default().into())
}

impl App {
    /// Whether the selected secret makes one-time codes.
    pub(super) fn makes_codes(&self) -> bool {
        match &self.screen {
            super::Screen::Browse(browse) => {
                browse.selected().is_some_and(|secret| secret.kind == SecretKind::Totp)
            }
            _ => false,
        }
    }

    /// Asks for a code. One of a counter is made only when that was agreed to: who types a passphrase for it
    /// has agreed.
    pub(super) fn make_code(
        &mut self,
        name: SecretRef,
        to: CodeUse,
        agreed: bool,
        passphrase: Option<SensitiveBytes>,
    ) -> Option<Ticket> {
        self.asks.forget(|ask| matches!(ask, Ask::Code(..)));
        let count = agreed || passphrase.is_some();
        let ticket = self.asks.put(Ask::Code(name.clone(), to), self.now);
        if count {
            // What is counted is not to be lost because the selection moved on meanwhile.
            self.opening = Some(ticket);
        }
        let purpose = to.purpose();
        self.out.push(Effect::MakeCode { ticket, name, purpose, passphrase, count });
        Some(ticket)
    }

    /// Copies the code of a secret; one of a counter that is on the screen is that one.
    pub(super) fn copy_one_time(&mut self, name: SecretRef) {
        let counted = |shown: &Shown| {
            shown.name == name && matches!(shown.code, Some(OneTime::Counted { .. }))
        };
        if self.detail().and_then(|detail| detail.shown.as_ref()).is_some_and(counted) {
            return self.copy(CopySource::Shown(name));
        }
        self.copy(CopySource::Code(name));
    }

    /// A code of a counter that is on the screen, to be copied.
    pub(super) fn shown_code(&mut self, name: &SecretRef) -> Option<SensitiveBytes> {
        let shown = self.detail()?.shown.as_ref().filter(|shown| shown.name == *name)?;
        shown.code.is_some().then(|| shown.value.duplicate())
    }

    pub(super) fn code_made(
        &mut self,
        to: CodeUse,
        name: SecretRef,
        revision: u64,
        made: CodeMade,
    ) {
        match (made, to) {
            (CodeMade::ByTime { key, .. }, CodeUse::Copy) => self.copy_made(name, &key),
            (CodeMade::ByTime { key, into_second }, to) => {
                self.show_ticking((name, revision), key, into_second, to == CodeUse::Peek);
            }
            (CodeMade::Counted { code, counter, warnings }, to) => {
                for warning in warnings {
                    self.toast(Tone::Warning, warning, String::new());
                }
                self.show_counted((name, revision), code, counter, to == CodeUse::Copy);
            }
            (CodeMade::NoKey { why, .. }, CodeUse::Copy) => self.say(why),
            (CodeMade::NoKey { value, why }, to) => {
                self.show_value(name, revision, value, to == CodeUse::Peek);
                self.toast(Tone::Note, why.message, why.help);
            }
        }
    }

    fn copy_made(&mut self, name: SecretRef, key: &Otp) {
        let Ok(code) = key.code(self.wall.0) else { return };
        let allow_osc52 = self.osc52_agreed || self.settings.chosen.osc52 == Osc52::Always;
        let ticket = self.asks.put(Ask::Copy(CopySource::Code(name)), self.now);
        let what = CopyWhat::Generated(code);
        self.out.push(Effect::Copy { ticket, what, passphrase: None, allow_osc52 });
    }

    /// Shows a code by time until it ends, or as long as any value where that is longer; the next one takes
    /// its place. The countdown steps with the seconds of the date, so that one wake a second does for both.
    fn show_ticking(
        &mut self,
        (name, revision): (SecretRef, u64),
        key: Otp,
        into_second: Duration,
        peek: bool,
    ) {
        let Ok(code) = key.code(self.wall.0) else { return };
        let reveal = self.settings.chosen.reveal;
        let left = Duration::from_secs(key.seconds_left(self.wall.0).unwrap_or_default().into());
        let since = self.now.checked_sub(into_second).unwrap_or(self.now);
        let lasts = left.min(Duration::from_secs(LONGEST)).max(reveal);
        let until: Option<Instant> = since.checked_add(lasts).filter(|_| !peek);
        let ends = ends(&key, self.wall);
        if !self.show_value(name, revision, code, peek) {
            return;
        }
        if let Some(shown) = self.detail().and_then(|detail| detail.shown.as_mut()) {
            shown.until = until.unwrap_or(shown.until);
            shown.code = Some(OneTime::ByTime { key, ends });
        }
    }

    /// Shows a code of a counter also when it is to be copied: it cannot be had again should that fail.
    fn show_counted(
        &mut self,
        (name, revision): (SecretRef, u64),
        code: SensitiveBytes,
        counter: u64,
        copies: bool,
    ) {
        self.request_load();
        if !self.show_value(name.clone(), revision, code, false) {
            let what = format!("A code of {} was made and not shown", self.say_name(&name));
            return self.toast(Tone::Warning, what, "the next one is another".into());
        }
        if let Some(shown) = self.detail().and_then(|detail| detail.shown.as_mut()) {
            shown.code = Some(OneTime::Counted { counter });
        }
        if copies {
            self.copy(CopySource::Shown(name));
        }
    }

    /// Puts the code of now in the place of one whose time is over.
    pub(super) fn follow_code(&mut self) {
        let wall = self.wall;
        let Some(shown) = self.detail().and_then(|detail| detail.shown.as_mut()) else { return };
        let Some(OneTime::ByTime { key, ends: until }) = &mut shown.code else { return };
        let now_until = ends(key, wall);
        if now_until == *until {
            return;
        }
        *until = now_until;
        match key.code(wall.0) {
            Ok(code) => {
                shown.value = code;
                self.out.push(Effect::Redraw);
            }
            Err(_) => self.hide_values(),
        }
    }

    /// Asks before a code is used up.
    pub(super) fn ask_next_code(&mut self, name: SecretRef, to: CodeUse, failure: Failure) {
        let meant = self.layers.is_empty()
            && self.text_field().is_none()
            && self.selected_name().as_ref() == Some(&name);
        if !meant || self.refuses_to_show() {
            return;
        }
        let lines = vec![
            failure.message,
            "Taking one saves the counter one further, so that no code is used twice.".to_owned(),
        ];
        // Not `y`: a second one, meant for copying, must not answer.
        let choices = vec![no("Not now"), yes('t', "Take it", false)];
        self.ask(Question::NextCode(name, to), "Take the next code?", lines, choices);
    }
}
