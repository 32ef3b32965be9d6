//! How far a long piece of work is: a bar, on a terminal alone, once it takes longer than half a second.
//! Says nothing to programs.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;

/// From here on it is worth telling.
const SOON: Duration = Duration::from_millis(500);
/// How often a bar is drawn anew, in times a second.
const REDRAW: u8 = 20;

/// One piece of work.
pub struct Progress {
    /// Draws nothing where nobody would see it.
    bar: ProgressBar,
    /// When the first of it was done: what comes before is not counted.
    begun: Option<Instant>,
}

impl Progress {
    /// Work that counts `what`.
    pub fn new(out: Output, what: &'static str) -> Self {
        let is_shown = io::stderr().is_terminal() && !out.quiet && !out.json;
        let target = match is_shown {
            true => ProgressDrawTarget::stderr_with_hz(REDRAW),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target).with_message(what);
        // A template that is part of the program is well formed.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} {msg}") {
            bar.set_style(style.progress_chars("█▌░"));
        }
        Self { bar, begun: None }
    }

    /// `done` of `total` are done.
    pub fn at(&mut self, done: usize, total: usize) {
        if self.begun.get_or_insert_with(Instant::now).elapsed() >= SOON {
            self.bar.set_length(total as u64);
            self.bar.set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // What is said next begins on a line of its own.
        self.bar.finish_and_clear();
    }
}
