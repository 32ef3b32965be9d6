//! What we and the monitor tell each other over their socket: first the command's environment, then signals one
//! way and what becomes of the command the other way. Knows no processes.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;

use zeroize::Zeroizing;

/// Ends the environment: no name has this length.
const END: u32 = u32::MAX;
/// No value has this length: the variable is to be unset.
const UNSET: u32 = u32::MAX;

/// What becomes of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// It did not start, for this error of the system.
    Failed(i32),
    /// It has started, and the terminal's keys are its own.
    Started,
    /// It was stopped.
    Stopped,
    /// It ended with this code.
    Exited(i32),
    /// It was ended by this signal.
    Killed(i32),
}

impl Record {
    /// Sends it.
    pub fn send(self, mut to: impl Write) -> io::Result<()> {
        let (kind, number) = match self {
            Self::Failed(error) => (b'f', error),
            Self::Started => (b'b', 0),
            Self::Stopped => (b's', 0),
            Self::Exited(code) => (b'e', code),
            Self::Killed(signal) => (b'k', signal),
        };
        let mut bytes = [kind; 5];
        bytes.iter_mut().skip(1).zip(number.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        to.write_all(&bytes)
    }

    /// Waits for one; `None` when there will be no more.
    pub fn receive(mut from: impl Read) -> Option<Self> {
        let mut bytes = [0; 5];
        from.read_exact(&mut bytes).ok()?;
        let [kind, number @ ..] = bytes;
        let number = i32::from_le_bytes(number);
        match kind {
            b'f' => Some(Self::Failed(number)),
            b'b' => Some(Self::Started),
            b's' => Some(Self::Stopped),
            b'e' => Some(Self::Exited(number)),
            b'k' => Some(Self::Killed(number)),
            _ => None,
        }
    }
}

/// Sends the changes to an environment. They hold secrets, which so are in no environment but the command's.
pub fn send_environment<'a>(
    mut to: impl Write,
    changes: impl Iterator<Item = (&'a OsStr, Option<&'a OsStr>)>,
) -> io::Result<()> {
    for (name, value) in changes {
        send_part(&mut to, name)?;
        match value {
            Some(value) => send_part(&mut to, value)?,
            None => to.write_all(&UNSET.to_le_bytes())?,
        }
    }
    to.write_all(&END.to_le_bytes())
}

fn send_part(to: &mut impl Write, text: &OsStr) -> io::Result<()> {
    let length = u32::try_from(text.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(text.as_bytes())
}

/// Receives them, one after the other.
pub fn receive_environment(
    mut from: impl Read,
    mut change: impl FnMut(&OsStr, Option<&OsStr>),
) -> io::Result<()> {
    while let Some(name) = receive_part(&mut from)? {
        let value = receive_part(&mut from)?;
        change(OsStr::from_bytes(&name), value.as_ref().map(|value| OsStr::from_bytes(value)));
    }
    Ok(())
}

fn receive_part(from: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    match u32::from_le_bytes(length) {
        END => Ok(None),
        length => {
            let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
            let mut bytes = Zeroizing::new(vec![0; length]);
            from.read_exact(&mut bytes)?;
            Ok(Some(bytes))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn records_and_environments_arrive() {
        let records = [
            Record::Failed(2),
            Record::Started,
            Record::Stopped,
            Record::Exited(256),
            Record::Killed(15),
        ];
        let mut bytes = Vec::new();
        records.iter().for_each(|record| record.send(&mut bytes).unwrap());
        let mut from = bytes.as_slice();
        for record in records {
            assert_eq!(Record::receive(&mut from), Some(record));
        }
        assert_eq!(Record::receive(from), None);

        let sent = [("A", Some("b=c\n")), ("EMPTY", Some("")), ("GONE", None)];
        let mut bytes = Vec::new();
        let changes = sent.iter().map(|(name, value)| (OsStr::new(name), value.map(OsStr::new)));
        send_environment(&mut bytes, changes).unwrap();
        let mut received = Vec::new();
        receive_environment(bytes.as_slice(), |name, value| {
            received.push((name.to_owned(), value.map(OsStr::to_owned)));
        })
        .unwrap();
        let sent = sent.map(|(name, value)| (OsString::from(name), value.map(OsString::from)));
        assert_eq!(received, sent);
        assert!(receive_environment(&bytes[..bytes.len() - 1], |_, _| {}).is_err());
    }
}
