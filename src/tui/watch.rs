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

/// How changes of other programs are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Whether the system is asked to tell.
    pub asked_for: bool,
    /// How often is looked where it does not.
    pub every: Duration,
}

impl Default for Notice {
    fn default() -> Self {
        Self { asked_for: true, every: SLOW }
    }
}

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
    pub fn start(vault: &Path, notice: Notice, to: Sender<Message>) -> Self {
        if !notice.asked_for {
            return polled("notification was not asked for".to_owned(), notice.every, to);
        }
        match notified(vault.to_owned(), to.clone()) {
            Ok(watcher) => Self::Notified(watcher),
            Err(error) => polled(error.to_string(), notice.every, to),
        }
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

fn polled(why: String, every: Duration, to: Sender<Message>) -> Watch {
    let (stop, stopped) = channel::<()>();
    let look = move || {
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
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
        let watch = Watch::start(directory.path(), Notice::default(), to);
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
        let watch = Watch::start(Path::new("/nonexistent/vault"), Notice::default(), to);
        let Watch::Polled { why, .. } = watch else { panic!("watched what is not there") };
        assert!(!why.is_empty());
    }

    #[test]
    fn a_poll_goes_on_until_it_is_dropped() {
        let (to, messages) = channel();
        let notice = Notice { asked_for: false, every: Duration::from_millis(10) };
        let watch = Watch::start(Path::new("/nonexistent/vault"), notice, to);
        for _ in 0..3 {
            assert!(changed(&messages, Duration::from_secs(10)));
        }
        drop(watch);
        // Its sender goes with its thread.
        while messages.recv_timeout(Duration::from_secs(10)).is_ok() {}
        assert!(messages.recv().is_err());
    }
}
