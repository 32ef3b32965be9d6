//! Config files of other programs, read for the references and the secrets in them. Changes none.

mod toml_values;

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::input;
use crate::service::config_file::Form;
use crate::service::dotenv::{Assignment, BadLine, readable_assignments};
use crate::service::inline::{self, Inline};
use crate::service::reference::{Reference, Spot, Template};
use crate::text::{is_text, is_utf16, visible_path, without_byte_order_mark};
use crate::vault::SecretRef;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;

/// What is wrong with a text in another encoding.
pub const NOT_UTF8: &str = "it is no UTF-8 text";

/// What one file says about secrets. Nothing secret is in it.
pub struct Referring {
    /// Its path, safe to show.
    pub file: String,
    /// The references in it, in order; not those in comments, where its form is known.
    pub spots: Vec<Spot>,
    /// The secrets that stand in it in clear.
    pub inline: Vec<Inline>,
    /// What cannot be read of it as what its name says: of `.env` files, lines that are no assignment;
    /// of all, another encoding.
    pub malformed: Vec<BadLine>,
}

impl Referring {
    /// Reads one file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is too long.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let text = input::read_plain_file(path, MAX_FILE)?;
        let file = visible_path(path);
        text.with(|text| Self::of(file, Form::of(path), text))
    }

    /// What is no text has nothing to say; a text in UTF-16 looks like none, and that is told.
    fn of(file: String, form: Option<Form>, text: &[u8]) -> Result<Self, CliError> {
        let mut of_it = Self { file, spots: Vec::new(), inline: Vec::new(), malformed: Vec::new() };
        if is_utf16(text) {
            of_it.malformed.push(BadLine { line: 1, why: NOT_UTF8 });
            return Ok(of_it);
        }
        if !is_text(text) {
            return Ok(of_it);
        }
        let text = without_byte_order_mark(text);
        of_it.spots = Template::parse(text).into_spots();
        match form {
            Some(Form::Dotenv) => of_it.judge_dotenv(text)?,
            Some(Form::Toml) => of_it.judge_toml(text),
            None => of_it.inline = inline::find(text),
        }
        Ok(of_it)
    }

    fn judge_dotenv(&mut self, text: &[u8]) -> Result<(), CliError> {
        let (assignments, bad) = readable_assignments(text)?;
        let place = |assignment: &Assignment| assignment.at.clone();
        let values: Vec<Range<usize>> = assignments.iter().map(place).collect();
        drop_commented_out(text, &values, &mut self.spots);
        self.inline = inline::find_in_dotenv(text, &assignments);
        self.malformed = bad;
        Ok(())
    }

    fn judge_toml(&mut self, text: &[u8]) {
        // Most files refer to nothing, and need not be read a second time.
        if !self.spots.is_empty() {
            drop_commented_out(text, &toml_values::places(text), &mut self.spots);
        }
        self.inline = inline::find(text);
    }

    /// Reads several.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, CliError> {
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// What cannot be read of some, in words.
    pub fn all_malformed(files: &[Self]) -> Vec<String> {
        let told = |file: &Self| {
            let told = file.malformed.iter().map(|bad| format!("{}: {bad}", file.file));
            told.collect::<Vec<_>>()
        };
        files.iter().flat_map(told).collect()
    }

    /// The lines on which it refers to a secret.
    pub fn lines_of(&self, name: &SecretRef) -> Vec<usize> {
        let refers = |spot: &&Spot| match &spot.reference {
            Ok(Reference::Vault(locator)) => locator.name == *name,
            _ => false,
        };
        self.spots.iter().filter(refers).map(|spot| spot.line).collect()
    }
}

/// Drops those whose whole line is a comment, in TOML and `.env` files alike. A line within a value is none,
/// whatever it begins with. Both `values` and `spots` stand in order.
fn drop_commented_out(text: &[u8], values: &[Range<usize>], spots: &mut Vec<Spot>) {
    let (mut line, mut seen) = (0, 0);
    spots.retain(|spot| {
        let between = text.get(seen..spot.at.start).unwrap_or_default();
        if let Some(newline) = between.iter().rposition(|byte| *byte == b'\n') {
            line = seen + newline + 1;
        }
        seen = spot.at.start;
        let is_comment = text.get(line..).unwrap_or_default().trim_ascii_start().starts_with(b"#");
        !is_comment || is_within(values, spot.at.start)
    });
}

/// Whether a byte stands in one of these places, which are in order and apart from each other.
fn is_within(places: &[Range<usize>], at: usize) -> bool {
    let before = places.partition_point(|place| place.start <= at);
    before.checked_sub(1).and_then(|last| places.get(last)).is_some_and(|place| at < place.end)
}

/// The references of all files that are none, or lead somewhere or nowhere, in order.
pub fn references(files: &[Referring]) -> Vec<&Reference> {
    files
        .iter()
        .flat_map(|file| &file.spots)
        .filter_map(|spot| spot.reference.as_ref().ok())
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn commented_out_references_count_only_where_a_comment_is_not_known_as_one() {
        let text = b"# A=tresor://global/a\n \t#tresor://global/b tresor://global/c\n\
                     B=tresor://global/d # tresor://global/e\n";
        let lines = |form| -> Vec<usize> {
            let file = Referring::of("f".into(), form, text).unwrap();
            file.spots.iter().map(|spot| spot.line).collect()
        };
        assert_eq!(lines(Some(Form::Dotenv)), [3, 3]);
        assert_eq!(lines(Some(Form::Toml)), [3, 3]);
        assert_eq!(lines(None), [1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_line_within_a_value_is_no_comment() {
        let lines = |form, text: &str| -> Vec<usize> {
            let file = Referring::of("f".into(), Some(form), text.as_bytes()).unwrap();
            file.spots.iter().map(|spot| spot.line).collect()
        };
        let env = "\u{feff}CONF=\"a\n# tresor://global/a\n\"\n# tresor://global/b\nX='\n#tresor://global/c'\n";
        assert_eq!(lines(Form::Dotenv, env), [2, 6]);
        // A quote that is never closed holds nothing.
        assert_eq!(lines(Form::Dotenv, "X='\n# tresor://global/a\nY=tresor://global/b\n"), [3]);
        let toml = "a = \"\"\"\n# tresor://global/a\n\"\"\"\nb = [\n  # tresor://global/b\n  'tresor://global/c',\n]\n";
        assert_eq!(lines(Form::Toml, toml), [2, 6]);
        // What is no TOML is judged by its lines.
        assert_eq!(lines(Form::Toml, &format!("{toml}oops\n")), [6]);
    }

    #[test]
    fn a_byte_order_mark_hides_nothing_on_the_first_line() {
        for form in [Some(Form::Dotenv), Some(Form::Toml), None] {
            let text = "\u{feff}password = 'hunter22'\n".as_bytes();
            let file = Referring::of("f".into(), form, text).unwrap();
            assert_eq!(file.inline.len(), 1);
            assert!(file.malformed.is_empty());
        }
        let text = "\u{feff}# A=tresor://global/a\n".as_bytes();
        assert!(Referring::of("f".into(), Some(Form::Toml), text).unwrap().spots.is_empty());
    }

    #[test]
    fn a_text_in_utf_16_is_told() {
        for text in [b"\xff\xfeA\0=\0", b"\xfe\xff\0A\0="] {
            let file = Referring::of("f".into(), None, text).unwrap();
            assert_eq!(file.malformed, [BadLine { line: 1, why: NOT_UTF8 }]);
        }
    }

    #[test]
    fn what_is_no_text_says_nothing() {
        let text = b"A=tresor://global/a\nPASSWORD=hunter22\nbad\n\0";
        let file = Referring::of("f".into(), Some(Form::Dotenv), text).unwrap();
        assert!(file.spots.is_empty() && file.inline.is_empty() && file.malformed.is_empty());
    }
}
