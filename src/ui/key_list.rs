//! The pane of keys: what one looks for without opening anything. Only the rows on screen are built.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::columns::{AGE, Columns, EXPIRY, KIND};
use super::input::{self, Look};
use super::pane::{self, Extent, Label};
use super::rows::{self, Row, Window};
use super::words::{self, Urgency};
use super::{empty, names, width};
use crate::app::App;
use crate::app::browse::{Browse, Pane};
use crate::app::layout::{Frame, PaneArea};
use crate::app::scope_tree::{self, ScopeRowKind};
use crate::config::Meaning;
use crate::text::visible;
use crate::vault::{SecretSummary, Timestamp};

/// Draws the pane with its search line.
pub fn draw(canvas: &mut Canvas<'_>, area: &PaneArea, frame: &Frame, app: &App, browse: &Browse) {
    let focused = browse.focus == Pane::Keys;
    let title = title(app, browse);
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
    draw_rows(canvas, inner, columns, app, browse);
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

fn title(app: &App, browse: &Browse) -> String {
    if browse.search.is_some() {
        return "Search everywhere".into();
    }
    match browse.scopes.rows.get(browse.scopes.selected).map(|row| &row.kind) {
        Some(ScopeRowKind::Scope(scope)) => names::scope(app, browse, scope),
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

fn draw_rows(canvas: &mut Canvas<'_>, area: Rect, columns: Columns, app: &App, browse: &Browse) {
    let (mixed, now) = (browse.keys.mixed, app.wall);
    rows::draw(canvas, area, window(browse), |canvas, row| {
        let secret = browse.keys.index(row.index).and_then(|index| browse.listing.get(index));
        if let Some(secret) = secret {
            let positions = browse.keys.positions(row.index);
            let alias = app.presenting.then(|| Alias {
                key: browse.alias(&secret.name),
                scope: browse.scope_alias(&secret.name.scope),
            });
            draw_row(canvas, &row, columns, &Entry { secret, alias, positions, mixed, now });
        }
    });
}

/// What stands for a secret and its scope.
struct Alias {
    key: String,
    scope: String,
}

/// One row's secret, and what else decides how it is drawn.
struct Entry<'a> {
    secret: &'a SecretSummary,
    /// What stands for its name in presenter mode.
    alias: Option<Alias>,
    /// Characters of `scope/key` that a search matched.
    positions: &'a [u32],
    mixed: bool,
    now: Timestamp,
}

impl Entry<'_> {
    /// Whether the search matched that character of `scope/key`.
    fn is_matched(&self, at: usize) -> bool {
        u32::try_from(at).is_ok_and(|at| self.positions.binary_search(&at).is_ok())
    }
}

/// The name yields to nothing but the expiry; other columns make way for it on its row.
fn draw_row(canvas: &mut Canvas<'_>, row: &Row, columns: Columns, entry: &Entry<'_>) {
    let Rect { x, y, width: all, .. } = row.area;
    let secret = entry.secret;
    let expiry = columns.expiry.zip(secret.expires_at);
    let room = expiry.map_or(all.saturating_sub(1), |(at, _)| at.saturating_sub(1));
    let key = entry.alias.as_ref().map_or(secret.name.key.as_str(), |alias| &alias.key);
    let wanted = u16::try_from(width::width(key)).unwrap_or(u16::MAX).min(room);
    let style = row.style(canvas, Meaning::Text);
    let before = secret.name.scope.as_str().chars().count() + 1;
    canvas.matched((x, y, wanted), key, style, |at| entry.is_matched(at + before));
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
        let urgency = words::urgency_of(secret.kind, expires_at, entry.now);
        let text = words::expiry_column(expires_at, entry.now);
        draw_expiry(canvas, row, (x + at + EXPIRY, y), text, urgency);
    }
}

/// The scope of a row in a mixed list: in its column, or without the word of its kind behind the name.
fn draw_scope(
    canvas: &mut Canvas<'_>,
    row: &Row,
    columns: Columns,
    entry: &Entry<'_>,
    (name, room): (u16, u16),
) {
    let Rect { x, y, .. } = row.area;
    let dim = row.style(canvas, Meaning::Dim);
    let scope = &entry.secret.name.scope;
    let in_column = columns.scope.is_some();
    let text = match &entry.alias {
        Some(alias) => &alias.scope,
        None if in_column => scope.as_str(),
        None => scope_tree::short(scope),
    };
    let skipped = scope.as_str().chars().count().saturating_sub(text.chars().count());
    let matched = |at: usize| entry.is_matched(at + skipped);
    let text = visible(text);
    match columns.scope {
        Some(at) if name < at => {
            let end = columns.kind.or(columns.age).or(columns.expiry).unwrap_or(row.area.width);
            canvas.matched((x + at, y, end.saturating_sub(at + 2)), &text, dim, matched);
        }
        None if entry.mixed => {
            let wanted = u16::try_from(width::width(&text)).unwrap_or(u16::MAX);
            let (free, end) = behind_name(columns, (name, room), wanted);
            if wanted <= free {
                canvas.matched((x + end - wanted, y, wanted), &text, dim, matched);
            } else {
                let cut = width::start(&text, usize::from(free), canvas.glyphs().ellipsis);
                canvas.right(x + end, y, free, &cut, dim);
            }
        }
        _ => {}
    }
}

/// The columns that a scope of `wanted` ones has behind the name, and where they end: at the right,
/// before the expiry's column; into it only where a row needs that.
fn behind_name(columns: Columns, (name, room): (u16, u16), wanted: u16) -> (u16, u16) {
    let aligned = columns.expiry.map_or(room, |at| at.saturating_sub(2)).min(room);
    let end = aligned.max(name.saturating_add(1).saturating_add(wanted).min(room));
    (end.saturating_sub(name + 1), end)
}

fn draw_expiry(
    canvas: &mut Canvas<'_>,
    row: &Row,
    (end, y): (u16, u16),
    text: String,
    urgency: Urgency,
) {
    let (text, meaning) = match urgency {
        Urgency::Calm => (text, Meaning::Dim),
        Urgency::Soon => (format!("{} {text}", canvas.glyphs().warn), Meaning::Warn),
        Urgency::Past => (text, Meaning::Bad),
    };
    let style = row.style(canvas, meaning);
    canvas.right(end, y, EXPIRY, &text, style);
}
