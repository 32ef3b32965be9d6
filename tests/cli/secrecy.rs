//! Secrets stay out of arguments, environments, errors and files, and `run` gives its child no more than
//! was asked for.

use std::path::Path;

use super::executable;
use super::sandbox::Sandbox;

const CANARY: &str = "canary-7f3a9c51";

#[test]
fn a_value_in_the_arguments_is_refused_and_never_repeated() {
    let sandbox = Sandbox::with_vault();
    for arguments in [
        &["set", "global/a", CANARY][..],
        &["set", "global", "a", CANARY],
        &["set", &format!("global/a={CANARY}")],
        &["set", "global/a", &format!("--value={CANARY}")],
        &["get", "global", "a", CANARY],
        &["list", "global", CANARY],
    ] {
        let output = sandbox.run(arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8_lossy(&shown).into_owned();
        assert!(!shown.contains(CANARY), "{arguments:?}: {shown}");
    }
    assert_eq!(sandbox.run(&["get", "global/a"], b"").status.code(), Some(8));
}

#[test]
fn the_child_of_run_gets_its_secrets_and_nothing_that_unlocks() {
    let sandbox = Sandbox::with_vault();
    sandbox.ok(&["set", "project:shop/db-url.main"], CANARY.as_bytes());
    sandbox.ok(&["set", "project:shop/other"], b"second");
    let mut command = sandbox.command("tresor");
    command
        .env("TRESOR_PASSPHRASE_FILE", "nowhere")
        .env("TRESOR_PASSPHRASE_COMMAND", "nothing")
        .args(["run", "--no-mask", "--env", "X=project:shop/db-url.main", "--", "env"]);
    let output = super::sandbox::feed(command.spawn().expect("tresor runs"), b"");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(shown.contains(&format!("X={CANARY}\n")), "{shown}");
    for name in ["TRESOR_KEY_FILE", "TRESOR_PASSPHRASE_FILE", "TRESOR_PASSPHRASE_COMMAND", "second"]
    {
        assert!(!shown.contains(name), "{name}: {shown}");
    }
    let all = sandbox.ok(&["run", "--no-mask", "--scope", "project:shop", "--", "env"], b"");
    let all = String::from_utf8(all).expect("UTF-8");
    assert!(all.contains(&format!("DB_URL_MAIN={CANARY}\n")) && all.contains("OTHER=second\n"));
    let arguments =
        sandbox.ok(&["run", "--scope", "project:shop", "--", "cat", "/proc/self/cmdline"], b"");
    assert_eq!(arguments, b"cat\0/proc/self/cmdline\0");
}

#[test]
fn a_passphrase_command_sees_no_secret_and_no_shell() {
    let sandbox = Sandbox::bare();
    let script = sandbox.path().join("ask");
    let text = "#!/bin/sh\nenv > seen; cat > stdin; echo \"args: $*\" >> seen; echo pass phrase\n";
    executable::write(&script, text);
    let run = |arguments: &[&str], input: &[u8]| {
        let mut command = sandbox.command("tresor");
        command.env("TRESOR_PASSPHRASE_COMMAND", "./ask 'one word' $HOME;").args(arguments);
        super::sandbox::feed(command.spawn().expect("tresor runs"), input)
    };
    let made = run(&["init"], b"");
    assert!(made.status.success(), "{made:?}");
    let set = run(&["set", "global/a"], CANARY.as_bytes());
    assert!(set.status.success(), "{set:?}");
    assert_eq!(run(&["read", "global/a"], b"").stdout, CANARY.as_bytes());
    let seen = std::fs::read_to_string(sandbox.path().join("seen")).expect("seen");
    assert!(seen.contains("args: one word $HOME;") && !seen.contains(CANARY), "{seen}");
    assert_eq!(std::fs::read(sandbox.path().join("stdin")).expect("stdin"), b"");
}

#[test]
fn no_file_holds_a_value_or_a_name_in_clear() {
    let sandbox = Sandbox::with_vault();
    let env = format!("IMPORTED_NAME_QX={CANARY}-imported\n");
    sandbox.ok(
        &["set", "project:canary-scope/canary-key", "--note", "canary-note"],
        CANARY.as_bytes(),
    );
    sandbox.ok(&["import", "dotenv", "-", "--scope", "global", "--yes"], env.as_bytes());
    sandbox.ok(&["delete", "global/imported_name_qx"], b"");
    let mut files = 0;
    search(sandbox.path(), &mut |path, bytes| {
        files += 1;
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        assert!(!text.contains("canary-") && !text.contains("imported_name_qx"), "{path:?}");
    });
    assert!(files >= 5, "{files} files were searched");
}

fn search(directory: &Path, look: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => search(&path, look),
            false => look(&path, &std::fs::read(&path).expect("a file")),
        }
    }
}
