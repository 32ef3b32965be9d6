//! bash, zsh and fish with the scripts of `completions`, as a person presses Tab.

use portable_pty::CommandBuilder;

use crate::home::Home;
use crate::terminal::Terminal;
use crate::told::real;

/// What is typed, and what stands there after a Tab.
const LINES: [(&str, &str); 8] = [
    ("tresor read project:shop:prod/stripe_k", "tresor read project:shop:prod/stripe_key"),
    ("tresor read project:sh", "tresor read project:shop:prod/"),
    ("tresor read tresor://project:shop:prod/h", "tresor read tresor://project:shop:prod/hook"),
    ("tresor get global git", "tresor get global github_token"),
    ("tresor run --env URL=project:shop:prod/h", "tresor run --env URL=project:shop:prod/hook"),
    ("tresor list project:sho", "tresor list project:shop:prod"),
    ("tresor read project:my", "tresor read project:my\\ app/"),
    ("tresor get --rev", "tresor get --reveal"),
];

fn home() -> Home {
    let home = Home::new();
    let names = [
        "project:shop:prod/stripe_key",
        "project:shop:prod/hook",
        "global/github_token",
        "project:my app/key",
    ];
    for name in names {
        home.ok(&["tresor", "set", "-q", name], "x");
    }
    home
}

/// A shell on a terminal, with the script read.
fn shell(home: &Home, words: &[&str], setup: &str) -> Terminal {
    let command = home.command(words[0]);
    let mut builder = CommandBuilder::new(words[0]);
    builder.env_clear();
    for (name, value) in command.get_envs() {
        builder.env(name, value.unwrap_or_default());
    }
    builder.env("TERM", "xterm");
    builder.cwd(home.path(""));
    builder.args(&words[1..]);
    let mut terminal = Terminal::start(builder, 40, 120);
    terminal.send(format!("{setup}\r").as_bytes());
    terminal.send(b"echo rea''dy\r");
    terminal.shows("\nready");
    terminal
}

/// Presses Tab behind each line and looks at what is there; the line is thrown away.
fn press(terminal: &mut Terminal, lines: &[(&str, &str)]) {
    for (line, done) in lines {
        terminal.send(format!("{line}\t").as_bytes());
        terminal.shows(done);
        terminal.send(b"\x15\x0c");
        terminal.hides(line);
    }
}

#[test]
fn bash_completes_names_of_secrets() {
    if !real("bash_completes_names_of_secrets") {
        return;
    }
    let home = home();
    let words = ["bash", "--norc", "--noprofile"];
    press(&mut shell(&home, &words, "source <(tresor completions bash)"), &LINES);
    let quoted = [("tresor read 'project:my app/", "tresor read 'project:my app/key'")];
    press(&mut shell(&home, &words, "source <(tresor completions bash)"), &quoted);
}

#[test]
fn zsh_completes_names_of_secrets() {
    if !real("zsh_completes_names_of_secrets") {
        return;
    }
    let home = home();
    let setup = "autoload -Uz compinit; compinit -u -D; source <(tresor completions zsh)";
    press(&mut shell(&home, &["zsh", "-f"], setup), &LINES);
    // As a file in the search path of functions.
    std::fs::create_dir(home.path("functions")).unwrap();
    let script = home.ok(&["tresor", "completions", "zsh"], "");
    std::fs::write(home.path("functions/_tresor"), script).unwrap();
    let setup = "fpath=(~/functions $fpath); autoload -Uz compinit; compinit -u -D";
    press(&mut shell(&home, &["zsh", "-f"], setup), &LINES);
}

#[test]
fn fish_completes_names_of_secrets() {
    if !real("fish_completes_names_of_secrets") {
        return;
    }
    let home = home();
    let complete = |line: &str| {
        let line = line.replace('\\', "\\\\").replace('\'', "\\'");
        let asks = format!("tresor completions fish | source; complete -C '{line}'");
        home.ok(&["fish", "--no-config", "-c", &asks], "")
    };
    for (line, done) in LINES {
        let word = done.rsplit("tresor ").next().unwrap().rsplit(' ').next().unwrap();
        let word = if done.ends_with("my\\ app/") { "project:my app/key" } else { word };
        let given = complete(line);
        assert!(given.lines().any(|it| it.starts_with(word)), "{line}: {given}");
    }
    assert!(complete("tresor --vault va").contains("vault/"));
}

#[test]
fn a_vault_that_would_ask_completes_nothing_and_asks_nothing() {
    if !real("a_vault_that_would_ask_completes_nothing_and_asks_nothing") {
        return;
    }
    let home = home();
    let mut terminal = shell(
        &home,
        &["bash", "--norc", "--noprofile"],
        "source <(tresor completions bash); unset TRESOR_KEY_FILE; PS1='$ '",
    );
    terminal.send(b"tresor read glo\t\tX");
    terminal.shows("tresor read gloX");
    assert!(!terminal.screen().contains("assphrase"), "{}", terminal.screen());
}
