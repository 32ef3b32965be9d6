//! One case file: reads it, runs it, compares, and writes it anew when asked.

use std::path::Path;

use super::sandbox::{Sandbox, feed};

/// A case file, line by line.
pub struct Case {
    bare: bool,
    /// Whether it holds on other systems than Linux too.
    everywhere: bool,
    parts: Vec<Part>,
}

enum Part {
    Remark(String),
    Step(Step),
}

#[derive(Default, Clone)]
struct Step {
    command: String,
    /// Whether only Unix can run it.
    on_unix: bool,
    input: Option<String>,
    code: i32,
    out: Vec<String>,
    err: Vec<String>,
}

impl Case {
    /// Runs a file, and counts its steps; the error shows every step that went otherwise.
    pub fn run(file: &Path) -> Result<usize, String> {
        let text = std::fs::read_to_string(file).expect("a case file");
        let mut case = Self::parse(&text, file);
        if cfg!(not(target_os = "linux")) && !case.everywhere {
            return Ok(0);
        }
        let sandbox = if case.bare { Sandbox::bare() } else { Sandbox::with_vault() };
        let mut wrong = String::new();
        let mut steps = 0;
        for part in &mut case.parts {
            let Part::Step(step) = part else { continue };
            if cfg!(windows) && step.on_unix {
                continue;
            }
            steps += 1;
            let actual = step.run(&sandbox);
            if !step.fits(&actual) {
                wrong += &format!("expected:\n{}actual:\n{}\n", step.text(), actual.text());
                *step = actual;
            }
        }
        assert!(steps > 0, "{} has no step", file.display());
        if wrong.is_empty() {
            return Ok(steps);
        }
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(file, case.text()).expect("written");
        }
        Err(format!("{}\n{wrong}", file.display()))
    }

    fn parse(text: &str, file: &Path) -> Self {
        let mut case = Self { bare: false, everywhere: false, parts: Vec::new() };
        for line in text.lines() {
            let (mark, rest) = line.split_at(line.len().min(1));
            let rest = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            match (mark, case.parts.last_mut()) {
                ("@", _) => {
                    case.bare = rest.starts_with("bare");
                    case.everywhere = rest.ends_with("everywhere");
                }
                ("" | "#", _) => case.parts.push(Part::Remark(line.to_owned())),
                ("$" | "%", _) => {
                    let on_unix = mark == "%";
                    case.parts.push(Part::Step(Step { command: rest, on_unix, ..Step::default() }));
                }
                ("<", Some(Part::Step(step))) => step.input = Some(rest),
                ("=", Some(Part::Step(step))) => step.code = rest.parse().expect("a code"),
                (">", Some(Part::Step(step))) => step.out.push(rest),
                ("!", Some(Part::Step(step))) => step.err.push(rest),
                _ => panic!("{}: what is '{line}'?", file.display()),
            }
        }
        case
    }

    fn text(&self) -> String {
        let start = if self.bare { "@ bare" } else { "@ vault" };
        let start = format!("{start}{}\n", if self.everywhere { " everywhere" } else { "" });
        let part = |part: &Part| match part {
            Part::Remark(line) => format!("{line}\n"),
            Part::Step(step) => step.text(),
        };
        start + &self.parts.iter().map(part).collect::<String>()
    }
}

impl Step {
    fn run(&self, sandbox: &Sandbox) -> Self {
        let words = shell_words::split(&self.command).expect("words");
        let variables = words.iter().take_while(|word| is_assignment(word)).count();
        let mut command = sandbox.command(&words[variables]);
        for assignment in &words[..variables] {
            let (name, value) = assignment.split_once('=').expect("an assignment");
            match value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.args(&words[variables + 1..]);
        let input = unescape(self.input.as_deref().unwrap_or_default());
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.command));
        let output = feed(child, &input);
        let lines = |bytes: &[u8]| redact(&String::from_utf8_lossy(bytes), sandbox.path());
        Self {
            command: self.command.clone(),
            on_unix: self.on_unix,
            input: self.input.clone(),
            code: shown_code(output.status),
            out: lines(&output.stdout),
            err: lines(&output.stderr),
        }
    }

    fn fits(&self, actual: &Self) -> bool {
        self.code == actual.code
            && lines_fit(&self.out, &actual.out)
            && lines_fit(&self.err, &actual.err)
    }

    fn text(&self) -> String {
        let mut text = format!("{} {}\n", if self.on_unix { '%' } else { '$' }, self.command);
        if let Some(input) = &self.input {
            text += &format!("< {input}\n");
        }
        if self.code != 0 {
            text += &format!("= {}\n", self.code);
        }
        let marked = [(">", &self.out), ("!", &self.err)];
        for (mark, lines) in marked {
            for line in lines {
                text += format!("{mark} {line}").trim_end();
                text.push('\n');
            }
        }
        text
    }
}

/// The code as a shell shows it: 128 and the signal for a process that died of one.
fn shown_code(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(windows)]
    let signal = None;
    status.code().or_else(|| signal.map(|signal: i32| 128 + signal)).expect("it ended")
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

/// Reads `\n`, `\r`, `\t`, `\\` and `\xHH`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            bytes.extend(letter.to_string().bytes());
            continue;
        }
        match rest.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two digits"));
            }
            other => panic!("unknown escape {other:?}"),
        }
    }
    bytes
}

/// The lines of an output with what differs from run to run replaced. The last line's missing newline
/// is kept as `<no newline>`, because scripts depend on it.
fn redact(text: &str, directory: &Path) -> Vec<String> {
    let text = text.replace(&*directory.to_string_lossy(), "[DIR]");
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text };
    let text = replace_runs(&text, 20, &is_time, "[TIME]");
    let text = replace_runs(&text, 32, &|run| run.bytes().all(is_hex), "[ID]");
    // Under tests/coverage.sh a program that may write no file cannot write that one either.
    let said = text.lines().filter(|line| !line.starts_with("LLVM Profile Error"));
    let mut lines: Vec<String> = said.map(|line| line.trim_end().to_owned()).collect();
    if let Some(last) = lines.last_mut().filter(|_| !text.ends_with('\n')) {
        last.push_str("<no newline>");
    }
    lines
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// `2026-01-31T12:00:00Z`
fn is_time(run: &str) -> bool {
    let shape: String =
        run.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// Replaces every run of `len` characters that `is` takes.
fn replace_runs(text: &str, len: usize, is: &dyn Fn(&str) -> bool, with: &str) -> String {
    let mut shown = String::new();
    let mut at = 0;
    while at < text.len() {
        if text.get(at..at + len).is_some_and(is) {
            shown += with;
            at += len;
        } else {
            let letter = text.get(at..).and_then(|rest| rest.chars().next()).expect("a letter");
            shown.push(letter);
            at += letter.len_utf8();
        }
    }
    shown
}

/// Whether lines fit, `...` standing for any number of them.
fn lines_fit(expected: &[String], actual: &[String]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=actual.len()).any(|skip| lines_fit(rest, &actual[skip..]))
        }
        Some((first, rest)) => actual
            .split_first()
            .is_some_and(|(line, others)| line_fits(first, line) && lines_fit(rest, others)),
    }
}

/// Whether a line fits, `[..]` standing for anything.
fn line_fits(expected: &str, actual: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == actual,
        Some((start, rest)) => actual.strip_prefix(start).is_some_and(|after| {
            (0..=after.len()).filter_map(|end| after.get(end..)).any(|end| line_fits(rest, end))
        }),
    }
}

#[test]
fn wildcards_fit_what_they_should_and_nothing_else() {
    assert!(line_fits("a [..] c", "a b b c") && !line_fits("a [..] c", "a b b d"));
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(lines_fit(&lines("a ... d"), &lines("a b c d")));
    assert!(!lines_fit(&lines("a ... d"), &lines("a b c")) && !lines_fit(&[], &lines("a")));
}
