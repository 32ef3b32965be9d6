//! `tresor meta`: changes what is known about a secret, not its value; without options shows it.

use clap::Args;
use serde_json::json;

use super::metadata::MetadataArgs;
use super::otp;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{names, record};
use crate::vault::{Change, Expect, MetadataPatch, Purpose, SecretKind, SecretRef};

/// Change what is known about a secret, but not its value
///
/// Takes the metadata options of 'set'; without any it shows what is known.
#[derive(Args)]
pub struct Meta {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    #[command(flatten)]
    metadata: MetadataArgs,
    /// Stop asking for the passphrase each time
    #[arg(long, conflicts_with = "protected")]
    unprotected: bool,
}

impl Meta {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let mut patch = self.metadata.patch(session.now())?;
        if self.unprotected {
            patch.protected = Some(false);
        }
        let opened = session.open()?;
        if patch == MetadataPatch::default() {
            return super::get::show(session, &opened.view.describe(&name)?);
        }
        if patch.kind == Some(SecretKind::Totp) {
            check_makes_codes(&opened, &name)?;
        }
        let receipt = opened.commit(|| {
            vec![Change::Edit { name: name.clone(), patch: patch.clone(), expect: Expect::Any }]
        })?;
        let revision = receipt.outcomes.first().map_or(0, |outcome| outcome.revision);
        let json = record::named(&name, json!({"revision": revision}));
        session.out.done(&format!("Changed {name}, revision {revision}"), &json)?;
        DONE
    }
}

/// Refuses to call a stored value a key for one-time passwords that makes none.
fn check_makes_codes(opened: &Opened<'_>, name: &SecretRef) -> Result<(), CliError> {
    // By the scope alone, before any look-up.
    opened.check_writable(&name.scope)?;
    let view = opened.view.for_purpose(Purpose::Compare);
    let secret = opened.with_protection(|key| view.read_with(name, None, key))?;
    otp::check_makes_codes(name, &secret.value)
}
