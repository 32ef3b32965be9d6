//! The calls to Windows that have no safe interface: Ctrl-C and its like, and what children inherit.
#![allow(unsafe_code)] // a handler of the system's, and three handles of the process's own

use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::Foundation::{FALSE, HANDLE_FLAG_INHERIT, SetHandleInformation, TRUE};
use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE,
    STD_OUTPUT_HANDLE, SetConsoleCtrlHandler,
};
use windows_sys::core::BOOL;

/// What a console tells all its programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Ctrl-C or Ctrl-Break.
    Interrupt,
    /// The window closes, or the user's session ends. The process ends when the listener returns, and
    /// some seconds later in any case.
    Close,
}

type Listener = Arc<dyn Fn(Control) + Send + Sync>;

/// Who listens; `None` for nobody, and then the system does what it does by default.
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// Has `listener` called, on a thread of the system's, instead of what happens by default.
pub fn listen(listener: impl Fn(Control) + Send + Sync + 'static) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(listener));
    // SAFETY: the handler is a function of this program, which stays. It is registered once more each time,
    // and answers for itself.
    unsafe { SetConsoleCtrlHandler(Some(handle), TRUE) };
}

/// Has the system do again what it does by default.
pub fn listen_no_more() {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = None;
    // SAFETY: as above.
    unsafe { SetConsoleCtrlHandler(Some(handle), FALSE) };
}

extern "system" fn handle(event: u32) -> BOOL {
    let control = match event {
        CTRL_C_EVENT | CTRL_BREAK_EVENT => Control::Interrupt,
        _ => Control::Close,
    };
    // Not held while it is called, which may take its time.
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match listener {
        Some(listener) => listener(control),
        None => return FALSE,
    }
    TRUE
}

/// Keeps the standard handles from programs started from now on that are given others: one that stays behind
/// would keep the pipe of whoever started us open. What they are given themselves is not concerned.
pub fn keep_from_children() {
    for which in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: both take any value and answer with an error for what is no handle.
        unsafe { SetHandleInformation(GetStdHandle(which), HANDLE_FLAG_INHERIT, 0) };
    }
}
