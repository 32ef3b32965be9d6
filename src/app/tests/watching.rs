//! The activity screen: what was done, who did it, and where it leads.

use super::*;
use crate::app::activity::Activity;

impl Shell {
    fn activity(&self) -> &Activity {
        match self.app.layers.last() {
            Some(Layer::Activity(activity)) => activity,
            _ => panic!("not on the activity screen"),
        }
    }

    /// The rows as they are listed: `action name`.
    fn rows(&self) -> Vec<String> {
        let name = |entry| Activity::about(entry).map(ToString::to_string).unwrap_or_default();
        let rows = self.activity().entries().iter();
        rows.map(|entry| format!("{} {}", entry.action, name(entry)).trim().to_owned()).collect()
    }

    /// Another process reads.
    fn read_elsewhere(&self, name: &str) {
        self.vault.view(Actor::Owner).read(&name.parse().unwrap()).unwrap();
    }
}

#[test]
fn what_was_done_is_listed_newest_first_and_leads_to_the_secret() {
    let mut shell = Shell::open();
    shell.keys("jj<enter>L");
    assert_eq!(shell.top(), Context::Activity);
    let rows = shell.rows();
    assert_eq!(rows.len(), 11);
    assert_eq!(
        (&*rows[0], &*rows[1], &*rows[10]),
        ("reveal principal:ops/token", "write project:shop-x/key", "create")
    );
    assert!(!shell.activity().has_problems());
    assert_eq!(shell.shown(), None, "no value stays on the screen below");
    // The vault as a whole leads nowhere.
    shell.keys("G<enter>");
    assert_eq!(
        (shell.top(), shell.toast()),
        (Context::Activity, "That is about the vault as a whole")
    );
    shell.keys("k<enter>");
    assert_eq!((shell.top(), shell.selected()), (Context::Browse, "global/openai_api_key".into()));
}

#[test]
fn it_leads_out_of_a_search_and_not_to_what_is_gone() {
    let mut shell = Shell::open();
    shell.keys("dy/ops<tab>L");
    assert_eq!(shell.rows()[0], "delete global/openai_api_key");
    shell.keys("<enter>");
    assert_eq!(
        (shell.top(), shell.toast()),
        (Context::Activity, "There is no global/openai_api_key now")
    );
    shell.keys("j<enter>");
    assert_eq!(shell.selected(), "project:shop-x/key");
    assert!(shell.browse().search.is_none());
}

#[test]
fn a_profile_leads_to_no_secret_of_its_name() {
    let mut shell = Shell::open();
    let put = Change::PutRecord {
        id: "openai_api_key".parse().unwrap(),
        owner: "global".parse().unwrap(),
        body: b"x".to_vec(),
        expect: Expect::Absent,
    };
    shell.vault.view(Actor::Owner).apply(vec![put], None).unwrap();
    shell.keys("L");
    assert_eq!(shell.rows()[0], "profile global/openai_api_key");
    shell.keys("<enter>");
    assert_eq!((shell.top(), shell.toast()), (Context::Activity, "That is about a profile"));
}

#[test]
fn a_lens_shows_what_its_actor_may_see_and_no_more() {
    let mut shell = Shell::open();
    shell.keys("<enter>V<enter>L");
    let rows = shell.rows();
    assert_eq!(
        rows,
        [
            "reveal global/openai_api_key",
            "write principal:ops/token",
            "write global/sentry_dsn",
            "write global/openai_api_key",
        ]
    );
    let journal = shell.activity().journal.as_ref().unwrap();
    assert_eq!(journal.found, None, "what was found in detail is the owner's");
    shell.keys("<esc>VL");
    let journal = shell.activity().journal.as_ref().unwrap();
    assert!(journal.found.as_ref().is_some_and(|found| found.records == 11));
}

#[test]
fn read_again_it_stays_where_one_was_looking() {
    let mut shell = Shell::open();
    shell.keys("L");
    shell.read_elsewhere("global/sentry_dsn");
    shell.keys("r");
    assert_eq!((shell.activity().selected, &*shell.rows()[0]), (0, "read global/sentry_dsn"));
    shell.keys("jjj");
    let at = shell.activity().selected_entry().cloned();
    shell.read_elsewhere("global/sentry_dsn");
    shell.keys("r");
    assert_eq!(shell.activity().selected, 4);
    assert_eq!(shell.activity().selected_entry().cloned(), at);
    // A change elsewhere is seen without asking.
    shell.elsewhere("global/new", "x");
    assert_eq!((shell.activity().selected, &*shell.rows()[0]), (5, "write global/new"));
}

#[test]
fn a_long_record_scrolls_by_keys_and_by_the_wheel() {
    let mut shell = Shell::open();
    (0..100).for_each(|_| shell.read_elsewhere("global/sentry_dsn"));
    shell.keys("L");
    let list = layout::popup(&shell.app, 0).list;
    shell.keys("<pagedown>");
    assert_eq!(shell.activity().selected, usize::from(list.height));
    shell.keys("G");
    let rows = shell.rows().len();
    let activity = shell.activity();
    assert_eq!((activity.selected, activity.offset), (rows - 1, rows - usize::from(list.height)));
    shell.keys("gg").mouse(MouseKind::ScrollDown, list);
    assert!(shell.activity().offset > 0);
}

#[test]
fn the_palette_and_the_help_know_it() {
    let mut shell = Shell::open();
    shell.keys(":activity<enter>");
    assert_eq!(shell.top(), Context::Activity);
    shell.keys("<f1>");
    let Some(Layer::Help(help)) = shell.app.layers.last() else { panic!("no help") };
    assert!(matches!(help.rows[0], help::HelpRow::Heading("Activity")));
    shell.keys("<esc><esc>");
    assert_eq!(shell.top(), Context::Browse);
}

#[test]
fn it_is_read_while_the_screen_goes_on_and_late_answers_are_dropped() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("L");
    assert_eq!(shell.activity().journal, None);
    shell.keys("jG<esc>j");
    assert_eq!((shell.top(), shell.selected()), (Context::Browse, "global/sentry_dsn".into()));
    shell.deliver();
    assert_eq!(shell.top(), Context::Browse);
    shell.keys("L<ctrl-l>").deliver();
    assert!(!shell.app.is_browsing() && shell.app.layers.is_empty());
}

#[test]
fn a_journal_that_cannot_be_read_is_told() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("L");
    let ticket = shell.app.asks.newest();
    let failure = Failure::plain(FaultKind::Damaged, "journal/1.log is too long", "");
    shell.event(Event::Failed(ticket, failure));
    assert_eq!((shell.top(), shell.toast()), (Context::Browse, "journal/1.log is too long"));
}

#[test]
fn it_names_secrets_and_so_stays_shut_in_presenter_mode() {
    let mut shell = Shell::open();
    for keys in ["PL", ":activity<enter>"] {
        shell.keys(keys);
        assert!(shell.app.layers.is_empty());
        assert!(shell.toast().starts_with("Not in presenter mode"), "{keys}: {}", shell.toast());
    }
}
