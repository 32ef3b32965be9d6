//! The exit codes, derived from the kind of failure in this one place. Never from an error's text.

use crate::fault::FaultKind;

/// Findings of `doctor`: the same code as damage (DESIGN, section 5).
pub const FINDINGS: u8 = 9;
/// Findings of `audit --strict`: the same code as a policy that refuses (DESIGN, section 5).
pub const AUDIT_FINDINGS: u8 = 6;
/// `run` failed before the command was started.
pub const RUN_FAILED: u8 = 125;
/// `run`: the command is there but cannot be executed (POSIX `env`).
pub const RUN_NOT_EXECUTABLE: u8 = 126;
/// `run`: there is no such command (POSIX `env`).
pub const RUN_NOT_FOUND: u8 = 127;

/// The exit code of a kind of failure (DESIGN, section 5).
pub fn code(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::Internal | FaultKind::Uncertain => 1,
        FaultKind::Invalid => 2,
        FaultKind::Locked => 3,
        FaultKind::Unreachable => 4,
        FaultKind::Unsupported => 5,
        FaultKind::Refused => 6,
        FaultKind::Precondition => 7,
        FaultKind::NotFound => 8,
        FaultKind::Damaged => 9,
        FaultKind::Interrupted => 130,
    }
}
