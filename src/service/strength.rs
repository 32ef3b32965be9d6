//! Says how hard a password is to guess, as people guess. Makes none (see `generate`).
//!
//! The estimate is zxcvbn's (Wheeler, USENIX Security 2016). It takes a `&str` and keeps pieces of
//! it in ordinary strings while it works: they are freed, but not wiped. So it is asked only about
//! passwords a person has just typed or made, at most [`MAX_CHARS`] characters of each, and only
//! the numbers leave this module.

use zeroize::Zeroizing;
use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::{Entropy, zxcvbn};

use crate::vault::SensitiveBytes;

/// More characters are not looked at; zxcvbn's time grows with the square.
pub const MAX_CHARS: usize = 100;
/// Guesses a second of someone who has the file and a slow hash stands between (zxcvbn's third
/// scenario, 10⁴; tresor's own Argon2id is slower still).
const GUESSES_PER_SECOND_LOG10: f64 = 4.0;

/// How hard something is to guess.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// From 0, guessed at once, to 4, very hard.
    pub score: u8,
    /// The logarithm to base ten of the guesses needed; 0 for nothing at all.
    pub guesses_log10: f64,
    /// What would make it better, in a sentence, when it is weak.
    pub advice: Option<&'static str>,
}

impl Strength {
    /// The strength of something made at random from `2^bits` possibilities.
    pub fn of_bits(bits: f64) -> Self {
        // On average half of the possibilities are tried.
        let guesses_log10 = ((bits - 1.0) * std::f64::consts::LOG10_2).max(0.0);
        Self { score: score(guesses_log10), guesses_log10, advice: None }
    }

    /// The guesses needed as a power of two.
    pub fn bits(&self) -> f64 {
        self.guesses_log10 / std::f64::consts::LOG10_2
    }

    /// How long guessing takes, in a word: `no time`, `seconds` … `centuries`.
    pub fn words(&self) -> &'static str {
        let seconds_log10 = self.guesses_log10 - GUESSES_PER_SECOND_LOG10;
        // The logarithms of a second, a minute, an hour, a day, a month, a year, a century.
        let limits = [0.0, 1.78, 3.56, 4.94, 6.42, 7.5, 9.5];
        let reached = limits.iter().filter(|limit| seconds_log10 >= **limit).count();
        ["no time", "seconds", "minutes", "hours", "days", "months", "years", "centuries"][reached]
    }

    /// The score in a word.
    pub fn word(&self) -> &'static str {
        match self.score {
            0 => "very weak",
            1 => "weak",
            2 => "fair",
            3 => "good",
            _ => "strong",
        }
    }
}

/// zxcvbn's own steps.
fn score(guesses_log10: f64) -> u8 {
    match guesses_log10 {
        g if g < 3.0 => 0,
        g if g < 6.0 => 1,
        g if g < 8.0 => 2,
        g if g < 10.0 => 3,
        _ => 4,
    }
}

/// Estimates how hard `value` is to guess.
pub fn estimate(value: &SensitiveBytes) -> Strength {
    estimate_with(value, &[])
}

/// The same, knowing words a guesser would try first, such as the vault's name.
pub fn estimate_with(value: &SensitiveBytes, known: &[&str]) -> Strength {
    value.with(|bytes| {
        let text = capped(bytes);
        if text.is_empty() {
            return Strength { score: 0, guesses_log10: 0.0, advice: None };
        }
        let found = zxcvbn(&text, known);
        let guesses_log10 = found.guesses_log10().max(0.0);
        Strength { score: score(guesses_log10), guesses_log10, advice: advice(&found) }
    })
}

/// The first characters as text; bytes that are no UTF-8 stand each for one character.
fn capped(bytes: &[u8]) -> Zeroizing<String> {
    // Reserved in full, so that the text never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_CHARS * 4));
    match std::str::from_utf8(bytes) {
        Ok(whole) => text.extend(whole.chars().take(MAX_CHARS)),
        Err(_) => text.extend(bytes.iter().take(MAX_CHARS).map(|byte| char::from(*byte))),
    }
    text
}

/// What zxcvbn warns of, else what it suggests first, in our words.
fn advice(found: &Entropy) -> Option<&'static str> {
    let feedback = found.feedback()?;
    Some(match (feedback.warning(), feedback.suggestions().first()?) {
        (Some(warning), _) => warned(warning),
        (None, Suggestion::UseAFewWordsAvoidCommonPhrases) => {
            "Use a few words that do not belong together."
        }
        (None, _) => "Add another word or two; uncommon words are better.",
    })
}

fn warned(warning: Warning) -> &'static str {
    use Warning as W;
    match warning {
        W::StraightRowsOfKeysAreEasyToGuess | W::ShortKeyboardPatternsAreEasyToGuess => {
            "Keys that lie in a row are easy to guess."
        }
        W::RepeatsLikeAaaAreEasyToGuess | W::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "Repeats add very little."
        }
        W::SequencesLikeAbcAreEasyToGuess => "Sequences like abc are easy to guess.",
        W::RecentYearsAreEasyToGuess | W::DatesAreOftenEasyToGuess => {
            "Years and dates are easy to guess."
        }
        W::AWordByItselfIsEasyToGuess => "A word by itself is easy to guess.",
        W::NamesAndSurnamesByThemselvesAreEasyToGuess | W::CommonNamesAndSurnamesAreEasyToGuess => {
            "Names are easy to guess."
        }
        _ => "This is, or is close to, a common password.",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Strength {
        estimate(&SensitiveBytes::copy_of(text.as_bytes()))
    }

    #[test]
    fn weak_and_strong_are_told_apart() {
        assert_eq!((of("").score, of("").words()), (0, "no time"));
        assert_eq!(of("password").score, 0);
        assert!(of("password").advice.is_some());
        assert_eq!(of("qwerty").advice, Some("This is, or is close to, a common password."));
        let strong = of("vivid otter repaints 9 gravel lanterns");
        assert_eq!((strong.score, strong.words(), strong.advice), (4, "centuries", None));
    }

    #[test]
    fn what_is_known_counts_for_nothing() {
        let value = SensitiveBytes::copy_of(b"zephyrhold");
        let blind = estimate(&value).guesses_log10;
        assert!(estimate_with(&value, &["zephyrhold"]).guesses_log10 < blind);
    }

    #[test]
    fn made_at_random_follows_the_bits() {
        let strength = Strength::of_bits(128.0);
        assert_eq!((strength.score, strength.words()), (4, "centuries"));
        assert!((strength.bits() - 127.0).abs() < 0.001);
        assert_eq!(Strength::of_bits(0.0).score, 0);
        assert_eq!(Strength::of_bits(31.0).words(), "days");
    }

    #[test]
    fn long_and_binary_values_take_no_long_time() {
        let long = SensitiveBytes::new(vec![b'a'; 1 << 20]);
        assert_eq!(capped(&[b'a'; 500]).len(), MAX_CHARS);
        assert!(estimate(&long).score <= 2);
        assert!(estimate(&SensitiveBytes::new(vec![0xff, 0xfe, 0x00])).score <= 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_bytes_give_finite_numbers(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let strength = estimate(&SensitiveBytes::new(bytes));
            prop_assert!(strength.score <= 4);
            prop_assert!(strength.guesses_log10.is_finite() && strength.bits() >= 0.0);
            prop_assert!(!strength.words().is_empty() && !strength.word().is_empty());
        }
    }
}
