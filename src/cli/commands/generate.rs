//! `tresor generate`: a new password, passphrase or token, and how strong it is. Saves nothing.

use clap::Args;
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::output::write_value;
use crate::cli::record;
use crate::cli::session::{DONE, Outcome, Session};
use crate::service::generate::{Encoding, Recipe, entropy_bits, generate};
use crate::service::strength::Strength;
use crate::vault::{SensitiveBytes, SystemRandom};

/// Generate a password, a passphrase or a token
///
/// Twenty characters of all kinds when nothing else is asked for. 'set --generate' saves one at once.
#[derive(Args)]
pub struct Generate {
    #[command(flatten)]
    recipe: RecipeArgs,
}

/// What to generate; `set --generate` takes the same.
#[derive(Args, Debug, PartialEq, Eq, Default)]
#[command(next_help_heading = "Generating")]
pub struct RecipeArgs {
    /// A password of this many characters (the default: 20)
    #[arg(long, value_name = "N", conflicts_with_all = ["word_count", "token"])]
    length: Option<usize>,
    /// Without punctuation
    #[arg(long, conflicts_with_all = ["word_count", "token"])]
    no_symbols: bool,
    /// Without what is easily confused, such as 0 and O
    #[arg(long, conflicts_with_all = ["word_count", "token"])]
    readable: bool,
    /// A passphrase of this many words
    #[arg(long = "words", value_name = "N", conflicts_with = "token")]
    word_count: Option<usize>,
    /// What stands between the words (the default: -)
    #[arg(long, value_name = "TEXT", requires = "word_count")]
    separator: Option<String>,
    /// Begin each word with a capital
    #[arg(long, requires = "word_count")]
    capitalise: bool,
    /// A token of this many random bytes, as base64url
    #[arg(long, value_name = "BYTES")]
    token: Option<usize>,
    /// The token in hexadecimal digits
    #[arg(long, requires = "token")]
    hex: bool,
}

impl RecipeArgs {
    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Makes a value and says how many bits of chance are in it.
    pub fn make(&self) -> Result<(SensitiveBytes, f64), CliError> {
        let recipe = self.recipe();
        Ok((generate(&recipe, &SystemRandom)?, entropy_bits(&recipe)))
    }

    fn recipe(&self) -> Recipe {
        if let Some(count) = self.word_count {
            let separator = self.separator.clone().unwrap_or_else(|| "-".to_owned());
            return Recipe::Words { count, separator, capitalise: self.capitalise };
        }
        if let Some(bytes) = self.token {
            let encoding = if self.hex { Encoding::Hex } else { Encoding::Base64Url };
            return Recipe::Token { bytes, encoding };
        }
        Recipe::Characters {
            length: self.length.unwrap_or(20),
            lower: true,
            upper: true,
            digits: true,
            symbols: !self.no_symbols,
            readable: self.readable,
        }
    }
}

impl Generate {
    pub fn run(&self, session: &Session) -> Outcome {
        let (value, bits) = self.recipe.make()?;
        let strength = Strength::of_bits(bits);
        // At most 4,096 bits: 512 bytes of a token.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole_bits = bits.floor() as u64;
        let word = strength.word();
        if session.out.json {
            let json = json!({"bits": whole_bits, "strength": word});
            write_value(&SensitiveBytes::copy_of(&record::with_value(&json, &value)))?;
            return DONE;
        }
        write_value(&value)?;
        session.out.text("\n")?;
        session.out.note(&format!("{word}: {whole_bits} bits, {} to guess", strength.words()));
        DONE
    }
}
