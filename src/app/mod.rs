//! The state machine: `(state, event, now) -> effects`. No input, no output, no drawing.

pub mod effect;
pub mod event;

pub use effect::{CopyWhat, Effect};
pub use event::{
    Event, Failure, ImportPreview, ImportRow, ImportState, MouseKind, Outcome, Ticket, VaultFacts,
};
