//! The imperative shell around the state machine: terminal, input, workers, the loop. It decides nothing
//! that a state machine could decide.

mod clock;
mod codes;
mod copier;
pub(crate) mod decode;
mod facts;
mod failure;
mod guard;
mod health;
mod import;
mod input;
mod keys;
mod opener;
mod paint;
mod panic;
mod profiles;
mod run;
mod searcher;
mod seen;
mod setup;
mod shared;
mod shell;
mod signals;
mod slots;
mod terminal;
mod trial;
mod unrecorded;
mod values;
mod waits;
mod watch;
mod worker;

pub use run::{Edited, edit_value, run};
pub use setup::{Options, StartAt, TuiError};
pub use signals::{can_stop, stop_job};
pub use waits::StoreWaits;

use crate::app::Event;

/// What wakes the loop.
#[allow(clippy::large_enum_variant, reason = "nearly all of them are events")]
enum Message {
    /// Something for the application.
    Event(Event),
    /// The terminal has another size.
    Resized,
    /// Somebody asks us to stop (SIGTSTP).
    #[cfg_attr(windows, allow(dead_code, reason = "there are no jobs"))]
    Stop,
    /// We were stopped and go on (SIGCONT).
    #[cfg_attr(windows, allow(dead_code, reason = "there are no jobs"))]
    Continued,
    /// The program must end, by that signal.
    End(i32),
    /// The terminal is gone.
    Hangup,
    /// Files of the vault changed.
    FilesChanged,
}
