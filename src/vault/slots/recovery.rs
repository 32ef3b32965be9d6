//! The recovery slot: 160 random bits on paper. Its checksum tells a wrong letter before any key
//! work; it is shown once and never stored.

use std::fmt::Write;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Fe32, Hrp};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::vault::array::SecretArray;
use crate::vault::error::{Result, VaultError};
use crate::vault::secret::SensitiveBytes;
use crate::vault::world::Random;

/// Tells this slot's key from those of other kinds.
pub(super) const INFO: &str = "tresor.v1.recovery";
/// 160 bits: past guessing, and 32 letters to copy by hand.
const BYTES: usize = 20;
/// What every code begins with: the human-readable part of bech32 (BIP 173).
const PREFIX: &str = "tresor";
/// Letters of a whole code: prefix, `1`, 32 letters of five bits, six of the checksum.
const LETTERS: usize = PREFIX.len() + 1 + BYTES * 8 / 5 + 6;
/// Letters in a group, as it is shown.
const GROUP: usize = 4;
/// So many wrong letters in what every code begins with still leave a code with a wrong letter.
const FEW: usize = 2;
/// The most text that is read as a code: generous for separators.
const LONGEST: usize = 4 * LETTERS;

/// A recovery code. Wiped when dropped; without `Clone`, `Debug` and `Display`.
pub struct RecoveryCode(SecretArray<BYTES>);

impl RecoveryCode {
    /// Draws a new one.
    ///
    /// # Errors
    /// `NoRandomness`.
    pub fn generate(random: &dyn Random) -> Result<Self> {
        Ok(Self(SecretArray::random(random)?))
    }

    /// Whether a text means to be a recovery code: no passphrase begins like one by chance, nor has its
    /// length and alphabet and nearly its beginning.
    pub fn looks_like(typed: &SensitiveBytes) -> bool {
        let means_to = |text: &str| {
            let mut letters = letters_of(text);
            let prefix = PREFIX.chars().chain(['1']);
            let wrong = prefix.filter(|wanted| letters.next() != Some(*wanted)).count();
            let rest = LETTERS - PREFIX.len() - 1;
            let whole = letters_of(text).count() == LETTERS
                && letters.by_ref().take(rest).all(|letter| Fe32::from_char(letter).is_ok());
            wrong == 0 || (wrong <= FEW && whole)
        };
        typed.len() >= LETTERS / 2 && typed.with_str(means_to) == Some(true)
    }

    /// Reads a code as a person types it: either case, white space and hyphens anywhere.
    ///
    /// # Errors
    /// `InvalidRecoveryCode`, which says that a letter is wrong, but never which code it was.
    pub fn parse(typed: &SensitiveBytes) -> Result<Self> {
        let invalid = |why| VaultError::InvalidRecoveryCode { why };
        let mut letters = Zeroizing::new(String::with_capacity(LONGEST));
        let read = typed.with_str(|text| {
            // ASCII only, so that the buffer never grows and leaves a copy behind.
            letters_of(text)
                .take(LONGEST)
                .map(|c| c.is_ascii().then(|| letters.push(c)))
                .all(|pushed| pushed.is_some())
        });
        if read != Some(true) || letters.len() != LETTERS {
            return Err(invalid("it has 45 letters and digits and begins with tresor1"));
        }
        let checked = CheckedHrpstring::new::<Bech32m>(&letters)
            .map_err(|_| invalid("a letter is wrong: its checksum does not match"))?;
        let hrp = Hrp::parse(PREFIX).map_err(|_| invalid("it begins with tresor1"))?;
        if checked.hrp() != hrp {
            return Err(invalid("it begins with tresor1"));
        }
        let mut code = SecretArray::zeroed();
        code.iter_mut().zip(checked.byte_iter()).for_each(|(to, from)| *to = from);
        Ok(Self(code))
    }

    /// The code as it is shown and written down, in groups of four letters.
    ///
    /// # Errors
    /// `Internal`, which cannot happen.
    pub fn shown(&self) -> Result<SensitiveBytes> {
        let internal = |_| VaultError::Internal { what: "encoding a recovery code" };
        let mut code = Zeroizing::new(String::with_capacity(LETTERS));
        let hrp = Hrp::parse(PREFIX).map_err(|_| internal(std::fmt::Error))?;
        bech32::encode_lower_to_fmt::<Bech32m, _>(&mut *code, hrp, &*self.0)
            .map_err(|_| internal(std::fmt::Error))?;
        let mut shown = Zeroizing::new(String::with_capacity(2 * LETTERS));
        let (prefix, letters) = code.split_at_checked(PREFIX.len() + 1).unwrap_or((&code, ""));
        shown.write_str(prefix).map_err(internal)?;
        for (at, letter) in letters.chars().enumerate() {
            if at.is_multiple_of(GROUP) {
                shown.push(' ');
            }
            shown.push(letter);
        }
        Ok(SensitiveBytes::copy_of(shown.as_bytes()))
    }

    /// Whether both are the same, compared in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }

    /// Lends the secret of the slot.
    pub(super) fn bytes(&self) -> &[u8] {
        &*self.0
    }
}

/// The letters of a code as it is typed, in one case: separators are no part of it.
fn letters_of(text: &str) -> impl Iterator<Item = char> {
    let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    letters.map(|c| c.to_ascii_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::super::world::SystemRandom;
    use super::*;

    fn parse(text: &str) -> Result<RecoveryCode> {
        RecoveryCode::parse(&SensitiveBytes::copy_of(text.as_bytes()))
    }

    fn shown(code: &RecoveryCode) -> String {
        code.shown().unwrap().with_str(str::to_owned).unwrap()
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = RecoveryCode::generate(&SystemRandom).unwrap();
        let text = shown(&code);
        assert!(text.starts_with("tresor1 "));
        assert_eq!(text.chars().filter(|c| *c != ' ').count(), LETTERS);
        let mixed = text.replacen('t', "T", 1);
        for typed in
            [text.clone(), text.to_uppercase(), text.replace(' ', "-"), format!(" {text}\n"), mixed]
        {
            assert_eq!(*parse(&typed).unwrap().0, *code.0, "{typed}");
        }
    }

    #[test]
    fn every_wrong_letter_and_every_swap_is_told() {
        let text = shown(&RecoveryCode(SecretArray::copy_of(&[7; BYTES]))).replace(' ', "");
        for at in PREFIX.len() + 1..text.len() {
            for letter in "qpzry9x8gf2tvdw0s3jn54khce6mua7l".chars() {
                let mut typed: Vec<char> = text.chars().collect();
                if typed[at] == letter {
                    continue;
                }
                typed[at] = letter;
                let typed: String = typed.into_iter().collect();
                assert!(parse(&typed).is_err(), "{typed}");
            }
        }
        for at in PREFIX.len() + 1..text.len() - 1 {
            let mut typed: Vec<char> = text.chars().collect();
            if typed[at] != typed[at + 1] {
                typed.swap(at, at + 1);
                assert!(parse(&typed.into_iter().collect::<String>()).is_err());
            }
        }
    }

    #[test]
    fn a_code_that_begins_with_a_wrong_letter_is_told_from_a_passphrase() {
        let looks =
            |text: &str| RecoveryCode::looks_like(&SensitiveBytes::copy_of(text.as_bytes()));
        let text = shown(&RecoveryCode::generate(&SystemRandom).unwrap());
        for wrong in ["tresor2", "tresot1", "Tresor1", "trseor1"] {
            assert!(looks(&text.replacen("tresor1", wrong, 1)), "{wrong}");
        }
        let code = text.replacen("tresor1", "tresot1", 1);
        let told = parse(&code).map(drop);
        assert!(
            matches!(told, Err(VaultError::InvalidRecoveryCode { why }) if why.contains("letter"))
        );
        // Of another length, with letters that no code has, or like one of something else.
        let (shorter, mut other) = (code.replacen('t', "", 1), code.clone());
        other.pop();
        other.push('b');
        for text in [&shorter, &other, &code.replacen("tresot1", "wallet1", 1), "tresot1", ""] {
            assert!(!looks(text), "{text}");
        }
    }

    #[test]
    fn a_code_of_something_else_is_none_of_ours_though_its_checksum_is_right() {
        let other = Hrp::parse("wallet").unwrap();
        let mut code = String::new();
        bech32::encode_lower_to_fmt::<Bech32m, _>(&mut code, other, &[7; BYTES]).unwrap();
        let told = parse(&code).map(drop);
        let Err(VaultError::InvalidRecoveryCode { why }) = told else { panic!("it was accepted") };
        assert_eq!(why, "it begins with tresor1");
    }

    #[test]
    fn other_text_is_no_code() {
        let other = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
        for typed in ["", "tresor1", "tresor1 qqqq", other, "träsor1", &"q".repeat(100_000)] {
            assert!(
                matches!(parse(typed), Err(VaultError::InvalidRecoveryCode { .. })),
                "{typed:.9}"
            );
        }
    }
}
