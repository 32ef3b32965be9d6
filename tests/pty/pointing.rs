//! The mouse as a terminal sends it: reports in SGR form, at the cells where things are seen.

use crate::terminal::Terminal;
use crate::world::{CANARY, World, real, unlock};

/// The first key of the long list and one further down, both on the first screen of it.
const FIRST: &str = "k00";
const LATER: &str = "k07";

/// A vault with a list longer than the screen: sixty names in `project:shop`, the canary in `global`.
fn long_list() -> World {
    let world = World::with_vault();
    let lines: String = (0..60).map(|n| format!("K{n:02}=value-{n}\n")).collect();
    let import = ["import", "dotenv", "-", "--scope", "project:shop", "--yes"];
    world.tresor(&import, lines.as_bytes());
    world
}

/// Unlocked, with the long list on the screen.
fn opened(world: &World) -> Terminal {
    let mut terminal = world.open(&[]);
    unlock(&mut terminal);
    terminal.shows(FIRST);
    terminal
}

/// The cell where `text` begins first, from the top; columns and rows count from 0.
fn at(terminal: &Terminal, text: &str) -> (u16, u16) {
    let screen = terminal.screen();
    let found = (0_u16..).zip(screen.lines()).find_map(|(row, line)| {
        let before = line.split_once(text)?.0;
        Some((u16::try_from(before.chars().count()).unwrap(), row))
    });
    found.unwrap_or_else(|| panic!("no '{text}' on the screen:\n{screen}"))
}

/// Whether the title of a pane is bold, as that of the focused one is.
fn is_focused(terminal: &Terminal, title: &str) -> bool {
    let (column, row) = at(terminal, title);
    terminal.emulator(|screen| screen.cell(row, column + 3).expect("a cell").bold())
}

#[test]
fn a_click_selects_a_row_and_takes_the_focus() {
    if !real("a_click_selects_a_row_and_takes_the_focus") {
        return;
    }
    let world = long_list();
    let mut terminal = opened(&world);
    assert!(terminal.emulator(|screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::PressRelease
            && screen.mouse_protocol_encoding() == vt100::MouseProtocolEncoding::Sgr
    }));
    terminal.click(at(&terminal, LATER));
    terminal.shows(&format!("▌{LATER}"));
    // The title of the third pane is the selected key: its detail is there.
    terminal.shows(&format!("╭─ {LATER}"));
    assert!(is_focused(&terminal, "╭─ All") && !is_focused(&terminal, "╭─ Scopes"));
    let (border, row) = at(&terminal, "│ global");
    terminal.click((border + 2, row));
    terminal.shows("╭─ global");
    terminal.shows("▌canary");
    assert!(is_focused(&terminal, "╭─ Scopes") && !is_focused(&terminal, "╭─ global"));
    // The keys follow the focus that the mouse gave.
    terminal.click(at(&terminal, "╭─ canary"));
    terminal.until("the detail focused", |_| is_focused(&terminal, "╭─ canary"));
    assert!(!terminal.screen().contains(CANARY), "a click alone shows nothing");
}

#[test]
fn the_wheel_scrolls_the_list_under_it_and_nothing_else() {
    if !real("the_wheel_scrolls_the_list_under_it_and_nothing_else") {
        return;
    }
    let world = long_list();
    let mut terminal = opened(&world);
    let list = at(&terminal, LATER);
    terminal.wheel(list, 2);
    terminal.hides(FIRST);
    // Six rows further, and the selection keeps on the screen.
    assert_eq!(at(&terminal, "k12"), (list.0, list.1 - 1));
    terminal.wheel(list, -2);
    terminal.shows(FIRST);
    assert_eq!(at(&terminal, LATER), list);
    // Over the scopes the list stays and the next scope is taken.
    terminal.wheel(at(&terminal, "╭─ Scopes"), 1);
    terminal.hides("╭─ All");
}

#[test]
fn hints_and_buttons_take_clicks() {
    if !real("hints_and_buttons_take_clicks") {
        return;
    }
    let world = long_list();
    let mut terminal = opened(&world);
    terminal.click(at(&terminal, LATER));
    terminal.shows(&format!("▌{LATER}"));
    terminal.keys("d");
    terminal.shows("to the trash?");
    terminal.click(at(&terminal, "[ Keep ]"));
    terminal.hides("to the trash?");
    terminal.keys("d");
    terminal.shows("to the trash?");
    terminal.click(at(&terminal, "[ Move to trash ]"));
    terminal.hides("to the trash?");
    terminal.until("one less", |screen| screen.contains(" 60 ─╮") && !screen.contains("▌k07"));
}

#[test]
fn a_mouse_that_is_switched_off_is_left_to_the_terminal() {
    if !real("a_mouse_that_is_switched_off_is_left_to_the_terminal") {
        return;
    }
    let world = long_list();
    world.configure("[ui]\nmouse = false\n");
    let mut terminal = opened(&world);
    assert!(!String::from_utf8_lossy(&terminal.written()).contains("\x1b[?1000h"));
    // What the list selects is described a moment later.
    terminal.shows("Revision");
    let before = terminal.screen();
    // Nobody would send it; whoever does changes nothing.
    terminal.click(at(&terminal, LATER));
    terminal.keys("?");
    terminal.shows("Show every key");
    terminal.keys("<esc>");
    terminal.hides("Show every key");
    assert_eq!(terminal.screen(), before);
}
