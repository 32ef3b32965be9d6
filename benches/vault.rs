//! How long the vault takes in process, on tmpfs, at several sizes. `processes.sh` has whole processes.
#![allow(missing_docs, clippy::expect_used)] // criterion's macros; a benchmark that fails stops

mod support;

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use support::{empty, filled, key, name, value, writes};
use tresor::vault::{Actor, ClosedVault, Expect, MetadataPatch, Unlock};

const SIZES: [usize; 3] = [100, 10_000, 100_000];

/// One secret: written anew over an existing one, read, and the list of all.
fn one_of_many(criterion: &mut Criterion) {
    for size in SIZES {
        let vault = filled(size);
        let mut next = 0;
        let mut group = criterion.benchmark_group("vault");
        group.sample_size(20).measurement_time(Duration::from_secs(5));
        group.bench_function(BenchmarkId::new("write", size), |bencher| {
            bencher.iter(|| {
                // A stride that meets every page, so that no page grows or stays warm.
                next = (next + 7_919) % size;
                let patch = MetadataPatch::default();
                vault.view.write(&name(next), value(next), patch, Expect::Any).expect("written")
            });
        });
        group.bench_function(BenchmarkId::new("read", size), |bencher| {
            bencher.iter(|| {
                next = (next + 7_919) % size;
                vault.view.read(&name(next)).expect("it is there").value.len()
            });
        });
        group.bench_function(BenchmarkId::new("list", size), |bencher| {
            bencher.iter(|| vault.view.list().expect("a listing").secrets.len());
        });
        group.bench_function(BenchmarkId::new("unlock and list", size), |bencher| {
            bencher.iter(|| {
                let closed = ClosedVault::open(&vault.place).expect("a vault");
                let open = closed.unlock(&Unlock::KeyFile(&key())).expect("it opens");
                open.view(Actor::Owner).list().expect("a listing").secrets.len()
            });
        });
        group.finish();
    }
}

/// 5,000 secrets in one commit, into an empty vault.
fn import(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vault");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("import 5000", |bencher| {
        bencher.iter_batched(
            || (empty(), writes(0, 5_000)),
            |(vault, batch)| {
                vault.view.apply(batch, None).expect("the batch is written");
                vault // dropped, and its directory removed, outside the measurement
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, one_of_many, import);
criterion_main!(benches);
