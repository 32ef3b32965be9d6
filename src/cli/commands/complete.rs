//! `tresor __complete`: answers a shell that completes a command line. It asks nobody anything, says nothing
//! on standard error, and without a vault that opens by itself it knows no names.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::sync::mpsc;
use std::time::Duration;

use crate::cli::complete::{self, Next, Typed};
use crate::cli::output::Output;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::is_visible;
use crate::vault::{SecretRef, View};

/// The longest that a person who pressed a key waits; a passphrase file takes half a second.
const PATIENCE: Duration = Duration::from_secs(2);
/// What an empty word is written as where a shell cannot hand one over.
const EMPTY: &str = "\"\"";

/// Prints what may follow, one word a line, with what it is behind a tab; or what the shell itself is to
/// complete, with a colon in front.
pub fn run(words: &[OsString]) -> Outcome {
    let mut words: Vec<String> =
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(last) = words.last_mut().filter(|last| *last == EMPTY) {
        last.clear();
    }
    let typed = complete::read(&words);
    let (before, begun) = (typed.before.clone(), typed.begun.clone());
    let lines: String = candidates(typed)
        .into_iter()
        .filter(|(word, _)| word.starts_with(':') || word.starts_with(&*begun))
        // A line or a terminal's orders in a name would be somebody else's words.
        .filter(|(word, _)| is_visible(word))
        .map(|(word, what)| match word.starts_with(':') {
            true => format!("{word}\n"),
            false => format!("{before}{word}\t{what}\n"),
        })
        .collect();
    Output { json: false, quiet: true }.text(&lines)?;
    DONE
}

fn candidates(typed: Typed) -> Vec<(String, String)> {
    let shell = |what: &str| vec![(format!(":{what}"), String::new())];
    match typed.next {
        Next::Words(words) => words,
        Next::Files => shell("files"),
        Next::Directories => shell("directories"),
        Next::Program => shell("program"),
        Next::Nothing => Vec::new(),
        // Whatever hangs, the shell does not: the process ends without that thread.
        _ => {
            let (send, receive) = mpsc::channel();
            let work = move || drop(send.send(of_vault(typed).unwrap_or_default()));
            let worker = std::thread::Builder::new().spawn(work);
            let found = worker.ok().and_then(|_| receive.recv_timeout(PATIENCE).ok());
            found.unwrap_or_default()
        }
    }
}

/// The names in a vault that opens without a question.
fn of_vault(typed: Typed) -> Option<Vec<(String, String)>> {
    let view = Session::new(typed.globals).open_silently()?;
    if typed.next == Next::Profiles {
        let plain = |id: &dyn ToString| (id.to_string(), String::new());
        return Some(view.records().ok()?.iter().map(|record| plain(&record.id)).collect());
    }
    let names = match typed.next {
        Next::Deleted { or_live, .. } => deleted(&view, or_live)?,
        _ => live(&view)?,
    };
    Some(match typed.next {
        Next::KeysOf(scope) | Next::Deleted { scope: Some(scope), .. } => {
            let here = names.iter().filter(|(name, _)| name.scope.as_str() == scope);
            here.map(|(name, kind)| (name.key.to_string(), (*kind).to_owned())).collect()
        }
        Next::Scopes => scopes(&names, &typed.begun, ""),
        Next::ScopesOrReferences if !typed.begun.contains('/') => {
            [scopes(&names, &typed.begun, ""), scopes(&names, &typed.begun, "/")].concat()
        }
        _ => references(&names, &typed.begun),
    })
}

/// The secrets of the vault, each with its kind.
fn live(view: &View) -> Option<Vec<(SecretRef, &'static str)>> {
    let secrets = view.list().ok()?.secrets;
    Some(secrets.into_iter().map(|secret| (secret.name, secret.kind.word())).collect())
}

/// Those in the trash, each name once however often it was deleted; with `or_live` those that are live as well.
fn deleted(view: &View, or_live: bool) -> Option<Vec<(SecretRef, &'static str)>> {
    let live = if or_live { live(view)? } else { Vec::new() };
    let mut names: BTreeMap<SecretRef, &str> = live.into_iter().collect();
    for entry in view.trash().ok()? {
        names.entry(entry.summary.name).or_insert(entry.summary.kind.word());
    }
    Some(names.into_iter().collect())
}

fn scopes(names: &[(SecretRef, &str)], begun: &str, end: &str) -> Vec<(String, String)> {
    let all: BTreeSet<&str> = names.iter().map(|(name, _)| name.scope.as_str()).collect();
    let fits = all.into_iter().filter(|scope| scope.starts_with(begun));
    fits.map(|scope| (format!("{scope}{end}"), "scope".to_owned())).collect()
}

/// Whole references; while several scopes fit, these alone, as directories are completed.
fn references(names: &[(SecretRef, &'static str)], begun: &str) -> Vec<(String, String)> {
    let written = |name: &SecretRef| match begun.starts_with("tresor:") {
        true => name.uri(),
        false => name.to_string(),
    };
    let fits = names.iter().map(|(name, kind)| (written(name), *kind));
    let fits: Vec<_> = fits.filter(|(name, _)| name.starts_with(begun)).collect();
    let scopes: BTreeSet<&str> =
        fits.iter().filter_map(|(name, _)| Some(name.rsplit_once('/')?.0)).collect();
    let in_scope =
        scopes.iter().any(|scope| begun.strip_prefix(scope).is_some_and(|it| it.starts_with('/')));
    match scopes.len() > 1 && !in_scope {
        true => scopes.iter().map(|scope| (format!("{scope}/"), "scope".to_owned())).collect(),
        false => fits.into_iter().map(|(name, kind)| (name, kind.to_owned())).collect(),
    }
}
