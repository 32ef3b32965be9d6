//! What copier and holder say to each other over two pipes. No state, and no secret but the value.
//!
//! To the holder: the value's length (eight bytes, big-endian), the value, then commands of one
//! byte for as long as the pipe is open. From the holder: one line a message.

use super::ClipboardReceipt;
use crate::text::visible;

/// The most bytes a holder takes: more than any vault allows a value to have.
pub(super) const MAX_VALUE: u64 = 16 * 1024 * 1024;

/// What the copier may ask of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Clear now if it is still ours, and end.
    Clear,
    /// End without touching the clipboard: a newer copy has taken over.
    Leave,
}

impl Command {
    /// The byte that says it.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Clear => b'c',
            Self::Leave => b'l',
        }
    }

    /// The command of that byte.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Clear, Self::Leave].into_iter().find(|command| command.byte() == byte)
    }
}

/// What the holder tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// The value can be pasted.
    Ready,
    /// It could not be put there, and why.
    Failed(String),
    /// What became of it; the last message.
    Receipt(ClipboardReceipt),
}

impl Message {
    /// The line of this message, with its end.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Ready => "ready\n".to_owned(),
            Self::Failed(why) => format!("failed {}\n", visible(why)),
            Self::Receipt(ClipboardReceipt::Cleared) => "cleared\n".to_owned(),
            Self::Receipt(ClipboardReceipt::Replaced) => "replaced\n".to_owned(),
            Self::Receipt(ClipboardReceipt::Kept(why)) => format!("kept {}\n", visible(why)),
        }
    }

    /// Reads a line back; `None` when it is no message.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches('\n');
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "ready" => Some(Self::Ready),
            "failed" => Some(Self::Failed(visible(rest).into_owned())),
            "cleared" => Some(Self::Receipt(ClipboardReceipt::Cleared)),
            "replaced" => Some(Self::Receipt(ClipboardReceipt::Replaced)),
            "kept" => Some(Self::Receipt(ClipboardReceipt::Kept(visible(rest).into_owned()))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_commands_come_back_as_they_were() {
        for message in [
            Message::Ready,
            Message::Failed("no display".into()),
            Message::Receipt(ClipboardReceipt::Cleared),
            Message::Receipt(ClipboardReceipt::Replaced),
            Message::Receipt(ClipboardReceipt::Kept("put back by a manager".into())),
        ] {
            assert_eq!(Message::parse(&message.line()), Some(message));
        }
        assert_eq!(Message::parse("hello\n"), None);
        assert_eq!(Message::Failed("a\nready".into()).line(), "failed a␊ready\n");
        for command in [Command::Clear, Command::Leave] {
            assert_eq!(Command::from_byte(command.byte()), Some(command));
        }
        assert_eq!(Command::from_byte(b'x'), None);
    }
}
