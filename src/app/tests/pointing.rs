//! The mouse does what the keys do.

use super::*;
use crate::app::layout::{Rect, frame, hints, hit, popup};

fn pane(shell: &Shell, pane: Pane) -> Rect {
    frame(&shell.app).panes.iter().find(|area| area.pane == pane).expect("the pane").inner
}

fn row(area: Rect, at: u16) -> Rect {
    Rect { x: area.x + 1, y: area.y + at, width: 1, height: 1 }
}

#[test]
fn a_click_selects_and_focuses() {
    let mut shell = Shell::open();
    shell.click(row(pane(&shell, Pane::Keys), 3));
    assert_eq!((shell.browse().keys.selected, shell.browse().focus), (3, Pane::Keys));
    shell.click(row(pane(&shell, Pane::Scopes), 2));
    assert_eq!(shell.listed(), ["global/openai_api_key", "global/sentry_dsn"]);
    shell.click(row(pane(&shell, Pane::Scopes), 3));
    assert_eq!(shell.browse().scopes.selected, 2, "a heading cannot be selected");
    shell.click(row(pane(&shell, Pane::Detail), 0));
    assert_eq!(shell.browse().focus, Pane::Detail);
}

#[test]
fn a_second_click_folds_a_project() {
    let mut shell = Shell::open();
    let shop = row(pane(&shell, Pane::Scopes), 8);
    shell.click(shop).click(shop);
    assert_eq!(shell.listed().len(), 4);
}

#[test]
fn a_click_on_a_hint_does_it() {
    let mut shell = Shell::open();
    let copy = hints(&shell.app).into_iter().find(|hint| hint.action == Action::Copy).unwrap();
    shell.click(copy.area);
    assert!(shell.clipboard.is_some());
}

#[test]
fn buttons_and_fields_and_rows_of_a_layer_take_clicks() {
    let mut shell = Shell::open();
    shell.keys("d");
    let buttons = popup(&shell.app, 0).buttons;
    assert_eq!(buttons.len(), 2);
    shell.click(buttons[1]);
    assert_eq!(shell.browse().listing.len(), 8);
    shell.keys("a");
    shell.click(popup(&shell.app, 0).fields[2]);
    shell.keys("x");
    let Some(Layer::AddForm(form)) = shell.app.layers.last() else { panic!("no form") };
    assert_eq!(form.value.len(), 1);
    shell.keys("<esc>yY");
    let list = popup(&shell.app, 0).list;
    shell.click(row(list, 1)).click(row(list, 1));
    assert_eq!(shell.clipboard.as_deref(), Some("ada"));
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut shell = Shell::open();
    shell.event(Event::Resize(120, 9));
    let keys = pane(&shell, Pane::Keys);
    shell.mouse(MouseKind::ScrollDown, keys);
    assert_eq!(shell.browse().keys.offset, 3);
    shell.mouse(MouseKind::ScrollUp, keys);
    assert_eq!(shell.browse().keys.offset, 0);
    shell.mouse(MouseKind::ScrollDown, pane(&shell, Pane::Detail));
    assert_eq!((shell.browse().detail.scroll, shell.browse().keys.offset), (3, 0));
    shell.keys("?");
    shell.mouse(MouseKind::ScrollDown, keys);
    let Some(Layer::Help(help)) = shell.app.layers.last() else { panic!("no help") };
    assert_eq!(help.offset, 3);
}

#[test]
fn a_mouse_that_is_switched_off_does_nothing() {
    let mut shell = Shell::open();
    shell.app.settings.chosen.mouse = false;
    shell.click(row(pane(&shell, Pane::Keys), 3));
    assert_eq!(shell.browse().keys.selected, 0);
}

#[test]
fn every_cell_of_every_size_can_be_hit() {
    let mut shell = Shell::open();
    for keys in ["", "a", "<esc>e", "<esc>?", "<esc>:", "<esc>V", "<esc>t", "<esc>m", "<esc>d"] {
        shell.event(Event::Resize(120, 40));
        shell.keys(keys);
        for (columns, rows) in [(0, 0), (1, 1), (20, 5), (40, 9), (80, 24), (300, 100)] {
            shell.event(Event::Resize(columns, rows));
            for (x, y) in [(0, 0), (columns / 2, rows / 2), (columns, rows), (u16::MAX, u16::MAX)] {
                hit(&shell.app, x, y);
                shell.mouse(MouseKind::ScrollDown, Rect { x, y, width: 1, height: 1 });
            }
        }
    }
    assert!(shell.app.is_browsing());
}
