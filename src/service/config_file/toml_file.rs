//! TOML: a dotted path names the value. Everything else keeps its form, as toml_edit keeps it.

use toml_edit::{DocumentMut, Item, Key, Table, Value};
use zeroize::Zeroizing;

use super::{ConfigError, ends_lines_with_crlf};
use crate::text::{line_at, visible, without_byte_order_mark};
use crate::vault::SensitiveBytes;

pub fn with_value(text: &[u8], at: &str, value: &str) -> Result<SensitiveBytes, ConfigError> {
    let (whole, text) = (text, without_byte_order_mark(text));
    let not_text = |error: std::str::Utf8Error| ConfigError::Line {
        line: line_at(text, error.valid_up_to()),
        why: "this is not UTF-8 text".into(),
    };
    let plain = std::str::from_utf8(text).map_err(not_text)?;
    let mut document = plain.parse::<DocumentMut>().map_err(|error| ConfigError::Line {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        why: visible(error.message()).into_owned(),
    })?;
    let no_place = || ConfigError::NoPlace { at: at.to_owned() };
    let no_value = || ConfigError::NoValue { at: at.to_owned() };
    let parts = Key::parse(at).map_err(|_| no_place())?;
    let parts: Vec<&str> = parts.iter().map(Key::get).collect();
    let (key, tables) = parts.split_last().ok_or_else(no_place)?;
    let mut item = document.as_item_mut();
    for name in tables {
        item = match item.as_table_like_mut() {
            Some(table) => table.entry(name).or_insert_with(new_table),
            None => return Err(no_value()),
        };
    }
    let table = item.as_table_like_mut().ok_or_else(no_value)?;
    match table.entry(key).or_insert_with(|| toml_edit::value(value)) {
        Item::Value(there) if !there.is_array() && !there.is_inline_table() => {
            // White space and the comment behind it stay.
            let decor = there.decor().clone();
            *there = Value::from(value);
            *there.decor_mut() = decor;
        }
        _ => return Err(no_value()),
    }
    let changed = Zeroizing::new(document.to_string());
    // toml_edit ends lines with LF; a file that ends all of them with CR LF keeps that.
    let changed = match ends_lines_with_crlf(text) {
        true => with_crlf(&changed),
        false => changed,
    };
    // It drops a byte-order mark, too.
    let mark = whole.strip_suffix(text).unwrap_or_default();
    Ok(SensitiveBytes::new([mark, changed.as_bytes()].concat()))
}

/// Every line end as CR LF.
fn with_crlf(text: &str) -> Zeroizing<String> {
    // Room for all of it: a text that grows leaves copies behind.
    let mut changed = Zeroizing::new(String::with_capacity(text.len() * 2));
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            changed.push_str("\r\n");
        }
        changed.push_str(line.strip_suffix('\r').unwrap_or(line));
    }
    changed
}

/// One that shows only through what is in it.
fn new_table() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}
