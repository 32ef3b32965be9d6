//! The vault as a program that uses the library sees it: stories over a real directory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use tresor::vault::{
    ClosedVault, Expect, MetadataPatch, NewSlot, Place, SecretRef, SensitiveBytes, Unlock, Vault,
    View, make_private_dirs,
};

const KEY: [u8; 32] = [7; 32];

mod doctor;
#[path = "../kept/mod.rs"]
mod kept;
mod places;
#[path = "../private/mod.rs"]
mod private;
mod records;
mod secrets;

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn vault_dir(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    fn place(&self) -> Place {
        kept::place(&self.vault_dir(), &self.dir.path().join("state"))
    }

    fn create(&self) -> Vault {
        let slot = NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY));
        Vault::create(&self.place(), &kept::options(vec![slot])).unwrap()
    }

    fn open(&self) -> tresor::vault::Result<Vault> {
        let key = SensitiveBytes::copy_of(&KEY);
        ClosedVault::open(&self.place())?.unlock(&Unlock::KeyFile(&key))
    }
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn value(bytes: impl AsRef<[u8]>) -> SensitiveBytes {
    SensitiveBytes::copy_of(bytes.as_ref())
}

fn set(view: &View, at: &str, bytes: impl AsRef<[u8]>) -> u64 {
    let receipt = view.write(&name(at), value(bytes), MetadataPatch::default(), Expect::Any);
    receipt.unwrap().outcomes[0].revision
}

fn read(view: &View, at: &str) -> Vec<u8> {
    view.read(&name(at)).unwrap().value.with(<[u8]>::to_vec)
}

/// Makes a directory that only its owner gets at.
fn make_private(dir: &Path) {
    assert!(!dir.exists());
    make_private_dirs(dir).unwrap();
}

/// The names of the files in one of the vault's directories.
fn files(home: &Home, dir: &str) -> Vec<String> {
    let entries = std::fs::read_dir(home.vault_dir().join(dir)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
