#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

/// Repeatable randomness (xorshift), good enough to see a bias.
struct Seeded(Mutex<u64>);

impl Seeded {
    fn new(seed: u64) -> Self {
        Self(Mutex::new(seed | 1))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> crate::vault::Result<()> {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            *byte = (*state >> 24) as u8;
        }
        Ok(())
    }
}

/// A source that always gives the same byte.
struct Stuck(u8);

impl Random for Stuck {
    fn fill(&self, bytes: &mut [u8]) -> crate::vault::Result<()> {
        bytes.fill(self.0);
        Ok(())
    }
}

fn text(recipe: &Recipe, seed: u64) -> String {
    let made = generate(recipe, &Seeded::new(seed)).unwrap();
    made.with_str(str::to_owned).unwrap()
}

fn list() -> HashSet<&'static str> {
    WORDS.lines().filter(|line| !line.starts_with('#')).collect()
}

fn characters_recipe(length: usize, classes: u8, readable: bool) -> Recipe {
    let has = |bit: u8| classes >> bit & 1 == 1;
    Recipe::Characters {
        length,
        lower: has(0),
        upper: has(1),
        digits: has(2),
        symbols: has(3),
        readable,
    }
}

proptest! {
    #[test]
    fn a_password_has_its_length_only_chosen_characters_and_one_of_each_class(
        length in 4_usize..80, chosen in 1_u8..16, readable: bool, seed: u64,
    ) {
        let recipe = characters_recipe(length, chosen, readable);
        let made = text(&recipe, seed);
        prop_assert_eq!(made.len(), length);
        let classes = classes(&recipe);
        prop_assert!(made.bytes().all(|b| classes.iter().any(|class| class.contains(&b))));
        prop_assert!(classes.iter().all(|class| made.bytes().any(|b| class.contains(&b))));
        prop_assert!(!readable || !made.chars().any(|c| CONFUSABLE.contains(c)));
    }

    #[test]
    fn tokens_have_the_length_their_bytes_give(bytes in 8_usize..100, seed: u64) {
        let hex = text(&Recipe::Token { bytes, encoding: Encoding::Hex }, seed);
        prop_assert_eq!(hex.len(), bytes * 2);
        prop_assert!(hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let base64 = text(&Recipe::Token { bytes, encoding: Encoding::Base64Url }, seed);
        prop_assert_eq!(URL_SAFE_NO_PAD.decode(base64).unwrap().len(), bytes);
    }
}

#[test]
fn the_list_is_whole_and_without_repeats() {
    let words = list();
    assert_eq!(words.len(), usize::from(WORD_COUNT));
    assert_eq!((word(0), word(WORD_COUNT - 1), word(WORD_COUNT)), ("abacus", "zoom", ""));
    assert!(words.iter().all(|w| w.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
}

#[test]
fn a_passphrase_is_words_of_the_list() {
    let recipe = Recipe::Words { count: 6, separator: " ".into(), capitalise: false };
    let list = list();
    let made = text(&recipe, 7);
    assert_eq!(made.split(' ').filter(|w| list.contains(w)).count(), 6);
    let capital = Recipe::Words { count: 6, separator: " ".into(), capitalise: true };
    let made = text(&capital, 7);
    assert!(made.split(' ').all(|w| w.starts_with(|c: char| c.is_ascii_uppercase())));
}

#[test]
fn picks_are_even() {
    let random = Seeded::new(99);
    let mut picker = Picker::new(&random);
    let mut counts = [0_u32; 90];
    for _ in 0..90_000 {
        counts[usize::from(picker.below(90).unwrap())] += 1;
    }
    // 1,000 each with a deviation of about 32; a plain remainder of one byte would give 1.5 times
    // as many of the first 76.
    assert!(counts.iter().all(|count| (830..1170).contains(count)), "{counts:?}");
}

#[test]
fn a_draw_above_the_fair_range_is_thrown_away() {
    let all_ones = Stuck(0xff);
    assert!(matches!(Picker::new(&all_ones).below(90), Err(GenerateError::Broken)));
    assert_eq!(Picker::new(&all_ones).below(256).unwrap(), 255);
}

#[test]
fn a_broken_source_is_an_error_and_not_a_loop() {
    assert!(matches!(generate(&Recipe::default(), &Stuck(0)), Err(GenerateError::Broken)));
}

#[test]
fn entropy_counts_what_is_possible() {
    let close = |recipe: &Recipe, bits: f64| {
        let found = entropy_bits(recipe);
        assert!((found - bits).abs() < 0.01, "{recipe:?}: {found}");
    };
    close(&characters_recipe(10, 0b100, false), 10.0 * 10_f64.log2());
    // Four of four classes: 4! orders of one each.
    close(&characters_recipe(4, 0b1111, false), (24.0 * 26.0 * 26.0 * 10.0 * 28.0_f64).log2());
    close(&Recipe::Words { count: 6, separator: "-".into(), capitalise: true }, 77.55);
    close(&Recipe::Token { bytes: 32, encoding: Encoding::Hex }, 256.0);
    assert!(entropy_bits(&Recipe::default()) > 128.0);
}

#[test]
fn what_cannot_be_made_is_refused_with_its_reason() {
    for recipe in [
        characters_recipe(20, 0, false),
        characters_recipe(3, 0b1111, false),
        characters_recipe(3, 1, false),
        characters_recipe(MAX_LENGTH + 1, 1, false),
        Recipe::Words { count: 0, separator: "-".into(), capitalise: false },
        Recipe::Words { count: 5, separator: "\n".into(), capitalise: false },
        Recipe::Words { count: 5, separator: "123456789".into(), capitalise: false },
        Recipe::Token { bytes: 7, encoding: Encoding::Hex },
    ] {
        let error = generate(&recipe, &Seeded::new(1)).err().expect("refused");
        assert_eq!(error.kind(), FaultKind::Invalid, "{recipe:?}");
        assert_eq!(entropy_bits(&recipe), 0.0);
    }
}
