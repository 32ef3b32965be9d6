//! What the credential helpers share: logins found, saved and removed in the vault. Speaks no protocol.

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::session::{Opened, Session};
use crate::fault::FaultKind;
use crate::service::logins::{self, Address};
use crate::vault::{
    Change, Expect, MetadataPatch, Purpose, Scope, Secret, SecretKind, SecretRef, SecretSummary,
    SensitiveBytes, Timestamp, VaultError,
};

/// How often a login is saved anew that somebody else changed at the same moment.
const TRIES: usize = 3;

/// Where a helper keeps its logins.
#[derive(Args)]
pub struct ScopeArgs {
    /// Look only in this scope, and keep new logins there instead of in global
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,
}

/// The logins that a helper may see.
pub struct Logins<'a> {
    opened: Opened<'a>,
    scope: Option<Scope>,
    pub secrets: Vec<SecretSummary>,
}

/// A login as a program wants it kept.
pub struct NewLogin<'a> {
    /// The beginning of its key.
    pub prefix: &'static str,
    /// Where it holds good, in one spelling.
    pub address: &'a Address,
    /// The same as it is to be written down.
    pub url: String,
    pub username: &'a str,
    pub password: &'a SensitiveBytes,
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<&'a SensitiveBytes>,
    pub tags: &'a [&'static str],
}

impl ScopeArgs {
    /// Opens the vault; nobody is asked on a terminal unless `may_ask`.
    pub fn open<'a>(&self, session: &'a Session, may_ask: bool) -> Result<Logins<'a>, CliError> {
        let opened = match may_ask {
            true => session.open()?,
            false => session.open_unasked()?,
        };
        if let Some(scope) = &self.scope {
            opened.check_visible(scope)?;
        }
        let mut logins = Logins { opened, scope: self.scope.clone(), secrets: Vec::new() };
        logins.look()?;
        Ok(logins)
    }
}

impl Logins<'_> {
    /// Lists what there is now.
    fn look(&mut self) -> Result<(), CliError> {
        self.secrets = self.opened.view.list()?.secrets;
        if let Some(scope) = &self.scope {
            self.secrets.retain(|secret| secret.name.scope == *scope);
        }
        Ok(())
    }

    /// Reads secrets as they are at one moment.
    pub fn read(&self, names: &[SecretRef], purpose: Purpose) -> Result<Vec<Secret>, CliError> {
        let view = self.opened.view.for_purpose(purpose);
        self.opened.with_protection(|key| view.read_all(names, key))
    }

    /// The refresh token beside a login.
    pub fn refresh_of(&self, name: &SecretRef) -> Option<SecretRef> {
        let refresh = SecretRef::new(name.scope.clone(), logins::refresh_key(&name.key)?);
        self.secrets.iter().any(|secret| secret.name == refresh).then_some(refresh)
    }

    /// Whether that is the value of a secret now.
    pub fn has_value(&self, name: &SecretRef, value: &SensitiveBytes) -> Result<bool, CliError> {
        let found = self.read(std::slice::from_ref(name), Purpose::Compare)?;
        Ok(found.first().is_some_and(|found| found.value.is_same(value)))
    }

    /// Saves a login over the one that `known` finds, or as a new one; one that is there stays as it is.
    pub fn save(
        &mut self,
        new: &NewLogin<'_>,
        known: impl Fn(&[SecretSummary]) -> Option<&SecretSummary>,
    ) -> Result<(), CliError> {
        for left in (0..TRIES).rev() {
            let found = known(&self.secrets).cloned();
            match self.save_once(new, found.as_ref()) {
                // Another process was faster: what it saved may well be the same.
                Err(error) if left > 0 && error.kind() == FaultKind::Precondition => self.look()?,
                done => return done,
            }
        }
        Ok(())
    }

    fn save_once(&self, new: &NewLogin<'_>, known: Option<&SecretSummary>) -> Result<(), CliError> {
        let (name, expect) = match known {
            Some(known) => (known.name.clone(), Expect::Revision(known.revision)),
            None => (self.free_name(new)?, Expect::Absent),
        };
        let refresh = match new.refresh {
            Some(token) => self.changed_refresh(&name, token)?,
            None => None,
        };
        let is_new = match known {
            Some(known) => !is_said(known, new) || !self.has_value(&name, new.password)?,
            None => true,
        };
        if !is_new && refresh.is_none() {
            return Ok(());
        }
        self.opened.check_writable(&name.scope)?;
        self.opened.commit(|| {
            let login = || Change::Write {
                name: name.clone(),
                value: new.password.duplicate(),
                patch: patch(new, known),
                expect,
            };
            let token = refresh.iter().zip(new.refresh).map(|(name, token)| Change::Write {
                name: name.clone(),
                value: token.duplicate(),
                patch: refresh_patch(new),
                expect: Expect::Any,
            });
            is_new.then(login).into_iter().chain(token).collect()
        })?;
        Ok(())
    }

    /// The name of the refresh token, if it is not there yet or another one.
    fn changed_refresh(
        &self,
        login: &SecretRef,
        token: &SensitiveBytes,
    ) -> Result<Option<SecretRef>, CliError> {
        match self.refresh_of(login) {
            Some(there) if self.has_value(&there, token)? => Ok(None),
            Some(there) => Ok(Some(there)),
            None => {
                let key = logins::refresh_key(&login.key);
                Ok(key.map(|key| SecretRef::new(login.scope.clone(), key)))
            }
        }
    }

    fn free_name(&self, new: &NewLogin<'_>) -> Result<SecretRef, CliError> {
        let scope = self.scope.clone().unwrap_or_else(Scope::global);
        self.opened.check_writable(&scope)?;
        let name = |key| SecretRef::new(scope.clone(), key);
        let is_free = |name: &SecretRef| {
            matches!(self.opened.view.describe(name), Err(VaultError::NotFound { .. }))
        };
        let mut names = logins::keys(new.prefix, new.address, new.username).map(name);
        names.find(is_free).ok_or_else(|| {
            let help = format!("remove some of them: 'tresor list {scope}'");
            CliError::new(FaultKind::Precondition, "too many logins of one name", help)
        })
    }

    /// Moves logins, and the refresh tokens beside them, to the trash.
    pub fn remove(&self, names: &[SecretRef]) -> Result<(), CliError> {
        let tokens = names.iter().filter_map(|name| self.refresh_of(name));
        let all: Vec<SecretRef> = names.iter().cloned().chain(tokens).collect();
        if all.is_empty() {
            return Ok(());
        }
        let delete = |name: &SecretRef| Change::Delete { name: name.clone(), expect: Expect::Any };
        self.opened.commit(|| all.iter().map(delete).collect())?;
        Ok(())
    }
}

/// Whether what is known of a login already says what is to be said; the value apart.
fn is_said(known: &SecretSummary, new: &NewLogin<'_>) -> bool {
    known.username.as_deref() == Some(new.username)
        && (new.expires_at.is_none() || known.expires_at == new.expires_at)
        && new.tags.iter().all(|tag| known.tags.iter().any(|there| **there == **tag))
}

/// What is to be said; of a login that is there, its kind, its address and its tags stay.
fn patch(new: &NewLogin<'_>, known: Option<&SecretSummary>) -> MetadataPatch {
    let there = known.map(|known| &*known.tags).unwrap_or_default();
    let tags = there.iter().map(|tag| &**tag).chain(new.tags.iter().copied());
    MetadataPatch {
        kind: known.is_none().then_some(SecretKind::Password),
        username: Some(Some(new.username.to_owned())),
        url: known.is_none().then(|| Some(new.url.clone())),
        tags: Some(tags.map(str::to_owned).collect()),
        // Of a new password the end of the former one is no news.
        expires_at: Some(new.expires_at),
        ..MetadataPatch::default()
    }
}

fn refresh_patch(new: &NewLogin<'_>) -> MetadataPatch {
    MetadataPatch {
        kind: Some(SecretKind::OauthToken),
        username: Some(Some(new.username.to_owned())),
        url: Some(Some(new.url.clone())),
        ..MetadataPatch::default()
    }
}
