//! How a profile is, and what to do about it. Asks nobody: what is known says it.

use super::profile::{Credential, Oauth, Profile};
use crate::vault::Timestamp;

/// An access token is renewed so long before it ends, in seconds.
pub const DUE: i64 = 5 * 60;
/// It is called expiring so long before it ends, in seconds.
pub const EXPIRING: i64 = 15 * 60;

/// How a profile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works for some time to come.
    Ok,
    /// It ends within a quarter of an hour.
    Expiring,
    /// It has ended, or the provider does not renew it any more.
    Expired,
    /// What it hands out is gone from the vault.
    Missing,
    /// A key or token that does not end.
    Static,
}

impl Health {
    /// The state of `profile`, whose secrets are all `there` or not.
    pub fn of(profile: &Profile, there: bool, now: Timestamp) -> Self {
        if !there {
            return Self::Missing;
        }
        let Credential::Oauth(oauth) = &profile.body.credential else { return Self::Static };
        match oauth.expires_at.map(|end| end.since(now)) {
            _ if oauth.state.rejected => Self::Expired,
            None => Self::Static,
            Some(left) if left <= 0 => Self::Expired,
            Some(left) if left <= EXPIRING => Self::Expiring,
            Some(_) => Self::Ok,
        }
    }

    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Missing => "missing",
            Self::Static => "static",
        }
    }

    /// What to do about it; `None` when there is nothing to do.
    pub fn next_step(self, profile: &Profile) -> Option<String> {
        let id = &profile.id;
        let again = || Some(format!("sign in again: tresor profile add {id} --again"));
        let oauth = match &profile.body.credential {
            Credential::Oauth(oauth) => Some(oauth),
            Credential::ApiKey { .. } => None,
        };
        match (self, oauth) {
            (Self::Ok | Self::Static, _) => None,
            (Self::Missing, None) => {
                Some(format!("put it there: tresor set {}", profile.handed_out()))
            }
            (Self::Missing, Some(_)) => again(),
            (Self::Expiring | Self::Expired, Some(oauth)) if can_refresh(oauth) => {
                Some(format!("renews itself when it is used; now: tresor profile refresh {id}"))
            }
            (Self::Expiring | Self::Expired, _) => again(),
        }
    }
}

/// So many seconds in the largest unit that says it; `ended` where there are none left.
pub fn time_left(seconds: i64) -> String {
    match seconds {
        seconds if seconds <= 0 => "ended".to_owned(),
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 2 * 3600 => format!("{} min", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Whether new tokens can be had without a person.
pub fn can_refresh(oauth: &Oauth) -> bool {
    let by_itself = oauth.flow == super::profile::Flow::ClientCredentials;
    !oauth.state.rejected && (by_itself || oauth.refresh.is_some())
}

/// Whether it is time to renew the access token.
pub fn is_due(oauth: &Oauth, now: Timestamp) -> bool {
    oauth.expires_at.is_some_and(|end| end.since(now) <= DUE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
