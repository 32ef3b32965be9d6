//! A refresh that is killed, at every step between the provider's answer and the end: the vault opens
//! afterwards, and holds the old tokens or the new ones.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use serde_json::json;

use crate::home::{Home, Ran, Running, until};
use crate::provider::Provider;
use crate::told::{real, say};

const KILL: i32 = 9;
/// The calls that make, change, name or lock a file.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,\
                     unlink,unlinkat,ftruncate,fchmod,fchmodat,mkdir,mkdirat,flock";

#[test]
fn a_process_that_is_killed_while_it_waits_for_the_answer() {
    if !real("a_process_that_is_killed_while_it_waits_for_the_answer") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    let tokens = home.tokens("a");
    provider.fails(json!([{"path": "/token", "kind": "delay", "ms": 500}]));
    let mut asking = home.start(&["token", "a"]);
    until("it asked", || provider.has_failed());
    asking.child.kill().unwrap();
    let ran = asking.end();
    assert_eq!((ran.status.signal(), ran.out.as_str()), (Some(KILL), ""));
    assert_eq!(home.tokens("a"), tokens);
    // Nobody has its turn any more. The provider may have taken the refresh token by now, or not yet.
    let ran = home.run(&["token", "a"]).succeeds();
    let (access, refresh) = home.tokens("a");
    assert_eq!(ran.out, access);
    match ran.err.is_empty() {
        true => assert!(access != tokens.0 && refresh != tokens.1),
        false => {
            ran.says(&["does not take the refresh token of 'a' any more"]);
            assert_eq!((access, refresh), tokens);
        }
    }
}

/// A home that is put back before each run.
struct Kept {
    home: Home,
    arguments: [&'static str; 4],
}

impl Kept {
    fn new(home: Home) -> Self {
        let kept = Self { home, arguments: ["profile", "refresh", "a", "--now"] };
        kept.copy("vault", "kept-vault");
        kept.copy("state", "kept-state");
        kept
    }

    fn copy(&self, from: &str, to: &str) {
        let mut cp = Command::new("cp");
        let copied = cp.arg("-a").arg(self.home.path(from)).arg(self.home.path(to)).status();
        assert!(copied.unwrap().success());
    }

    fn put_back(&self) {
        for name in ["vault", "state"] {
            std::fs::remove_dir_all(self.home.path(name)).unwrap();
            self.copy(&format!("kept-{name}"), name);
        }
    }

    /// Renews under strace with these options.
    fn strace(&self, options: &[&str]) -> Ran {
        self.put_back();
        let trace = self.home.path("trace");
        let words = ["strace", "-f", "-qq", "-s", "16", "-o", trace.to_str().unwrap()];
        Running::of(self.home.command(&[&words, options].concat(), &self.arguments)).end()
    }

    /// The calls after the last byte that came, each with how often it was made by then.
    fn steps(&self) -> Vec<(String, usize)> {
        self.strace(&["-e", &format!("trace=recvfrom,{CALLS}")]).succeeds();
        let trace = std::fs::read_to_string(self.home.path("trace")).unwrap();
        let main = trace.split_whitespace().next().unwrap();
        let (mut counts, mut steps) = (BTreeMap::new(), Vec::new());
        let mine = trace.lines().filter(|line| line.split_whitespace().next() == Some(main));
        for call in mine.filter_map(|line| line.split_whitespace().nth(1)?.split_once('(')) {
            let (name, _) = call;
            let count = counts.entry(name.to_owned()).or_insert(0);
            *count += 1;
            match name {
                "recvfrom" => steps.clear(),
                _ => steps.push((name.to_owned(), *count)),
            }
        }
        steps
    }
}

#[test]
fn a_process_that_is_killed_at_any_step_after_the_answer() {
    if !real("a_process_that_is_killed_at_any_step_after_the_answer") {
        return;
    }
    // Its refresh tokens stay good, so that each try can begin with the same ones.
    let (provider, home) = (Provider::start(&[("ROTATE", "0")]), Home::new());
    home.signed_in(&provider, "a", &[]);
    let (access, refresh) = home.tokens("a");
    let kept = Kept::new(home);
    let steps = kept.steps();
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("rename")), "no commit: {names:?}");
    let mut renewed = Vec::new();
    for (name, count) in &steps {
        let inject = format!("inject={name}:signal=SIGKILL:when={count}");
        let ran = kept.strace(&["-e", &format!("trace={name}"), "-e", &inject]);
        assert_eq!(ran.status.signal(), Some(KILL), "{name} {count}: {ran:?}");
        // Both are there, of one commit: the profile tells of the tokens that lie there.
        let now = kept.home.tokens("a");
        let is_new = now.0 != access;
        assert!(provider.accepts(&now.0), "{name} {count}");
        assert_eq!(now.1, refresh, "{name} {count}");
        let revision = if is_new { 2 } else { 1 };
        assert_eq!(kept.home.profile("a")["revision"], revision, "{name} {count}");
        renewed.push(is_new);
        kept.home.run(&["profile", "refresh", "a"]).succeeds();
        assert!(kept.home.tokens("a").0 != now.0);
    }
    // First the old ones, then the new ones, and both are seen.
    assert!(renewed.is_sorted() && !renewed[0], "{renewed:?}");
    say(&format!("killed at {} steps after the answer", steps.len()));
}

#[test]
fn a_process_that_is_killed_when_the_provider_has_taken_the_refresh_token() {
    if !real("a_process_that_is_killed_when_the_provider_has_taken_the_refresh_token") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in(&provider, "a", &[]);
    let tokens = home.tokens("a");
    let kept = Kept::new(home);
    let (name, count) = {
        // Where that is follows from a profile like it: this one's token is good for one try.
        let (other, like) = (Provider::start(&[("ROTATE", "0")]), Home::new());
        like.signed_in(&other, "a", &[]);
        Kept::new(like).steps().into_iter().find(|(name, _)| name != "openat").expect("a step")
    };
    let inject = format!("inject={name}:signal=SIGKILL:when={count}");
    let ran = kept.strace(&["-e", &format!("trace={name}"), "-e", &inject]);
    assert_eq!(ran.status.signal(), Some(KILL), "{name} {count}: {ran:?}");
    assert_eq!((kept.home.tokens("a"), provider.paths()), (tokens.clone(), vec!["/token".into()]));
    let ran = kept.home.run(&["profile", "refresh", "a"]);
    ran.fails(7, &["does not take the refresh token of 'a' any more", "sign in again"]);
    assert_eq!(kept.home.tokens("a"), tokens);
    kept.home.signed_in(&provider, "a", &["--again"]);
    kept.home.run(&["profile", "refresh", "a"]).succeeds();
}
