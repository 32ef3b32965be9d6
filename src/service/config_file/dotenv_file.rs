//! `.env` files: the name of a variable names the value. Everything else keeps its form.

use super::{Changed, ConfigError, ends_lines_with_crlf};
use crate::service::dotenv::{Assignment, assignments};
use crate::service::reference::is_variable;
use crate::vault::SensitiveBytes;

pub fn with_value(text: &[u8], at: &str, value: &str) -> Result<Changed, ConfigError> {
    if !is_variable(at) {
        return Err(ConfigError::NoPlace { at: at.to_owned() });
    }
    let found = assignments(text)?;
    let there = found.iter().filter(|assignment| assignment.name == at);
    let values: Vec<(&Assignment, String)> = there.map(|one| (one, value.to_owned())).collect();
    Ok(match values.len() {
        0 => Changed { text: appended(text, &format!("{at}={value}")), places: 1 },
        places => Changed { text: with_values(text, &values), places },
    })
}

/// The text with other values for some assignments, which are given in their order.
///
/// The values need no quotes.
pub fn with_values(text: &[u8], values: &[(&Assignment, String)]) -> SensitiveBytes {
    let added: usize = values.iter().map(|(_, value)| value.len()).sum();
    // Room for all of it, a blank behind each value with it: a buffer that grows leaves copies behind.
    let mut changed = Vec::with_capacity(text.len() + added + values.len());
    let mut from = 0;
    for (there, value) in values {
        changed.extend_from_slice(text.get(from..there.at.start).unwrap_or_default());
        changed.extend_from_slice(value.as_bytes());
        from = there.at.end;
        // Behind a closing quote, or nothing, a # begins a comment; behind a letter it is a part of the value.
        if text.get(from) == Some(&b'#') {
            changed.push(b' ');
        }
    }
    changed.extend_from_slice(text.get(from..).unwrap_or_default());
    SensitiveBytes::new(changed)
}

fn appended(text: &[u8], line: &str) -> SensitiveBytes {
    let end: &[u8] = if ends_lines_with_crlf(text) { b"\r\n" } else { b"\n" };
    let mut changed = Vec::with_capacity(text.len() + line.len() + 2 * end.len());
    changed.extend_from_slice(text);
    if !text.is_empty() && !text.ends_with(b"\n") {
        changed.extend_from_slice(end);
    }
    changed.extend_from_slice(line.as_bytes());
    changed.extend_from_slice(end);
    SensitiveBytes::new(changed)
}
