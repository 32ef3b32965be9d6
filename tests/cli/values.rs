//! Values through the real binary: bytes come out as they went in, and sizes have their limits.

use std::process::Stdio;

use super::sandbox::{Sandbox, feed};

#[test]
fn all_byte_values_come_back_as_they_went_in() {
    let sandbox = Sandbox::with_vault();
    let all: Vec<u8> = (0..=255).collect();
    let mut values = vec![all.clone(), all.iter().rev().copied().collect()];
    values.extend((0..=255_u8).map(|byte| vec![byte]));
    let ends: [&[u8]; 4] = [b"x\n", b"x\r\n", b"\n", b"\xef\xbb\xbfx"];
    values.extend(ends.map(<[u8]>::to_vec));
    for (number, value) in
        values.iter().enumerate().step_by(3).chain(values.iter().enumerate().take(2))
    {
        let name = format!("global/v{number}");
        sandbox.ok(&["set", &name, "--quiet"], value);
        assert_eq!(sandbox.ok(&["read", &name], b""), *value, "value {number}");
    }
}

#[test]
fn values_reach_the_limit_and_no_further() {
    let sandbox = Sandbox::with_vault();
    let largest = vec![b'x'; 65_536];
    sandbox.ok(&["set", "global/a"], &largest);
    assert_eq!(sandbox.ok(&["read", "global/a"], b""), largest);
    for len in [65_537, 65_538, 65_539, 1_000_000] {
        let output = sandbox.run(&["set", "global/a"], &vec![b'y'; len]);
        assert_eq!(output.status.code(), Some(2), "{len}: {output:?}");
    }
    assert_eq!(sandbox.ok(&["read", "global/a"], b""), largest);
    let chomped = [largest.as_slice(), b"\n"].concat();
    sandbox.ok(&["set", "global/b", "--chomp"], &chomped);
    assert_eq!(sandbox.ok(&["read", "global/b"], b""), largest);
}

#[test]
fn a_value_that_is_no_text_is_base64_in_json() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "global/a"], b"\xff\x00\n\x1b");
    let json = sandbox.ok(&["get", "global/a", "--reveal", "--json"], b"");
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(json["value_base64"], "/wAKGw==");
    assert!(json.get("value").is_none());
    let shown = sandbox.ok(&["get", "global/a", "--reveal"], b"");
    assert!(String::from_utf8(shown).expect("UTF-8").contains("binary, 4 bytes"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::with_vault();
    for number in 0..3 {
        sandbox.ok(&["set", &format!("global/k{number}")], &[b'x'; 60_000]);
    }
    for arguments in [&["read", "global/k0"][..], &["list"], &["man"], &["completions", "bash"]] {
        let mut child = sandbox
            .command("tresor")
            .args(arguments)
            .stdin(Stdio::null())
            .spawn()
            .expect("tresor runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}

#[cfg(target_os = "linux")] // its limits, and its words of them
#[test]
fn more_than_a_command_can_take_is_our_own_failure() {
    let sandbox = Sandbox::with_vault();
    // Linux takes six megabytes of arguments and environment at the most, whatever the limits are.
    let line = |number| format!("NAME_{number}={}\n", "x".repeat(60_000));
    let file: String = (0..120).map(line).collect();
    sandbox.ok(&["import", "dotenv", "-", "--scope", "skill:big", "--yes"], file.as_bytes());
    let output = sandbox.run(&["run", "--scope", "skill:big", "--", "true"], b"");
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.starts_with("tresor: cannot run true: Argument list too long"), "{told}");
    assert!(told.contains("\n  help: hand over fewer or shorter secrets"), "{told}");
    let few = &["run", "--env", "A=skill:big/name_1", "--", "sh", "-c", "echo ${#A}"];
    assert_eq!(sandbox.ok(few, b""), b"60000\n");
}

#[cfg(target_os = "linux")] // /dev/full
#[test]
fn a_full_disk_for_the_output_is_an_error() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "global/a"], b"x");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let mut command = sandbox.command("tresor");
    let child = command.args(["read", "global/a"]).stdout(full).spawn().expect("tresor runs");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn what_a_terminal_obeys_comes_out_of_no_command() {
    let sandbox = Sandbox::with_vault();
    let evil = "a\u{1b}]0;owned\u{7}b\u{202e}c\u{9b}31m";
    sandbox.ok(&["set", "global/evil", "--note", evil], evil.as_bytes());
    let text = format!("{evil}: tresor://{evil}\n{{{{ file:/{evil} }}}} {{{{ exec:{evil} }}}}\n");
    std::fs::write(sandbox.path().join("evil.conf"), &text).expect("written");
    std::fs::write(sandbox.path().join("evil.toml"), text).expect("written");
    let inside = format!("{evil}/x");
    let table = format!("title,password,url,tags,{evil}\n{evil},x,{evil},{evil},y\n{evil}\n");
    std::fs::write(sandbox.path().join("evil.csv"), table).expect("written");
    let text = serde_json::Value::from(evil).to_string();
    let records = format!(
        r#"[{{"scope":{text},"key":{text},"value":"x"}},{{"scope":"global","key":"k","kind":{text},"value":"x"}}]"#
    );
    std::fs::write(sandbox.path().join("evil.json"), records).expect("written");
    let corpus = [
        &["get", "global/evil", "--reveal"][..],
        &["list"],
        &["find", "evil"],
        &["get", evil],
        &["get", "global", evil],
        &["set", "global/x", "--kind", evil],
        &["set", "global/x", "--expires", evil],
        &["list", evil],
        &["import", evil, "x", "--scope", "global"],
        &["import", "dotenv", evil, "--scope", "global"],
        &["export", "--format", "json", "--plain"],
        &["export", evil, "--format", "json"],
        &["backup", "create", &inside, "--to", evil],
        &["backup", "create", &inside, "--backup-passphrase-file", &inside],
        &["backup", "verify", evil],
        &["backup", "verify", &inside, "--identity", evil],
        &["backup", "restore", evil],
        &["backup", evil],
        &["export", "--format", evil],
        &["export", "--format", "json", "--plain", "--out", evil],
        &["export", "--format", "json", "--plain", "--out", &inside],
        &["export", "--format", "json", "--to", evil],
        &["export", "--format", "json", "--to-file", evil],
        &["export", "--format", "json", "--export-passphrase-file", &inside],
        &["import", "kdbx", evil, "--scope", "global", "--source-key-file", evil],
        &["import", "pass", evil, "--scope", "global"],
        &["import", "palyra", evil],
        &["import", "csv", "evil.csv", "--scope", "global", "--dialect", evil],
        &["import", "csv", "evil.csv", "--scope", "global", "--yes"],
        &["import", "csv", "evil.csv", "--scope", "global", "--yes", "--skip-bad"],
        &["import", "csv", "evil.csv", "--scope", "global", "--yes", "--skip-bad", "--json"],
        &["import", "json", "evil.json"],
        &["import", "json", "evil.json", "--yes", "--skip-bad", "--json"],
        &["read", "global/evil", "--field", evil],
        &["--as", evil, "list"],
        &["--vault", evil, "list"],
        &["--config", evil, "list"],
        &["--key-file", evil, "list"],
        &["init", "--backend", evil],
        &["completions", evil],
        &["man", evil],
        &["doctor", evil],
        &["run", "--", evil],
        &["run", "--scope", evil, "--", "true"],
        &[evil],
        &["--evil\u{1b}[2J"],
        &["restore", "--id", evil],
        &["get", "global/evil", "--json", "--reveal"],
        &["get", evil, "--json"],
        &["meta", "global/evil", "--tag", evil],
        &["meta", evil],
        &["history", "global/evil"],
        &["history", evil],
        &["copy", "global/evil"],
        &["copy", evil],
        &["edit", "global/evil"],
        &["edit", evil],
        &["generate", "--length", evil],
        &["generate", "--save", evil],
        &["otp", "global/evil"],
        &["otp", evil],
        &["profile", "list"],
        &["profile", evil],
        &["profile", "add", evil, "--provider", "github"],
        &["profile", "add", "x", "--provider", evil],
        &["profile", "add", "x", "--issuer", evil],
        &["profile", "add", "x", "--issuer", "https://a.example/\u{1b}[2J"],
        &["profile", "add", "x", "--provider", "openai", "--flow", evil],
        &["profile", "add", "x", "--provider", "openai", "--owner", evil],
        &["profile", "show", evil],
        &["profile", "order", evil],
        &["token", evil],
        &["demo", evil],
        &["keys", "list"],
        &["keys", evil],
        &["keys", "add", evil],
        &["keys", "add", "key-file", evil],
        &["keys", "remove", evil],
        &["keys", "rotate", "--yes", "--keep-key-file", evil],
        &["passwd", "--new-passphrase-file", evil],
        &["unlock", "--for", evil],
        &["lock", evil],
        &["doctor", "--rebuild", evil],
        &["doctor", "backends"],
        &["migrate", "--to", evil],
        &["doctor"],
        &["move", "global/evil", evil],
        &["move", evil, "global/x"],
        &["delete", evil],
        &["delete", "global/evil"],
        &["trash"],
        &["trash", "--json"],
        &["restore", "global/evil"],
        &["purge", "--id", evil],
        &["purge", evil],
        &["log"],
        &["log", "--json"],
        &["log", "--secret", evil],
        &["log", "--limit", evil],
        &["inject", "--in", evil],
        &["inject", "--in", "evil.conf"],
        &["audit", evil],
        &["audit", "evil.conf"],
        &["audit", "evil.conf", "--json"],
        &["audit", "--scan", evil],
        &["audit", "--old", evil],
        &["secrets", "inventory", "evil.conf"],
        &["secrets", "inventory", "evil.conf", "--json"],
        &["secrets", "configure", "global/evil", "--file", "evil.toml", "--at", evil],
        &["secrets", "configure", "global/evil", "--file", evil, "--at", "a"],
        &["secrets", "explain", evil],
        &["secrets", evil],
        &["git-credential", evil],
        &["git-credential", "--scope", evil, "get"],
        &["docker-credential", evil],
        &["docker-credential", "--scope", evil, "list"],
        &["aws-credential", evil],
        &["aws-credential", "global/evil", "--profile", evil],
        &["help", "profile", evil],
        &["man", "--out", evil],
        &["__complete", "read", evil],
    ];
    let help = String::from_utf8(sandbox.ok(&["--help"], b"")).expect("UTF-8");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.map_while(|line| line.split_whitespace().next()).collect::<Vec<_>>();
    assert!(commands.len() > 20, "the help names only {commands:?}");
    for command in commands {
        assert!(corpus.iter().any(|tried| tried[0] == command), "nothing is tried with {command}");
    }
    for arguments in corpus {
        let output = sandbox.run(arguments, b"");
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).expect("UTF-8");
        let obeyed = ['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}'];
        assert!(!shown.contains(obeyed), "{arguments:?}: {shown:?}");
        assert!(!shown.contains("panicked"), "{arguments:?}: {shown}");
    }
}

/// What `keys list` says a guess costs, in a sandbox whose vault the passphrase in `phrase` opens.
fn cost(sandbox: &Sandbox) -> String {
    let listed = String::from_utf8(sandbox.ok(&["keys", "list"], b"")).expect("UTF-8");
    listed.trim_end().rsplit('\t').next().expect("a cost").to_owned()
}

#[cfg(unix)] // a shell, and the lock of flock(2)
#[test]
fn a_passphrase_that_costs_too_little_is_renewed_where_that_can_be_done() {
    use tresor::vault::{CreateOptions, NewSlot, PassphraseCost, Place, SensitiveBytes, Vault};
    let sandbox = Sandbox::bare();
    let private = "umask 077; printf phrase > phrase";
    assert!(sandbox.command("sh").args(["-c", private]).status().expect("a shell").success());
    let place = Place::on_disk(&sandbox.vault(), &sandbox.path().join(".local/state/tresor"));
    let weak = PassphraseCost::new(19 * 1024, 2).expect("a cost");
    let slot = NewSlot::PassphraseAt(SensitiveBytes::copy_of(b"phrase"), weak);
    let vault = Vault::create(&place, &CreateOptions::new(vec![slot])).expect("a vault");
    drop(vault);
    // Who only looks changes nothing, and who finds it busy reads all the same.
    sandbox.ok(&["doctor", "--passphrase-file", "phrase"], b"");
    let lock = std::fs::File::open(sandbox.vault().join("lock")).expect("the lock");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("locked");
    sandbox.ok(&["list", "--passphrase-file", "phrase"], b"");
    assert_eq!(cost(&sandbox), "19 MiB, 2 passes");
    drop(lock);
    sandbox.ok(&["list", "--passphrase-file", "phrase"], b"");
    assert_eq!(cost(&sandbox), "64 MiB, 3 passes");
    sandbox.ok(&["set", "global/a", "--passphrase-file", "phrase"], b"x");
}

#[test]
fn a_guess_costs_what_is_measured_and_never_less_than_the_least() {
    let sandbox = Sandbox::bare();
    let file = tresor::vault::create_private_file(&sandbox.path().join("phrase"));
    std::io::Write::write_all(&mut file.expect("a file"), b"phrase").expect("written");
    let init = |word: &str| {
        let mut command = sandbox.command("tresor");
        command.args(["init", "--passphrase-file", "phrase"]);
        command.env("TRESOR_PASSPHRASE_COST", word);
        feed(command.spawn().expect("tresor runs"), b"")
    };
    assert_eq!(init("none").status.code(), Some(2));
    assert!(!sandbox.vault().exists(), "a vault was made at a cost that nobody understood");
    let made = init("");
    assert!(made.status.success(), "{made:?}");
    let told = String::from_utf8(made.stderr).expect("UTF-8");
    assert_eq!(told, "tresor: measuring what a guess of it should cost here\n");
    let (memory, _) =
        cost(&sandbox).split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a cost");
    assert!((64..=256).contains(&memory.parse::<u32>().expect("MiB")), "{memory}");
    sandbox.ok(&["list", "--passphrase-file", "phrase"], b"");
}
