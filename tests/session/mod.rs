//! A desktop session of its own: a bus, a gnome-keyring that a story unlocks, and an empty home.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// What every story begins with: an unlocked keyring, a passphrase file, and how one asks for items.
const BEGIN: &str = r#"
export PATH="$BIN:$PATH"
cd "$HOME"
export GNOME_KEYRING_CONTROL=
unlock_keyring() { eval "$(printf '%s' "$1" | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"; }
items() { secret-tool search --all service tresor 2>/dev/null | grep -c '^\[' ; }
names() { secret-tool search --all service tresor 2>&1 | sed -n 's/^attribute.username = //p' ; }
says() { "$@" ; echo "exit $?" ; }
printf 'correct horse battery' > pass ; printf 'correct horse battery' > new ; chmod 600 pass new
"#;

/// Runs a story, in the shell, on a session bus of its own; gives what it printed on both outputs.
pub fn run(script: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
    // A bus that takes what it is sent and never answers, at $HOME/silent.
    let silent = UnixListener::bind(home.path().join("silent")).unwrap();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        silent.incoming().for_each(|stream| open.push(stream));
    });
    let program = Path::new(env!("CARGO_BIN_EXE_tresor"));
    let output = Command::new("timeout")
        .args(["120", "dbus-run-session", "--", "bash", "-c", &format!("{BEGIN}{script}")])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("BIN", program.parent().unwrap())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("TRESOR_VAULT_DIR", home.path().join("vault"))
        .env("TRESOR_PASSPHRASE_COST", "least")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session runs");
    let mut all = String::from_utf8(output.stdout).unwrap();
    all += &String::from_utf8(output.stderr).unwrap();
    all
}

/// Fails with everything that was printed unless all of these lines are in it.
pub fn expect(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.lines().any(|said| said.contains(line)), "no line says {line:?}:\n{said}");
    }
}
