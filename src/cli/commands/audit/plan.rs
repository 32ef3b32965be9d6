//! What `audit --move-to` is to move, and what it cannot. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::referring::{MAX_FILE, NOT_UTF8};
use crate::cli::session::Opened;
use crate::fault::{Fault, FaultKind};
use crate::service::config_file::Form;
use crate::service::dotenv::{Assignment, BadLine, readable_assignments};
use crate::service::inline;
use crate::service::new_file::NewFile;
use crate::text::{is_text, is_utf16, visible_path};
use crate::vault::{Scope, SecretKey, SecretRef, SensitiveBytes, VaultError};

/// One `.env` file with secrets in clear.
pub struct Source {
    pub path: PathBuf,
    pub text: SensitiveBytes,
    pub moved: Vec<Moved>,
}

/// One assignment, and the name its value is to have in the vault.
pub struct Moved {
    pub assignment: Assignment,
    pub name: SecretRef,
}

/// What cannot be moved, and why. Never with a value.
pub struct Bad {
    /// The file, safe to show.
    pub file: String,
    /// The line, from 1; `None` for the whole file.
    pub line: Option<usize>,
    pub why: String,
    kind: FaultKind,
    help: String,
}

/// All that was found.
#[derive(Default)]
pub struct Plan {
    pub sources: Vec<Source>,
    pub bad: Vec<Bad>,
    /// The names that are in the vault already, with the same value.
    pub there: BTreeSet<SecretRef>,
}

impl Bad {
    /// Where, and what.
    pub fn told(&self) -> String {
        match self.line {
            Some(line) => format!("{}: line {line}: {}", self.file, self.why),
            None => self.why.clone(),
        }
    }

    fn of_file(path: &Path, error: &CliError) -> Self {
        let (why, kind, help) = (error.to_string(), error.kind(), error.help());
        Self { file: visible_path(path), line: None, why, kind, help }
    }

    fn in_line(path: &Path, line: usize, error: &CliError) -> Self {
        Self { line: Some(line), ..Self::of_file(path, error) }
    }
}

impl Plan {
    /// Reads the `.env` files among `paths`.
    pub fn read(paths: &[PathBuf], scope: &Scope) -> Self {
        let mut plan = Self::default();
        for path in paths.iter().filter(|path| is_env_file(path)) {
            if let Err(error) = plan.add(path, scope) {
                plan.bad.push(Bad::of_file(path, &error));
            }
        }
        plan
    }

    fn add(&mut self, path: &Path, scope: &Scope) -> Result<(), CliError> {
        let (text, _) = input::read_file_to_change(path, MAX_FILE)?;
        if text.with(is_utf16) {
            let error = CliError::invalid(NOT_UTF8, "write it in UTF-8");
            self.bad.push(Bad::in_line(path, 1, &error));
        }
        if !text.with(is_text) {
            return Ok(());
        }
        let (found, bad) = text.with(readable_assignments)?;
        self.bad.extend(bad.iter().map(|line| malformed(path, line)));
        let mut moved = Vec::new();
        for assignment in found {
            let judge = |value: &[u8]| inline::judge_variable(&assignment.name, value);
            if assignment.value.with(judge).is_none() {
                continue;
            }
            match assignment.name.to_ascii_lowercase().parse::<SecretKey>() {
                Ok(key) => {
                    moved.push(Moved { assignment, name: SecretRef::new(scope.clone(), key) })
                }
                Err(error) => self.bad.push(Bad::in_line(path, assignment.line, &error.into())),
            }
        }
        self.sources.push(Source { path: path.to_owned(), text, moved });
        Ok(())
    }

    /// Everything that is to be moved, with the file it stands in.
    pub fn moved(&self) -> impl Iterator<Item = (&Source, &Moved)> {
        self.sources.iter().flat_map(|source| source.moved.iter().map(move |moved| (source, moved)))
    }

    /// Compares what was found with the vault and with itself. A name with two values cannot be moved: which
    /// of them is right cannot be told.
    ///
    /// # Errors
    ///
    /// A value of the vault cannot be read.
    pub fn settle(&mut self, opened: &Opened<'_>) -> Result<(), CliError> {
        let mut named = BTreeMap::<&SecretRef, Vec<(&Source, &Moved)>>::new();
        for (source, moved) in self.moved() {
            named.entry(&moved.name).or_default().push((source, moved));
        }
        let max = opened.vault.max_value()?;
        let (mut bad, mut same) = (Vec::new(), BTreeSet::new());
        named.retain(|_, lines| {
            let wrong = wrong_lines(lines, max);
            let is_right = wrong.is_empty();
            bad.extend(wrong);
            is_right
        });
        let kept = opened.view.list()?.secrets;
        let kept: Vec<_> = kept.iter().filter(|kept| named.contains_key(&kept.name)).collect();
        opened.compare(&kept, &mut |there| {
            let lines = named.get(&there.name).map_or(&[][..], Vec::as_slice);
            let is_same = |(_, moved): &(_, &Moved)| moved.assignment.value.is_same(&there.value);
            match lines.iter().all(is_same) {
                true => drop(same.insert(there.name)),
                false => bad.extend(lines.iter().map(|line| two_values(*line, "the vault"))),
            }
        })?;
        self.there = same;
        self.bad.extend(bad);
        self.leave_out_bad();
        self.check_files();
        Ok(())
    }

    /// Begins to replace each file, and keeps nothing of it: the vault is to be written only when all of them
    /// can be.
    fn check_files(&mut self) {
        let wrong = |source: &Source| {
            let error = NewFile::begin(&source.path, true).err()?;
            Some(Bad::of_file(&source.path, &CliError::file("write", &source.path, &error)))
        };
        let wrong: Vec<Bad> = self.sources.iter().filter_map(wrong).collect();
        self.bad.extend(wrong);
        self.leave_out_bad();
    }

    /// Keeps what can be moved; files without any are left alone.
    fn leave_out_bad(&mut self) {
        let bad: BTreeSet<_> = self.bad.iter().map(|bad| (&*bad.file, bad.line)).collect();
        for source in &mut self.sources {
            let file = visible_path(&source.path);
            let is_bad = |line| bad.contains(&(&*file, line));
            let whole = is_bad(None);
            source.moved.retain(|moved| !whole && !is_bad(Some(moved.assignment.line)));
        }
        self.sources.retain(|source| !source.moved.is_empty());
        self.bad.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    }

    /// The refusal of all that cannot be moved; `None` when everything can.
    pub fn refusal(&self) -> Option<CliError> {
        // What cannot be read at all is told as that, whatever else there is.
        let is_invalid = |bad: &&Bad| bad.kind == FaultKind::Invalid;
        let first = self.bad.iter().find(is_invalid).or_else(|| self.bad.first())?;
        let told: Vec<String> = self.bad.iter().map(Bad::told).collect();
        let message = crate::cli::bad_places::in_words(&told, "cannot be moved");
        let help = format!("nothing was changed; {}; --skip-bad moves the rest", first.help);
        Some(CliError::new(first.kind, message, help))
    }
}

fn malformed(path: &Path, bad: &BadLine) -> Bad {
    // Its line is told beside it.
    Bad::in_line(path, bad.line, &CliError::new(bad.kind(), bad.why, bad.advice()))
}

/// The lines of one name that the vault would not take, or that differ.
fn wrong_lines(lines: &[(&Source, &Moved)], max: usize) -> Vec<Bad> {
    let Some(first) = lines.first() else { return Vec::new() };
    let is_first = |one: &Moved| first.1.assignment.value.is_same(&one.assignment.value);
    // One that differs from the first: any other differs from one of the two.
    let other = lines.iter().find(|(_, moved)| !is_first(moved));
    let wrong = |line: &(&Source, &Moved)| {
        let (source, moved) = *line;
        let actual = moved.assignment.value.len();
        if actual > max {
            let error = VaultError::ValueTooLarge { actual, max };
            return Some(Bad::in_line(&source.path, moved.assignment.line, &error.into()));
        }
        let other = other.map(|other| if is_first(moved) { other } else { first })?;
        let place = format!("{}:{}", visible_path(&other.0.path), other.1.assignment.line);
        Some(two_values(*line, &place))
    };
    lines.iter().filter_map(wrong).collect()
}

fn two_values((source, moved): (&Source, &Moved), place: &str) -> Bad {
    let why = format!("{} has another value in {place}", moved.name);
    let help = "name single files, each with a scope of its own";
    let error = CliError::new(FaultKind::Precondition, why, help);
    Bad::in_line(&source.path, moved.assignment.line, &error)
}

pub fn is_env_file(path: &Path) -> bool {
    Form::of(path) == Some(Form::Dotenv)
}
