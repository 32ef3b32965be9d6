//! `tresor doctor --rebuild DIR`: builds a new vault out of what is left of a damaged one, and says what
//! became of every secret. Decides nothing of that itself.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{self, Outcome, Session};
use crate::cli::{exit, unlock};
use crate::text::visible;
use crate::vault::rebuild::{self, Fate, Piece, Rebuilt, Unused};
use crate::vault::{Place, SecretRef};

/// Builds it at `dir`; `names` are tried besides those that the vault tells.
pub fn run(session: &Session, old: &Place, dir: &Path, names: &[String]) -> Outcome {
    let names: Vec<SecretRef> = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    let new = Place::on_disk(dir, &session::paths()?.state);
    let material = match unlock::explicit(&session.globals)? {
        Some(material) => material,
        None => unlock::ask()?,
    };
    let mut shown = Progress::new(session.out, "envelopes looked at");
    let mut at = |done, total| shown.at(done, total);
    let rebuilt = rebuild::rebuild(old, &material.lend(), &new, &names, &mut at)?;
    drop((material, shown));
    for warning in &rebuilt.warnings {
        session.out.warning(warning);
    }
    print(session, dir, &rebuilt)?;
    match rebuilt.has_losses() {
        true => Ok(exit::FINDINGS.into()),
        false => Ok(0.into()),
    }
}

fn print(session: &Session, dir: &Path, rebuilt: &Rebuilt) -> Result<(), CliError> {
    let path = dir.to_string_lossy();
    if session.out.json {
        return session.out.json(&json!({
            "vault": path,
            "generation": rebuilt.generation,
            "count": rebuilt.secrets,
            "trash": rebuilt.trash,
            "envelopes": rebuilt.envelopes,
            "secrets": rebuilt.pieces.iter().map(piece).collect::<Vec<_>>(),
            "unused": rebuilt.unused.iter().map(unused).collect::<Vec<_>>(),
        }));
    }
    for piece in &rebuilt.pieces {
        let quiet = piece.fate == Fate::Whole && piece.remarks.is_empty();
        if !(quiet && session.out.quiet) {
            session.out.line(&line(piece))?;
        }
    }
    for Unused { what, why, is_loss } in &rebuilt.unused {
        let glyph = if *is_loss { "✗" } else { "•" };
        session.out.line(&format!("{glyph} {}: {}", visible(what), visible(why)))?;
    }
    if session.out.quiet {
        return Ok(());
    }
    let Rebuilt { secrets, trash, envelopes, .. } = rebuilt;
    session.out.line(&format!(
        "Built {}: secrets {secrets}, in the trash {trash}, envelopes {envelopes}",
        visible(&path)
    ))?;
    session.out.line("The old vault is as it was. The new one opens in the same ways.")
}

/// One secret, in words.
fn line(piece: &Piece) -> String {
    let glyph = match (piece.fate, piece.deleted) {
        (Fate::Whole, false) => "✓",
        (Fate::Whole, true) => "•",
        _ => "✗",
    };
    let there = match (piece.revision, piece.earlier) {
        (None, _) => "lost".to_owned(),
        (Some(revision), 0) => format!("revision {revision}"),
        (Some(revision), earlier) => format!("revision {revision} and {earlier} earlier"),
    };
    let trash = if piece.deleted { ", in the trash" } else { "" };
    let remarks: String = piece.remarks.iter().map(|remark| format!("; {remark}")).collect();
    format!("{glyph} {}: {there}{trash}{}", piece.name, visible(&remarks))
}

fn piece(piece: &Piece) -> Value {
    let fate = match piece.fate {
        Fate::Whole => "whole",
        Fate::Incomplete => "incomplete",
        Fate::Older => "older",
        Fate::Lost => "lost",
    };
    json!({
        "scope": piece.name.scope.as_str(),
        "key": piece.name.key.as_str(),
        "fate": fate,
        "revision": piece.revision,
        "earlier": piece.earlier,
        "deleted": piece.deleted,
        "remarks": piece.remarks,
    })
}

fn unused(unused: &Unused) -> Value {
    json!({ "what": unused.what, "why": unused.why, "loss": unused.is_loss })
}
