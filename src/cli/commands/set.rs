//! `tresor set`: writes one value from standard input, a prompt or the generator. Never from arguments.

use std::io::IsTerminal;

use clap::Args;
use serde_json::json;

use super::generate::RecipeArgs;
use super::metadata::MetadataArgs;
use super::otp;
use crate::cli::error::CliError;
use crate::cli::prompt::Terminal;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{input, names, record};
use crate::fault::{Fault, FaultKind};
use crate::vault::{Change, Expect, SecretKind, SecretRef, SensitiveBytes, VaultError};

/// Write a value
///
/// The value comes from standard input, bit for bit, or on a terminal from a prompt. A name that is
/// there gets a new revision; the former value stays in its history.
#[derive(Args)]
pub struct Set {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true)]
    words: Vec<String>,
    /// Take the value from standard input even on a terminal
    #[arg(long)]
    value_stdin: bool,
    /// Drop one newline at the end of standard input
    #[arg(long)]
    chomp: bool,
    /// Refuse if the name is there
    #[arg(long)]
    create_only: bool,
    #[command(flatten)]
    metadata: MetadataArgs,
    /// Generate the value
    #[arg(long, conflicts_with_all = ["value_stdin", "chomp"])]
    generate: bool,
    #[command(flatten)]
    recipe: RecipeArgs,
}

impl Set {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = self.name()?;
        let patch = self.metadata.patch(session.now())?;
        if !self.generate && !self.recipe.is_empty() {
            return Err(CliError::invalid(
                "how to generate was said, but not that it should be",
                "add --generate, or leave the options of the generator out",
            ));
        }
        let opened = session.open()?;
        opened.check_writable(&name.scope)?;
        let value = self.value(session, &opened, &name)?;
        // Only what is said: a kind that was recognised says that a value looks like such a key, and it may be an
        // authenticator's export, or a token that looks like one and has to be replaced.
        if patch.kind == Some(SecretKind::Totp) {
            check_makes_codes(&name, &value)?;
        }
        let expect = if self.create_only { Expect::Absent } else { Expect::Any };
        let receipt = opened.commit(|| {
            let (name, value) = (name.clone(), value.duplicate());
            vec![Change::Write { name, value, patch: patch.clone(), expect }]
        })?;
        let revision = receipt.outcomes.first().map_or(0, |outcome| outcome.revision);
        let json = record::named(&name, json!({"revision": revision}));
        session.out.done(&format!("Saved {name}, revision {revision}"), &json)?;
        DONE
    }

    /// The name; words beyond it may be a value, and are refused without repeating them.
    fn name(&self) -> Result<SecretRef, CliError> {
        let first = self.words.first().map_or("", String::as_str);
        let named = if first.contains('/') || first.starts_with("tresor:") { 1 } else { 2 };
        if self.words.len() > named || self.words.iter().any(|word| word.contains('=')) {
            let is_field = first.contains("?field=") && self.words.len() == 1;
            if !is_field {
                return Err(CliError::invalid(
                    "a value does not belong in the arguments, where others can see it",
                    "give it on standard input, or leave it out to be asked",
                ));
            }
        }
        names::reference(&self.words)
    }

    fn value(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        name: &SecretRef,
    ) -> Result<SensitiveBytes, CliError> {
        if self.generate {
            return Ok(self.recipe.make()?.0);
        }
        if !self.value_stdin && std::io::stdin().is_terminal() {
            return ask(name);
        }
        // Two more for the newline that --chomp takes away.
        let max = opened.vault.max_value()?;
        let value = input::read_stdin(max.saturating_add(2))?;
        let value = if self.chomp { input::chomp(value) } else { value };
        if value.len() > max {
            return Err(too_large(value.len(), max));
        }
        if !self.chomp && value.with(is_one_line_with_newline) {
            session.out.note("the value ends in a newline; --chomp drops it");
        }
        Ok(value)
    }
}

/// Refuses what is called a key for one-time passwords and makes none.
fn check_makes_codes(name: &SecretRef, value: &SensitiveBytes) -> Result<(), CliError> {
    otp::check_makes_codes(name, value)
        .map_err(|error| CliError::invalid(error.to_string(), error.help()))
}

/// The vault's error, which would count the bytes: no more were read than tell that it is too large.
fn too_large(actual: usize, max: usize) -> CliError {
    let error = VaultError::ValueTooLarge { actual, max };
    let message = format!("the value has more than the {max} bytes this vault allows");
    CliError::new(error.kind(), message, error.help())
}

/// Whether there is exactly one newline, at the end.
fn is_one_line_with_newline(bytes: &[u8]) -> bool {
    bytes.strip_suffix(b"\n").is_some_and(|line| !line.is_empty() && !line.contains(&b'\n'))
}

fn ask(name: &SecretRef) -> Result<SensitiveBytes, CliError> {
    let terminal = Terminal::open().ok_or_else(|| {
        let message = "there is no terminal to ask on";
        CliError::new(FaultKind::Unsupported, message, "give the value on standard input")
    })?;
    let value = terminal.ask_twice(&format!("Value of {name}: "), "Once more: ")?;
    match value.is_empty() {
        true => Err(VaultError::EmptyValue.into()),
        false => Ok(value),
    }
}
