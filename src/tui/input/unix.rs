//! The terminal's thread: it waits for bytes and for the end by poll(2).

use std::io::{self, PipeReader, PipeWriter};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroize;

use super::patience;
use crate::tui::Message;
use crate::tui::decode::Decoder;

/// The reading thread; stopped and waited for when dropped, so that it takes no key that is not for us.
pub struct InputThread {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl InputThread {
    /// Starts reading; events go to `to`.
    pub fn start(to: Sender<Message>) -> io::Result<Self> {
        let (stopped, stop) = io::pipe()?;
        let read = move || {
            if !read_until(&stopped, &to) {
                // The loop is gone when this fails, and so is the reason to tell it.
                let _ = to.send(Message::Hangup);
            }
        };
        let thread = thread::Builder::new().name("input".into()).spawn(read)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for InputThread {
    fn drop(&mut self) {
        // Closing our end of the pipe wakes the thread.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads until `stopped` closes (true) or the terminal is gone (false).
fn read_until(stopped: &PipeReader, to: &Sender<Message>) -> bool {
    let terminal = rustix::stdio::stdin();
    let mut decoder = Decoder::new();
    let mut bytes = [0_u8; 4096];
    let mut events = Vec::new();
    loop {
        let timeout = patience(&decoder).and_then(|patience| Timespec::try_from(patience).ok());
        let mut fds = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(0) => decoder.settle(&mut events),
            Ok(_) if !fds[1].revents().is_empty() => return true,
            Ok(_) => match rustix::io::read(terminal, &mut bytes) {
                Ok(0) | Err(rustix::io::Errno::IO | rustix::io::Errno::BADF) => return false,
                Ok(count) => {
                    let read = bytes.get_mut(..count).unwrap_or_default();
                    decoder.feed(read, &mut events);
                    read.zeroize();
                }
                Err(_) => {}
            },
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
        for event in events.drain(..) {
            if to.send(Message::Event(event)).is_err() {
                return true;
            }
        }
    }
}
