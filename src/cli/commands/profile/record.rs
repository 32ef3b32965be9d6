//! How profiles and providers are written out: JSON, rows and lines. Never a token.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::record::time;
use crate::service::oauth::{
    Credential, Health, Kept, Oauth, Profile, Provider, can_refresh, time_left,
};
use crate::text::visible;
use crate::vault::Timestamp;

fn oauth(profile: &Profile) -> Option<&Oauth> {
    match &profile.body.credential {
        Credential::Oauth(oauth) => Some(oauth),
        Credential::ApiKey { .. } => None,
    }
}

/// A profile, whole.
pub fn json(kept: &Kept, now: Timestamp) -> Value {
    let Kept { profile, health } = kept;
    let oauth = oauth(profile);
    let endpoints = oauth.map(|oauth| &oauth.endpoints);
    let text = |endpoint: Option<&crate::service::oauth::Endpoint>| {
        endpoint.map(|e| e.as_str().to_owned())
    };
    let secrets: Vec<String> = profile.secrets().into_iter().map(ToString::to_string).collect();
    json!({
        "id": profile.id.as_str(),
        "provider": profile.body.provider,
        "name": profile.body.name,
        "owner": profile.owner.as_str(),
        "flow": profile.flow().word(),
        "health": health.word(),
        "next": health.next_step(profile),
        "expires_at": time(profile.expires_at()),
        "expires_in": profile.expires_at().map(|end| end.since(now)),
        "refreshable": oauth.is_some_and(can_refresh),
        "refreshed_at": time(oauth.and_then(|oauth| oauth.state.refreshed_at)),
        "failures": oauth.map(|oauth| oauth.state.failures),
        "not_before": time(oauth.and_then(|oauth| oauth.state.not_before)),
        "client_id": oauth.map(|oauth| oauth.client.id.as_str()),
        "scopes": oauth.map(|oauth| &oauth.scopes),
        "endpoints": endpoints.map(|at| json!({
            "issuer": text(at.issuer.as_ref()),
            "device_authorization": text(at.device_authorization.as_ref()),
            "authorization": text(at.authorization.as_ref()),
            "token": text(at.token.as_ref()),
            "revocation": text(at.revocation.as_ref()),
        })),
        "secrets": secrets,
        "created_at": profile.body.created_at.to_string(),
        "revision": profile.revision,
    })
}

/// How a profile is, alone.
pub fn health(kept: &Kept) -> Value {
    let Kept { profile, health } = kept;
    json!({
        "id": profile.id.as_str(),
        "health": health.word(),
        "expires_at": time(profile.expires_at()),
        "next": health.next_step(profile),
    })
}

/// One row of the list.
pub fn row(kept: &Kept, now: Timestamp) -> Vec<String> {
    let profile = &kept.profile;
    vec![
        profile.id.to_string(),
        profile.body.provider.clone(),
        profile.owner.to_string(),
        kept.health.word().to_owned(),
        left(kept, now),
    ]
}

/// One row of the survey.
pub fn survey_row(kept: &Kept, now: Timestamp) -> Vec<String> {
    let Kept { profile, health } = kept;
    let next = health.next_step(profile).unwrap_or_else(|| "-".to_owned());
    vec![profile.id.to_string(), health.word().to_owned(), left(kept, now), next]
}

/// How it is, in a few words.
pub fn state(kept: &Kept, now: Timestamp) -> String {
    match (kept.health, kept.profile.expires_at()) {
        (Health::Ok | Health::Expiring, Some(_)) => {
            format!("the token is good for {}", left(kept, now))
        }
        (Health::Static, _) => "it does not expire".to_owned(),
        (health, _) => format!("it is {}", health.word()),
    }
}

/// How long it is good, in the largest unit that says it.
fn left(kept: &Kept, now: Timestamp) -> String {
    match kept.profile.expires_at() {
        Some(end) if kept.health != Health::Missing => time_left(end.since(now)),
        _ => "-".to_owned(),
    }
}

/// A profile for people.
pub fn lines(kept: &Kept, now: Timestamp) -> String {
    let Kept { profile, health } = kept;
    let mut lines = format!("{}\n", profile.id);
    let mut line = |label: &str, text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "  {label:<10}  {}", visible(text));
    };
    line("provider", &profile.body.name);
    line("owner", profile.owner.as_str());
    line("flow", profile.flow().word());
    line("health", health.word());
    if let Some(next) = health.next_step(profile) {
        line("next", &next);
    }
    if let Some(oauth) = oauth(profile) {
        if let Some(end) = oauth.expires_at {
            line("expires", &format!("{end} ({})", left(kept, now)));
        }
        line("client", &oauth.client.id);
        line("scopes", &oauth.scopes.join(" "));
        if let Some(issuer) = &oauth.endpoints.issuer {
            line("issuer", issuer.as_str());
        }
        if let Some(token) = &oauth.endpoints.token {
            line("tokens at", token.as_str());
        }
        if let Some(refreshed) = oauth.state.refreshed_at {
            line("renewed", &refreshed.to_string());
        }
    }
    for name in profile.secrets() {
        line("keeps", &name.to_string());
    }
    lines
}

/// A provider.
pub fn provider(provider: &Provider) -> Value {
    let scopes = provider.oauth.iter().flat_map(|side| &side.scopes);
    let scopes: Vec<Value> = scopes
        .map(|scope| json!({"name": scope.name, "about": scope.about, "default": scope.default}))
        .collect();
    json!({
        "id": provider.id,
        "name": provider.name,
        "about": provider.about,
        "flows": flows(provider),
        "register": provider.oauth.as_ref().and_then(|side| side.register.as_ref()),
        "register_hint": provider.oauth.as_ref().and_then(|side| side.register_hint.as_ref()),
        "make_key": provider.api_key.as_ref().and_then(|side| side.make.as_ref()),
        "scopes": scopes,
        "sources": provider.sources,
        "checked": provider.checked,
    })
}

/// One row of the providers.
pub fn provider_row(provider: &Provider) -> Vec<String> {
    let flows = flows(provider).join(" ");
    vec![provider.id.clone(), provider.name.clone(), flows, provider.about.clone()]
}

fn flows(provider: &Provider) -> Vec<&'static str> {
    let oauth = provider.oauth.iter().flat_map(|side| &side.flows).map(|flow| flow.word());
    oauth.chain(provider.api_key.iter().map(|_| "api_key")).collect()
}
