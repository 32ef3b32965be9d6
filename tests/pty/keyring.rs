//! The keyring slot on the screen, against a real Secret Service: gnome-keyring on a bus of its own.

use portable_pty::CommandBuilder;

use crate::terminal::Terminal;
use crate::world::{CANARY, PASSPHRASE, World, program, real, reveal, select_canary, unlock};

/// Starts a bus with an unlocked keyring, and in it what `script` says; `$TRESOR` is the program.
fn on_a_bus(world: &World, script: &str) -> Terminal {
    let mut command = CommandBuilder::new("dbus-run-session");
    let begin = r#"mkdir -p -m 700 "$HOME/run"
        export XDG_RUNTIME_DIR="$HOME/run" GNOME_KEYRING_CONTROL=
        eval "$(printf x | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)""#;
    let program = program();
    let tresor = format!("TRESOR='{}'", program.display());
    command.args(["--", "bash", "-c", &format!("{begin}\n{tresor}\n{script}")]);
    world.start(command)
}

#[test]
fn a_key_that_the_keys_screen_put_into_the_keyring_opens_the_next_session_by_itself() {
    if !real("a_key_that_the_keys_screen_put_into_the_keyring_opens_the_next_session_by_itself") {
        return;
    }
    let world = World::with_vault();
    let items = "secret-tool search --all service tresor 2>/dev/null | grep -c '^\\['";
    let script =
        format!("\"$TRESOR\"; echo items $({items}); read -r; \"$TRESOR\"; echo items $({items})");
    let mut terminal = on_a_bus(&world, &script);
    unlock(&mut terminal);
    terminal.keys("Kak");
    terminal.shows("Added the desktop keyring");
    terminal.shows("desktop keyring");
    terminal.keys("<esc>");
    terminal.hides("ways in");
    terminal.keys("q");
    terminal.shows("items 1");
    // The second session asks nothing.
    terminal.keys("<enter>");
    terminal.shows("Scopes");
    // A lock is not undone by it.
    terminal.keys("<c-l>");
    terminal.shows("Passphrase");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("Scopes");
    terminal.keys("K");
    terminal.shows("desktop keyring");
    terminal.keys("jdy");
    terminal.shows("Removed the desktop keyring");
    terminal.keys("<esc>");
    terminal.hides("one way in");
    terminal.keys("q");
    terminal.shows("items 0");
    terminal.ends();
}

#[test]
fn the_first_run_takes_the_keyring_and_where_it_is_gone_the_passphrase_opens() {
    if !real("the_first_run_takes_the_keyring_and_where_it_is_gone_the_passphrase_opens") {
        return;
    }
    let world = World::new();
    let gone = "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere";
    let script = format!(
        "\"$TRESOR\"; echo first over; read -r; \"$TRESOR\"; echo second over; read -r; {gone} \"$TRESOR\""
    );
    let mut terminal = on_a_bus(&world, &script);
    terminal.shows("Nobody can recover");
    terminal.keys(&format!("{PASSPHRASE}<enter>{PASSPHRASE}<enter>"));
    terminal.shows("Another way in as well?");
    terminal.keys("k");
    terminal.hides("Use the keyring");
    terminal.keys("<enter>");
    terminal.shows("The desktop's keyring opens this vault");
    terminal.keys("q");
    terminal.shows("first over");
    terminal.keys("<enter>");
    terminal.shows("Scopes");
    terminal.keys("q");
    terminal.shows("second over");
    terminal.keys("<enter>");
    terminal.shows("Not opened by the keyring");
    unlock(&mut terminal);
    terminal.keys("q");
    assert!(terminal.ends().success());
}

#[test]
fn a_new_vault_key_leaves_no_item_behind_that_opens_nothing() {
    if !real("a_new_vault_key_leaves_no_item_behind_that_opens_nothing") {
        return;
    }
    let world = World::with_vault();
    let items = "secret-tool search --all service tresor 2>/dev/null | grep -c '^\\['";
    let script = format!("\"$TRESOR\"; echo items $({items})");
    let mut terminal = on_a_bus(&world, &script);
    unlock(&mut terminal);
    terminal.keys("Kak");
    terminal.shows("Added the desktop keyring");
    terminal.keys("R");
    terminal.shows("Replace the vault key");
    terminal.keys(&format!("{PASSPHRASE}<enter>"));
    terminal.shows("Dropped");
    terminal.keys("y");
    terminal.shows("Replaced the vault key");
    terminal.keys("<esc>");
    terminal.hides("one way in");
    terminal.keys("q");
    terminal.shows("items 0");
    terminal.ends();
}

/// A vault in the store with the canary in it; then the process of the store is known, and the screen opens.
fn in_the_store(world: &World) -> Terminal {
    let script = format!(
        r#"printf %s '{PASSPHRASE}' > "$HOME/pass" ; chmod 600 "$HOME/pass"
        export TRESOR_PASSPHRASE_FILE="$HOME/pass"
        "$TRESOR" init --backend linux_secret_service --quiet
        printf %s '{CANARY}' | "$TRESOR" set global/canary --value-stdin --quiet
        unset TRESOR_PASSPHRASE_FILE
        dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
            org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets \
            | tr -dc 0-9 | sed s/^32// > "$HOME/store"
        "$TRESOR""#
    );
    on_a_bus(world, &script)
}

#[test]
fn while_the_store_waits_the_screen_says_so_locks_and_opens_again() {
    if !real("while_the_store_waits_the_screen_says_so_locks_and_opens_again") {
        return;
    }
    let world = World::new();
    let mut terminal = in_the_store(&world);
    unlock(&mut terminal);
    terminal.shows("Secret Service");
    select_canary(&mut terminal);
    let store = std::fs::read_to_string(world.home().join("store")).unwrap();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, store.trim()]).status();
        assert!(sent.unwrap().success(), "no process {store}");
    };
    signal("-STOP");
    terminal.keys("<enter>");
    terminal.shows("waiting for your desktop's unlock prompt");
    terminal.keys("<c-l>");
    unlock(&mut terminal);
    select_canary(&mut terminal);
    terminal.shows("waiting for your desktop's unlock prompt");
    signal("-CONT");
    terminal.hides("waiting for your desktop's unlock prompt");
    terminal.hides(CANARY);
    reveal(&mut terminal);
    terminal.keys("q");
    assert!(terminal.ends().success());
}
