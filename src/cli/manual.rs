//! The manual pages: what clap knows of a command, and what it does not: exit status, files, environment,
//! examples. Prints nothing.

mod examples;

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::args::Cli;

/// What this is a part of, in the middle of a page's head.
const MANUAL: &str = "tresor";

/// The codes of DESIGN, section 5.
const CODES: [(&str, &str); 11] = [
    ("0", "Done. Nothing found is no error where a list was asked for."),
    ("1", "Internal, or input and output failed."),
    ("2", "Invalid input."),
    ("3", "The vault is locked, or the passphrase is wrong."),
    ("4", "A store, provider, network or clipboard cannot be reached."),
    ("5", "Not supported here."),
    ("6", "Refused by permissions or policy."),
    ("7", "A precondition does not hold: no vault, already there, busy, changed meanwhile."),
    ("8", "Not found."),
    ("9", "Damaged, tampered with, written by a newer tresor, or rolled back."),
    ("130", "Interrupted."),
];

/// The codes that only some commands have.
const OWN_CODES: [(&str, &[(&str, &str)]); 3] = [
    (
        "run",
        &[
            ("125", "tresor failed before the command was started."),
            ("126", "The command cannot be executed."),
            ("127", "There is no such command."),
            ("any other", "The command's own."),
        ],
    ),
    ("doctor", &[("9", "There are findings.")]),
    (
        "docker-credential",
        &[("1", "Any error, as the protocol has it; it is on standard output too.")],
    ),
];

/// Where things lie on Linux.
const FILES: [(&str, &str); 4] = [
    ("~/.local/share/tresor/vault/", "The vault, unless --vault names another one."),
    ("~/.config/tresor/config.toml", "The settings and key bindings."),
    (
        "~/.config/tresor/themes/, ~/.config/tresor/providers/",
        "Themes and OAuth providers of your own.",
    ),
    (
        "~/.local/state/tresor/",
        "What was last seen of each vault, so that an older copy is noticed.",
    ),
];

/// What the settings file says of references, which only files of other programs hold.
const REFERENCES: [(&str, &str); 2] = [
    ("files", "Directories below which file:PATH may be read, as in files = [\"/run/secrets\"]."),
    (
        "commands",
        "Commands that exec: may run, word by word; a last word * stands for any that follow, as in commands = [\"/usr/bin/pass show *\"].",
    ),
];

/// What is read from the environment.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("TRESOR_VAULT_DIR", "The vault's directory; --vault goes before it."),
    ("TRESOR_CONFIG", "The settings file; --config goes before it."),
    ("TRESOR_KEY_FILE", "A key file that unlocks."),
    ("TRESOR_PASSPHRASE_FILE", "A file with the passphrase; one newline at its end is dropped."),
    (
        "TRESOR_PASSPHRASE_COMMAND",
        "A command that prints the passphrase: words as in a shell, but no shell.",
    ),
    (
        "TRESOR_PASSPHRASE_COST",
        "'least': a new passphrase costs as little as is allowed, and nothing is measured.",
    ),
    ("NO_COLOR", "Set to anything: no colours."),
    ("GIT_TERMINAL_PROMPT", "0: git-credential asks nothing on the terminal."),
];

/// A page: the name of its file, and its text.
pub struct Page {
    pub file: String,
    pub text: String,
}

/// All commands, with what clap adds to them.
pub fn commands() -> Command {
    let mut root = Cli::command();
    root.build();
    root
}

/// The page of one command of [`commands`].
pub fn page(command: &Command) -> io::Result<Page> {
    let is_main = command.get_name() == "tresor";
    let man = Man::new(command.clone())
        .manual(MANUAL)
        .source(concat!("tresor ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    synopsis(command).to_writer(&mut text)?;
    man.render_description_section(&mut text)?;
    if is_main {
        description().to_writer(&mut text)?;
    }
    if command.has_subcommands() {
        subcommands(command).to_writer(&mut text)?;
    }
    man.render_options_section(&mut text)?;
    exit_status(command).to_writer(&mut text)?;
    if is_main {
        table("ENVIRONMENT", &ENVIRONMENT).to_writer(&mut text)?;
        table("FILES", &FILES).to_writer(&mut text)?;
        references().to_writer(&mut text)?;
    }
    let shown = examples::of(&words(command));
    if !shown.is_empty() {
        examples(shown).to_writer(&mut text)?;
    }
    see_also(command).to_writer(&mut text)?;
    Ok(Page { file: man.get_filename(), text: ascii(&String::from_utf8_lossy(&text)) })
}

/// With escapes for all other letters: troff takes them for something else (groff_char(7)).
fn ascii(text: &str) -> String {
    let letter = |letter: char| match letter.is_ascii() {
        true => letter.to_string(),
        false => format!("\\[u{:04X}]", u32::from(letter)),
    };
    text.chars().map(letter).collect()
}

/// The pages of a command and of all below it.
pub fn pages(command: &Command) -> io::Result<Vec<Page>> {
    let mut all = vec![page(command)?];
    for below in shown(command) {
        all.extend(pages(below)?);
    }
    Ok(all)
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

/// The words that call it, without tresor's own name.
fn words(command: &Command) -> String {
    let called = command.get_bin_name().unwrap_or_default();
    called.strip_prefix("tresor").unwrap_or(called).trim().to_owned()
}

/// As its help has it, but not every option by name: these follow.
fn synopsis(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    for (number, form) in usage.lines().map(str::trim).enumerate() {
        if number > 0 {
            roff.control("br", []);
        }
        let called = command.get_bin_name().unwrap_or_default();
        let rest = form.strip_prefix(called).unwrap_or(form);
        roff.text([bold(called), roman(rest)]);
    }
    roff
}

/// What the main page says beside its first line.
fn description() -> Roff {
    let mut roff = Roff::new();
    // The codes have a section of their own.
    let of_page = |text: &&str| !text.starts_with("Exit codes");
    for paragraph in super::args::MORE.split("\n\n").filter(of_page) {
        roff.control("PP", []);
        roff.text([roman(paragraph.replace('\n', " "))]);
    }
    roff
}

fn subcommands(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for below in shown(command) {
        roff.control("TP", []);
        roff.text(reference(below, ""));
        roff.text([roman(below.get_about().map(ToString::to_string).unwrap_or_default())]);
    }
    roff
}

fn exit_status(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    let own = OWN_CODES.iter().find(|(name, _)| *name == words(command));
    if command.get_name() == "tresor" {
        rows(&mut roff, &CODES);
        return roff;
    }
    if let Some((_, codes)) = own {
        rows(&mut roff, codes);
        roff.control("PP", []);
    }
    let others = if own.is_some() { "Otherwise 0" } else { "0" };
    roff.text([
        roman(format!(
            "{others} when it was done, and else a code that says what sort of failure it was; "
        )),
        bold("tresor"),
        roman("(1) lists them."),
    ]);
    roff
}

fn table(heading: &str, lines: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    rows(&mut roff, lines);
    roff
}

/// The part of the settings that says what references may reach.
fn references() -> Roff {
    let mut roff = Roff::new();
    roff.control("SS", ["The settings under [references]"]);
    roff.text([roman(
        "Beside the vault and variables, references reach nothing unless it stands here.",
    )]);
    rows(&mut roff, &REFERENCES);
    roff
}

fn rows(roff: &mut Roff, lines: &[(&str, &str)]) {
    for (name, text) in lines {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*text)]);
    }
}

fn examples(shown: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    for (what, line) in shown {
        roff.control("PP", []);
        roff.text([roman(*what)]);
        roff.control("PP", []);
        roff.control("RS", ["4"]);
        roff.control("nf", []);
        for line in line.lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
        roff.control("RE", []);
    }
    roff
}

/// The page above, the pages below, and what was named for this one.
fn see_also(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let words = words(command);
    let above =
        words.rsplit_once(' ').map(|(above, _)| format!("tresor-{}", above.replace(' ', "-")));
    let mut names: Vec<String> = Vec::new();
    if command.get_name() != "tresor" {
        names.push("tresor".into());
    }
    names.extend(above);
    names.extend(examples::near(&words).iter().map(|name| (*name).to_owned()));
    if command.get_name() != "tresor" {
        names.extend(shown(command).map(display_name));
    }
    names.dedup();
    let last = names.len().saturating_sub(1);
    let parts = names.iter().enumerate().flat_map(|(number, name)| {
        let name =
            name.split_once('(').map_or((name.as_str(), "1)"), |(name, section)| (name, section));
        let comma = if number == last { "" } else { ", " };
        [bold(name.0), roman(format!("({}{comma}", name.1))]
    });
    roff.text(parts.collect::<Vec<Inline>>());
    roff
}

fn display_name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn reference(command: &Command, end: &str) -> Vec<Inline> {
    vec![italic(display_name(command)), roman(format!("(1){end}"))]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn every_example_is_understood() {
        for words in examples::commands() {
            let mut named = words.split(' ').filter(|word| !word.is_empty());
            let found =
                named.try_fold(commands(), |found, word| found.find_subcommand(word).cloned());
            assert!(found.is_some(), "there is no command '{words}'");
            let lines = examples::of(words).iter().flat_map(|(_, lines)| lines.lines());
            let calls =
                lines.flat_map(|line| line.split(" | ")).filter(|it| it.starts_with("tresor"));
            for call in calls {
                let call = call.split(" > ").next().unwrap();
                let words = shell_words::split(call).expect("words");
                Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{call}: {error}"));
            }
        }
    }

    #[test]
    fn pages_have_every_section_and_names_of_their_own() {
        let all = pages(&commands()).unwrap();
        let names: std::collections::BTreeSet<&str> = all.iter().map(|page| &*page.file).collect();
        assert_eq!(names.len(), all.len());
        assert!(names.contains("tresor-profile-add.1") && names.contains("tresor.1"));
        for page in &all {
            let text = &page.text;
            assert!(text.is_ascii(), "{}", page.file);
            for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"EXIT STATUS\""] {
                assert!(text.contains(&format!("\n.SH {heading}\n")), "{}: {heading}", page.file);
            }
        }
    }
}
