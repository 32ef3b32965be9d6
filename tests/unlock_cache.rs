//! A vault kept unlocked in the kernel's keyring, through the real program, looked at from outside with
//! keyctl(1). Real tier: `TRESOR_REAL=1`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

#[allow(dead_code)] // shared with the command line's cases
#[path = "cli/sandbox.rs"]
mod sandbox;

use sandbox::{Sandbox, feed};

/// What every story begins with: a vault that a passphrase opens, with a secret and a protected one.
const BEGIN: &str = r#"
printf 'correct horse battery' > pass ; printf 'another long phrase' > pass2 ; chmod 600 pass pass2
with_pass() { tresor "$@" --passphrase-file pass ; }
says() { "$@" ; echo "exit $?" ; }
with_pass init --quiet
printf value | with_pass set global/a --quiet
printf guarded | with_pass set global/b --protected --quiet
key() { keyctl search @u user "tresor:unlocked:$(tresor list --json --passphrase-file "$1" | sed 's/.*"vault_id":"\([0-9a-f]*\)".*/\1/')" 2>/dev/null ; }
"#;

/// Runs a story; gives what it printed on both outputs. Nobody can be asked for anything in it. `None`
/// outside the real tier, and where the kernel forbids keyrings, once that was seen to be said.
fn story(script: &str) -> Option<String> {
    let wanted = std::env::var_os("TRESOR_REAL").is_some_and(|value| value == "1");
    if !wanted {
        return None;
    }
    match has_keyring() {
        true => Some(told(script)),
        // A kernel that forbids it to everybody: what is promised there is that it is said.
        false => {
            let said = told("says with_pass unlock --for 10m ; says tresor read global/a");
            expect(&said, &["exit 5", "exit 3"]);
            None
        }
    }
}

/// Runs a story whatever the kernel allows.
fn told(script: &str) -> String {
    let home = Sandbox::bare();
    let all = format!("exec 2>&1\n{BEGIN}{script}");
    let mut shell = home.command("bash");
    let output = feed(shell.args(["-c", &all]).spawn().unwrap(), b"");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether this kernel lets anybody have a keyring; many containers forbid it.
fn has_keyring() -> bool {
    let shown = std::process::Command::new("keyctl").args(["show", "@u"]).output().unwrap();
    shown.status.success()
}

/// Fails with everything that was printed unless these lines are in it, in this order.
fn expect(said: &str, lines: &[&str]) {
    let mut rest = said.lines();
    for line in lines {
        let found = rest.any(|said| said.contains(line));
        assert!(found, "no line says {line:?} where it should:\n{said}");
    }
}

#[test]
fn what_is_unlocked_opens_without_asking_until_it_is_locked() {
    let said = story(
        r#"says tresor read global/a
        says with_pass unlock --for 10m --json
        says tresor read global/a --newline
        echo "--- protected"
        says tresor read global/b
        echo "--- locked"
        says tresor lock --json
        says tresor read global/a
        says tresor lock"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &[
            "the vault is locked, and nothing here unlocks it",
            "exit 3",
            r#"{"seconds":600,"until":""#,
            "exit 0",
            "value",
            "exit 0",
            "--- protected",
            "global/b is protected",
            "exit 6",
            "--- locked",
            r#"{"was_unlocked":true}"#,
            "the vault is locked, and nothing here unlocks it",
            "exit 3",
            "It was not kept unlocked",
            "exit 0",
        ],
    );
}

#[test]
fn the_kernel_holds_no_passphrase_and_lets_nobody_put_the_end_off() {
    let said = story(
        r#"with_pass unlock --for 10m --quiet
        id=$(key pass)
        keyctl describe "$id" | sed 's/^ *[0-9]*: //'
        keyctl pipe "$id" | wc -c
        keyctl pipe "$id" | grep -c 'correct horse'
        hex() { od -An -v -tx1 | tr -d ' \n' ; }
        vault_key=$(keyctl pipe "$id" | tail -c +26 | head -c 32 | hex)
        echo "${#vault_key} digits"
        find . -type f | while read -r file ; do hex < "$file" | grep -q "$vault_key" && echo "in $file" ; done
        says keyctl timeout "$id" 100000
        says keyctl update "$id" other
        grep -cE "^$(printf %08x "$id").* (9|10)m " /proc/keys
        tresor lock --quiet"#,
    );
    let Some(said) = said else { return };
    // Only possessors: view, read, search, link. 57 bytes and 32 for the one slot. In no file.
    let rights = "-ls-rv------------------ ";
    expect(&said, &[rights, "89", "0", "64 digits"]);
    assert!(!said.contains("in ./"), "the vault's key is on disk:\n{said}");
    assert_eq!(said.matches("exit 1").count(), 2, "{said}");
    assert!(said.trim_end().ends_with('1'), "it does not expire in time:\n{said}");
}

#[test]
fn a_shell_of_another_session_shares_it_and_nothing_there_is_linked() {
    let said = story(
        r#"keyctl session - tresor unlock --passphrase-file pass --quiet
        says keyctl session - tresor read global/a --newline
        keyctl session - sh -c 'tresor read global/a --newline; keyctl show @s'
        says keyctl session - tresor lock"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["value", "exit 0", "value", "Locked", "exit 0"]);
    assert!(!said.contains("tresor:unlocked"), "the session's keyring leads to it:\n{said}");
}

#[test]
fn a_vault_that_was_put_back_to_an_older_state_is_locked_all_the_same() {
    let said = story(
        r#"with_pass unlock --quiet
        cp -a vault old ; tresor delete global/a --yes --quiet ; rm -r vault ; mv old vault
        says tresor list
        says tresor lock"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["the vault was rolled back", "exit 9", "Locked", "exit 0"]);
}

#[test]
fn it_ends_by_itself() {
    let said = story(
        r#"with_pass unlock --for 1s --quiet
        for n in $(seq 600); do tresor list --quiet >/dev/null 2>&1 || break; sleep 0.1; done
        says tresor list"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["the vault is locked, and nothing here unlocks it", "exit 3"]);
}

#[test]
fn the_time_is_asked_for_anew_and_never_extends_itself() {
    let said = story(
        r#"with_pass unlock --for 10m --quiet
        says tresor unlock --for 20m
        says tresor passwd --new-passphrase-file pass2
        says tresor keys add key-file forever
        test -e forever && echo "a key file was made"
        tresor lock --quiet"#,
    );
    let Some(said) = said else { return };
    assert_eq!(said.matches("exit 3").count(), 3, "{said}");
    assert!(!said.contains("a key file was made"), "{said}");
}

#[test]
fn another_passphrase_a_removed_way_in_and_another_key_end_it() {
    let said = story(
        r#"step() { echo "--- $1" ; }
        keep() { tresor unlock --quiet --passphrase-file pass ; keyctl pipe "$(key pass)" > kept ; }
        # What somebody kept of the kernel's key is put back: it opens nothing, and goes.
        put_back() {
            says tresor list
            keyctl padd user "tresor:unlocked:$vault" @u < kept > /dev/null
            says tresor list
            keyctl search @u user "tresor:unlocked:$vault" >/dev/null 2>&1 && echo "it is still there"
        }
        vault=$(tresor list --json --passphrase-file pass | sed 's/.*"vault_id":"\([0-9a-f]*\)".*/\1/')
        step add ; keep ; with_pass keys add key-file second --quiet ; says tresor list --quiet
        step remove ; keep ; with_pass keys remove key-file --yes --quiet ; put_back
        step rotate ; keep ; with_pass keys rotate --yes --quiet ; put_back
        step passwd ; keep ; with_pass passwd --new-passphrase-file pass2 --quiet ; put_back
        step garbage ; printf x | keyctl padd user "tresor:unlocked:$vault" @u > /dev/null
        says tresor list"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["--- add", "exit 0", "--- remove", "exit 3", "exit 3", "--- rotate"]);
    expect(&said, &["--- rotate", "exit 3", "exit 3", "--- passwd", "exit 3", "exit 3"]);
    expect(&said, &["--- garbage", "nothing here unlocks it", "exit 3"]);
    assert!(!said.contains("still there"), "{said}");
}

#[test]
fn where_the_kernel_forbids_it_that_is_said_and_nothing_else_suffers() {
    let said = story(
        r#"without() { strace -f -o /dev/null -e inject=keyctl:error="$1" -- tresor "${@:2}" ; }
        says without EPERM unlock --passphrase-file missing
        says without ENOSYS unlock --passphrase-file missing
        says without EDQUOT lock
        echo "--- others"
        says without EPERM list
        says without ENOSYS read global/a --newline --passphrase-file pass"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &[
            "the kernel's keyring is forbidden here, so that nothing can keep the vault unlocked",
            "exit 5",
            "this system has no kernel keyring that could keep the vault unlocked",
            "exit 5",
            "the kernel's keyring failed",
            "exit 4",
            "--- others",
            "the vault is locked, and nothing here unlocks it",
            "exit 3",
            "value",
            "exit 0",
        ],
    );
    let others = said.split("--- others").nth(1).unwrap();
    assert!(!others.contains("keyring"), "{said}");
}
