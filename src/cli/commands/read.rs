//! `tresor read`: the exact bytes of a value and nothing else. Shows no record.

use std::io::IsTerminal;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{names, record};
use crate::fault::FaultKind;
use crate::vault::{Locator, Purpose, SensitiveBytes};

/// Print the exact bytes of a value, and nothing else
#[derive(Args)]
pub struct Read {
    /// The secret: SCOPE/KEY, a tresor:// URI (also with ?field=NAME), or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// Add a newline
    #[arg(long)]
    newline: bool,
    /// Another field instead: username, url, note, tags, kind, expires_at or revision
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// Of a kept revision
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
    /// Send control bytes to a terminal all the same
    #[arg(long)]
    raw: bool,
}

impl Read {
    pub fn run(&self, session: &Session) -> Outcome {
        let locator = names::locator_of_field(&self.words, self.field.as_ref())?;
        let opened = session.open()?;
        let value = locate(&opened, &locator, self.revision, Purpose::Read)?;
        if !self.raw && std::io::stdout().is_terminal() && !value.with(record::is_plain) {
            let message = format!("{} holds bytes a terminal may obey", locator.name);
            let help = "send it to a file or a pipe, look at it with 'get --reveal', or add --raw";
            return Err(CliError::new(FaultKind::Refused, message, help));
        }
        write_value(&value)?;
        if self.newline {
            write_value(&SensitiveBytes::copy_of(b"\n"))?;
        }
        DONE
    }
}

/// The value or the field that a locator names. Only values are recorded, for that purpose.
pub fn locate(
    opened: &Opened<'_>,
    locator: &Locator,
    revision: Option<u64>,
    purpose: Purpose,
) -> Result<SensitiveBytes, CliError> {
    let name = &locator.name;
    match locator.field.as_deref() {
        None | Some("value") => {
            let view = opened.view.for_purpose(purpose);
            let secret = opened.with_protection(|key| view.read_with(name, revision, key))?;
            opened.note_if_expired(&secret);
            Ok(secret.value)
        }
        Some(_) if revision.is_some() => Err(CliError::invalid(
            "only the value has revisions",
            "leave out --field or --revision",
        )),
        Some(field) => {
            let metadata = opened.view.describe(name)?.metadata;
            record::field(name, &metadata, field).map(SensitiveBytes::from_string)
        }
    }
}
