//! The pane of keys: what one looks for without opening anything. Only the rows on screen are built.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use super::pane::{self, Extent, Label};
use super::rows::{self, Row, Window};
use super::words::{self, Urgency};
use super::{empty, width};
use crate::app::App;
use crate::app::browse::{Browse, Pane};
use crate::app::layout::{Frame, PaneArea};
use crate::app::scope_tree::ScopeRowKind;
use crate::config::Meaning;
use crate::vault::{SecretSummary, Timestamp};

/// Columns of the kind, the age and the expiry, without the space before them.
const KIND: u16 = 8;
const AGE: u16 = 5;
const EXPIRY: u16 = 7;
/// What a name has before another column is shown.
const NAME: u16 = 20;
/// What is left of a scope behind a long name; with less it says nothing.
const SHORT_SCOPE: u16 = 7;
/// What the scope has beside the name in a mixed list.
const SCOPE: u16 = 18;

/// Where the columns begin, from the left of a row; `None` is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    scope: Option<u16>,
    kind: Option<u16>,
    age: Option<u16>,
    expiry: Option<u16>,
    /// Where the first column right of the name begins, or the end.
    name_end: u16,
}

impl Columns {
    /// Lays out `width` columns: the name first, then what there is room for by its worth.
    fn new(width: u16, mixed: bool) -> Self {
        let mut left = width.saturating_sub(NAME);
        let mut take = |columns: u16| {
            let fits = left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        let has_expiry = take(EXPIRY + 2);
        let has_scope = mixed && take(SCOPE + 2);
        // Where the scope has no column it stands behind the name, and needs the room.
        let inline = mixed && !has_scope;
        let has_kind = !inline && take(KIND + 2);
        let has_age = !inline && take(AGE + 1);
        // A wide pane gives half of what is left to the scope, the rest to the name.
        let scope_extra = if has_scope { left / 2 } else { 0 };
        let mut end = width;
        let mut place = |shown: bool, columns: u16, gap: u16| {
            shown.then(|| {
                end -= columns;
                let at = end;
                end -= gap;
                at
            })
        };
        let expiry = place(has_expiry, EXPIRY, 2);
        let age = place(has_age, AGE, 1);
        let kind = place(has_kind, KIND, 2);
        let scope = place(has_scope, SCOPE + scope_extra, 2);
        Self { scope, kind, age, expiry, name_end: end }
    }
}

/// Draws the pane with its search line.
pub fn draw(canvas: &mut Canvas<'_>, area: &PaneArea, frame: &Frame, app: &App, browse: &Browse) {
    let focused = browse.focus == Pane::Keys;
    let title = title(browse);
    let note = note(browse);
    let label = Label { title: &title, note: &note, focused };
    pane::frame(canvas, rect(area.outer), frame.borders, label);
    if let (Some(line), Some(search)) = (frame.search, &browse.search) {
        draw_search(canvas, rect(line), search);
    }
    let inner = rect(area.inner);
    let columns = Columns::new(inner.width.saturating_sub(2), browse.keys.mixed);
    if let Some(titles) = area.titles {
        draw_titles(canvas, rect(titles), columns, browse.keys.mixed);
    }
    if browse.keys.len == 0 {
        return empty::keys(canvas, inner, app, browse);
    }
    draw_rows(canvas, inner, columns, browse, app.wall);
    if frame.borders {
        let offset = window(browse).first(inner.height);
        let extent = Extent { offset, len: browse.keys.len };
        pane::thumb(canvas, rect(area.outer), inner, extent, focused);
    }
}

fn window(browse: &Browse) -> Window {
    let keys = &browse.keys;
    let focused = browse.focus == Pane::Keys;
    Window { len: keys.len, offset: keys.offset, selected: keys.selected, focused }
}

fn title(browse: &Browse) -> String {
    if browse.search.is_some() {
        return "Search everywhere".into();
    }
    match browse.scopes.rows.get(browse.scopes.selected).map(|row| &row.kind) {
        Some(ScopeRowKind::Scope(scope)) => scope.to_string(),
        Some(ScopeRowKind::Trash) => "Trash".into(),
        _ => "All".into(),
    }
}

fn note(browse: &Browse) -> String {
    match &browse.search {
        Some(search) => search.found.map_or_else(String::new, |found| {
            format!("{} of {}", words::grouped(found), words::grouped(browse.listing.len()))
        }),
        None if !browse.loaded => String::new(),
        None => words::grouped(browse.keys.len),
    }
}

fn draw_search(canvas: &mut Canvas<'_>, area: Rect, search: &crate::app::search::Search) {
    let used = canvas.say(area.x, area.y, area.width, " / ", Meaning::HintKey);
    let field = Rect { x: area.x + used, width: area.width.saturating_sub(used + 1), ..area };
    let look = Look {
        focused: search.typing,
        placeholder: "name, scope, tag, username or URL",
        meaning: Meaning::Text,
    };
    input::draw(canvas, field, &search.query, look);
}

fn draw_titles(canvas: &mut Canvas<'_>, area: Rect, columns: Columns, mixed: bool) {
    let (x, end) = (area.x + 1, area.right().saturating_sub(1));
    canvas.say(x, area.y, end.saturating_sub(x), "Key", Meaning::Dim);
    let left = [(columns.scope, "Scope"), (columns.kind, "Kind")];
    for (at, text) in left.into_iter().filter_map(|(at, text)| at.map(|at| (at, text))) {
        canvas.say(x + at, area.y, end.saturating_sub(x + at), text, Meaning::Dim);
    }
    let style = canvas.style(Meaning::Dim);
    if let (true, None, Some(at)) = (mixed, columns.scope, columns.expiry) {
        canvas.right(x + at.saturating_sub(2), area.y, at, "Scope", style);
    }
    if let Some(at) = columns.age {
        canvas.right(x + at + AGE, area.y, AGE, "Age", style);
    }
    if let Some(at) = columns.expiry {
        canvas.right(x + at + EXPIRY, area.y, EXPIRY, "Expiry", style);
    }
}

fn draw_rows(
    canvas: &mut Canvas<'_>,
    area: Rect,
    columns: Columns,
    browse: &Browse,
    now: Timestamp,
) {
    let mixed = browse.keys.mixed;
    rows::draw(canvas, area, window(browse), |canvas, row| {
        let secret = browse.keys.index(row.index).and_then(|index| browse.listing.get(index));
        if let Some(secret) = secret {
            let positions = browse.keys.positions(row.index);
            draw_row(canvas, &row, columns, &Entry { secret, positions, mixed, now });
        }
    });
}

/// One row's secret, and what else decides how it is drawn.
struct Entry<'a> {
    secret: &'a SecretSummary,
    /// Characters of `scope/key` that a search matched.
    positions: &'a [u32],
    mixed: bool,
    now: Timestamp,
}

/// The name yields to nothing but the expiry; other columns make way for it on its row.
fn draw_row(canvas: &mut Canvas<'_>, row: &Row, columns: Columns, entry: &Entry<'_>) {
    let Rect { x, y, width: all, .. } = row.area;
    let secret = entry.secret;
    let expiry = columns.expiry.zip(secret.expires_at);
    let room = expiry.map_or(all.saturating_sub(1), |(at, _)| at.saturating_sub(1));
    let key = secret.name.key.as_str();
    let wanted = u16::try_from(width::width(key)).unwrap_or(u16::MAX).min(room);
    let style = row.style(canvas, Meaning::Text);
    let before = secret.name.scope.as_str().chars().count() + 1;
    let hit = |at: usize| entry.positions.binary_search(&((at + before) as u32)).is_ok();
    canvas.matched((x, y, wanted), key, style, hit);
    draw_scope(canvas, row, columns, entry, (wanted, room));
    let free = |at: &u16| wanted < *at;
    let dim = row.style(canvas, Meaning::Dim);
    if let Some(at) = columns.kind.filter(free) {
        canvas.put(x + at, y, KIND, words::kind_short(secret.kind), dim);
    }
    if let Some(at) = columns.age.filter(free) {
        let age = words::age_column(secret.updated_at, entry.now);
        canvas.right(x + at + AGE, y, AGE, &age, dim);
    }
    if let Some((at, expires_at)) = expiry {
        draw_expiry(canvas, row, (x + at + EXPIRY, y), expires_at, entry.now);
    }
}

/// The scope of a row in a mixed list: in its column, or shortened behind the name.
fn draw_scope(
    canvas: &mut Canvas<'_>,
    row: &Row,
    columns: Columns,
    entry: &Entry<'_>,
    (name, room): (u16, u16),
) {
    let Rect { x, y, .. } = row.area;
    let dim = row.style(canvas, Meaning::Dim);
    let Some(at) = columns.scope else {
        // At the right, before the expiry's column, also on rows that do not expire.
        let end = columns.expiry.map_or(room, |at| at.saturating_sub(2));
        let free = end.saturating_sub(name + 1);
        let scope = crate::text::visible(short_scope(entry.secret));
        let least = width::width(&scope).min(usize::from(SHORT_SCOPE));
        if entry.mixed && usize::from(free) >= least {
            let scope = width::middle(&scope, usize::from(free), canvas.glyphs().ellipsis);
            canvas.right(x + end, y, free, &scope, dim);
        }
        return;
    };
    if name < at {
        let end = columns.kind.or(columns.age).or(columns.expiry).unwrap_or(row.area.width);
        let hit = |at: usize| entry.positions.binary_search(&(at as u32)).is_ok();
        let scope = crate::text::visible(entry.secret.name.scope.as_str());
        canvas.matched((x + at, y, end.saturating_sub(at + 2)), &scope, dim, hit);
    }
}

/// The scope without the word of its kind: `shop:prod`.
fn short_scope(secret: &SecretSummary) -> &str {
    let scope = secret.name.scope.as_str();
    scope.split_once(':').map_or(scope, |(_, rest)| rest)
}

fn draw_expiry(
    canvas: &mut Canvas<'_>,
    row: &Row,
    (end, y): (u16, u16),
    expires_at: Timestamp,
    now: Timestamp,
) {
    let text = words::expiry_column(expires_at, now);
    let (text, meaning) = match words::urgency(expires_at, now) {
        Urgency::Calm => (text, Meaning::Dim),
        Urgency::Soon => (format!("{} {text}", canvas.glyphs().warn), Meaning::Warn),
        Urgency::Past => (text, Meaning::Bad),
    };
    let style = row.style(canvas, meaning);
    canvas.right(end, y, EXPIRY, &text, style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_yield_and_the_name_never_does() {
        for width in 0..200 {
            for mixed in [false, true] {
                let columns = Columns::new(width, mixed);
                assert!(columns.name_end >= NAME.min(width), "{width} {columns:?}");
                let order = [columns.scope, columns.kind, columns.age, columns.expiry];
                let shown: Vec<u16> = order.into_iter().flatten().collect();
                assert!(shown.is_sorted() && shown.iter().all(|at| *at < width), "{width}");
            }
        }
        let wide = Columns::new(60, false);
        assert!(wide.kind.is_some() && wide.age.is_some() && wide.expiry.is_some());
        assert_eq!(Columns::new(30, false).kind, None);
        assert!(Columns::new(30, false).expiry.is_some());
    }
}
