//! Panes, the scope tree, lists, narrow screens.

use super::*;
use crate::app::scope_tree::{ScopeRow, ScopeRowKind};

fn tree(shell: &Shell) -> Vec<String> {
    let line = |row: &ScopeRow| match row.kind {
        ScopeRowKind::Gap => String::new(),
        ScopeRowKind::Heading(_) => format!("{}:", row.label),
        _ => format!("{}{} {}", "  ".repeat(row.depth.into()), row.label, row.count),
    };
    shell.browse().scopes.rows.iter().map(line).collect()
}

#[test]
fn the_tree_nests_environments_under_their_project() {
    let shell = Shell::open();
    assert_eq!(
        tree(&shell),
        [
            "All 9",
            "",
            "global 2",
            "principals:",
            "  ops 1",
            "skills:",
            "  extractor 1",
            "projects:",
            "  shop 1",
            "    dev 1",
            "    prod 2",
            "  shop-x 1",
            "",
            "Trash 0"
        ]
    );
}

#[test]
fn a_scope_lists_its_own_and_a_folded_project_all_of_it() {
    let mut shell = Shell::open();
    shell.keys("<shift-tab>jjjj");
    assert_eq!(shell.listed(), ["project:shop/name"]);
    shell.keys(" ");
    assert_eq!(
        shell.listed(),
        [
            "project:shop/name",
            "project:shop:dev/db_password",
            "project:shop:prod/db_password",
            "project:shop:prod/stripe_key"
        ]
    );
    assert!(tree(&shell).contains(&"  shop 4".to_owned()));
    shell.keys("l");
    assert!(tree(&shell).contains(&"    dev 1".to_owned()));
    shell.keys("jh");
    assert_eq!(shell.listed(), ["project:shop/name"]);
}

#[test]
fn headings_and_gaps_are_skipped_both_ways() {
    let mut shell = Shell::open();
    shell.keys("<shift-tab>");
    let mut seen = Vec::new();
    for _ in 0..12 {
        let row = shell.browse().scopes.row().expect("a row");
        assert!(row.is_selectable());
        seen.push(row.label.clone());
        shell.keys("j");
    }
    let down = ["All", "global", "ops", "extractor", "shop", "dev", "prod", "shop-x", "Trash"];
    assert_eq!(seen[..9], down);
    for label in down.iter().rev().skip(1) {
        shell.keys("k");
        assert_eq!(shell.browse().scopes.row().expect("a row").label, **label);
    }
}

#[test]
fn keys_move_as_in_every_pager() {
    let mut shell = Shell::open();
    for (keys, at) in [
        ("j", 1),
        ("<down>", 2),
        ("G", 8),
        ("j", 8),
        ("gg", 0),
        ("<end>", 8),
        ("<home>", 0),
        ("<pagedown>", 8),
        ("<ctrl-u>", 0),
        ("<ctrl-d>", 8),
        ("<pageup>", 0),
        ("k", 0),
    ] {
        shell.keys(keys);
        assert_eq!(shell.browse().keys.selected, at, "{keys}");
    }
}

#[test]
fn a_started_sequence_waits_and_is_dropped_by_another_key() {
    let mut shell = Shell::open();
    shell.keys("Gg");
    assert_eq!(shell.app.pending_keys.len(), 1);
    shell.keys("x");
    assert_eq!((shell.app.pending_keys.len(), shell.browse().keys.selected), (0, 8));
}

#[test]
fn tab_goes_round_the_panes() {
    let mut shell = Shell::open();
    let mut seen = Vec::new();
    for _ in 0..3 {
        shell.keys("<tab>");
        seen.push(shell.browse().focus);
    }
    assert_eq!(seen, [Pane::Detail, Pane::Scopes, Pane::Keys]);
    shell.keys("hh");
    assert_eq!(shell.browse().focus, Pane::Scopes);
    shell.keys("ll");
    assert_eq!(shell.browse().focus, Pane::Detail);
}

#[test]
fn enter_on_a_narrow_screen_opens_the_detail_first() {
    let mut shell = Shell::open();
    shell.event(Event::Resize(60, 20));
    shell.keys("<enter>");
    assert_eq!((shell.browse().focus, shell.shown()), (Pane::Detail, None));
    shell.keys("<enter>");
    assert!(shell.shown().is_some());
    shell.keys("<esc><esc>");
    assert_eq!((shell.browse().focus, shell.shown()), (Pane::Keys, None));
}

#[test]
fn panes_follow_the_width() {
    let mut shell = Shell::open();
    let mut panes = |columns, keys: &str| {
        shell.event(Event::Resize(columns, 24));
        shell.keys(keys);
        let frame = layout::frame(&shell.app);
        let width: u16 = frame.panes.iter().map(|area| area.outer.width).sum();
        assert_eq!(width, columns);
        frame.panes.iter().map(|area| area.pane).collect::<Vec<_>>()
    };
    assert_eq!(panes(120, ""), [Pane::Scopes, Pane::Keys, Pane::Detail]);
    assert_eq!(panes(100, ""), [Pane::Scopes, Pane::Keys, Pane::Detail]);
    assert_eq!(panes(80, ""), [Pane::Keys, Pane::Detail]);
    assert_eq!(panes(80, "h"), [Pane::Scopes, Pane::Keys]);
    assert_eq!(panes(60, ""), [Pane::Scopes]);
    assert_eq!(panes(60, "l"), [Pane::Keys]);
}

#[test]
fn hints_are_whole_and_follow_the_table() {
    let mut shell = Shell::open();
    for columns in 20..160 {
        shell.event(Event::Resize(columns, 24));
        let hints = layout::hints(&shell.app);
        let mut ends: Vec<(u16, u16)> =
            hints.iter().map(|hint| (hint.area.x, hint.area.x + hint.area.width)).collect();
        ends.sort_unstable();
        assert!(ends.iter().all(|(_, end)| *end <= columns), "cut at {columns}");
        assert!(ends.windows(2).all(|pair| pair[0].1 < pair[1].0), "overlap at {columns}");
    }
    shell.event(Event::Resize(120, 24));
    let hints = layout::hints(&shell.app);
    assert!(hints.iter().any(|hint| (hint.key.as_str(), hint.label) == ("y", "copy")));
    shell.keys("a");
    let hints = layout::hints(&shell.app);
    assert!(hints.iter().any(|hint| hint.action == Action::Accept));
    assert!(hints.iter().all(|hint| hint.action != Action::Reveal));
}

#[test]
fn moving_among_a_hundred_thousand_asks_one_description_at_a_time() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.mute = true;
    shell.log.clear();
    shell.keys(&"j".repeat(50));
    assert_eq!(shell.count("describe"), 1);
}

#[test]
fn moving_costs_the_same_in_a_list_of_any_length() {
    let mut shell = Shell::open();
    let secret = shell.browse().listing[0].clone();
    let secrets = (0..100_000).map(|at| {
        let key = format!("k{at:06}").parse().unwrap();
        let name = SecretRef::new("global".parse().unwrap(), key);
        crate::vault::SecretSummary { name, ..secret.clone() }
    });
    let listing = crate::vault::Listing {
        generation: 99,
        backend: BackendKind::Memory,
        secrets: secrets.collect(),
        trash: 0,
    };
    shell.app.listed(listing);
    shell.mute = true;
    let before = Instant::now();
    shell.keys(&"j".repeat(1000));
    shell.keys("G");
    assert_eq!(shell.selected(), "global/k099999");
    // Far above what it takes unoptimised; row vectors built anew for each key would take minutes.
    assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
}

#[test]
fn the_palette_finds_every_action_of_its_place() {
    let mut shell = Shell::open();
    shell.keys(":");
    let Some(Layer::Palette(palette)) = shell.app.layers.last() else { panic!("no palette") };
    for action in [Action::Add, Action::Lock, Action::Import, Action::Top, Action::ViewAs] {
        assert!(palette.rows.iter().any(|row| row.action == action), "{action:?}");
    }
    shell.keys("rename");
    let Some(Layer::Palette(palette)) = shell.app.layers.last() else { panic!("no palette") };
    assert_eq!(palette.rows[0].action, Action::Rename);
    shell.keys("<enter>");
    assert!(matches!(shell.app.layers.last(), Some(Layer::Rename(_))));
    shell.keys("<esc>:zzzzqq<enter>");
    assert_eq!(shell.top(), Context::Palette);
}

#[test]
fn help_tells_every_binding_with_its_present_keys() {
    let mut overrides = KeyOverrides::new();
    let keys = (vec!["c".parse().unwrap()], 1);
    overrides.entry("browse".into()).or_default().insert("copy".into(), keys);
    let mut shell = Shell::open();
    shell.app.keymap = Keymap::with_overrides(&overrides).expect("fine");
    shell.keys("?");
    let Some(Layer::Help(help)) = shell.app.layers.last() else { panic!("no help") };
    let rows = bindings::offered().count();
    let bindings = help.rows.iter().filter(|row| matches!(row, help::HelpRow::Binding { .. }));
    assert_eq!(bindings.count(), rows);
    let copy = help.rows.iter().find_map(|row| match row {
        help::HelpRow::Binding { action: Action::Copy, keys, .. } => Some(keys.as_str()),
        _ => None,
    });
    assert_eq!(copy, Some("c"));
    shell.keys("Gq");
    assert_eq!(shell.top(), Context::Browse);
}

#[test]
fn the_title_follows_a_vault_that_another_process_moved() {
    let mut shell = Shell::open();
    let (generation, backend) = (99, BackendKind::LinuxSecretService);
    let listing = crate::vault::Listing { generation, backend, secrets: Vec::new(), trash: 0 };
    shell.app.listed(listing);
    assert_eq!(shell.app.facts.as_ref().map(|facts| &*facts.backend), Some("Secret Service"));
}
