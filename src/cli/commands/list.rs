//! `tresor list`: the names one may see, filtered. Opens no value.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::listing::ListArgs;
use crate::cli::record;
use crate::cli::session::{Outcome, Session};
use crate::cli::when;
use crate::cli::words::one_of;
use crate::vault::{Scope, SecretKind, SecretSummary, Timestamp, Vault};

/// List secrets
#[derive(Args)]
pub struct List {
    /// Only of this scope
    scope: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
}

/// What narrows a list; `find` takes the same.
#[derive(Args)]
pub struct FilterArgs {
    /// Only with this tag; repeat it for more
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only of this kind
    #[arg(long, value_name = "KIND", value_parser = one_of(SecretKind::ALL))]
    kind: Option<SecretKind>,
    /// Only what stops working within this time, or has already: 30d
    #[arg(long, value_name = "SPAN")]
    expiring: Option<String>,
    #[command(flatten)]
    form: ListArgs,
}

impl List {
    pub fn run(&self, session: &Session) -> Outcome {
        let filter = self.filter.read(session.now())?;
        let scope = self.scope.as_deref().map(str::parse::<Scope>).transpose()?;
        let opened = session.open()?;
        if let Some(scope) = &scope {
            opened.check_visible(scope)?;
        }
        let secrets = opened.view.list()?.secrets;
        let wanted: Vec<&SecretSummary> = secrets
            .iter()
            .filter(|secret| scope.as_ref().is_none_or(|scope| secret.name.scope == *scope))
            .filter(|secret| filter.takes(secret))
            .collect();
        filter.print(session, &opened.vault, &wanted)
    }
}

/// The options of [`FilterArgs`], understood.
pub struct Filter {
    tags: Vec<String>,
    kind: Option<SecretKind>,
    expires_before: Option<Timestamp>,
    form: ListArgs,
}

impl FilterArgs {
    pub fn read(&self, now: Timestamp) -> Result<Filter, CliError> {
        let span = self.expiring.as_deref().map(when::span).transpose()?;
        let expires_before =
            span.map(|span| now.plus(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)));
        Ok(Filter { tags: self.tags.clone(), kind: self.kind, expires_before, form: self.form })
    }
}

impl Filter {
    /// Whether the filter lets `secret` through.
    pub fn takes(&self, secret: &SecretSummary) -> bool {
        let tagged = |tag: &String| secret.tags.iter().any(|other| **other == **tag);
        self.tags.iter().all(tagged)
            && self.kind.is_none_or(|kind| secret.kind == kind)
            && self
                .expires_before
                .is_none_or(|end| secret.expires_at.is_some_and(|expiry| expiry <= end))
    }

    /// Prints a list in the form that was asked for; none found is an empty list.
    pub fn print(&self, session: &Session, vault: &Vault, secrets: &[&SecretSummary]) -> Outcome {
        print(session, vault, secrets, self.form)
    }
}

/// Prints a list of secrets; none is no error.
pub fn print(
    session: &Session,
    vault: &Vault,
    secrets: &[&SecretSummary],
    form: ListArgs,
) -> Outcome {
    let document = |list: Vec<Value>| {
        json!({
            "vault_id": vault.vault_id(),
            "backend": vault.backend().word(),
            "count": list.len(),
            "secrets": list,
        })
    };
    let object = |secret: &&SecretSummary| record::summary(secret);
    form.print(session, secrets, object, document, || {
        let rows = secrets.iter().map(|secret| record::summary_row(secret)).collect::<Vec<_>>();
        session.out.table(&record::LIST_HEADER, &rows)?;
        if secrets.is_empty() {
            session.out.note("no secrets found");
        }
        Ok(())
    })
}
