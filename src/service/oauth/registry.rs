//! The profiles of a vault: found, kept, put in order and removed, together with the secrets they name.
//! Speaks to no provider.

use std::time::Duration;

use super::error::OauthError;
use super::health::Health;
use super::profile::{
    Body, ClientDetails, Credential, Endpoints, Flow, Oauth, Profile, RefreshState, name_of,
};
use super::wire::Tokens;
use crate::vault::{
    Change, Expect, MetadataPatch, ProtectionKey, Receipt, Scope, SecretKey, SecretKind, SecretRef,
    SensitiveBytes, Timestamp, VaultError, View,
};

/// How often saving is tried.
pub(super) const SAVES: u32 = 5;
const BETWEEN_SAVES: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 1000 });

/// The tag of every secret that a profile keeps.
const TAG: &str = "oauth";

/// The profiles that a view sees.
pub struct Registry<'a> {
    view: &'a View,
    protection: Option<&'a ProtectionKey>,
}

/// A profile and how it is.
pub struct Kept {
    /// The profile.
    pub profile: Profile,
    /// How it is.
    pub health: Health,
}

/// Where a profile and its tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is called by.
    pub id: SecretKey,
    /// Who sees it.
    pub owner: Scope,
}

/// A profile that is to be kept.
#[derive(Clone)]
pub struct New<'a> {
    /// What it is called by.
    pub id: SecretKey,
    /// Who sees it.
    pub owner: Scope,
    /// The provider's id.
    pub provider: &'a str,
    /// The provider's name.
    pub name: &'a str,
    /// The profile that it takes the place of: one that is signed in again.
    pub former: Option<&'a Profile>,
}

/// The tokens' side of one.
pub struct NewOauth<'a> {
    /// How it was signed in.
    pub flow: Flow,
    /// Where the provider is asked.
    pub endpoints: &'a Endpoints,
    /// The client's id.
    pub client_id: &'a str,
    /// Its secret.
    pub client_secret: Option<&'a SensitiveBytes>,
    /// How both are sent.
    pub auth: super::profile::ClientAuth,
    /// What was asked for.
    pub scopes: &'a [String],
    /// What came.
    pub tokens: &'a Tokens,
}

impl<'a> Registry<'a> {
    /// Those of this view.
    pub fn new(view: &'a View) -> Self {
        Self { view, protection: None }
    }

    /// The same, with what lets protected secrets be written over.
    pub fn with_protection(self, protection: Option<&'a ProtectionKey>) -> Self {
        Self { protection, ..self }
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// `NoRecord`, `Unreadable`.
    pub fn get(&self, id: &SecretKey) -> Result<Profile, OauthError> {
        Profile::read(self.view.record(id)?)
    }

    /// All, in their order.
    ///
    /// # Errors
    ///
    /// `Unreadable` for the first of a later version.
    pub fn all(&self) -> Result<Vec<Profile>, OauthError> {
        self.view.records()?.into_iter().map(Profile::read).collect()
    }

    /// How a profile is.
    pub fn health(&self, profile: &Profile, now: Timestamp) -> Result<Health, OauthError> {
        let there = match self.view.describe(profile.handed_out()) {
            Ok(_) => true,
            Err(VaultError::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Health::of(profile, there, now))
    }

    /// All, in their order, and how they are.
    pub fn survey(&self, now: Timestamp) -> Result<Vec<Kept>, OauthError> {
        let with_health = |profile: Profile| {
            let health = self.health(&profile, now)?;
            Ok(Kept { profile, health })
        };
        self.all()?.into_iter().map(with_health).collect()
    }

    /// Refuses what could not be kept, before anybody signs in for it.
    ///
    /// # Errors
    ///
    /// `RecordExists`, `Exists`, and what is wrong with the id.
    pub fn check_new(&self, id: &SecretKey, owner: &Scope) -> Result<(), OauthError> {
        match self.view.record(id) {
            Ok(_) => return Err(VaultError::RecordExists { id: id.clone() }.into()),
            Err(VaultError::NoRecord { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        for ending in ["access_token", "refresh_token", "id_token", "client_secret", "api_key"] {
            let name = name_of(owner, id, ending)?;
            match self.view.describe(&name) {
                Ok(_) => return Err(VaultError::Exists { name }.into()),
                Err(VaultError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The first protected one of the secrets that a profile keeps.
    pub fn protected(&self, profile: &Profile) -> Result<Option<SecretRef>, OauthError> {
        for name in profile.secrets() {
            match self.view.describe(name) {
                Ok(found) if found.metadata.protected => return Ok(Some(name.clone())),
                Ok(_) | Err(VaultError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Keeps a plain key and its profile, in one commit.
    pub fn keep_key(
        &self,
        new: &New<'_>,
        key: &SensitiveBytes,
        now: Timestamp,
    ) -> Result<Profile, OauthError> {
        let name = name_of(&new.owner, &new.id, "api_key")?;
        let writes = || vec![write(&name, key, SecretKind::ApiKey, None)];
        self.keep(new, &writes, Credential::ApiKey { key: name.clone() }, now)
    }

    /// Keeps tokens and their profile, in one commit.
    pub fn keep_tokens(
        &self,
        new: &New<'_>,
        oauth: &NewOauth<'_>,
        now: Timestamp,
    ) -> Result<Profile, OauthError> {
        let named = |ending| name_of(&new.owner, &new.id, ending);
        let client_secret = oauth.client_secret.map(|_| named("client_secret")).transpose()?;
        let tokens = oauth.tokens;
        let expires_at = tokens.lives.map(|lives| now.plus(lives));
        let names = Names {
            access: named("access_token")?,
            refresh: tokens.refresh.as_ref().map(|_| named("refresh_token")).transpose()?,
            id_token: tokens.id_token.as_ref().map(|_| named("id_token")).transpose()?,
        };
        let writes = || {
            let named = client_secret.as_ref().zip(oauth.client_secret);
            let secret =
                named.map(|(name, secret)| write(name, secret, SecretKind::Password, None));
            secret.into_iter().chain(names.writes(tokens, expires_at)).collect()
        };
        let credential = Credential::Oauth(Box::new(Oauth {
            flow: oauth.flow,
            access: names.access.clone(),
            refresh: names.refresh.clone(),
            id_token: names.id_token.clone(),
            client: ClientDetails {
                id: oauth.client_id.to_owned(),
                secret: client_secret.clone(),
                auth: oauth.auth,
            },
            endpoints: oauth.endpoints.clone(),
            scopes: tokens.scopes.clone().unwrap_or_else(|| oauth.scopes.to_vec()),
            expires_at,
            state: RefreshState { refreshed_at: Some(now), ..RefreshState::default() },
        }));
        self.keep(new, &writes, credential, now)
    }

    fn keep(
        &self,
        new: &New<'_>,
        writes: &dyn Fn() -> Vec<Change>,
        credential: Credential,
        now: Timestamp,
    ) -> Result<Profile, OauthError> {
        let created_at = new.former.map_or(now, |former| former.body.created_at);
        let (provider, name) = (new.provider.to_owned(), new.name.to_owned());
        let body = Body { provider, name, created_at, credential };
        let revision = new.former.map_or(0, |former| former.revision);
        let profile = Profile { id: new.id.clone(), owner: new.owner.clone(), revision, body };
        // What the former one named and this one does not goes to the trash.
        let kept = profile.secrets();
        let gone = new.former.iter().flat_map(|former| former.secrets());
        let gone: Vec<_> = gone.filter(|name| !kept.contains(name)).collect();
        let owned = new.former.map(Profile::secrets).unwrap_or_default();
        let receipt = save(self.view, self.protection, || {
            let mut changes = writes();
            changes.iter_mut().for_each(|change| only_anew(change, &owned));
            changes.extend(self.trashing(&gone));
            changes.push(put(&profile)?);
            Ok(changes)
        })?;
        Ok(Profile { revision: last_revision(&receipt), ..profile })
    }

    /// Removes a profile; the secrets that it names go to the trash. One commit.
    pub fn remove(&self, profile: &Profile) -> Result<Receipt, OauthError> {
        let mut changes = self.trashing(&profile.secrets());
        let (id, expect) = (profile.id.clone(), Expect::Revision(profile.revision));
        changes.push(Change::RemoveRecord { id, expect });
        Ok(self.view.apply(changes, None)?)
    }

    /// Puts the tokens of a profile into the trash; the profile stays, to be signed in again. So does its
    /// client's secret, which outlives tokens.
    pub fn drop_tokens(&self, profile: &Profile) -> Result<Receipt, OauthError> {
        let mut names = profile.secrets();
        let mut dropped = profile.clone();
        if let Credential::Oauth(oauth) = &mut dropped.body.credential {
            names.retain(|name| Some(*name) != oauth.client.secret.as_ref());
            (oauth.state.rejected, oauth.state.revoked) = (true, true);
        }
        let mut changes = self.trashing(&names);
        changes.push(put(&dropped)?);
        Ok(self.view.apply(changes, None)?)
    }

    /// The deletion of those that are there.
    fn trashing(&self, names: &[&SecretRef]) -> Vec<Change> {
        let there = names.iter().filter(|name| self.view.describe(name).is_ok());
        there.map(|&name| Change::Delete { name: name.clone(), expect: Expect::Any }).collect()
    }

    /// Puts the profiles into this order.
    pub fn order(&self, ids: Vec<SecretKey>) -> Result<Receipt, OauthError> {
        Ok(self.view.apply(vec![Change::OrderRecords { ids }], None)?)
    }
}

/// Where tokens lie.
pub(super) struct Names {
    pub access: SecretRef,
    pub refresh: Option<SecretRef>,
    pub id_token: Option<SecretRef>,
}

impl Names {
    /// The writing of tokens, the refresh token first: it is the one that cannot be had again.
    pub(super) fn writes(&self, tokens: &Tokens, expires_at: Option<Timestamp>) -> Vec<Change> {
        let kind = SecretKind::OauthToken;
        let mut writes = Vec::new();
        if let (Some(name), Some(token)) = (&self.refresh, &tokens.refresh) {
            writes.push(write(name, token, kind, None));
        }
        writes.push(write(&self.access, &tokens.access, kind, expires_at));
        if let (Some(name), Some(token)) = (&self.id_token, &tokens.id_token) {
            writes.push(write(name, token, kind, None));
        }
        writes
    }
}

/// The writing of one secret of a profile.
fn write(
    name: &SecretRef,
    value: &SensitiveBytes,
    kind: SecretKind,
    expires_at: Option<Timestamp>,
) -> Change {
    let patch = MetadataPatch {
        kind: Some(kind),
        tags: Some(vec![TAG.to_owned()]),
        expires_at: Some(expires_at),
        ..MetadataPatch::default()
    };
    Change::Write { name: name.clone(), value: value.duplicate(), patch, expect: Expect::Any }
}

/// Lets the writing of a secret that is nobody's yet write over none.
fn only_anew(change: &mut Change, owned: &[&SecretRef]) {
    if let Change::Write { name, expect, .. } = change
        && !owned.contains(&&*name)
    {
        *expect = Expect::Absent;
    }
}

/// The writing of a profile over the revision it was read at.
pub(super) fn put(profile: &Profile) -> Result<Change, OauthError> {
    let body = serde_json::to_vec(&profile.body)
        .map_err(|_| VaultError::Internal { what: "encoding a profile" })?;
    let expect = match profile.revision {
        0 => Expect::Absent,
        revision => Expect::Revision(revision),
    };
    Ok(Change::PutRecord { id: profile.id.clone(), owner: profile.owner.clone(), body, expect })
}

/// Commits, and tries again where that may help: what came must not be lost to a disk that is full for a
/// moment.
pub(super) fn save(
    view: &View,
    protection: Option<&ProtectionKey>,
    make: impl Fn() -> Result<Vec<Change>, OauthError>,
) -> Result<Receipt, VaultError> {
    let mut tries = 1;
    loop {
        let changes = make().map_err(|_| VaultError::Internal { what: "encoding a profile" })?;
        match view.apply(changes, protection) {
            Err(VaultError::Io { .. } | VaultError::Busy) if tries < SAVES => {
                std::thread::sleep(BETWEEN_SAVES);
                tries += 1;
            }
            done => return done,
        }
    }
}

/// The revision of the record, which is written last.
pub(super) fn last_revision(receipt: &Receipt) -> u64 {
    receipt.outcomes.last().map_or(0, |outcome| outcome.revision)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
