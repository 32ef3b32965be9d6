//! The terminal's own clipboard sequence, the last resort. It can neither be read back nor cleared.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, Zeroizing};

use crate::vault::SensitiveBytes;

/// The longest value in bytes: terminals take sequences of 100,000 bytes (the limit hterm set),
/// 8 of them frame and the rest base64.
pub(super) const LIMIT: usize = 74_994;

const START: &[u8] = b"\x1b]52;c;";
const END: &[u8] = b"\x07";

/// The whole sequence for `value`; `None` when it is longer than [`LIMIT`].
fn sequence(value: &SensitiveBytes) -> Option<Zeroizing<Vec<u8>>> {
    if value.len() > LIMIT {
        return None;
    }
    let mut bytes = Zeroizing::new(vec![0; START.len() + value.len().div_ceil(3) * 4 + END.len()]);
    let (start, rest) = bytes.split_at_mut(START.len());
    start.copy_from_slice(START);
    let body_length = rest.len() - END.len();
    let (body, end) = rest.split_at_mut(body_length);
    end.copy_from_slice(END);
    match value.with(|plain| STANDARD.encode_slice(plain, body)) {
        Ok(_) => Some(bytes),
        Err(_) => {
            bytes.zeroize();
            None
        }
    }
}

/// Writes the sequence to the terminal in one call, so that nothing comes between.
///
/// `Ok(false)` when the value is too long.
pub(super) fn write(value: &SensitiveBytes, tty: &Path) -> std::io::Result<bool> {
    let Some(bytes) = sequence(value) else { return Ok(false) };
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    do_not_belong_to_it(&mut options);
    options.write(true).open(tty)?.write_all(&bytes)?;
    Ok(true)
}

/// Opened without becoming the process's own terminal.
#[cfg(unix)]
fn do_not_belong_to_it(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap_or(0));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_documented_one() {
        let bytes = sequence(&SensitiveBytes::copy_of(b"hunter2")).unwrap();
        assert_eq!(bytes.as_slice(), b"\x1b]52;c;aHVudGVyMg==\x07");
    }

    #[test]
    fn the_longest_value_fills_the_limit_and_one_more_is_refused() {
        let bytes = sequence(&SensitiveBytes::new(vec![b'x'; LIMIT])).unwrap();
        assert_eq!(bytes.len(), 100_000);
        assert!(sequence(&SensitiveBytes::new(vec![b'x'; LIMIT + 1])).is_none());
    }

    #[test]
    fn it_is_written_to_the_terminal() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(write(&SensitiveBytes::copy_of(b"a"), file.path()).unwrap());
        assert_eq!(std::fs::read(file.path()).unwrap(), b"\x1b]52;c;YQ==\x07");
    }
}
