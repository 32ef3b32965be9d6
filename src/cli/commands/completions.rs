//! `tresor completions`: the scripts with which shells ask tresor itself what may follow. Completes nothing.

use clap::{Args, ValueEnum};

use crate::cli::session::{DONE, Outcome, Session};

/// Print a completion script for a shell
///
/// It completes commands, options, and names of secrets, scopes and profiles: these while the vault opens
/// without a question, by a key file, a passphrase file or 'tresor unlock', and never by asking.
#[derive(Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// The shells there is a script for.
#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Completions {
    pub fn run(&self, session: &Session) -> Outcome {
        session.out.text(match self.shell {
            Shell::Bash => include_str!("../../../assets/completions/tresor.bash"),
            Shell::Elvish => include_str!("../../../assets/completions/tresor.elv"),
            Shell::Fish => include_str!("../../../assets/completions/tresor.fish"),
            Shell::Powershell => include_str!("../../../assets/completions/tresor.ps1"),
            Shell::Zsh => include_str!("../../../assets/completions/tresor.zsh"),
        })?;
        DONE
    }
}
