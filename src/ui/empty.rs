//! Empty states: which empty it is and which key comes next.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::names;
use crate::app::browse::Browse;
use crate::app::scope_tree::ScopeRowKind;
use crate::app::{Action, App, Context};
use crate::config::Meaning;
use crate::text::visible;

/// Says why the list of keys is empty.
pub fn keys(canvas: &mut Canvas<'_>, area: Rect, app: &App, browse: &Browse) {
    let dash = canvas.glyphs().none;
    let key = |action| app.keymap.first_key(Context::Browse, action).unwrap_or_else(|| "?".into());
    if let Some(search) = &browse.search {
        let text = search.query.with_str(|query| match (query.is_empty(), search.found) {
            (false, Some(0)) => {
                let back = app.keymap.first_key(Context::Search, Action::Close);
                let back = back.unwrap_or_else(|| "Esc".into());
                format!("Nothing matches \"{}\" {dash} {back} clears", visible(query))
            }
            _ => String::new(),
        });
        return say(canvas, area, &text);
    }
    if !browse.loaded {
        let text = if app.is_busy() { "Reading the vault" } else { "" };
        return say(canvas, area, text);
    }
    let (add, import) = (key(Action::Add), key(Action::Import));
    let text = match browse.scopes.rows.get(browse.scopes.selected).map(|row| &row.kind) {
        Some(ScopeRowKind::Trash) => {
            format!("{} lists deleted secrets", key(Action::Trash))
        }
        Some(ScopeRowKind::Scope(scope)) => {
            let scope = names::scope(app, browse, scope);
            format!("No secrets in {scope} yet {dash} {add} adds one, {import} imports a .env")
        }
        _ => format!("No secrets yet {dash} {add} adds the first, {import} imports a .env"),
    };
    say(canvas, area, &text);
}

/// Says something quietly at the top of an empty list.
pub fn say(canvas: &mut Canvas<'_>, area: Rect, text: &str) {
    let down = u16::from(area.height > 3);
    let area = Rect {
        x: area.x + 1.min(area.width),
        y: area.y + down,
        width: area.width.saturating_sub(2),
        height: area.height - down,
    };
    canvas.prose(area, text, Meaning::Dim);
}
