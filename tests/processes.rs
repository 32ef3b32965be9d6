//! Many processes and sudden ends: the real program is killed at any moment, and eight of it write
//! at once. What it acknowledged is there, in some order, and nothing is left over.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod private;
mod told;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tresor::vault::storage::LockMode;
use tresor::vault::{
    Actor, ClosedVault, CreateOptions, NewSlot, Place, SensitiveBytes, Unlock, Vault, doctor,
};

use private::write_private;
use told::say;

const KEY: [u8; 32] = [7; 32];

/// How often the program is killed: 300 times, or as often as TRESOR_KILLS says.
fn kills() -> u32 {
    std::env::var("TRESOR_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(300)
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        write_private(&home.key_file(), &KEY);
        let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
        Vault::create(&home.place(), &CreateOptions::new(slots)).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn key_file(&self) -> PathBuf {
        self.path().join("key")
    }

    fn place(&self) -> Place {
        Place::on_disk(&self.path().join("vault"), &self.path().join("state/tresor"))
    }

    fn open(&self) -> Vault {
        let key = SensitiveBytes::copy_of(&KEY);
        ClosedVault::open(&self.place()).unwrap().unlock(&Unlock::KeyFile(&key)).unwrap()
    }

    /// Starts `tresor set NAME` with a value on its standard input.
    fn set(&self, name: &str, value: &str) -> Child {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tresor"))
            .args(["set", name, "--value-stdin", "--quiet"])
            .env("TRESOR_VAULT_DIR", self.path().join("vault"))
            .env("TRESOR_KEY_FILE", self.key_file())
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        child
    }

    /// The same until it is saved: a disk under load makes the vault busy now and then.
    fn set_patiently(&self, name: &str, value: &str) {
        let saved = (0..20).any(|_| exit_code(self.set(name, value)) == Some(0));
        assert!(saved, "{name} was busy twenty times");
    }

    fn read(&self, vault: &Vault, name: &str) -> Option<String> {
        let secret = vault.view(Actor::Owner).read(&name.parse().unwrap()).ok()?;
        secret.value.with_str(str::to_owned)
    }

    /// Whatever the vault holds now is whole, and nothing is left over.
    fn assert_tidy(&self) {
        let report = doctor::check(&self.open(), &mut |_, _| {}).unwrap();
        assert!(!report.has_problems(), "{report:?}");
        let leftover = report.findings.iter().find(|f| f.message.contains("leftover"));
        assert!(leftover.is_none(), "{leftover:?}");
    }
}

/// What `tresor` says when another process holds the lock for too long: not saved, try again.
const BUSY: i32 = 7;

/// The exit code; `None` when it was killed.
fn exit_code(child: Child) -> Option<i32> {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = match output.status.code() {
        // Windows ends who is killed with that code; an error of tresor's would say what it is.
        Some(1) if cfg!(windows) && stderr.is_empty() => None,
        code => code,
    };
    assert!(matches!(code, None | Some(0 | BUSY)), "{code:?}: {stderr}");
    code
}

fn succeeded(child: Child) -> bool {
    exit_code(child) == Some(0)
}

#[test]
fn no_acknowledged_write_is_lost_by_kill_9() {
    let home = Home::new();
    let began = Instant::now();
    assert!(succeeded(home.set("global/k0", "first")));
    let mut whole = began.elapsed();
    // For each name the value last acknowledged, and those tried since.
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    expected.insert("global/k0".into(), vec!["first".into()]);
    let mut killed = 0;
    let kills = kills();
    for round in 0..kills {
        let (name, value) = (format!("global/k{}", round % 5), format!("value {round}"));
        let mut child = home.set(&name, &value);
        // Every moment of a run comes up: the fraction walks through it in uneven steps, and the
        // length of a run is learned, so that on any machine about half come to their end.
        std::thread::sleep(whole * (round * 37 % 120) / 100);
        child.kill().unwrap();
        let acknowledged = succeeded(child);
        killed += u32::from(!acknowledged);
        whole = whole * if acknowledged { 95 } else { 105 } / 100;
        let tried = expected.entry(name).or_insert_with(|| vec!["".into()]);
        if acknowledged {
            tried.clear();
        }
        tried.push(value);
        let vault = home.open();
        for (name, tried) in &expected {
            let now = home.read(&vault, name).unwrap_or_default();
            assert!(tried.contains(&now), "round {round}: {name} is {now:?}, not one of {tried:?}");
        }
    }
    assert!(killed > kills / 4, "only {killed} of {kills} were killed before they ended");
    assert!(killed < kills, "none came to its end");
    assert!(succeeded(home.set("global/k0", "last")));
    home.assert_tidy();
}

#[test]
fn eight_writers_at_once_all_arrive() {
    let home = Home::new();
    let rounds = 12;
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let home = &home;
            scope.spawn(move || {
                for round in 0..rounds {
                    let own = format!("skill:w{writer}/k{round}");
                    home.set_patiently(&own, &own);
                    home.set_patiently("global/shared", &format!("{writer} {round}"));
                }
            });
        }
    });
    let vault = home.open();
    for writer in 0..8 {
        for round in 0..rounds {
            let own = format!("skill:w{writer}/k{round}");
            assert_eq!(home.read(&vault, &own).as_deref(), Some(own.as_str()));
        }
    }
    let shared = "global/shared".parse().unwrap();
    let description = vault.view(Actor::Owner).describe(&shared).unwrap();
    assert_eq!(description.metadata.revision, 8 * rounds, "every write is one revision");
    let last = home.read(&vault, "global/shared").unwrap();
    assert!(last.ends_with(&format!(" {}", rounds - 1)), "the last write of some writer: {last}");
    home.assert_tidy();
}

/// How many writes each writer of the torture makes: 12, or 2,500 with TRESOR_LONG.
fn rounds() -> u32 {
    if std::env::var_os("TRESOR_LONG").is_some() { 2500 } else { 12 }
}

/// What one writer tried in the order in which it tried, and whether it was acknowledged.
type Tried = Vec<(String, String, bool)>;

/// Stops a process or lets it go on. It may have ended; then there is nobody to stop.
#[cfg(unix)]
fn signal(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let kill = Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status();
    kill.unwrap();
}

/// Windows stops no processes.
#[cfg(not(unix))]
fn signal(_signal: &str, _child: &Child) {}

/// One writer: its own name and the shared one in turn; every third process is killed, every fourth
/// stopped for a while and let go on.
fn torture(home: &Home, writer: u32) -> Tried {
    let mut tried = Tried::new();
    for round in 0..rounds() {
        let name = match round % 2 {
            0 => format!("skill:w{writer}/own"),
            _ => "global/shared".to_owned(),
        };
        let value = format!("{writer} {round}");
        let mut child = home.set(&name, &value);
        std::thread::sleep(Duration::from_millis(u64::from(round * 7 + writer * 3) % 40));
        if round % 4 == 1 {
            signal("-STOP", &child);
            std::thread::sleep(Duration::from_millis(60));
            signal("-CONT", &child);
        } else if round % 3 == 0 {
            child.kill().unwrap();
        }
        let acknowledged = succeeded(child);
        tried.push((name, value, acknowledged));
    }
    tried
}

#[test]
fn killed_and_stopped_writers_leave_some_serial_order() {
    let home = Home::new();
    let all: Vec<Tried> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6).map(|w| (w, &home)).collect();
        let start = |(w, home)| scope.spawn(move || torture(home, w));
        let running: Vec<_> = writers.into_iter().map(start).collect();
        running.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let acknowledged = all.iter().flatten().filter(|tried| tried.2).count();
    assert!(acknowledged > all.len(), "hardly any write came through: {acknowledged}");
    let vault = home.open();
    for (writer, tried) in all.iter().enumerate() {
        // Nobody else writes there: the last acknowledged value, or one tried after it.
        let own = format!("skill:w{writer}/own");
        let mut may = vec![None];
        for (name, value, acknowledged) in tried {
            if *name == own {
                if *acknowledged {
                    may.clear();
                }
                may.push(Some(value.clone()));
            }
        }
        let now = home.read(&vault, &own);
        assert!(may.contains(&now), "{own} is {now:?}, not one of {may:?}");
    }
    // The shared one: of each writer the revisions are in the order in which it wrote them.
    let shared = "global/shared".parse().unwrap();
    let view = vault.view(Actor::Owner);
    let description = view.describe(&shared).unwrap();
    let mut newest = BTreeMap::new();
    for kept in description.history.iter().rev() {
        let value = view.read_with(&shared, Some(kept.revision), None).unwrap().value;
        let value = value.with_str(str::to_owned).unwrap();
        let (writer, round) = value.split_once(' ').unwrap();
        let round: u32 = round.parse().unwrap();
        let before = newest.insert(writer.to_owned(), round);
        assert!(before.is_none_or(|before| before < round), "{value} after {before:?}");
    }
    let of_shared = all.iter().flatten().filter(|(name, ..)| name == "global/shared");
    let (saved, tried) = of_shared.fold((0, 0), |(s, t), (.., ok)| (s + u64::from(*ok), t + 1));
    assert!((saved..=tried).contains(&description.metadata.revision), "lost or invented");
    // After the last kill nobody waits: the lock went with the process.
    // Only what another test is about to start may have it, until it is another program.
    let patience = Duration::from_secs(60);
    drop(home.place().storage().lock(LockMode::Exclusive, patience).unwrap());
    let began = Instant::now();
    assert!(succeeded(home.set("global/last", "last")));
    say(&format!("the write after the last kill took {:?}", began.elapsed()));
    home.assert_tidy();
}
