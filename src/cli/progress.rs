//! How far a long piece of work is: a bar on a terminal, a line for each tenth elsewhere. Says nothing
//! of work that is done at once.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::output::Output;

/// From here on it is worth telling.
const SOON: Duration = Duration::from_millis(500);
/// How often a bar is drawn anew.
const REDRAW: Duration = Duration::from_millis(50);
/// How many columns a bar has.
const BAR: usize = 30;

/// One piece of work.
pub struct Progress<'a> {
    out: Output,
    what: &'a str,
    /// When the first of it was done: what comes before is not counted.
    begun: Option<Instant>,
    drawn: Option<Instant>,
    tenth: usize,
    on_terminal: bool,
}

impl<'a> Progress<'a> {
    /// Work that counts `what`.
    pub fn new(out: Output, what: &'a str) -> Self {
        let on_terminal = io::stderr().is_terminal() && !out.quiet && !out.json;
        Self { out, what, begun: None, drawn: None, tenth: 0, on_terminal }
    }

    /// `done` of `total` are done.
    pub fn at(&mut self, done: usize, total: usize) {
        if self.begun.get_or_insert_with(Instant::now).elapsed() < SOON {
            return;
        }
        let tenth = done * 10 / total.max(1);
        if self.on_terminal {
            self.draw(done, total);
        } else if tenth > self.tenth {
            self.tenth = tenth;
            self.out.progress(&format!("{done} of {total} {}", self.what));
        }
    }

    fn draw(&mut self, done: usize, total: usize) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW);
        if !is_due && done < total {
            return;
        }
        self.drawn = Some(Instant::now());
        let full = done * BAR / total.max(1);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR.saturating_sub(full)));
        // Nobody is left to tell when standard error is gone.
        let _ = write!(io::stderr(), "\r\x1b[2K{bar} {done} of {total} {}", self.what);
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            // What is said next begins on a line of its own.
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
