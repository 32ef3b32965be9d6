//! The help: every binding, from the one table. Holds no text of its own.
use super::App;
use super::bindings::{Action, Binding, Context, offered};
use super::keymap::show;
use super::layer::Layer;
use super::list_move::moved;

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// A heading.
    Heading(&'static str),
    /// One action: its keys joined, and what it does.
    Binding {
        /// The action.
        action: Action,
        /// Its keys, as `y, ctrl-c`.
        keys: String,
        /// What it does.
        description: &'static str,
    },
    /// An empty line.
    Gap,
}

/// The state of the help.
pub struct Help {
    /// Where it was called from; those rows come first.
    pub context: Context,
    /// All lines.
    pub rows: Vec<HelpRow>,
    /// The first line on screen.
    pub offset: usize,
}

impl App {
    pub(super) fn open_help(&mut self) {
        if matches!(self.layers.last(), Some(Layer::Help(_))) {
            return self.pop_layer();
        }
        self.hide_values();
        let context = self.context();
        let rows = self.help_rows(context);
        self.layers.push(Layer::Help(Help { context, rows, offset: 0 }));
    }

    /// Every binding, those that are valid here first.
    fn help_rows(&self, context: Context) -> Vec<HelpRow> {
        let chain = context.chain();
        let others = Context::ALL.iter().map(|(other, ..)| *other);
        let order = chain.iter().copied().chain(others.filter(|other| !chain.contains(other)));
        let mut rows = Vec::new();
        for context in order {
            if !rows.is_empty() {
                rows.push(HelpRow::Gap);
            }
            rows.push(HelpRow::Heading(context.title()));
            let own = offered().filter(|row| row.context == context);
            rows.extend(own.map(|row| HelpRow::Binding {
                action: row.action,
                keys: self.keys_of(row),
                description: row.description,
            }));
        }
        rows
    }

    /// All keys of a row as people write them: `y, Ctrl-C`.
    pub(super) fn keys_of(&self, row: &Binding) -> String {
        let keys = self.keymap.keys(row.context, row.action);
        keys.iter().map(|keys| show(keys)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn help_act(&mut self, action: Action) {
        let page = self.list_page();
        let Some(help) = self.help_layer() else { return };
        let steps = help.rows.len().saturating_sub(page) + 1;
        match action {
            Action::Close => self.pop_layer(),
            action => {
                if let Some(to) = moved(help.offset, steps, page, action) {
                    help.offset = to;
                }
            }
        }
    }
}
