//! The thread that searches: only the latest query counts, and a later one cuts an earlier one short.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::{io, thread};

use super::{Message, panic};
use crate::app::{Event, Outcome, Ticket};
use crate::service::search::{SearchEngine, SearchQuery};

/// The way to the searching thread.
pub struct Searcher {
    /// Without a ticket: forget.
    to: Sender<(Option<Ticket>, SearchQuery, u64)>,
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
        let _ = self.to.send((Some(ticket), query, number));
    }

    /// Drops what is remembered of the names, on lock.
    pub fn forget(&self) {
        let number = self.latest.fetch_add(1, Ordering::SeqCst) + 1;
        let nothing = SearchQuery { text: String::new(), secrets: Arc::default() };
        let _ = self.to.send((None, nothing, number));
    }
}

fn serve(
    from: &Receiver<(Option<Ticket>, SearchQuery, u64)>,
    answers: &Sender<Message>,
    latest: &AtomicU64,
) {
    let mut engine = SearchEngine::new();
    while let Ok((ticket, query, number)) = from.recv() {
        let Some(ticket) = ticket else {
            engine.forget();
            continue;
        };
        let unwanted = || latest.load(Ordering::SeqCst) != number;
        if unwanted() {
            continue;
        }
        let found = catch_unwind(AssertUnwindSafe(|| engine.search(&query, &unwanted)));
        let event = match found {
            Ok(None) => continue,
            Ok(Some(hits)) => Event::Done(ticket, Outcome::Found(hits)),
            Err(_) => {
                engine = SearchEngine::new();
                Event::Failed(ticket, panic::failure())
            }
        };
        if answers.send(Message::Event(event)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vault::{SecretKind, SecretSummary, Timestamp};

    fn secrets(count: usize) -> Arc<Vec<SecretSummary>> {
        let summary = |n| SecretSummary {
            name: format!("global/key_{n}").parse().unwrap(),
            kind: SecretKind::Other,
            protected: false,
            revision: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            expires_at: None,
            tags: Box::default(),
            username: None,
            url: None,
        };
        Arc::new((0..count).map(summary).collect())
    }

    #[test]
    fn the_last_of_many_queries_is_always_answered() {
        let (answers, events) = channel();
        let searcher = Searcher::start(answers).unwrap();
        let secrets = secrets(5_000);
        for n in 0..50 {
            let query = SearchQuery { text: format!("key_{n}"), secrets: Arc::clone(&secrets) };
            searcher.ask(Ticket(n), query);
        }
        loop {
            match events.recv_timeout(Duration::from_secs(30)).expect("an answer") {
                Message::Event(Event::Done(Ticket(49), Outcome::Found(hits))) => {
                    assert!(!hits.hits.is_empty());
                    return;
                }
                Message::Event(Event::Done(Ticket(n), Outcome::Found(_))) => assert!(n < 49),
                _ => panic!("not an answer"),
            }
        }
    }
}
