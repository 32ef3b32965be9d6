//! `tresor profile add`: signs in at a provider, or takes a key of it, and keeps what comes.

mod plan;

use std::io::IsTerminal;
use std::num::NonZeroU16;

use clap::Args;
use serde_json::json;

use super::person::AtTheTerminal;
use super::{connect, surroundings, told};
use crate::cli::error::CliError;
use crate::cli::input::{chomp, read_stdin};
use crate::cli::prompt::Terminal;
use crate::cli::session::{Opened, Outcome, Session};
use crate::cli::words::one_of;
use crate::service::http::Http;
use crate::service::oauth::{
    self, Cancel, Flow, Need, Onboard, Onboarded, Profile, Registry, Tried,
};
use crate::vault::{SecretKey, SensitiveBytes};
use plan::Plan;

/// The longest secret of a client, in bytes.
const MAX_CLIENT_SECRET: usize = 4096;

/// The arguments of `profile add`.
#[derive(Args)]
pub struct Add {
    /// What to call it: 1 to 100 letters of A-Z a-z 0-9 . _ -
    id: SecretKey,
    /// The provider, as 'tresor profile providers' lists them
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Any provider of OpenID Connect: its addresses are looked up there
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// How to sign in; what suits this machine when left out
    #[arg(long, value_name = "FLOW", value_parser = one_of(Flow::ALL))]
    flow: Option<Flow>,
    /// The id of your client at the provider
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Read the client's secret from standard input
    #[arg(long)]
    client_secret_stdin: bool,
    /// Read the key from standard input (api_key)
    #[arg(long)]
    key_stdin: bool,
    /// What to ask for; a space between each two
    #[arg(long, value_name = "SCOPES")]
    scopes: Option<String>,
    /// Whose it is, and where its tokens lie
    #[arg(long, value_name = "SCOPE", default_value = "global")]
    owner: String,
    /// Open no browser
    #[arg(long)]
    no_browser: bool,
    /// Sign in again for a profile that is there, at the same provider
    #[arg(long, conflicts_with = "owner")]
    again: bool,
    /// Try it at the provider first: a key that does not work is not kept, a token is, with a warning
    #[arg(long)]
    check: bool,
    /// Where a browser signs in, for a provider of your own
    #[arg(long, value_name = "URL")]
    authorization_url: Option<String>,
    /// Where tokens come from
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// Where a device asks for its code
    #[arg(long, value_name = "URL")]
    device_url: Option<String>,
    /// Where tokens are revoked
    #[arg(long, value_name = "URL")]
    revocation_url: Option<String>,
    /// The port the browser comes back to, where the provider has to know it beforehand
    #[arg(long, value_name = "PORT")]
    redirect_port: Option<NonZeroU16>,
    /// A host that may lie inside your network; may be given again
    #[arg(long = "private-host", value_name = "HOST")]
    private_hosts: Vec<String>,
}

impl Add {
    pub fn run(&self, session: &Session) -> Outcome {
        let done = self.add(session);
        if let (true, Err(error)) = (session.out.json, &done) {
            session.out.json(&json!({"event": "failed", "error": error.json()}))?;
        }
        done
    }

    fn add(&self, session: &Session) -> Outcome {
        let opened = session.open()?;
        let plan = self.plan(&opened)?;
        let http = connect(session, &plan.endpoints.private_hosts)?;
        let endpoints = oauth::discover(&*http, plan.endpoints.clone())?;
        let plan = Plan { endpoints, ..plan };
        let mut here = surroundings();
        here.display &= !self.no_browser;
        let possible = oauth::possible(&plan.provider, &plan.endpoints);
        let wanted = self.flow.or(plan.former.as_ref().map(Profile::flow));
        let (flow, why) = oauth::choose(&possible, wanted, &here)?;
        let profile = match flow {
            Flow::ApiKey => self.key(session, &opened, &plan, &*http)?,
            flow => {
                session.out.note(&format!("{} {why}", said(flow)));
                self.tokens(session, &opened, &plan, flow, &*http)?
            }
        };
        if session.out.json {
            let now = session.now();
            let health = Registry::new(&opened.view).health(&profile, now)?;
            let profile = super::record::json(&oauth::Kept { profile, health }, now);
            session.out.json(&json!({"event": "done", "profile": profile}))?;
            return crate::cli::session::DONE;
        }
        let done = if flow == Flow::ApiKey { "Keeps a key:" } else { "Signed in:" };
        told(session, &opened, &format!("{done} '{}'", self.id), profile)
    }

    /// Takes a plain key.
    fn key(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        plan: &Plan,
        http: &dyn Http,
    ) -> Result<Profile, CliError> {
        let hint = plan.provider.api_key.as_ref();
        if let Some(make) = hint.and_then(|hint| hint.make.as_ref()) {
            session.out.note(&format!("a key is made at {}", crate::text::visible(make)));
        }
        if let Some(hint) = hint.and_then(|hint| hint.hint.as_ref()) {
            session.out.note(&crate::text::visible(hint));
        }
        let key = self.secret_text(opened, self.key_stdin, "Key: ", "--key-stdin")?;
        let cancel = Cancel::default();
        let (world, new) = (plan.world(opened, http, &cancel), plan.kept_as(&self.id));
        let mut person = AtTheTerminal::new(session);
        let done = oauth::onboard_key(&world, &new, &plan.provider, &key, self.check, &mut person)?;
        Ok(self.tried(session, done))
    }

    /// Signs in.
    fn tokens(
        &self,
        session: &Session,
        opened: &Opened<'_>,
        plan: &Plan,
        flow: Flow,
        http: &dyn Http,
    ) -> Result<Profile, CliError> {
        let former = plan.former.as_ref().and_then(|former| former.oauth("signed in").ok());
        let client_id = self.client_id.clone().or(former.map(|oauth| oauth.client.id.clone()));
        let client_id = client_id.filter(|id| !id.trim().is_empty());
        let client_id = client_id.ok_or_else(|| plan.lacks_client())?;
        let secret = self.client_secret(opened, plan, flow)?;
        let scopes = match &self.scopes {
            Some(scopes) => {
                scopes.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned).collect()
            }
            None if former.is_some() => {
                former.map(|oauth| oauth.scopes.clone()).unwrap_or_default()
            }
            None if flow == Flow::ClientCredentials => Vec::new(),
            None => plan.provider.default_scopes(),
        };
        let asked = Onboard {
            new: plan.kept_as(&self.id),
            provider: &plan.provider,
            flow,
            endpoints: &plan.endpoints,
            client_id: &client_id,
            client_secret: secret.as_ref(),
            scopes: &scopes,
            check: self.check,
        };
        let here = surroundings();
        let opens_browser = !self.no_browser && here.display && !here.remote;
        let pastes = flow == Flow::Paste;
        let mut person = AtTheTerminal { opens_browser, pastes, ..AtTheTerminal::new(session) };
        let cancel = Cancel::default();
        let world = plan.world(opened, http, &cancel);
        let done = oauth::onboard(&world, &asked, &mut person);
        match person.failed {
            Some(error) => Err(error),
            None => Ok(self.tried(session, done?)),
        }
    }

    /// Says if what was to be tried was not.
    fn tried(&self, session: &Session, done: Onboarded) -> Profile {
        match &done.tried {
            Tried::Failed(why) => session.out.warning(&format!("it is kept, but untried: {why}")),
            Tried::Not if self.check => {
                let why = "nobody knows how to try it at this provider; it is kept untried";
                session.out.warning(why);
            }
            Tried::Works | Tried::Not => {}
        }
        done.profile
    }

    /// The client's secret: from standard input, from the vault, or asked for where there must be one.
    fn client_secret(
        &self,
        opened: &Opened<'_>,
        plan: &Plan,
        flow: Flow,
    ) -> Result<Option<SensitiveBytes>, CliError> {
        if self.client_secret_stdin {
            let secret = chomp(read_stdin(MAX_CLIENT_SECRET)?);
            return match secret.is_empty() {
                true => Err(nothing_given("--client-secret-stdin")),
                false => Ok(Some(secret)),
            };
        }
        if let Some(name) = &plan.kept_secret {
            let secret = opened.with_protection(|key| opened.view.read_with(name, None, key))?;
            return Ok(Some(secret.value));
        }
        let need = plan.side.as_ref().map_or(Need::Never, |side| side.secret);
        if need == Need::Required || flow == Flow::ClientCredentials {
            return self
                .secret_text(opened, false, "Client secret: ", "--client-secret-stdin")
                .map(Some);
        }
        Ok(None)
    }

    /// A secret of one line: from standard input where that is no terminal or was asked for, else unseen.
    fn secret_text(
        &self,
        opened: &Opened<'_>,
        from_stdin: bool,
        question: &str,
        option: &str,
    ) -> Result<SensitiveBytes, CliError> {
        if !from_stdin && std::io::stdin().is_terminal() {
            if let Some(terminal) = Terminal::open() {
                return terminal.ask_unseen(question);
            }
            return Err(CliError::invalid(
                "there is no terminal to ask on",
                format!("use {option}"),
            ));
        }
        let text = chomp(read_stdin(opened.vault.max_value()?)?);
        match text.is_empty() {
            true => Err(nothing_given(option)),
            false => Ok(text),
        }
    }
}

fn nothing_given(option: &str) -> CliError {
    CliError::invalid("standard input is empty", format!("give it there ({option})"))
}

/// The way, as a sentence begins.
fn said(flow: Flow) -> &'static str {
    match flow {
        Flow::Device => "by a code on any device,",
        Flow::Browser => "by your browser,",
        Flow::Paste => "by a browser elsewhere,",
        Flow::ClientCredentials => "by the client alone,",
        Flow::ApiKey => "by a key,",
    }
}
