//! The keyring slot against a real Secret Service (gnome-keyring on a bus of its own), through the
//! real program. Real tier: `TRESOR_REAL=1`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod session;

use session::expect;

fn story(script: &str) -> Option<String> {
    std::env::var_os("TRESOR_REAL").map(|_| session::run(script))
}

#[test]
fn a_key_in_the_keyring_opens_the_vault_until_its_slot_is_removed() {
    let said = story(
        r#"unlock_keyring x
        says tresor init --passphrase-file pass --keyring --json
        printf value | tresor set global/a --quiet
        says tresor read global/a --newline
        echo "items $(items)"
        before=$(names)
        says tresor keys rotate --yes --passphrase-file pass --quiet
        test "$before" != "$(names)" && echo "another item"
        echo "items $(items)"
        says tresor read global/a --newline
        says tresor keys remove keyring --yes
        echo "items $(items)"
        says tresor read global/a"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &[
            r#""slots":["passphrase","keyring"]"#,
            "items 1",
            "another item",
            "Removed the keyring slot",
            "items 0",
            "the vault is locked, and nothing here unlocks it",
        ],
    );
    assert_eq!(said.matches("value\nexit 0").count(), 2, "{said}");
}

#[test]
fn a_keyring_that_lies_or_lost_the_key_is_told_from_one_that_is_not_there() {
    let said = story(
        r#"unlock_keyring x
        tresor init --passphrase-file pass --keyring --quiet
        name=$(names)
        printf 'thirty-two bytes of a wrong key!' | secret-tool store --label x service tresor username "$name" target default application rust-keyring 2>/dev/null
        echo "--- overwritten"
        says tresor list
        secret-tool clear service tresor
        echo "--- cleared"
        says tresor list
        echo "items $(items)"
        echo "--- no bus"
        DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere says tresor list
        says tresor list --passphrase-file pass"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &[
            "the desktop's keyring holds no key for this vault",
            "items 0",
            "the desktop's keyring cannot be reached",
            "exit 4",
            "no secrets found",
        ],
    );
    let wrong = ["does not match this vault", "holds two items of one name"];
    assert!(wrong.iter().any(|wrong| said.contains(wrong)), "{said}");
}

#[test]
fn without_a_keyring_nothing_is_half_made() {
    let said = story(
        r#"export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere
        tresor init --passphrase-file pass --quiet
        says tresor keys add keyring --passphrase-file pass
        tresor keys list | cut -f 2"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["the desktop's keyring cannot be reached", "exit 4", "passphrase"]);
    assert!(!said.contains("\nkeyring"), "{said}");
}

#[test]
fn a_keyring_that_stays_locked_is_told_and_another_way_in_opens() {
    let said = story(
        r#"unlock_keyring x
        tresor init --passphrase-file pass --keyring --quiet
        printf value | tresor set global/a --quiet
        dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
            org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login
        echo "--- locked"
        says tresor read global/a
        says tresor keys add keyring --passphrase-file pass
        says tresor read global/a --passphrase-file pass --newline
        tresor keys list | cut -f 2"#,
    );
    let Some(said) = said else { return };
    assert_eq!(said.matches("tresor: the desktop's keyring is locked: ").count(), 2, "{said}");
    assert_eq!(said.matches("exit 4").count(), 2, "{said}");
    assert!(said.contains("value\nexit 0\npassphrase\nkeyring\n"), "{said}");
}

#[test]
fn a_keyring_that_never_answers_is_waited_for_once() {
    let said = story(
        r#"unlock_keyring x
        tresor init --passphrase-file pass --keyring --quiet
        tresor --vault other init --passphrase-file pass --quiet
        export DBUS_SESSION_BUS_ADDRESS="unix:path=$HOME/silent"
        says tresor list > listed 2>&1 &
        says tresor --vault other keys add keyring --passphrase-file pass
        wait
        cat listed
        says tresor list --passphrase-file pass
        tresor --vault other keys list | cut -f 2"#,
    );
    let Some(said) = said else { return };
    // Waiting twice for one command would take longer than the story may.
    let times = |text: &str| said.matches(text).count();
    assert_eq!(times("tresor: waiting for your desktop's unlock prompt"), 2, "{said}");
    assert_eq!(times("did not answer within 60 seconds\n  help: answer"), 2, "{said}");
    assert_eq!(times("exit 4"), 2, "{said}");
    expect(&said, &["an item that opens nothing may be left in the keyring", "exit 0"]);
    assert!(!said.contains("\nkeyring\n"), "{said}");
}
