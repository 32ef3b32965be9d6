//! A vault that lost parts of itself: a new one is built out of what is left, which says what became of
//! every secret, never gives a wrong value, and takes the old one's place.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // files are damaged as a bad disk would

mod private;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use private::write_private;
use proptest::prelude::*;
use tresor::vault::rebuild::{Fate, Piece, Rebuilt, rebuild};
use tresor::vault::{
    Actor, Change, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, RecoveryCode,
    Result, SecretRef, SensitiveBytes, SystemRandom, Unlock, Vault, VaultError, doctor,
    make_private_dirs,
};

const KEY: [u8; 32] = [7; 32];

/// A vault, its places, and which file holds which revision.
struct World {
    home: tempfile::TempDir,
    code: RecoveryCode,
    files: BTreeMap<PathBuf, (SecretRef, u64)>,
}

fn name(text: &str) -> SecretRef {
    text.parse().unwrap()
}

fn place(home: &Path, vault: &str) -> Place {
    Place::on_disk(&home.join(vault), &home.join("state"))
}

fn key() -> SensitiveBytes {
    SensitiveBytes::copy_of(&KEY)
}

fn unlock(home: &Path, vault: &str) -> Result<Vault> {
    ClosedVault::open(&place(home, vault))?.unlock(&Unlock::KeyFile(&key()))
}

/// The files of a directory, sorted.
fn files(dir: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = read.filter(|path| path.is_file()).collect();
    found.sort();
    found
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let code = RecoveryCode::generate(&SystemRandom).unwrap();
        let again = RecoveryCode::parse(&code.shown().unwrap()).unwrap();
        let slots = vec![NewSlot::KeyFile(key()), NewSlot::Recovery(again)];
        Vault::create(&place(home.path(), "vault"), &CreateOptions::new(slots)).unwrap();
        Self { home, code, files: BTreeMap::new() }
    }

    fn vault(&self) -> Vault {
        unlock(self.home.path(), "vault").unwrap()
    }

    fn dir(&self, dir: &str) -> PathBuf {
        self.home.path().join("vault").join(dir)
    }

    fn write_with(&mut self, at: &str, value: &str, patch: MetadataPatch) {
        let before: BTreeSet<PathBuf> = files(&self.dir("objects")).into_iter().collect();
        let vault = self.vault();
        let protection = vault.protection_key(&Unlock::Recovery(&self.code)).unwrap();
        let change = Change::Write {
            name: name(at),
            value: SensitiveBytes::copy_of(value.as_bytes()),
            patch,
            expect: Expect::Any,
        };
        let receipt = vault.view(Actor::Owner).apply(vec![change], Some(&protection)).unwrap();
        let revision = receipt.outcomes.last().unwrap().revision;
        let new = files(&self.dir("objects")).into_iter().find(|file| !before.contains(file));
        self.files.insert(new.unwrap(), (name(at), revision));
    }

    fn write(&mut self, at: &str, value: &str) {
        self.write_with(at, value, MetadataPatch::default());
    }

    fn protect(&mut self, at: &str, value: &str) {
        let patch = MetadataPatch { protected: Some(true), ..Default::default() };
        self.write_with(at, value, patch);
    }

    fn delete(&self, at: &str) {
        let delete = Change::Delete { name: name(at), expect: Expect::Any };
        self.vault().view(Actor::Owner).apply(vec![delete], None).unwrap();
    }

    /// The envelope of a revision.
    fn file(&self, at: &str, revision: u64) -> PathBuf {
        let wanted = (name(at), revision);
        self.files.iter().find(|(_, of)| **of == wanted).unwrap().0.clone()
    }

    /// Three secrets, one of them with a history.
    fn with_secrets() -> Self {
        let mut world = Self::new();
        for value in ["first", "second", "third"] {
            world.write("project:shop:prod/stripe", value);
        }
        let patch = MetadataPatch {
            username: Some(Some("zo\u{eb}".into())),
            tags: Some(vec!["live".into()]),
            ..Default::default()
        };
        world.write_with("global/github", "gh", patch);
        world.write("principal:ana:x/mail", "post");
        world
    }

    fn lose_pages(&self) {
        files(&self.dir("index")).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    }

    fn lose_journal(&self) {
        files(&self.dir("journal")).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    }

    fn rebuild_with(&self, with: &Unlock<'_>, names: &[SecretRef]) -> Result<Rebuilt> {
        let before = state(&self.home.path().join("vault"));
        let home = self.home.path();
        let mut told = Vec::new();
        let mut progress = |done, total| told.push((done, total));
        let rebuilt =
            rebuild(&place(home, "vault"), with, &place(home, "new"), names, &mut progress);
        let counted = (1..=told.len()).map(|done| (done, told.len()));
        assert!(counted.eq(told.iter().copied()), "{told:?}");
        assert!(rebuilt.is_err() || !told.is_empty());
        assert_eq!(state(&home.join("vault")), before, "nothing in the old vault changes");
        rebuilt
    }

    fn rebuild(&self) -> Rebuilt {
        self.rebuild_with(&Unlock::KeyFile(&key()), &[]).unwrap()
    }

    /// Every revision of every live secret of a vault.
    fn contents(&self, vault: &str) -> BTreeMap<SecretRef, BTreeMap<u64, String>> {
        let vault = unlock(self.home.path(), vault).unwrap();
        let protection = vault.protection_key(&Unlock::Recovery(&self.code)).unwrap();
        let view = vault.view(Actor::Owner);
        let mut all = BTreeMap::new();
        for secret in view.list().unwrap().secrets {
            let described = view.describe(&secret.name).unwrap();
            assert_eq!(described.metadata.revision, described.history[0].revision);
            let read = |revision| {
                let read = view.read_with(&secret.name, Some(revision), Some(&protection));
                (revision, read.unwrap().value.with_str(str::to_owned).unwrap())
            };
            let revisions = described.history.iter().map(|kept| read(kept.revision)).collect();
            all.insert(secret.name, revisions);
        }
        all
    }
}

/// Every file below a directory: its bytes and when it was written.
fn state(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(state(&path)),
            false => {
                let written = path.metadata().unwrap().modified().unwrap();
                all.insert(path.clone(), (std::fs::read(path).unwrap(), written));
            }
        }
    }
    all
}

fn piece<'a>(rebuilt: &'a Rebuilt, at: &str) -> &'a Piece {
    rebuilt.pieces.iter().find(|piece| piece.name == name(at)).unwrap()
}

/// Nothing is wrong with the vault that was built.
fn check_whole(world: &World) {
    let report = doctor::check(&unlock(world.home.path(), "new").unwrap(), &mut |_, _| {}).unwrap();
    assert!(!report.has_problems(), "{:?}", report.findings);
    let leftovers = report.findings.iter().any(|found| found.message.contains("refers to it"));
    assert!(!leftovers, "{:?}", report.findings);
}

#[test]
fn a_whole_vault_is_rebuilt_as_it_was_with_its_trash() {
    let mut world = World::with_secrets();
    world.write("global/old", "gone");
    world.delete("global/old");
    let before = world.contents("vault");
    let described = |vault: &str| {
        let view = unlock(world.home.path(), vault).unwrap().view(Actor::Owner);
        let names = view.list().unwrap().secrets;
        names.iter().map(|one| view.describe(&one.name).unwrap()).collect::<Vec<_>>()
    };
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!((rebuilt.secrets, rebuilt.trash, rebuilt.envelopes), (3, 1, 6));
    assert_eq!(world.contents("new"), before);
    assert_eq!(described("new"), described("vault"));
    assert!(piece(&rebuilt, "global/old").deleted);
    check_whole(&world);
}

#[test]
fn with_every_page_lost_the_journal_tells_the_names() {
    let mut world = World::with_secrets();
    world.write("global/old", "gone");
    world.delete("global/old");
    let before = world.contents("vault");
    world.lose_pages();
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);
    let old = piece(&rebuilt, "global/old");
    assert!(old.deleted, "the journal tells that, too: {old:?}");
    let vault = unlock(world.home.path(), "new").unwrap();
    let described = vault.view(Actor::Owner).describe(&name("global/github")).unwrap();
    assert_eq!(described.metadata.username.as_deref(), Some("zo\u{eb}"));
    check_whole(&world);
}

#[test]
fn a_renamed_secret_comes_back_under_its_new_name_only() {
    let world = World::with_secrets();
    let view = world.vault().view(Actor::Owner);
    let to = name("global/payments");
    let moved = Change::Move {
        from: name("project:shop:prod/stripe"),
        to: to.clone(),
        expect: Expect::Any,
    };
    view.apply(vec![moved], None).unwrap();
    let before = world.contents("vault");
    world.lose_pages();
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);
    assert!(rebuilt.pieces.iter().all(|piece| piece.name != name("project:shop:prod/stripe")));
}

/// How many secrets a lost page is said to have named.
fn missed(why: &str) -> Option<usize> {
    why.split_once("of the secrets it named ")?.1.split(' ').next()?.parse().ok()
}

#[test]
fn where_no_name_is_left_the_loss_is_told_and_a_name_that_is_given_mends_it() {
    let world = World::with_secrets();
    let before = world.contents("vault");
    world.lose_pages();
    world.lose_journal();
    let rebuilt = world.rebuild();
    assert!(rebuilt.has_losses());
    assert_eq!((rebuilt.secrets, rebuilt.pieces.len()), (0, 0));
    // Two of the names may be in one page.
    let told = rebuilt.unused.iter().filter_map(|unused| missed(&unused.why));
    assert_eq!(told.sum::<usize>(), 3, "each page tells how many it held: {:?}", rebuilt.unused);
    std::fs::remove_dir_all(world.home.path().join("new")).unwrap();
    let names: Vec<SecretRef> = before.keys().cloned().collect();
    let rebuilt = world.rebuild_with(&Unlock::KeyFile(&key()), &names).unwrap();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);
}

#[test]
fn a_root_that_is_gone_is_taken_from_its_copy_and_one_whose_seal_is_broken_still_unlocks() {
    let world = World::with_secrets();
    let before = world.contents("vault");
    let (root, copy) = (world.dir("root.json"), world.dir("root.prev.json"));
    let whole = std::fs::read(&root).unwrap();
    std::fs::remove_file(&root).unwrap();
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);

    // Only the header is left of it, and no copy: the pages are found without the list.
    std::fs::remove_file(&copy).unwrap();
    let mut broken = whole;
    let at = broken.windows(14).rposition(|part| part == b"\"ciphertext\":\"").unwrap() + 20;
    broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
    write_private(&root, &broken);
    std::fs::remove_dir_all(world.home.path().join("new")).unwrap();
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);

    // With no root at all there is no way in.
    std::fs::remove_file(&root).unwrap();
    std::fs::remove_dir_all(world.home.path().join("new")).unwrap();
    let refused = world.rebuild_with(&Unlock::KeyFile(&key()), &[]).unwrap_err();
    assert!(matches!(refused, VaultError::Damaged { .. }), "{refused}");
    assert!(!world.home.path().join("new").exists());
}

#[test]
fn envelopes_that_swapped_their_files_are_told_apart_by_what_is_in_them() {
    let world = World::with_secrets();
    let before = world.contents("vault");
    let (one, two) = (world.file("global/github", 1), world.file("project:shop:prod/stripe", 2));
    let (first, second) = (std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    std::fs::write(&one, second).unwrap();
    std::fs::write(&two, first).unwrap();
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);
}

#[test]
fn an_older_revision_takes_the_place_of_a_lost_one_and_says_so() {
    for lose_page in [false, true] {
        let world = World::with_secrets();
        std::fs::write(world.file("project:shop:prod/stripe", 3), b"{}").unwrap();
        std::fs::remove_file(world.file("global/github", 1)).unwrap();
        if lose_page {
            world.lose_pages();
        }
        let rebuilt = world.rebuild();
        assert!(rebuilt.has_losses());
        let stripe = piece(&rebuilt, "project:shop:prod/stripe");
        assert_eq!((stripe.fate, stripe.revision, stripe.earlier), (Fate::Older, Some(2), 1));
        assert!(stripe.remarks[0].starts_with("revision 3 is lost: "), "{stripe:?}");
        let github = piece(&rebuilt, "global/github");
        assert_eq!((github.fate, github.revision), (Fate::Lost, None));
        let contents = world.contents("new");
        assert_eq!(contents[&name("project:shop:prod/stripe")][&2], "second");
        assert!(!contents.contains_key(&name("global/github")));
        check_whole(&world);
    }
}

#[test]
fn an_envelope_of_before_put_back_beside_the_new_ones_is_not_taken_for_one() {
    let mut world = World::with_secrets();
    // Changing metadata replaces the live envelope; somebody kept the one that was replaced.
    let replaced = world.file("global/github", 1);
    let kept = std::fs::read(&replaced).unwrap();
    let view = world.vault().view(Actor::Owner);
    let patch = MetadataPatch { note: Some(Some("changed".into())), ..Default::default() };
    let edit = Change::Edit { name: name("global/github"), patch, expect: Expect::Any };
    view.apply(vec![edit], None).unwrap();
    world.write("global/purged", "no more");
    let purged = std::fs::read(world.file("global/purged", 1)).unwrap();
    world.delete("global/purged");
    let trash = view.trash().unwrap().remove(0);
    view.apply(vec![Change::Purge { id: trash.id }], None).unwrap();
    let before = world.contents("vault");
    write_private(&replaced, &kept);
    write_private(&world.file("global/purged", 1), &purged);
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before, "the index has the last word");
    assert_eq!(rebuilt.trash, 0, "what was purged stays so");
}

#[test]
fn of_two_secrets_of_one_name_the_newer_stays_and_the_other_lies_in_the_trash() {
    let mut world = World::new();
    world.write("global/a", "deleted");
    world.delete("global/a");
    world.write("global/a", "live");
    world.lose_pages();
    world.lose_journal();
    let rebuilt = world.rebuild_with(&Unlock::KeyFile(&key()), &[name("global/a")]).unwrap();
    assert_eq!((rebuilt.secrets, rebuilt.trash), (1, 1), "{rebuilt:?}");
    let values: Vec<String> = world.contents("new")[&name("global/a")].values().cloned().collect();
    assert_eq!(values, ["live"]);
}

#[test]
fn protected_secrets_stay_protected_and_without_their_key_only_the_index_vouches() {
    let mut world = World::with_secrets();
    world.protect("global/bank", "vault door");
    let before = world.contents("vault");
    let rebuilt = world.rebuild();
    let bank = piece(&rebuilt, "global/bank");
    assert_eq!(bank.fate, Fate::Whole);
    assert!(bank.remarks[0].contains("protected"), "{bank:?}");
    assert_eq!(world.contents("new"), before);
    let view = unlock(world.home.path(), "new").unwrap().view(Actor::Owner);
    assert!(matches!(view.read(&name("global/bank")), Err(VaultError::Protected { .. })));

    world.lose_pages();
    std::fs::remove_dir_all(world.home.path().join("new")).unwrap();
    let rebuilt = world.rebuild();
    assert_eq!(piece(&rebuilt, "global/bank").fate, Fate::Lost);
    assert!(
        rebuilt.unused.iter().any(|unused| unused.is_loss && unused.why.contains("passphrase"))
    );
    std::fs::remove_dir_all(world.home.path().join("new")).unwrap();
    let rebuilt = world.rebuild_with(&Unlock::Recovery(&world.code), &[]).unwrap();
    assert!(!rebuilt.has_losses(), "{rebuilt:?}");
    assert_eq!(world.contents("new"), before);
    let view = unlock(world.home.path(), "new").unwrap().view(Actor::Owner);
    assert!(matches!(view.read(&name("global/bank")), Err(VaultError::Protected { .. })));
}

#[test]
fn the_new_vault_takes_the_old_ones_place_and_is_no_rollback() {
    let world = World::with_secrets();
    let before = world.contents("vault");
    world.lose_pages();
    world.rebuild();
    let home = world.home.path();
    std::fs::rename(home.join("vault"), home.join("damaged")).unwrap();
    std::fs::rename(home.join("new"), home.join("vault")).unwrap();
    assert_eq!(world.contents("vault"), before);
    let value = SensitiveBytes::copy_of(b"more");
    let view = world.vault().view(Actor::Owner);
    view.write(&name("global/more"), value, MetadataPatch::default(), Expect::Absent).unwrap();
    // The damaged one put back would be one.
    std::fs::rename(home.join("vault"), home.join("mended")).unwrap();
    std::fs::rename(home.join("damaged"), home.join("vault")).unwrap();
    assert!(matches!(unlock(home, "vault"), Err(VaultError::RolledBack { .. })));
}

#[test]
fn a_root_that_was_rolled_back_does_not_hide_what_came_after_it() {
    let mut world = World::with_secrets();
    let root = std::fs::read(world.dir("root.json")).unwrap();
    world.write("project:shop:prod/stripe", "fourth");
    world.write("global/new", "newer than the root");
    let before = world.contents("vault");
    write_private(&world.dir("root.json"), &root);
    let rebuilt = world.rebuild();
    assert_eq!(world.contents("new"), before, "{rebuilt:?}");
}

/// On other systems than Unix the storage's own tests show it: no portable call lets others in.
#[cfg(unix)]
#[test]
fn only_a_safe_vault_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::with_secrets();
    let new = world.home.path().join("new");
    make_private_dirs(&new).unwrap();
    let file = world.file("global/github", 1);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = world.rebuild_with(&Unlock::KeyFile(&key()), &[]).unwrap_err();
    assert!(matches!(refused, VaultError::Unsafe { .. }), "{refused}");
    assert_eq!(files(&new).len(), 0);
}

#[test]
fn only_an_empty_place_is_built_in() {
    let world = World::with_secrets();
    let (home, new) = (world.home.path(), world.home.path().join("new"));
    let within = rebuild(
        &place(home, "vault"),
        &Unlock::KeyFile(&key()),
        &place(home, "vault/objects/new"),
        &[],
        &mut |_, _| {},
    );
    assert!(matches!(within, Err(VaultError::InvalidOption { .. })));
    make_private_dirs(&new).unwrap();
    write_private(&new.join("letter"), b"x");
    let refused = world.rebuild_with(&Unlock::KeyFile(&key()), &[]).unwrap_err();
    assert!(matches!(refused, VaultError::NotEmpty { .. }), "{refused}");
    assert_eq!(files(&new).len(), 1);
    std::fs::remove_file(new.join("letter")).unwrap();

    // What only a newer tresor understands is not taken apart.
    let root = home.join("vault/root.json");
    let whole = std::fs::read_to_string(&root).unwrap();
    write_private(&root, whole.replace("\"format\":1", "\"format\":2").as_bytes());
    let refused = world.rebuild_with(&Unlock::KeyFile(&key()), &[]).unwrap_err();
    assert!(matches!(refused, VaultError::NewerFormat { found: 2, .. }), "{refused}");
    assert_eq!(files(&new).len(), 0);
    write_private(&root, whole.as_bytes());

    let other = SensitiveBytes::copy_of(&[8; 32]);
    let refused = world.rebuild_with(&Unlock::KeyFile(&other), &[]).unwrap_err();
    assert!(matches!(refused, VaultError::WrongKeyFile), "{refused}");
    let rebuilt = world.rebuild();
    assert!(!rebuilt.has_losses());
    #[cfg(unix)]
    for (path, mode) in [("", 0o700), ("root.json", 0o600), ("objects", 0o700), ("index", 0o700)] {
        use std::os::unix::fs::PermissionsExt;
        let found = new.join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}");
    }
    let key = key();
    let (none, x) = (place(home, "none"), place(home, "x"));
    let nothing = rebuild(&none, &Unlock::KeyFile(&key), &x, &[], &mut |_, _| {});
    assert!(matches!(nothing, Err(VaultError::NoVault { .. })));
    assert!(!home.join("none").exists() && !home.join("x").exists());
}

/// What can happen to a file.
#[derive(Debug, Clone, Copy)]
enum Blow {
    Flip,
    Cut,
    Remove,
    Swap,
}

fn blow() -> impl Strategy<Value = (usize, Blow)> {
    let kind = prop_oneof![Just(Blow::Flip), Just(Blow::Cut), Just(Blow::Remove), Just(Blow::Swap)];
    (any::<usize>(), kind)
}

/// Damages one file; gives those that are not what they were.
fn strike(all: &[PathBuf], (at, blow): (usize, Blow)) -> Vec<PathBuf> {
    let (file, other) = (&all[at % all.len()], &all[(at / 7) % all.len()]);
    let Ok(bytes) = std::fs::read(file) else { return vec![file.clone()] };
    let mut bytes = bytes;
    match blow {
        Blow::Remove => std::fs::remove_file(file).unwrap(),
        Blow::Cut => std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap(),
        Blow::Flip => {
            let middle = bytes.len().saturating_sub(1) / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 1;
            }
            std::fs::write(file, bytes).unwrap();
        }
        Blow::Swap => {
            if let Ok(second) = std::fs::read(other) {
                std::fs::write(file, second).unwrap();
                std::fs::write(other, bytes).unwrap();
            }
            return vec![file.clone(), other.clone()];
        }
    }
    vec![file.clone()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever happens to envelopes and pages, and to one of the roots: all that is intact comes
    /// back, nothing comes back as another value, and whatever is missing is told.
    #[test]
    fn all_that_is_intact_comes_back_and_nothing_else(
        blows in proptest::collection::vec(blow(), 1..12),
        root in 0_u8..4,
        journal in any::<bool>(),
    ) {
        let mut world = World::with_secrets();
        for at in 0..4 {
            world.write(&format!("project:p{at}/key"), &format!("value {at}"));
        }
        world.protect("skill:s/door", "one");
        world.protect("skill:s/door", "two");
        world.delete("project:p3/key");
        let right = world.contents("vault");
        let originals: BTreeMap<PathBuf, Vec<u8>> = world
            .files
            .keys()
            .map(|file| (file.clone(), std::fs::read(file).unwrap()))
            .collect();
        let struck = [files(&world.dir("objects")), files(&world.dir("index"))].concat();
        for blow in blows {
            strike(&struck, blow);
        }
        match root {
            0 => std::fs::remove_file(world.dir("root.json")).unwrap(),
            1 => std::fs::remove_file(world.dir("root.prev.json")).unwrap(),
            2 => drop(strike(&[world.dir("root.json")], (0, Blow::Cut))),
            _ => {}
        }
        if journal {
            world.lose_journal();
        }
        // By what they hold, wherever it lies now.
        let there: BTreeSet<Vec<u8>> =
            files(&world.dir("objects")).iter().map(|file| std::fs::read(file).unwrap()).collect();
        let intact: BTreeSet<&(SecretRef, u64)> = world
            .files
            .iter()
            .filter(|(file, _)| there.contains(&originals[*file]))
            .map(|(_, of)| of)
            .collect();
        let names: Vec<SecretRef> = match journal {
            true => right.keys().cloned().chain([name("project:p3/key")]).collect(),
            false => Vec::new(),
        };
        let rebuilt = world.rebuild_with(&Unlock::Recovery(&world.code), &names).unwrap();
        check_whole(&world);
        let new = world.contents("new");
        for (name, revisions) in &new {
            for (revision, value) in revisions {
                let deleted = name.to_string() == "project:p3/key";
                prop_assert!(deleted || right[name].get(revision) == Some(value), "{name} {value}");
            }
        }
        for (name, revisions) in &right {
            let kept = revisions.keys().filter(|n| intact.contains(&(name.clone(), **n)));
            let back: Vec<u64> = kept.copied().collect();
            let found: Vec<u64> = new.get(name).map(|all| all.keys().copied().collect()).unwrap_or_default();
            prop_assert_eq!(&found, &back, "{} {:?}", name, rebuilt);
            let newest = revisions.keys().next_back();
            if back.last() != newest && !journal {
                let told = rebuilt.pieces.iter().any(|piece| {
                    piece.name == *name && matches!(piece.fate, Fate::Older | Fate::Lost)
                });
                prop_assert!(told && rebuilt.has_losses(), "{name}: {rebuilt:?}");
            }
        }
        if !journal {
            prop_assert!(!new.contains_key(&name("project:p3/key")), "deleted: {rebuilt:?}");
        }
    }
}
