//! `tresor migrate`: moves a vault's envelopes to another backend. Changes nothing else.

use clap::Args;
use serde_json::json;

use crate::cli::backend::{self, place_of};
use crate::cli::progress::Progress;
use crate::cli::session::{DONE, Outcome, Session};
use crate::text::counted;
use crate::vault::BackendKind;

/// Move the vault's envelopes to another backend
///
/// Every envelope is copied, read back and compared; then one commit switches, and the old ones are
/// removed. History and trash move along. When it is cut off, nothing is lost: run it again.
#[derive(Args)]
pub struct Migrate {
    /// Where to; 'tresor doctor backends' shows what works here
    #[arg(long, value_name = "KIND", value_parser = backend::lasting())]
    to: BackendKind,
}

impl Migrate {
    pub fn run(&self, session: &Session) -> Outcome {
        session.only_the_owner("cannot move the vault")?;
        let to = self.to;
        backend::check_is_here(to)?;
        let opened = session.open()?;
        let moved = {
            let mut shown = Progress::new(session.out, "envelopes copied or removed");
            opened.vault.migrate(to, &mut |done, total| shown.at(done, total))?
        };
        for warning in &moved.warnings {
            session.out.warning(warning);
        }
        for (from, removed) in moved.cleared.iter().filter(|(_, removed)| *removed > 0) {
            let (from, removed) = (place_of(*from), counted(*removed, "envelope"));
            session.out.note(&format!("removed {removed} that an earlier move left in {from}"));
        }
        if let Some(error) = &moved.left {
            let from = place_of(moved.from);
            session.out.warning(&format!(
                "all of it is moved, but {from} could not be emptied: {error}; run it again"
            ));
        }
        if moved.is_shared && moved.from != to {
            session.out.warning(&format!(
                "what is in {} stays there: a copy of this vault at another place may need it",
                place_of(moved.from)
            ));
        }
        let line = match moved.from == to {
            true => format!("The vault is kept in {} already", place_of(to)),
            false => format!(
                "Moved {} from {} to {}: {}",
                counted(moved.envelopes, "envelope"),
                place_of(moved.from),
                place_of(to),
                to.means()
            ),
        };
        session.out.done(
            &line,
            &json!({
                "from": moved.from.word(),
                "to": to.word(),
                "envelopes": moved.envelopes,
                "emptied": moved.left.is_none() && !moved.is_shared,
            }),
        )?;
        DONE
    }
}
