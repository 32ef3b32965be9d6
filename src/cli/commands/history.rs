//! `tresor history`: the kept revisions of a secret, newest first. Opens no value.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{names, record};

/// List the kept revisions of a secret
///
/// 'read --revision N' prints one, 'restore --revision N' brings it back.
#[derive(Args)]
pub struct History {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
}

impl History {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let history = session.open()?.view.describe(&name)?.history;
        if session.out.json {
            let revisions: Vec<Value> = history
                .iter()
                .map(|kept| {
                    json!({"revision": kept.revision, "written_at": kept.written_at.to_string()})
                })
                .collect();
            session.out.json(&record::named(&name, json!({"revisions": revisions})))?;
            return DONE;
        }
        let rows: Vec<Vec<String>> = history
            .iter()
            .enumerate()
            .map(|(place, kept)| {
                let mark = if place == 0 { "live" } else { "kept" };
                vec![kept.revision.to_string(), kept.written_at.to_string(), mark.to_owned()]
            })
            .collect();
        session.out.table(&["REVISION", "WRITTEN", "STATE"], &rows)?;
        DONE
    }
}
