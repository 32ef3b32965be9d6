//! What the worker leaves in the journal, and what it shows of it.

use super::*;

/// A vault on disk with a key file and `global/a`, and where it lies.
fn on_disk(directory: &Path) -> (PathBuf, Vault) {
    let at = directory.join("vault");
    let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&[7; 32]))];
    let place = Place::on_disk(&at, &directory.join("state"));
    let vault = Vault::create(&place, &CreateOptions::new(slots)).unwrap();
    write(&vault, "global/a", b"canary");
    (at, vault)
}

#[test]
fn what_is_handed_out_is_recorded_with_its_purpose() {
    let bench = open();
    bench.done(read("global/a"));
    let name: SecretRef = "global/a".parse().unwrap();
    let what = CopyWhat::Value(name.clone());
    bench.worker.ask(Effect::Copy {
        ticket: Ticket(1),
        what,
        passphrase: None,
        allow_osc52: false,
    });
    // Whether a clipboard is here or not: the value was read for it.
    bench.event();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(".env");
    std::fs::write(&file, "a=canary\n").unwrap();
    bench.done(Effect::PreviewImport(Ticket(1), file, Scope::global()));
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    let words: Vec<&str> = entries.iter().rev().map(|entry| entry.action.word()).collect();
    assert_eq!(words, ["create", "write", "reveal", "copy", "compare"]);
}

#[test]
fn a_journal_that_takes_nothing_is_told_once_and_blocks_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (at, vault) = on_disk(directory.path());
    let bench = bench(None, Shared::with(vault));
    std::fs::rename(at.join("journal"), directory.path().join("aside")).unwrap();
    std::fs::write(at.join("journal"), "a file in its place").unwrap();
    bench.worker.ask(read("global/a"));
    let Event::Notice(text, _) = bench.event() else { panic!("nothing is said") };
    assert!(text.contains("not recorded in the journal"), "{text}");
    let Event::Done(_, Outcome::Read(..)) = bench.event() else { panic!("not read") };
    bench.done(read("global/a"));
    assert!(bench.is_quiet(), "it is said again and again");
}

#[test]
fn the_activity_is_what_the_view_sees_and_says_whether_it_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (at, vault) = on_disk(directory.path());
    write(&vault, "skill:x/a", b"canary");
    let bench = bench(None, Shared::with(vault));
    let activity = |actor: &str| {
        bench.done(Effect::Load(Ticket(1), actor.parse().unwrap()));
        match bench.done(Effect::LoadActivity(Ticket(1))) {
            Outcome::Activity(journal) => journal,
            _ => panic!("not the activity"),
        }
    };
    let all = activity("owner");
    assert_eq!((all.entries.len(), all.has_problems), (3, false));
    let theirs = activity("skill:y");
    let names: Vec<_> = theirs.entries.iter().filter_map(|entry| entry.name.clone()).collect();
    assert_eq!(names, ["global/a".parse().unwrap()]);
    // Cut off behind the first record.
    let log = at.join("journal/1.log");
    let file = std::fs::read(&log).unwrap();
    let first = file.len() - 2 * (file.len() / 4);
    std::fs::write(&log, &file[..first]).unwrap();
    let cut = activity("owner");
    assert!(cut.has_problems && cut.entries.len() < 3, "{:?}", cut.found);
    assert!(activity("skill:y").has_problems, "everybody is told that something is wrong");
}
