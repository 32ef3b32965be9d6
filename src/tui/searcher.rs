//! The thread that searches: only the latest query counts, and a later one cuts an earlier one short.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::Arc;
use std::{io, thread};

use super::{Message, panic};
use crate::app::{Event, Outcome, Ticket};
use crate::service::search::{SearchEngine, SearchQuery};

/// The way to the searching thread.
pub struct Searcher {
    to: Sender<(Ticket, SearchQuery, u64)>,
    /// The number of the latest query.
    latest: Arc<AtomicU64>,
}

impl Searcher {
    /// Starts the thread.
    pub fn start(answers: Sender<Message>) -> io::Result<Self> {
        let (to, from) = channel();
        let latest = Arc::new(AtomicU64::new(0));
        let current = Arc::clone(&latest);
        let serve = move || serve(&from, &answers, &current);
        thread::Builder::new().name("search".into()).spawn(serve)?;
        Ok(Self { to, latest })
    }

    /// Asks for the hits of `query`; what was asked before is given up.
    pub fn ask(&self, ticket: Ticket, query: SearchQuery) {
        let number = self.latest.fetch_add(1, Ordering::SeqCst) + 1;
        // The thread ends only with the program.
        let _ = self.to.send((ticket, query, number));
    }
}
