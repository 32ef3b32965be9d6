//! The two descriptors, by read(2) and write(2).

use std::io;

/// Reads once.
pub fn read(buffer: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
}

/// Writes once.
pub fn write(bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::io::write(rustix::stdio::stdout(), bytes)?)
}
