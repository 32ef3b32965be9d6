//! `tresor inject`: fills the references in a text with their values. Writes nothing unless all are there.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::output::write_value;
use crate::cli::resolve;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::streams::{STANDARD_INPUT, named_file};
use crate::fault::FaultKind;
use crate::service::new_file::NewFile;
use crate::service::reference::Template;
use crate::text::visible_path;
use crate::vault::{Purpose, SensitiveBytes};

/// The longest text that is filled in, in bytes.
const MAX_TEXT: usize = 32 * 1024 * 1024;

/// Fill the references in a file or in standard input with their values
///
/// A reference stands by itself, tresor://SCOPE/KEY[?field=NAME], or in braces, {{ tresor://… }}, where
/// env:NAME, file:PATH and exec:PROGRAM are understood as well. Files and programs have to be allowed in
/// the settings, in their table "references". If one leads nowhere, all that do are told and nothing is written.
#[derive(Args)]
pub struct Inject {
    /// The text with references; standard input without, or with -
    #[arg(long = "in", value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where to write it, for you alone; standard output without, or with -
    #[arg(long = "out", value_name = "FILE")]
    to: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "to")]
    force: bool,
}

impl Inject {
    pub fn run(&self, session: &Session) -> Outcome {
        let text = self.text()?;
        let place = self.source().map_or_else(|| STANDARD_INPUT.into(), visible_path);
        // Before anybody is asked for a passphrase.
        let to = named_file(self.to.as_deref());
        if let Some(to) = to {
            self.check_free(to)?;
        } else if io::stdout().is_terminal() {
            session.out.warning("the values are shown; they stay in the scrollback");
        }
        let (filled, count) = text.with(|text| fill(session, text, &place))?;
        match to {
            None => write_value(&filled)?,
            Some(to) => {
                self.write(to, &filled)?;
                let json = json!({"written": to.to_string_lossy(), "references": count});
                let line = format!("Wrote {}, {count} filled in", visible_path(to));
                session.out.done(&line, &json)?;
            }
        }
        DONE
    }

    fn source(&self) -> Option<&Path> {
        named_file(self.from.as_deref())
    }

    fn text(&self) -> Result<SensitiveBytes, CliError> {
        match self.source() {
            Some(file) => input::read_plain_file(file, MAX_TEXT),
            None => {
                let text = input::read_stdin(MAX_TEXT)?;
                match text.len() > MAX_TEXT {
                    true => Err(CliError::invalid("the text has more than 32 MiB", "split it")),
                    false => Ok(text),
                }
            }
        }
    }

    fn check_free(&self, to: &Path) -> Result<(), CliError> {
        match !self.force && to.symlink_metadata().is_ok() {
            true => Err(is_there(to)),
            false => Ok(()),
        }
    }

    fn write(&self, to: &Path, filled: &SensitiveBytes) -> Result<(), CliError> {
        let written = NewFile::begin(to, self.force).and_then(|mut file| {
            filled.with(|bytes| file.write_all(bytes))?;
            file.keep()
        });
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => is_there(to),
            _ => CliError::file("write", to, &error),
        })
    }
}

fn is_there(path: &Path) -> CliError {
    let message = format!("{} is there already", visible_path(path));
    CliError::new(FaultKind::Precondition, message, "add --force to replace it")
}

/// The text with all its values, and how many there are.
fn fill(session: &Session, text: &[u8], place: &str) -> Result<(SensitiveBytes, usize), CliError> {
    let template = Template::parse(text);
    let opened = resolve::open_if_needed(session, resolve::references(template.spots()))?;
    let values =
        resolve::values_of(session, opened.as_ref(), template.spots(), place, Purpose::Export)?;
    if let Some(opened) = opened {
        opened.close();
    }
    Ok((template.fill(&values.iter().collect::<Vec<_>>()), values.len()))
}
