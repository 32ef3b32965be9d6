//! How a list is printed that may be long: for people, as one JSON document, or as one object a line. Knows
//! no list.

use clap::Args;
use serde_json::{Value, json};

use super::error::CliError;
use super::session::{DONE, Outcome, Session};

/// The form of a list.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct ListArgs {
    /// Print one JSON object a line, for long lists
    #[arg(long)]
    pub ndjson: bool,
}

impl ListArgs {
    /// Prints a list: the objects of its items one by one, or the document of all of them, or what people
    /// are to see.
    pub fn print<T>(
        self,
        session: &Session,
        items: &[T],
        object: impl Fn(&T) -> Value,
        document: impl FnOnce(Vec<Value>) -> Value,
        for_people: impl FnOnce() -> Result<(), CliError>,
    ) -> Outcome {
        match (self.ndjson, session.out.json) {
            (true, _) => by_line(session, items, object)?,
            (false, true) => session.out.json(&document(items.iter().map(object).collect()))?,
            (false, false) => for_people()?,
        }
        DONE
    }
}

/// One object a line, each written when it is made: a reader may stop early.
pub fn by_line<T>(
    session: &Session,
    items: &[T],
    object: impl Fn(&T) -> Value,
) -> Result<(), CliError> {
    items.iter().try_for_each(|item| session.out.json(&object(item)))
}

/// A document of the items under that name, and how many they are.
pub fn counted(name: &'static str) -> impl FnOnce(Vec<Value>) -> Value {
    move |items| json!({"count": items.len(), name: items})
}
