//! Add, edit, metadata, rename, delete, undo, history, trash, generate, import.

use super::*;

const OPENAI: &str = "global/openai_api_key";

#[test]
fn add_takes_the_scope_at_hand_and_selects_the_new_secret() {
    let mut shell = Shell::open();
    shell.keys("anew_key<tab>v1<enter>v2<ctrl-s>");
    assert_eq!(shell.stored("global/new_key").as_deref(), Some("v1\nv2"));
    assert_eq!(shell.selected(), "global/new_key");
    assert_eq!((shell.top(), shell.toast()), (Context::Browse, "Added global/new_key"));
}

#[test]
fn enter_walks_through_the_form_and_says_what_is_wrong() {
    let mut shell = Shell::open();
    shell.keys("a<enter>");
    let problem = |shell: &Shell| match shell.app.layers.last() {
        Some(Layer::AddForm(form)) => form.problem.clone(),
        _ => panic!("no form"),
    };
    assert!(problem(&shell).is_some());
    shell.keys("bad key<enter>");
    assert_eq!(problem(&shell).unwrap().0, add_form::AddField::Key);
    shell.keys("<ctrl-u>good<enter>");
    assert_eq!(problem(&shell), None);
    shell.keys("<ctrl-s>");
    assert_eq!(problem(&shell).unwrap().0, add_form::AddField::Value);
    shell.keys("x<ctrl-s>");
    assert_eq!(shell.stored("global/good").as_deref(), Some("x"));
}

#[test]
fn an_existing_name_is_not_overwritten_and_nothing_typed_is_lost() {
    let mut shell = Shell::open();
    shell.keys("aopenai_api_key<tab>other<ctrl-s>");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
    let Some(Layer::AddForm(form)) = shell.app.layers.last() else { panic!("no form") };
    assert!(form.problem.as_ref().unwrap().1.contains("already exists"));
    assert_eq!(form.value.with_str(str::to_owned), "other");
}

#[test]
fn a_scope_completes_with_right() {
    let mut shell = Shell::open();
    shell.keys("a<shift-tab><ctrl-u>project:shop:p<right><tab>k<tab>v<ctrl-s>");
    assert_eq!(shell.stored("project:shop:prod/k").as_deref(), Some("v"));
}

#[test]
fn the_value_tells_its_kind_and_its_newline_is_noticed() {
    let mut shell = Shell::open();
    shell.keys("ak<tab>").paste(b"postgres://u:p@h/db\n");
    let hints = |shell: &Shell| match shell.app.layers.last() {
        Some(Layer::AddForm(form)) => form.hints.clone().expect("hints"),
        _ => panic!("no form"),
    };
    assert!(hints(&shell).trailing_newline);
    assert_eq!(hints(&shell).lines, 1);
    shell.keys("<ctrl-n>");
    assert!(!hints(&shell).trailing_newline);
    shell.keys("<ctrl-s>");
    assert_eq!(shell.stored("global/k").as_deref(), Some("postgres://u:p@h/db"));
}

#[test]
fn edit_saves_a_new_revision_and_undo_brings_the_old_value_back() {
    let mut shell = Shell::open();
    shell.keys("e<end>-2<ctrl-s>");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai-2"));
    assert_eq!(shell.browse().selected().unwrap().revision, 2);
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
    assert!(shell.toast().starts_with("Undone: edit of"), "{}", shell.toast());
    shell.keys("u");
    assert_eq!(shell.toast(), "Nothing to undo");
}

#[test]
fn keys_typed_while_the_editor_opens_are_for_the_editor() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("e").paste(b"q").keys("d<ctrl-s>");
    assert_eq!(shell.top(), Context::Browse);
    shell.answers = true;
    shell.deliver();
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openaiqd"));
    assert_eq!(shell.count("quit"), 0);
}

#[test]
fn keys_typed_after_saving_are_for_what_was_saved() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("ak<tab>new-value<ctrl-s>ydy");
    shell.deliver();
    assert_eq!(shell.clipboard.as_deref(), Some("new-value"));
    assert_eq!(shell.stored("global/k"), None);
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
}

#[test]
fn what_was_typed_ahead_is_dropped_when_saving_fails() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("asentry_dsn<tab>x<ctrl-s>ydy");
    shell.deliver();
    let Some(Layer::AddForm(form)) = shell.app.layers.last() else { panic!("no form") };
    assert_eq!((form.value.len(), shell.clipboard.clone()), (1, None));
}

/// What is typed while the desktop asks a person is meant for what is on the screen.
#[test]
fn what_is_typed_while_a_store_waits_lands_in_nothing_that_comes_later() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("ed").event(Event::StoreWaits(true)).keys("dx<down>j");
    shell.event(Event::StoreWaits(false)).deliver();
    assert_eq!(shell.top(), Context::Browse);
    assert_ne!(shell.selected(), OPENAI);
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("ed").event(Event::StoreWaits(true)).event(Event::StoreWaits(false)).deliver();
    let Some(Layer::Editor(editor)) = shell.app.layers.last() else { panic!("no editor") };
    assert_eq!(editor.text.with_str(str::to_owned), "canary-openai");
    let mut shell = Shell::open();
    shell.keys("eX");
    shell.answers = false;
    shell.keys("<ctrl-s>").event(Event::StoreWaits(true)).keys("dy");
    shell.event(Event::StoreWaits(false)).deliver();
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openaiX"));
}

#[test]
fn an_edit_survives_a_change_by_another_process() {
    let mut shell = Shell::open();
    shell.keys("eMINE");
    shell.elsewhere(OPENAI, "theirs");
    assert!(shell.toast().contains("your edit is kept"), "{}", shell.toast());
    let Some(Layer::Editor(editor)) = shell.app.layers.last() else { panic!("no editor") };
    assert_eq!(editor.changed_to, Some(2));
    assert_eq!(editor.text.with_str(str::to_owned), "canary-openaiMINE");
    shell.keys("<ctrl-s>");
    assert_eq!(shell.top(), Context::Confirm);
    shell.keys("n");
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("<ctrl-s>o");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openaiMINE"));
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("theirs"));
}

#[test]
fn a_conflict_nobody_announced_keeps_the_edit_too() {
    let mut shell = Shell::open();
    shell.keys("eMINE");
    shell.answers = false;
    shell.elsewhere(OPENAI, "theirs");
    shell.waiting.clear();
    shell.answers = true;
    shell.app.asks.forget(|_| true);
    shell.keys("<ctrl-s>");
    assert_eq!(shell.top(), Context::Confirm);
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("theirs"));
    shell.keys("r");
    let Some(Layer::Editor(editor)) = shell.app.layers.last() else { panic!("no editor") };
    assert_eq!(editor.text.with_str(str::to_owned), "theirs");
    assert!(!editor.dirty && editor.revision == 2);
}

#[test]
fn leaving_a_changed_editor_asks_and_an_unchanged_one_does_not() {
    let mut shell = Shell::open();
    shell.keys("e<esc>");
    assert_eq!(shell.top(), Context::Browse);
    shell.keys("eX<esc>");
    assert_eq!(shell.top(), Context::Confirm);
    shell.keys("<enter>");
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("<esc>y");
    assert_eq!(
        (shell.top(), shell.stored(OPENAI).as_deref()),
        (Context::Browse, Some("canary-openai"))
    );
}

#[test]
fn what_is_no_text_is_shown_as_binary_and_not_edited() {
    let mut shell = Shell::open();
    let write = Change::Write {
        name: OPENAI.parse().unwrap(),
        value: SensitiveBytes::copy_of(&[0xff, 0, 1]),
        patch: MetadataPatch::default(),
        expect: Expect::Any,
    };
    shell.vault.view(Actor::Owner).apply(vec![write], None).unwrap();
    shell.keys("e");
    assert_eq!(shell.top(), Context::Browse);
    assert!(shell.toast().contains("is binary (3 bytes)"), "{}", shell.toast());
}

#[test]
fn metadata_changes_only_what_was_changed() {
    let mut shell = Shell::open();
    shell.keys("m<tab><tab>https://x.example<tab>live billing<tab>2027-01-31<ctrl-s>");
    let found = shell.vault.view(Actor::Owner).describe(&OPENAI.parse().unwrap()).unwrap().metadata;
    assert_eq!(found.username.as_deref(), Some("ada"));
    assert_eq!(found.url.as_deref(), Some("https://x.example"));
    assert_eq!(found.tags, ["billing", "live"]);
    assert_eq!(found.expires_at, Timestamp::parse("2027-01-31"));
    assert_eq!(shell.top(), Context::Browse);
    shell.keys("u");
    let found = shell.vault.view(Actor::Owner).describe(&OPENAI.parse().unwrap()).unwrap().metadata;
    assert_eq!((found.url, found.tags.len(), found.expires_at), (None, 0, None));
}

#[test]
fn an_expiry_that_is_none_is_refused_where_it_stands() {
    let mut shell = Shell::open();
    shell.keys("m<tab><tab><tab><tab>soon<ctrl-s>");
    let Some(Layer::MetaForm(form)) = shell.app.layers.last() else { panic!("no form") };
    assert_eq!(form.focus, meta_form::MetaField::Expires);
    assert!(form.problem.as_ref().unwrap().1.contains("not an expiry"));
    shell.keys("<ctrl-u>30d<ctrl-s>");
    let name = OPENAI.parse().unwrap();
    let found = shell.vault.view(Actor::Owner).describe(&name).unwrap().metadata;
    assert_eq!(found.expires_at, Some(shell.wall.plus(30 * 86_400)));
}

#[test]
fn the_kind_turns_with_the_arrows_and_a_form_without_changes_saves_nothing() {
    let mut shell = Shell::open();
    shell.keys("m<right><left><ctrl-s>");
    assert_eq!((shell.count("apply"), shell.toast()), (0, "Nothing changed"));
    let before = shell.browse().selected().unwrap().kind;
    shell.keys("m<right><enter>");
    assert_ne!(shell.browse().selected().unwrap().kind, before);
}

#[test]
fn rename_moves_between_scopes_and_undo_moves_back() {
    let mut shell = Shell::open();
    shell.keys("r<shift-tab><ctrl-u>skill:extractor<enter>");
    assert_eq!(shell.selected(), "skill:extractor/openai_api_key");
    assert_eq!(shell.stored(OPENAI), None);
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
    assert_eq!(shell.selected(), OPENAI);
}

#[test]
fn a_rename_onto_another_secret_is_refused() {
    let mut shell = Shell::open();
    shell.keys("r<ctrl-u>sentry_dsn<enter>");
    let Some(Layer::Rename(form)) = shell.app.layers.last() else { panic!("no form") };
    assert!(form.problem.as_ref().unwrap().1.contains("already exists"));
    assert_eq!(shell.stored("global/sentry_dsn").as_deref(), Some("canary-sentry"));
}

#[test]
fn delete_asks_with_the_safe_answer_focused_and_undo_restores() {
    let mut shell = Shell::open();
    shell.keys("d<enter>");
    assert!(shell.stored(OPENAI).is_some());
    shell.keys("dy");
    assert_eq!(shell.stored(OPENAI), None);
    assert_eq!(shell.selected(), "global/sentry_dsn");
    assert_eq!(shell.browse().trash, 1);
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
    assert_eq!(shell.selected(), OPENAI);
}

#[test]
fn undo_goes_back_step_by_step() {
    let mut shell = Shell::open();
    shell.keys("e2<ctrl-s>r<ctrl-u>renamed<enter>dy");
    assert_eq!(shell.stored("global/renamed"), None);
    shell.keys("u");
    assert_eq!(shell.stored("global/renamed").as_deref(), Some("canary-openai2"));
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai2"));
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
}

#[test]
fn undo_never_overwrites_what_another_process_wrote() {
    let mut shell = Shell::open();
    shell.keys("e2<ctrl-s>");
    shell.elsewhere(OPENAI, "theirs");
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("theirs"));
    assert!(shell.toast().contains("changed meanwhile"), "{}", shell.toast());
}

#[test]
fn the_history_shows_and_restores_an_old_revision() {
    let mut shell = Shell::open();
    shell.keys("e2<ctrl-s>Hj<enter>");
    let shown = |shell: &Shell| match shell.app.layers.last() {
        Some(Layer::History(history)) => {
            history.shown.as_ref().and_then(|shown| shown.value.with_str(str::to_owned))
        }
        _ => panic!("no history"),
    };
    assert_eq!(shown(&shell).as_deref(), Some("canary-openai"));
    shell.keys("k");
    assert_eq!(shown(&shell), None);
    shell.keys("j<enter>").wait(10);
    assert_eq!(shown(&shell), None);
    shell.keys("r");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai"));
    assert_eq!((shell.top(), shell.browse().selected().unwrap().revision), (Context::Browse, 3));
    shell.keys("u");
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai2"));
}

#[test]
fn the_trash_restores_and_purges() {
    let mut shell = Shell::open();
    shell.keys("dydyt");
    let entries = |shell: &Shell| match shell.app.layers.last() {
        Some(Layer::Trash(trash)) => trash.entries.as_ref().map_or(0, Vec::len),
        _ => panic!("no trash"),
    };
    assert_eq!(entries(&shell), 2);
    shell.keys("r");
    assert_eq!(entries(&shell), 1);
    shell.keys("d<enter>");
    assert_eq!(entries(&shell), 1);
    shell.keys("dy");
    assert_eq!(entries(&shell), 0);
    shell.keys("<esc>");
    assert_eq!(shell.browse().listing.len(), 8);
    assert_eq!(shell.browse().trash, 0);
}

#[test]
fn the_trash_row_of_the_tree_opens_it() {
    let mut shell = Shell::open();
    shell.keys("<shift-tab>G<enter>");
    assert_eq!(shell.top(), Context::Trash);
    shell.keys("<enter>d<esc>");
    assert_eq!(shell.top(), Context::Browse);
}

#[test]
fn a_protected_secret_is_written_with_the_passphrase() {
    let mut shell = Shell::open();
    shell.protected.insert(OPENAI.into());
    shell.keys(&format!("e{PASSPHRASE}<enter>2<ctrl-s>"));
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys(&format!("{PASSPHRASE}<enter>"));
    assert_eq!(shell.stored(OPENAI).as_deref(), Some("canary-openai2"));
    assert_eq!(shell.top(), Context::Browse);
}

#[test]
fn a_draft_can_be_left_or_saved_after_the_passphrase_was_not_known() {
    let mut shell = Shell::open();
    shell.keys("e<end>-more");
    shell.protected.insert("global/openai_api_key".into());
    shell.keys("<ctrl-s>");
    assert_eq!(shell.top(), Context::Prompt);
    shell.keys("wrong<enter><esc>");
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("<ctrl-s>");
    assert_eq!(shell.top(), Context::Prompt);
    shell.answers = false;
    shell.keys(&format!("{PASSPHRASE}<enter><ctrl-c><esc>"));
    assert_eq!(shell.top(), Context::Editor);
    shell.keys("<esc>");
    assert_eq!(shell.top(), Context::Confirm);
}
