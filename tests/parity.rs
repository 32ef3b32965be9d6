//! What the seed did, row by row of its list: each test bears its row's name and shows it by the binary.
#![cfg(unix)] // modes, links, limits
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods)] // modes are looked at as another program would

#[path = "cli/sandbox.rs"]
mod sandbox;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use sandbox::{Sandbox, feed};
use serde_json::Value;

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).expect("UTF-8")
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_slice(&sandbox.ok(arguments, b"")).expect("JSON")
}

/// The exit code and the kind of the error.
fn error(sandbox: &Sandbox, arguments: &[&str], input: &[u8]) -> (i32, String) {
    let output = sandbox.run(&[arguments, &["--json"]].concat(), input);
    let told: Value = serde_json::from_slice(&output.stderr).expect("JSON on standard error");
    let kind = told["error"]["kind"].as_str().expect("a kind").to_owned();
    (output.status.code().expect("a code"), kind)
}

fn shell(sandbox: &Sandbox, line: &str, input: &[u8]) -> Output {
    feed(sandbox.command("sh").args(["-c", line]).spawn().expect("sh"), input)
}

#[test]
fn put_get_list_delete_in_four_kinds_of_scope_by_reference_and_exactly() {
    let sandbox = Sandbox::with_vault();
    let value: Vec<u8> = (0..65_536_u32).map(|at| (at % 256) as u8).collect();
    for scope in ["global", "principal:me", "channel:slack:team", "skill:deploy"] {
        let name = format!("{scope}/token");
        sandbox.ok(&["set", &name], &value);
        assert_eq!(sandbox.ok(&["read", &name], b""), value, "{name}");
        assert_eq!(sandbox.ok(&["read", scope, "token"], b""), value, "{name}");
    }
    assert_eq!(json(&sandbox, &["list", "--json"])["count"], 4);
    sandbox.ok(&["delete", "skill:deploy/token"], b"");
    assert_eq!(json(&sandbox, &["list", "--json"])["count"], 3);
}

#[test]
fn typed_errors() {
    let sandbox = Sandbox::with_vault();
    let large = vec![b'x'; 65_537];
    let of = |kind: &str, code: i32| (code, kind.to_owned());
    assert_eq!(error(&sandbox, &["read", "global/none"], b""), of("not_found", 8));
    assert_eq!(error(&sandbox, &["read", "nowhere:/x"], b""), of("invalid", 2));
    assert_eq!(error(&sandbox, &["read", "global/a b"], b""), of("invalid", 2));
    assert_eq!(error(&sandbox, &["set", "global/large"], &large), of("invalid", 2));
    let id = ["restore", "--id", "no-id"];
    assert_eq!(error(&sandbox, &id, b""), of("invalid", 2));
    let backend = ["--vault", "other", "init", "--backend", "macos_keychain"];
    assert_eq!(error(&sandbox, &backend, b"").0, 5);
    sandbox.ok(&["set", "global/a"], b"value");
    let objects = sandbox.vault().join("objects");
    for object in std::fs::read_dir(objects).unwrap() {
        std::fs::write(object.unwrap().path(), "{}").unwrap();
    }
    assert_eq!(error(&sandbox, &["read", "global/a"], b""), of("damaged", 9));
}

#[test]
fn envelope_encryption_with_bound_names_and_owner_only_files() {
    let sandbox = Sandbox::with_vault();
    for name in ["global/one", "global/other"] {
        sandbox.ok(&["set", name], b"canary-of-parity");
    }
    let mut files = vec![sandbox.vault()];
    let mut envelopes = Vec::new();
    while let Some(path) = files.pop() {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{path:?}");
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        assert_eq!(mode, 0o600, "{path:?}");
        let bytes = std::fs::read(&path).unwrap();
        for canary in [&b"canary-of-parity"[..], b"other"] {
            assert!(!bytes.windows(canary.len()).any(|part| part == canary), "{path:?}");
        }
        if path.parent().unwrap().ends_with("objects") {
            envelopes.push((path, bytes));
        }
    }
    // One in the place of the other opens neither.
    assert_eq!(envelopes.len(), 2);
    std::fs::write(&envelopes[0].0, &envelopes[1].1).unwrap();
    std::fs::write(&envelopes[1].0, &envelopes[0].1).unwrap();
    for name in ["global/one", "global/other"] {
        assert_eq!(error(&sandbox, &["read", name], b"").0, 9);
    }
}

#[test]
fn backends_with_a_marker_and_the_best_that_works_chosen() {
    let sandbox = Sandbox::with_vault();
    let marker = std::fs::read_to_string(sandbox.vault().join("backend.kind")).unwrap();
    assert_eq!(marker.trim(), "encrypted_file");
    let tried = json(&sandbox, &["doctor", "backends", "--json"]).to_string();
    for kind in ["encrypted_file", "linux_secret_service", "macos_keychain", "windows_dpapi"] {
        assert!(tried.contains(kind), "{kind}: {tried}");
    }
}

#[test]
fn a_failed_write_leaves_the_old_value_and_a_failed_delete_the_secret() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "global/a"], b"old");
    for line in ["ulimit -f 0; tresor set global/a", "ulimit -f 0; tresor delete global/a"] {
        assert_ne!(shell(&sandbox, line, b"new").status.code(), Some(0), "{line}");
        assert_eq!(sandbox.ok(&["read", "global/a"], b""), b"old", "{line}");
    }
}

#[test]
fn secrets_set_get_list_delete_audit_explain_inventory_configure() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["secrets", "set", "global", "token", "--value-stdin"], b"s3cret-one");
    let shown = text(&sandbox.ok(&["secrets", "get", "global", "token"], b""));
    assert!(!shown.contains("s3cret-one"), "{shown}");
    let revealed = sandbox.run(&["secrets", "get", "global", "token", "--reveal"], b"");
    assert!(text(&revealed.stdout).contains("s3cret-one"));
    assert!(text(&revealed.stderr).contains("warning"));
    assert_eq!(json(&sandbox, &["secrets", "list", "--json"])["count"], 1);

    let place = ["--file", "app.toml", "--at", "auth.token"];
    std::fs::write(sandbox.path().join("app.toml"), "# mine\n[auth]\ntoken = \"old\"\n").unwrap();
    sandbox.ok(&[&["secrets", "configure", "global", "token"][..], &place].concat(), b"");
    let file = |name: &str| std::fs::read_to_string(sandbox.path().join(name)).unwrap();
    assert_eq!(file("app.toml"), "# mine\n[auth]\ntoken = \"tresor://global/token\"\n");
    assert!(file("app.toml.1").contains("\"old\""));

    let inventory = json(&sandbox, &["secrets", "inventory", "app.toml", "--json"]);
    assert_eq!(inventory["references"][0]["state"], "resolved");
    let explain = ["secrets", "explain", "global", "token", "--in", "app.toml", "--json"];
    assert_eq!(json(&sandbox, &explain)["used_by"][0]["line"], 3);

    sandbox.ok(&["secrets", "audit", "app.toml", "--strict"], b"");
    std::fs::write(
        sandbox.path().join("bad.toml"),
        "a = \"tresor://global/none\"\npassword = \"hunter22\"\n",
    )
    .unwrap();
    let audit = sandbox.run(&["secrets", "audit", "bad.toml", "--strict"], b"");
    assert_eq!(audit.status.code(), Some(6));
    let told = text(&audit.stdout);
    assert!(told.contains("unresolved") && told.contains("inline"), "{told}");

    sandbox.ok(&["secrets", "delete", "global", "token"], b"");
    sandbox.ok(&["secrets", "delete", "global", "token", "--if-exists"], b"");
    assert_eq!(error(&sandbox, &["secrets", "delete", "global", "token"], b"").0, 8);
}

#[test]
fn references_from_vault_environment_file_and_command_with_four_states() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "global/a"], b"from the vault");
    let path = |name: &str| sandbox.path().join(name).display().to_string();
    std::fs::create_dir(path("trusted")).unwrap();
    std::fs::write(path("trusted/x"), "from a file\n").unwrap();
    std::os::unix::fs::symlink(path("trusted/x"), path("trusted/link")).unwrap();
    let settings = format!(
        "[references]\nfiles = [\"{}\"]\ncommands = [\"/bin/echo *\", \"/bin/sleep 5\"]\n",
        path("trusted")
    );
    std::fs::write(path("config.toml"), settings).unwrap();
    let lines = [
        ("tresor://global/a".to_owned(), "resolved"),
        ("{{ env:HOME }}".to_owned(), "resolved"),
        (format!("{{{{ file:{}/x }}}}", path("trusted")), "resolved"),
        ("{{ exec:/bin/echo from a command }}".to_owned(), "resolved"),
        ("tresor://global/none".to_owned(), "missing"),
        ("{{ env:NOT_THERE_AT_ALL }}".to_owned(), "missing"),
        (format!("{{{{ file:{}/link }}}}", path("trusted")), "blocked"),
        ("{{ file:/etc/hostname }}".to_owned(), "blocked"),
        ("{{ exec:/bin/cat /etc/hostname }}".to_owned(), "blocked"),
        ("tresor://nowhere".to_owned(), "failed"),
    ];
    let all: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    std::fs::write(path("app.conf"), all).unwrap();
    let inventory = ["--config", "config.toml", "secrets", "inventory", "app.conf", "--json"];
    let found = json(&sandbox, &inventory);
    let states: Vec<&str> = found["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reference| reference["state"].as_str().unwrap())
        .collect();
    let late = ["--config", "config.toml", "inject"];
    let late = sandbox.run(&late, b"{{ exec:/bin/sleep 5 }}");
    assert_eq!((late.status.code(), late.stdout), (Some(4), Vec::new()));
    assert_eq!(states, lines.iter().map(|(_, state)| *state).collect::<Vec<_>>());
}

#[test]
fn auth_profiles_hand_out_what_they_keep() {
    let sandbox = Sandbox::with_vault();
    let add = ["profile", "add", "hooks", "--provider", "webhook", "--key-stdin"];
    sandbox.ok(&add, b"https://hooks.example/abc");
    assert_eq!(sandbox.ok(&["token", "hooks"], b""), b"https://hooks.example/abc");
    assert_eq!(json(&sandbox, &["profile", "health", "--json"])["profiles"][0]["health"], "static");
    let providers = json(&sandbox, &["profile", "providers", "--json"]).to_string();
    for provider in ["openai", "anthropic", "telegram", "slack", "discord", "webhook", "custom"] {
        assert!(providers.contains(provider), "{provider}");
    }
    // The flows of OAuth run against a real server in tests/oauth.
    let private = ["profile", "add", "x", "--issuer", "http://10.0.0.1", "--client-id", "c"];
    assert_ne!(sandbox.run(&private, b"").status.code(), Some(0));
}

#[test]
fn permission_rules_approval_of_protected_secrets_and_a_journal() {
    let sandbox = Sandbox::with_vault();
    for name in ["global/a", "skill:x/b", "skill:y/c"] {
        sandbox.ok(&["set", name], b"value");
    }
    let seen = json(&sandbox, &["--as", "skill:x", "list", "--json"]);
    assert_eq!(seen["count"], 2);
    assert_eq!(error(&sandbox, &["--as", "skill:x", "read", "skill:y/c"], b"").0, 6);
    // This vault has no passphrase, so nothing can be protected by one.
    assert_eq!(error(&sandbox, &["set", "global/p", "--protected"], b"v").0, 6);
    let log = text(&sandbox.ok(&["log"], b""));
    assert!(log.contains("skill:y/c"), "{log}");
    sandbox.ok(&["log", "--verify"], b"");
}

#[test]
fn import_of_a_palyra_vault() {
    let sandbox = Sandbox::with_vault();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/palyra");
    let fixture = fixture.to_str().unwrap();
    sandbox.ok(&["import", "palyra", fixture, "--yes"], b"");
    let expected = std::fs::read_to_string(format!("{fixture}/expected.tsv")).unwrap();
    let mut count = 0;
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let [scope, key, value] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if scope == "scope" {
            continue;
        }
        let read = sandbox.ok(&["read", scope, key], b"");
        let hex: String = read.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, value, "{scope}/{key}");
        count += 1;
    }
    assert!(count > 3, "only {count} values");
}
