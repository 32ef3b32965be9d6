//! What the header of a KeePass database asks for, before anything is allocated or derived for it. Opens none.

use super::ImportError;
use crate::vault::SensitiveBytes;

/// The two marks that a file of KeePass 2 begins with.
const MARK: [u8; 8] = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5];
/// The major versions that are read; they stand behind the minor one.
const OLDER: u16 = 3;
const NEWER: u16 = 4;
/// The one cipher of the older version that takes any number of bytes, and the size that others take a multiple of.
const STREAM_CIPHER: [u8; 16] =
    *b"\xd6\x03\x8a\x2b\x8b\x6f\x4c\xb5\xa5\x24\x33\x9a\x31\xdb\xb5\x9a";
const BLOCK: usize = 16;
/// The fields that are looked at, by their number: the parameters of the key derivation, or its rounds in the older
/// version. Others have to be as long as the crate takes for granted.
const END: u8 = 0;
const CIPHER: u8 = 2;
const ROUNDS: u8 = 6;
const KDF: u8 = 11;
const LENGTHS: [(u8, usize); 6] = [(CIPHER, 16), (3, 4), (4, 32), (5, 32), (ROUNDS, 8), (10, 4)];

/// The most memory of Argon2 in bytes: sixteen times what KeePassXC begins with.
const MOST_MEMORY: u64 = 1024 * 1024 * 1024;
/// The most memory times rounds: under a minute of one processor, several times the five seconds that KeePassXC offers at
/// most.
const MOST_WORK: u64 = 64 * MOST_MEMORY;
/// The most lanes, each of which is a thread.
const MOST_LANES: u64 = 64;
/// The most rounds of AES, by the same measure: KeePassXC makes 33 million of a second.
const MOST_ROUNDS: u64 = 500_000_000;
const AES: &str = "rounds of AES";

const HELP: &str = "name a database of KeePass 2 or KeePassXC";

/// Refuses what is no database of KDBX 3 or 4, or asks for more than an honest one does.
///
/// # Errors
///
/// Another format, a header that is cut off, or costs out of all proportion.
pub fn check(file: &SensitiveBytes) -> Result<(), ImportError> {
    file.with(|bytes| {
        let rest = bytes.strip_prefix(MARK.as_slice()).ok_or_else(|| other(bytes))?;
        let (version, mut rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let version = u16::from_le_bytes([version[2], version[3]]);
        if ![OLDER, NEWER].contains(&version) {
            return Err(unknown());
        }
        let (mut is_derived, mut in_blocks) = (false, version == OLDER);
        loop {
            let (number, value, after) = field(rest, version).ok_or_else(cut)?;
            rest = after;
            let wanted = LENGTHS.iter().find(|(known, _)| *known == number);
            if wanted.is_some_and(|(_, length)| value.len() != *length) {
                return Err(cut());
            }
            match (number, version) {
                (END, _) => break,
                (CIPHER, _) => {
                    in_blocks &= value != STREAM_CIPHER;
                    continue;
                }
                (KDF, NEWER) => costs(value)?,
                (ROUNDS, OLDER) => at_most(self::number(value)?, MOST_ROUNDS, AES)?,
                _ => continue,
            }
            is_derived = true;
        }
        match is_derived {
            // No key can be told from a wrong one then; the newer version authenticates its header.
            true if in_blocks && !rest.len().is_multiple_of(BLOCK) => Err(cut_behind()),
            true => Ok(()),
            false => Err(cut()),
        }
    })
}

/// Whether it is a database of KDBX 3, which cannot tell a wrong passphrase from damage.
pub(super) fn is_older(file: &SensitiveBytes) -> bool {
    file.with(|bytes| bytes.get(10..12) == Some(&OLDER.to_le_bytes()))
}

/// One field: its number, its value, and what follows.
fn field(bytes: &[u8], version: u16) -> Option<(u8, &[u8], &[u8])> {
    let (number, rest) = bytes.split_first()?;
    let (length, rest) = match version {
        OLDER => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (u32::from(u16::from_le_bytes(*length)), rest)
        }
        _ => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            (u32::from_le_bytes(*length), rest)
        }
    };
    let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((*number, value, rest))
}

/// Looks at the parameters of the key derivation: a dictionary of typed values.
fn costs(dictionary: &[u8]) -> Result<(), ImportError> {
    let mut rest = dictionary.get(2..).ok_or_else(cut)?;
    let (mut memory, mut rounds) = (0, 0);
    loop {
        let (kind, after) = rest.split_first().ok_or_else(cut)?;
        if *kind == 0 {
            break;
        }
        let (name, after) = sized(after).ok_or_else(cut)?;
        let (value, after) = sized(after).ok_or_else(cut)?;
        rest = after;
        // Of two of a name the larger counts, whichever a reader takes.
        match name {
            b"M" => memory = number(value)?.max(memory),
            b"I" => rounds = number(value)?.max(rounds),
            b"P" => at_most(number(value)?, MOST_LANES, "lanes of Argon2")?,
            b"R" => at_most(number(value)?, MOST_ROUNDS, AES)?,
            _ => {}
        }
    }
    at_most(memory, MOST_MEMORY, "bytes of memory for Argon2")?;
    at_most(memory.saturating_mul(rounds), MOST_WORK, "bytes of memory in all rounds of Argon2")
}

fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// A number of 32 or 64 bits.
fn number(value: &[u8]) -> Result<u64, ImportError> {
    match value.len() {
        4 | 8 => Ok(value.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))),
        _ => Err(cut()),
    }
}

fn at_most(asked: u64, most: u64, what: &str) -> Result<(), ImportError> {
    match asked <= most {
        true => Ok(()),
        false => {
            let why = format!("its header asks for {asked} {what}, and at most {most} are granted");
            Err(ImportError::Hostile { why })
        }
    }
}

fn cut() -> ImportError {
    ImportError::Damaged("its header is cut off or damaged")
}

fn cut_behind() -> ImportError {
    ImportError::Damaged(
        "it is cut off or damaged: what is encrypted in it is no whole number of blocks",
    )
}

/// What a file without the mark is.
fn other(bytes: &[u8]) -> ImportError {
    // The first database format of KeePass has the same mark but for its second half.
    match bytes.starts_with(&MARK[..4]) {
        true => unknown(),
        false => ImportError::malformed("it is no KeePass database", HELP),
    }
}

fn unknown() -> ImportError {
    ImportError::Unsupported {
        why: "it is a KeePass database of another format than KDBX 3 and 4",
        help: "save it as KDBX 4 in KeePassXC: Database, Database Security, Encryption Settings",
    }
}

#[cfg(test)]
mod tests;
