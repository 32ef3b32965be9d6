//! The payload of an age file: chunks of 64 KiB, each sealed under a number, the last one marked. Plaintext
//! lies in one buffer that never grows and is wiped.

use std::io::{self, BufRead, Read, Write};

use tresor_aead::{CHACHA20_POLY1305 as CIPHER, TAG};
use zeroize::{Zeroize, Zeroizing};

use super::{AgeError, Result};

/// The bytes of plaintext in a chunk.
const CHUNK: usize = 64 * 1024;

/// The length of so many bytes in chunks, each with its tag.
pub(super) const fn sealed_length(plain: usize) -> usize {
    plain + (plain / CHUNK + 1) * TAG
}

/// Key, and the number of the next chunk.
struct Chunks {
    key: Zeroizing<[u8; 32]>,
    next: u64,
}

impl Chunks {
    fn new(key: &[u8; 32]) -> Self {
        Self { key: Zeroizing::new(*key), next: 0 }
    }

    /// Eleven bytes of a counter, and one that marks the last chunk.
    fn nonce(&mut self, is_last: bool) -> io::Result<[u8; 12]> {
        let mut nonce = [0; 12];
        let number = self.next.to_be_bytes();
        nonce.iter_mut().skip(3).zip(number).for_each(|(to, from)| *to = from);
        if let Some(mark) = nonce.last_mut() {
            *mark = u8::from(is_last);
        }
        self.next = self.next.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(nonce)
    }
}

/// Encrypts what is written to it. Nothing is whole before [`Sealer::finish`].
pub struct Sealer<W> {
    to: W,
    chunks: Chunks,
    buffer: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealer<W> {
    pub(super) fn new(to: W, key: &[u8; 32]) -> Self {
        let buffer = Zeroizing::new(Vec::with_capacity(CHUNK));
        Self { to, chunks: Chunks::new(key), buffer }
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.chunks.nonce(is_last)?;
        let tag = CIPHER
            .seal(&self.chunks.key, &nonce, b"", &mut self.buffer)
            .ok_or(AgeError::Internal)?;
        self.to.write_all(&self.buffer)?;
        self.to.write_all(&tag)?;
        self.buffer.clear();
        Ok(())
    }

    /// Writes the last chunk, and gives back what it wrote to.
    ///
    /// # Errors
    /// What the writing says.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only what follows tells that a full chunk is not the last.
        if self.buffer.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Decrypts what is read from it. A file is whole only when its end was read.
pub struct Opener<R> {
    from: R,
    chunks: Chunks,
    buffer: Zeroizing<Vec<u8>>,
    /// The plaintext that was not handed out yet.
    left: std::ops::Range<usize>,
    is_at_end: bool,
}

impl<R: BufRead> Opener<R> {
    pub(super) fn new(from: R, key: &[u8; 32]) -> Self {
        let buffer = Zeroizing::new(vec![0; CHUNK + TAG]);
        Self { from, chunks: Chunks::new(key), buffer, left: 0..0, is_at_end: false }
    }

    /// Reads and opens the next chunk.
    fn open(&mut self) -> Result<()> {
        let length = fill(&mut self.from, &mut self.buffer)?;
        let is_last = length < CHUNK + TAG || self.from.fill_buf()?.is_empty();
        let plain = length.checked_sub(TAG).ok_or(AgeError::damaged("it is cut off"))?;
        if plain == 0 && self.chunks.next > 0 {
            return Err(AgeError::damaged("it ends in nothing"));
        }
        let nonce = self.chunks.nonce(is_last)?;
        let (text, rest) = self.buffer.split_at_mut(plain);
        let tag = rest.first_chunk::<TAG>().ok_or(AgeError::Internal)?;
        if CIPHER.open(&self.chunks.key, &nonce, b"", text, tag).is_none() {
            text.zeroize();
            return Err(AgeError::damaged("a part of it does not open"));
        }
        (self.left, self.is_at_end) = (0..plain, is_last);
        Ok(())
    }
}

/// Fills the buffer as far as there is anything.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl<R: BufRead> Read for Opener<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() && !self.is_at_end && !to.is_empty() {
            self.open()?;
        }
        let plain = self.buffer.get(self.left.clone()).unwrap_or_default();
        let taken = plain.len().min(to.len());
        to.iter_mut().zip(plain).for_each(|(to, from)| *to = *from);
        self.left.start += taken;
        Ok(taken)
    }
}
