//! `tresor list`: the names one may see, filtered. Opens no value.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::record;
use crate::cli::session::{DONE, Outcome, Session};
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
    /// Print one JSON object a line, for long lists
    #[arg(long)]
    ndjson: bool,
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
    by_line: bool,
}

impl FilterArgs {
    pub fn read(&self, now: Timestamp) -> Result<Filter, CliError> {
        let span = self.expiring.as_deref().map(when::span).transpose()?;
        let expires_before =
            span.map(|span| now.plus(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)));
        Ok(Filter {
            tags: self.tags.clone(),
            kind: self.kind,
            expires_before,
            by_line: self.ndjson,
        })
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
        match self.by_line {
            true => print_lines(session, secrets),
            false => print(session, vault, secrets),
        }
    }
}

/// One object a line, each written when it is made: a reader may stop early.
fn print_lines(session: &Session, secrets: &[&SecretSummary]) -> Outcome {
    secrets.iter().try_for_each(|secret| session.out.json(&record::summary(secret)))?;
    DONE
}

/// Prints a list as a table or as one JSON document.
pub fn print(session: &Session, vault: &Vault, secrets: &[&SecretSummary]) -> Outcome {
    if session.out.json {
        let secrets: Vec<Value> = secrets.iter().map(|secret| record::summary(secret)).collect();
        session.out.json(&json!({
            "vault_id": vault.vault_id(),
            "backend": vault.backend().word(),
            "count": secrets.len(),
            "secrets": secrets,
        }))?;
        return DONE;
    }
    let rows: Vec<Vec<String>> = secrets.iter().map(|secret| record::summary_row(secret)).collect();
    session.out.table(&record::LIST_HEADER, &rows)?;
    if secrets.is_empty() {
        session.out.note("no secrets found");
    }
    DONE
}
