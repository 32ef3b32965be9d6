//! The health screen: what wants attention, where it leads, what is mended from there.

use super::*;
use crate::app::health::{Health, LookedAt};

const DAY: i64 = 86_400;

impl Shell {
    fn health(&self) -> &Health {
        let found = self.app.layers.iter().find_map(|layer| match layer {
            Layer::Health(health) => Some(health),
            _ => None,
        });
        found.expect("the health screen")
    }

    /// The rows as they are listed: `word name`.
    fn findings(&self) -> Vec<String> {
        let row = |row: &crate::app::health::HealthRow| {
            let word = if row.changed { "changed" } else { row.finding.word() };
            format!("{word} {}", row.name)
        };
        self.health().rows.iter().map(row).collect()
    }
}

/// A vault with two secrets of the same value, and one that was weak from the start.
fn open() -> Shell {
    let mut shell = Shell::open();
    shell.elsewhere("skill:extractor/api_token", "canary-openai");
    shell.elsewhere("global/admin_password", "hunter2");
    // A password is what somebody says is one.
    let kind = MetadataPatch {
        kind: Some(crate::vault::SecretKind::Password),
        ..MetadataPatch::default()
    };
    let name = "global/admin_password".parse().unwrap();
    let edit = Change::Edit { name, patch: kind, expect: Expect::Any };
    shell.vault.view(Actor::Owner).apply(vec![edit], None).unwrap();
    shell.event(Event::VaultChanged);
    shell.log.clear();
    shell
}

const FOUND: [&str; 3] = [
    "weak global/admin_password",
    "reused global/openai_api_key",
    "reused skill:extractor/api_token",
];

#[test]
fn what_wants_attention_is_listed_worst_first_and_leads_to_the_secret() {
    let mut shell = open();
    shell.keys("<enter>A");
    assert_eq!(shell.top(), Context::Health);
    assert_eq!(shell.shown(), None, "no value stays on the screen below");
    assert_eq!(shell.findings(), FOUND);
    let health = shell.health();
    assert_eq!(health.looked_at, Some(LookedAt { values: 10, left_out: 0 }));
    assert_eq!(["weak", "reused", "old"].map(|word| health.count(word)), [1, 2, 0]);
    shell.keys("G<enter>");
    assert_eq!(
        (shell.top(), shell.selected()),
        (Context::Browse, "skill:extractor/api_token".into())
    );
}

#[test]
fn every_look_is_recorded_as_a_comparison() {
    let mut shell = open();
    shell.keys("A");
    assert_eq!(shell.recorded().len(), 10);
    assert!(shell.recorded().iter().all(|read| read.starts_with("compare ")));
}

#[test]
fn what_was_changed_counts_no_more_and_a_new_look_drops_it() {
    let mut shell = open();
    shell.keys("A<ctrl-g>");
    assert_eq!(shell.top(), Context::Generator);
    shell.keys("<enter>");
    assert_eq!(shell.top(), Context::Health, "{}", shell.toast());
    assert_ne!(shell.stored("global/admin_password").as_deref(), Some("hunter2"));
    assert_eq!(shell.findings()[0], "changed global/admin_password");
    assert_eq!(shell.health().count("weak"), 0);
    assert_eq!(shell.count("audit"), 1, "each look reads every value");
    shell.keys("r");
    assert_eq!(shell.findings(), FOUND[1..]);
}

#[test]
fn the_editor_and_the_form_open_above_it_for_the_selected_one() {
    let mut shell = open();
    shell.keys("Aje");
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("-other<ctrl-s>");
    assert_eq!(shell.stored("global/openai_api_key").as_deref(), Some("canary-openai-other"));
    assert_eq!(
        (shell.top(), &*shell.findings()[1]),
        (Context::Health, "changed global/openai_api_key")
    );
    shell.keys("jm");
    assert_eq!(shell.top(), Context::Form);
    shell.keys("<esc><esc>");
    assert_eq!(
        (shell.top(), shell.selected()),
        (Context::Browse, "skill:extractor/api_token".into())
    );
}

#[test]
fn what_is_gone_leads_nowhere() {
    let mut shell = open();
    shell.keys("A");
    let delete =
        Change::Delete { name: "global/admin_password".parse().unwrap(), expect: Expect::Any };
    shell.vault.view(Actor::Owner).apply(vec![delete], None).unwrap();
    shell.event(Event::VaultChanged);
    assert_eq!(shell.findings()[0], "changed global/admin_password");
    for key in ["<enter>", "e", "m", "<ctrl-g>"] {
        shell.keys(key);
        assert_eq!(
            (shell.top(), shell.toast()),
            (Context::Health, "There is no global/admin_password now")
        );
    }
}

#[test]
fn times_count_with_the_date() {
    let mut shell = open();
    shell.keys("a");
    let soon = Timestamp(shell.wall.0 + 9 * DAY);
    let edit = Change::Edit {
        name: "global/sentry_dsn".parse().unwrap(),
        patch: MetadataPatch { expires_at: Some(Some(soon)), ..MetadataPatch::default() },
        expect: Expect::Any,
    };
    shell.vault.view(Actor::Owner).apply(vec![edit], None).unwrap();
    shell.keys("<esc>A");
    assert!(shell.findings().contains(&"expiring global/sentry_dsn".to_owned()));
    shell.keys("<esc>");
    shell.wall = shell.wall.plus(10 * DAY);
    shell.keys("A");
    assert_eq!(shell.findings()[0], "expired global/sentry_dsn");
}

#[test]
fn protected_ones_are_left_out_until_the_passphrase_is_given() {
    let mut shell = open();
    shell.protected.insert("global/admin_password".into());
    shell.keys("A");
    assert_eq!(shell.findings(), FOUND[1..]);
    assert_eq!(shell.health().looked_at, Some(LookedAt { values: 9, left_out: 1 }));
    shell.keys("pwrong<enter>");
    assert_eq!((shell.top(), &*shell.findings()), (Context::Prompt, &FOUND[1..].map_owned()[..]));
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!((shell.top(), &*shell.findings()), (Context::Health, &FOUND.map_owned()[..]));
    shell.keys("p");
    assert_eq!(shell.top(), Context::Health, "nothing was left out");
}

trait Owned {
    fn map_owned(&self) -> Vec<String>;
}

impl Owned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn a_look_goes_on_while_the_screen_is_left_and_is_not_begun_twice() {
    let mut shell = open();
    shell.answers = false;
    shell.keys("A");
    let ticket = shell.newest_ticket();
    shell.event(Event::Progress(ticket, 3, 10));
    assert_eq!(shell.health().looking, Some((3, 10)));
    shell.keys("rp<esc>A");
    assert_eq!((shell.top(), shell.count("audit")), (Context::Health, 1));
    shell.answers = true;
    shell.deliver();
    assert_eq!(shell.findings(), FOUND);
    assert_eq!(shell.health().looking, None);
}

#[test]
fn typed_right_the_prompt_gives_way_to_the_progress() {
    let mut shell = open();
    shell.protected.insert("global/admin_password".into());
    shell.keys("Ap");
    shell.answers = false;
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!(shell.top(), Context::Prompt);
    let ticket = shell.newest_ticket();
    shell.event(Event::Progress(ticket, 0, 10));
    assert_eq!((shell.top(), shell.health().looking), (Context::Health, Some((0, 10))));
    shell.deliver();
    assert_eq!(shell.findings(), FOUND);
}

#[test]
fn a_failure_is_said_on_the_screen_and_later_beside_what_is_known() {
    let mut shell = open();
    shell.altered = true;
    shell.answers = false;
    shell.keys("A");
    shell.altered = false;
    shell.answers = true;
    shell.deliver();
    assert!(shell.health().failure.is_some());
    shell.keys("r");
    assert_eq!((shell.health().failure.is_none(), shell.findings().len()), (true, 3));
}

#[test]
fn the_lens_looks_with_its_own_eyes_and_presenting_shows_none_of_it() {
    let mut shell = open();
    shell.keys("V<enter>A");
    assert_eq!(shell.findings(), FOUND[..1]);
    shell.keys("<esc><esc>P");
    for keys in ["A", ":health<enter>"] {
        shell.keys(keys);
        assert_ne!(shell.top(), Context::Health, "{keys}");
    }
}

#[test]
fn a_lock_drops_it() {
    let mut shell = open();
    shell.keys("A<ctrl-l>");
    assert!(shell.app.is_locked() && shell.app.layers.is_empty());
}
