//! `tresor doctor`: checks every file, envelope and permission, and mends what it may. Guesses nothing.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::orphans;
use crate::cli::error::CliError;
use crate::cli::progress::Progress;
use crate::cli::session::{Outcome, Session};
use crate::cli::{exit, record, unlock};
use crate::fault::FaultKind;
use crate::text::visible;
use crate::vault::doctor::{self, Finding, Orphans, Report, Severity};
use crate::vault::{ClosedVault, Place, VaultError};

/// Check every file, envelope and permission of the vault
///
/// Exits 9 when something is wrong.
#[derive(Args)]
pub struct Doctor {
    /// Mend permissions and the marker file, and remove what broken commits and moves left behind; asks
    /// first
    #[arg(long)]
    fix: bool,
    /// Remove what a vault that was here and is gone for good left in the system's store; asks first
    #[arg(long, conflicts_with_all = ["fix", "accept_restore"])]
    remove_orphans: bool,
    /// Accept a vault that was restored or replaced on purpose; asks first
    #[arg(long, conflicts_with = "fix")]
    accept_restore: bool,
    /// Build a new vault in DIR out of every envelope that opens, and change nothing in this one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["fix", "accept_restore", "remove_orphans"])]
    rebuild: Option<PathBuf>,
    /// With --rebuild: a name to try where the index that told it is lost; may be repeated
    #[arg(long, value_name = "REF", requires = "rebuild")]
    name: Vec<String>,
    /// Instead of the vault: 'backends' tries where a vault can be kept here, how long a write takes
    /// there, and says what each means or why it does not work
    #[arg(value_name = "backends", conflicts_with_all = ["fix", "accept_restore", "rebuild", "remove_orphans"])]
    what: Option<String>,
}

impl Doctor {
    pub fn run(&self, session: &Session) -> Outcome {
        if self.looks_at_backends()? {
            return super::backends::run(session);
        }
        session.only_the_owner("sees a part of the vault only")?;
        let place = session.place()?;
        if self.remove_orphans {
            return orphans::remove(session, &place);
        }
        if let Some(dir) = &self.rebuild {
            return super::rebuild::run(session, &place, dir, &self.name);
        }
        let left = orphans::find(session, &place)?;
        let has_orphans = left.iter().any(|left| !left.is_elsewhere);
        if !session.out.json {
            orphans::tell(session, &left)?;
        }
        match refuse_what_is_no_vault(&place) {
            Err(_) if has_orphans => {
                if session.out.json {
                    session.out.json(&json!({"orphans": orphans::to_json(&left)}))?;
                }
                return Ok(exit::FINDINGS.into());
            }
            is_a_vault => is_a_vault?,
        }
        let mut mended = Vec::new();
        if self.fix {
            session.confirm("Mend permissions and remove leftovers?")?;
            mended = doctor::fix(&place)?;
        }
        if self.accept_restore {
            mended = accept(session, &place)?;
        }
        let (report, unchecked) = check(session, &place, self.fix.then_some(&mut mended))?;
        print(session, &report, &mended, &left)?;
        match (report.has_problems() || has_orphans, unchecked) {
            (true, unchecked) => {
                if let Some(error) = unchecked {
                    session.out.warning(&error.to_string());
                }
                Ok(exit::FINDINGS.into())
            }
            (false, Some(locked)) => Err(locked),
            (false, None) => Ok(0.into()),
        }
    }

    /// Another thing to look at than the vault.
    fn looks_at_backends(&self) -> Result<bool, CliError> {
        match self.what.as_deref() {
            Some("backends") => Ok(true),
            Some(what) => {
                let message = format!("doctor knows no '{}'", visible(what));
                Err(CliError::invalid(message, "see 'tresor doctor --help'"))
            }
            None => Ok(false),
        }
    }
}

/// Refuses a directory that is no vault before anything in it is looked at or changed. What is not safe
/// cannot be opened, but a vault has a root, and a directory of other things does not.
fn refuse_what_is_no_vault(place: &Place) -> Result<(), CliError> {
    let has = |path: &Path, name| path.join(name).symlink_metadata().is_ok();
    match (ClosedVault::open(place), place.path()) {
        (Err(error @ (VaultError::NoVault { .. } | VaultError::NotAVault { .. })), _) => {
            Err(error.into())
        }
        (Err(VaultError::Unsafe { .. }), Some(path))
            if !has(path, "root.json") && !has(path, "root.prev.json") =>
        {
            let path = path.to_owned();
            Err(VaultError::NotAVault { path, why: "it holds no root.json" }.into())
        }
        _ => Ok(()),
    }
}

/// Accepts a restored vault after asking.
fn accept(session: &Session, place: &Place) -> Result<Vec<String>, CliError> {
    session.confirm(
        "This vault is not the one seen here last: it is older, or another one. Writes that came \
         after it are lost. Accept it as it is now?",
    )?;
    let material = match unlock::explicit(&session.globals)? {
        Some(material) => material,
        None => unlock::ask()?,
    };
    Ok(doctor::accept_restore(place, &material.lend())?)
}

/// Checks what can be checked: files and header always, the contents when something unlocks them.
/// What can be mended only in an open vault is mended when `mended` is there to tell of it.
fn check(
    session: &Session,
    place: &Place,
    mended: Option<&mut Vec<String>>,
) -> Result<(Report, Option<CliError>), CliError> {
    let report = doctor::check_files(place)?;
    let closed = match ClosedVault::open(place).map_err(CliError::from) {
        Ok(closed) => closed,
        Err(error) if matches!(error.kind(), FaultKind::Refused | FaultKind::Damaged) => {
            return Ok((with_problem(report, &error), None));
        }
        Err(error) => return Err(error),
    };
    let checked = unlock::unlock(&closed, &session.globals).and_then(|(vault, _)| {
        if let Some(mended) = mended {
            mended.extend(doctor::sweep(&vault)?);
        }
        let mut shown = Progress::new(session.out, "envelopes opened");
        Ok(doctor::check(&vault, &mut |done, total| shown.at(done, total))?)
    });
    match checked {
        // It begins with the files once more.
        Ok(contents) => Ok((contents, None)),
        Err(error)
            if matches!(
                error.kind(),
                FaultKind::Locked | FaultKind::Refused | FaultKind::Unreachable
            ) =>
        {
            // What unlocks it may be wrong or not safe as well as missing, and a store may not answer: the
            // error says which, at the end.
            session.out.note("only files and header were checked, not what is sealed");
            Ok((report, Some(error)))
        }
        Err(error) if error.kind() == FaultKind::Damaged => {
            Ok((with_problem(report, &error), None))
        }
        Err(error) => Err(error),
    }
}

/// The report with what kept the vault from being opened, if it does not say so already.
fn with_problem(mut report: Report, error: &CliError) -> Report {
    if !report.has_problems() {
        report.findings.push(problem(error));
    }
    report
}

/// What kept the vault from being opened, as a finding.
fn problem(error: &CliError) -> Finding {
    Finding {
        severity: Severity::Problem,
        what: "vault".into(),
        message: error.to_string(),
        fixable: false,
    }
}

fn print(
    session: &Session,
    report: &Report,
    mended: &[String],
    left: &[Orphans],
) -> Result<(), CliError> {
    if session.out.json {
        let findings: Vec<Value> = report.findings.iter().map(finding).collect();
        return session.out.json(&json!({
            "secrets": report.secrets,
            "envelopes": report.envelopes,
            "pages": report.pages,
            "mended": mended,
            "findings": findings,
            "orphans": orphans::to_json(left),
        }));
    }
    for done in mended {
        session.out.line(&format!("✓ {}", visible(done)))?;
    }
    for found in &report.findings {
        let (glyph, quiet) = match found.severity {
            Severity::Ok => ("✓", true),
            Severity::Note => ("•", true),
            Severity::Problem => ("✗", false),
        };
        if quiet && session.out.quiet {
            continue;
        }
        let mend = if found.fixable { "; 'tresor doctor --fix' mends it" } else { "" };
        let (what, message) = (visible(&found.what), visible(&found.message));
        session.out.line(&format!("{glyph} {what}: {message}{mend}"))?;
    }
    if session.out.quiet {
        return Ok(());
    }
    let Report { secrets, envelopes, pages, .. } = report;
    session.out.line(&format!("Checked: secrets {secrets}, envelopes {envelopes}, pages {pages}"))
}

fn finding(found: &Finding) -> Value {
    json!({
        "severity": record::severity(found.severity),
        "what": found.what,
        "message": found.message,
        "fixable": found.fixable,
    })
}
