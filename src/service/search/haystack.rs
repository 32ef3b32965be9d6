//! A listing's names side by side, with a summary of their characters. Ranks nothing.
//!
//! About 60 bytes a row: most rows are ruled out by one 64-bit comparison, and no copy of a name
//! is made while searching.

use crate::vault::SecretSummary;

/// One word of a query.
pub(super) struct Word {
    text: String,
    /// The bytes to compare with: lower case unless case matters.
    bytes: Vec<u8>,
    /// Whether it holds a capital, and so minds case.
    exact: bool,
    bag: u64,
}

impl Word {
    pub(super) fn new(text: &str) -> Self {
        let exact = text.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = if exact { text.into() } else { text.to_ascii_lowercase().into_bytes() };
        Self { text: text.into(), bytes, exact, bag: bag_of(text) }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is one ASCII character.
    pub(super) fn is_letter(&self) -> bool {
        self.bytes.len() == 1
    }

    /// Whether comparing bytes is all there is to it.
    pub(super) fn is_ascii(&self) -> bool {
        self.bytes.is_ascii()
    }

    fn is(&self, place: usize, byte: u8) -> bool {
        let byte = if self.exact { byte } else { byte.to_ascii_lowercase() };
        self.bytes[place] == byte
    }

    /// Whether the word's bytes come in this order in `hay`. Necessary for a match, and for plain
    /// ASCII sufficient.
    fn is_subsequence_of(&self, hay: &[u8]) -> bool {
        let mut place = 0;
        for byte in hay {
            if self.is(place, *byte) {
                place += 1;
                if place == self.bytes.len() {
                    return true;
                }
            }
        }
        false
    }

    /// Whether the word stands whole in `hay`.
    fn is_part_of(&self, hay: &[u8]) -> bool {
        hay.windows(self.bytes.len()).any(|part| self.fits(part))
    }

    /// Whether `part`, of the word's length, is the word.
    fn fits(&self, part: &[u8]) -> bool {
        part.iter().enumerate().all(|(place, byte)| self.is(place, *byte))
    }
}

/// The names of a listing.
pub(super) struct Haystack {
    /// Every `scope/key`, one after the other.
    names: String,
    /// Where each begins, and the end of the last.
    starts: Vec<u32>,
    name_bags: Vec<u64>,
    /// The same for tags, username and URL together.
    rest_bags: Vec<u64>,
}

impl Haystack {
    /// Copies the names of at most 2^32 bytes; rows past that are not searched.
    pub(super) fn new(secrets: &[SecretSummary]) -> Self {
        let length = |s: &SecretSummary| s.name.scope.as_str().len() + s.name.key.as_str().len();
        let total: usize = secrets.iter().map(|secret| length(secret) + 1).sum();
        let mut new = Self {
            names: String::with_capacity(total),
            starts: Vec::with_capacity(secrets.len() + 1),
            name_bags: Vec::with_capacity(secrets.len()),
            rest_bags: Vec::with_capacity(secrets.len()),
        };
        new.starts.push(0);
        for secret in secrets {
            let (scope, key) = (secret.name.scope.as_str(), secret.name.key.as_str());
            for part in [scope, "/", key] {
                new.names.push_str(part);
            }
            let Ok(end) = u32::try_from(new.names.len()) else { break };
            new.starts.push(end);
            new.name_bags.push(bag_of(scope) | bag_of("/") | bag_of(key));
            new.rest_bags.push(rest(secret).map(bag_of).fold(0, |all, bag| all | bag));
        }
        new
    }

    /// Every row.
    pub(super) fn rows(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.name_bags.len()).unwrap_or(u32::MAX)
    }

    /// `scope/key` of a row.
    pub(super) fn name(&self, row: u32) -> &str {
        let row = row as usize;
        let (start, end) = (self.starts[row] as usize, self.starts[row + 1] as usize);
        self.names.get(start..end).unwrap_or_default()
    }

    /// Cheap: whether the name may match.
    pub(super) fn may_match_name(&self, row: u32, word: &Word) -> bool {
        self.name_bags[row as usize] & word.bag == word.bag
            && word.is_subsequence_of(self.name(row).as_bytes())
    }

    /// Cheap: whether a tag, the username or the URL may match.
    pub(super) fn may_match_rest(&self, row: u32, word: &Word) -> bool {
        self.rest_bags[row as usize] & word.bag == word.bag
    }
}

/// Scores a matching word by where it stands, without skim's matrix, in about skim's measure.
pub(super) fn score_roughly(name: &str, word: &Word) -> i64 {
    let length = i64::try_from(word.bytes.len()).unwrap_or(i64::MAX / 32);
    match best_run(name, word) {
        Some((begin, _)) => begin + 24 * (length - 1),
        None => 12 * length,
    }
}

/// The best place where a word stands whole in the name: its worth, and where it begins in bytes.
pub(super) fn best_run(name: &str, word: &Word) -> Option<(i64, usize)> {
    let bytes = name.as_bytes();
    let key = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    // The same steps as skim's bonuses: the first of the key, of the name, of a word, any other.
    let worth = |place: usize| match place {
        _ if place == key => 40,
        0 => 32,
        _ if !bytes[place - 1].is_ascii_alphanumeric() => 26,
        _ => 16,
    };
    let mut best = None;
    for (place, run) in bytes.windows(word.bytes.len()).enumerate() {
        if word.is(0, run[0]) && best.is_none_or(|(most, _)| worth(place) > most) && word.fits(run)
        {
            best = Some((worth(place), place));
        }
    }
    best
}

/// Scores a word found in a tag, the username or the URL: less than the same run of characters
/// would earn in the name (24 a character), more than scattered ones.
pub(super) fn score_rest(secret: &SecretSummary, word: &Word) -> Option<i64> {
    let length = i64::try_from(word.bytes.len()).unwrap_or(i64::MAX / 32);
    let score = |text: &str| match text.len() == word.bytes.len() {
        true => length * 14,
        false => length * 10,
    };
    rest(secret).filter(|text| word.is_part_of(text.as_bytes())).map(score).max()
}

/// What is searched besides the name.
fn rest(secret: &SecretSummary) -> impl Iterator<Item = &str> {
    let fields = [secret.username.as_deref(), secret.url.as_deref()];
    secret.tags.iter().map(|tag| &**tag).chain(fields.into_iter().flatten())
}

/// The set of characters in `text`, one bit for each letter (whatever its case) and digit, and one
/// for several of the others.
fn bag_of(text: &str) -> u64 {
    let bit = |byte: u8| match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => letter - b'a',
        digit @ b'0'..=b'9' => 26 + digit - b'0',
        byte if byte.is_ascii() => 36 + byte % 12,
        byte => 48 + byte % 16,
    };
    text.bytes().fold(0, |bag, byte| bag | 1 << bit(byte))
}
