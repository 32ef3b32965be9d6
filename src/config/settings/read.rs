//! Typed readers of what stands in a settings file: each says what would be right. Knows no setting.

use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::parse_duration;
use crate::text::visible;

/// The longest time any setting may name.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// What is wrong, and at which byte of the text.
pub(crate) struct Wrong {
    pub(super) at: usize,
    pub(crate) why: String,
    pub(super) help: String,
}

impl Wrong {
    pub(super) fn new(at: usize, why: String, help: &str) -> Self {
        Self { at, why, help: help.to_owned() }
    }

    pub(super) fn unknown(at: usize, name: &str, known: &str) -> Self {
        let why = format!("unknown key '{}'", visible(name));
        Self::new(at, why, &format!("there are {known}"))
    }

    pub(super) fn at_value(key: &Key<'_>, value: &Value<'_>, wanted: &str) -> Self {
        let why = format!("'{}' has to be {wanted}", visible(key.get_ref()));
        Self::new(value.span().start, why, "")
    }
}

/// Hands each entry of a table to `each`.
pub(super) fn section(
    name: &Key<'_>,
    value: &Value<'_>,
    mut each: impl FnMut(&Key<'_>, &Value<'_>) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let table =
        value.get_ref().as_table().ok_or_else(|| Wrong::at_value(name, value, "a table"))?;
    table.iter().try_for_each(|(key, value)| each(key, value))
}

/// A text.
pub(super) fn text<'a>(key: &Key<'_>, value: &'a Value<'_>) -> Result<&'a str, Wrong> {
    value.get_ref().as_str().ok_or_else(|| Wrong::at_value(key, value, "a text in quotes"))
}

/// `true` or `false`.
pub(super) fn switch(key: &Key<'_>, value: &Value<'_>) -> Result<bool, Wrong> {
    value.get_ref().as_bool().ok_or_else(|| Wrong::at_value(key, value, "true or false"))
}

/// A span of time, more than none and at most a day.
pub(super) fn duration(key: &Key<'_>, value: &Value<'_>) -> Result<Duration, Wrong> {
    const WANTED: &str = "a time such as \"30s\", \"5m\" or \"1h\", at most a day";
    value
        .get_ref()
        .as_str()
        .and_then(parse_duration)
        .filter(|time| !time.is_zero() && *time <= LONGEST)
        .ok_or_else(|| Wrong::at_value(key, value, WANTED))
}

/// A list of texts.
pub(super) fn texts(key: &Key<'_>, value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    const WANTED: &str = "a list of texts, such as [\"/run/secrets\"]";
    let wrong = || Wrong::at_value(key, value, WANTED);
    let list = value.get_ref().as_array().ok_or_else(wrong)?;
    list.iter().map(|one| one.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}
