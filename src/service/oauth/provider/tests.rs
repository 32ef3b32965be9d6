//! The providers that come with the program, and a user's own.

use std::collections::BTreeSet;

use super::*;
use crate::fault::{Fault, FaultKind};
use crate::service::oauth::possible;
use crate::vault::Timestamp;

fn built_in() -> Vec<Provider> {
    all(None).unwrap()
}

fn refused(text: &str) -> String {
    let error = Provider::parse("own", text).expect_err("a refusal");
    assert_eq!(error.kind(), FaultKind::Invalid);
    error.to_string()
}

#[test]
fn every_built_in_provider_is_read() {
    let names: Vec<_> = built_in().into_iter().map(|provider| provider.id).collect();
    let mut known: Vec<_> = BUILT_IN.iter().map(|(id, _)| (*id).to_owned()).collect();
    known.sort();
    assert_eq!(names, known);
    for (id, _) in BUILT_IN {
        assert_eq!(find(id, None).unwrap().id, id);
    }
}

#[test]
fn every_built_in_provider_says_where_it_was_read_and_when() {
    for provider in built_in() {
        let id = &provider.id;
        assert!(!provider.name.is_empty() && provider.about.ends_with('.'), "{id}");
        assert!(!provider.sources.is_empty(), "{id}");
        assert!(provider.sources.iter().all(|source| source.starts_with("https://")), "{id}");
        let checked = provider.checked.as_deref().unwrap();
        assert_eq!(checked.len(), 10, "{id}");
        assert!(Timestamp::parse(checked).is_some(), "{id}");
    }
}

#[test]
fn every_address_of_a_built_in_provider_is_https() {
    for provider in built_in() {
        let at = provider.endpoints();
        let side = provider.oauth.as_ref();
        let endpoints =
            [&at.issuer, &at.device_authorization, &at.authorization, &at.token, &at.revocation];
        let endpoints = endpoints.into_iter().chain(side.map(|side| &side.check)).flatten();
        let key = provider.api_key.as_ref();
        let pages =
            [key.and_then(|key| key.make.clone()), side.and_then(|side| side.register.clone())];
        let check = key.and_then(|key| key.check.as_ref()).map(|check| check.url.clone());
        let all = endpoints.map(|at| at.as_str().to_owned()).chain(pages.into_iter().flatten());
        for address in all.chain(check) {
            let url = oauth2::url::Url::parse(&address).unwrap();
            assert_eq!(url.scheme(), "https", "{address}");
            assert!(url.host_str().is_some_and(|host| host.contains('.')), "{address}");
        }
    }
}

#[test]
fn the_scopes_of_a_provider_have_names_of_their_own() {
    for provider in built_in() {
        let Some(side) = &provider.oauth else { continue };
        let names: BTreeSet<_> = side.scopes.iter().map(|scope| &scope.name).collect();
        assert_eq!(names.len(), side.scopes.len(), "{}", provider.id);
        let word = |scope: &ScopeInfo| scope.name.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(side.scopes.iter().all(|scope| word(scope) && !scope.about.is_empty()));
        assert!([" ", ","].contains(&side.scope_separator.as_str()));
        let defaults = side.scopes.iter().filter(|scope| scope.default).count();
        assert_eq!(provider.default_scopes().len(), defaults);
    }
}

#[test]
fn every_flow_has_the_addresses_it_needs() {
    for provider in built_in() {
        let Some(side) = &provider.oauth else { continue };
        // These have theirs from the user.
        if ["custom", "oidc"].contains(&provider.id.as_str()) {
            assert_eq!(provider.endpoints(), Endpoints::default());
            continue;
        }
        let possible = possible(&provider, &provider.endpoints());
        assert!(side.flows.iter().all(|flow| possible.contains(flow)), "{}", provider.id);
        let check = provider.api_key.is_some() == possible.contains(&Flow::ApiKey);
        assert!(check, "{}", provider.id);
    }
}

#[test]
fn a_redirect_that_is_registered_with_its_port_is_said_in_full() {
    let mut fixed = Vec::new();
    for provider in built_in() {
        let Some(side) = &provider.oauth else { continue };
        let port = provider.endpoints().redirect_port;
        assert_eq!(port, side.redirect_port);
        let Some(port) = port else { continue };
        let url = format!("http://{}:{port}/callback", side.redirect_host);
        assert!(side.register_hint.as_ref().unwrap().contains(&url), "{}", provider.id);
        fixed.push(provider.id);
    }
    assert_eq!(fixed, ["discord", "slack"], "any free port is the rule");
}

#[test]
fn what_is_not_known_is_refused_with_its_line() {
    let head = "name = \"Own\"\nabout = \"A key.\"\n";
    for (text, line) in [
        (format!("{head}colour = \"red\"\n[api_key]\n"), "line 3"),
        (format!("{head}[api_key]\nurl = \"x\"\n"), "line 4"),
        (format!("{head}[api_key.check]\nurl = \"https://a.example/\"\nbody = 1\n"), "line 5"),
        (format!("{head}[oauth]\nflows = [\"device\"]\nsecrets = 1\n"), "line 5"),
        (format!("{head}[oauth]\nflows = [\"implicit\"]\n"), "line 4"),
        (format!("{head}[oauth]\nflows = [\"device\"]\ntoken = \"http://a.example/\"\n"), "line 5"),
        (
            format!("{head}[oauth]\nflows = [\"device\"]\n[[oauth.scopes]]\nname = \"a\"\n"),
            "line 5",
        ),
        (format!("{head}[oauth]\nflows = [\"device\"]\nredirect_port = 0\n"), "line 5"),
        (format!("{head}[oauth]\nflows = [\"device\"]\nredirect_port = 65536\n"), "line 5"),
        ("name = \"Own\n".to_owned(), "line 1"),
    ] {
        let told = refused(&text);
        assert!(told.contains(line), "{text}{told}");
        assert!(crate::text::is_visible(&told), "{told}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let head = "name = \"Own\"\nabout = \"A key.\"\n";
    let check = "[api_key.check]\nurl = ";
    for (rest, why) in [
        ("".to_owned(), "neither keys nor tokens"),
        ("[oauth]\nflows = []\n".to_owned(), "flows are"),
        ("[oauth]\nflows = [\"device\", \"api_key\"]\n".to_owned(), "flows are"),
        ("[oauth]\nflows = [\"paste\"]\n".to_owned(), "flows are"),
        (
            "[oauth]\nflows = [\"device\"]\nredirect_host = \"a.example\"\n".to_owned(),
            "redirect_host",
        ),
        (format!("{check}\"https://a.example/\"\n"), "either"),
        (format!("{check}\"https://a.example/{{key}}\"\nheader = \"x\"\n"), "either"),
        (format!("{check}\"http://a.example/{{key}}\"\n"), "address"),
        (format!("{check}\"https://a.example/?key={{key}}\"\n"), "address"),
        (format!("{check}\"https://{{key}}.a.example/\"\n"), "path"),
        (format!("{check}\"https://{{key}}\"\n"), "path"),
        (format!("{check}\"https://{{key}}@a.example/\"\n"), "address"),
    ] {
        let told = refused(&format!("{head}{rest}"));
        assert!(told.contains(why), "{rest}{told}");
    }
    for id in ["", "a/b", "..\u{1b}[2J", "a b"] {
        let error = Provider::parse(id, "name = 1").err().unwrap().to_string();
        assert!(crate::text::is_visible(&error), "{error:?}");
    }
}

fn own(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

const OWN: &str = "name = \"Mine\"\nabout = \"A key.\"\n[api_key]\n";

#[test]
fn a_file_of_the_user_wins() {
    let own = own(&[("github.toml", OWN), ("mine.toml", OWN), ("notes.txt", "x"), (".toml", "x")]);
    let own = Some(own.path());
    assert_eq!(find("github", own).unwrap().name, "Mine");
    assert_eq!(find("mine", own).unwrap().id, "mine");
    assert_eq!(find("gitlab", own).unwrap().name, "GitLab");
    let all = all(own).unwrap();
    assert_eq!(all.len(), BUILT_IN.len() + 1);
    assert!(all.iter().any(|provider| provider.id == "github" && provider.name == "Mine"));
}

#[test]
fn a_file_that_is_not_understood_is_named_and_hinders_no_other() {
    let long = format!("{OWN}#{}", "x".repeat(64 * 1024));
    for (text, why) in [("name = 1", "line 1"), (long.as_str(), "64 KiB")] {
        let own = own(&[("broken.toml", text), ("mine.toml", OWN)]);
        let own = Some(own.path());
        for error in [find("broken", own).err().unwrap(), all(own).err().unwrap()] {
            let told = error.to_string();
            assert!(told.contains("broken") && told.contains(why), "{told}");
        }
        assert_eq!(find("mine", own).unwrap().name, "Mine");
        assert_eq!(find("github", own).unwrap().name, "GitHub");
    }
    let own = own(&[]);
    std::fs::write(own.path().join("bytes.toml"), b"\xff\xfe").unwrap();
    std::fs::create_dir(own.path().join("folder.toml")).unwrap();
    assert!(find("bytes", Some(own.path())).is_err());
    assert!(find("folder", Some(own.path())).is_err());
    let exact = format!("{OWN}#{}", "x".repeat(64 * 1024 - OWN.len() - 1));
    std::fs::write(own.path().join("exact.toml"), exact).unwrap();
    assert!(find("exact", Some(own.path())).is_ok());
}

#[test]
fn a_directory_that_is_not_there_holds_none() {
    let own = tempfile::tempdir().unwrap();
    let nowhere = own.path().join("providers");
    assert_eq!(all(Some(&nowhere)).unwrap().len(), BUILT_IN.len());
    let error = find("../github", Some(&nowhere)).err().unwrap();
    assert!(matches!(&error, OauthError::NoProvider(id) if id == "../github"));
    assert_eq!(error.kind(), FaultKind::NotFound);
    // What is no directory is told.
    std::fs::write(&nowhere, "x").unwrap();
    assert!(all(Some(&nowhere)).is_err());
}
