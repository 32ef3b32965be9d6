//! Times as people write them on the command line: RFC 3339, a date, `30d`, `never`. No clock here.

use super::error::CliError;
use crate::config::settings::parse_duration;
use crate::text::visible;
use crate::vault::Timestamp;

/// Reads `--expires`; `None` is never.
pub fn expiry(text: &str, now: Timestamp) -> Result<Option<Timestamp>, CliError> {
    if text == "never" {
        return Ok(None);
    }
    let relative = parse_duration(text)
        .and_then(|ahead| i64::try_from(ahead.as_secs()).ok())
        .map(|seconds| now.plus(seconds));
    relative.or_else(|| Timestamp::parse(text)).map(Some).ok_or_else(|| {
        CliError::invalid(
            format!("'{}' is no time", visible(text)),
            "write 2027-01-31, 2027-01-31T12:00:00Z, 30d or never",
        )
    })
}

/// Reads a span of time such as `30d`, in seconds.
pub fn span(text: &str) -> Result<std::time::Duration, CliError> {
    parse_duration(text).ok_or_else(|| {
        CliError::invalid(
            format!("'{}' is no span of time", visible(text)),
            "write a number and s, m, h, d or w, for example 30d",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let now = Timestamp(1_000);
        assert_eq!(expiry("never", now).ok(), Some(None));
        assert_eq!(expiry("1d", now).ok(), Some(Some(Timestamp(87_400))));
        assert_eq!(expiry("1970-01-02", now).ok(), Some(Some(Timestamp(86_400))));
        assert_eq!(expiry("1970-01-01T00:00:05Z", now).ok(), Some(Some(Timestamp(5))));
        for text in ["", "soon", "1970-13-01", "30", "1970-01-01 00:00:05"] {
            assert!(expiry(text, now).is_err(), "{text:?}");
        }
    }
}
