//! Where everything is on the screen: pure geometry, shared by drawing and the mouse. Draws nothing.

use super::bindings::Action;
use super::browse::{Browse, Pane};
use super::{App, Screen, layout_hints, layout_popup};

/// The columns of the scope tree, with its border.
const SCOPES_WIDTH: u16 = 26;
/// The list of keys has column titles from this width on.
const TITLES_WIDTH: u16 = 42;

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Rect {
    /// Whether the cell lies inside.
    pub fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && x - self.x < self.width && y >= self.y && y - self.y < self.height
    }

    /// The rectangle without `dx` columns left and right and `dy` rows above and below.
    pub fn shrunk(self, dx: u16, dy: u16) -> Self {
        Self {
            x: self.x.saturating_add(dx),
            y: self.y.saturating_add(dy),
            width: self.width.saturating_sub(dx.saturating_mul(2)),
            height: self.height.saturating_sub(dy.saturating_mul(2)),
        }
    }
}

impl Rect {
    /// Takes the first line away and returns it.
    pub fn cut_top(&mut self) -> Self {
        let line = Self { height: self.height.min(1), ..*self };
        self.y += line.height;
        self.height -= line.height;
        line
    }
}

/// One pane of the browse screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneArea {
    /// Which.
    pub pane: Pane,
    /// With its border.
    pub outer: Rect,
    /// Where its rows are: inside the border (and below the column titles of the keys).
    pub inner: Rect,
    /// The line of column titles, in a wide list of keys.
    pub titles: Option<Rect>,
}

/// The bands of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Too small for anything but one sentence (under 20 columns or 5 rows).
    pub tiny: bool,
    /// Whether panes and popups have borders (at least 14 rows).
    pub borders: bool,
    /// The first line.
    pub title: Rect,
    /// Everything between title and hints.
    pub body: Rect,
    /// The panes that are shown, left to right (on the browse screen).
    pub panes: Vec<PaneArea>,
    /// Where the search is typed: the line above the rows of the keys, or nothing.
    pub search: Option<Rect>,
    /// The line of hints.
    pub hints: Rect,
    /// The last line: what just happened, the clipboard's countdown.
    pub status: Rect,
}

/// One hint, placed. Never cut in the middle; those that do not fit are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What a click on it does.
    pub action: Action,
    /// Its key.
    pub key: String,
    /// Its label.
    pub label: &'static str,
    /// Where: `key label`, with one space between.
    pub area: Rect,
}

/// What a line or area of a popup is for. The order of Tab numbers the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    Gap,
    /// What it is about: a path, a question, a generated value.
    Intro,
    /// A field, with its label.
    Field(usize),
    /// What is said below that field: its strength, what completes it.
    Under(usize),
    /// A sentence or a value.
    Text,
    /// What is wrong, or going on.
    Problem,
    /// Rows.
    List,
    /// Buttons.
    Buttons,
    /// Hints.
    Hints,
}

/// Where the parts of a popup (the layer of that index, or the unlock and first-run boxes) are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Popup {
    /// With its border.
    pub outer: Rect,
    /// Inside border and padding.
    pub inner: Rect,
    /// One per field in the order of Tab; for each the whole width of its input (labels stand left of it).
    pub fields: Vec<Rect>,
    /// The rows of its list or text.
    pub list: Rect,
    /// Its buttons, left to right (questions).
    pub buttons: Vec<Rect>,
    /// The line of its hints, the last inside.
    pub hints: Rect,
    /// All parts from the top to the bottom; what there is no room for is not among them.
    pub parts: Vec<(Part, Rect)>,
    /// Columns of the labels left of the fields, with the space after them.
    pub label: u16,
}

impl Popup {
    /// Where that part is.
    pub fn part(&self, part: Part) -> Option<Rect> {
        self.parts.iter().find(|(known, _)| *known == part).map(|(_, area)| *area)
    }
}

/// What is under the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A row of the scope tree.
    Scope(usize),
    /// A row of the keys.
    Key(usize),
    /// A pane, beside its rows.
    Pane(Pane),
    /// A hint.
    Hint(Action),
    /// The line where the search is typed.
    Search,
    /// A row of the top layer's list, counted from the first one on screen.
    Row(usize),
    /// A field of the top layer.
    Field(usize),
    /// A button of the top layer.
    Button(usize),
    /// The top layer, beside everything.
    Layer,
    /// Nothing.
    Nothing,
}

/// The bands and panes of the screen.
pub fn frame(app: &App) -> Frame {
    let (width, height) = app.size;
    let tiny = width < 20 || height < 5;
    let line = |y: u16| Rect { x: 0, y, width, height: 1 };
    let nowhere = Rect::default();
    // Below eight rows the hints give way: `?` still tells them.
    let foot = if height < 8 { 1 } else { 2 };
    let mut frame = Frame {
        tiny,
        borders: height >= 14,
        title: line(0),
        body: Rect { x: 0, y: 1, width, height: height.saturating_sub(1 + foot) },
        panes: Vec::new(),
        search: None,
        hints: if foot == 2 { line(height - 2) } else { nowhere },
        status: line(height.saturating_sub(1)),
    };
    if tiny {
        let body = Rect { x: 0, y: 0, width, height };
        return Frame { title: nowhere, body, hints: nowhere, status: nowhere, ..frame };
    }
    if let Screen::Browse(browse) = &app.screen {
        place_panes(&mut frame, browse);
    }
    frame
}

/// At least 100 columns show three panes, at least 72 two, fewer one.
fn place_panes(frame: &mut Frame, browse: &Browse) {
    let body = frame.body;
    let shown: &[(Pane, u16)] = match body.width {
        100.. => {
            let rest = body.width - SCOPES_WIDTH;
            let detail = rest * 12 / 25;
            &[(Pane::Scopes, SCOPES_WIDTH), (Pane::Keys, rest - detail), (Pane::Detail, detail)]
        }
        72.. if browse.focus == Pane::Scopes => {
            &[(Pane::Scopes, SCOPES_WIDTH), (Pane::Keys, body.width - SCOPES_WIDTH)]
        }
        72.. => {
            let detail = body.width / 2;
            &[(Pane::Keys, body.width - detail), (Pane::Detail, detail)]
        }
        _ => &[(browse.focus, body.width)],
    };
    let mut x = body.x;
    for (pane, width) in shown {
        let outer = Rect { x, width: *width, ..body };
        x += *width;
        place_pane(frame, browse, *pane, outer);
    }
}

fn place_pane(frame: &mut Frame, browse: &Browse, pane: Pane, outer: Rect) {
    let mut inner = if frame.borders {
        outer.shrunk(1, 1)
    } else {
        // One line of title, one column of air to the next pane.
        let width = outer.width.saturating_sub(1);
        Rect { y: outer.y + 1, height: outer.height.saturating_sub(1), width, ..outer }
    };
    let mut titles = None;
    if pane == Pane::Keys {
        if browse.search.is_some() {
            frame.search = Some(inner.cut_top());
        }
        if frame.borders && inner.width >= TITLES_WIDTH {
            titles = Some(inner.cut_top());
        }
    }
    frame.panes.push(PaneArea { pane, outer, inner, titles });
}

/// Where the parts of layer `index` are; of the unlock or first-run box when there is no such layer.
pub fn popup(app: &App, index: usize) -> Popup {
    layout_popup::popup(app, index)
}

/// The hints of whatever has the keys, placed in the hint line (or the top popup's).
pub fn hints(app: &App) -> Vec<Hint> {
    layout_hints::hints(app)
}

/// What is at that cell.
pub fn hit(app: &App, x: u16, y: u16) -> Hit {
    if let Some(hint) = hints(app).iter().find(|hint| hint.area.contains(x, y)) {
        return Hit::Hint(hint.action);
    }
    match (&app.screen, app.layers.len().checked_sub(1)) {
        (_, Some(top)) => hit_popup(&popup(app, top), x, y),
        (Screen::Browse(browse), None) => hit_panes(&frame(app), browse, x, y),
        (_, None) => hit_popup(&popup(app, usize::MAX), x, y),
    }
}

fn hit_popup(popup: &Popup, x: u16, y: u16) -> Hit {
    let find = |areas: &[Rect]| areas.iter().position(|area| area.contains(x, y));
    if let Some(at) = find(&popup.buttons) {
        return Hit::Button(at);
    }
    if let Some(at) = find(&popup.fields) {
        return Hit::Field(at);
    }
    if popup.list.contains(x, y) {
        return Hit::Row(usize::from(y - popup.list.y));
    }
    if popup.outer.contains(x, y) { Hit::Layer } else { Hit::Nothing }
}

fn hit_panes(frame: &Frame, browse: &Browse, x: u16, y: u16) -> Hit {
    if frame.search.is_some_and(|area| area.contains(x, y)) {
        return Hit::Search;
    }
    let Some(area) = frame.panes.iter().find(|area| area.outer.contains(x, y)) else {
        return Hit::Nothing;
    };
    let row = usize::from(y.saturating_sub(area.inner.y));
    let (at, len) = match area.pane {
        Pane::Scopes => (browse.scopes.offset + row, browse.scopes.rows.len()),
        Pane::Keys => (browse.keys.offset + row, browse.keys.len),
        Pane::Detail => return Hit::Pane(Pane::Detail),
    };
    match area.pane {
        Pane::Scopes if area.inner.contains(x, y) && at < len => Hit::Scope(at),
        Pane::Keys if area.inner.contains(x, y) && at < len => Hit::Key(at),
        pane => Hit::Pane(pane),
    }
}
