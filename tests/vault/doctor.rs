//! Stories of doctor: what lies there and should not, what is lost, and what it mends.

use tresor::vault::doctor::{Report, Severity};
use tresor::vault::{Actor, BackendKind, Expect, MetadataPatch, Vault, VaultError, doctor};

use super::private::write_private;
use super::{Home, files, kept, name, read, set, value};

const NOBODY: &str = "00000000000000000000000000000000";

fn check(vault: &Vault) -> Report {
    doctor::check(vault, &mut |_, _| {}).unwrap()
}

/// What is said of one thing.
fn said<'a>(report: &'a Report, what: &str) -> Vec<(Severity, &'a str, bool)> {
    let of_it = report.findings.iter().filter(|finding| finding.what == what);
    of_it.map(|finding| (finding.severity, finding.message.as_str(), finding.fixable)).collect()
}

/// By mode: elsewhere the storage's own tests show it, as no portable call lets others in.
#[cfg(unix)]
mod modes {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    pub(super) fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(super) fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }
}

#[test]
fn somebody_elses_files_are_named_and_left_alone() {
    let home = Home::new();
    let vault = home.create();
    let strange = ["notes.txt", "index/draft", "objects/backup.json"];
    strange.iter().for_each(|file| write_private(&home.vault_dir().join(file), b"mine"));
    let report = check(&vault);
    for file in strange {
        assert_eq!(said(&report, file), [(Severity::Note, "not a file of tresor's", false)]);
    }
    assert!(!report.has_problems());
    assert!(doctor::fix(&home.place()).unwrap().is_empty());
    assert!(doctor::sweep(&vault).unwrap().is_empty());
    set(&vault.view(Actor::Owner), "global/k", "1");
    assert!(strange.iter().all(|file| home.vault_dir().join(file).is_file()));
}

#[test]
fn what_a_killed_write_left_is_swept_and_nothing_else() {
    if !kept::in_files() {
        return; // it lays envelopes into the directory by hand
    }
    let home = Home::new();
    let vault = home.create();
    let view = vault.view(Actor::Owner);
    set(&view, "global/k", "1");
    let kept = [files(&home, "index"), files(&home, "objects")];
    let leftovers = [
        (format!("index/{NOBODY}.page"), format!("index/{}", kept[0][0])),
        (format!("objects/{NOBODY}.json"), format!("objects/{}", kept[1][0])),
        ("root.next.json".to_owned(), "root.json".to_owned()),
    ];
    for (left, like) in &leftovers {
        write_private(
            &home.vault_dir().join(left),
            &std::fs::read(home.vault_dir().join(like)).unwrap(),
        );
    }
    let report = check(&vault);
    for (left, _) in &leftovers {
        let leftover = "a leftover: nothing refers to it";
        assert_eq!(said(&report, left), [(Severity::Note, leftover, true)], "{left}");
    }
    assert!(!report.has_problems());
    let done = doctor::sweep(&vault).unwrap();
    let swept = |left: &str| format!("{left}: removed, nothing referred to it");
    assert_eq!(done, leftovers.map(|(left, _)| swept(&left)));
    assert_eq!([files(&home, "index"), files(&home, "objects")], kept);
    assert!(!home.vault_dir().join("root.next.json").exists());
    assert_eq!(read(&home.open().unwrap().view(Actor::Owner), "global/k"), b"1");
}

#[cfg(unix)]
#[test]
fn a_record_of_earlier_states_that_others_can_change_is_not_believed() {
    let home = Home::new();
    home.create();
    let state = home.dir.path().join("state");
    let record = std::fs::read_dir(&state).unwrap().next().unwrap().unwrap().path();
    for (path, open, closed) in [(&state, 0o777, 0o700), (&record, 0o666, 0o600)] {
        modes::chmod(path, open);
        assert!(matches!(home.open(), Err(VaultError::Unsafe { .. })), "{}", path.display());
        let report = doctor::check_files(&home.place()).unwrap();
        let about = |what: &str| what.starts_with("the record of earlier states");
        assert!(report.findings.iter().any(|found| about(&found.what) && found.fixable));
        assert!(report.has_problems());
        assert_eq!(doctor::fix(&home.place()).unwrap().len(), 1);
        assert_eq!(modes::mode(path), closed);
        assert!(!doctor::check_files(&home.place()).unwrap().has_problems());
        home.open().unwrap();
    }
}

#[test]
fn a_torn_record_of_earlier_states_is_no_record() {
    let home = Home::new();
    let vault = home.create();
    set(&vault.view(Actor::Owner), "global/k", "1");
    let state = home.dir.path().join("state");
    let record = std::fs::read_dir(&state).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read_to_string(&record).unwrap();
    // Cut off; and whole, but of a generation that was never there.
    let half = whole.chars().take(whole.len() / 2).collect();
    for torn in [half, whole.replacen(":2", ":9", 1)] {
        assert_ne!(torn, whole);
        write_private(&record, torn.as_bytes());
        let report = check(&home.open().unwrap());
        let said = said(&report, "rollback");
        assert!(matches!(said[..], [(Severity::Note, it, false)] if it.starts_with("not checked")));
        assert!(!report.has_problems());
    }
    set(&home.open().unwrap().view(Actor::Owner), "global/k", "2");
    assert_eq!(said(&check(&vault), "rollback")[0].0, Severity::Ok, "a write makes it anew");
}

#[test]
fn a_marker_that_names_another_backend_is_set_right() {
    let home = Home::new();
    home.create();
    let marker = home.vault_dir().join("backend.kind");
    let own = kept::backend();
    let other = BackendKind::LASTING.into_iter().find(|kind| *kind != own).unwrap();
    write_private(&marker, format!("{other}\n").as_bytes());
    let report = doctor::check_files(&home.place()).unwrap();
    let told = format!("it does not say {own}, as the header does");
    assert_eq!(said(&report, "backend.kind"), [(Severity::Problem, &*told, true)]);
    let done = [format!("backend.kind: says {own} now")];
    assert_eq!(doctor::fix(&home.place()).unwrap(), done);
    assert_eq!(std::fs::read_to_string(&marker).unwrap(), format!("{own}\n"));
    assert!(!doctor::check_files(&home.place()).unwrap().has_problems());
}

#[cfg(unix)]
#[test]
fn a_lock_file_that_others_may_read_is_reported_and_mended() {
    let home = Home::new();
    let vault = home.create();
    let lock = home.vault_dir().join("lock");
    modes::chmod(&lock, 0o644);
    let report = check(&vault);
    assert!(matches!(said(&report, "lock")[..], [(Severity::Problem, _, true)]), "{report:?}");
    doctor::fix(&home.place()).unwrap();
    assert_eq!(modes::mode(&lock), 0o600);
    assert!(!check(&vault).has_problems());
}

#[test]
fn an_unlocked_vault_that_is_harmed_meanwhile_is_reported_and_not_only_refused() {
    let home = Home::new();
    let vault = home.create();
    set(&vault.view(Actor::Owner), "global/k", "1");
    let index = home.vault_dir().join("index");
    std::fs::rename(&index, home.dir.path().join("index")).unwrap();
    let report = check(&vault);
    assert!(report.has_problems(), "a lost folder: {report:?}");
    std::fs::rename(home.dir.path().join("index"), &index).unwrap();

    if !kept::in_files() {
        return; // the rest harms an envelope's file
    }
    let envelope = home.vault_dir().join("objects").join(&files(&home, "objects")[0]);
    let whole = std::fs::read(&envelope).unwrap();
    write_private(&envelope, &whole[..whole.len() - 1]);
    let report = check(&vault);
    assert!(matches!(said(&report, "global/k")[..], [(Severity::Problem, _, false)]), "{report:?}");
    write_private(&envelope, &whole);

    let root = home.vault_dir().join("root.json");
    let whole = std::fs::read(&root).unwrap();
    write_private(&root, &whole[..whole.len() / 2]);
    let report = check(&vault);
    assert!(said(&report, "root.json").iter().any(|found| found.0 == Severity::Problem));
    write_private(&root, &whole);

    assert!(!check(&vault).has_problems());
    vault.lock();
    let locked = doctor::check(&vault, &mut |_, _| {});
    assert!(matches!(locked, Err(VaultError::Locked)));
}

#[test]
fn a_place_without_a_vault_gets_no_report() {
    let home = Home::new();
    let nothing = doctor::check_files(&home.place());
    assert!(nothing.is_err(), "{nothing:?}");
    write_private(&home.vault_dir(), b"a letter");
    let letter = doctor::check_files(&home.place());
    assert!(matches!(letter, Err(VaultError::NotAVault { .. })), "{letter:?}");
    assert!(matches!(home.open(), Err(VaultError::NotAVault { .. })));
    assert_eq!(std::fs::read(home.vault_dir()).unwrap(), b"a letter");
}

#[test]
fn a_file_longer_than_any_of_ours_is_not_read() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    set(&view, "global/k", "1");
    let root = home.vault_dir().join("root.json");
    let whole = std::fs::read(&root).unwrap();
    // Without contents on the disk: a gibibyte of zeros.
    std::fs::File::options().write(true).open(&root).unwrap().set_len(1 << 30).unwrap();
    let refused = home.open().map(drop);
    assert!(matches!(refused, Err(VaultError::Damaged { why: "it is too long", .. })));
    let write = view.write(&name("global/k"), value("2"), MetadataPatch::default(), Expect::Any);
    assert!(matches!(write, Err(VaultError::Damaged { .. })));
    write_private(&root, &whole);
    assert_eq!(read(&view, "global/k"), b"1");
}
