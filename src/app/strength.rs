//! How a passphrase's or a generated value's strength is shown. Not the estimate itself.

use crate::service::strength::Strength;

/// The bar is full at this many bits: what a random key of the vault's own strength would have.
const FULL_BITS: f64 = 128.0;

/// A strength in the words of the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct StrengthView {
    /// From 0 (guessed at once) to 4 (very hard); the bar has `bar` of 10 cells.
    pub score: u8,
    /// Cells of the bar that are filled, 0–10.
    pub bar: u8,
    /// Bits of entropy or of the logarithm of the guesses.
    pub bits: f64,
    /// How long guessing takes, in words: `centuries`.
    pub words: String,
    /// A hint how to make it better; empty when there is none.
    pub advice: String,
}

impl StrengthView {
    /// The words for an estimate.
    pub fn of(strength: &Strength) -> Self {
        let bits = strength.bits();
        // A value from 0 to 10: the cast cannot lose anything.
        let bar = (bits / FULL_BITS * 10.0).clamp(0.0, 10.0).round() as u8;
        Self {
            score: strength.score,
            bar,
            bits,
            words: strength.words().to_owned(),
            advice: strength.advice.unwrap_or_default().to_owned(),
        }
    }
}
