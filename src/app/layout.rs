//! Where everything is on the screen: pure geometry, shared by drawing and the mouse. Draws nothing.

use super::App;
use super::bindings::Action;
use super::browse::Pane;

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
    /// A row of the top layer's list.
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
    let line = |y: u16| Rect { x: 0, y, width, height: u16::from(y < height) };
    Frame {
        tiny: width < 20 || height < 5,
        borders: height >= 14,
        title: line(0),
        body: Rect { x: 0, y: 1, width, height: height.saturating_sub(3) },
        panes: Vec::new(),
        search: None,
        hints: line(height.saturating_sub(2)),
        status: line(height.saturating_sub(1)),
    }
}

/// Where the parts of layer `index` are; of the unlock or first-run box when there is no such layer.
pub fn popup(app: &App, index: usize) -> Popup {
    super::layout_popup::popup(app, index)
}

/// The hints of whatever has the keys, placed in the hint line (or the top popup's).
pub fn hints(_app: &App) -> Vec<Hint> {
    Vec::new()
}

/// What is at that cell.
pub fn hit(_app: &App, _column: u16, _row: u16) -> Hit {
    Hit::Nothing
}
