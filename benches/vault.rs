//! How long the vault takes in process, on tmpfs at several sizes, and on a disk. `processes.sh` has whole processes.
#![allow(missing_docs, clippy::expect_used)] // criterion's macros; a benchmark that fails stops

mod support;

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, criterion_group,
    criterion_main,
};
use support::{empty, empty_in, fill, filled, key, name, value, writes};
use tresor::vault::{
    Actor, BackendKind, ClosedVault, Expect, MetadataPatch, NewSlot, PassphraseCost,
    SensitiveBytes, Unlock,
};

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

/// An unlock by passphrase, beside the bare work of one guess that it cannot do without. They take turns.
fn by_passphrase(criterion: &mut Criterion) {
    let vault = empty();
    let passphrase = SensitiveBytes::copy_of(b"correct horse");
    let slot = NewSlot::Passphrase(passphrase.duplicate());
    vault.vault.change_slots(&[slot], &[], None).expect("a slot");
    let vault = fill(vault, 1_000);
    let unlock = || {
        let closed = ClosedVault::open(&vault.place).expect("a vault");
        drop(closed.unlock(&Unlock::Passphrase(&passphrase)).expect("it opens"));
    };
    let bare = || PassphraseCost::LEAST.spend().expect("done");
    let mut group = criterion.benchmark_group("passphrase");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    in_turns(&mut group, ("unlock", &unlock), ("bare", &bare));
    group.finish();
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

/// One write on the disk that holds the target directory, and on another one if `TRESOR_BENCH_DISK` names a directory
/// there.
fn on_disk(criterion: &mut Criterion) {
    durable_write(criterion.benchmark_group("disk"), Path::new(env!("CARGO_TARGET_TMPDIR")));
    if let Some(other) = std::env::var_os("TRESOR_BENCH_DISK") {
        durable_write(criterion.benchmark_group("other disk"), Path::new(&other));
    }
}

/// One write beside the bare calls that make it durable. The two take turns: a disk that others use as well changes its
/// pace from one second to the next.
fn durable_write(mut group: BenchmarkGroup<'_, WallTime>, parent: &Path) {
    group.sample_size(40).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(20)).measurement_time(Duration::from_millis(400));
    let vault = fill(empty_in(parent), 1_000);
    let bare = tempfile::tempdir_in(parent).expect("a directory");
    for folder in ["objects", "index"] {
        std::fs::create_dir(bare.path().join(folder)).expect("a directory");
    }
    let next = Cell::new(0);
    let write = || {
        next.set(next.get() + 7);
        let (at, patch) = (next.get() % 1_000, MetadataPatch::default());
        vault.view.write(&name(at), value(at), patch, Expect::Any).expect("written");
    };
    let bare = || bare_commit(bare.path(), next.get()).expect("written");
    in_turns(&mut group, ("write", &write), ("bare sequence", &bare));
    group.finish();
}

/// Before each measured call: ext4 looks for a free inode past every one that was deleted in the last five seconds
/// (`recently_deleted`), which a tight loop makes thousands and a user a handful.
const PAUSE: Duration = Duration::from_millis(200);

/// Measures two things call by call in turns, so that what slows the machine slows both.
fn in_turns(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, call): (&str, &dyn Fn()),
    (bare_name, bare): (&str, &dyn Fn()),
) {
    let beside = RefCell::new(Vec::new());
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|n| {
            let one = |_| {
                let took = timed(call);
                beside.borrow_mut().push(timed(bare));
                took
            };
            (0..n).map(one).sum()
        });
    });
    group.bench_function(bare_name, |bencher| {
        bencher.iter_custom(|n| {
            let one = |_| {
                let kept = beside.borrow_mut().pop();
                kept.unwrap_or_else(|| {
                    call();
                    timed(bare)
                })
            };
            (0..n).map(one).sum()
        });
    });
}

fn timed(measured: impl Fn()) -> Duration {
    std::thread::sleep(PAUSE);
    let begin = Instant::now();
    measured();
    begin.elapsed()
}

/// What no commit can do without: a record in the journal, two new files and their directories, then the
/// root by rename; each file as long as in the vault beside it.
fn bare_commit(dir: &Path, n: usize) -> std::io::Result<()> {
    let durable = |path: &Path, length: usize| {
        let mut file = File::create_new(path)?;
        file.write_all(&vec![b'x'; length])?;
        file.sync_all()
    };
    let mut journal = File::options().append(true).create(true).open(dir.join("journal"))?;
    journal.write_all(&[b'x'; 152])?;
    journal.sync_all()?;
    durable(&dir.join(format!("objects/{n}")), 700)?;
    durable(&dir.join(format!("index/{n}")), 4_152)?;
    File::open(dir.join("objects"))?.sync_all()?;
    File::open(dir.join("index"))?.sync_all()?;
    durable(&dir.join("root.new"), 18_300)?;
    std::fs::rename(dir.join("root.new"), dir.join("root"))?;
    File::open(dir)?.sync_all()
}

/// A thousand envelopes, from files to memory and back: each copied, read back, compared and removed.
fn moves(criterion: &mut Criterion) {
    let filled = filled(1_000);
    let mut group = criterion.benchmark_group("vault");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for (name, to, back) in [
        ("migrate 1000 to memory", BackendKind::Memory, BackendKind::EncryptedFile),
        ("migrate 1000 to files", BackendKind::EncryptedFile, BackendKind::Memory),
    ] {
        let go = |to| filled.vault.migrate(to, &mut |_, _| {}).expect("moved");
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| go(back), |_| go(to), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, one_of_many, by_passphrase, import, on_disk, moves);
criterion_main!(benches);
