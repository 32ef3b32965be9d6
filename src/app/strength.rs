//! How a passphrase's or a generated value's strength is shown. Not the estimate itself.

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
