//! `tresor inject`: fills the references in a text with their values. Writes nothing unless all are there.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::export::{begin, in_file};
use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::output::write_value;
use crate::cli::resolve;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::streams::{STANDARD_INPUT, named_file};
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
/// the settings, in their table "references". If one leads nowhere, all that do are told, 20 of very many, and
/// nothing is written.
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
        let text = input::read_source(self.source(), MAX_TEXT)?;
        // Before anybody is asked for a passphrase.
        let to = named_file(self.to.as_deref());
        let new = to.map(|to| begin(to, self.force)).transpose()?;
        if new.is_none() && io::stdout().is_terminal() {
            session.out.warning("the values are shown; they stay in the scrollback");
        }
        let place = self.source().map_or_else(|| STANDARD_INPUT.into(), visible_path);
        let (filled, count) = text.with(|text| fill(session, text, &place))?;
        match to.zip(new) {
            None => write_value(&filled)?,
            Some((to, new)) => {
                write(new, &filled).map_err(|error| in_file(to, error.into()))?;
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
}

fn write(mut new: NewFile, filled: &SensitiveBytes) -> io::Result<()> {
    filled.with(|bytes| new.write_all(bytes))?;
    new.keep()
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
