//! Standard input and output past the buffers of the standard library, which nobody wipes. Byte for byte:
//! knows no lines and no text.

use std::io::{self, Read, Write};

#[cfg_attr(unix, path = "stdio/unix.rs")]
#[cfg_attr(windows, path = "stdio/windows.rs")]
mod system;

/// Standard input; what is read is in the reader's buffer only.
pub struct Input;

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        system::read(buffer)
    }
}

/// Standard output; what is written is out when the call returns.
pub struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        system::write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
