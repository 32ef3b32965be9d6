//! Makes names of titles: lower case, letters that a key may have, none twice. Knows no vault.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::vault::SecretKey;

/// The longest key in bytes (DESIGN, section 2).
const LONGEST: usize = 128;
/// What is left free of it for what a secret of an entry is called, and for a number.
const ROOM: usize = 40;
/// What a title without any letter is called.
const NAMELESS: &str = "entry";

/// The names given so far, and the number to try next for each.
#[derive(Default)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    /// The name of an entry in its folders: `folder.title`, with a number where it is taken.
    pub(super) fn base(&mut self, folders: &[String], title: &str) -> String {
        let folders = folders.iter().map(|folder| clean(folder));
        let mut parts: Vec<String> = folders.filter(|folder| !folder.is_empty()).collect();
        parts.push(Some(clean(title)).filter(|title| !title.is_empty()).unwrap_or(NAMELESS.into()));
        self.free(shorter(parts.join("."), LONGEST - ROOM))
    }

    /// The name of one of its secrets beside the first: `folder.title.part`.
    pub(super) fn part(&mut self, base: &str, part: &str) -> String {
        let part = Some(clean(part)).filter(|part| !part.is_empty()).unwrap_or("field".into());
        // The number that may follow has room too.
        self.free(shorter(format!("{base}.{part}"), LONGEST - 8))
    }

    fn free(&mut self, wanted: String) -> String {
        let Some(mut number) = self.0.get(&wanted).copied() else {
            self.0.insert(wanted.clone(), 2);
            return wanted;
        };
        // From where the last one of that name was found: thousands may have the same.
        let free = loop {
            let name = format!("{wanted}_{number}");
            number = number.saturating_add(1);
            if !self.0.contains_key(&name) {
                break name;
            }
        };
        self.0.insert(wanted, number);
        self.0.insert(free.clone(), 2);
        free
    }
}

/// The key of a name made here; `None` never happens, and is left out where it does.
pub(super) fn key(name: &str) -> Option<SecretKey> {
    name.parse().ok()
}

/// Whether `text` is what `clean` makes of it.
fn keeps(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '_' | '-')
}

/// `Zürich (Büro)` becomes `zurich-buro`; nothing is left of a text without such letters.
pub(super) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(LONGEST));
    let decomposed = text.chars().flat_map(spelled_out).nfkd().flat_map(char::to_lowercase);
    for letter in
        decomposed.filter(|letter| !unicode_normalization::char::is_combining_mark(*letter))
    {
        match keeps(letter) {
            true => clean.push(letter),
            false if clean.ends_with('-') => {}
            false => clean.push('-'),
        }
        if clean.len() >= LONGEST {
            break;
        }
    }
    clean.trim_matches(['-', '.']).to_owned()
}

/// Letters that do not fall apart into one of ASCII and a mark.
fn spelled_out(letter: char) -> impl Iterator<Item = char> {
    let spelled = match letter {
        'ß' => Some("ss"),
        'æ' | 'Æ' => Some("ae"),
        'œ' | 'Œ' => Some("oe"),
        'ø' | 'Ø' => Some("o"),
        'đ' | 'Đ' => Some("d"),
        'ł' | 'Ł' => Some("l"),
        'þ' | 'Þ' => Some("th"),
        'ı' => Some("i"),
        _ => None,
    };
    spelled.unwrap_or_default().chars().chain(spelled.is_none().then_some(letter))
}

/// At most `longest` bytes of a name, which is plain ASCII.
fn shorter(mut name: String, longest: usize) -> String {
    name.truncate(longest);
    name.truncate(name.trim_end_matches(['-', '.']).len());
    name
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_become_keys() {
        for (title, key) in [
            ("GitHub", "github"),
            ("github.com", "github.com"),
            ("Zürich (Büro)", "zurich-buro"),
            ("STRIPE_KEY", "stripe_key"),
            ("  a / b  ", "a-b"),
            ("Straße Łódź Ærø", "strasse-lodz-aero"),
            ("ﬁle №1", "file-no1"),
            ("日本", ""),
            ("...", ""),
            ("\u{1b}[31mred\u{202e}", "31mred"),
        ] {
            assert_eq!(clean(title), key, "{title:?}");
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let folders = ["Work".to_owned(), "日本".to_owned()];
        assert_eq!(names.base(&folders, "Mail"), "work.mail");
        assert_eq!(names.base(&folders, "mail!"), "work.mail_2");
        assert_eq!(names.part("work.mail", "OTP"), "work.mail.otp");
        assert_eq!(names.part("work.mail", "otp"), "work.mail.otp_2");
        assert_eq!(names.base(&[], "日本"), "entry");
        assert_eq!(names.base(&[], ""), "entry_2");
    }

    proptest! {
        #[test]
        fn every_title_makes_a_key(titles in prop::collection::vec(".{0,200}", 1..8), part in ".{0,200}") {
            let mut names = Names::default();
            for title in &titles {
                let base = names.base(&titles, title);
                prop_assert!(key(&base).is_some(), "{base:?}");
                let part = names.part(&base, &part);
                prop_assert!(key(&part).is_some(), "{part:?}");
            }
        }
    }
}
