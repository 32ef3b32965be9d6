//! Headers made by hand, checksum and all. One that demands a costly key derivation is refused before
//! anything is allocated: the program runs with an address space of 50 MiB, and the same limit stops an
//! honest derivation. One with other slots or limits opens for nobody.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod told;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tresor::vault::{
    ClosedVault, CreateOptions, NewSlot, Place, SensitiveBytes, Unlock, Vault, VaultError,
};

use told::say;

/// Address space of the program, in KiB: what it has in memory cannot be more.
const LIMIT: &str = "51200";

/// Demands another cost of the only slot.
fn demand(dir: &Path, memory_kib: u64, iterations: u64) {
    alter(dir, &|header| {
        header["slots"][0]["parameters"]["memory_kib"] = json!(memory_kib);
        header["slots"][0]["parameters"]["iterations"] = json!(iterations);
    });
}

/// Alters the header as who knows the format can, with a checksum that is right again.
fn alter(dir: &Path, change: &dyn Fn(&mut Value)) {
    let file = dir.join("vault/root.json");
    let mut root: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let header = &mut root["header"];
    change(header);
    header["checksum"] = json!("0".repeat(64));
    let sum = Sha256::digest(format!("{header}\n"));
    header["checksum"] = json!(sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    std::fs::write(&file, format!("{root}\n")).unwrap();
    // The record of the state before would refuse it first.
    let _ = std::fs::remove_dir_all(dir.join("state"));
}

/// Lists the vault with a limited address space.
fn list(dir: &Path) -> Output {
    Command::new("sh")
        .args(["-c", "ulimit -v \"$1\" && exec \"$2\" list", "sh", LIMIT])
        .arg(env!("CARGO_BIN_EXE_tresor"))
        .env("TRESOR_VAULT_DIR", dir.join("vault"))
        .env("TRESOR_PASSPHRASE_FILE", dir.join("words"))
        .env("XDG_STATE_HOME", dir.join("state"))
        .env("XDG_CONFIG_HOME", dir.join("config"))
        .env_remove("TRESOR_KEY_FILE")
        .output()
        .unwrap()
}

#[test]
fn a_header_that_demands_4_gib_is_refused_at_once_and_in_little_memory() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    std::fs::write(dir.join("words"), "correct horse").unwrap();
    std::fs::set_permissions(dir.join("words"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let slot = NewSlot::Passphrase(SensitiveBytes::copy_of(b"correct horse"));
    let place = Place::on_disk(&dir.join("vault"), &dir.join("elsewhere"));
    Vault::create(&place, &CreateOptions::new(vec![slot])).unwrap();

    // The limit bites: what an honest slot needs is more, and that is no damage.
    let honest = list(dir);
    assert!(!matches!(honest.status.code(), Some(0 | 9)), "the limit does not bite: {honest:?}");

    let most = u64::from(u32::MAX);
    for (memory, iterations) in [(4 << 20, 3), (most, 3), (4 << 20, 2), (64 << 10, most)] {
        demand(dir, memory, iterations);
        let began = Instant::now();
        let output = list(dir);
        let took = began.elapsed();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(9), "{memory} KiB, {iterations} passes: {told}");
        assert!(told.contains("outside the accepted cost"), "{told}");
        // Some 10 ms; the derivation itself would take over ten seconds.
        assert!(took < Duration::from_secs(8), "refused only after {took:?}");
        say(&format!("a demand of {memory} KiB, {iterations} times, was refused after {took:?}"));
    }
}

#[test]
fn guessing_costs_at_least_what_rfc_9106_recommends() {
    let home = tempfile::tempdir().unwrap();
    let slot = NewSlot::Passphrase(SensitiveBytes::copy_of(b"correct horse"));
    let place = Place::on_disk(&home.path().join("vault"), &home.path().join("state"));
    Vault::create(&place, &CreateOptions::new(vec![slot])).unwrap();
    let root = std::fs::read(home.path().join("vault/root.json")).unwrap();
    let root: Value = serde_json::from_slice(&root).unwrap();
    let demanded = |what: &str| root["header"]["slots"][0]["parameters"][what].as_u64().unwrap();
    // Section 4, the second recommended option: 64 MiB, three passes, four lanes.
    assert!(demanded("memory_kib") >= 64 * 1024 && demanded("iterations") >= 3);
    assert_eq!(demanded("parallelism"), 4);
}

/// Opens the vault with its key file.
fn unlock(dir: &Path) -> Result<Vault, VaultError> {
    let place = Place::on_disk(&dir.join("vault"), &dir.join("elsewhere"));
    ClosedVault::open(&place)?.unlock(&Unlock::KeyFile(&SensitiveBytes::copy_of(&[7; 32])))
}

/// What is altered in a header, and why it is refused.
type Forgery = (&'static str, fn(&mut Value), &'static str);

#[test]
fn a_header_made_by_hand_opens_for_nobody() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    let place = Place::on_disk(&dir.join("vault"), &dir.join("elsewhere"));
    let slot = NewSlot::KeyFile(SensitiveBytes::copy_of(&[7; 32]));
    Vault::create(&place, &CreateOptions::new(vec![slot])).unwrap();
    std::fs::remove_dir_all(dir.join("elsewhere")).unwrap();
    let root = dir.join("vault/root.json");
    let whole = std::fs::read(&root).unwrap();
    let sealed = "its seal does not open";
    let forgeries: [Forgery; 8] = [
        ("a slot once more", |header| double(header, 2), sealed),
        (
            "more slots than there can be",
            |header| double(header, 9),
            "it has more than eight slots",
        ),
        ("a slot of a kind to come", |header| add(header, json!({"kind": "retina"})), sealed),
        (
            "a slot that claims to guard what it cannot",
            |header| {
                let slot = &mut header["slots"][0];
                slot["protection_key"] = slot["vault_key"].clone();
            },
            "it is not what tresor writes",
        ),
        (
            "another key in the slot",
            |header| {
                let sealed = header["slots"][0]["vault_key"]["ciphertext"].as_str().unwrap();
                let first = if sealed.starts_with('A') { "B" } else { "A" };
                let other = sealed.replacen(|_| true, first, 1);
                header["slots"][0]["vault_key"]["ciphertext"] = json!(other);
            },
            "a slot was altered",
        ),
        ("room for no value", |header| limit(header, 0), "its limits are out of range"),
        ("room for any value", |header| limit(header, 1 << 30), "its limits are out of range"),
        ("a little more room", |header| limit(header, 65_537), sealed),
    ];
    for (what, change, expected) in forgeries {
        alter(dir, &change);
        let refused = unlock(dir).map(drop);
        let Err(VaultError::Damaged { why, .. }) = refused else { panic!("{what}: {refused:?}") };
        assert_eq!(why, expected, "{what}");
        std::fs::write(&root, &whole).unwrap();
    }
    alter(dir, &|_| {});
    unlock(dir).unwrap();
}

fn add(header: &mut Value, slot: Value) {
    header["slots"].as_array_mut().unwrap().push(slot);
}

/// Makes `slots` slots of the one there is.
fn double(header: &mut Value, slots: usize) {
    let first = header["slots"][0].clone();
    (1..slots).for_each(|_| add(header, first.clone()));
}

fn limit(header: &mut Value, max_value: u64) {
    header["limits"]["max_value"] = json!(max_value);
}
