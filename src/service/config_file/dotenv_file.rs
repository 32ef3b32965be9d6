//! `.env` files: the name of a variable names the value. Everything else keeps its form.

use super::ConfigError;
use crate::service::dotenv::{Assignment, assignments};
use crate::service::reference::is_variable;
use crate::vault::SensitiveBytes;

pub fn with_value(text: &[u8], at: &str, value: &str) -> Result<SensitiveBytes, ConfigError> {
    if !is_variable(at) {
        return Err(ConfigError::NoPlace { at: at.to_owned() });
    }
    let found = assignments(text)?;
    // Of several the last one counts.
    let Some(there) = found.iter().rev().find(|assignment| assignment.name == at) else {
        return Ok(appended(text, &format!("{at}={value}\n")));
    };
    Ok(with_values(text, &[(there, value.to_owned())]))
}

/// The text with other values for some assignments, which are given in their order.
///
/// The values need no quotes.
pub fn with_values(text: &[u8], values: &[(&Assignment, String)]) -> SensitiveBytes {
    let added: usize = values.iter().map(|(_, value)| value.len()).sum();
    let mut changed = Vec::with_capacity(text.len() + added);
    let mut from = 0;
    for (there, value) in values {
        changed.extend_from_slice(text.get(from..there.at.start).unwrap_or_default());
        changed.extend_from_slice(value.as_bytes());
        from = there.at.end;
    }
    changed.extend_from_slice(text.get(from..).unwrap_or_default());
    SensitiveBytes::new(changed)
}

fn appended(text: &[u8], line: &str) -> SensitiveBytes {
    let mut changed = Vec::with_capacity(text.len() + line.len() + 1);
    changed.extend_from_slice(text);
    if !text.is_empty() && !text.ends_with(b"\n") {
        changed.push(b'\n');
    }
    changed.extend_from_slice(line.as_bytes());
    SensitiveBytes::new(changed)
}
