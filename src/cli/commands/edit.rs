//! `tresor edit`: hands one secret to the built-in editor. No temporary file, no other program.

use clap::Args;
use serde_json::json;

use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{names, record, screen};
use crate::tui::{self, Edited};

/// Edit a value in the built-in editor
#[derive(Args)]
pub struct Edit {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
}

impl Edit {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        screen::check_terminal()?;
        let options = screen::options(session)?;
        let opened = session.open()?;
        opened.view.describe(&name)?;
        opened.check_writable(&name.scope)?;
        // Somebody may sit at the editor for long; saving needs the vault, not the passphrase.
        let vault = opened.into_vault();
        let edited = tui::edit_value(&vault, name.clone(), options);
        vault.lock();
        match edited? {
            Edited::Saved { revision } => {
                let json = record::named(&name, json!({"revision": revision}));
                session.out.done(&format!("Saved {name}, revision {revision}"), &json)?;
            }
            Edited::Unchanged => session.out.note(&format!("{name} was left as it was")),
        }
        DONE
    }
}
