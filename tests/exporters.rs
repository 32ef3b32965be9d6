//! Exports and backups against the real age, both ways; killed at random, and on a full disk: what is there is
//! whole, or it is not there. Real tier: `TRESOR_REAL=1`.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod told;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;
use told::{real, say};

/// A home with a vault, and a key of the real age.
struct Home {
    directory: TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { directory: tempfile::tempdir().unwrap() };
        home.ok(&["init", "--quiet"], b"");
        home.ok(&["set", "project:shop/token", "-q"], b"a value that is to be found");
        home.ok(&["set", "global/bytes", "-q"], b"\xff\x00\xfe");
        let word = tresor_private(&home.path().join("word"));
        (&word).write_all(b"correct horse\n").unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = if program == "tresor" { env!("CARGO_BIN_EXE_tresor") } else { program };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.path().to_owned()),
            ("TRESOR_VAULT_DIR", self.path().join("vault")),
            ("TRESOR_KEY_FILE", self.path().join("key")),
            ("TRESOR_PASSPHRASE_COST", "least".into()),
        ]
    }

    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(program, arguments).spawn().expect(program);
        let mut pipe = child.stdin.take().unwrap();
        // Who reads nothing breaks the pipe, and that is its right.
        let _ = pipe.write_all(input);
        drop(pipe);
        child.wait_with_output().unwrap()
    }

    /// Runs tresor, which has to succeed.
    fn ok(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        self.done("tresor", arguments, input)
    }

    fn done(&self, program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(program, arguments, input);
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        output.stdout
    }

    /// A key of the real age, in `age.key`; gives its recipient.
    fn recipient(&self) -> String {
        self.done("age-keygen", &["-o", "age.key"], b"");
        let text = self.done("age-keygen", &["-y", "age.key"], b"");
        String::from_utf8(text).unwrap().trim().to_owned()
    }

    /// Runs a program on a terminal, and types a line at each question.
    fn on_terminal(&self, program: &str, arguments: &[&str], answers: &[(&str, &str)]) -> String {
        let size = PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let program = if program == "tresor" { env!("CARGO_BIN_EXE_tresor") } else { program };
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        self.variables().iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(self.path());
        command.args(arguments);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new(Mutex::new(String::new()));
        let copy = Arc::clone(&screen);
        let read = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                copy.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
        });
        let mut keyboard = pair.master.take_writer().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        for (question, answer) in answers {
            while !screen.lock().unwrap().contains(question) {
                assert!(Instant::now() < end, "no '{question}': {}", screen.lock().unwrap());
                std::thread::sleep(Duration::from_millis(5));
            }
            // The echo is off once the question is there.
            std::thread::sleep(Duration::from_millis(100));
            keyboard.write_all(answer.as_bytes()).unwrap();
            keyboard.write_all(b"\r").unwrap();
        }
        let status = child.wait().unwrap();
        drop(keyboard);
        drop(pair.master);
        read.join().unwrap();
        let screen = screen.lock().unwrap().clone();
        assert!(status.success(), "{program} {arguments:?}: {screen}");
        screen
    }

    fn names(&self, within: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join(within)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// A new file for its owner only.
fn tresor_private(path: &Path) -> std::fs::File {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap()
}

#[test]
fn the_real_age_opens_what_is_written_for_its_key_and_the_other_way_round() {
    if !real("the_real_age_opens_what_is_written_for_its_key_and_the_other_way_round") {
        return;
    }
    let home = Home::new();
    let to = home.recipient();
    home.ok(&["export", "--format", "json", "--out", "all.age", "--to", &to], b"");
    let plain = home.done("age", &["-d", "-i", "age.key", "all.age"], b"");
    assert_eq!(plain, home.ok(&["export", "--format", "json", "--plain"], b""));
    let piped = home.ok(&["export", "project:shop", "--format", "dotenv", "--to", &to], b"");
    let piped = home.done("age", &["-d", "-i", "age.key"], &piped);
    assert_eq!(piped, b"TOKEN='a value that is to be found'\n");
    std::fs::write(home.path().join(".env"), "A=one\nB=two\n").unwrap();
    home.done("age", &["-r", &to, "-o", "env.age", ".env"], b"");
    let sealed = ["import", "dotenv", "env.age", "--scope", "skill:x", "--yes"];
    home.ok(&[&sealed[..], &["--identity", "age.key"]].concat(), b"");
    assert_eq!(home.ok(&["read", "skill:x/b"], b""), b"two");
    // A value of many chunks.
    home.ok(&["set", "global/large", "-q"], &vec![b'x'; 65_536]);
    home.ok(&["backup", "create", "vault.age", "--to", &to], b"");
    home.done("age", &["-d", "-i", "age.key", "-o", "plain", "vault.age"], b"");
    home.done("age", &["-r", &to, "-o", "again.age", "plain"], b"");
    for (file, vault) in [("vault.age", "one"), ("again.age", "two")] {
        home.ok(&["backup", "verify", file, "--identity", "age.key"], b"");
        home.ok(&["--vault", vault, "backup", "restore", file, "--identity", "age.key"], b"");
        let read = home.ok(&["--vault", vault, "read", "global/bytes"], b"");
        assert_eq!(read, b"\xff\x00\xfe");
        home.ok(&["--vault", vault, "doctor", "--quiet"], b"");
    }
    home.done("age-keygen", &["-o", "other.key"], b"");
    let wrong =
        home.run("tresor", &["backup", "verify", "again.age", "--identity", "other.key"], b"");
    assert_eq!(wrong.status.code(), Some(3), "{wrong:?}");
}

#[test]
fn the_real_age_takes_the_passphrase_and_the_other_way_round() {
    if !real("the_real_age_takes_the_passphrase_and_the_other_way_round") {
        return;
    }
    let home = Home::new();
    let ours = [("Passphrase: ", "correct horse"), ("Once more: ", "correct horse")];
    let arguments = ["export", "--format", "csv", "project:shop", "--out", "shop.age"];
    let screen = home.on_terminal("tresor", &arguments, &ours);
    assert!(screen.contains("Exported 1 secret") && !screen.contains("horse"), "{screen}");
    let theirs = [("passphrase", "correct horse")];
    home.on_terminal("age", &["-d", "-o", "shop.csv", "shop.age"], &theirs);
    let csv = std::fs::read_to_string(home.path().join("shop.csv")).unwrap();
    assert!(csv.contains("project:shop,token,other,,,,,,a value that is to be found"), "{csv}");
    let enter = [("Enter passphrase", "correct horse"), ("Confirm", "correct horse")];
    home.on_terminal("age", &["-p", "-o", "again.csv", "shop.csv"], &enter);
    home.on_terminal(
        "tresor",
        &["import", "csv", "again.csv", "--scope", "skill:x", "--yes"],
        &[("Passphrase of again.csv: ", "wrong"), ("That is not", "correct horse")],
    );
    assert_eq!(home.ok(&["read", "skill:x/token"], b""), b"a value that is to be found");
    home.on_terminal("tresor", &["backup", "create", "vault.age"], &ours);
    home.on_terminal("age", &["-d", "-o", "plain", "vault.age"], &theirs);
    home.on_terminal("age", &["-p", "-o", "again.age", "plain"], &enter);
    let word = ["--backup-passphrase-file", "word"];
    home.ok(&[&["--vault", "new", "backup", "restore", "again.age"][..], &word].concat(), b"");
    let screen = home.on_terminal(
        "tresor",
        &["backup", "verify", "again.age"],
        &[("Passphrase of again.age: ", "wrong"), ("That is not", "correct horse")],
    );
    assert!(screen.contains("nothing is missing"), "{screen}");
    assert_eq!(home.ok(&["--vault", "new", "read", "global/bytes"], b""), b"\xff\x00\xfe");
}

/// Runs `arguments` and kills it at a random moment of `lasts` and a little more; whether it was done before.
fn killed(home: &Home, arguments: &[&str], lasts: Duration, round: u32) -> bool {
    let mut child = home.command("tresor", arguments).stdin(Stdio::null()).spawn().unwrap();
    // Spread over the whole time, and never twice the same: the golden ratio.
    let part = (f64::from(round) * 0.618_033_988_75).fract();
    std::thread::sleep(lasts.mul_f64(part * 1.3));
    let _ = child.kill();
    child.wait().unwrap().success()
}

#[test]
fn killed_at_random_there_is_nothing_or_all_of_it() {
    if !real("killed_at_random_there_is_nothing_or_all_of_it") {
        return;
    }
    let rounds =
        std::env::var("TRESOR_KILLS").map_or(40, |count| count.parse::<u32>().unwrap() / 20);
    let home = Home::new();
    let many: String = (0..300).map(|at| format!("K{at}={}\n", "v".repeat(500))).collect();
    home.ok(&["import", "dotenv", "-", "--scope", "skill:many", "--yes", "-q"], many.as_bytes());
    let to = home.recipient();
    std::fs::create_dir(home.path().join("out")).unwrap();
    let create = ["backup", "create", "out/vault.age", "--to", &to];
    let begun = Instant::now();
    home.ok(&["backup", "create", "vault.age", "--to", &to], b"");
    let lasts = begun.elapsed();
    let (mut whole, mut nothing) = (0, 0);
    for round in 0..rounds {
        let done = killed(&home, &create, lasts, round);
        match home.names("out").as_slice() {
            [] => nothing += 1,
            [name] if name == "vault.age" => {
                whole += 1;
                home.ok(&["backup", "verify", "out/vault.age", "--identity", "age.key"], b"");
                std::fs::remove_file(home.path().join("out/vault.age")).unwrap();
            }
            names => panic!("round {round}: {names:?}"),
        }
        assert!(!done || whole > 0);
    }
    say(&format!("backups killed at random: {nothing} nothing, {whole} whole, of {lasts:?} each"));
    assert!(nothing > 0, "none was killed before its end");

    let restore = ["--vault", "new", "backup", "restore", "vault.age", "--identity", "age.key"];
    let begun = Instant::now();
    home.ok(&restore, b"");
    let lasts = begun.elapsed();
    let (mut whole, mut nothing) = (0, 0);
    for round in 0..rounds {
        if home.path().join("new").exists() {
            std::fs::remove_dir_all(home.path().join("new")).unwrap();
        }
        killed(&home, &restore, lasts, round);
        let list = home.run("tresor", &["--vault", "new", "list", "--quiet"], b"");
        match list.status.code() {
            Some(7) => nothing += 1,
            Some(0) => whole += 1,
            _ => panic!("round {round}: {list:?}"),
        }
        if list.status.code() == Some(7) {
            // It is simply begun again, in the same place.
            home.ok(&restore, b"");
        }
        assert_eq!(home.ok(&["--vault", "new", "read", "global/bytes"], b""), b"\xff\x00\xfe");
        home.ok(&["--vault", "new", "doctor", "--quiet"], b"");
    }
    say(&format!("restores killed at random: {nothing} nothing, {whole} whole, of {lasts:?} each"));
    assert!(nothing > 0, "none was killed before its end");
}

/// Fills a disk of 64 KiB in each way; prints what happened, one word and one figure a line.
const STORY: &str = r#"
mount -t tmpfs -o size=64k,mode=700 none disk || exit 99
"$TRESOR" export --format json --plain -q --out disk/all.json 2> told; echo "export $?"
"$TRESOR" export --format json -q --out disk/all.age --to "$TO" 2>> told; echo "encrypted $?"
"$TRESOR" backup create disk/vault.age --to "$TO" 2>> told; echo "backup $?"
"$TRESOR" --vault disk/vault backup restore vault.age --identity age.key 2>> told; echo "restore $?"
echo "left $(ls -A disk | wc -l)"
"$TRESOR" --vault disk/vault list 2>> told; echo "list $?"
"#;

#[test]
fn on_a_full_disk_nothing_is_left() {
    if !real("on_a_full_disk_nothing_is_left") {
        return;
    }
    let home = Home::new();
    if home.done("id", &["-u"], b"").trim_ascii() != b"0" {
        return say("a full disk is skipped: only root can mount one");
    }
    for number in 0..3 {
        home.ok(&["set", &format!("global/large{number}"), "-q"], &vec![b'x'; 60_000]);
    }
    let to = home.recipient();
    home.ok(&["backup", "create", "vault.age", "--to", &to], b"");
    std::fs::create_dir(home.path().join("disk")).unwrap();
    let arguments = ["--mount", "--propagation", "private", "sh", "-c", STORY];
    let mut command = home.command("unshare", &arguments);
    command.env("TO", &to).env("TRESOR", env!("CARGO_BIN_EXE_tresor"));
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let told = std::fs::read_to_string(home.path().join("told")).unwrap();
    assert_eq!(said, "export 1\nencrypted 1\nbackup 1\nrestore 1\nleft 0\nlist 7\n", "{told}");
    assert_eq!(told.matches("No space left on device").count(), 4, "{told}");
}
