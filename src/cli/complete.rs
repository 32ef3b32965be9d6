//! What a command line that is being typed may go on with, from the description of the arguments. Opens no
//! vault: what only a vault knows is named and left to others.

use std::path::PathBuf;

use clap::{Arg, Command, CommandFactory};

use super::args::{Cli, Globals};

/// What may follow.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// One of these words, each with what it is.
    Words(Vec<(String, String)>),
    /// A file.
    Files,
    /// A directory.
    Directories,
    /// Another program and its own arguments.
    Program,
    /// A secret; in two words once the first one is a scope alone.
    References,
    /// A secret of this scope.
    KeysOf(String),
    /// A secret in the trash.
    Deleted {
        /// The scope that stands there by itself already.
        scope: Option<String>,
        /// Whether a live one may be meant as well: its earlier revisions can be restored.
        or_live: bool,
    },
    /// A scope, or a secret.
    ScopesOrReferences,
    /// A scope.
    Scopes,
    /// A profile.
    Profiles,
    /// Nothing that anybody could know.
    Nothing,
}

/// A command line, read up to the word that is being typed.
#[derive(Debug)]
pub struct Typed {
    /// What was said of the vault.
    pub globals: Globals,
    /// What may follow.
    pub next: Next,
    /// What stands before it within its word, such as `--scope=`.
    pub before: String,
    /// What there is of it.
    pub begun: String,
}

/// Reads the words behind the program's name; the last one is being typed.
pub fn read(words: &[String]) -> Typed {
    let mut root = Cli::command();
    root.build();
    let (begun, words) = words.split_last().map_or(("", words), |(last, words)| (last, words));
    let mut walk = Walk::begin(&root);
    words.iter().for_each(|word| walk.step(word));
    walk.end(begun)
}

/// How far the words led.
struct Walk<'c> {
    root: &'c Command,
    command: &'c Command,
    globals: Globals,
    /// The option whose value comes next.
    open: Option<&'c Arg>,
    /// The words that are neither options nor commands.
    positional: Vec<String>,
    /// Whether `--` ended the options.
    only_positional: bool,
    /// Whether the words name commands: behind `help` and `man`.
    names: bool,
}

impl<'c> Walk<'c> {
    fn begin(root: &'c Command) -> Self {
        Self {
            root,
            command: root,
            globals: Globals { quiet: true, ..Globals::default() },
            open: None,
            positional: Vec::new(),
            only_positional: false,
            names: false,
        }
    }

    fn step(&mut self, word: &str) {
        if let Some(option) = self.open.take() {
            return self.keep(option, word);
        }
        if self.only_positional {
            return self.positional.push(word.to_owned());
        }
        if word == "--" {
            self.only_positional = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
            let option = self.option(|option| option.get_long() == Some(name));
            match (option.filter(|option| takes_a_value(option)), value) {
                (Some(option), Some(value)) => self.keep(option, value),
                (option, None) => self.open = option,
                (None, Some(_)) => {}
            }
        } else if word.len() > 1 && word.starts_with('-') {
            let last = word.chars().next_back();
            self.open =
                self.option(|option| option.get_short() == last).filter(|it| takes_a_value(it));
        } else {
            self.word(word);
        }
    }

    fn word(&mut self, word: &str) {
        let at_root = std::ptr::eq(self.command, self.root) && self.positional.is_empty();
        if at_root && ["help", "man"].contains(&word) {
            self.names = true;
            return;
        }
        match self.command.find_subcommand(word).filter(|_| self.positional.is_empty()) {
            Some(command) => self.command = command,
            None => self.positional.push(word.to_owned()),
        }
    }

    fn option(&self, is: impl Fn(&Arg) -> bool) -> Option<&'c Arg> {
        self.command.get_arguments().find(|arg| !arg.is_positional() && is(arg))
    }

    /// Keeps what says which vault it is about.
    fn keep(&mut self, option: &Arg, value: &str) {
        match option.get_long() {
            Some("vault") => self.globals.vault = Some(path(value)),
            Some("key-file") => self.globals.key_file = Some(path(value)),
            Some("passphrase-file") => self.globals.passphrase_file = Some(path(value)),
            Some("as") => self.globals.actor = Some(value.to_owned()),
            _ => {}
        }
    }

    fn end(self, begun: &str) -> Typed {
        let (before, next) = self.next(begun);
        let begun = begun.strip_prefix(&*before).unwrap_or(begun).to_owned();
        Typed { next, before, begun, globals: self.globals }
    }

    /// What stands before the value in the last word, and what the value may be.
    fn next(&self, begun: &str) -> (String, Next) {
        if let Some(option) = self.open {
            return value_of(option, begun, "");
        }
        if self.names {
            return (String::new(), Next::Words(commands(self.command)));
        }
        if begun.starts_with('-') && !self.only_positional {
            let Some((name, value)) = begun.split_once('=') else {
                return (String::new(), Next::Words(options(self.command)));
            };
            let option = self.option(|option| option.get_long() == name.strip_prefix("--"));
            return match option.filter(|option| takes_a_value(option)) {
                Some(option) => value_of(option, value, &format!("{name}=")),
                None => (String::new(), Next::Nothing),
            };
        }
        if self.command.has_subcommands() {
            let help = ("help".to_owned(), "Print the help of a command".to_owned());
            let help = std::ptr::eq(self.command, self.root).then_some(help);
            return match self.positional.is_empty() {
                true => {
                    let words = commands(self.command).into_iter().chain(help).collect();
                    (String::new(), Next::Words(words))
                }
                false => (String::new(), Next::Nothing),
            };
        }
        (String::new(), self.positional())
    }

    /// What the next word that is no option may be.
    fn positional(&self) -> Next {
        let all: Vec<&Arg> = self.command.get_positionals().collect();
        let last = all.last().copied();
        if last.is_some_and(Arg::is_last_set) {
            return if self.only_positional { Next::Program } else { Next::Nothing };
        }
        let is_many = |arg: &&Arg| arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        let Some(arg) = all.get(self.positional.len()).copied().or(last.filter(is_many)) else {
            return Next::Nothing;
        };
        match (what(arg), scope_alone(&self.positional)) {
            (Next::References, scope) if self.is_about_the_trash() => {
                Next::Deleted { scope, or_live: self.command.get_name() == "restore" }
            }
            (Next::References | Next::ScopesOrReferences, Some(scope)) => Next::KeysOf(scope),
            (Next::References | Next::ScopesOrReferences, None) if self.is_aws() => {
                Next::ScopesOrReferences
            }
            (next, _) => next,
        }
    }

    fn is_about_the_trash(&self) -> bool {
        ["restore", "purge"].contains(&self.command.get_name())
    }

    /// Whether a scope may stand in the place of a secret.
    fn is_aws(&self) -> bool {
        self.command.get_name() == "aws-credential"
    }
}

/// A scope that waits for its key: of words in pairs, the last one without its second.
fn scope_alone(words: &[String]) -> Option<String> {
    let is_whole = |word: &String| word.contains('/') || word.starts_with("tresor:");
    let mut open = None;
    for word in words {
        open = match open {
            None if !is_whole(word) => Some(word.clone()),
            _ => None,
        };
    }
    open
}

fn takes_a_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}

/// What an option's value may be; `before` is what already stands before it in its word.
fn value_of(option: &Arg, value: &str, before: &str) -> (String, Next) {
    let is_variable =
        option.get_value_names().is_some_and(|names| names.iter().any(|it| it == "NAME=REF"));
    match value.split_once('=') {
        Some((name, _)) if is_variable => (format!("{before}{name}="), Next::References),
        _ => (before.to_owned(), what(option)),
    }
}

/// What the value of an argument may be, by the words its help has for it.
fn what(arg: &Arg) -> Next {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let help = |value: &clap::builder::PossibleValue| {
            value.get_help().map(ToString::to_string).unwrap_or_default()
        };
        return Next::Words(possible.iter().map(|it| (it.get_name().into(), help(it))).collect());
    }
    let names = arg.get_value_names().unwrap_or_default();
    match names.first().map(|name| name.as_str()) {
        Some("REF") => Next::References,
        Some("SCOPE" | "ACTOR") => Next::Scopes,
        Some("FILE" | "PATH") => Next::Files,
        Some("DIR") => Next::Directories,
        Some("PROFILE") => Next::Profiles,
        _ => Next::Nothing,
    }
}

fn commands(of: &Command) -> Vec<(String, String)> {
    let shown = of.get_subcommands().filter(|command| !command.is_hide_set());
    let about = |command: &Command| command.get_about().map(first_line).unwrap_or_default();
    shown.map(|command| (command.get_name().to_owned(), about(command))).collect()
}

fn options(of: &Command) -> Vec<(String, String)> {
    let shown = of.get_arguments().filter(|arg| !arg.is_hide_set());
    let named = shown.filter_map(|arg| {
        let help = arg.get_help().map(first_line).unwrap_or_default();
        Some((format!("--{}", arg.get_long()?), help))
    });
    named.collect()
}

fn first_line(text: &clap::builder::StyledStr) -> String {
    text.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A path as it stands on a command line: shells leave `~/` alone until the line is run.
fn path(text: &str) -> PathBuf {
    let home = super::environment::get("HOME").map(PathBuf::from);
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "complete/tests.rs"]
mod tests;
