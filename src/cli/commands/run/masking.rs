//! Whether and where the command's output goes through the mask. Starts nothing.

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::Arc;

use crate::cli::output::Output;
use crate::service::mask::Patterns;
use crate::vault::SensitiveBytes;

/// What was asked for on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// `--mask`
    Always,
    /// `--no-mask`
    Never,
    /// Neither: what is no terminal is masked.
    Unless,
}

/// How one stream of the command reaches ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is ours.
    Direct,
    /// Through a pipe and the mask.
    Pipe,
    /// Through a terminal of the command's own and the mask.
    Terminal,
}

/// The ways of standard output and standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    pub stdout: Way,
    pub stderr: Way,
}

impl Ways {
    /// The ways of this process's own streams.
    pub fn of_this_process(choice: Choice) -> Self {
        Self::of(choice, std::io::stdout().is_terminal(), std::io::stderr().is_terminal())
    }

    /// Each is judged alone, but for this: where standard output is no terminal, another program may have the
    /// keyboard, as in `… | less`, and the command gets no terminal of its own.
    fn of(choice: Choice, stdout: bool, stderr: bool) -> Self {
        let way = |terminal| match (choice, terminal) {
            (Choice::Never, _) | (Choice::Unless, true) => Way::Direct,
            (Choice::Always, true) if stdout => Way::Terminal,
            _ => Way::Pipe,
        };
        Self { stdout: way(stdout), stderr: way(stderr) }
    }

    /// Whether nothing is masked.
    pub fn are_direct(self) -> bool {
        self.stdout == Way::Direct && self.stderr == Way::Direct
    }
}

/// The values that the mask takes out, collected while the command's environment is filled.
pub struct Values {
    ways: Ways,
    values: Vec<SensitiveBytes>,
}

impl Values {
    /// None yet.
    pub fn new(ways: Ways) -> Self {
        Self { ways, values: Vec::new() }
    }

    /// Remembers a value if anything is masked at all; says so when it is too short for that.
    pub fn add(&mut self, from: &dyn Display, bytes: &[u8], out: Output) {
        if self.ways.are_direct() {
            return;
        }
        match Patterns::takes(bytes) {
            true => self.values.push(SensitiveBytes::copy_of(bytes)),
            false => out.note(&format!("{from} is too short to be masked in the output")),
        }
    }

    /// What is looked for in the output; `None` when nothing is. The values are wiped.
    pub fn into_masking(self, out: Output) -> Option<Masking> {
        if self.values.is_empty() {
            return None;
        }
        let mut patterns = Patterns::default();
        self.values.iter().for_each(|value| value.with(|bytes| patterns.add(bytes)));
        patterns.finish();
        Some(Masking { ways: self.ways, patterns: Arc::new(patterns), out })
    }
}

/// What is masked, and where.
pub struct Masking {
    pub ways: Ways,
    pub patterns: Arc<Patterns>,
    /// For what goes wrong with the output.
    pub out: Output,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_is_judged_alone() {
        use Way::{Direct, Pipe, Terminal};
        let ways = |choice, stdout, stderr| {
            let ways = Ways::of(choice, stdout, stderr);
            (ways.stdout, ways.stderr)
        };
        for (choice, expected) in [
            (Choice::Unless, [(Direct, Direct), (Direct, Pipe), (Pipe, Direct), (Pipe, Pipe)]),
            (Choice::Never, [(Direct, Direct); 4]),
            (Choice::Always, [(Terminal, Terminal), (Terminal, Pipe), (Pipe, Pipe), (Pipe, Pipe)]),
        ] {
            let streams = [(true, true), (true, false), (false, true), (false, false)];
            assert_eq!(streams.map(|(out, err)| ways(choice, out, err)), expected, "{choice:?}");
        }
    }
}
