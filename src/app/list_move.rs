//! How a selection moves through a list. Knows nothing of what is listed.

use super::bindings::Action;

/// Where `selected` of `len` rows goes by `action`, with `page` rows on screen; `None` for other actions.
pub(super) fn moved(selected: usize, len: usize, page: usize, action: Action) -> Option<usize> {
    let last = len.saturating_sub(1);
    let page = page.max(1);
    let to = match action {
        Action::Up => selected.saturating_sub(1),
        Action::Down => selected.saturating_add(1),
        Action::PageUp => selected.saturating_sub(page),
        Action::PageDown => selected.saturating_add(page),
        Action::HalfPageUp => selected.saturating_sub(page.div_ceil(2)),
        Action::HalfPageDown => selected.saturating_add(page.div_ceil(2)),
        Action::Top => 0,
        Action::Bottom => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// Scrolls by `rows` without moving the selection further than needed to stay visible.
pub(super) fn wheel(
    offset: &mut usize,
    selected: &mut usize,
    len: usize,
    page: usize,
    rows: isize,
) {
    let most = len.saturating_sub(page.max(1));
    *offset = offset.saturating_add_signed(rows).min(most);
    let bottom = (*offset + page.max(1)).saturating_sub(1).min(len.saturating_sub(1));
    *selected = (*selected).clamp((*offset).min(bottom), bottom);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_stays_within_its_list() {
        assert_eq!(moved(0, 0, 10, Action::Down), Some(0));
        assert_eq!(moved(9, 10, 4, Action::Down), Some(9));
        assert_eq!(moved(9, 10, 4, Action::HalfPageUp), Some(7));
        assert_eq!(moved(0, 10, 4, Action::PageDown), Some(4));
        assert_eq!(moved(3, 10, 4, Action::Copy), None);
    }

    #[test]
    fn the_wheel_scrolls_and_keeps_the_selection_visible() {
        let (mut offset, mut selected) = (0, 0);
        wheel(&mut offset, &mut selected, 100, 10, 3);
        assert_eq!((offset, selected), (3, 3));
        wheel(&mut offset, &mut selected, 100, 10, 500);
        assert_eq!((offset, selected), (90, 90));
        wheel(&mut offset, &mut selected, 3, 10, 3);
        assert_eq!((offset, selected), (0, 2));
        wheel(&mut offset, &mut selected, 0, 10, 3);
        assert_eq!((offset, selected), (0, 0));
    }
}
