//! JSON: tresor's own export and records, and plain objects of names and values, nested ones too. Writes none.
//!
//! ```text
//! {"format":"tresor-export","version":1,"secrets":[{"scope":"global","key":"a","value":"x"}]}
//! [{"key":"a","value":"x"}, …]      and the same records one after another, as `get --json` gives them
//! {"STRIPE_KEY":"sk_…","db":{"password":"x"}}     the secrets stripe_key and db.password
//! ```

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::item::Text;
use super::lines::Lines;
use super::record::{Exact, Record};
use super::{Entry, ImportError, MAX_FILE, Outcome, Place, names};
use crate::text::{is_utf16, line_at, visible, without_byte_order_mark};
use crate::vault::{MetadataPatch, SensitiveBytes};

/// The word that tells an export of tresor.
const EXPORT: &str = "tresor-export";
/// How deep names and values may lie in each other.
const DEEPEST: usize = 32;
/// How much of a path of names is told, in letters.
const LONGEST_SHOWN: usize = 128;
/// What may stand there.
const HELP: &str = "it holds names and values, or records as 'get --json' gives them";

/// Reads a file.
///
/// # Errors
///
/// What is no JSON, with the line; what is wrong with single secrets is in what was found.
pub fn read(file: &SensitiveBytes) -> Outcome {
    file.with(|bytes| {
        let text = text(bytes)?;
        let mut reader = Reader { lines: Lines::new(text.as_bytes()), exact: Exact::new(HELP) };
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            let value = value.map_err(|error| broken(&error))?;
            reader.document(value)?;
        }
        reader.exact.done()
    })
}

/// The text of a file, its mark at the beginning dropped.
pub(super) fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > MAX_FILE {
        return Err(ImportError::TooLarge("more than 32 MiB"));
    }
    let save = "save it as UTF-8";
    if is_utf16(bytes) {
        return Err(ImportError::malformed("it is UTF-16", save));
    }
    let bytes = without_byte_order_mark(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        ImportError::malformed(format!("line {line}: it is not UTF-8"), save)
    })
}

/// What is no JSON. The parser's own words may quote the file, and are not told.
pub(super) fn broken(error: &serde_json::Error) -> ImportError {
    let why = match error.is_eof() {
        true => "the file ends within a value",
        false => "it is no JSON",
    };
    let place = format!("line {}, column {}: {why}", error.line(), error.column());
    ImportError::malformed(place, "mend it there; nothing behind that can be told")
}

struct Reader<'a> {
    lines: Lines<'a>,
    exact: Exact,
}

impl<'a> Reader<'a> {
    fn document(&mut self, value: &'a RawValue) -> Result<(), ImportError> {
        match first(value) {
            b'[' => self.records(value),
            b'{' => {
                let members = Members::of(value)?;
                if let Some(list) = members.get("secrets").filter(|list| first(list) == b'[') {
                    check_version(&members)?;
                    self.records(list)
                } else if members.is_record() {
                    self.record(value);
                    Ok(())
                } else {
                    self.object(members, &mut Vec::new())
                }
            }
            _ => {
                self.bad(value, "it is neither an object nor a list");
                Ok(())
            }
        }
    }

    fn records(&mut self, list: &'a RawValue) -> Result<(), ImportError> {
        let list: Vec<&RawValue> = parsed(list)?;
        list.into_iter().for_each(|record| self.record(record));
        Ok(())
    }

    fn record(&mut self, value: &'a RawValue) {
        let place = self.place(value);
        let record = serde_json::from_str::<Record>(value.get());
        let record = record.map_err(|_| "it is no record".to_owned());
        self.exact.add(place.clone(), record.and_then(|record| record.entry(place)));
    }

    /// Names and values; `inside` are the names of what they lie in.
    fn object(
        &mut self,
        members: Members<'a>,
        inside: &mut Vec<Inside>,
    ) -> Result<(), ImportError> {
        for (written, value) in members.0 {
            inside.push(Inside { clean: names::clean(&written), written });
            match first(value) {
                b'{' if inside.len() > DEEPEST => {
                    self.bad_setting(value, inside, "it lies too deep in others");
                }
                b'{' => {
                    let members = Members::of(value)?;
                    self.object(members, inside)?;
                }
                b'[' => self.bad_setting(value, inside, "a list is no value"),
                _ => {
                    let place = self.place(value);
                    let mut name: Vec<&str> = inside.iter().map(|name| &*name.clean).collect();
                    if name.contains(&"") {
                        // Without one of its names it would be another's.
                        name.clear();
                    }
                    let entry = single(value, &name.join("."), place.clone());
                    let entry = entry.map_err(|why| format!("{}: {why}", shown(inside)));
                    self.exact.add_setting(place, entry);
                }
            }
            inside.pop();
        }
        Ok(())
    }

    /// On one line there may be many: names tell which.
    fn bad_setting(&mut self, value: &RawValue, inside: &[Inside], why: &str) {
        self.bad(value, &format!("{}: {why}", shown(inside)));
    }

    fn bad(&mut self, value: &RawValue, why: &str) {
        let place = self.place(value);
        self.exact.add(place, Err(why.to_owned()));
    }

    fn place(&mut self, value: &RawValue) -> Place {
        Place::Line(self.lines.of(value.get().as_bytes()))
    }
}

/// One name on the way down to a value. Both are kept: a name may be long, and have many values below it.
struct Inside {
    written: String,
    /// As much of it as a key may have.
    clean: String,
}

/// The names down to a value, as far as they fit a message.
fn shown(inside: &[Inside]) -> String {
    let mut letters = inside.iter().enumerate().flat_map(|(depth, name)| {
        let dot = (depth > 0).then_some('.');
        dot.into_iter().chain(name.written.chars())
    });
    let mut shown: String = letters.by_ref().take(LONGEST_SHOWN).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    visible(&shown).into_owned()
}

/// One name with a text, a number, yes, no, or nothing.
fn single(value: &RawValue, name: &str, place: Place) -> Result<Entry, String> {
    let key = name.parse().map_err(|_| "the name has no letter a key may have, or is too long")?;
    let value = match first(value) {
        b'"' => {
            let mut text: Text = parsed(value).map_err(|_| "the text holds half a character")?;
            SensitiveBytes::from_string(std::mem::take(&mut text))
        }
        b'n' => SensitiveBytes::new(Vec::new()),
        _ => SensitiveBytes::copy_of(value.get().as_bytes()),
    };
    let patch = MetadataPatch::default();
    Ok(Entry { scope: None, key, value, patch, place, replaces: None, is_attachment: false })
}

fn first(value: &RawValue) -> u8 {
    value.get().bytes().next().unwrap_or_default()
}

/// A part of what was read as JSON already.
fn parsed<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Result<T, ImportError> {
    serde_json::from_str(value.get())
        .map_err(|_| ImportError::malformed("it is no JSON that can be read", HELP))
}

fn check_version(members: &Members<'_>) -> Result<(), ImportError> {
    let says = |name: &str, value: &str| members.get(name).is_some_and(|raw| raw.get() == value);
    match says("format", &format!("\"{EXPORT}\"")) && !says("version", "1") {
        true => Err(ImportError::Unsupported {
            why: "it is an export of a newer tresor",
            help: "use a newer tresor to read it",
        }),
        false => Ok(()),
    }
}

/// The members of an object, in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn of(value: &'a RawValue) -> Result<Self, ImportError> {
        parsed(value)
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
    }

    /// Whether it is a record: a key and a value, both of them texts.
    fn is_record(&self) -> bool {
        let is_text = |name| self.get(name).is_some_and(|value| first(value) == b'"');
        is_text("key") && (is_text("value") || is_text("value_base64"))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Walk)
    }
}
