//! Stories of records: small texts beside the secrets, whose order, owners and revisions count.

use tresor::fault::{Fault, FaultKind};
use tresor::vault::rebuild::{Rebuilt, Unused, rebuild};
use tresor::vault::{
    Actor, Change, ClosedVault, Expect, MAX_RECORD, MetadataPatch, NewSlot, Outcome, Place, Record,
    Result, SecretKey, Unlock, Vault, VaultError, View, doctor,
};

use super::{Home, KEY, make_private, name, read, set, value};

fn id(text: &str) -> SecretKey {
    text.parse().unwrap()
}

fn put(at: &str, owner: &str, body: impl AsRef<[u8]>, expect: Expect) -> Change {
    let (owner, body) = (owner.parse().unwrap(), body.as_ref().to_vec());
    Change::PutRecord { id: id(at), owner, body, expect }
}

fn remove(at: &str, expect: Expect) -> Change {
    Change::RemoveRecord { id: id(at), expect }
}

fn order(ids: &[&str]) -> Change {
    Change::OrderRecords { ids: ids.iter().map(|at| id(at)).collect() }
}

fn write(at: &str, bytes: &str) -> Change {
    let (patch, expect) = (MetadataPatch::default(), Expect::Any);
    Change::Write { name: name(at), value: value(bytes), patch, expect }
}

/// Applies one change.
fn apply(view: &View, change: Change) -> Result<Outcome> {
    Ok(view.apply(vec![change], None)?.outcomes.remove(0))
}

fn view_of(vault: &Vault, actor: &str) -> View {
    vault.view(actor.parse().unwrap())
}

/// What a view lists, as `id owner revision body`.
fn listed(view: &View) -> Vec<String> {
    let line = |record: Record| {
        let body = String::from_utf8(record.body).unwrap();
        format!("{} {} {} {body}", record.id, record.owner, record.revision)
    };
    view.records().unwrap().into_iter().map(line).collect()
}

fn ids(view: &View) -> Vec<String> {
    view.records().unwrap().into_iter().map(|record| record.id.to_string()).collect()
}

/// A vault with a secret and three records.
fn with_records(home: &Home) -> Vault {
    let vault = home.create();
    let records = [("github", "global"), ("work", "skill:x"), ("shop", "project:p:dev")].map(
        |(at, owner)| {
            let body = format!("about {at}");
            put(at, owner, body, Expect::Absent)
        },
    );
    let changes = [write("global/k", "v")].into_iter().chain(records).collect();
    vault.view(Actor::Owner).apply(changes, None).unwrap();
    vault
}

const THREE: [&str; 3] = [
    "github global 1 about github",
    "work skill:x 1 about work",
    "shop project:p:dev 1 about shop",
];

#[test]
fn records_are_listed_in_their_order_and_keep_their_place_when_they_change() {
    let home = Home::new();
    let view = with_records(&home).view(Actor::Owner);
    assert_eq!(listed(&view), THREE);
    let changed = apply(&view, put("github", "skill:x", "now a skill's", Expect::Any)).unwrap();
    assert_eq!(changed, Outcome { name: name("skill:x/github"), revision: 2, trash: None });
    let github = Record {
        id: id("github"),
        owner: "skill:x".parse().unwrap(),
        revision: 2,
        body: b"now a skill's".to_vec(),
    };
    assert_eq!(view.record(&id("github")).unwrap(), github);
    assert_eq!(ids(&home.open().unwrap().view(Actor::Owner)), ["github", "work", "shop"]);
    let removed = apply(&view, remove("work", Expect::Any)).unwrap();
    assert_eq!(removed, Outcome { name: name("skill:x/work"), revision: 1, trash: None });
    assert_eq!(ids(&view), ["github", "shop"]);
    // For good: what bears its name from then on is another one, at the end.
    assert!(view.trash().unwrap().is_empty());
    let again = apply(&view, put("work", "global", "another", Expect::Absent)).unwrap();
    assert_eq!(again.revision, 1);
    assert_eq!(ids(&view), ["github", "shop", "work"]);
    // They are no secrets, and take no secret's name.
    assert_eq!(view.list().unwrap().secrets.len(), 1);
    set(&view, "global/work", "a secret");
    assert_eq!(listed(&view)[2], "work global 1 another");
}

#[test]
fn an_order_is_of_those_it_names_and_the_others_follow_as_they_were() {
    let home = Home::new();
    let view = with_records(&home).view(Actor::Owner);
    let outcome = apply(&view, order(&["shop"])).unwrap();
    assert_eq!(outcome, Outcome { name: name("project:p:dev/shop"), revision: 1, trash: None });
    assert_eq!(ids(&view), ["shop", "github", "work"]);
    apply(&view, order(&["work", "github", "shop"])).unwrap();
    assert_eq!(ids(&view), ["work", "github", "shop"]);
    assert_eq!(ids(&home.open().unwrap().view(Actor::Owner)), ["work", "github", "shop"]);
    let mut sorted = listed(&view);
    sorted.rotate_left(1);
    sorted.swap(1, 2);
    assert_eq!(sorted, THREE, "nothing but the order changes");

    for (ids_given, nobody) in
        [(&["work", "none"][..], true), (&["work", "work"], false), (&[], false)]
    {
        let refused = apply(&view, order(ids_given)).unwrap_err();
        match nobody {
            true => {
                assert!(matches!(&refused, VaultError::NoRecord { id: it } if *it == id("none")))
            }
            false => assert!(matches!(refused, VaultError::InvalidOption { .. }), "{refused}"),
        }
        assert_eq!(ids(&view), ["work", "github", "shop"]);
    }
}

#[test]
fn a_writer_says_what_it_must_find() {
    let home = Home::new();
    let view = with_records(&home).view(Actor::Owner);
    let refused = |change| {
        let error = apply(&view, change).unwrap_err();
        (error.kind(), error.to_string())
    };
    use FaultKind::{NotFound, Precondition};
    let there = (Precondition, "profile 'github' already exists".to_owned());
    let moved = "profile 'github' has changed meanwhile: it is at revision 2, not 1";
    let moved = (Precondition, moved.to_owned());
    let none = (NotFound, "no profile 'none'".to_owned());
    let one = Expect::Revision(1);
    assert_eq!(apply(&view, put("github", "global", "b", one)).unwrap().revision, 2);
    assert_eq!(refused(put("github", "global", "c", one)), moved);
    assert_eq!(refused(put("github", "global", "c", Expect::Absent)), there);
    assert_eq!(refused(put("none", "global", "c", one)), none);
    assert_eq!(refused(remove("github", one)), moved);
    assert_eq!(refused(remove("github", Expect::Absent)), there);
    assert_eq!(refused(remove("none", Expect::Any)), none);
    let missing = view.record(&id("none")).unwrap_err();
    assert_eq!((missing.kind(), missing.to_string()), none);
    assert_eq!(missing.help(), "'tresor profile list' shows them");
    assert_eq!(listed(&view)[0], "github global 2 b", "nothing of it was written");
    apply(&view, remove("github", Expect::Revision(2))).unwrap();
}

#[test]
fn a_body_has_a_length_that_fits() {
    let home = Home::new();
    let view = home.create().view(Actor::Owner);
    let write = |length| apply(&view, put("a", "global", vec![b'x'; length], Expect::Any));
    assert!(matches!(write(0), Err(VaultError::EmptyValue)));
    assert!(matches!(
        write(MAX_RECORD + 1),
        Err(VaultError::ValueTooLarge { actual: 8193, max: 8192 })
    ));
    assert!(view.records().unwrap().is_empty());
    write(MAX_RECORD).unwrap();
    assert_eq!(view.record(&id("a")).unwrap().body.len(), MAX_RECORD);
}

#[test]
fn an_actor_sees_and_changes_what_its_scope_allows() {
    let home = Home::new();
    let vault = with_records(&home);
    apply(&vault.view(Actor::Owner), put("all", "project:p", "p", Expect::Absent)).unwrap();
    for (actor, seen) in [
        ("owner", &["github", "work", "shop", "all"][..]),
        ("skill:x", &["github", "work"]),
        ("skill:y", &["github"]),
        ("project:p", &["github", "all"]),
        ("project:p:dev", &["github", "shop", "all"]),
        ("principal:a", &["github"]),
    ] {
        let view = view_of(&vault, actor);
        assert_eq!(ids(&view), seen, "{actor}");
        for at in ["github", "work", "shop", "all"] {
            let (is_seen, found) = (seen.contains(&at), view.record(&id(at)));
            assert_eq!(found.is_ok(), is_seen, "{actor} {at}");
            assert!(is_seen || matches!(found, Err(VaultError::NoRecord { .. })));
        }
    }
    let before = listed(&vault.view(Actor::Owner));
    let x = view_of(&vault, "skill:x");
    let dev = view_of(&vault, "project:p:dev");
    let not_allowed = |scope: &str, refused: Result<Outcome>| {
        let told = matches!(&refused, Err(VaultError::NotAllowed { scope: it, .. })
            if it.as_str() == scope);
        assert!(told, "{scope}: {refused:?}");
    };
    // Neither into a scope that is not its own, nor out of one.
    not_allowed("global", apply(&x, put("new", "global", "n", Expect::Any)));
    not_allowed("skill:y", apply(&x, put("work", "skill:y", "n", Expect::Any)));
    not_allowed("global", apply(&x, put("github", "skill:x", "n", Expect::Any)));
    not_allowed("global", apply(&x, put("github", "skill:x", "n", Expect::Revision(7))));
    not_allowed("global", apply(&x, remove("github", Expect::Any)));
    not_allowed("project:p", apply(&dev, put("all", "project:p:dev", "n", Expect::Any)));
    not_allowed("project:p", apply(&dev, remove("all", Expect::Any)));
    // The order is the owner's, also of records that are its own.
    not_allowed("global", apply(&x, order(&["work"])));
    not_allowed("global", apply(&x, order(&["none"])));
    // Of what it may not see it learns that the id is taken, and no more.
    for expect in [Expect::Any, Expect::Absent, Expect::Revision(1), Expect::Revision(7)] {
        let taken = apply(&x, put("shop", "skill:x", "n", expect));
        assert!(matches!(taken, Err(VaultError::RecordExists { .. })), "{expect:?}: {taken:?}");
        let none = apply(&x, remove("shop", expect));
        assert!(matches!(none, Err(VaultError::NoRecord { .. })), "{expect:?}: {none:?}");
    }
    let taken = apply(&x, put("github", "skill:x", "n", Expect::Absent));
    assert!(matches!(taken, Err(VaultError::RecordExists { .. })), "{taken:?}");
    assert_eq!(listed(&vault.view(Actor::Owner)), before);
    // Its own it writes, changes and removes.
    apply(&x, put("mine", "skill:x", "n", Expect::Absent)).unwrap();
    assert_eq!(apply(&x, put("work", "skill:x", "n", Expect::Revision(1))).unwrap().revision, 2);
    apply(&x, remove("mine", Expect::Revision(1))).unwrap();
    assert_eq!(ids(&x), ["github", "work"]);
}

#[test]
fn records_and_secrets_are_written_together_or_not_at_all() {
    let home = Home::new();
    let vault = with_records(&home);
    let view = vault.view(Actor::Owner);
    let generation = vault.generation().unwrap();
    let both = vec![
        write("global/token", "t"),
        put("new", "skill:x", "one", Expect::Absent),
        put("new", "skill:x", "two", Expect::Revision(1)),
        order(&["new"]),
        remove("github", Expect::Any),
    ];
    let receipt = view.apply(both, None).unwrap();
    let revisions: Vec<u64> = receipt.outcomes.iter().map(|outcome| outcome.revision).collect();
    assert_eq!(revisions, [1, 1, 2, 2, 1], "each sees what those before it did");
    assert_eq!(receipt.generation, generation + 1, "one commit");
    assert_eq!(ids(&view), ["new", "work", "shop"]);

    let before = (listed(&view), view.list().unwrap());
    let absent = Expect::Absent;
    for failing in [
        vec![write("global/other", "o"), put("new", "skill:x", "x", absent)],
        vec![put("more", "global", "m", absent), remove("none", Expect::Any)],
        vec![
            put("more", "global", "m", absent),
            Change::Delete { name: name("global/none"), expect: Expect::Any },
        ],
    ] {
        view.apply(failing, None).unwrap_err();
        assert_eq!((listed(&view), view.list().unwrap()), before);
    }
    // A secret's change alone leaves the records as they are.
    set(&view, "global/other", "o");
    assert_eq!(listed(&home.open().unwrap().view(Actor::Owner)), before.0);
    assert!(!doctor::check(&vault, &mut |_, _| {}).unwrap().has_problems());
}

#[test]
fn a_locked_view_has_no_records() {
    let home = Home::new();
    let vault = with_records(&home);
    let view = vault.view(Actor::Owner);
    vault.lock();
    assert!(matches!(view.records(), Err(VaultError::Locked)));
    assert!(matches!(view.record(&id("github")), Err(VaultError::Locked)));
    for change in
        [put("a", "global", "x", Expect::Any), remove("work", Expect::Any), order(&["work"])]
    {
        assert!(matches!(apply(&view, change), Err(VaultError::Locked)));
    }
    assert_eq!(listed(&home.open().unwrap().view(Actor::Owner)), THREE);
}

#[test]
fn what_was_done_to_records_is_recorded_without_what_they_say() {
    let home = Home::new();
    let vault = with_records(&home);
    let view = vault.view(Actor::Owner);
    apply(&view, put("work", "skill:x", "more", Expect::Any)).unwrap();
    apply(&view, order(&["shop", "work"])).unwrap();
    apply(&view, remove("work", Expect::Any)).unwrap();
    view.records().unwrap();
    view.record(&id("shop")).unwrap();
    let told = |view: &View| -> Vec<String> {
        let entries = view.journal().unwrap().entries;
        assert!(!format!("{entries:?}").contains("about"), "{entries:?}");
        let of = entries.iter().rev().filter(|entry| entry.action.is_about_profile());
        of.map(|entry| {
            let (name, revision) = (entry.name.as_ref().unwrap(), entry.revision.unwrap());
            format!("{} {name} {revision} {:?}", entry.action, entry.saved.unwrap())
        })
        .collect()
    };
    assert_eq!(
        told(&view),
        [
            "profile global/github 1 true",
            "profile skill:x/work 1 true",
            "profile project:p:dev/shop 1 true",
            "profile skill:x/work 2 true",
            "profile-order project:p:dev/shop 1 true",
            "profile-remove skill:x/work 2 true",
        ]
    );
    assert_eq!(told(&view_of(&vault, "skill:y")), ["profile global/github 1 true"]);
    let found = vault.verify_journal().unwrap();
    assert!(found.findings.is_empty(), "{:?}", found.findings);
}

fn key_file() -> NewSlot {
    NewSlot::KeyFile(value(KEY))
}

#[test]
fn a_rotation_keeps_them() {
    let home = Home::new();
    let vault = with_records(&home);
    vault.rotate(&[key_file()], None, &mut |_, _| {}).unwrap();
    let reopened = home.open().unwrap().view(Actor::Owner);
    for view in [vault.view(Actor::Owner), reopened] {
        assert_eq!(listed(&view), THREE);
        assert_eq!(read(&view, "global/k"), b"v");
    }
    apply(&vault.view(Actor::Owner), remove("github", Expect::Revision(1))).unwrap();
}

/// Rebuilds a vault out of what is left of it, and opens the new one.
fn rebuilt(home: &Home, at: &str) -> (Rebuilt, View) {
    let new = Place::on_disk(&home.dir.path().join(at), &home.dir.path().join("state"));
    let key = value(KEY);
    let with = Unlock::KeyFile(&key);
    let rebuilt = rebuild(&home.place(), &with, &new, &[], &mut |_, _| {}).unwrap();
    let vault = ClosedVault::open(&new).unwrap().unlock(&Unlock::KeyFile(&key)).unwrap();
    assert!(!doctor::check(&vault, &mut |_, _| {}).unwrap().has_problems());
    (rebuilt, vault.view(Actor::Owner))
}

#[test]
fn a_rebuild_keeps_them_and_takes_none_for_a_lost_secret() {
    let home = Home::new();
    let vault = with_records(&home);
    apply(&vault.view(Actor::Owner), order(&["shop"])).unwrap();
    apply(&vault.view(Actor::Owner), remove("github", Expect::Any)).unwrap();
    for pages_are_lost in [false, true] {
        if pages_are_lost {
            std::fs::remove_dir_all(home.vault_dir().join("index")).unwrap();
            make_private(&home.vault_dir().join("index"));
        }
        let (rebuilt, view) = rebuilt(&home, &format!("new {pages_are_lost}"));
        assert!(!rebuilt.has_losses(), "{rebuilt:?}");
        let pieces: Vec<String> =
            rebuilt.pieces.iter().map(|piece| piece.name.to_string()).collect();
        assert_eq!(pieces, ["global/k"]);
        assert_eq!(listed(&view), [THREE[2], THREE[1]]);
        assert_eq!(read(&view, "global/k"), b"v");
    }
}

#[test]
fn a_rebuild_tells_which_are_lost_with_the_newest_root() {
    let home = Home::new();
    let view = with_records(&home).view(Actor::Owner);
    let (root, copy) =
        (home.vault_dir().join("root.json"), home.vault_dir().join("root.prev.json"));
    let former = std::fs::read(&root).unwrap();
    apply(&view, put("work", "skill:x", "more", Expect::Any)).unwrap();
    apply(&view, put("new", "global", "n", Expect::Any)).unwrap();
    apply(&view, remove("github", Expect::Any)).unwrap();
    // The copy of the newest is as good as the newest.
    std::fs::remove_file(&root).unwrap();
    let (found, whole) = rebuilt(&home, "whole");
    assert!(!found.has_losses(), "{found:?}");
    assert_eq!(listed(&whole), ["work skill:x 2 more", THREE[2], "new global 1 n"]);
    std::fs::write(&copy, former).unwrap();
    let (found, older) = rebuilt(&home, "older");
    assert_eq!(listed(&older), THREE);
    let told = |one: &Unused| one.what.starts_with("profile").then(|| one.clone());
    let told: Vec<Unused> = found.unused.iter().filter_map(told).collect();
    let told: Vec<(&str, &str, bool)> =
        told.iter().map(|one| (&*one.what, &*one.why, one.is_loss)).collect();
    assert_eq!(
        told,
        [
            ("profile 'github'", "it is there, and the journal tells that it was removed", false),
            ("profile 'new'", "it is lost with the newest root, and the journal tells of it", true),
            ("profile 'work'", "revision 2 is lost; 1 is there", true),
        ]
    );
}

#[test]
fn a_restored_vault_has_those_of_its_time() {
    let home = Home::new();
    let vault = with_records(&home);
    let root = home.vault_dir().join("root.json");
    let former = std::fs::read(&root).unwrap();
    apply(&vault.view(Actor::Owner), remove("github", Expect::Any)).unwrap();
    std::fs::write(&root, former).unwrap();
    assert!(matches!(home.open(), Err(VaultError::RolledBack { .. })));
    let refused = vault.view(Actor::Owner).records();
    assert!(matches!(refused, Err(VaultError::RolledBack { .. })), "{refused:?}");
    doctor::accept_restore(&home.place(), &Unlock::KeyFile(&value(KEY))).unwrap();
    assert_eq!(listed(&home.open().unwrap().view(Actor::Owner)), THREE);
}
