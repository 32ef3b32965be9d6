//! A journal that cannot be written: it says so, and keeps nobody from reading or writing. And many
//! processes, some of them killed, that keep one chain.

use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use tresor::vault::doctor;

use super::*;

/// Whether standard error says, once, that something was not recorded.
fn warned_once(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).matches("not recorded in the journal").count() == 1
}

#[test]
fn a_journal_that_cannot_be_opened_is_told_and_nothing_else_is_lost() {
    let home = Home::new();
    home.ok(&["set", "global/a"], "one");
    let directory = home.path().join("vault/journal");
    let aside = home.path().join("aside");
    std::fs::rename(&directory, &aside).unwrap();
    let spoil: [fn(&Path, &Path); 3] = [
        |at, _| std::fs::write(at, "a file in its place").unwrap(),
        |at, aside| symlink(aside, at).unwrap(),
        |at, _| {
            // Others may write there.
            std::fs::create_dir(at).unwrap();
            std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o777)).unwrap();
        },
    ];
    for (round, spoil) in spoil.iter().enumerate() {
        spoil(&directory, &aside);
        let output = home.run(&["read", "global/a"], "");
        assert!(output.status.success(), "{output:?}");
        let value = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            value,
            if round == 0 { "one".to_owned() } else { format!("round {}", round - 1) }
        );
        assert!(warned_once(&output), "{output:?}");
        let output = home.run(&["set", "global/a"], &format!("round {round}"));
        assert!(output.status.success(), "an acknowledged write: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("saved, but not recorded"));
        let removed = match directory.symlink_metadata().unwrap().is_dir() {
            true => std::fs::remove_dir(&directory),
            false => std::fs::remove_file(&directory),
        };
        removed.unwrap();
    }
    std::fs::rename(&aside, &directory).unwrap();
    let found = home.open().verify_journal().unwrap();
    assert!(found.findings.is_empty(), "the pin stayed where it was: {:?}", found.findings);
}

#[test]
fn a_journal_others_can_read_is_not_written_and_is_mended_on_request() {
    let home = Home::new();
    home.ok(&["set", "global/a"], "one");
    std::fs::set_permissions(home.log(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = home.run(&["read", "global/a"], "");
    assert!(output.status.success() && warned_once(&output), "{output:?}");
    assert_eq!(home.run(&["doctor"], "").status.code(), Some(9));
    home.ok(&["doctor", "--fix", "--yes"], "");
    assert!(home.run(&["read", "global/a"], "").stderr.is_empty());
}

#[test]
fn a_lock_held_by_somebody_else_blocks_no_read_and_no_write() {
    let home = Home::new();
    let vault = home.open();
    put(&vault, "global/a", "one");
    let held = std::fs::File::open(home.log()).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let began = Instant::now();
    assert_eq!(read(&vault, "global/a"), "one");
    let why = vault.take_unrecorded().expect("it is told");
    assert!(why.contains("another process holds it"), "{why}");
    assert_eq!(vault.take_unrecorded(), None, "told once");
    let receipt = vault.view(Actor::Owner).apply(vec![write("global/a", "two")], None).unwrap();
    assert!(receipt.warnings[0].contains("not recorded"), "{:?}", receipt.warnings);
    (0..20).for_each(|_| assert_eq!(read(&vault, "global/a"), "two"));
    // Held all the while: whoever waits for it without a bound does not come here.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // Not only closed: what another test is about to start has the file too, until it is another program.
    flock(&held, FlockOperation::Unlock).unwrap();
    let _ = vault.take_unrecorded();
    assert_eq!(read(&vault, "global/a"), "two");
    assert_eq!(vault.take_unrecorded(), None);
    assert_eq!(told(&vault).last().unwrap(), "read global/a");
    assert!(vault.verify_journal().unwrap().findings.is_empty());
}

#[test]
fn many_processes_and_threads_at_once_keep_one_chain() {
    let home = Home::new();
    home.ok(&["set", "global/a"], "one");
    let (rounds, threads) = (15, 4);
    // On a busy machine one may wait for the lock in vain; then that is said.
    let warned = AtomicUsize::new(0);
    let warn = |told: bool| warned.fetch_add(usize::from(told), Ordering::SeqCst);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (home, warn) = (&home, &warn);
            scope.spawn(move || {
                let vault = home.open();
                for round in 0..rounds {
                    let output = home.run(&["read", "global/a"], "");
                    assert!(output.status.success(), "{output:?}");
                    assert!(output.stderr.is_empty() || warned_once(&output), "{output:?}");
                    warn(!output.stderr.is_empty());
                    assert_eq!(read(&vault, "global/a"), "one");
                    warn(vault.take_unrecorded().is_some());
                    if round % 5 == 0 {
                        put(&vault, &format!("skill:t{thread}/k{round}"), "v");
                    }
                }
            });
        }
    });
    let vault = home.open();
    let found = vault.verify_journal().unwrap();
    assert!(problems(&found).is_empty(), "{:?}", found.findings);
    let reads = told(&vault).iter().filter(|line| *line == "read global/a").count();
    let (total, warned) = (2 * threads * rounds, warned.load(Ordering::SeqCst));
    assert!((total - warned..=total).contains(&reads), "{reads} of {total}, {warned} warnings");
    assert!(reads > 0, "none was recorded");
}

#[test]
fn readers_killed_at_any_moment_leave_a_journal_that_is_whole() {
    let home = Home::new();
    home.ok(&["set", "global/a"], "one");
    let names: Vec<String> = (0..40).map(|n| format!("skill:x/k{n}")).collect();
    let vault = home.open();
    let batch = names.iter().map(|at| write(at, "v")).collect();
    vault.view(Actor::Owner).apply(batch, None).unwrap();
    let began = Instant::now();
    let arguments = ["run", "--scope", "skill:x", "--", "/bin/true"];
    home.ok(&arguments, "");
    let mut whole = began.elapsed();
    let mut killed = 0;
    let rounds = 120;
    for round in 0..rounds {
        let mut child = home.start(&arguments, "");
        std::thread::sleep(whole * (round * 37 % 120) / 100);
        child.kill().unwrap();
        let ended = child.wait_with_output().unwrap().status.success();
        killed += u32::from(!ended);
        whole = whole * if ended { 95 } else { 105 } / 100;
        assert_eq!(read(&vault, "global/a"), "one");
        let found = vault.verify_journal().unwrap();
        assert!(found.findings.is_empty(), "round {round}: {:?}", found.findings);
    }
    assert!(killed > rounds / 5 && killed < rounds, "{killed} of {rounds} were killed");
    assert_eq!(vault.take_unrecorded(), None, "nobody leaves a lock behind");
}

#[test]
fn a_full_journal_drops_its_oldest_records_and_says_so() {
    let home = Home::new();
    let vault = home.open();
    put(&vault, "global/a", "one");
    let view = vault.view(Actor::Owner);
    let many: Vec<_> = (0..500).map(|at| name(&format!("global/k{at}"))).collect();
    let write = |name: &SecretRef| Change::Write {
        name: name.clone(),
        value: SensitiveBytes::copy_of(b"value"),
        patch: MetadataPatch::default(),
        expect: Expect::Absent,
    };
    view.apply(many.iter().map(write).collect(), None).unwrap();
    let length = || std::fs::metadata(home.log()).unwrap().len();
    while length() < 4_000_000 {
        view.read_all(&many, None).unwrap();
    }
    (0..4).for_each(|_| drop(view.read_all(&many, None).unwrap()));
    assert!(length() < 2_500_000, "{} bytes", length());
    assert_eq!(vault.take_unrecorded(), None);
    let found = vault.verify_journal().unwrap();
    assert!(
        matches!(found.findings[..], [ref one] if matches!(one.kind, FindingKind::Dropped { .. }))
    );
    assert!(!found.has_problems());
    put(&vault, "global/a", "two");
    assert!(!vault.verify_journal().unwrap().has_problems());
    let told = home.ok(&["log", "--verify"], "");
    assert!(told.contains("were dropped, the oldest first"), "{told}");
    let files = std::fs::read_dir(home.log().parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
}

#[test]
fn a_journal_that_somebody_swelled_is_not_read_and_stops_nobody() {
    let home = Home::new();
    let vault = home.open();
    put(&vault, "global/a", "one");
    let whole = std::fs::read(home.log()).unwrap();
    // Without contents on the disk: a gibibyte of zeros.
    std::fs::File::options().write(true).open(home.log()).unwrap().set_len(1 << 30).unwrap();
    assert_eq!(read(&vault, "global/a"), "one");
    let told = vault.take_unrecorded().expect("the read is not recorded");
    assert!(told.contains("it is too long"), "{told}");
    put(&vault, "global/a", "two");
    let report = doctor::check(&vault, &mut |_, _| {}).unwrap();
    let mut about = report.findings.iter().filter(|finding| finding.what == "journal");
    assert!(about.any(|finding| finding.message.contains("too long")), "{report:?}");
    assert!(report.has_problems());
    std::fs::write(home.log(), whole).unwrap();
    assert_eq!(read(&vault, "global/a"), "two");
    assert!(!vault.verify_journal().unwrap().has_problems());
}
