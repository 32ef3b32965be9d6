//! The two handles: files and pipes by `ReadFile` and `WriteFile`, which change no byte. A console takes and
//! gives UTF-16, whatever its code page; there the text is turned into what it takes.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::windows::io::{AsHandle, BorrowedHandle};

use crate::service::console::Screen;

/// Reads once.
pub fn read(buffer: &mut [u8]) -> io::Result<usize> {
    let input = io::stdin();
    match input.is_terminal() {
        // What is typed here was seen by everybody: the prompt is for secrets.
        true => input.lock().read(buffer),
        false => raw(input.as_handle())?.read(buffer),
    }
}

/// Writes once: to a console all of it, if it is text.
pub fn write(bytes: &[u8]) -> io::Result<usize> {
    let output = io::stdout();
    match std::str::from_utf8(bytes) {
        Ok(text) if output.is_terminal() => Screen::open()?.write(text).map(|()| bytes.len()),
        _ => raw(output.as_handle())?.write(bytes),
    }
}

/// The same file or pipe without the standard library's buffer.
fn raw(handle: BorrowedHandle<'_>) -> io::Result<File> {
    Ok(File::from(handle.try_clone_to_owned()?))
}
