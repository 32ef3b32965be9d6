//! The commands, one file each; this file lists them and picks one. They share nothing but the session.

mod audit;
mod aws_credential;
mod backends;
mod backup;
mod complete;
mod completions;
mod copy;
mod delete;
mod demo;
mod docker_credential;
mod doctor;
mod edit;
mod export;
mod find;
mod generate;
mod get;
mod git_credential;
mod help;
mod history;
mod import;
mod init;
mod inject;
mod keys;
mod list;
mod lock;
mod log;
mod logins;
mod man;
mod meta;
mod metadata;
mod migrate;
mod orphans;
mod otp;
mod passwd;
mod profile;
mod purge;
mod read;
mod rebuild;
mod rename;
mod restore;
mod rotate;
mod run;
mod secrets;
mod set;
mod token;
mod trash;
mod unlock;

use std::ffi::OsString;

use clap::Subcommand;

use super::error::CliError;
use super::screen;
use super::session::{Outcome, Session};
use crate::text::visible;

/// Every command.
#[derive(Subcommand)]
pub enum Command {
    Init(init::Init),
    Set(set::Set),
    Meta(meta::Meta),
    Get(get::Get),
    Read(read::Read),
    Copy(copy::Copy),
    List(list::List),
    Find(find::Find),
    Delete(delete::Delete),
    Trash(trash::Trash),
    Restore(restore::Restore),
    Purge(purge::Purge),
    History(history::History),
    Log(log::Log),
    Move(rename::Move),
    Edit(edit::Edit),
    Generate(generate::Generate),
    Otp(otp::Otp),
    Profile(profile::ProfileCommand),
    Token(token::Token),
    Run(run::Run),
    Inject(inject::Inject),
    Import(import::Import),
    Audit(audit::Audit),
    Secrets(secrets::Secrets),
    Export(export::Export),
    Backup(backup::Backup),
    Demo(demo::Demo),
    Doctor(doctor::Doctor),
    Migrate(migrate::Migrate),
    Keys(keys::Keys),
    Passwd(passwd::Passwd),
    Unlock(unlock::Unlock),
    Lock(lock::Lock),
    GitCredential(git_credential::GitCredential),
    DockerCredential(docker_credential::DockerCredential),
    AwsCredential(aws_credential::AwsCredential),
    Completions(completions::Completions),
    Man(man::Man),
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// The words of all commands, for suggestions.
const COMMANDS: &[&str] = &[
    "init",
    "set",
    "meta",
    "get",
    "read",
    "list",
    "find",
    "copy",
    "delete",
    "trash",
    "restore",
    "purge",
    "history",
    "log",
    "move",
    "edit",
    "generate",
    "otp",
    "profile",
    "token",
    "demo",
    "import",
    "audit",
    "secrets",
    "export",
    "backup",
    "run",
    "inject",
    "doctor",
    "migrate",
    "keys",
    "passwd",
    "unlock",
    "lock",
    "git-credential",
    "docker-credential",
    "aws-credential",
    "completions",
    "man",
];

/// Whether there is such a command.
pub fn is_known(word: &str) -> bool {
    COMMANDS.contains(&word)
}

/// Runs the command; without one, the terminal UI.
pub fn run(session: &Session, command: Option<Command>) -> Outcome {
    // 'run' checks for itself: its failures have codes of their own.
    if !matches!(command, Some(Command::Run(_))) {
        session.check_named_settings()?;
    }
    match command {
        Some(Command::Init(command)) => command.run(session),
        Some(Command::Set(command)) => command.run(session),
        Some(Command::Meta(command)) => command.run(session),
        Some(Command::Get(command)) => command.run(session),
        Some(Command::Read(command)) => command.run(session),
        Some(Command::Copy(command)) => command.run(session),
        Some(Command::List(command)) => command.run(session),
        Some(Command::Find(command)) => command.run(session),
        Some(Command::Delete(command)) => command.run(session),
        Some(Command::Trash(command)) => command.run(session),
        Some(Command::Restore(command)) => command.run(session),
        Some(Command::Purge(command)) => command.run(session),
        Some(Command::History(command)) => command.run(session),
        Some(Command::Log(command)) => command.run(session),
        Some(Command::Move(command)) => command.run(session),
        Some(Command::Edit(command)) => command.run(session),
        Some(Command::Generate(command)) => command.run(session),
        Some(Command::Otp(command)) => command.run(session),
        Some(Command::Profile(command)) => command.run(session),
        Some(Command::Token(command)) => command.run(session),
        Some(Command::Run(command)) => command.run(session),
        Some(Command::Inject(command)) => command.run(session),
        Some(Command::Import(command)) => command.run(session),
        Some(Command::Audit(command)) => command.run(session),
        Some(Command::Secrets(command)) => command.run(session),
        Some(Command::Export(command)) => command.run(session),
        Some(Command::Backup(command)) => command.run(session),
        Some(Command::Demo(command)) => command.run(session),
        Some(Command::Doctor(command)) => command.run(session),
        Some(Command::Migrate(command)) => command.run(session),
        Some(Command::Keys(command)) => command.run(session),
        Some(Command::Passwd(command)) => command.run(session),
        Some(Command::Unlock(command)) => command.run(session),
        Some(Command::Lock(command)) => command.run(session),
        Some(Command::GitCredential(command)) => command.run(session),
        Some(Command::DockerCredential(command)) => command.run(session),
        Some(Command::AwsCredential(command)) => command.run(session),
        Some(Command::Completions(command)) => command.run(session),
        Some(Command::Man(command)) => command.run(session),
        Some(Command::Other(words)) => match words.split_first() {
            Some((word, rest)) if word == "help" => help::run(session, rest),
            Some((word, rest)) if word == "__complete" => complete::run(rest),
            _ => Err(unknown(&words)),
        },
        None => screen::open(session),
    }
}

/// What to say to a word that is no command.
fn unknown(words: &[OsString]) -> CliError {
    let word = words.first().map(|word| word.to_string_lossy()).unwrap_or_default();
    let first = word.chars().next();
    let near = |known: &&'static str| {
        let known = *known;
        (distance(&word, known), known.chars().next() != first, known)
    };
    let help = match COMMANDS.iter().map(near).min() {
        Some((0..=2, _, known)) => format!("did you mean 'tresor {known}'? See 'tresor --help'"),
        _ => "'tresor --help' lists the commands".to_owned(),
    };
    CliError::invalid(format!("there is no command '{}'", visible(&word)), help)
}

/// How many letters have to be changed, added or taken away (Levenshtein).
fn distance(word: &str, known: &str) -> usize {
    let known: Vec<char> = known.chars().collect();
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (line, letter) in word.chars().take(32).enumerate() {
        let mut diagonal = line;
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
        for (column, other) in known.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        crate::cli::args::Cli::command().debug_assert();
    }

    #[test]
    fn the_list_of_commands_is_the_parsers() {
        let command = crate::cli::args::Cli::command();
        let parsed: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        for word in COMMANDS {
            assert!(parsed.contains(word), "{word} is not parsed");
        }
        assert_eq!(parsed.len(), COMMANDS.len());
    }

    #[test]
    fn distances_are_of_letters() {
        assert_eq!((distance("lsit", "list"), distance("list", "list")), (2, 0));
        assert_eq!((distance("", "set"), distance("sets", "set")), (3, 1));
    }
}
