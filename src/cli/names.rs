//! Names as words of a command line: `SCOPE/KEY`, a URI, or `SCOPE KEY`. Looks nothing up.

use super::error::CliError;
use crate::vault::{Locator, SecretRef};

/// Reads all words as references; a word without a slash is a scope and takes the next as its key.
pub fn locators(words: &[String]) -> Result<Vec<Locator>, CliError> {
    let mut words = words.iter();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        if word.contains('/') || word.starts_with("tresor:") {
            found.push(word.parse::<Locator>()?);
            continue;
        }
        let Some(key) = words.next() else {
            // Parsing says what is wrong with a scope alone, and how to write a reference.
            found.push(word.parse::<Locator>()?);
            break;
        };
        let name = SecretRef::new(word.parse()?, key.parse()?);
        found.push(Locator { name, field: None });
    }
    Ok(found)
}

/// Reads all words as references to whole secrets.
pub fn references(words: &[String]) -> Result<Vec<SecretRef>, CliError> {
    locators(words)?.into_iter().map(whole).collect()
}

/// Reads the words as exactly one locator.
pub fn locator(words: &[String]) -> Result<Locator, CliError> {
    let mut found = locators(words)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(CliError::invalid(
            "one secret has to be named",
            "write SCOPE/KEY, or SCOPE and KEY as two words",
        )),
    }
}

/// The same with the field that `--field` names, which goes before one in the URI.
pub fn locator_of_field(words: &[String], field: Option<&String>) -> Result<Locator, CliError> {
    let mut locator = locator(words)?;
    if field.is_some() {
        locator.field = field.cloned();
    }
    Ok(locator)
}

/// Reads the words as exactly one reference.
pub fn reference(words: &[String]) -> Result<SecretRef, CliError> {
    whole(locator(words)?)
}

/// Reads the words as exactly two references.
pub fn two_references(words: &[String]) -> Result<(SecretRef, SecretRef), CliError> {
    let mut found = references(words)?;
    match (found.pop(), found.pop(), found.is_empty()) {
        (Some(to), Some(from), true) => Ok((from, to)),
        _ => Err(CliError::invalid(
            "two secrets have to be named: the one that is there, and its new name",
            "write 'tresor move SCOPE/KEY SCOPE/KEY'",
        )),
    }
}

fn whole(locator: Locator) -> Result<SecretRef, CliError> {
    match locator.field {
        None => Ok(locator.name),
        Some(_) => Err(CliError::invalid(
            format!("a field of {} has no place here", locator.name),
            "only 'read', 'copy', 'run' and 'inject' take ?field=",
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn both_ways_of_writing_mix() {
        let read = references(&words("global/a project:x b tresor://user:ops/c")).expect("valid");
        let shown: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["global/a", "project:x/b", "principal:ops/c"]);
    }

    #[test]
    fn too_many_too_few_and_fields_are_refused() {
        assert!(reference(&words("global/a global/b")).is_err());
        assert!(reference(&words("global")).is_err());
        assert!(reference(&words("tresor://global/a?field=url")).is_err());
        assert!(two_references(&words("global/a")).is_err());
        assert!(two_references(&words("global a global b")).is_ok());
    }
}
