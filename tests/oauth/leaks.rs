//! Where tokens go: to the provider, and to the standard output of `token`. Every system call of every
//! command is looked at.

use std::process::Command;

use crate::browsing;
use crate::home::{Home, Ran, Running, bytes_below};
use crate::provider::Provider;
use crate::screen::Screen;
use crate::told::real;

/// The words that have strace write each call whole and with the names of what it is made on.
const STRACE: [&str; 7] = ["strace", "-f", "-qq", "-yy", "-s", "1000000", "-o"];

/// The program under strace.
fn traced(home: &Home, name: &str, arguments: &[&str]) -> Command {
    let trace = home.path(name).display().to_string();
    home.command(&[&STRACE[..], &[&trace]].concat(), arguments)
}

/// Whether a call may carry a token: one of a connection, or the output of `token`.
fn may_carry(line: &str, hands_out: bool) -> bool {
    let call = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
    let connection = ["sendto(", "recvfrom("].iter().any(|begin| call.starts_with(begin))
        && call.split(',').next().is_some_and(|fd| fd.contains("<TCP:[127.0.0.1:"))
        || call.starts_with("<... recvfrom resumed>");
    connection || hands_out && call.starts_with("write(1<")
}

/// Checks one trace, which has to have seen each of the tokens that it `uses` somewhere.
fn is_clean(home: &Home, name: &str, tokens: &[String], uses: &[&String]) {
    let trace = std::fs::read_to_string(home.path(name)).unwrap();
    assert!(trace.contains("execve(") && trace.contains("fsync("), "{name}: nothing was traced");
    for token in uses {
        assert!(trace.contains(*token), "{name}: the check finds nothing any more");
    }
    let hands_out = name == "token";
    for line in trace.lines().filter(|line| !may_carry(line, hands_out)) {
        let found = tokens.iter().find(|token| line.contains(*token));
        assert!(found.is_none(), "{name}: {found:?} in: {line}");
    }
}

/// Checks what the program left on the disk.
fn is_in_no_file(home: &Home, tokens: &[String]) {
    for name in ["vault", "state"] {
        for (path, bytes) in bytes_below(&home.path(name)) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!tokens.iter().any(|token| text.contains(token)), "{}", path.display());
        }
    }
}

#[test]
fn tokens_go_to_the_provider_and_the_output_of_token_and_nowhere_else() {
    if !real("tokens_go_to_the_provider_and_the_output_of_token_and_nowhere_else") {
        return;
    }
    let (provider, home) =
        (Provider::start(&[("INTERVAL", "1"), ("ACCESS_TTL", "200")]), Home::new());
    let mut tokens: Vec<String> = Vec::new();
    let mut kept = || {
        let (access, refresh) = home.tokens("a");
        let new = [access, refresh, home.value("global/a.id_token").unwrap()];
        tokens.extend(
            new.iter().filter(|token| !tokens.contains(token)).cloned().collect::<Vec<_>>(),
        );
        new
    };
    let add = ["profile", "add", "a", "--issuer", &provider.url, "--client-id", "native"];
    let more = ["--flow", "device", "--scopes", crate::home::SCOPES, "--no-browser", "--json"];
    let mut signing_in = Running::of(traced(&home, "add", &[&add[..], &more].concat()));
    browsing::enters(&signing_in.event(), "approve");
    let mut runs: Vec<Ran> = vec![signing_in.end().succeeds()];
    let first = kept();
    let run = |name: &str, words: &[&str]| Running::of(traced(&home, name, words)).end().succeeds();
    runs.push(run("refresh", &["profile", "refresh", "a"]));
    let second = kept();
    let token = run("token", &["token", "a"]);
    let third = kept();
    assert_eq!((&token.out, token.err.as_str()), (&third[0], ""));
    runs.push(run("revoke", &["profile", "revoke", "a", "--yes"]));
    // Two id tokens of one second are the same.
    assert!(tokens.len() >= 7, "tokens were not renewed");

    for ran in &runs {
        let leaks = |token: &String| ran.out.contains(token) || ran.err.contains(token);
        assert!(!tokens.iter().any(leaks), "{ran:?}");
    }
    is_clean(&home, "add", &tokens, &[&first[0], &first[1], &first[2]]);
    is_clean(&home, "refresh", &tokens, &[&first[1], &second[0], &second[1]]);
    is_clean(&home, "token", &tokens, &[&second[1], &third[0], &third[1]]);
    is_clean(&home, "revoke", &tokens, &[&third[0], &third[1]]);
    is_in_no_file(&home, &tokens);
}

#[test]
fn a_sign_in_on_the_screen_sends_tokens_nowhere_either() {
    if !real("a_sign_in_on_the_screen_sends_tokens_nowhere_either") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    let trace = home.path("screen").display().to_string();
    let mut screen = Screen::open_under(&home, &[&STRACE[..], &[&trace]].concat(), &[]);
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    browsing::enters(&screen.to_enter(&provider), "approve");
    screen.is_kept("is signed in", "✓ ok");
    let old = screen.hides_tokens(&provider);
    screen.terminal.keys("r");
    screen.terminal.shows("New tokens for a");
    let new = screen.hides_tokens(&provider);
    screen.terminal.keys("<esc>");
    screen.terminal.hides("OAuth profiles");
    screen.terminal.keys("q");
    screen.terminal.ends();
    let tokens = [old.0, old.1, new.0, new.1];
    is_clean(&home, "screen", &tokens, &[&tokens[0], &tokens[1], &tokens[2], &tokens[3]]);
    is_in_no_file(&home, &tokens);
}

#[test]
fn only_the_connection_and_the_output_of_token_may_carry_one() {
    let may = [
        r#"7 sendto(4<TCP:[127.0.0.1:5->127.0.0.1:6]>, "tok", 3, 0, NULL, 0) = 3"#,
        r#"7 recvfrom(4<TCP:[127.0.0.1:5->127.0.0.1:6]>, "tok", 9, 0, NULL, NULL) = 3"#,
        r#"7 <... recvfrom resumed>"tok", 9, 0, NULL, NULL) = 3"#,
    ];
    assert!(may.iter().all(|line| may_carry(line, false)));
    let may_not = [
        r#"7 write(5</home/vault/objects/ab>, "tok", 3) = 3"#,
        r#"7 write(2<pipe:[1]>, "tok", 3) = 3"#,
        r#"7 sendto(4<UNIX-STREAM:[1->2]>, "tok", 3, 0, NULL, 0) = 3"#,
        r#"7 sendto(4<TCP:[10.0.0.1:5->1.1.1.1:6]>, "127.0.0.1 tok", 3, 0, NULL, 0) = 3"#,
        r#"7 execve("/usr/bin/xdg-open", ["xdg-open", "tok"], 0x7f /* 3 vars */) = 0"#,
        r#"7 read(5</home/x>, "tok", 3) = 3"#,
    ];
    assert!(!may_not.iter().any(|line| may_carry(line, true)));
    let output = r#"7 write(1<pipe:[1]>, "tok", 3) = 3"#;
    assert!(may_carry(output, true) && !may_carry(output, false));
}
