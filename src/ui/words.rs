//! Times and numbers in the words of the screen. No wording of a screen itself.

use time::OffsetDateTime;

pub use crate::text::{counted, grouped};
use crate::vault::{SecretKind, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The mean Gregorian month.
const MONTH: i64 = 2_629_746;
/// The mean Gregorian year.
const YEAR: i64 = 31_556_952;
/// How long before its end a secret asks for attention: two weeks, a usual renewal period.
const SOON: i64 = 14 * DAY;

/// How urgent an expiry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Later than two weeks.
    Calm,
    /// Within two weeks.
    Soon,
    /// It has passed.
    Past,
}

/// How urgent `expires_at` is at `now`.
pub fn urgency(expires_at: Timestamp, now: Timestamp) -> Urgency {
    match expires_at.since(now) {
        left if left <= 0 => Urgency::Past,
        left if left <= SOON => Urgency::Soon,
        _ => Urgency::Calm,
    }
}

/// How urgent the end of a secret is; an OAuth token ends soon all the time, and is renewed.
pub fn urgency_of(kind: SecretKind, expires_at: Timestamp, now: Timestamp) -> Urgency {
    match (kind, urgency(expires_at, now)) {
        (SecretKind::OauthToken, Urgency::Soon) => Urgency::Calm,
        (_, urgency) => urgency,
    }
}

/// A length of time in its largest unit: `now`, `5 min`, `3 h`, `41 d`, `8 mo`, `3 y`.
pub fn span(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < MINUTE => "now".into(),
        s if s < HOUR => format!("{} min", s / MINUTE),
        s if s < DAY => format!("{} h", s / HOUR),
        s if s < 90 * DAY => format!("{} d", s / DAY),
        s if s < 2 * YEAR => format!("{} mo", s / MONTH),
        s => format!("{} y", s / YEAR),
    }
}

/// The age column, at most five columns: `now`, `5 m`, `3 h`, `41 d`, `8 mo`, `3 y`.
pub fn age_column(then: Timestamp, now: Timestamp) -> String {
    short_minutes(span(now.since(then)))
}

/// The expiry column, at most five columns, or `expired`.
pub fn expiry_column(expires_at: Timestamp, now: Timestamp) -> String {
    short_minutes(expiry_short(expires_at, now))
}

/// `min` is the one unit that a narrow column cannot hold.
fn short_minutes(text: String) -> String {
    match text.strip_suffix("min") {
        Some(number) => format!("{number}m"),
        None => text,
    }
}

/// When something happened: `just now`, `3 d ago`.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    match now.since(then) {
        s if s < MINUTE => "just now".into(),
        s => format!("{} ago", span(s)),
    }
}

/// When something ends, in one unit: `19 d`, `<1 min`, `expired`.
fn expiry_short(expires_at: Timestamp, now: Timestamp) -> String {
    match expires_at.since(now) {
        left if left <= 0 => "expired".into(),
        left if left < MINUTE => "<1 min".into(),
        left => span(left),
    }
}

/// The expiry of the detail: `in 9 days`, `expired 3 days ago`.
pub fn expiry_long(expires_at: Timestamp, now: Timestamp) -> String {
    match expires_at.since(now) {
        left if left <= 0 => format!("expired {} ago", long_span(left.saturating_neg())),
        left => format!("in {}", long_span(left)),
    }
}

fn long_span(seconds: i64) -> String {
    let (count, unit) = match seconds.max(0) {
        s if s < HOUR => (s / MINUTE, "minute"),
        s if s < 2 * DAY => (s / HOUR, "hour"),
        s if s < 90 * DAY => (s / DAY, "day"),
        s if s < 2 * YEAR => (s / MONTH, "month"),
        s => (s / YEAR, "year"),
    };
    match count {
        0 => "less than a minute".into(),
        count => counted(count.unsigned_abs() as usize, unit),
    }
}

/// A day in UTC as people write it: `2 Sep 2026`; the raw number when out of range.
pub fn date(at: Timestamp) -> String {
    match OffsetDateTime::from_unix_timestamp(at.0) {
        Err(_) => at.0.to_string(),
        Ok(t) => {
            let month = t.month().to_string();
            format!("{} {} {}", t.day(), super::width::head(&month, 3), t.year())
        }
    }
}

/// A day and a time in UTC: `2 Sep 2026 14:05`.
pub fn date_time(at: Timestamp) -> String {
    match OffsetDateTime::from_unix_timestamp(at.0) {
        Err(_) => at.0.to_string(),
        Ok(t) => format!("{} {:02}:{:02}", date(at), t.hour(), t.minute()),
    }
}

/// Whole seconds left, rounded up, so that a countdown ends at 1.
pub fn seconds_left(left: std::time::Duration) -> u64 {
    left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

/// The kind in the list, at most eight columns.
pub fn kind_short(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::ApiKey => "api key",
        SecretKind::OauthToken => "oauth",
        SecretKind::Jwt => "jwt",
        SecretKind::Certificate => "cert",
        SecretKind::PrivateKey => "key",
        SecretKind::SshKey => "ssh key",
        SecretKind::Password => "password",
        SecretKind::Totp => "totp",
        SecretKind::ConnectionUrl => "url",
        SecretKind::Env => "env",
        SecretKind::Note => "note",
        SecretKind::Other => "other",
    }
}

/// The kind in full, as the detail and the forms say it.
pub fn kind_long(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::ApiKey => "API key",
        SecretKind::OauthToken => "OAuth token",
        SecretKind::Jwt => "JSON Web Token",
        SecretKind::Certificate => "certificate",
        SecretKind::PrivateKey => "private key",
        SecretKind::SshKey => "SSH key",
        SecretKind::Password => "password",
        SecretKind::Totp => "one-time-password secret",
        SecretKind::ConnectionUrl => "connection URL",
        SecretKind::Env => "environment file",
        SecretKind::Note => "note",
        SecretKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000);

    #[test]
    fn ages_are_said_in_one_unit() {
        for (seconds, said) in [
            (-5, "now"),
            (59, "now"),
            (60, "1 min"),
            (3 * HOUR, "3 h"),
            (41 * DAY, "41 d"),
            (80 * DAY, "80 d"),
            (250 * DAY, "8 mo"),
            (800 * DAY, "2 y"),
        ] {
            assert_eq!(span(seconds), said);
        }
        assert_eq!(ago(NOW.plus(-12 * DAY), NOW), "12 d ago");
        assert_eq!(ago(NOW.plus(5), NOW), "just now");
    }

    #[test]
    fn an_expiry_is_said_in_words() {
        let at = |seconds| NOW.plus(seconds);
        assert_eq!(expiry_short(at(9 * DAY + 5), NOW), "9 d");
        assert_eq!(expiry_short(at(0), NOW), "expired");
        assert_eq!(expiry_short(at(30), NOW), "<1 min");
        assert_eq!(expiry_long(at(9 * DAY), NOW), "in 9 days");
        assert_eq!(expiry_long(at(-DAY), NOW), "expired 24 hours ago");
        assert_eq!(expiry_long(at(30), NOW), "in less than a minute");
        assert_eq!(urgency(at(9 * DAY), NOW), Urgency::Soon);
        assert_eq!(urgency(at(15 * DAY), NOW), Urgency::Calm);
        assert_eq!(urgency(at(0), NOW), Urgency::Past);
        for (kind, soon) in
            [(SecretKind::OauthToken, Urgency::Calm), (SecretKind::ApiKey, Urgency::Soon)]
        {
            assert_eq!(urgency_of(kind, at(3600), NOW), soon);
            assert_eq!(urgency_of(kind, at(0), NOW), Urgency::Past);
        }
        let ages = expiry_long(Timestamp(i64::MIN), Timestamp(i64::MAX));
        assert!(ages.starts_with("expired 2") && ages.ends_with(" years ago"), "{ages}");
    }

    #[test]
    fn dates_read_easily() {
        assert_eq!(date(Timestamp(1_788_307_200)), "2 Sep 2026");
        assert_eq!(date_time(Timestamp(1_788_307_200 + 5 * HOUR + 7 * MINUTE)), "2 Sep 2026 05:07");
        assert_eq!(date(Timestamp(i64::MAX)), i64::MAX.to_string());
    }

    #[test]
    fn short_kinds_fit_their_column() {
        for (kind, _) in SecretKind::ALL {
            assert!(kind_short(kind).len() <= 8);
        }
    }
}
