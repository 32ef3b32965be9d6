//! What a vault in the Secret Service costs beside the bare store, with a hundred secrets in it. Needs a session bus
//! with an unlocked keyring, which `store.sh` makes; without one it measures nothing and says so.
#![allow(missing_docs, clippy::expect_used)] // criterion's macros; a benchmark that fails stops
#![allow(clippy::print_stderr)] // says that it measures nothing

mod support;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use support::{filled, name, value};
use tresor::vault::backend::Probed;
use tresor::vault::{BackendKind, Expect, MetadataPatch};

const SECRETS: usize = 100;

/// A read through the vault, the bare call for an item of the same length, and what asks no store.
fn secret_service(criterion: &mut Criterion) {
    let vault = filled(SECRETS);
    let Probed { write: Ok(_), .. } = vault.place.probe(BackendKind::LinuxSecretService) else {
        return eprintln!("there is no Secret Service here: see benches/store.sh");
    };
    vault.vault.migrate(BackendKind::LinuxSecretService, &mut |_, _| {}).expect("moved");
    let bare = keyring::Entry::new("tresor", "bench").expect("an entry");
    bare.set_secret(&[b'x'; 1024]).expect("set");
    let mut next = 0;
    let mut group = criterion.benchmark_group("store");
    group.sample_size(40).measurement_time(Duration::from_secs(5));
    group.bench_function("bare get", |bencher| {
        bencher.iter(|| bare.get_secret().expect("it is there").len());
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            next = (next + 37) % SECRETS;
            vault.view.read(&name(next)).expect("it is there").value.len()
        });
    });
    group.bench_function("list", |bencher| {
        bencher.iter(|| vault.view.list().expect("a listing").secrets.len());
    });
    group.bench_function("write", |bencher| {
        bencher.iter(|| {
            let patch = MetadataPatch::default();
            vault.view.write(&name(0), value(0), patch, Expect::Any).expect("written")
        });
    });
    group.finish();
}

criterion_group!(benches, secret_service);
criterion_main!(benches);
