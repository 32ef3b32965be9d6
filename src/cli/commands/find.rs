//! `tresor find`: a fuzzy search over names, best match first. Opens no value.

use std::sync::Arc;

use clap::Args;

use super::list::FilterArgs;
use crate::cli::session::{Outcome, Session};
use crate::service::search::{SearchEngine, SearchQuery};
use crate::vault::SecretSummary;

/// Search the names of secrets, best match first
#[derive(Args)]
pub struct Find {
    /// What to look for; letters may be left out
    #[arg(required = true)]
    text: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
}

impl Find {
    pub fn run(&self, session: &Session) -> Outcome {
        let filter = self.filter.read(session.now())?;
        let opened = session.open()?;
        let mut secrets = opened.view.list()?.secrets;
        secrets.retain(|secret| filter.takes(secret));
        let secrets = Arc::new(secrets);
        let query = SearchQuery { text: self.text.join(" "), secrets: Arc::clone(&secrets) };
        let found = SearchEngine::new().search(&query, &|| false).unwrap_or_default();
        let hits: Vec<&SecretSummary> = found
            .hits
            .iter()
            .filter_map(|hit| secrets.get(usize::try_from(hit.index).ok()?))
            .collect();
        filter.print(session, &opened.vault, &hits)
    }
}
