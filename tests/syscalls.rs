//! The real program under strace: at every system call that changes a file it is killed, or the call
//! fails. The vault opens, is as before or as after, and the next write leaves nothing over.
//!
//! Belongs to the real tier (`TRESOR_REAL=1`). Every call is tried with a kill and with one of the errors;
//! `TRESOR_LONG` tries all errors at every call.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tresor::vault::{
    Actor, ClosedVault, CreateOptions, NewSlot, Place, SensitiveBytes, Unlock, Vault, VaultError,
    doctor,
};

const KEY: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

/// The calls that make, change, name or lock a file. Opening is among them: it makes files too.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,renameat2,\
                     link,linkat,unlink,unlinkat,ftruncate,fchmod,fchmodat,mkdir,mkdirat,flock";
const ERRORS: [&str; 7] = ["EIO", "ENOSPC", "EDQUOT", "EINTR", "EMFILE", "EACCES", "EROFS"];

/// Each operation by name, with its arguments. `SLOT` stands for the id of the second slot.
const OPERATIONS: [(&str, &[&str]); 11] = [
    ("init", &["init", "--key-file", "KEY"]),
    ("set new", &["set", "global/new", "--value-stdin"]),
    ("set over", &["set", "global/a", "--value-stdin"]),
    ("move", &["move", "global/a", "skill:x/a"]),
    ("delete", &["delete", "global/b"]),
    ("restore", &["restore", "global/gone"]),
    ("purge", &["purge", "--all", "--yes"]),
    ("keys add", &["keys", "add", "key-file", "OTHER"]),
    ("keys remove", &["keys", "remove", "SLOT", "--yes"]),
    ("keys rotate", &["keys", "rotate", "--yes", "--keep-key-file", "KEY"]),
    ("doctor --fix", &["doctor", "--fix", "--yes"]),
];

/// Whether the real tier runs; says so plainly when it does not.
fn real(test: &str) -> bool {
    let real = std::env::var_os("TRESOR_REAL").is_some_and(|value| value == "1");
    if !real {
        let line = format!("{test} belongs to the real tier: set TRESOR_REAL=1 to run it\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    real
}

/// A home that is put back before each run, at the same path: the record of the vault names it.
struct Home {
    dir: tempfile::TempDir,
    slot: String,
}

impl Home {
    /// A home with a vault that has history, trash and two slots; without one for `init`.
    fn new(with_vault: bool) -> Self {
        let mut home = Self { dir: tempfile::tempdir().unwrap(), slot: String::new() };
        std::fs::create_dir(home.dir.path().join("run")).unwrap();
        for (file, bytes) in [("key", KEY), ("other", OTHER)] {
            std::fs::write(home.path(file), bytes).unwrap();
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(home.path(file), private).unwrap();
        }
        if with_vault {
            let slots = [KEY, OTHER].map(|key| NewSlot::KeyFile(SensitiveBytes::copy_of(&key)));
            let vault = Vault::create(&home.place(), &CreateOptions::new(slots.into())).unwrap();
            home.slot = vault.slots().unwrap()[1].id.unwrap().to_string();
            for name in ["global/a", "global/a", "global/b", "global/gone"] {
                home.succeeds(&["set", name, "--value-stdin"]);
            }
            home.succeeds(&["delete", "global/gone"]);
        }
        let copied = home.copy("run", "kept");
        assert!(copied);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("run").join(name)
    }

    fn place(&self) -> Place {
        Place::on_disk(&self.path("vault"), &self.path("state/tresor"))
    }

    fn copy(&self, from: &str, to: &str) -> bool {
        let (from, to) = (self.dir.path().join(from), self.dir.path().join(to));
        Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success()
    }

    /// Puts back what was there before the run.
    fn put_back(&self) {
        std::fs::remove_dir_all(self.dir.path().join("run")).unwrap();
        assert!(self.copy("kept", "run"));
    }

    /// Runs the program, under strace with `inject` if there is one.
    fn run(&self, arguments: &[&str], inject: Option<&[String]>) -> Output {
        let program = env!("CARGO_BIN_EXE_tresor");
        let mut command = match inject {
            None => Command::new(program),
            Some(options) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o"]).arg(self.dir.path().join("trace"));
                strace.args(options).arg(program);
                strace
            }
        };
        let (key, other) = (self.path("key"), self.path("other"));
        for argument in arguments {
            match *argument {
                "KEY" => command.arg(&key),
                "OTHER" => command.arg(&other),
                "SLOT" => command.arg(&self.slot),
                argument => command.arg(argument),
            };
        }
        let mut child = command
            .env("TRESOR_VAULT_DIR", self.path("vault"))
            .env("TRESOR_KEY_FILE", &key)
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that ended before it read leaves a closed pipe.
        let _ = child.stdin.take().unwrap().write_all(b"a value");
        child.wait_with_output().unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) {
        let output = self.run(arguments, None);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
    }

    fn open(&self) -> Result<Vault, VaultError> {
        let key = SensitiveBytes::copy_of(&KEY);
        ClosedVault::open(&self.place())?.unlock(&Unlock::KeyFile(&key))
    }

    /// All that counts: values of every revision, trash, how many slots, and the epoch.
    fn state(&self) -> Result<Vec<String>, VaultError> {
        let vault = self.open()?;
        let view = vault.view(Actor::Owner);
        let root = std::fs::read_to_string(self.path("vault/root.json")).unwrap();
        let epoch = root.split("\"epoch\":").nth(1).and_then(|rest| rest.split(',').next());
        let mut all = vec![format!("{} slots, epoch {epoch:?}", vault.slots()?.len())];
        for secret in view.list()?.secrets {
            for kept in view.describe(&secret.name)?.history {
                let value = view.read_with(&secret.name, Some(kept.revision), None)?.value;
                all.push(format!(
                    "{} {} {:?}",
                    secret.name,
                    kept.revision,
                    value.with(<[u8]>::to_vec)
                ));
            }
        }
        all.extend(view.trash()?.into_iter().map(|gone| format!("trash {}", gone.summary.name)));
        Ok(all)
    }

    /// How often each call is made by a whole run.
    fn counted(&self, arguments: &[&str]) -> BTreeMap<String, usize> {
        self.put_back();
        let output = self.run(arguments, Some(&["-e".into(), format!("trace={CALLS}")]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let trace = std::fs::read_to_string(self.dir.path().join("trace")).unwrap();
        let mut counts = BTreeMap::new();
        for line in trace.lines() {
            let call = line.split_whitespace().nth(1).and_then(|rest| rest.split_once('('));
            if let Some((name, _)) = call {
                *counts.entry(name.to_owned()).or_insert(0) += 1;
            }
        }
        counts
    }
}

/// One operation with what was before and what is after.
struct Tried<'a> {
    home: &'a Home,
    what: &'a str,
    arguments: &'a [&'a str],
    before: Option<Vec<String>>,
    after: Vec<String>,
    /// The longest that opening took.
    slowest: Duration,
}

impl Tried<'_> {
    /// Runs it with one injection and looks at what is left.
    fn survives(&mut self, call: &str, number: usize, fault: &str) {
        let at = format!("{}: {fault} at {call} {number}", self.what);
        self.home.put_back();
        let inject = format!("inject={call}:{fault}:when={number}");
        let options = ["-e".into(), format!("trace={call}"), "-e".into(), inject];
        let output = self.home.run(self.arguments, Some(&options));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        if fault.starts_with("signal") {
            assert_eq!(output.status.signal(), Some(9), "{at}: not killed: {told}");
        } else {
            assert!(matches!(code, Some(0..=9)), "{at}: {code:?}: {told}");
            // Where writing fails there may be nothing to read; everywhere else it says what failed.
            let said = told.contains("tresor: ") || !output.stdout.is_empty() || call == "write";
            assert!(code == Some(0) || said, "{at}: {code:?} without a word: {told}");
        }
        let began = Instant::now();
        let now = match (self.home.state(), &self.before) {
            (Ok(now), _) => Some(now),
            (Err(_), None) => None,
            (Err(error), Some(_)) => panic!("{at}: it does not open: {error}"),
        };
        self.slowest = self.slowest.max(began.elapsed());
        assert!(now == self.before || now.as_ref() == Some(&self.after), "{at}: between: {now:?}");
        if code == Some(0) {
            assert_eq!(now.as_ref(), Some(&self.after), "{at}: acknowledged and lost: {told}");
        } else if code.is_some() && call != "write" && !told.contains("may or may not") {
            // A failure that names no doubt means that nothing has changed.
            assert_eq!(now, self.before, "{at}: refused and yet done: {told}");
        }
        self.goes_on(now.is_none(), &at);
    }

    /// The next write succeeds, and after it nothing is left over.
    fn goes_on(&self, make: bool, at: &str) {
        if make {
            self.home.succeeds(&["init", "--key-file", "KEY"]);
        }
        self.home.succeeds(&["set", "global/next", "--value-stdin"]);
        let report = doctor::check(&self.home.open().unwrap(), &mut |_, _| {}).unwrap();
        assert!(!report.has_problems(), "{at}: {report:?}");
        let left = report.findings.iter().find(|finding| finding.fixable);
        assert!(left.is_none(), "{at}: {left:?}");
    }
}

/// Runs `fault` at every call of every operation; `faults` picks them by the number of the call.
fn at_every_call(faults: impl Fn(usize) -> Vec<String>) -> usize {
    let mut tried = 0;
    for (what, arguments) in OPERATIONS {
        let home = Home::new(what != "init");
        let before = home.state().ok();
        let counts = home.counted(arguments);
        let after = home.state().unwrap();
        assert!(counts.values().sum::<usize>() > 10, "{what}: only {counts:?}");
        let slowest = Duration::ZERO;
        let mut operation = Tried { home: &home, what, arguments, before, after, slowest };
        for (call, count) in &counts {
            for number in 1..=*count {
                for fault in faults(tried) {
                    operation.survives(call, number, &fault);
                    tried += 1;
                }
            }
        }
        assert!(operation.slowest < Duration::from_secs(1), "{what} opens slowly");
    }
    tried
}

/// Says a figure past the test harness.
fn say(figure: &str) {
    std::io::stderr().write_all(format!("{figure}\n").as_bytes()).unwrap();
}

#[test]
fn killed_at_every_call_nothing_acknowledged_is_lost() {
    if !real("killed_at_every_call_nothing_acknowledged_is_lost") {
        return;
    }
    let kills = at_every_call(|_| vec!["signal=SIGKILL".into()]);
    say(&format!("{kills} kills at system calls"));
    assert!(kills > 300, "only {kills}");
}

#[test]
fn every_call_that_fails_leaves_before_or_after() {
    if !real("every_call_that_fails_leaves_before_or_after") {
        return;
    }
    let all = std::env::var_os("TRESOR_LONG").is_some();
    let fault = |error: &str| format!("error={error}");
    let failed = at_every_call(|number| match all {
        true => ERRORS.iter().map(|error| fault(error)).collect(),
        false => vec![fault(ERRORS[number % ERRORS.len()])],
    });
    say(&format!("{failed} failed system calls"));
    assert!(failed > 300, "only {failed}");
}
