//! The real program under strace: at every system call that changes a file it is killed, or the call
//! fails; and without strace, where a write is cut short. The vault opens, is as before or as after, and
//! the next write leaves nothing over.
//!
//! Belongs to the real tier (`TRESOR_REAL=1`). Every call is tried with a kill and with one of the errors;
//! `TRESOR_LONG` tries all errors at every call, more places to cut a write at, and the operation that
//! derives keys from passphrases, which takes a second each time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod told;

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tresor::vault::{
    Actor, ClosedVault, CreateOptions, NewSlot, Place, SensitiveBytes, SlotId, Unlock, Vault,
    VaultError, doctor,
};

use told::{real, say};

const KEY: &[u8] = &[7; 32];
const OTHER: &[u8] = &[8; 32];
/// What lies beside the vault, for arguments in capitals.
const FILES: [(&str, &[u8]); 5] = [
    ("KEY", KEY),
    ("OTHER", OTHER),
    ("PHRASE", b"correct horse battery"),
    ("NEWER", b"staple battery horse"),
    ("DOTENV", b"FIRST=one\nSECOND=two\nA=three\n"),
];

/// The calls that make, change, name or lock a file. Opening is among them: it makes files too.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,renameat2,\
                     link,linkat,unlink,unlinkat,ftruncate,fchmod,fchmodat,mkdir,mkdirat,flock";
/// What opening takes less than, on any machine.
const SLOW: Duration = Duration::from_secs(1);
const ERRORS: [&str; 7] = ["EIO", "ENOSPC", "EDQUOT", "EINTR", "EMFILE", "EACCES", "EROFS"];

/// Each operation by name, with its arguments. `SLOT` stands for the id of the second slot, words in capitals
/// for files.
const OPERATIONS: [(&str, &[&str]); 15] = [
    ("init", &["init", "--key-file", "KEY"]),
    ("set new", &["set", "global/new", "--value-stdin"]),
    ("set over", &["set", "global/a", "--value-stdin"]),
    ("meta", &["meta", "global/a", "--note", "a note"]),
    ("import", &["import", "dotenv", "DOTENV", "--scope", "skill:x", "--yes"]),
    ("move", &["move", "global/a", "skill:x/a"]),
    ("delete", &["delete", "global/b"]),
    ("restore", &["restore", "global/gone"]),
    ("restore --revision", &["restore", "global/a", "--revision", "1"]),
    ("purge", &["purge", "--all", "--yes"]),
    ("keys add", &["keys", "add", "key-file", "OTHER"]),
    ("keys remove", &["keys", "remove", "SLOT", "--yes"]),
    ("passwd", &["passwd", "--passphrase-file", "PHRASE", "--new-passphrase-file", "NEWER"]),
    ("keys rotate", &["keys", "rotate", "--yes", "--keep-key-file", "KEY"]),
    ("doctor --fix", &["doctor", "--fix", "--yes"]),
];

/// Whether the long form runs.
fn long() -> bool {
    std::env::var_os("TRESOR_LONG").is_some()
}

/// The operations that run: deriving keys from passphrases is for the long form.
fn operations() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    OPERATIONS.into_iter().filter(|(what, _)| *what != "passwd" || long())
}

/// A home that is put back before each run, at the same path: the record of the vault names it.
struct Home {
    dir: tempfile::TempDir,
    /// The ids of the slots that it began with.
    slots: Vec<String>,
}

impl Home {
    /// What `what` begins with: a vault that has history, trash and two slots, none for `init`, and one
    /// with a passphrase for another passphrase.
    fn for_operation(what: &str) -> Self {
        let mut home = Self { dir: tempfile::tempdir().unwrap(), slots: Vec::new() };
        std::fs::create_dir(home.dir.path().join("run")).unwrap();
        for (file, bytes) in FILES {
            std::fs::write(home.path(file), bytes).unwrap();
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(home.path(file), private).unwrap();
        }
        if what != "init" {
            let slots = [KEY, OTHER].map(|key| NewSlot::KeyFile(SensitiveBytes::copy_of(key)));
            let vault = Vault::create(&home.place(), &CreateOptions::new(slots.into())).unwrap();
            if what == "passwd" {
                home.succeeds(&["keys", "add", "passphrase", "--new-passphrase-file", "PHRASE"]);
            }
            let slots = vault.slots().unwrap();
            home.slots = slots.iter().map(|slot| slot.id.unwrap().to_string()).collect();
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

    /// The bytes of the longest file that is there.
    fn longest_file(&self) -> usize {
        let mut directories = vec![self.path("vault"), self.path("state")];
        let mut longest = 0;
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                match entry.metadata().unwrap() {
                    metadata if metadata.is_dir() => directories.push(entry.path()),
                    metadata => longest = longest.max(metadata.len()),
                }
            }
        }
        longest.try_into().unwrap()
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

    /// Runs the program by the words of `under`: by itself if there are none.
    fn run(&self, arguments: &[&str], under: &[String]) -> Output {
        let program = [env!("CARGO_BIN_EXE_tresor").to_owned()];
        let words = [under, &program].concat();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        for argument in arguments {
            match *argument {
                "SLOT" => command.arg(&self.slots[1]),
                file if FILES.iter().any(|(name, _)| *name == file) => command.arg(self.path(file)),
                argument => command.arg(argument),
            };
        }
        let mut child = command
            .env("TRESOR_VAULT_DIR", self.path("vault"))
            .env("TRESOR_KEY_FILE", self.path("KEY"))
            .env("TRESOR_PASSPHRASE_COST", "least")
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

    /// The words that run a program under strace with these options.
    fn strace(&self, options: &[&str]) -> Vec<String> {
        let trace = self.trace().display().to_string();
        let words =
            ["strace", "-f", "-qq", "-o", &trace].into_iter().chain(options.iter().copied());
        words.map(str::to_owned).collect()
    }

    /// Where strace writes what it saw.
    fn trace(&self) -> PathBuf {
        self.dir.path().join("trace")
    }

    fn succeeds(&self, arguments: &[&str]) {
        let output = self.run(arguments, &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
    }

    fn open(&self) -> Result<Vault, VaultError> {
        let key = SensitiveBytes::copy_of(KEY);
        ClosedVault::open(&self.place())?.unlock(&Unlock::KeyFile(&key))
    }

    /// All that counts: values and notes of every revision, trash, which slots, and the epoch.
    fn state(&self) -> Result<Vec<String>, VaultError> {
        let vault = self.open()?;
        let view = vault.view(Actor::Owner);
        let root = std::fs::read_to_string(self.path("vault/root.json")).unwrap();
        let epoch = root.split("\"epoch\":").nth(1).and_then(|rest| rest.split(',').next());
        let slots = vault.slots()?.iter().map(|slot| self.known(slot.id)).collect::<Vec<_>>();
        let mut all = vec![format!("slots {slots:?}, epoch {epoch:?}")];
        for secret in view.list()?.secrets {
            let description = view.describe(&secret.name)?;
            all.push(format!("{} noted {:?}", secret.name, description.metadata.note));
            for kept in description.history {
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

    /// The number of a slot that it began with; a new one has a random id, and no number.
    fn known(&self, slot: Option<SlotId>) -> Option<usize> {
        let id = slot?.to_string();
        self.slots.iter().position(|known| *known == id)
    }

    /// How often each call is made by a whole run.
    fn counted(&self, arguments: &[&str]) -> BTreeMap<String, usize> {
        self.put_back();
        let output = self.run(arguments, &self.strace(&["-e", &format!("trace={CALLS}")]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let trace = std::fs::read_to_string(self.trace()).unwrap();
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
    /// The longest that opening took, chance left out.
    slowest: Duration,
}

impl<'a> Tried<'a> {
    /// What is before it and after a run in which nothing fails.
    fn new(home: &'a Home, what: &'a str, arguments: &'a [&'a str]) -> Self {
        home.put_back();
        let before = home.state().ok();
        home.succeeds(arguments);
        let after = home.state().unwrap();
        Self { home, what, arguments, before, after, slowest: Duration::ZERO }
    }

    /// Runs it with one injection and looks at what is left.
    fn survives(&mut self, call: &str, number: usize, fault: &str) {
        let inject = format!("inject={call}:{fault}:when={number}");
        let strace = self.home.strace(&["-e", &format!("trace={call}"), "-e", &inject]);
        let killed = fault.starts_with("signal");
        // Where writing fails there may be nothing to read; everywhere else it says what failed.
        self.is_before_or_after(
            &strace,
            killed,
            call == "write",
            &format!("{fault} at {call} {number}"),
        );
    }

    /// Runs it with files of at most `bytes`, which cuts the write that would go beyond, and looks at
    /// what is left; whether that made it fail.
    fn survives_cut_at(&mut self, bytes: usize) -> bool {
        let under = ["prlimit".to_owned(), format!("--fsize={bytes}:{bytes}")];
        self.is_before_or_after(&under, false, false, &format!("cut at {bytes}")) != Some(0)
    }

    /// Runs it under that on what was there before.
    fn run_anew(&self, under: &[String]) -> Output {
        self.home.put_back();
        self.home.run(self.arguments, under)
    }

    /// Runs it under that and looks at what is left; gives its exit code.
    fn is_before_or_after(
        &mut self,
        under: &[String],
        killed: bool,
        mute: bool,
        fault: &str,
    ) -> Option<i32> {
        let at = format!("{}: {fault}", self.what);
        let mut output = self.run_anew(under);
        // A rotation draws anew which names share a page: of a hundred one has a page less than the run
        // whose calls were counted, and ends before the last of them.
        for _ in 0..5 {
            if killed && self.what == "keys rotate" && output.status.success() {
                output = self.run_anew(under);
            }
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        if killed {
            assert_eq!(output.status.signal(), Some(9), "{at}: not killed: {told}");
        } else {
            assert!(matches!(code, Some(0..=9)), "{at}: {code:?}: {told}");
            let said = told.contains("tresor: ") || !output.stdout.is_empty() || mute;
            assert!(code == Some(0) || said, "{at}: {code:?} without a word: {told}");
        }
        let began = Instant::now();
        let now = match (self.home.state(), &self.before) {
            (Ok(now), _) => Some(now),
            (Err(_), None) => None,
            (Err(error), Some(_)) => panic!("{at}: it does not open: {error}"),
        };
        let took = began.elapsed();
        assert!(now == self.before || now.as_ref() == Some(&self.after), "{at}: between: {now:?}");
        if code == Some(0) {
            assert_eq!(now.as_ref(), Some(&self.after), "{at}: acknowledged and lost: {told}");
        } else if code.is_some() && !mute && !told.contains("may or may not") {
            // A failure that names no doubt means that nothing has changed.
            assert_eq!(now, self.before, "{at}: refused and yet done: {told}");
        }
        self.goes_on(now.is_none(), &at);
        self.slowest = self.slowest.max(self.least(took, under));
        code
    }

    /// What opening takes after that, of which one time is known. One that is long may be so by chance, and
    /// is measured twice more; what is left then is made anew, as whoever opens it may mend it.
    fn least(&self, known: Duration, under: &[String]) -> Duration {
        let again = || {
            self.run_anew(under);
            let began = Instant::now();
            let _ = self.home.state();
            began.elapsed()
        };
        (0..2).fold(known, |least, _| if least < SLOW { least } else { least.min(again()) })
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
    for (what, arguments) in operations() {
        let home = Home::for_operation(what);
        let counts = home.counted(arguments);
        assert!(counts.values().sum::<usize>() > 10, "{what}: only {counts:?}");
        let mut operation = Tried::new(&home, what, arguments);
        for (call, count) in &counts {
            for number in 1..=*count {
                for fault in faults(tried) {
                    operation.survives(call, number, &fault);
                    tried += 1;
                }
            }
        }
        assert!(operation.slowest < SLOW, "{what} opens slowly");
    }
    tried
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
    let fault = |error: &str| format!("error={error}");
    let failed = at_every_call(|number| match long() {
        true => ERRORS.iter().map(|error| fault(error)).collect(),
        false => vec![fault(ERRORS[number % ERRORS.len()])],
    });
    say(&format!("{failed} failed system calls"));
    assert!(failed > 300, "only {failed}");
}

#[test]
fn a_write_that_is_cut_short_leaves_before_or_after() {
    if !real("a_write_that_is_cut_short_leaves_before_or_after") {
        return;
    }
    let mut refused = 0;
    for (what, arguments) in operations() {
        let home = Home::for_operation(what);
        let mut operation = Tried::new(&home, what, arguments);
        let (longest, step) = (home.longest_file(), if long() { 17 } else { 97 });
        for bytes in (0..=longest).step_by(step) {
            refused += usize::from(operation.survives_cut_at(bytes));
        }
    }
    say(&format!("{refused} runs failed at a write that was cut short"));
    assert!(refused > 100, "only {refused}");
}
