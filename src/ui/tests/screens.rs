//! Snapshots of every screen at the sizes people have.

use super::{look, states};
use crate::app::App;

/// Keeps the text of one screen in `src/ui/snapshots`.
fn keep(name: &str, size: (u16, u16), text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    if name.contains("first_run") && !cfg!(target_os = "linux") {
        // It shows what this system has; that of Linux is kept.
        return;
    }
    let name = format!("{name}_{}x{}", size.0, size.1);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn state(name: &str, size: (u16, u16)) -> App {
    let (_, make) = states::ALL.iter().find(|(known, _)| *known == name).expect("a state");
    make(size)
}

#[test]
fn every_screen_at_80x24_and_120x40() {
    for (name, make) in states::ALL {
        for size in [(80, 24), (120, 40)] {
            keep(name, size, &look::text(&make(size)));
        }
    }
}

#[test]
fn small_terminals_get_what_fits() {
    for name in [
        "browse",
        "browse_detail",
        "revealed",
        "search",
        "add",
        "unlock",
        "confirm_delete",
        "otp_shown_narrow",
    ] {
        for size in [(60, 18), (40, 10)] {
            keep(name, size, &look::text(&state(name, size)));
        }
    }
    keep("browse", (19, 4), &look::text(&state("browse", (19, 4))));
    for name in ["help", "activity", "activity_profiles", "health", "health_failed"] {
        keep(name, (40, 10), &look::text(&state(name, (40, 10))));
    }
}

#[test]
fn meanings_are_where_they_belong() {
    let size = (100, 16);
    for name in [
        "activity_broken",
        "browse",
        "browse_scopes",
        "search",
        "confirm_delete",
        "health",
        "toasts",
        "import",
        "otp_shown",
        "profiles",
    ] {
        keep(&format!("meanings_{name}"), size, &look::styled(&state(name, size)));
    }
}

#[test]
fn ascii_only_where_it_is_wished() {
    let names = [
        "activity",
        "browse_scopes",
        "revealed",
        "first_run",
        "lens",
        "generator",
        "health",
        "otp_shown",
    ];
    for name in names.into_iter().chain(["profiles", "wizard_device", "wizard_form"]) {
        let mut app = state(name, (80, 24));
        app.settings.chosen.ascii = true;
        let text = look::text(&app);
        keep(&format!("ascii_{name}"), (80, 24), &text);
        assert!(text.is_ascii(), "{text}");
    }
}

/// Looks at screens as a person: `TRESOR_LOOK=generator,browse@60x18 cargo test --lib look_at -- --nocapture`.
#[test]
#[allow(clippy::print_stdout, clippy::disallowed_methods)]
fn look_at() {
    let Ok(wanted) = std::env::var("TRESOR_LOOK") else { return };
    for wanted in wanted.split(',') {
        let (names, size) = wanted.split_once('@').unwrap_or((wanted, "80x24"));
        let (width, height) = size.split_once('x').expect("WIDTHxHEIGHT");
        let size = (width.parse().expect("columns"), height.parse().expect("rows"));
        for (name, make) in states::ALL.iter().filter(|(name, _)| name.starts_with(names)) {
            println!("== {name}\n{}", look::text(&make(size)));
        }
    }
}

/// Looks at the sample vault: `TRESOR_DEMO='jjj@120x40' cargo test --lib look_at_the_demo -- --nocapture`.
///
/// The letters before the size are pressed one by one.
#[test]
#[allow(clippy::print_stdout, clippy::disallowed_methods)]
fn look_at_the_demo() {
    let Ok(wanted) = std::env::var("TRESOR_DEMO") else { return };
    let (keys, size) = wanted.split_once('@').expect("KEYS@WIDTHxHEIGHT");
    let (width, height) = size.split_once('x').expect("WIDTHxHEIGHT");
    let size = (width.parse().expect("columns"), height.parse().expect("rows"));
    println!("{}", look::text(&super::fixture::demo(size, keys)));
}
