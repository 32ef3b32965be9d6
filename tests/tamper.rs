//! Whoever can write to the disk: bits are flipped, files cut, swapped, put back and replaced.
//! Every change is found or harmless; no wrong plaintext ever comes out.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod private;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Result,
    SecretRef, SensitiveBytes, Unlock, Vault, VaultError,
};

use private::write_private;
use told::say;

const KEY: [u8; 32] = [7; 32];

fn place(dir: &Path) -> Place {
    Place::on_disk(&dir.join("vault"), &dir.join("state"))
}

fn create(dir: &Path, secrets: usize) -> Vault {
    let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
    let vault = Vault::create(&place(dir), &CreateOptions::new(slots)).unwrap();
    let write = |n| {
        let name: SecretRef = format!("project:p:dev/key{n}").parse().unwrap();
        let value = SensitiveBytes::from_string(format!("value {n}"));
        Change::Write { name, value, patch: MetadataPatch::default(), expect: Expect::Absent }
    };
    vault.view(Actor::Owner).apply((0..secrets).map(write).collect(), None).unwrap();
    vault
}

/// Everything that can be read, or the first error.
fn read_all(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let key = SensitiveBytes::copy_of(&KEY);
    let vault = ClosedVault::open(&place(dir))?.unlock(&Unlock::KeyFile(&key))?;
    let view = vault.view(Actor::Owner);
    let read =
        |name: &SecretRef| Ok((name.to_string(), view.read(name)?.value.with(<[u8]>::to_vec)));
    view.list()?.secrets.iter().map(|secret| read(&secret.name)).collect()
}

/// All files of the vault, relative.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// Which bits to alter, as byte and mask: one in a sample of every file's bytes, all with TRESOR_LONG.
fn bits(length: usize) -> Vec<(usize, u8)> {
    let step = if length > 3000 { 211 } else { 23 };
    match std::env::var_os("TRESOR_LONG") {
        Some(_) => (0..length).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))).collect(),
        None => (0..length).step_by(step).map(|at| (at, 1 << (at % 8))).collect(),
    }
}

#[test]
fn an_altered_bit_in_any_file_is_found_or_harmless() {
    let home = tempfile::tempdir().unwrap();
    create(home.path(), 20);
    let right = read_all(home.path()).unwrap();
    let mut found = BTreeMap::new();
    // Read before any is tried: each read that is tried adds to the journal.
    let with_bytes = |file: PathBuf| (std::fs::read(&file).unwrap(), file);
    let originals = files(&home.path().join("vault")).into_iter().map(with_bytes);
    for (original, file) in originals.collect::<Vec<_>>() {
        let name = file.strip_prefix(home.path().join("vault")).unwrap().to_owned();
        for (at, mask) in bits(original.len()) {
            let mut altered = original.clone();
            altered[at] ^= mask;
            std::fs::write(&file, &altered).unwrap();
            match read_all(home.path()) {
                Ok(read) => assert_eq!(read, right, "{} byte {at}, {mask}", name.display()),
                Err(_) => *found.entry(name.clone()).or_insert(0) += 1,
            }
        }
        std::fs::write(&file, &original).unwrap();
        // No read depends on these; what is found of the journal, tests/journal.rs shows.
        let harmless = ["backend.kind", "lock", "root.prev.json", "journal/1.log"].map(Path::new);
        if !harmless.contains(&name.as_path()) {
            let tried = bits(original.len()).len();
            assert_eq!(found.get(&name), Some(&tried), "{}", name.display());
        }
    }
    assert!(found.len() > 20, "root, pages and envelopes were all tried");
    say(&format!("{} altered bits found", found.values().sum::<usize>()));
    assert_eq!(read_all(home.path()).unwrap(), right);
}

#[test]
fn cut_extended_emptied_and_missing_files_are_found() {
    let home = tempfile::tempdir().unwrap();
    create(home.path(), 5);
    for file in files(&home.path().join("vault")) {
        let dir = file.parent().unwrap().file_name().unwrap();
        let counts = dir == "index" || dir == "objects" || file.ends_with("root.json");
        let original = std::fs::read(&file).unwrap();
        if !counts {
            continue;
        }
        let half = original[..original.len() / 2].to_vec();
        let longer = [original.as_slice(), b"\n"].concat();
        for altered in [half, longer, Vec::new()] {
            std::fs::write(&file, altered).unwrap();
            let error = read_all(home.path()).unwrap_err();
            assert!(matches!(error, VaultError::Damaged { .. }), "{}: {error}", file.display());
        }
        std::fs::remove_file(&file).unwrap();
        let error = read_all(home.path()).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{}: {error}", file.display());
        write_private(&file, &original);
    }
}

#[test]
fn envelopes_and_pages_do_not_open_in_anothers_place() {
    let home = tempfile::tempdir().unwrap();
    create(home.path(), 4);
    for dir in ["objects", "index"] {
        let files = files(&home.path().join("vault").join(dir));
        for (one, two) in files.iter().zip(files.iter().skip(1)) {
            let (first, second) = (std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
            std::fs::write(one, &second).unwrap();
            std::fs::write(two, &first).unwrap();
            assert!(matches!(read_all(home.path()), Err(VaultError::Damaged { .. })));
            std::fs::write(one, &first).unwrap();
            std::fs::write(two, &second).unwrap();
        }
    }
    assert_eq!(read_all(home.path()).unwrap().len(), 4);
}

#[test]
fn an_old_envelope_put_back_is_found() {
    let home = tempfile::tempdir().unwrap();
    let vault = create(home.path(), 1);
    let object = files(&home.path().join("vault/objects")).remove(0);
    let old = std::fs::read(&object).unwrap();
    let name: SecretRef = "project:p:dev/key0".parse().unwrap();
    let value = SensitiveBytes::copy_of(b"new");
    let view = vault.view(Actor::Owner);
    view.write(&name, value, MetadataPatch::default(), Expect::Any).unwrap();
    let new = files(&home.path().join("vault/objects")).into_iter().find(|f| *f != object).unwrap();
    std::fs::write(&new, old).unwrap();
    assert!(matches!(view.read(&name), Err(VaultError::Damaged { .. })));
}

#[test]
fn an_old_page_put_back_is_found() {
    let home = tempfile::tempdir().unwrap();
    let vault = create(home.path(), 1);
    let index = home.path().join("vault/index");
    let old = std::fs::read(files(&index).remove(0)).unwrap();
    let name: SecretRef = "project:p:dev/key0".parse().unwrap();
    let view = vault.view(Actor::Owner);
    let newer = SensitiveBytes::copy_of(b"new");
    view.write(&name, newer, MetadataPatch::default(), Expect::Any).unwrap();
    std::fs::write(files(&index).remove(0), old).unwrap();
    // It opens, as it is a page of this vault and number; the root names another.
    assert!(matches!(view.list(), Err(VaultError::Damaged { .. })));
    assert!(matches!(view.read(&name), Err(VaultError::Damaged { .. })));
}

#[test]
fn an_old_root_put_back_alone_is_found() {
    let home = tempfile::tempdir().unwrap();
    let vault = create(home.path(), 1);
    let root = home.path().join("vault/root.json");
    let old = std::fs::read(&root).unwrap();
    let name: SecretRef = "project:p:dev/key1".parse().unwrap();
    let value = SensitiveBytes::copy_of(b"new");
    let view = vault.view(Actor::Owner);
    view.write(&name, value, MetadataPatch::default(), Expect::Any).unwrap();
    std::fs::write(&root, old).unwrap();
    assert!(matches!(read_all(home.path()), Err(VaultError::RolledBack { .. })));
}

#[test]
fn values_of_one_size_class_lie_in_files_of_one_size() {
    let home = tempfile::tempdir().unwrap();
    let vault = create(home.path(), 0);
    // 64 bytes with the length of four: one byte more is the next class.
    let sizes = [1, 17, 60, 61].map(|length| {
        let before = files(&home.path().join("vault/objects"));
        let name: SecretRef = format!("global/length{length:02}").parse().unwrap();
        let value = SensitiveBytes::new(vec![b'v'; length]);
        let patch = MetadataPatch::default();
        vault.view(Actor::Owner).write(&name, value, patch, Expect::Absent).unwrap();
        let mut after = files(&home.path().join("vault/objects"));
        after.retain(|file| !before.contains(file));
        std::fs::metadata(&after[0]).unwrap().len()
    });
    assert_eq!((sizes[0], sizes[1]), (sizes[1], sizes[2]), "{sizes:?}");
    assert!(sizes[3] > sizes[2], "{sizes:?}");
}

#[test]
fn a_stolen_disk_yields_no_value_and_no_name() {
    let home = tempfile::tempdir().unwrap();
    let vault = create(home.path(), 3);
    let canary = "canary-4f1d9c";
    let patch = MetadataPatch {
        note: Some(Some(format!("note {canary}"))),
        username: Some(Some(canary.into())),
        tags: Some(vec![canary.into()]),
        ..Default::default()
    };
    let name: SecretRef = format!("skill:{canary}/{canary}").parse().unwrap();
    let value = SensitiveBytes::copy_of(canary.as_bytes());
    vault.view(Actor::Owner).write(&name, value, patch, Expect::Absent).unwrap();
    let hex: String = canary.bytes().map(|b| format!("{b:02x}")).collect();
    let mut searched = 0;
    for file in files(home.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for needle in [canary, &hex, "Y2FuYXJ5LTRmMWQ5Y", "NhbmFyeS00ZjFkOW", "jYW5hcnktNGYxZDlj"] {
            let hit = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!hit, "{} holds {needle}", file.display());
        }
        searched += 1;
    }
    assert!(searched > 6);
    // The same search finds it where it is.
    let planted = home.path().join("planted");
    std::fs::write(&planted, format!("x{canary}y")).unwrap();
    let bytes = std::fs::read(planted).unwrap();
    assert!(bytes.windows(canary.len()).any(|window| window == canary.as_bytes()));
}
