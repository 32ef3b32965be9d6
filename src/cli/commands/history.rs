//! `tresor history`: the kept revisions of a secret, newest first. Opens no value.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::listing::ListArgs;
use crate::cli::session::{Outcome, Session};
use crate::cli::{names, record};
use crate::vault::RevisionInfo;

/// List the kept revisions of a secret
///
/// 'read --revision N' prints one, 'restore --revision N' brings it back.
#[derive(Args)]
pub struct History {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    #[command(flatten)]
    form: ListArgs,
}

impl History {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let history = session.open()?.view.describe(&name)?.history;
        let document = |revisions| record::named(&name, json!({"revisions": revisions}));
        self.form.print(session, &history, object, document, || {
            let rows: Vec<Vec<String>> = history.iter().enumerate().map(row).collect();
            session.out.table(&["REVISION", "WRITTEN", "STATE"], &rows)
        })
    }
}

fn object(kept: &RevisionInfo) -> Value {
    json!({"revision": kept.revision, "written_at": kept.written_at.to_string()})
}

fn row((place, kept): (usize, &RevisionInfo)) -> Vec<String> {
    let mark = if place == 0 { "live" } else { "kept" };
    vec![kept.revision.to_string(), kept.written_at.to_string(), mark.to_owned()]
}
