//! `tresor move`: renames a secret, also into another scope, with its history.

use clap::Args;
use serde_json::json;

use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{names, record};
use crate::vault::{Change, Expect};

/// Rename a secret, or move it into another scope
#[derive(Args)]
pub struct Move {
    /// The secret and its new name: SCOPE/KEY, a tresor:// URI, or SCOPE KEY each
    #[arg(value_name = "REF", required = true, num_args = 2..=4)]
    words: Vec<String>,
}

impl Move {
    pub fn run(&self, session: &Session) -> Outcome {
        let (from, to) = names::two_references(&self.words)?;
        let opened = session.open()?;
        let receipt = opened.commit(|| {
            vec![Change::Move { from: from.clone(), to: to.clone(), expect: Expect::Any }]
        })?;
        let revision = receipt.outcomes.first().map_or(0, |outcome| outcome.revision);
        let json = record::named(&to, json!({"from": from.to_string(), "revision": revision}));
        session.out.done(&format!("Moved {from} to {to}"), &json)?;
        DONE
    }
}
