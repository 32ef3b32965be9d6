//! The generator: what is to be made and what was made. Not the randomness.

use super::strength::StrengthView;
use crate::vault::{SecretRef, SensitiveBytes};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Characters of the chosen classes.
    Characters,
    /// Words of a list.
    Words,
    /// Random bytes as URL-safe text.
    Token,
}

/// The rows in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum GeneratorRow {
    Shape,
    Length,
    Lower,
    Upper,
    Digits,
    Symbols,
    Readable,
}

/// What the value is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenerateFor {
    /// The value field of the form or editor below.
    Field,
    /// A new revision of that secret, of that revision now.
    Secret(SecretRef, u64),
    /// Nothing yet: it may be copied, or become a new secret.
    Nothing,
}

/// The state of the generator.
pub struct Generator {
    /// What is made.
    pub shape: Shape,
    /// Characters (8–128), words (3–12) or bytes (8–64), by shape.
    pub length: usize,
    /// a–z.
    pub lower: bool,
    /// A–Z.
    pub upper: bool,
    /// 0–9.
    pub digits: bool,
    /// Symbols.
    pub symbols: bool,
    /// Without characters that are easily mistaken.
    pub readable: bool,
    /// Which row has the focus.
    pub focus: GeneratorRow,
    /// The value; `None` when the system gave no randomness or no class is chosen.
    pub value: Option<SensitiveBytes>,
    /// Its strength.
    pub strength: Option<StrengthView>,
    /// Why there is none.
    pub problem: Option<String>,
    /// What it is for.
    pub target: GenerateFor,
}
