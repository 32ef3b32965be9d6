//! One-time codes for the screen and the clipboard. What a code is, the service knows.

use super::clock::into_second;
use super::values::Desk;
use crate::app::{CodeMade, Failure, Outcome};
use crate::fault::{Fault, FaultKind};
use crate::service::otp::{Factor, Otp, OtpError, Step};
use crate::vault::{ProtectionKey, Purpose, Secret, SecretRef, SensitiveBytes};

impl Desk {
    /// What makes the codes of a secret by time, or, if that was agreed to, the next one of a counter.
    pub fn make_code(
        &self,
        name: SecretRef,
        purpose: Purpose,
        passphrase: Option<SensitiveBytes>,
        count: bool,
    ) -> Result<Outcome, Failure> {
        let key = self.protection(passphrase)?;
        let secret = self.secret(&name, None, purpose, key.as_ref())?;
        let revision = secret.metadata.revision;
        let otp = match Otp::parse(&secret.value) {
            Ok(otp) => otp,
            Err(error) => {
                let made = CodeMade::NoKey { value: secret.value, why: told(&name, error) };
                return Ok(Outcome::Code(name, revision, made));
            }
        };
        match otp.factor() {
            Factor::Time { .. } => {
                let made = CodeMade::ByTime { key: otp, into_second: into_second() };
                Ok(Outcome::Code(name, revision, made))
            }
            Factor::Counter(_) if !count => Err(uses_up(&name)),
            Factor::Counter(counter) => self.count_on(name, &secret, (&otp, counter), key.as_ref()),
        }
    }

    /// Saves the counter of the next code, and only then gives out the code of now.
    fn count_on(
        &self,
        name: SecretRef,
        secret: &Secret,
        (otp, counter): (&Otp, u64),
        key: Option<&ProtectionKey>,
    ) -> Result<Outcome, Failure> {
        // A counter knows no time.
        let code = otp.code(0).map_err(|error| told(&name, error))?;
        let step = Step::after(&name, secret, counter).map_err(|error| told(&name, error))?;
        let receipt = self.commit(vec![step.change()], key)?;
        let revision = receipt.outcomes.last().map_or(0, |outcome| outcome.revision);
        let made = CodeMade::Counted { code, counter, warnings: receipt.warnings };
        Ok(Outcome::Code(name, revision, made))
    }
}

fn uses_up(name: &SecretRef) -> Failure {
    let message = format!("{name} makes its codes by a counter.");
    Failure { uses_up: true, ..Failure::plain(FaultKind::Precondition, message, "") }
}

fn told(name: &SecretRef, error: OtpError) -> Failure {
    Failure::plain(error.kind(), format!("{name}: {error}"), error.help())
}
