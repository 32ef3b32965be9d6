//! `tresor doctor backends`: what each backend does here when it is tried. Changes nothing.

use serde_json::{Value, json};

use crate::cli::backend;
use crate::cli::error::CliError;
use crate::cli::session::{DONE, Outcome, Session};
use crate::vault::backend::{Choice, Probed, choose};
use crate::vault::{BackendKind, ClosedVault};

/// What came of trying all of them.
struct Table {
    probed: Vec<Probed>,
    /// What a new vault would get here.
    choice: Choice,
    /// What the vault that is there has.
    in_use: Option<BackendKind>,
}

/// Tries every backend and says what came of it.
pub fn run(session: &Session) -> Outcome {
    let place = session.place()?;
    let probed: Vec<Probed> =
        BackendKind::LASTING.into_iter().map(|kind| place.probe(kind)).collect();
    let verdict =
        |kind| probed.iter().find(|probed| probed.kind == kind).map_or(Ok(()), Probed::verdict);
    let choice = choose(backend::here().desktop(), verdict);
    let in_use = ClosedVault::open(&place).ok().map(|vault| vault.backend());
    let table = Table { probed, choice, in_use };
    match session.out.json {
        true => session.out.json(&table.json())?,
        false => table.print(session)?,
    }
    DONE
}

impl Table {
    fn json(&self) -> Value {
        let backend = |probed: &Probed| {
            let micros = probed.write.as_ref().ok().map(|took| took.as_micros());
            json!({
                "backend": probed.kind.word(),
                "works": probed.works(),
                "write_microseconds": micros.and_then(|micros| u64::try_from(micros).ok()),
                "reason": probed.verdict().err(),
                "means": probed.kind.means(),
            })
        };
        json!({
            "new_vault": self.choice.kind.word(),
            "why": self.choice.why,
            "in_use": self.in_use.map(BackendKind::word),
            "backends": self.probed.iter().map(backend).collect::<Vec<_>>(),
        })
    }

    fn print(&self, session: &Session) -> Result<(), CliError> {
        let row = |probed: &Probed| {
            let (state, write, remark) = match (&probed.write, probed.verdict()) {
                (Ok(took), _) => {
                    let millis = took.as_secs_f64() * 1000.0;
                    ("works", format!("{millis:.1} ms"), probed.kind.means().to_owned())
                }
                (Err(_), Err(why)) => ("no", "-".into(), why),
                (Err(_), Ok(())) => ("no", "-".into(), String::new()),
            };
            let mark = if self.in_use == Some(probed.kind) { "in use" } else { "" };
            vec![probed.kind.word().into(), state.into(), write, mark.into(), remark]
        };
        let rows: Vec<Vec<String>> = self.probed.iter().map(row).collect();
        session.out.table(&["BACKEND", "HERE", "WRITE", "", "WHAT IT MEANS"], &rows)?;
        let Choice { kind, why } = &self.choice;
        session.out.note(&format!("a new vault would be kept in {}: {why}", kind.label()));
        Ok(())
    }
}
