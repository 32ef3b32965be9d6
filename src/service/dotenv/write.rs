//! Writes assignments so that [`super::parse`], and other readers of `.env` files, give the same value back.
//! Chooses no names.

use std::io::{self, Write};

/// Whether a value needs no quotes: nothing in it means anything to a reader.
fn is_bare(value: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte);
    value.bytes().all(harmless)
}

/// Writes `NAME=value` and a newline, with as little quoting as the value needs. Nothing is kept in buffers
/// of its own.
///
/// # Errors
/// What the writing says.
pub fn write(to: &mut impl Write, name: &str, value: &str) -> io::Result<()> {
    to.write_all(name.as_bytes())?;
    to.write_all(b"=")?;
    match value {
        value if is_bare(value) => to.write_all(value.as_bytes())?,
        // Some readers take CR LF for LF, whatever is around it.
        value if !value.contains(['\'', '\r']) => {
            to.write_all(b"'")?;
            to.write_all(value.as_bytes())?;
            to.write_all(b"'")?;
        }
        value => double_quoted(to, value.as_bytes())?,
    }
    to.write_all(b"\n")
}

fn double_quoted(to: &mut impl Write, value: &[u8]) -> io::Result<()> {
    to.write_all(b"\"")?;
    for part in value.split_inclusive(|byte| escape(*byte).is_some()) {
        match part.split_last().map(|(last, plain)| (escape(*last), plain)) {
            Some((Some(escaped), plain)) => {
                to.write_all(plain)?;
                to.write_all(&[b'\\', escaped])?;
            }
            _ => to.write_all(part)?,
        }
    }
    to.write_all(b"\"")
}

/// The letter behind the backslash, for what cannot stand as it is.
fn escape(byte: u8) -> Option<u8> {
    match byte {
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        b'"' | b'\\' | b'$' | b'`' => Some(byte),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;
    use crate::vault::SensitiveBytes;

    fn written(name: &str, value: &str) -> String {
        let mut line = Vec::new();
        write(&mut line, name, value).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn values_are_quoted_as_little_as_they_need() {
        for (value, line) in [
            ("postgres://u@h:1/d", "A=postgres://u@h:1/d\n"),
            ("two words", "A='two words'\n"),
            ("$HOME `id`", "A='$HOME `id`'\n"),
            ("two\nlines", "A='two\nlines'\n"),
            ("it's $5", "A=\"it's \\$5\"\n"),
            ("a\r\nb\\", "A=\"a\\r\\nb\\\\\"\n"),
            ("#", "A='#'\n"),
        ] {
            assert_eq!(written("A", value), line);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(values in prop::collection::vec(
            prop_oneof!["\\PC{1,40}", "[ '\"\\\\$#\r\n\t`=a]{1,20}", any::<String>()], 1..8,
        )) {
            let lines = values.iter().enumerate();
            let file: String = lines.map(|(at, value)| written(&format!("K{at}"), value)).collect();
            let read = parse(&SensitiveBytes::from_string(file)).unwrap();
            let back = |value: &SensitiveBytes| value.with_str(str::to_owned).unwrap();
            let read: Vec<String> = read.iter().map(|entry| back(&entry.value)).collect();
            prop_assert_eq!(read, values);
        }
    }
}
