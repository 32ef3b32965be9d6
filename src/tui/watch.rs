//! Notices that files of the vault changed. Whether the vault really did, the worker compares.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher, recommended_watcher};

use super::Message;

/// The one file that every commit replaces (DESIGN, section 3).
const ROOT: &str = "root.json";
/// How often is looked where the system does not notify.
const SLOW: Duration = Duration::from_secs(5);

/// Watches until it is dropped.
pub enum Watch {
    /// The system tells.
    Notified(#[allow(dead_code, reason = "watches as long as it lives")] RecommendedWatcher),
    /// Looked at every few seconds, and why.
    Polled {
        /// What the system said.
        why: String,
        /// Ends the thread when dropped.
        _stop: Sender<()>,
    },
}

impl Watch {
    /// Watches the vault's directory; each change sends [`Message::FilesChanged`].
    pub fn start(vault: &Path, to: Sender<Message>) -> Self {
        let sender = to.clone();
        let notified = notified(vault.to_owned(), sender);
        notified.map_or_else(|error| polled(error.to_string(), to), Self::Notified)
    }
}

fn notified(vault: PathBuf, to: Sender<Message>) -> notify::Result<RecommendedWatcher> {
    let directory = vault.clone();
    let mut watcher = recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error may mean lost notifications: looking once too often does no harm.
        if event.is_ok_and(|event| !concerns(&event, &vault)) {
            return;
        }
        let _ = to.send(Message::FilesChanged);
    })?;
    watcher.watch(&directory, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Whether the root was replaced, or the directory itself.
fn concerns(event: &notify::Event, vault: &Path) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    event.need_rescan()
        || event
            .paths
            .iter()
            .any(|path| path == vault || path.file_name().is_some_and(|name| name == ROOT))
}

fn polled(why: String, to: Sender<Message>) -> Watch {
    let (stop, stopped) = channel::<()>();
    let look = move || {
        while stopped.recv_timeout(SLOW) == Err(RecvTimeoutError::Timeout) {
            if to.send(Message::FilesChanged).is_err() {
                return;
            }
        }
    };
    // Without even a thread, changes appear with the next listing.
    let _ = thread::Builder::new().name("watch".into()).spawn(look);
    Watch::Polled { why, _stop: stop }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs;
    use std::sync::mpsc::Receiver;

    use super::*;

    fn changed(messages: &Receiver<Message>, within: Duration) -> bool {
        matches!(messages.recv_timeout(within), Ok(Message::FilesChanged))
    }

    #[test]
    fn a_replaced_root_is_noticed_and_other_files_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let (to, messages) = channel();
        let watch = Watch::start(directory.path(), to);
        if let Watch::Polled { why, .. } = &watch {
            panic!("no file notification here: {why}");
        }
        fs::write(directory.path().join("lock"), b"x").unwrap();
        assert!(!changed(&messages, Duration::from_millis(200)));
        fs::write(directory.path().join("root.tmp"), b"x").unwrap();
        fs::rename(directory.path().join("root.tmp"), directory.path().join(ROOT)).unwrap();
        assert!(changed(&messages, Duration::from_secs(10)));
    }

    #[test]
    fn what_cannot_be_watched_is_polled_and_says_why() {
        let (to, _messages) = channel();
        let watch = Watch::start(Path::new("/nonexistent/vault"), to);
        let Watch::Polled { why, .. } = watch else { panic!("watched what is not there") };
        assert!(!why.is_empty());
    }
}
