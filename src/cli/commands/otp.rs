//! `tresor otp`: the one-time password of this moment, and nothing else. Shows no key.

use std::io::IsTerminal;

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{names, record};
use crate::fault::Fault;
use crate::service::otp::{self, Factor, OtpError, Step};
use crate::text::counted;
use crate::vault::{Purpose, Secret, SecretRef, SensitiveBytes};

/// Print the one-time password that a secret makes now
///
/// The secret is an otpauth:// URI as sites show it, or its key in base32: by time (RFC 6238) or by
/// counter (RFC 4226), SHA-1, SHA-256 or SHA-512, 6 to 8 digits. A counter is saved one further before
/// the code is printed.
#[derive(Args)]
pub struct Otp {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
}

impl Otp {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let opened = session.open()?;
        let view = opened.view.for_purpose(Purpose::Read);
        let secret = opened.with_protection(|key| view.read_with(&name, None, key))?;
        let key = otp::Otp::parse(&secret.value).map_err(|error| told(&name, error))?;
        if let Factor::Counter(counter) = key.factor() {
            count_on(&opened, &name, &secret, counter)?;
        }
        let now = session.now().0;
        let code = key.code(now).map_err(|error| told(&name, error))?;
        let left = key.seconds_left(now);
        if session.out.json {
            let code = code.with_str(str::to_owned);
            session.out.json(&record::named(&name, json!({"code": code, "seconds_left": left})))?;
            return DONE;
        }
        write_value(&code)?;
        session.out.text("\n")?;
        if let (Some(left), true) = (left, std::io::stdout().is_terminal()) {
            let left = counted(usize::try_from(left).unwrap_or(usize::MAX), "more second");
            session.out.note(&format!("valid for {left}"));
        }
        DONE
    }
}

/// Saves the counter of the next code, unless somebody else was faster.
fn count_on(
    opened: &Opened<'_>,
    name: &SecretRef,
    secret: &Secret,
    counter: u64,
) -> Result<(), CliError> {
    let step = Step::after(name, secret, counter).map_err(|error| told(name, error))?;
    opened.commit(|| vec![step.change()])?;
    Ok(())
}

/// Refuses what is called a key for one-time passwords and makes none.
pub fn check_makes_codes(name: &SecretRef, value: &SensitiveBytes) -> Result<(), CliError> {
    otp::Otp::parse(value).map(drop).map_err(|error| told(name, error))
}

fn told(name: &SecretRef, error: OtpError) -> CliError {
    CliError::new(error.kind(), format!("{name}: {error}"), error.help())
}
