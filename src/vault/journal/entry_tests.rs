//! What a record becomes for those who look at it.

use super::*;

fn plain(action: Action, name: Option<&str>, commit: Option<(u64, u32)>) -> Plain {
    Plain {
        at: Timestamp(1),
        action: action.word().to_owned(),
        actor: "owner".into(),
        name: name.map(|name| name.parse().unwrap()),
        from: None,
        revision: Some(3),
        commit,
        detail: None,
        extensions: BTreeMap::new(),
    }
}

fn saved(commits: &[Option<(u64, u32)>], generation: u64) -> Vec<Option<bool>> {
    let record = |commit: &Option<(u64, u32)>| plain(Action::Write, Some("global/a"), *commit);
    let records = commits.iter().map(record).enumerate();
    let records = records.map(|(at, plain)| (at as u64 + 1, plain)).collect();
    entries(records, generation).into_iter().map(|entry| entry.saved).collect()
}

#[test]
fn a_commit_that_never_came_to_its_end_is_told_by_the_one_after_it() {
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(saved(&[Some((2, 0)), None, Some((3, 0))], 3), [yes, None, yes]);
    // Generation 3 was tried twice, first with two changes, then with one.
    let twice = [Some((2, 0)), Some((3, 0)), Some((3, 1)), Some((3, 0)), Some((4, 0))];
    assert_eq!(saved(&twice, 4), [yes, no, no, yes, yes]);
    // The last one is past the vault's generation: it is under way, or was given up.
    assert_eq!(saved(&[Some((2, 0)), Some((3, 0))], 2), [yes, no]);
    // An older state was put back: what came after it is given up.
    assert_eq!(
        saved(&[Some((2, 0)), Some((3, 0)), Some((4, 0)), Some((3, 0))], 3)[1..],
        [no, no, yes]
    );
}

#[test]
fn an_actor_sees_what_was_done_with_the_secrets_it_sees() {
    let seen = |entry: Plain, actor: &str| {
        Entry::new(1, entry).seen_by(&actor.parse().unwrap()).map(|entry| {
            let text = |name: Option<SecretRef>| name.map(|name| name.to_string());
            (text(entry.name), text(entry.from), entry.actor.is_some(), entry.revision)
        })
    };
    let own = || plain(Action::Read, Some("skill:x/a"), None);
    let (name, revision) = (Some("skill:x/a".to_owned()), Some(3));
    assert_eq!(seen(own(), "skill:x"), Some((name.clone(), None, true, revision)));
    assert_eq!(seen(own(), "skill:y"), None);
    // What is about no secret is the owner's.
    assert_eq!(seen(plain(Action::Unlock, None, None), "skill:x"), None);
    assert!(seen(plain(Action::Unlock, None, None), "owner").is_some());
    // Who read a global secret is not for everybody to know.
    let global = Plain { actor: "skill:y".into(), ..plain(Action::Read, Some("global/a"), None) };
    let global_name = Some("global/a".to_owned());
    assert_eq!(seen(global, "skill:x"), Some((global_name, None, false, revision)));
    // Of a move it sees its own end only.
    let moved = |name: &str, from: &str| Plain {
        from: Some(from.parse().unwrap()),
        ..plain(Action::Move, Some(name), None)
    };
    let came = seen(moved("skill:x/a", "skill:y/b"), "skill:x");
    assert_eq!(came, Some((name.clone(), None, true, revision)));
    let went = seen(moved("skill:y/b", "skill:x/a"), "skill:x");
    assert_eq!(went, Some((None, name, true, None)));
    assert_eq!(seen(moved("skill:y/b", "skill:z/b"), "skill:x"), None);
}

#[test]
fn words_are_read_back_and_unknown_ones_are_kept() {
    for purpose in [Purpose::Read, Purpose::Reveal, Purpose::Copy, Purpose::Edit, Purpose::Run] {
        let action = Action::from(purpose);
        assert_eq!(Action::of_word(action.word()), action);
    }
    assert_eq!(Action::of_word("teleport"), Action::Other("teleport".into()));
    assert_eq!(Action::of_word("teleport").to_string(), "teleport");
}
