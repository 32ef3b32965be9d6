//! Builds the sample vault of `tresor demo` in memory. Nothing in it is real, nothing is stored.
//!
//! It goes through the vault's public interface like any other program: one commit for each moment
//! at which something was written or deleted, under a clock that is moved along.

mod values;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::Deserialize;

use crate::vault::{
    Actor, Change, Clock, CreateOptions, Expect, MetadataPatch, Place, Result, SecretKind,
    SecretRef, SystemClock, SystemRandom, Timestamp, Vault, VaultError,
};
use values::Value;

/// The secrets, with ages counted back from now.
const DEMO: &str = include_str!("../../assets/demo.toml");
/// The clock shows this while it has not been set: the real time.
const REAL: i64 = i64::MIN;

/// The file as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    secret: Vec<Row>,
}

/// One secret of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    value: Value,
    kind: Option<SecretKind>,
    username: Option<String>,
    url: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    note: Option<String>,
    /// From now, with a minus when it has passed.
    expires: Option<String>,
    /// When the live value was written.
    age: String,
    /// When older values were written, newest first.
    #[serde(default)]
    history: Vec<String>,
    /// When it was thrown away.
    deleted: Option<String>,
}

/// A clock that stands where it is put, until it is set free.
struct DemoClock(AtomicI64);

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        match self.0.load(Ordering::SeqCst) {
            REAL => SystemClock.now(),
            seconds => Timestamp(seconds),
        }
    }
}

/// Makes the sample vault, unlocked. It has no slot, so once locked it is gone.
///
/// # Errors
/// Those of the vault; only a machine without randomness has one.
pub fn vault() -> Result<Vault> {
    vault_at(SystemClock.now())
}

/// The same as of a moment; the vault's clock runs on in real time.
fn vault_at(now: Timestamp) -> Result<Vault> {
    let clock = Arc::new(DemoClock(AtomicI64::new(now.0)));
    let place = Place::in_memory().with_world(clock.clone(), Arc::new(SystemRandom));
    let vault = Vault::create(&place, &CreateOptions::in_memory())?;
    let view = vault.view(Actor::Owner);
    for (at, changes) in history(now)? {
        clock.0.store(at.0, Ordering::SeqCst);
        view.apply(changes, None)?;
    }
    clock.0.store(REAL, Ordering::SeqCst);
    Ok(vault)
}

/// What happened when, oldest first.
fn history(now: Timestamp) -> Result<BTreeMap<Timestamp, Vec<Change>>> {
    let demo: Demo = toml::from_str(DEMO).map_err(|_| broken())?;
    let mut events: BTreeMap<Timestamp, Vec<Change>> = BTreeMap::new();
    for row in demo.secret {
        let name: SecretRef = row.name.parse()?;
        let ages = std::iter::once(&row.age).chain(&row.history).rev();
        for (place, age) in ages.enumerate() {
            let at = ago(now, age)?;
            let value = row.value.make(&row.name, place, at).ok_or_else(broken)?;
            // Metadata comes with the first value: later ones would only repeat it.
            let patch = if place == 0 { row.patch(now)? } else { MetadataPatch::default() };
            let write = Change::Write { name: name.clone(), value, patch, expect: Expect::Any };
            events.entry(at).or_default().push(write);
        }
        if let Some(age) = &row.deleted {
            let delete = Change::Delete { name, expect: Expect::Any };
            events.entry(ago(now, age)?).or_default().push(delete);
        }
    }
    Ok(events)
}

impl Row {
    fn patch(&self, now: Timestamp) -> Result<MetadataPatch> {
        let expires = self.expires.as_deref().map(|text| match text.strip_prefix('-') {
            Some(past) => ago(now, past),
            None => Ok(now.plus(seconds(text).ok_or_else(broken)?)),
        });
        Ok(MetadataPatch {
            kind: self.kind,
            username: self.username.clone().map(Some),
            url: self.url.clone().map(Some),
            tags: Some(self.tags.clone()),
            note: self.note.clone().map(Some),
            expires_at: expires.transpose()?.map(Some),
            protected: None,
        })
    }
}

fn ago(now: Timestamp, age: &str) -> Result<Timestamp> {
    Ok(now.plus(-seconds(age).ok_or_else(broken)?))
}

/// Reads `20min`, `5h`, `3d`, `8mo` or `2y`.
fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let unit = match unit {
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "mo" => 30 * 86_400,
        "y" => 365 * 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// The file is part of the program, so only a test can see this.
fn broken() -> VaultError {
    VaultError::InvalidOption { why: "the sample data is broken" }
}

#[cfg(test)]
mod tests;
