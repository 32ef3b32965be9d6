//! Looks for secrets that want attention: weak, reused, old, expiring. Changes nothing, and knows
//! nothing of the files that use them.

mod reuse;
mod single;

use std::cmp::Reverse;

use crate::service::inline::names_password;
use crate::service::{compare, strength};
use crate::vault::{ProtectionKey, Result, Secret, SecretKind, SecretRef, Timestamp, View};
use reuse::Reuse;

pub use single::{Judged, judge, judges_value};

/// A day in seconds.
const DAY: i64 = 86_400;

/// What counts as worth a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The time now.
    pub now: Timestamp,
    /// A secret that was not changed for so many days is old.
    pub old_after_days: u32,
    /// One that stops working within so many days is expiring.
    pub expiring_within_days: u32,
}

impl Rules {
    /// A year, and thirty days: what most policies ask for.
    pub fn at(now: Timestamp) -> Self {
        Self { now, old_after_days: 365, expiring_within_days: 30 }
    }
}

/// What is wrong with one secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It stopped working.
    Expired {
        /// So many whole days ago.
        days: u32,
    },
    /// A person could guess it.
    Weak {
        /// By zxcvbn: 0, guessed at once, or 1, soon.
        score: u8,
    },
    /// The same value is stored under other names as well.
    Reused {
        /// These, of what the view sees.
        with: Vec<SecretRef>,
    },
    /// It stops working soon.
    Expiring {
        /// In so many whole days.
        days: u32,
    },
    /// It was not changed for long.
    Old {
        /// For so many whole days.
        days: u32,
    },
}

impl Finding {
    /// The stable word, as in `audit --json`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "expired",
            Self::Weak { .. } => "weak",
            Self::Reused { .. } => "reused",
            Self::Expiring { .. } => "expiring",
            Self::Old { .. } => "old",
        }
    }

    /// All words, worst first.
    pub const WORDS: [&str; 5] = ["expired", "weak", "reused", "expiring", "old"];

    /// What it is, in a few words for people.
    pub fn text(&self) -> String {
        match self {
            Self::Expired { days: 0 } => "expired today".to_owned(),
            Self::Expired { days } => format!("expired {} ago", in_days(*days)),
            Self::Weak { score: 0 } => "very weak: guessed at once".to_owned(),
            Self::Weak { .. } => "weak: guessed soon".to_owned(),
            Self::Reused { with } => match with.split_first() {
                Some((first, [])) => format!("the same value as {first}"),
                Some((first, more)) => {
                    format!("the same value as {first} and {} more", more.len())
                }
                None => "the same value as another".to_owned(),
            },
            Self::Expiring { days: 0 } => "expires today".to_owned(),
            Self::Expiring { days } => format!("expires in {}", in_days(*days)),
            Self::Old { days } => format!("not changed for {}", in_days(*days)),
        }
    }

    /// Its place among the words: what hurts first stands first.
    fn rank(&self) -> usize {
        let at = Self::WORDS.iter().position(|word| *word == self.word());
        at.unwrap_or(Self::WORDS.len())
    }

    /// Within one word: the sooner, the longer, the weaker first.
    fn weight(&self) -> Reverse<i64> {
        Reverse(match self {
            Self::Expired { days } | Self::Old { days } => i64::from(*days),
            Self::Expiring { days } => -i64::from(*days),
            Self::Weak { score } => -i64::from(*score),
            Self::Reused { with } => i64::try_from(with.len()).unwrap_or(i64::MAX),
        })
    }
}

fn in_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// What an audit found. Names only, never values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many values were looked at.
    pub looked_at: usize,
    /// The protected secrets whose values were not: nobody gave the passphrase.
    pub left_out: Vec<SecretRef>,
    /// What was found, worst first, then by name.
    pub findings: Vec<(SecretRef, Finding)>,
}

impl Report {
    /// How many findings there are of a word.
    pub fn count(&self, word: &str) -> usize {
        self.findings.iter().filter(|(_, finding)| finding.word() == word).count()
    }
}

/// Looks at every secret that `view` sees; `at(done, total)` tells how far it is.
///
/// # Errors
///
/// Those of [`View::list`] and [`compare::each`].
pub fn audit(
    view: &View,
    rules: &Rules,
    protection: Option<&ProtectionKey>,
    at: &mut dyn FnMut(usize, usize),
) -> Result<Report> {
    let secrets = view.list()?.secrets;
    let mut report = Report::default();
    for secret in &secrets {
        let found = of_times(secret.kind, secret.updated_at, secret.expires_at, rules);
        report.findings.extend(found.map(|finding| (secret.name.clone(), finding)));
    }
    let (to_read, closed): (Vec<_>, Vec<_>) =
        secrets.iter().partition(|secret| !secret.protected || protection.is_some());
    report.left_out = closed.into_iter().map(|secret| secret.name.clone()).collect();
    let names: Vec<SecretRef> = to_read.into_iter().map(|secret| secret.name.clone()).collect();
    let mut reuse = Reuse::new()?;
    compare::each(view, &names, protection, at, &mut |secret| {
        report.looked_at += 1;
        reuse.add(&secret);
        if let Some(finding) = weakness(&secret) {
            report.findings.push((secret.name, finding));
        }
    })?;
    report.findings.extend(reuse.findings());
    report
        .findings
        .sort_by_cached_key(|(name, finding)| (finding.rank(), finding.weight(), name.clone()));
    Ok(report)
}

/// What is known without the value.
fn of_times(
    kind: SecretKind,
    updated_at: Timestamp,
    expires_at: Option<Timestamp>,
    rules: &Rules,
) -> Option<Finding> {
    match expires_at {
        Some(at) => expiry(at, rules),
        // What expires by itself is never old.
        None => age(kind, updated_at, rules),
    }
}

fn expiry(expires_at: Timestamp, rules: &Rules) -> Option<Finding> {
    let left = expires_at.since(rules.now);
    let days = whole_days(left.saturating_abs());
    match left {
        ..=0 => Some(Finding::Expired { days }),
        _ if days < rules.expiring_within_days => Some(Finding::Expiring { days }),
        _ => None,
    }
}

/// Only what is replaced from time to time is ever old: no notes.
fn age(kind: SecretKind, updated_at: Timestamp, rules: &Rules) -> Option<Finding> {
    use SecretKind as K;
    let days = whole_days(rules.now.since(updated_at));
    let is_replaced = match kind {
        K::ApiKey | K::OauthToken | K::Password | K::ConnectionUrl | K::SshKey | K::PrivateKey => {
            true
        }
        K::Jwt | K::Certificate | K::Totp | K::Env | K::Note | K::Other => false,
    };
    (is_replaced && days >= rules.old_after_days).then_some(Finding::Old { days })
}

fn whole_days(seconds: i64) -> u32 {
    u32::try_from(seconds / DAY).unwrap_or(if seconds < 0 { 0 } else { u32::MAX })
}

/// What is kept as a password, or is called one and looks like nothing else.
fn is_password(name: &SecretRef, kind: SecretKind) -> bool {
    match kind {
        SecretKind::Password => true,
        SecretKind::Other => names_password(name.key.as_str()),
        _ => false,
    }
}

/// Passwords that a person could have chosen; what a service made is as random as it made it.
fn weakness(secret: &Secret) -> Option<Finding> {
    if !is_password(&secret.name, secret.metadata.kind) {
        return None;
    }
    let known: Vec<&str> = secret.metadata.username.as_deref().into_iter().collect();
    let score = strength::estimate_with(&secret.value, &known).score;
    (score <= 1).then_some(Finding::Weak { score })
}

#[cfg(test)]
mod tests;
