//! Why a whole source cannot be read. A single bad place is a `Bad`, and no error.

use thiserror::Error;

use crate::fault::{Fault, FaultKind};

/// What is wrong with a source as a whole; never with a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// It is something else, or broken where nothing after it can be told.
    #[error("{why}")]
    Malformed {
        /// What is wrong, with the line where there is one; safe to show.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// Too many bytes or secrets.
    #[error("the source is too large: {0}")]
    TooLarge(&'static str),
    /// A form that is not read here.
    #[error("{why}")]
    Unsupported {
        /// What it is.
        why: &'static str,
        /// What to do instead.
        help: &'static str,
    },
    /// It does not open with what was given.
    #[error("{why}")]
    Locked {
        /// What does not fit.
        why: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// It asks for more than any honest source does.
    #[error("{why}")]
    Hostile {
        /// What it asks for.
        why: String,
    },
    /// It opens, but is not whole.
    #[error("{0}")]
    Damaged(&'static str),
    /// A file of it cannot be read.
    #[error("cannot read {what}: {why}")]
    Io {
        /// The file; safe to show.
        what: String,
        /// What the system says.
        why: String,
        /// The kind of failure.
        kind: FaultKind,
    },
    /// The person said no.
    #[error("{0}")]
    Interrupted(&'static str),
}

impl ImportError {
    /// The source is not what it should be.
    pub(super) fn malformed(why: impl Into<String>, help: &'static str) -> Self {
        Self::Malformed { why: why.into(), help }
    }
}

impl Fault for ImportError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Malformed { .. } | Self::TooLarge(_) => FaultKind::Invalid,
            Self::Unsupported { .. } => FaultKind::Unsupported,
            Self::Locked { .. } => FaultKind::Locked,
            Self::Hostile { .. } => FaultKind::Refused,
            Self::Damaged(_) => FaultKind::Damaged,
            Self::Io { kind, .. } => *kind,
            Self::Interrupted(_) => FaultKind::Interrupted,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Malformed { help, .. }
            | Self::Unsupported { help, .. }
            | Self::Locked { help, .. } => (*help).to_owned(),
            Self::TooLarge(_) => "split it into several".to_owned(),
            Self::Hostile { .. } => {
                "if it is yours, lower its cost in the program that made it, and try again"
                    .to_owned()
            }
            Self::Damaged(_) => "open it in the program that made it, or take a backup".to_owned(),
            Self::Io { .. } => "check the path and its permissions".to_owned(),
            Self::Interrupted(_) => "nothing was changed".to_owned(),
        }
    }
}
