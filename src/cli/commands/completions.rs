//! `tresor completions`: completion scripts from the description of the arguments.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::session::{DONE, Outcome, Session};

/// Print a completion script for a shell
#[derive(Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub fn run(&self, session: &Session) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tresor", &mut script);
        session.out.text(&String::from_utf8_lossy(&script))?;
        DONE
    }
}
