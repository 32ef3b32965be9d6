//! What holds for every state at every size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::fixture::*;
use super::states_profiles::hostile_sign_ins;
use super::{look, states};
use crate::app::{App, ClipboardState, Layer, Screen, Tone, layout};
use crate::config::Theme;
use crate::service::clipboard::{ClipboardReceipt, Route};
use crate::text::visible;
use crate::vault::SecretKind;

const HOSTILE: &str =
    "a\u{1b}]52;c;x\u{7}\u{202e}b\u{9b}31m\u{200d}\u{e0041}\u{2028}日本e\u{301}🔑";

pub(super) fn state(name: &str) -> App {
    let (_, make) = states::ALL.iter().find(|(known, _)| *known == name).expect("a state");
    make((80, 24))
}

/// Draws at a size and checks what every frame must keep.
fn check(app: &App, theme: &Theme, what: &str) -> Buffer {
    let (buf, cursor) = look::draw(app, theme);
    for cell in buf.content() {
        assert_eq!(visible(cell.symbol()), cell.symbol(), "{what} at {:?}", app.size);
    }
    if let Some(cursor) = cursor {
        assert!(buf.area.contains(cursor), "{what}: cursor {cursor:?} at {:?}", app.size);
    }
    buf
}

/// All sizes up to 130x45, without a look at the cells.
fn every_size(name: &str) {
    let theme = Theme::terminal();
    let mut app = state(name);
    copied(&mut app);
    for (width, height) in (0..=130).flat_map(|width| (0..=45).map(move |height| (width, height))) {
        app.size = (width, height);
        let (_, cursor) = look::draw(&app, &theme);
        assert!(cursor.is_none_or(|at| at.x < width && at.y < height), "{name} {width}x{height}");
    }
}

#[test]
fn the_browse_screen_is_drawn_at_every_size() {
    every_size("revealed_two_rows");
}

#[test]
fn a_popup_over_another_is_drawn_at_every_size() {
    every_size("confirm_conflict");
}

#[test]
fn every_screen_is_drawn_at_the_sizes_where_layouts_change() {
    let theme = Theme::mono();
    for (name, make) in states::ALL {
        let mut app = make((80, 24));
        for width in [0, 1, 2, 3, 7, 19, 20, 21, 33, 40, 71, 72, 73, 80, 99, 100, 101, 130, 400] {
            for height in [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 24, 45, 120] {
                app.size = (width, height);
                check(&app, &theme, name);
            }
        }
    }
}

#[test]
fn a_buffer_that_is_not_yet_resized_is_drawn_without_harm() {
    for (name, make) in states::ALL {
        let app = make((120, 40));
        for area in [Rect::new(0, 0, 30, 8), Rect::new(0, 0, 1, 1), Rect::new(3, 2, 70, 20)] {
            let mut buf = Buffer::empty(area);
            let cursor = super::super::draw(&app, &Theme::terminal(), area, &mut buf);
            assert!(cursor.is_none_or(|cursor| area.contains(cursor)), "{name}");
        }
    }
}

/// The shop with everything foreign hostile that can be.
fn hostile() -> App {
    let mut app = revealed((120, 40), "stripe_secret_key", HOSTILE.as_bytes());
    if let Some(facts) = &mut app.facts {
        facts.name = HOSTILE.into();
    }
    let state = browse(&mut app);
    let mut secrets: Vec<_> = state.listing.iter().cloned().collect();
    for secret in &mut secrets {
        (secret.username, secret.url) = (Some(HOSTILE.into()), Some(HOSTILE.into()));
        secret.tags = [HOSTILE.into()].into();
    }
    state.listing = Arc::new(secrets);
    if let Some(known) = &mut state.detail.description {
        known.metadata.note = Some(format!("{HOSTILE}\n{HOSTILE}"));
        known.metadata.facts =
            vec![(HOSTILE.into(), HOSTILE.into()), ("Type".into(), HOSTILE.into())];
    }
    app.toasts.items = vec![toast(Tone::Error, HOSTILE, HOSTILE)];
    copied(&mut app);
    if let Some(clipboard) = &mut app.clipboard {
        clipboard.what = HOSTILE.into();
    }
    app
}

#[test]
fn nothing_a_terminal_obeys_reaches_a_cell() {
    let mut app = hostile();
    for size in [(120, 40), (80, 24), (60, 18), (40, 10), (21, 5)] {
        app.size = size;
        check(&app, &Theme::terminal(), "hostile");
    }
    let text = look::text(&hostile());
    assert!(text.contains("a␛]52;c;x␇<U+202E>b"), "{text}");
}

#[test]
fn the_fields_of_forms_show_hostile_text_as_signs() {
    for name in ["add", "editor", "metadata", "rename", "palette", "import"] {
        let mut app = state(name);
        match app.layers.last_mut() {
            Some(Layer::AddForm(form)) => form.value.set(HOSTILE),
            Some(Layer::Editor(editor)) => editor.text.set(HOSTILE),
            Some(Layer::MetaForm(form)) => form.note.set(HOSTILE),
            Some(Layer::Rename(form)) => form.scope.set(HOSTILE),
            Some(Layer::Palette(palette)) => palette.query.set(HOSTILE),
            Some(Layer::Import(import)) => import.path.set(HOSTILE),
            _ => panic!("{name} has no field"),
        }
        let rows = look::rows(&check(&app, &Theme::terminal(), name)).join("\n");
        assert!(rows.contains("<U+202E>b<U+009B>31m"), "{name}: {rows}");
    }
}

#[test]
fn wide_characters_leave_every_border_where_it_is() {
    let mut app = hostile();
    let state = browse(&mut app);
    let mut secrets: Vec<_> = state.listing.iter().cloned().collect();
    for (at, scope) in ["project:日本語:本番環境", "skill:e\u{301}"].into_iter().enumerate()
    {
        // Not NFC, so only the first is a scope; the second shows in notes and tags.
        let Ok(scope) = scope.parse() else { continue };
        secrets[at].name.scope = scope;
    }
    secrets[1] = summary("channel:猫:🔑🔑", "key", SecretKind::Note, 1, 2);
    state.listing = Arc::new(secrets);
    (state.scopes.rows[2].label, state.scopes.rows[4].label) =
        ("日本語の長い名前です本当".into(), "🔑".into());
    select_scope(state, "All");
    app.toasts.items.clear();
    for size in [(120, 40), (110, 30), (80, 24), (73, 20)] {
        app.size = size;
        let buf = check(&app, &Theme::terminal(), "wide");
        for pane in layout::frame(&app).panes {
            for y in pane.outer.y + 1..pane.outer.y + pane.outer.height - 1 {
                for x in [pane.outer.x, pane.outer.x + pane.outer.width - 1] {
                    let symbol = buf[(x, y)].symbol();
                    assert!(["│", "┃"].contains(&symbol), "{symbol:?} at {x},{y} of {size:?}");
                }
            }
        }
    }
}

#[test]
fn a_popup_over_wide_characters_keeps_its_border() {
    let mut app = state("confirm_delete");
    let state = browse(&mut app);
    let mut secrets: Vec<_> = state.listing.iter().cloned().collect();
    for secret in &mut secrets {
        secret.tags = ["日".repeat(40).into()].into();
    }
    state.listing = Arc::new(secrets);
    for width in 72..=130 {
        app.size = (width, 24);
        let (buf, _) = look::draw(&app, &Theme::terminal());
        let outer = layout::popup(&app, 0).outer;
        for y in outer.y + 1..outer.y + outer.height - 1 {
            assert_eq!(buf[(outer.x, y)].symbol(), "│");
            // A wide character left of the border would hide it on the terminal.
            let left = buf[(outer.x.saturating_sub(1), y)].symbol();
            assert!(outer.x == 0 || super::super::width::width(left) <= 1, "{left}");
        }
    }
}

#[test]
fn a_reveal_moves_no_other_line() {
    for size in [(120, 40), (80, 24)] {
        let masked = look::rows(&look::draw(&shop(size, "db_password"), &Theme::mono()).0);
        let app = revealed(size, "db_password", b"hunter2");
        let shown = look::rows(&look::draw(&app, &Theme::mono()).0);
        let changed: Vec<usize> =
            (0..masked.len()).filter(|row| masked[*row] != shown[*row]).collect();
        assert_eq!(changed, [3, 4], "{shown:#?}");
    }
}

#[test]
fn a_countdown_changes_only_its_own_line() {
    let mut app = revealed((120, 40), "db_password", b"hunter2");
    copied(&mut app);
    let before = look::rows(&look::draw(&app, &Theme::mono()).0);
    app.now += Duration::from_secs(3);
    let after = look::rows(&look::draw(&app, &Theme::mono()).0);
    let changed: Vec<usize> = (0..before.len()).filter(|row| before[*row] != after[*row]).collect();
    assert_eq!(changed, [4, 39]);
}

#[test]
fn a_sign_in_is_plain_where_that_is_wished_and_counts_down_in_one_line() {
    let signing = |name: &str| name.starts_with("profiles") || name.starts_with("wizard");
    for (name, make) in states::ALL.iter().filter(|(name, _)| signing(name)) {
        for size in [(120, 40), (80, 24), (40, 10)] {
            let mut app = make(size);
            for cell in look::draw(&app, &Theme::mono()).0.content() {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name} {size:?}");
            }
            app.settings.chosen.ascii = true;
            let text = look::text(&app);
            assert!(text.is_ascii(), "{name} {size:?}: {text}");
        }
    }
    let mut app = state("wizard_device");
    app.size = (120, 40);
    let before = look::rows(&look::draw(&app, &Theme::mono()).0);
    app.now += Duration::from_secs(1);
    let after = look::rows(&look::draw(&app, &Theme::mono()).0);
    let changed: Vec<_> = (0..before.len()).filter(|row| before[*row] != after[*row]).collect();
    assert_eq!(changed.len(), 1, "{after:#?}");
    assert!(after[changed[0]].contains("13 min 11 s"), "{after:#?}");
}

#[test]
fn what_a_provider_says_is_shown_as_signs() {
    for size in [(120, 40), (80, 24), (60, 18), (40, 10), (21, 5)] {
        for app in hostile_sign_ins(size, HOSTILE) {
            check(&app, &Theme::terminal(), "hostile sign-in");
        }
    }
}

#[test]
fn a_copy_in_tmux_names_its_key_and_says_what_the_terminal_keeps() {
    let status = |size, to_terminal, ended| {
        let mut app = shop(size, "stripe_secret_key");
        copied(&mut app);
        let clipboard = app.clipboard.as_mut().expect("a copy");
        clipboard.report.route = Route::Tmux;
        (clipboard.report.to_terminal, clipboard.report.paste) = (to_terminal, "prefix ]".into());
        if ended {
            clipboard.state = ClipboardState::Ended(ClipboardReceipt::Cleared);
        }
        look::rows(&look::draw(&app, &Theme::mono()).0).pop().expect("a last row")
    };
    let wide = status((120, 40), false, false);
    assert!(wide.contains("to a tmux buffer · paste with prefix ] · clears in 27 s"), "{wide}");
    for size in [(120, 40), (80, 24), (60, 18), (40, 10)] {
        let kept = status(size, true, false);
        assert!(kept.to_lowercase().contains("the terminal") && kept.contains("keeps"), "{kept}");
        let ended = status(size, true, true);
        assert!(ended.contains("tmux buffer is deleted"), "{ended}");
        let cleared = status(size, false, true);
        assert!(cleared.contains("Clipboard cleared"), "{cleared}");
    }
}

#[test]
fn a_hidden_value_leaves_no_cell_behind() {
    let app = revealed((120, 40), "tls_certificate", &states::pem(60));
    let (mut buf, _) = look::draw(&app, &Theme::terminal());
    assert!(look::rows(&buf).join("").contains("MIIB"));
    let hidden = shop((120, 40), "tls_certificate");
    let area = buf.area;
    super::super::draw(&hidden, &Theme::terminal(), area, &mut buf);
    assert_eq!(buf, look::draw(&hidden, &Theme::terminal()).0);
}

#[test]
fn what_is_typed_into_a_hidden_field_is_never_drawn() {
    assert!(!look::text(&state("wizard_key_trying")).contains("sk-proj"));
    for name in ["unlock", "prompt", "first_run", "wizard_key"] {
        let text = look::text(&state(name));
        assert!(!text.contains("sk-proj"), "{text}");
        assert!(text.contains("●●●"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("correct"), "{text}");
    }
}

#[test]
fn the_selected_row_is_seen_without_colours() {
    for name in [
        "activity",
        "browse",
        "browse_scopes",
        "copy_menu",
        "trash",
        "palette",
        "profiles",
        "wizard_way",
        "wizard_form",
    ] {
        let (buf, _) = look::draw(&state(name), &Theme::mono());
        let marks: Vec<usize> =
            (0..buf.content().len()).filter(|at| buf.content()[*at].symbol() == "▌").collect();
        let reversed = |at: &&usize| buf.content()[**at].modifier.contains(Modifier::REVERSED);
        assert!(marks.iter().filter(reversed).count() == 1, "{name}");
        for cell in buf.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
}

#[test]
fn only_the_rows_on_screen_are_drawn() {
    let time = |rows: u32| {
        let mut app = shop((120, 40), "db_password");
        let state = browse(&mut app);
        let one = state.listing[0].clone();
        state.listing = Arc::new(vec![one; rows as usize]);
        (state.keys.len, state.keys.selected) = (rows as usize, rows as usize / 2);
        state.keys.rows = crate::app::key_list::Rows::Ranges(std::iter::once(0..rows).collect());
        let theme = Theme::terminal();
        let times = (0..21).map(|_| {
            let start = Instant::now();
            look::draw(&app, &theme);
            start.elapsed()
        });
        // The least: whatever else the machine does makes one longer, and never shorter.
        times.min().unwrap()
    };
    let (few, many) = (time(100), time(100_000));
    assert!(many < few * 4 + Duration::from_millis(1), "{few:?} for 100, {many:?} for 100,000");
}

#[test]
fn a_value_of_a_mebibyte_is_clamped_with_a_count() {
    let app = revealed((120, 40), "db_password", &vec![b'x'; 1 << 20]);
    let text = look::text(&app);
    assert!(text.contains("characters hidden"), "{text}");
    let app = revealed((120, 40), "db_password", "line\n".repeat(200_000).as_bytes());
    assert!(look::text(&app).contains("lines hidden"));
}

#[test]
fn too_small_is_said_in_one_sentence() {
    for size in [(19, 24), (80, 4), (19, 4)] {
        let mut app = state("browse");
        app.size = size;
        let text = look::rows(&look::draw(&app, &Theme::mono()).0).join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), "Please enlarge the window.", "{size:?}");
    }
}

#[test]
fn the_screens_below_have_no_cursor() {
    let app = state("trash");
    assert!(matches!(app.screen, Screen::Browse(_)));
    let searching = search((80, 24), "stripe");
    assert!(look::draw(&searching, &Theme::mono()).1.is_some());
}
