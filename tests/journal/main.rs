//! The access journal as people and daemons meet it: what is recorded, what is found when somebody
//! was at it, and that it never keeps anybody from reading.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod attacks;
#[path = "../private/mod.rs"]
mod private;
mod recorded;
mod trouble;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tresor::vault::doctor::Severity;
use tresor::vault::journal::{Entry, FindingKind, Verification};
use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, SecretRef,
    SensitiveBytes, Unlock, Vault,
};

const KEY: [u8; 32] = [7; 32];

/// A vault on disk, with a key file, for the library and the program alike.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let key = home.path().join("key");
        std::fs::write(&key, KEY).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
        Vault::create(&home.place(), &CreateOptions::new(slots)).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn log(&self) -> PathBuf {
        self.path().join("vault/journal/1.log")
    }

    fn place(&self) -> Place {
        Place::on_disk(&self.path().join("vault"), &self.path().join("state/tresor"))
    }

    fn open(&self) -> Vault {
        unlock(&self.place())
    }

    /// Starts the program.
    fn start(&self, arguments: &[&str], input: &str) -> Child {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tresor"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("TRESOR_VAULT_DIR", self.path().join("vault"))
            .env("TRESOR_KEY_FILE", self.path().join("key"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            // Where a program measured by tests/coverage.sh writes what it ran.
            .envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing breaks the pipe, and that is its right.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        child
    }

    /// Runs the program to its end.
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        self.start(arguments, input).wait_with_output().unwrap()
    }

    /// Runs the program, which has to succeed, and gives what it prints.
    fn ok(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn unlock(place: &Place) -> Vault {
    let key = SensitiveBytes::copy_of(&KEY);
    ClosedVault::open(place).unwrap().unlock(&Unlock::KeyFile(&key)).unwrap()
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn write(at: &str, value: &str) -> Change {
    let value = SensitiveBytes::copy_of(value.as_bytes());
    Change::Write { name: name(at), value, patch: MetadataPatch::default(), expect: Expect::Any }
}

/// Writes one secret as the owner.
fn put(vault: &Vault, at: &str, value: &str) {
    vault.view(Actor::Owner).apply(vec![write(at, value)], None).unwrap();
}

fn read(vault: &Vault, at: &str) -> String {
    let secret = vault.view(Actor::Owner).read(&name(at)).unwrap();
    secret.value.with_str(str::to_owned).unwrap()
}

/// All that the owner sees, oldest first, as `action name`.
fn told(vault: &Vault) -> Vec<String> {
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    entries.iter().rev().map(line).collect()
}

fn line(entry: &Entry) -> String {
    match &entry.name {
        Some(name) => format!("{} {name}", entry.action),
        None => entry.action.to_string(),
    }
}

fn problems(found: &Verification) -> Vec<FindingKind> {
    let all = found.findings.iter().filter(|one| one.severity() == Severity::Problem);
    all.map(|one| one.kind.clone()).collect()
}
