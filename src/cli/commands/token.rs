//! `tresor token`: a token that is valid now, and nothing else.

use std::io::IsTerminal;

use clap::Args;
use serde_json::json;

use super::profile;
use crate::cli::output::write_value;
use crate::cli::record::{time, with_value};
use crate::cli::session::{DONE, Outcome, Session};
use crate::service::oauth::Wish;
use crate::vault::{SecretKey, SensitiveBytes};

/// Print a valid access token of a profile
///
/// It is renewed first where it ends within five minutes; of several processes that ask at once, one does
/// that. For example: curl -H "Authorization: Bearer $(tresor token github)" URL
#[derive(Args)]
pub struct Token {
    /// The profile
    #[arg(value_name = "PROFILE")]
    id: SecretKey,
    /// Print the whole header: Authorization: Bearer TOKEN
    #[arg(long)]
    header: bool,
}

impl Token {
    pub fn run(&self, session: &Session) -> Outcome {
        let opened = session.open()?;
        let fresh = profile::token(session, &opened, &self.id, Wish::WhenDue)?;
        if let Some(warning) = &fresh.warning {
            session.out.warning(&format!("not renewed: {warning}"));
        }
        if session.out.json {
            let record = json!({
                "id": self.id.as_str(),
                "expires_at": time(fresh.profile.expires_at()),
                "refreshed": fresh.refreshed,
            });
            let line = with_value(&record, &fresh.token);
            write_value(&SensitiveBytes::copy_of(&line))?;
            return DONE;
        }
        if self.header {
            session.out.text("Authorization: Bearer ")?;
        }
        write_value(&fresh.token)?;
        // What a program reads is the token and nothing else.
        if std::io::stdout().is_terminal() || self.header {
            session.out.text("\n")?;
        }
        DONE
    }
}
