//! States of the activity screen.

use super::fixture::*;
use crate::app::activity::Activity;
use crate::app::{App, Layer};
use crate::vault::journal::{Action, Entry, Finding, FindingKind, Journal, Verification};
use crate::vault::{Actor, SecretRef};

type Size = (u16, u16);

/// A record so many minutes ago.
fn record(sequence: u64, minutes: i64, action: Action, secret: Option<&str>) -> Entry {
    Entry {
        sequence,
        at: WALL.plus(-60 * minutes - 5),
        action,
        actor: Some(Actor::Owner),
        name: secret.map(name),
        from: None,
        revision: secret.map(|_| 4),
        saved: None,
        detail: None,
    }
}

fn written(entry: Entry, saved: bool) -> Entry {
    Entry { saved: Some(saved), ..entry }
}

fn entries() -> Vec<Entry> {
    use Action as A;
    let stripe = Some("project:shop:prod/stripe_secret_key");
    let moved: SecretRef = name("project:shop:dev/jwt_signing_key_of_the_payment_service");
    let extractor: Actor = "skill:extractor".parse().expect("an actor");
    let vault = |entry: Entry, detail: &str| Entry { detail: Some(detail.into()), ..entry };
    let day = 24 * 60;
    vec![
        record(1_234, 0, A::Reveal, stripe),
        vault(record(1_233, 2, A::Unlock, None), "passphrase"),
        Entry {
            actor: Some(extractor),
            ..record(1_232, 41, A::Read, Some("skill:extractor/api_token"))
        },
        record(1_231, 90, A::Run, Some("project:shop:prod/database_url")),
        written(record(1_230, 95, A::Write, stripe), true),
        written(record(1_229, 96, A::Write, stripe), false),
        record(1_228, 100, A::Edit, stripe),
        written(
            Entry { from: Some(moved), ..record(1_227, 3 * day, A::Move, Some("global/jwt_key")) },
            true,
        ),
        written(record(1_226, 12 * day, A::Delete, Some("global/heroku_api_key")), true),
        written(vault(record(1_225, 41 * day, A::Slots, None), "added: recovery"), true),
        record(1_224, 80 * day, A::Copy, Some("global/github_token")),
        written(record(1, 700 * day, A::Create, None), true),
    ]
}

fn found(findings: Vec<FindingKind>) -> Verification {
    let finding = |kind| Finding { kind, accepted: false };
    let findings = findings.into_iter().map(finding).collect();
    Verification { findings, records: 1_234, range: Some((1, 1_234)), pinned: Some(1_230) }
}

fn shown(size: Size, selected: usize, journal: Option<Journal>) -> App {
    with(size, Layer::Activity(Activity { journal, selected, offset: 0 }))
}

pub fn activity(size: Size) -> App {
    let found = Some(found(Vec::new()));
    shown(size, 0, Some(Journal { entries: entries(), has_problems: false, found }))
}

pub fn activity_broken(size: Size) -> App {
    let why = "record 1,180, which the last change saw, is not there";
    let noticed = FindingKind::Noticed { sequence: 1_230, at: WALL, why: why.into() };
    let found = found(vec![
        FindingKind::Dropped { up_to: 900 },
        FindingKind::Gap { first: 1_101, last: 1_180 },
        noticed,
    ]);
    let broken = Entry { detail: Some(why.into()), ..record(1_230, 95, Action::Broken, None) };
    let mut entries = entries();
    entries.insert(4, broken);
    shown(size, 5, Some(Journal { entries, has_problems: true, found: Some(found) }))
}

pub fn activity_seen_by_another(size: Size) -> App {
    let mut entries = entries();
    entries.retain(|entry| entry.name.as_ref().is_some_and(|name| name.scope.as_str() == "global"));
    for entry in &mut entries {
        // Somebody and something that the view may not see.
        entry.actor = None;
        entry.from = None;
    }
    shown(size, 0, Some(Journal { entries, has_problems: true, found: None }))
}

pub fn activity_profiles(size: Size) -> App {
    let done = |sequence, minutes, action, name| {
        written(record(sequence, minutes, action, Some(name)), true)
    };
    let mut entries = vec![
        done(1_237, 1, Action::ProfileOrder, "project:shop/github_deployments"),
        done(1_236, 3, Action::Unprofile, "skill:extractor/google"),
        done(1_235, 5, Action::Profile, "project:shop/github_deployments"),
    ];
    entries.extend(self::entries().split_off(3));
    shown(size, 1, Some(Journal { entries, has_problems: false, found: None }))
}

pub fn activity_empty(size: Size) -> App {
    shown(size, 0, Some(Journal { entries: Vec::new(), has_problems: false, found: None }))
}
