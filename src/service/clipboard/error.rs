//! Why nothing could be copied. Never the value, and no foreign text that is not made visible.

use super::Route;
use super::osc52;
use crate::fault::{Fault, FaultKind};
use crate::text::visible;

/// One route that was tried, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The route.
    pub route: Route,
    /// Its answer; already visible.
    pub why: String,
}

impl Tried {
    /// Notes the answer of `route`, made visible.
    pub(super) fn new(route: Route, why: &str) -> Self {
        Self { route, why: visible(why).into_owned() }
    }
}

/// Why a value is not on the clipboard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClipboardError {
    /// No route works here.
    #[error("no clipboard can be reached{}", list(.0))]
    None(Vec<Tried>),
    /// Only OSC 52 is left, and the user has not agreed to it.
    #[error("only the terminal's own clipboard (OSC 52) is left, and it cannot be cleared")]
    ConsentNeeded,
    /// A clipboard of text takes UTF-8 only.
    #[error("the value is not text (UTF-8), and a clipboard takes only text")]
    NotText,
    /// More than OSC 52 carries.
    #[error("the value is longer than {} bytes, the most OSC 52 carries", osc52::LIMIT)]
    TooLong,
    /// The helper that holds the contents could not be started.
    #[error("the clipboard's helper process could not be started: {0}")]
    Helper(String),
}

impl Fault for ClipboardError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::None(_) | Self::Helper(_) => FaultKind::Unreachable,
            Self::ConsentNeeded => FaultKind::Refused,
            Self::NotText | Self::TooLong => FaultKind::Invalid,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::None(_) => {
                "start tresor in a desktop session (DISPLAY or WAYLAND_DISPLAY) or in tmux, \
                 or use `tresor read REF`"
            }
            Self::ConsentNeeded => {
                "agree to it, set osc52 = \"always\" under [clipboard], or start tresor in tmux"
            }
            Self::NotText => "write the bytes to a file or a pipe with `tresor read REF`",
            Self::TooLong => "use tmux or a desktop session, or `tresor read REF`",
            Self::Helper(_) => "check that the tresor program file is still there and may be run",
        }
        .to_owned()
    }
}

/// The reasons behind a colon, or nothing.
fn list(tried: &[Tried]) -> String {
    if tried.is_empty() {
        return " from here".to_owned();
    }
    let reasons: Vec<String> =
        tried.iter().map(|tried| format!("{}: {}", tried.route, tried.why)).collect();
    format!(": {}", reasons.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_made_visible_and_kinds_are_the_documented_ones() {
        let error = ClipboardError::None(vec![Tried::new(Route::X11, "bad\u{1b}]0;x")]);
        assert_eq!(error.to_string(), "no clipboard can be reached: X11 clipboard: bad␛]0;x");
        assert_eq!(error.kind(), FaultKind::Unreachable);
        assert_eq!(ClipboardError::NotText.kind(), FaultKind::Invalid);
        assert_eq!(ClipboardError::ConsentNeeded.kind(), FaultKind::Refused);
        assert!(!error.help().is_empty());
    }
}
