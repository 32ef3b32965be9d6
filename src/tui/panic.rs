//! What happens when a bug ends a thread: the terminal first, then one line without any value.
//!
//! The standard message is not printed: it may hold a part of a text that was being handled.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::guard;
use crate::app::Failure;
use crate::fault::FaultKind;

/// Where the last panic was: a file and a line of ours.
static AT: Mutex<Option<String>> = Mutex::new(None);

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Our hook, for as long as this lives; then the former one is back.
pub struct PanicHook {
    former: Arc<Hook>,
}

impl PanicHook {
    /// Installs the hook. A panic of this thread gives the terminal back at once; those of workers
    /// are answered as failures and leave it alone. Afterwards the former hook decides again.
    pub fn install() -> Self {
        let former: Arc<Hook> = Arc::new(take_hook());
        let main = thread::current().id();
        set_hook(Box::new(move |info| on_panic(info, main)));
        Self { former }
    }
}

impl Drop for PanicHook {
    fn drop(&mut self) {
        // Setting a hook while unwinding would itself panic.
        if !thread::panicking() {
            let former = Arc::clone(&self.former);
            set_hook(Box::new(move |info| former(info)));
        }
    }
}

fn on_panic(info: &PanicHookInfo<'_>, main: ThreadId) {
    if thread::current().id() == main {
        guard::leave();
    }
    let at = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
    *AT.lock().unwrap_or_else(PoisonError::into_inner) = at;
}

/// Where the last panic was.
pub fn place() -> String {
    let at = AT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    at.unwrap_or_else(|| "a place unknown".to_owned())
}

/// The answer to an effect whose worker panicked.
pub fn failure() -> Failure {
    let help = "this is a bug in tresor: please report it with that place";
    Failure::plain(FaultKind::Internal, format!("internal error at {}", place()), help)
}
