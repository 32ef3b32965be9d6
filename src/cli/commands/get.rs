//! `tresor get`: shows a record, its value redacted unless asked for. `read` gives the exact bytes.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::output::write_value;
use crate::cli::session::{DONE, Outcome, Session};
use crate::cli::{names, record};
use crate::text::counted;
use crate::vault::{Description, Purpose, Secret, SensitiveBytes};

/// What stands for a value that is not shown; its length says nothing.
const REDACTED: &str = "••••••••";

/// Show a secret, its value redacted
#[derive(Args)]
pub struct Get {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// Show the value too
    #[arg(long)]
    reveal: bool,
}

impl Get {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let opened = session.open()?;
        if !self.reveal {
            return show(session, &opened.view.describe(&name)?);
        }
        let view = opened.view.for_purpose(Purpose::Reveal);
        let secret = opened.with_protection(|key| view.read_with(&name, None, key))?;
        session
            .out
            .warning("the value is shown; it stays in the scrollback and where this is kept");
        reveal(session, &secret)
    }
}

/// Shows a record without its value.
pub fn show(session: &Session, description: &Description) -> Outcome {
    let Description { name, metadata, .. } = description;
    if session.out.json {
        let mut json = record::record(name, metadata);
        if let Value::Object(fields) = &mut json {
            fields.insert("redacted".into(), json!(true));
        }
        session.out.json(&json)?;
    } else {
        let lines = record::record_lines(metadata);
        session.out.text(&format!("{name}\n  {:<10}  {REDACTED}\n{lines}", "value"))?;
    }
    DONE
}

fn reveal(session: &Session, secret: &Secret) -> Outcome {
    let Secret { name, metadata, value } = secret;
    if session.out.json {
        let mut json = record::record(name, metadata);
        if let Value::Object(fields) = &mut json {
            fields.insert("redacted".into(), json!(false));
        }
        let line = record::with_value(&json, value);
        write_value(&SensitiveBytes::copy_of(&line))?;
        return DONE;
    }
    session.out.text(&format!("{name}\n"))?;
    match record::shown(value) {
        Some(text) => {
            for (number, line) in text.split('\n').enumerate() {
                let label = if number == 0 { "value" } else { "" };
                session.out.text(&format!("  {label:<10}  "))?;
                write_value(&SensitiveBytes::copy_of(line.as_bytes()))?;
                session.out.text("\n")?;
            }
        }
        None => {
            let size = counted(value.len(), "byte");
            let what = format!("binary, {size}; 'tresor read {name}' gives it");
            session.out.line(&format!("  {:<10}  {what}", "value"))?;
        }
    }
    session.out.text(&record::record_lines(metadata))?;
    DONE
}
