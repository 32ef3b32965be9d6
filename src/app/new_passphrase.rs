//! A new passphrase, typed twice, with its strength. Not what it will open.

use super::field::SecretField;
use super::strength::StrengthView;
use crate::service::strength::estimate;

/// The longest passphrase that can be typed, in bytes.
pub const MAX_PASSPHRASE: usize = 1024;

/// A passphrase below this score is warned about once (zxcvbn's "fair").
const FAIR: u8 = 2;

/// Which field has the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewFocus {
    /// The passphrase.
    Passphrase,
    /// The passphrase again.
    Again,
}

/// Both fields and what is said of them.
pub struct NewPassphrase {
    /// The passphrase.
    pub passphrase: SecretField,
    /// The passphrase again.
    pub again: SecretField,
    /// Which of both has the cursor.
    pub focus: NewFocus,
    /// How hard the passphrase is to guess; `None` while it is empty.
    pub strength: Option<StrengthView>,
    /// Why it cannot go on yet: they differ, it is empty, too weak and Enter confirms.
    pub problem: Option<String>,
    /// Whether a weak passphrase was warned about, so that the next Enter takes it.
    pub weak_accepted: bool,
}

impl Default for NewPassphrase {
    /// Nothing typed yet.
    fn default() -> Self {
        Self {
            passphrase: SecretField::hidden(MAX_PASSPHRASE),
            again: SecretField::hidden(MAX_PASSPHRASE),
            focus: NewFocus::Passphrase,
            strength: None,
            problem: None,
            weak_accepted: false,
        }
    }
}

impl NewPassphrase {
    /// The field with the cursor.
    pub(super) fn field(&mut self) -> &mut SecretField {
        match self.focus {
            NewFocus::Passphrase => &mut self.passphrase,
            NewFocus::Again => &mut self.again,
        }
    }

    /// Whether both fields hold the same.
    pub fn matches(&self) -> bool {
        self.passphrase.with_str(|one| self.again.with_str(|other| one == other))
    }

    /// To the other field.
    pub(super) fn step(&mut self) {
        self.focus = match self.focus {
            NewFocus::Passphrase => NewFocus::Again,
            NewFocus::Again => NewFocus::Passphrase,
        };
    }

    /// Shows what is typed, or dots again.
    pub(super) fn show(&mut self) {
        let shown = !self.passphrase.shown;
        (self.passphrase.shown, self.again.shown) = (shown, shown);
    }

    /// What follows from a changed text.
    pub(super) fn typed(&mut self) {
        self.problem = None;
        if self.focus == NewFocus::Passphrase {
            self.weak_accepted = false;
            let typed = self.passphrase.to_sensitive();
            self.strength = (!typed.is_empty()).then(|| StrengthView::of(&estimate(&typed)));
        }
    }

    /// Whether it can be taken; says what keeps it from that and moves the cursor there.
    pub(super) fn is_ready(&mut self) -> bool {
        match self.check() {
            Ok(()) => true,
            Err(problem) => {
                self.problem = (!problem.is_empty()).then_some(problem);
                false
            }
        }
    }

    fn check(&mut self) -> Result<(), String> {
        if self.passphrase.is_empty() {
            self.focus = NewFocus::Passphrase;
            return Err("Type a passphrase first.".to_owned());
        }
        let weak = self.strength.as_ref().is_some_and(|strength| strength.score < FAIR);
        if weak && !self.weak_accepted {
            self.weak_accepted = true;
            self.focus = NewFocus::Passphrase;
            return Err("That is easy to guess. Make it longer, or press Enter to keep it.".into());
        }
        if self.again.is_empty() {
            self.focus = NewFocus::Again;
            return Err(String::new());
        }
        if !self.matches() {
            self.again.clear();
            self.focus = NewFocus::Again;
            return Err("The two differ. Type it again.".to_owned());
        }
        Ok(())
    }
}
