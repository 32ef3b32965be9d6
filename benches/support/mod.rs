//! Vaults of a given size for the benchmarks, on tmpfs where there is one. Measures nothing.
#![allow(dead_code, clippy::expect_used)] // each bench uses its part; one that fails stops

use std::path::{Path, PathBuf};

use tresor::vault::{
    Actor, Change, CreateOptions, Expect, MetadataPatch, NewSlot, Place, SecretKey, SecretKind,
    SecretRef, SecretSummary, SensitiveBytes, Timestamp, Vault, View,
};

/// One commit of the filling holds this many secrets.
const BATCH: usize = 5_000;

/// The time all of it happens at.
pub const WALL: Timestamp = Timestamp(1_795_348_800);

/// A vault that is gone when it is dropped.
pub struct Filled {
    pub vault: Vault,
    pub view: View,
    pub place: Place,
    pub dir: tempfile::TempDir,
}

/// tmpfs if there is one, so that the figures are of tresor and not of a disk.
pub fn fast_dir() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.into() } else { env!("CARGO_TARGET_TMPDIR").into() }
}

/// The 32 bytes of the key file in every benchmark vault.
pub fn key() -> SensitiveBytes {
    SensitiveBytes::new(vec![7; 32])
}

/// The `n`th name: spread over projects and environments as real ones are.
pub fn name(n: usize) -> SecretRef {
    const WORDS: [&str; 8] =
        ["stripe", "github", "database", "redis", "sentry", "smtp", "openai", "session"];
    const KINDS: [&str; 4] = ["token", "password", "url", "secret"];
    let scope = match n % 10 {
        0 => "global".to_owned(),
        1 => format!("skill:extractor-{}", n / 10 % 20),
        _ => format!("project:shop-{}:{}", n / 40 % 50, ["dev", "staging", "prod"][n % 3]),
    };
    let key = format!("{}_{}_{n}", WORDS[n / 3 % 8], KINDS[n / 7 % 4]);
    let key: SecretKey = key.parse().expect("a key");
    SecretRef::new(scope.parse().expect("a scope"), key)
}

/// A value as long as most tokens are.
pub fn value(n: usize) -> SensitiveBytes {
    SensitiveBytes::from_string(format!("value-{n:08}-0123456789abcdef0123456789abcdef"))
}

fn write(n: usize) -> Change {
    Change::Write {
        name: name(n),
        value: value(n),
        patch: MetadataPatch::default(),
        expect: Expect::Any,
    }
}

/// Changes that write the secrets `from..to`.
pub fn writes(from: usize, to: usize) -> Vec<Change> {
    (from..to).map(write).collect()
}

/// An empty vault with a key-file slot, on tmpfs.
pub fn empty() -> Filled {
    empty_in(&fast_dir())
}

/// An empty vault in a directory of its own below `parent`.
pub fn empty_in(parent: &Path) -> Filled {
    let dir = tempfile::tempdir_in(parent).expect("a directory");
    let place = Place::on_disk(&dir.path().join("vault"), &dir.path().join("state"));
    let options = CreateOptions::new(vec![NewSlot::KeyFile(key())]);
    let vault = Vault::create(&place, &options).expect("a vault");
    let view = vault.view(Actor::Owner);
    Filled { vault, view, place, dir }
}

/// A vault of `count` secrets, on tmpfs.
pub fn filled(count: usize) -> Filled {
    fill(empty(), count)
}

/// Puts `count` secrets into an empty vault.
pub fn fill(filled: Filled, count: usize) -> Filled {
    for from in (0..count).step_by(BATCH) {
        let batch = writes(from, (from + BATCH).min(count));
        filled.view.apply(batch, None).expect("a batch is written");
    }
    filled
}

/// What a vault of `count` such secrets lists, made without a vault: sorted by scope, then key.
pub fn summaries(count: usize) -> Vec<SecretSummary> {
    let mut all: Vec<SecretSummary> = (0..count).map(summary).collect();
    all.sort_by_cached_key(|one| (one.name.scope.as_str().to_owned(), one.name.key.clone()));
    all
}

fn summary(n: usize) -> SecretSummary {
    SecretSummary {
        name: name(n),
        kind: SecretKind::ApiKey,
        protected: false,
        revision: 1,
        created_at: WALL,
        updated_at: WALL,
        expires_at: n.is_multiple_of(7).then(|| WALL.plus(86_400 * 9)),
        tags: Box::from(["ci".into()]),
        username: n.is_multiple_of(3).then(|| "deploy".into()),
        url: None,
    }
}
