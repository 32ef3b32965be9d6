//! What the status line says about the clipboard: the countdown, then the receipt. Not the clipboard itself.

use std::time::{Duration, Instant};

use super::App;
use super::asks::{Ask, CopySource};
use super::effect::Effect;
use super::settings::Osc52;
use crate::service::clipboard::{ClipboardReceipt, CopyReport, Route};

/// How long a receipt, or a copy that cannot be cleared, stays on the status line.
const TOLD_FOR: Duration = Duration::from_secs(8);
/// How long after its time a receipt is waited for.
const GRACE: Duration = Duration::from_secs(10);

/// What became of the last copy.
#[derive(Debug)]
pub enum ClipboardState {
    /// On the clipboard until that moment (`None`: it cannot be cleared).
    Held {
        /// When it is cleared.
        until: Option<Instant>,
        /// When it was copied.
        since: Instant,
    },
    /// Its fate is known; shown for some seconds.
    Ended(ClipboardReceipt),
}

/// The last copy.
#[derive(Debug)]
pub struct ClipboardStatus {
    /// What was copied, in words: `stripe_secret_key`, `the username of …`; already visible.
    pub what: String,
    /// The route and its limits.
    pub report: CopyReport,
    /// What became of it.
    pub state: ClipboardState,
    /// Since when that is so.
    pub since: Instant,
}

impl ClipboardStatus {
    /// When the status line forgets it.
    pub(super) fn ends_at(&self) -> Option<Instant> {
        match &self.state {
            ClipboardState::Held { until: Some(until), .. } => until.checked_add(GRACE),
            ClipboardState::Held { until: None, .. } | ClipboardState::Ended(_) => {
                self.since.checked_add(TOLD_FOR)
            }
        }
    }

    /// Whether something of ours is on the clipboard and will be cleared.
    pub fn is_held(&self) -> bool {
        matches!(self.state, ClipboardState::Held { until: Some(_), .. })
    }
}

impl App {
    pub(super) fn copied(&mut self, source: CopySource, report: CopyReport) {
        let what = match &source {
            CopySource::Value(name) => name.key.to_string(),
            CopySource::Text { label, .. } => label.clone(),
            CopySource::Generated => "the generated value".to_owned(),
            CopySource::Code(name) | CopySource::Shown(name) => format!("the code of {}", name.key),
        };
        let offers = report.route == Route::Tmux && !report.to_terminal;
        let paste = report.paste.clone();
        let until = report.clear_after.and_then(|s| self.now.checked_add(Duration::from_secs(s)));
        let state = ClipboardState::Held { until, since: self.now };
        self.clipboard = Some(ClipboardStatus { what, report, state, since: self.now });
        // Never between two keys of a text: then with the next copy.
        if offers && self.settings.chosen.osc52 == Osc52::Ask && self.text_field().is_none() {
            self.offer_terminal(source, &paste);
        }
    }

    pub(super) fn on_receipt(&mut self, receipt: ClipboardReceipt) {
        if let Some(status) = self.clipboard.as_mut().filter(|status| status.is_held()) {
            status.state = ClipboardState::Ended(receipt);
            status.since = self.now;
        }
    }

    /// The shell cleared it; the receipt, if there is one, says more.
    pub(super) fn clipboard_cleared(&mut self) {
        self.on_receipt(ClipboardReceipt::Cleared);
    }

    /// Clears what is ours, now.
    pub(super) fn clear_clipboard(&mut self) {
        if self.clipboard.as_ref().is_some_and(ClipboardStatus::is_held) {
            let ticket = self.asks.put(Ask::ClearClipboard, self.now);
            self.out.push(Effect::ClearClipboard(ticket));
        }
    }
}
