//! `tresor secrets explain`: what a secret is, who sees it, who refers to it, and how it is. Opens this one
//! if it is a password, to judge it, and no other.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::referring::Referring;
use crate::cli::session::{DONE, Opened, Outcome, Session};
use crate::cli::{bad_places, names, record};
use crate::service::audit::{self, Finding, Judged, Rules};
use crate::service::oauth::Registry;
use crate::vault::{Description, Scope, ScopeKind, SecretRef};

/// Explain a secret: what it is, who sees it, what uses it, how it is
///
/// It opens this one value if it is a password, to tell whether it is weak, and no other: 'tresor audit' tells
/// what is reused. A protected one is opened when the passphrase is at hand, without a question.
#[derive(Args)]
pub struct Explain {
    /// The secret: SCOPE/KEY, a tresor:// URI, or SCOPE KEY
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// Config files that may refer to it; repeat it for more
    #[arg(long = "in", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// All that is told.
struct Explained {
    description: Description,
    judged: Judged,
    profiles: Vec<String>,
    /// Files and lines.
    uses: Vec<(String, usize)>,
}

impl Explain {
    pub fn run(&self, session: &Session) -> Outcome {
        let name = names::reference(&self.words)?;
        let files = Referring::read_all(&self.files)?;
        bad_places::warn_of(session.out, &Referring::all_malformed(&files));
        let opened = session.open()?;
        let description = opened.view.describe(&name)?;
        let judged = judge(session, &opened, &description)?;
        let (profiles, uses) = (profiles(&opened, &name)?, uses(&files, &name));
        let explained = Explained { description, judged, profiles, uses };
        match session.out.json {
            true => session.out.json(&explained.json())?,
            false => session.out.text(&explained.text(!self.files.is_empty()))?,
        }
        DONE
    }
}

/// How it is by itself; what is protected is looked at only if nobody has to be asked for it.
fn judge(session: &Session, opened: &Opened<'_>, secret: &Description) -> Result<Judged, CliError> {
    let key = match secret.metadata.protected && audit::judges_value(secret) {
        true => opened.protection_at_hand()?,
        false => None,
    };
    Ok(audit::judge(&opened.view, secret, &Rules::at(session.now()), key)?)
}

/// The OAuth profiles that keep something in it.
fn profiles(opened: &Opened<'_>, name: &SecretRef) -> Result<Vec<String>, CliError> {
    let registry = Registry::new(&opened.view);
    let of_it = registry.all()?.into_iter().filter(|profile| profile.secrets().contains(&name));
    Ok(of_it.map(|profile| profile.id.to_string()).collect())
}

fn uses(files: &[Referring], name: &SecretRef) -> Vec<(String, usize)> {
    let lines = |file: &Referring| {
        let lines = file.lines_of(name).into_iter();
        lines.map(|line| (file.file.clone(), line)).collect::<Vec<_>>()
    };
    files.iter().flat_map(lines).collect()
}

/// Who sees a scope, in words (DESIGN, section 4).
fn seen_by(scope: &Scope) -> String {
    match scope.kind() {
        ScopeKind::Global => "everybody".to_owned(),
        ScopeKind::Project => match scope.segments()[..] {
            [project, _] => format!("the owner, and project:{project} with the same environment"),
            _ => format!("the owner, and {scope} with every environment"),
        },
        ScopeKind::Principal | ScopeKind::Channel | ScopeKind::Skill => {
            format!("the owner, and {scope}")
        }
    }
}

impl Explained {
    fn json(&self) -> Value {
        let Description { name, metadata, history } = &self.description;
        let mut json = record::record(name, metadata);
        let finding =
            |finding: &Finding| json!({"finding": finding.word(), "text": finding.text()});
        let more = json!({
            "seen_by": seen_by(&name.scope),
            "kept_revisions": history.len(),
            "looked_at": self.judged.looked_at,
            "findings": self.judged.findings.iter().map(finding).collect::<Vec<_>>(),
            "profiles": self.profiles,
            "used_by": self.uses.iter().map(|(file, line)| json!({"file": file, "line": line}))
                .collect::<Vec<_>>(),
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut json, more) {
            fields.extend(more);
        }
        json
    }

    fn text(&self, looked_in_files: bool) -> String {
        let Description { name, metadata, history } = &self.description;
        let mut text = format!("{name}\n{}", record::record_lines(metadata));
        let mut line = |label: &str, what: &str| {
            text.push_str(&format!("  {label:<10}  {what}\n"));
        };
        line("seen by", &seen_by(&name.scope));
        line("history", &format!("{} kept", history.len()));
        self.profiles.iter().for_each(|id| line("used by", &format!("OAuth profile {id}")));
        self.uses.iter().for_each(|(file, at)| line("used by", &format!("{file}, line {at}")));
        if self.profiles.is_empty() && self.uses.is_empty() {
            let nobody = match looked_in_files {
                true => "no OAuth profile, and none of these files",
                false => "no OAuth profile; --in FILE looks into config files",
            };
            line("used by", nobody);
        }
        self.judged.findings.iter().for_each(|finding| line("status", &finding.text()));
        if self.judged.looked_at == Some(false) {
            line("status", "protected, its value was not looked at; --passphrase-file opens it");
        } else if self.judged.findings.is_empty() {
            line("status", "nothing wrong with it");
        }
        text
    }
}
