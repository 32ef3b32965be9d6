//! `tresor secrets inventory`: every reference in config files, and what it leads to. Shows no value.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::bad_places;
use crate::cli::error::CliError;
use crate::cli::listing::{ListArgs, counted};
use crate::cli::referring::{Referring, references};
use crate::cli::resolve::{Found, Resolver, open_if_needed};
use crate::cli::session::{Opened, Outcome, Session};
use crate::service::reference::{Spot, State, Unresolved};

/// List every reference in config files with its state
///
/// A state is resolved, missing, blocked (by visibility, or by the settings for files and programs) or
/// failed (also what is malformed). Programs of exec: are not run for it. In TOML and .env files, lines
/// that begin with # are comments, and what they refer to does not count.
#[derive(Args)]
pub struct Inventory {
    /// The config files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    form: ListArgs,
}

/// One reference and what became of it.
pub struct Row<'a> {
    pub file: &'a str,
    pub spot: &'a Spot,
    pub found: Found<()>,
}

impl Row<'_> {
    pub fn state(&self) -> State {
        self.found.as_ref().map_or_else(|wrong| wrong.state, |()| State::Resolved)
    }

    pub fn why(&self) -> &str {
        self.found.as_ref().map_or_else(|wrong| wrong.why.as_str(), |()| "")
    }

    pub fn reference(&self) -> String {
        match &self.spot.reference {
            Ok(reference) => reference.to_string(),
            Err(malformed) => malformed.written.clone(),
        }
    }

    pub fn json(&self) -> Value {
        json!({
            "file": self.file,
            "line": self.spot.line,
            "reference": self.reference(),
            "state": self.state().word(),
            "why": self.why(),
        })
    }

    fn cells(&self) -> Vec<String> {
        let place = format!("{}:{}", self.file, self.spot.line);
        vec![self.state().word().to_owned(), place, self.reference(), self.why().to_owned()]
    }
}

/// Looks up every reference of the files, in the vault if it is open.
pub fn look_up<'f>(
    session: &Session,
    opened: Option<&Opened<'_>>,
    files: &'f [Referring],
) -> Result<Vec<Row<'f>>, CliError> {
    let good = references(files);
    let resolver = Resolver::new(session, opened)?;
    let mut found = resolver.states(&good)?.into_iter();
    let spots =
        files.iter().flat_map(|file| file.spots.iter().map(move |spot| (&*file.file, spot)));
    let rows = spots.map(|(file, spot)| {
        let found = match &spot.reference {
            Ok(_) => found.next().unwrap_or(Ok(())),
            Err(malformed) => Err(Unresolved::failed(malformed.to_string())),
        };
        Row { file, spot, found }
    });
    Ok(rows.collect())
}

impl Inventory {
    pub fn run(&self, session: &Session) -> Outcome {
        let files = Referring::read_all(&self.files)?;
        bad_places::warn_of(session.out, &Referring::all_malformed(&files));
        let opened = open_if_needed(session, references(&files))?;
        let rows = look_up(session, opened.as_ref(), &files)?;
        self.form.print(session, &rows, Row::json, counted("references"), || {
            let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
            session.out.table(&["STATE", "WHERE", "REFERENCE", "WHY"], &cells)?;
            if rows.is_empty() {
                session.out.note("no references found");
            }
            Ok(())
        })
    }
}
