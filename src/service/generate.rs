//! Makes passwords, passphrases and tokens from given randomness. Judges nobody else's (see `strength`).

mod pick;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::vault::{Random, SensitiveBytes, VaultError};
use pick::Picker;

/// The EFF's long word list (CC BY 3.0 US); lines that begin with `#` say so.
const WORDS: &str = include_str!("../../assets/words.txt");
/// How many words the list has: 6⁵, one for five dice.
pub const WORD_COUNT: u16 = 7776;
/// The longest password in characters.
pub const MAX_LENGTH: usize = 512;
/// The most words of a passphrase.
pub const MAX_WORDS: usize = 32;
/// The most bytes of a token.
pub const MAX_TOKEN: usize = 512;
/// Strings without one of each class are thrown away whole. The rarest recipe (four characters of
/// four classes) fits about every fifteenth time, so this many misses mean a broken source.
const MAX_TRIES: usize = 4096;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
/// Without quotes, backslash, backtick and space, which shells and files treat specially.
const SYMBOLS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";
/// What is easily taken for another character in print or over the telephone.
const CONFUSABLE: &str = "0O1lI|5S2Z8B.,:;";

/// What to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// Characters picked independently, at least one of each chosen class.
    Characters {
        /// How many, 4 to [`MAX_LENGTH`] and at least one for each class.
        length: usize,
        /// `a` to `z`.
        lower: bool,
        /// `A` to `Z`.
        upper: bool,
        /// `0` to `9`.
        digits: bool,
        /// Punctuation that needs no quoting inside double quotes, but for `$` and `!`.
        symbols: bool,
        /// Leaves out what is easily confused, such as `0` and `O`.
        readable: bool,
    },
    /// Words of the EFF's long list.
    Words {
        /// How many, 1 to [`MAX_WORDS`].
        count: usize,
        /// What stands between them, at most 8 bytes; it adds no strength.
        separator: String,
        /// Whether each word begins with a capital; it adds no strength.
        capitalise: bool,
    },
    /// Random bytes written as text.
    Token {
        /// How many bytes before they are encoded, 8 to [`MAX_TOKEN`].
        bytes: usize,
        /// How they are written.
        encoding: Encoding,
    },
}

/// How a token's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Two lower-case digits a byte.
    Hex,
    /// RFC 4648, section 5, without padding.
    Base64Url,
}

impl Default for Recipe {
    /// Twenty characters of all classes: about 128 bits.
    fn default() -> Self {
        Self::Characters {
            length: 20,
            lower: true,
            upper: true,
            digits: true,
            symbols: true,
            readable: false,
        }
    }
}

/// Why nothing could be made.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The recipe cannot be followed.
    #[error("cannot generate: {why}")]
    Recipe {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] VaultError),
    /// The source of randomness repeats itself.
    #[error("cannot generate: the system's randomness is broken")]
    Broken,
}

impl Fault for GenerateError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Recipe { .. } => FaultKind::Invalid,
            Self::Random(error) => error.kind(),
            Self::Broken => FaultKind::Internal,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Recipe { .. } => "choose another length or more kinds of characters".into(),
            Self::Random(error) => error.help(),
            Self::Broken => String::new(),
        }
    }
}

/// Makes one value. Every intermediate copy is wiped.
///
/// # Errors
/// `Recipe` for what cannot be followed, `Random` when the source fails.
pub fn generate(recipe: &Recipe, random: &dyn Random) -> Result<SensitiveBytes, GenerateError> {
    check(recipe)?;
    let mut picker = Picker::new(random);
    match recipe {
        Recipe::Characters { length, .. } => characters(&classes(recipe), *length, &mut picker),
        Recipe::Words { count, separator, capitalise } => {
            words(*count, separator.as_bytes(), *capitalise, &mut picker)
        }
        Recipe::Token { bytes, encoding } => token(*bytes, *encoding, random),
    }
}

/// The strength of what `recipe` makes, in bits: the logarithm of how many results are possible,
/// each as likely as the others. Zero for a recipe that cannot be followed.
pub fn entropy_bits(recipe: &Recipe) -> f64 {
    if check(recipe).is_err() {
        return 0.0;
    }
    match recipe {
        Recipe::Characters { length, .. } => character_bits(&classes(recipe), *length),
        Recipe::Words { count, .. } => *count as f64 * f64::from(WORD_COUNT).log2(),
        Recipe::Token { bytes, .. } => *bytes as f64 * 8.0,
    }
}

/// Says whether a recipe can be followed, and if not, why.
///
/// # Errors
/// `Recipe` with the reason.
pub fn check(recipe: &Recipe) -> Result<(), GenerateError> {
    let why = match recipe {
        Recipe::Characters { length, .. } if classes(recipe).len() > *length => {
            "it is too short for one of each kind of character"
        }
        Recipe::Characters { .. } if classes(recipe).is_empty() => "no kind of character is chosen",
        Recipe::Characters { length, .. } if !(4..=MAX_LENGTH).contains(length) => {
            "a password has 4 to 512 characters"
        }
        Recipe::Words { count, .. } if !(1..=MAX_WORDS).contains(count) => {
            "a passphrase has 1 to 32 words"
        }
        Recipe::Words { separator, .. }
            if separator.len() > 8 || separator.chars().any(char::is_control) =>
        {
            "a separator has at most 8 bytes and no control characters"
        }
        Recipe::Token { bytes, .. } if !(8..=MAX_TOKEN).contains(bytes) => {
            "a token has 8 to 512 bytes"
        }
        _ => return Ok(()),
    };
    Err(GenerateError::Recipe { why })
}

/// The chosen classes, each as the bytes that may be picked.
fn classes(recipe: &Recipe) -> Vec<Vec<u8>> {
    let Recipe::Characters { lower, upper, digits, symbols, readable, .. } = recipe else {
        return Vec::new();
    };
    let keep = |c: &u8| !*readable || !CONFUSABLE.as_bytes().contains(c);
    [(lower, LOWER), (upper, UPPER), (digits, DIGITS), (symbols, SYMBOLS)]
        .into_iter()
        .filter(|(chosen, _)| **chosen)
        .map(|(_, class)| class.bytes().filter(keep).collect())
        .collect()
}

/// Picks whole strings until one has all classes: so every such string is equally likely.
fn characters(
    classes: &[Vec<u8>],
    length: usize,
    picker: &mut Picker<'_>,
) -> Result<SensitiveBytes, GenerateError> {
    let all = classes.concat();
    let count = u16::try_from(all.len()).map_err(|_| GenerateError::Broken)?;
    let mut made = Zeroizing::new(vec![0; length]);
    for _ in 0..MAX_TRIES {
        for place in made.iter_mut() {
            *place = all[usize::from(picker.below(count)?)];
        }
        if classes.iter().all(|class| made.iter().any(|byte| class.contains(byte))) {
            return Ok(SensitiveBytes::new(std::mem::take(&mut made)));
        }
    }
    Err(GenerateError::Broken)
}

/// Counts by inclusion and exclusion the strings that have all classes.
fn character_bits(classes: &[Vec<u8>], length: usize) -> f64 {
    let all: usize = classes.iter().map(Vec::len).sum();
    let share: f64 = (0..1_u32 << classes.len())
        .map(|left_out| {
            let lost: usize = (0..classes.len())
                .filter(|class| left_out >> class & 1 == 1)
                .map(|class| classes[class].len())
                .sum();
            let sign = if left_out.count_ones() % 2 == 0 { 1.0 } else { -1.0 };
            sign * ((all - lost) as f64 / all as f64).powf(length as f64)
        })
        .sum();
    length as f64 * (all as f64).log2() + share.log2()
}

fn words(
    count: usize,
    separator: &[u8],
    capitalise: bool,
    picker: &mut Picker<'_>,
) -> Result<SensitiveBytes, GenerateError> {
    let mut picked = Zeroizing::new(Vec::with_capacity(count));
    for _ in 0..count {
        picked.push(picker.below(WORD_COUNT)?);
    }
    // The exact size, so that the text never moves and leaves a copy behind.
    let letters: usize = picked.iter().map(|number| word(*number).len()).sum();
    let mut made = Zeroizing::new(Vec::with_capacity(letters + separator.len() * (count - 1)));
    for (place, number) in picked.iter().enumerate() {
        if place > 0 {
            made.extend_from_slice(separator);
        }
        let start = made.len();
        made.extend_from_slice(word(*number).as_bytes());
        if capitalise {
            made[start].make_ascii_uppercase();
        }
    }
    Ok(SensitiveBytes::new(std::mem::take(&mut made)))
}

/// The word of that number, by walking the list: 20 µs, and no table kept in memory.
fn word(number: u16) -> &'static str {
    WORDS.lines().filter(|line| !line.starts_with('#')).nth(usize::from(number)).unwrap_or_default()
}

fn token(
    bytes: usize,
    encoding: Encoding,
    random: &dyn Random,
) -> Result<SensitiveBytes, GenerateError> {
    let mut raw = Zeroizing::new(vec![0; bytes]);
    random.fill(&mut raw)?;
    let mut made = match encoding {
        Encoding::Hex => Zeroizing::new(Vec::with_capacity(bytes * 2)),
        Encoding::Base64Url => Zeroizing::new(vec![0; (bytes * 4).div_ceil(3)]),
    };
    match encoding {
        Encoding::Hex => raw.iter().for_each(|byte| {
            made.extend([byte >> 4, byte & 15].map(|n| b"0123456789abcdef"[usize::from(n)]));
        }),
        Encoding::Base64Url => {
            let written = URL_SAFE_NO_PAD.encode_slice(&*raw, &mut made);
            written.map_err(|_| GenerateError::Broken)?;
        }
    }
    Ok(SensitiveBytes::new(std::mem::take(&mut made)))
}

#[cfg(test)]
mod tests;
