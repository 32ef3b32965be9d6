//! The arguments that every command takes, and the help around them. The commands' own lie with them.

use std::path::PathBuf;

use clap::{Args, Parser};

use super::commands::Command;

/// The end of `--help` and of the manual page.
const MORE: &str = "\
Secrets are named SCOPE/KEY, for example project:shop:prod/stripe_key, as a URI tresor://SCOPE/KEY,
or as two words SCOPE KEY. Scopes: global, principal:ID, channel:NAME:ACCOUNT, skill:ID,
project:NAME, project:NAME:ENV.

Without a command the terminal UI opens; 'tresor demo' shows it on a sample vault.

Unlocking takes the first that is there: --key-file or TRESOR_KEY_FILE; --passphrase-file or
TRESOR_PASSPHRASE_FILE; TRESOR_PASSPHRASE_COMMAND (words as in a shell, but no shell); what 'tresor
unlock' keeps unlocked; a key in the desktop's keyring; a prompt.

Exit codes: 0 done, 1 internal or I/O, 2 invalid input, 3 locked, 4 unreachable, 5 unsupported,
6 refused, 7 precondition, 8 not found, 9 damaged, 130 interrupted; 'run' gives the command's.";

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
#[derive(Args)]
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
