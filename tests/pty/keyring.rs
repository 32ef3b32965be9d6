//! The keyring slot on the screen, against a real Secret Service: gnome-keyring on a bus of its own.

use portable_pty::CommandBuilder;

use crate::terminal::Terminal;
use crate::world::{PASSPHRASE, World, program, real, unlock};

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
