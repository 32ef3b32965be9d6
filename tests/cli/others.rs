//! Other users: what belongs to one of them is refused, and what is ours is closed to them.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Output;

use super::executable;
use super::owner_only::all_private;
use super::sandbox::{Sandbox, feed};
use super::told::say;

/// The user that owns nothing on most systems.
const NOBODY: u32 = 65_534;

/// A sandbox with a vault, a copy of the program that others may run, and a home for one of them. Where this process cannot act
/// as another user there is none, and `test` is named as skipped.
fn shared(test: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::with_vault();
    chmod(sandbox.path(), 0o755);
    let program = sandbox.path().join("tresor");
    executable::copy(Path::new(env!("CARGO_BIN_EXE_tresor")), &program);
    let home = sandbox.path().join("home");
    std::fs::create_dir(&home).expect("a directory");
    // Where this is refused, so is acting as its owner.
    let _ = chown(&home, Some(NOBODY), None);
    if as_nobody(&sandbox, &["--version"]).is_some_and(|output| output.status.success()) {
        return Some(sandbox);
    }
    say(&format!("{test} is skipped: only root with setpriv can act as another user"));
    None
}

/// Runs tresor as nobody; `None` where there is no setpriv.
fn as_nobody(sandbox: &Sandbox, arguments: &[&str]) -> Option<Output> {
    let user = NOBODY.to_string();
    let mut command = sandbox.command("setpriv");
    command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]);
    command.env("HOME", sandbox.path().join("home"));
    // Measured by tests/coverage.sh, this user could write nothing else, and would say so.
    command.env("LLVM_PROFILE_FILE", "/dev/null");
    command.arg(sandbox.path().join("tresor")).args(arguments);
    Some(feed(command.spawn().ok()?, b"value"))
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

/// Gives a directory and all in it to a user.
fn give(path: &Path, user: u32) {
    chown(path, Some(user), None).expect("given away");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a directory") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn our_vault_is_closed_to_another_user() {
    let Some(sandbox) = shared("our_vault_is_closed_to_another_user") else { return };
    let root = || std::fs::read(sandbox.vault().join("root.json")).expect("the root");
    let before = root();
    let refused = format!("tresor: cannot open {}: Permission denied", sandbox.vault().display());
    for (arguments, code) in [
        (&["list"][..], 6),
        (&["get", "global/a"], 6),
        (&["read", "global/a"], 6),
        (&["set", "global/a"], 6),
        (&["delete", "global/a"], 6),
        (&["import", "dotenv", "/dev/null", "--scope", "global"], 6),
        (&["doctor"], 6),
        (&["doctor", "--fix", "--yes"], 6),
        (&["init"], 6),
        (&["run", "--scope", "global", "--", "true"], 125),
    ] {
        let output = as_nobody(&sandbox, arguments).expect("setpriv runs");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let told = told(&output);
        assert!(told.starts_with(&refused), "{arguments:?}: {told}");
        assert!(told.contains("\n  help: check who owns it and its permissions\n"), "{told}");
    }
    let json = as_nobody(&sandbox, &["list", "--json"]).expect("setpriv runs");
    let json: serde_json::Value = serde_json::from_slice(&json.stderr).expect("JSON");
    assert_eq!(json["error"]["kind"], "refused");
    assert!(root() == before, "the vault was changed");
}

#[test]
fn another_users_vault_is_refused_and_not_mended() {
    let Some(sandbox) = shared("another_users_vault_is_refused_and_not_mended") else { return };
    sandbox.ok(&["set", "global/a"], b"value");
    give(&sandbox.vault(), NOBODY);
    let why =
        format!("tresor: {} is not safe: it belongs to user 65534", sandbox.vault().display());
    for arguments in [&["list"][..], &["read", "global/a"], &["set", "global/a"], &["init"]] {
        let output = sandbox.run(arguments, b"value");
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {output:?}");
        let told = told(&output);
        assert!(told.starts_with(&why) && told.contains("\n  help: look at how it came"), "{told}");
    }
    for arguments in [&["doctor"][..], &["doctor", "--fix", "--yes"]] {
        let output = sandbox.run(arguments, b"");
        assert_eq!(output.status.code(), Some(9), "{arguments:?}: {output:?}");
        let shown = String::from_utf8(output.stdout).expect("UTF-8");
        let line = "✗ the vault directory: it belongs to user 65534\n";
        assert!(shown.starts_with(line), "{shown}");
    }
    let owner = std::fs::metadata(sandbox.vault()).expect("the vault").uid();
    assert_eq!(owner, NOBODY, "doctor took it");
    give(&sandbox.vault(), 0);
    assert_eq!(sandbox.ok(&["read", "global/a"], b""), b"value");
}

#[test]
fn files_that_another_user_keeps_to_himself_are_refused() {
    let test = "files_that_another_user_keeps_to_himself_are_refused";
    let Some(sandbox) = shared(test) else { return };
    let home = sandbox.path().join("home");
    let path = |name: &str| home.join(name).to_string_lossy().into_owned();
    let (vault, new, key) = (path("vault"), path("new"), path("key"));
    let own = ["--vault", &vault, "--key-file", &key];
    let made = as_nobody(&sandbox, &[&own[..], &["init"]].concat()).expect("setpriv runs");
    assert!(made.status.success(), "{made:?}");
    let ours = sandbox.path().join("key").to_string_lossy().into_owned();
    for arguments in [
        &["--vault", &vault, "--key-file", &ours, "list"][..],
        &["--vault", &new, "--key-file", &key, "--passphrase-file", &ours, "init"],
        &[&own[..], &["--config", &ours, "list"]].concat(),
        &[&own[..], &["import", "dotenv", &ours, "--scope", "global"]].concat(),
    ] {
        let output = as_nobody(&sandbox, arguments).expect("setpriv runs");
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {output:?}");
        let told = told(&output);
        assert!(told.contains(&format!("{ours}: Permission denied")), "{arguments:?}: {told}");
        assert!(told.contains("\n  help: check "), "{arguments:?}: {told}");
    }
    assert!(!Path::new(&new).exists(), "a vault was begun");
}

#[test]
fn what_is_made_is_its_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let sandbox = Sandbox::bare();
        let key = sandbox.path().join("key");
        let story = format!("umask {umask} && tresor init && tresor set global/a");
        let mut command = sandbox.command("sh");
        let child = command.env("TRESOR_KEY_FILE", &key).args(["-c", &story]).spawn();
        let output = feed(child.expect("a shell"), b"value");
        assert!(output.status.success(), "{umask}: {output:?}");
        let found = all_private(&key) + all_private(&sandbox.vault());
        assert!(found > 10, "{umask}: only {found} files");
    }
}

#[test]
fn secrets_are_moved_only_out_of_files_that_can_be_replaced() {
    let Some(sandbox) = shared("moving out of a closed directory") else { return };
    let vault = sandbox.path().join("home/vault");
    let key = sandbox.path().join("home/key");
    let (vault, key) = (vault.to_str().expect("UTF-8"), key.to_str().expect("UTF-8"));
    let tresor = |arguments: &[&str]| {
        let all = [&["--vault", vault, "--key-file", key], arguments].concat();
        as_nobody(&sandbox, &all).expect("setpriv")
    };
    assert!(tresor(&["init", "-q"]).status.success());
    let tree = sandbox.path().join("tree");
    for (directory, mode) in [("closed", 0o555), ("open", 0o755), ("unreadable", 0o755)] {
        let directory = tree.join(directory);
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join(".env"), "DB_PASSWORD=hunter22\n").expect("a file");
        give(&directory, NOBODY);
        chmod(&directory, mode);
    }
    chmod(&tree.join("unreadable/.env"), 0);
    let closed = tree.join("closed/.env");
    let moved =
        ["audit", "--scan", tree.to_str().expect("UTF-8"), "--move-to", "project:x", "--yes"];
    let output = tresor(&moved);
    let said = told(&output);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.contains("warning: cannot read ") && said.contains("unreadable/.env"), "{said}");
    assert!(said.contains(&format!("cannot write {}", closed.display())), "{said}");
    let listed = tresor(&["list", "project:x"]);
    assert!(listed.status.success() && listed.stdout.is_empty(), "{listed:?}");
    let output = tresor(&[&moved[..], &["--skip-bad"]].concat());
    assert!(output.status.success(), "{}", told(&output));
    let text = std::fs::read_to_string(closed).expect("the file");
    assert_eq!(text, "DB_PASSWORD=hunter22\n");
    let text = std::fs::read_to_string(tree.join("open/.env")).expect("the file");
    assert_eq!(text, "DB_PASSWORD=tresor://project:x/db_password\n");
    assert_eq!(tresor(&["read", "project:x/db_password"]).stdout, b"hunter22");
}
