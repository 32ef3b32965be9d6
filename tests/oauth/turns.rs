//! Processes that ask for the same token at once: one of them renews it, for all.

use serde_json::json;

use crate::home::{Home, Running, until};
use crate::provider::Provider;
use crate::told::real;

/// Lets so many processes ask at once; gives what they print, with whether each renewed it.
fn ask_at_once(home: &Home, provider: &Provider, count: usize) -> Vec<(String, bool)> {
    // The answer takes so long that all of them are there when it comes.
    provider.fails(json!([{"path": "/token", "kind": "delay", "ms": 700}]));
    let first = home.start(&["token", "a", "--json"]);
    until("the first one asked", || provider.has_failed());
    let others: Vec<Running> = (1..count).map(|_| home.start(&["token", "a", "--json"])).collect();
    let end = |running: Running| {
        let ran = running.end().succeeds();
        assert_eq!(ran.err, "");
        let told = &ran.events()[0];
        (told["value"].as_str().unwrap().to_owned(), told["refreshed"] == true)
    };
    std::iter::once(first).chain(others).map(end).collect()
}

#[test]
fn of_two_four_and_eight_processes_one_renews_the_token() {
    if !real("of_two_four_and_eight_processes_one_renews_the_token") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    for count in [2, 4, 8] {
        let (access, refresh) = home.tokens("a");
        let told = ask_at_once(&home, &provider, count);
        let (token, _) = &told[0];
        assert!(told.iter().all(|(other, _)| other == token), "{told:?}");
        assert_eq!(told.iter().filter(|(_, refreshed)| *refreshed).count(), 1, "{told:?}");
        assert_eq!(provider.paths(), ["/token"], "{count} processes");
        let now = home.tokens("a");
        assert!(now.0 == *token && now.0 != access && now.1 != refresh);
        // Due again, by the provider's word.
        provider.says(json!({"expires_in": 200}));
        home.run(&["profile", "refresh", "a"]).succeeds();
        provider.forget();
    }
}

#[test]
fn one_is_enough_also_where_every_token_is_due_at_once() {
    if !real("one_is_enough_also_where_every_token_is_due_at_once") {
        return;
    }
    let (provider, home) = (Provider::start(&[("ACCESS_TTL", "200")]), Home::new());
    home.signed_in(&provider, "a", &[]);
    // Who comes later renews it once more: the answer is to take until the others wait.
    let in_time = [1000, 4000, 16000].into_iter().any(|delay| {
        provider.forget();
        provider.fails(json!([{"path": "/token", "kind": "delay", "ms": delay}]));
        let mut first = home.start(&["token", "a"]);
        until("the first one asked", || provider.has_failed());
        let others: Vec<Running> = (0..3).map(|_| home.start(&["token", "a"])).collect();
        let mut wait = false;
        until("the others wait", || {
            wait = others.iter().all(|other| waits(other.child.id()));
            wait || first.child.try_wait().unwrap().is_some()
        });
        let token = first.end().succeeds().out;
        let tokens: Vec<String> =
            others.into_iter().map(|other| other.end().succeeds().out).collect();
        if wait {
            assert!(tokens.iter().all(|other| *other == token), "{token} {tokens:?}");
            assert_eq!(provider.paths(), ["/token"]);
        }
        wait
    });
    assert!(in_time, "the others never came in time");
}

/// Whether a process has the file of a turn open: it waits for it then.
fn waits(process: u32) -> bool {
    let Ok(open) = std::fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    let names = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    names.into_iter().any(|name| name.to_string_lossy().contains("turn"))
}

#[test]
fn a_failure_counts_for_all_who_waited() {
    if !real("a_failure_counts_for_all_who_waited") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    home.signed_in_for(&provider, "a", 200);
    let (access, _) = home.tokens("a");
    provider.answers(8, 503, "");
    let asking: Vec<Running> = (0..4).map(|_| home.start(&["token", "a"])).collect();
    for running in asking {
        assert_eq!(running.end().succeeds().says(&["warning: not renewed"]).out, access);
    }
    assert_eq!(provider.paths(), ["/token"]);
}

#[test]
fn profiles_do_not_wait_for_each_other() {
    if !real("profiles_do_not_wait_for_each_other") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    // These two ids have turns of their own; there are four.
    home.signed_in_for(&provider, "a", 200);
    home.signed_in_for(&provider, "other", 200);
    provider.fails(json!([{"path": "/token", "kind": "hang"}]));
    let mut hanging = home.start(&["token", "a"]);
    until("it asked", || provider.has_failed());
    let ran = home.run(&["token", "other"]).succeeds();
    assert_eq!((ran.out, ran.err.as_str()), (home.tokens("other").0, ""));
    // And a vault is not held up by either.
    home.run_with(&["set", "global/x", "--value-stdin"], "x").succeeds();
    hanging.child.kill().unwrap();
    hanging.end();
    let ran = home.run(&["token", "a"]).succeeds();
    assert_eq!((ran.out, ran.err.as_str()), (home.tokens("a").0, ""));
}
