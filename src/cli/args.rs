//! The arguments that every command takes, and the help around them. The commands' own lie with them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use super::commands::Command;

/// The end of `--help`; the manual page has its paragraphs too.
pub const MORE: &str = "\
Secrets are named SCOPE/KEY, for example project:shop:prod/stripe_key, as a URI tresor://SCOPE/KEY,
or as two words SCOPE KEY. Scopes: global, principal:ID, channel:NAME:ACCOUNT, skill:ID,
project:NAME, project:NAME:ENV.

Without a command the terminal UI opens; 'tresor demo' shows it on a sample vault.

Unlocking takes the first that is there: --key-file or TRESOR_KEY_FILE; --passphrase-file or
TRESOR_PASSPHRASE_FILE; TRESOR_PASSPHRASE_COMMAND (words as in a shell, but no shell); what 'tresor
unlock' keeps unlocked; a key in the desktop's keyring; a prompt.

Exit codes: 0 done, 1 internal or I/O, 2 invalid input, 3 locked, 4 unreachable, 5 unsupported,
6 refused, 7 precondition, 8 not found, 9 damaged, 130 interrupted; 'run' gives the command's.";

/// Names under which other programs look for a helper, and the command each stands for.
const LINKS: [(&str, &str); 2] = [
    ("git-credential-tresor", "git-credential"),
    ("docker-credential-tresor", "docker-credential"),
];

/// The arguments, with the command in front that the program's own name stands for: a link to tresor.
pub fn as_called(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let name = arguments.first().and_then(|program| Path::new(program).file_stem());
    if let Some((_, command)) = LINKS.iter().find(|(link, _)| name.is_some_and(|it| it == *link)) {
        arguments.insert(1, OsString::from(command));
    }
    arguments
}

/// An interactive terminal secret manager: browse, reveal, copy and edit secrets in an encrypted vault.
#[derive(Parser)]
#[command(name = "tresor", version, after_help = MORE, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What works with every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// The vault's directory [env: TRESOR_VAULT_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub vault: Option<PathBuf>,
    /// The settings file [env: TRESOR_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// See and write what this actor may: owner or a scope
    #[arg(long = "as", global = true, value_name = "ACTOR")]
    pub actor: Option<String>,
    /// Unlock with this key file [env: TRESOR_KEY_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Unlock with the passphrase in this file [env: TRESOR_PASSPHRASE_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Print JSON, and no remarks
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Answer every question with yes
    #[arg(long, short, global = true)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_named_for_what_it_does() {
        let called = |words: &str| {
            let words = as_called(words.split(' ').map(OsString::from));
            words.join(" ".as_ref()).into_string().unwrap_or_default()
        };
        assert_eq!(called("/x/tresor get a"), "/x/tresor get a");
        assert_eq!(
            called("/x/git-credential-tresor --scope s get"),
            "/x/git-credential-tresor git-credential --scope s get"
        );
        let links = ["docker-credential-tresor", "docker-credential-tresor.exe"];
        for link in links {
            assert_eq!(called(&format!("{link} list")), format!("{link} docker-credential list"));
        }
        assert!(as_called([]).is_empty());
    }
}
