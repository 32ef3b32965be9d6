//! `tresor secrets`: the seed's group of commands. Those that stand alone as well are the same here.

mod configure;
mod explain;
mod inventory;

use clap::{Args, Subcommand};

pub use configure::replace;
pub use inventory::{Row, look_up};

use super::{audit, delete, get, list, set};
use crate::cli::session::{Outcome, Session};

/// Secrets and the files that refer to them
#[derive(Args)]
pub struct Secrets {
    #[command(subcommand)]
    command: SecretsCommand,
}

/// The commands of the group.
#[derive(Subcommand)]
enum SecretsCommand {
    Set(set::Set),
    Get(get::Get),
    List(list::List),
    Delete(delete::Delete),
    Audit(audit::Audit),
    Explain(explain::Explain),
    Inventory(inventory::Inventory),
    Configure(configure::Configure),
}

impl Secrets {
    pub fn run(&self, session: &Session) -> Outcome {
        match &self.command {
            SecretsCommand::Set(command) => command.run(session),
            SecretsCommand::Get(command) => command.run(session),
            SecretsCommand::List(command) => command.run(session),
            SecretsCommand::Delete(command) => command.run(session),
            SecretsCommand::Audit(command) => command.run(session),
            SecretsCommand::Explain(command) => command.run(session),
            SecretsCommand::Inventory(command) => command.run(session),
            SecretsCommand::Configure(command) => command.run(session),
        }
    }
}
