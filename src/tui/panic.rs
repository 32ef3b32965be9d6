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

// The settings of a pseudo-terminal are compared.
#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice)]
mod tests {
    use std::io::Read;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use ratatui::style::Style;

    use super::*;
    use crate::tui::guard::Guard;
    use crate::tui::paint::Painter;

    const CHILD: &str = "tui::panic::tests::the_part_that_panics";
    const CANARY: &str = "canary-77ab";

    /// Runs only as the child of the test below, on a terminal of its own.
    #[test]
    #[ignore = "the child process of a_panic_gives_the_terminal_back_and_says_no_value"]
    fn the_part_that_panics() {
        let hook = PanicHook::install();
        let in_order = catch_unwind(AssertUnwindSafe(|| {
            let _guard = Guard::enter(true).expect("a terminal");
            let mut painter = Painter::new((40, 5));
            let shown = |_, buffer: &mut ratatui::buffer::Buffer| {
                buffer.set_string(0, 0, CANARY, Style::default());
                None
            };
            painter.paint(shown).expect("painted");
            let value = format!("{CANARY}é");
            // What a bug would do: the standard message of this one quotes the text.
            let _ = value[..CANARY.len() + 1].len();
        }));
        drop(hook);
        assert!(in_order.is_err());
        println!("panicked at {}", place());
    }

    #[test]
    fn a_panic_gives_the_terminal_back_and_says_no_value() {
        let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let settings = || format!("{:?}", pair.master.get_termios());
        let before = settings();
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
        command.args([CHILD, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut child = pair.slave.spawn_command(command).expect("it starts");
        let mut written = Vec::new();
        drop(pair.slave);
        let mut bytes = [0; 1024];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            written.extend_from_slice(&bytes[..count]);
        }
        let written = String::from_utf8_lossy(&written).into_owned();
        assert!(child.wait().expect("it ends").success(), "{written}");
        assert_eq!(settings(), before, "the line settings are not those of before");
        let left = written.find("\x1b[?1049l").expect("the alternate screen was left");
        assert!(written.find(CANARY).expect("it was shown") < left);
        assert!(!written[left..].contains(CANARY), "{:?}", &written[left..]);
        assert!(written[left..].contains("panicked at src/tui/panic.rs:"), "{written}");
    }
}
