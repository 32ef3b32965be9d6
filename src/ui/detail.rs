//! The pane that tells the story of one secret: what it is, who owns it, when it dies, what it was before.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::pane::{self, Label};
use super::words::{self, Urgency};
use super::{facts, meter, names, one_time, value, width};
use crate::app::browse::{Browse, Pane};
use crate::app::detail::Shown;
use crate::app::layout::PaneArea;
use crate::app::one_time::OneTime;
use crate::app::{App, Context};
use crate::config::Meaning;
use crate::vault::{Description, SecretKind, SecretSummary};

/// Columns of the labels, with the space after them.
const LABEL: u16 = 12;

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, area: &PaneArea, borders: bool, app: &App, browse: &Browse) {
    let focused = browse.focus == Pane::Detail;
    let selected = browse.selected();
    let title = selected.map_or_else(String::new, |secret| names::key(app, browse, &secret.name));
    pane::frame(canvas, rect(area.outer), borders, Label { title: &title, note: "", focused });
    let Some(secret) = selected else { return };
    let inner = rect(area.inner);
    let pad = 1.min(inner.width / 2);
    let inner = Rect { x: inner.x + pad, width: inner.width - 2 * pad, ..inner };
    if inner.height == 0 || inner.width == 0 {
        return;
    }
    let shown = browse.detail.shown.as_ref().filter(|shown| shown.name == secret.name);
    let description = browse.detail.description.as_ref().filter(|known| known.name == secret.name);
    // One empty line, the value, the countdown, one empty line; without the empty ones when low.
    let top = u16::from(inner.height > 12);
    let below = (top + 2 + top).min(inner.height);
    let owner = names::scope(app, browse, &secret.name.scope);
    let lines = Lines::of((secret, &owner), description, canvas, app, inner.width);
    let rest = Rect { y: inner.y + below, height: inner.height - below, ..inner };
    lines.draw(canvas, rest, if shown.is_some() { 0 } else { browse.detail.scroll });
    let area = Rect { y: inner.y + top, height: inner.height - top, ..inner };
    let row = match shown {
        None => draw_masked(canvas, area, secret),
        Some(shown) => draw_shown(canvas, area, shown, app, browse.detail.scroll),
    };
    if focused {
        canvas.place_cursor(area.x, row);
    }
}

/// The dots, and what is behind them where that is not the value itself.
fn draw_masked(canvas: &mut Canvas<'_>, area: Rect, secret: &SecretSummary) -> u16 {
    value::masked(canvas, area.x, area.y, area.width);
    if secret.kind == SecretKind::Totp && area.height > 1 {
        canvas.sentence(area.x, area.y + 1, area.width, "one-time code", Meaning::Dim);
    }
    area.y
}

/// The value over whatever is below it, and when it hides; no other line moves. Returns its row.
fn draw_shown(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown, app: &App, scroll: usize) -> u16 {
    match &shown.code {
        Some(code) => draw_code(canvas, area, (shown, code), app),
        None => {
            draw_value(canvas, area, shown, app, scroll);
            area.y
        }
    }
}

/// A code by time in its ring; one of a counter with its number.
fn draw_code(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (shown, code): (&Shown, &OneTime),
    app: &App,
) -> u16 {
    match (code, code.left(app.wall)) {
        (_, Some(left)) => one_time::draw(canvas, area, shown, left, app),
        (OneTime::Counted { counter }, None) => {
            canvas.clear(Rect { height: area.height.min(3), ..area });
            let used = one_time::digits(canvas, (area.x, area.y, area.width), &shown.value);
            let beside = format!("  number {counter}, used up");
            canvas.sentence(area.x + used, area.y, area.width - used, &beside, Meaning::Dim);
            if area.height > 1 {
                let times = (shown.since, shown.until, app.now);
                let place = (area.x, area.y + 1, area.width);
                meter::countdown(canvas, place, "hides in", times);
            }
            area.y
        }
        (OneTime::ByTime { .. }, None) => area.y,
    }
}

fn draw_value(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown, app: &App, scroll: usize) {
    let most = area.height.saturating_sub(1).max(1);
    let rows = value::height(&shown.value, area.width, most);
    let covered = Rect { height: (rows + 1 + u16::from(rows > 2)).min(area.height), ..area };
    canvas.clear(covered);
    value::draw(canvas, Rect { height: rows, ..area }, &shown.value, scroll);
    let y = area.y + rows;
    if y >= area.bottom() {
        return;
    }
    if shown.peek {
        canvas.sentence(area.x, y, area.width, "hides with the next key", Meaning::Dim);
    } else {
        let times = (shown.since, shown.until, app.now);
        meter::countdown(canvas, (area.x, y, area.width), "hides in", times);
    }
}

/// The lines below the value, made before they are drawn because they can be scrolled.
struct Lines {
    lines: Vec<(String, String, Meaning)>,
    columns: u16,
}

impl Lines {
    fn of(
        (secret, owner): (&SecretSummary, &str),
        description: Option<&Description>,
        canvas: &Canvas<'_>,
        app: &App,
        columns: u16,
    ) -> Self {
        let mut lines = Self { lines: Vec::new(), columns };
        lines.summary((secret, owner), description, canvas, app);
        if let Some(description) = description {
            if !app.presenting {
                lines.facts(description, canvas);
            }
            lines.history(description, canvas, app);
            if let Some(note) = &description.metadata.note {
                lines.gap();
                lines.add("Note", &names::text(app, canvas, note), Meaning::Text, 24);
            }
        }
        lines
    }

    fn gap(&mut self) {
        self.lines.push((String::new(), String::new(), Meaning::Text));
    }

    /// One labelled text, broken into at most `limit` lines.
    fn add(&mut self, label: &str, text: &str, meaning: Meaning, limit: usize) {
        let room = usize::from(self.columns.saturating_sub(LABEL)).max(1);
        let shown = crate::text::visible_lines(text);
        let mut label = label.to_owned();
        for line in width::words(&shown, room, limit) {
            self.lines.push((std::mem::take(&mut label), line.to_owned(), meaning));
        }
    }

    fn summary(
        &mut self,
        (secret, owner): (&SecretSummary, &str),
        description: Option<&Description>,
        canvas: &Canvas<'_>,
        app: &App,
    ) {
        let masked = |text: &str| names::text(app, canvas, text);
        let known = description.filter(|_| !app.presenting);
        let kind = known.and_then(|known| facts::kind(&known.metadata));
        self.add("Kind", kind.unwrap_or_else(|| words::kind_long(secret.kind)), Meaning::Text, 2);
        self.add("Owner", owner, Meaning::Text, 3);
        if let Some(username) = &secret.username {
            self.add("Username", &masked(username), Meaning::Text, 2);
        }
        if let Some(url) = &secret.url {
            self.add("URL", &masked(facts::short_url(url)), Meaning::Text, 3);
        }
        if !secret.tags.is_empty() {
            self.add("Tags", &masked(&secret.tags.join(", ")), Meaning::Text, 3);
        }
        let (expires, meaning) = expires(secret, canvas, app, self.columns);
        self.add("Expires", &expires, meaning, 2);
        if secret.protected {
            self.add("Protected", "asks for the passphrase", Meaning::Text, 2);
        }
    }

    fn facts(&mut self, description: &Description, canvas: &Canvas<'_>) {
        let dash = if canvas.skin.ascii { "-" } else { "–" };
        let facts = facts::shown(&description.metadata, dash);
        if !facts.is_empty() {
            self.gap();
        }
        for (label, text) in facts {
            self.add(label, &text, Meaning::Text, 3);
        }
    }

    fn history(&mut self, description: &Description, canvas: &Canvas<'_>, app: &App) {
        /// Revisions shown here; the rest is in the history itself.
        const FEW: usize = 4;
        self.gap();
        let mut label = "Revision";
        for (at, kept) in description.history.iter().take(FEW).enumerate() {
            let meaning = if at == 0 { Meaning::Text } else { Meaning::Dim };
            let text = format!("{:<3} {}", kept.revision, words::ago(kept.written_at, app.wall));
            self.add(label, &text, meaning, 1);
            label = "";
        }
        let more = description.history.len().saturating_sub(FEW);
        if more > 0 {
            let key = app.keymap.first_key(Context::Browse, crate::app::Action::History);
            let key =
                key.map_or_else(String::new, |key| format!(" {} {key}", canvas.glyphs().middot));
            self.add("", &format!("{more} older{key}"), Meaning::Dim, 1);
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, scroll: usize) {
        let most = self.lines.len().saturating_sub(usize::from(area.height));
        let label = LABEL.min(area.width);
        for (y, (name, text, meaning)) in
            (area.y..area.bottom()).zip(self.lines.iter().skip(scroll.min(most)))
        {
            canvas.say(area.x, y, label, name, Meaning::Dim);
            canvas.say(area.x + label, y, area.width - label, text, *meaning);
        }
        if self.lines.len() > usize::from(area.height) + scroll.min(most) && area.height > 0 {
            let down = canvas.glyphs().down;
            canvas.say(area.right(), area.bottom() - 1, 1, down, Meaning::Dim);
        }
    }
}

/// How urgent, in words, and the date; the date on a line of its own where one is too short.
fn expires(
    secret: &SecretSummary,
    canvas: &Canvas<'_>,
    app: &App,
    columns: u16,
) -> (String, Meaning) {
    let Some(at) = secret.expires_at else { return ("never".into(), Meaning::Text) };
    let glyphs = canvas.glyphs();
    let words = words::expiry_long(at, app.wall);
    let (words, meaning) = match words::urgency_of(secret.kind, at, app.wall) {
        Urgency::Calm => (words, Meaning::Text),
        Urgency::Soon => (format!("{} {words}", glyphs.warn), Meaning::Warn),
        Urgency::Past => (format!("{} {words}", glyphs.bad), Meaning::Bad),
    };
    let date = words::date(at);
    let line = format!("{words} {} {date}", glyphs.middot);
    let fits = width::width(&line) <= usize::from(columns.saturating_sub(LABEL));
    (if fits { line } else { format!("{words}\n{date}") }, meaning)
}
