//! `tresor copy`: puts a value on the clipboard and says by which route. A holder clears it later.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::read;
use crate::cli::error::CliError;
use crate::cli::prompt::Terminal;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{names, record, when};
use crate::config::settings::Osc52;
use crate::service::clipboard::{
    Clipboard, ClipboardEnv, ClipboardError, ClipboardReceipt, CopyReport, Osc52Consent,
    SystemClipboard,
};
use crate::vault::{Purpose, SensitiveBytes};

/// The longest time a value may stay on the clipboard.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Copy a value to the clipboard, and clear it after a while
///
/// Returns at once; a helper clears the clipboard, but only if it still holds the value.
/// In tmux the value goes to a tmux buffer; with --yes, or osc52 = "always" in the settings, tmux
/// hands it on to the terminal's own clipboard, which cannot be cleared.
#[derive(Args)]
pub struct Copy {
    /// The secret: SCOPE/KEY, a tresor:// URI (also with ?field=NAME), or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// Another field instead: username, url, note, tags, kind, expires_at or revision
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// When to clear it (clipboard.clear_after in the settings, 30s by default)
    #[arg(long, value_name = "SPAN")]
    clear_after: Option<String>,
    /// Stay until then, and say what became of it
    #[arg(long)]
    wait: bool,
}

impl Copy {
    pub fn run(&self, session: &Session) -> Outcome {
        let locator = names::locator_of_field(&self.words, self.field.as_ref())?;
        let settings = session.settings()?;
        let clear_after = match &self.clear_after {
            Some(text) => clear_after(text)?,
            None => settings.clear_after,
        };
        let opened = session.open()?;
        let value = read::locate(&opened, &locator, None, Purpose::Copy)?;
        opened.close();
        let mut clipboard = SystemClipboard::new(ClipboardEnv::from_process());
        let report = put(session, &mut clipboard, &value, clear_after, settings.osc52)?;
        drop(value);
        let receipt = self.wait.then(|| {
            if !session.out.json {
                session.out.note(&said(&locator.name.to_string(), &report));
            }
            clipboard.wait()
        });
        let line = match &receipt {
            Some(receipt) => outcome(receipt, &report),
            None => said(&locator.name.to_string(), &report),
        };
        session.out.done(&line, &record::named(&locator.name, told(&report, receipt.as_ref())))?;
        if !report.limits.is_empty() {
            session.out.note(&report.limits);
        }
        DONE
    }
}

fn clear_after(text: &str) -> Result<Duration, CliError> {
    let span = when::span(text)?;
    match span.is_zero() || span > LONGEST {
        true => Err(CliError::invalid(
            "--clear-after has to be between a second and a day",
            "for example --clear-after 30s",
        )),
        false => Ok(span),
    }
}

/// Copies; asks before the terminal's own clipboard is used, because that one cannot be cleared. tmux
/// needs no answer: without one it keeps the value to itself.
fn put(
    session: &Session,
    clipboard: &mut SystemClipboard,
    value: &SensitiveBytes,
    clear_after: Duration,
    osc52: Osc52,
) -> Result<CopyReport, CliError> {
    let consent = match osc52 {
        Osc52::Always => Osc52Consent::Given,
        Osc52::Never => Osc52Consent::Never,
        Osc52::Ask if session.globals.yes => Osc52Consent::Given,
        Osc52::Ask => Osc52Consent::Ask,
    };
    match clipboard.copy(value, clear_after, consent) {
        Err(error @ ClipboardError::ConsentNeeded) => {
            let Some(terminal) = Terminal::open() else {
                return Err(error.into());
            };
            match terminal.confirm(&format!("{error}. Use it?"))? {
                true => Ok(clipboard.copy(value, clear_after, Osc52Consent::Given)?),
                false => Err(error.into()),
            }
        }
        other => Ok(other?),
    }
}

fn said(name: &str, report: &CopyReport) -> String {
    let mut said = format!("Copied {name} to the {}", report.route);
    if !report.paste.is_empty() {
        said += &format!("; paste with {}", report.paste);
    }
    if let Some(seconds) = report.clear_after {
        said += &format!("; clears in {seconds} s");
    }
    said
}

fn outcome(receipt: &ClipboardReceipt, report: &CopyReport) -> String {
    match receipt {
        ClipboardReceipt::Cleared if report.to_terminal => {
            "Cleared; what was handed on to the terminal stays there".to_owned()
        }
        ClipboardReceipt::Cleared => "Cleared".to_owned(),
        ClipboardReceipt::Replaced => {
            "Left alone: something else has been copied meanwhile".to_owned()
        }
        ClipboardReceipt::Kept(why) => format!("Still there: {}", crate::text::visible(why)),
    }
}

fn told(report: &CopyReport, receipt: Option<&ClipboardReceipt>) -> Value {
    let receipt = receipt.map(|receipt| match receipt {
        ClipboardReceipt::Cleared => "cleared",
        ClipboardReceipt::Replaced => "replaced",
        ClipboardReceipt::Kept(_) => "kept",
    });
    json!({
        "route": report.route.word(),
        "clear_after": report.clear_after,
        "to_terminal": report.to_terminal,
        "paste": report.paste,
        "limits": report.limits,
        "receipt": receipt,
    })
}
