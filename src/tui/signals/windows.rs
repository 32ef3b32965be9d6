//! What a console tells its programs: Ctrl-Break, and that its window closes. There are no jobs to stop.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use super::LAST_RESORT;
use crate::service::console::system::{Control, listen, listen_no_more};
use crate::tui::{Message, guard};

/// Stands for Ctrl-Break, and for a Ctrl-C that is no key.
pub const INTERRUPT: i32 = 2;
/// Stands for a window that closes and a session that ends.
pub const HANGUP: i32 = 1;
/// `STATUS_CONTROL_C_EXIT`, by which others see why the process ended.
const ENDED_FROM_OUTSIDE: u32 = 0xC000_013A;

/// Listens; when dropped, every control does again what it does by default.
pub struct SignalThread;

impl SignalThread {
    /// Starts listening. `lock` drops every key; it is called at once when the program must end.
    pub fn start(to: Sender<Message>, lock: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        listen(move |control| {
            lock();
            // The loop is gone when this fails.
            let _ = to.send(Message::End(number(control)));
            match control {
                // The system ends the process as soon as this returns: the loop gets its time first.
                Control::Close => wait_and_die(HANGUP),
                Control::Interrupt => {
                    let last_resort = || wait_and_die(INTERRUPT);
                    let name = "last resort".to_owned();
                    if thread::Builder::new().name(name).spawn(last_resort).is_err() {
                        wait_and_die(INTERRUPT);
                    }
                }
            }
        });
        Ok(Self)
    }
}

impl Drop for SignalThread {
    fn drop(&mut self) {
        listen_no_more();
    }
}

fn number(control: Control) -> i32 {
    match control {
        Control::Interrupt => INTERRUPT,
        Control::Close => HANGUP,
    }
}

/// Ends the program after a while, whatever the loop does.
fn wait_and_die(number: i32) {
    thread::sleep(LAST_RESORT);
    guard::leave();
    die_of(number);
}

/// Ends the process so that whoever waits for it sees that it did not end by itself.
pub fn die_of(_number: i32) -> ! {
    signal_hook::low_level::exit(ENDED_FROM_OUTSIDE.cast_signed())
}

/// Nobody could continue us after a stop.
pub fn can_stop() -> bool {
    false
}

/// Never called: see [`can_stop`].
pub fn stop_job() {}
