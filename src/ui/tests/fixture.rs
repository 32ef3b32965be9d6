//! States of the application to draw: made by hand, so that they say exactly what is on the screen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::browse::{Browse, Pane};
use crate::app::detail::Shown;
use crate::app::key_list::Rows;
use crate::app::scope_tree::{ScopeRow, ScopeRowKind};
use crate::app::search::Search;
use crate::app::{
    App, AppSettings, ClipboardState, ClipboardStatus, Failure, Keymap, Layer, Screen, SecretField,
    Start, StrengthView, Ticket, Toast, Tone, VaultFacts,
};
use crate::fault::FaultKind;
use crate::service::clipboard::{CopyReport, Route};
use crate::service::search::SearchHit;
use crate::vault::{
    Description, RevisionInfo, ScopeKind, SecretKind, SecretMetadata, SecretRef, SecretSummary,
    SensitiveBytes, SystemRandom, Timestamp,
};

/// 22 November 2026.
pub const WALL: Timestamp = Timestamp(1_795_348_800);
pub const DAY: i64 = 86_400;

/// scope, key, kind, age in days, expiry in days (0: none).
const SECRETS: &[(&str, &str, SecretKind, i64, i64)] = &[
    ("global", "anthropic_api_key", SecretKind::ApiKey, 26, 0),
    ("global", "github_token", SecretKind::ApiKey, 41, 19),
    ("global", "sentry_dsn", SecretKind::ConnectionUrl, 61, 0),
    ("principal:ops", "backup_passphrase", SecretKind::Password, 400, 0),
    ("principal:ops", "ssh_key", SecretKind::SshKey, 900, 0),
    ("channel:slack:acct-1", "bot_token", SecretKind::OauthToken, 12, 0),
    ("channel:discord:guild-9", "webhook", SecretKind::ConnectionUrl, 3, 0),
    ("skill:extractor", "api_token", SecretKind::ApiKey, 5, -3),
    ("skill:extractor", "model_endpoint", SecretKind::ConnectionUrl, 5, 0),
    ("skill:summariser", "api_token", SecretKind::ApiKey, 5, 0),
    ("project:blog", "deploy_key", SecretKind::SshKey, 80, 0),
    ("project:shop", "shared_note", SecretKind::Note, 9, 0),
    ("project:shop:dev", "database_url", SecretKind::ConnectionUrl, 3, 0),
    ("project:shop:dev", "stripe_secret_key", SecretKind::ApiKey, 12, 0),
    ("project:shop:prod", "database_url", SecretKind::ConnectionUrl, 3, 0),
    ("project:shop:prod", "db_password", SecretKind::Password, 3, 0),
    ("project:shop:prod", "github_token", SecretKind::ApiKey, 41, 19),
    ("project:shop:prod", "jwt_signing_key", SecretKind::PrivateKey, 250, 0),
    ("project:shop:prod", "redis_url", SecretKind::ConnectionUrl, 3, 0),
    ("project:shop:prod", "sentry_dsn", SecretKind::ConnectionUrl, 61, 0),
    ("project:shop:prod", "session_token", SecretKind::Jwt, 1, -1),
    ("project:shop:prod", "stripe_secret_key", SecretKind::ApiKey, 12, 0),
    ("project:shop:prod", "stripe_webhook_secret", SecretKind::ApiKey, 12, 0),
    ("project:shop:prod", "tls_certificate", SecretKind::Certificate, 80, 9),
];

pub fn name(text: &str) -> SecretRef {
    text.parse().expect("a reference")
}

pub fn field(text: &str) -> SecretField {
    let mut field = SecretField::line(4096);
    field.set(text);
    field
}

pub fn hidden(text: &str) -> SecretField {
    let mut field = SecretField::hidden(4096);
    field.set(text);
    field
}

pub fn lines(text: &str) -> SecretField {
    let mut field = SecretField::lines(65_536);
    field.set(text);
    field
}

pub fn summary(scope: &str, key: &str, kind: SecretKind, age: i64, expiry: i64) -> SecretSummary {
    let stripe = key == "stripe_secret_key";
    SecretSummary {
        name: name(&format!("{scope}/{key}")),
        kind,
        protected: stripe,
        revision: 4,
        created_at: WALL.plus(-(age + 300) * DAY),
        updated_at: WALL.plus(-age * DAY - 60),
        expires_at: (expiry != 0).then(|| WALL.plus(expiry * DAY + 60)),
        tags: if stripe { ["billing".into(), "live".into()].into() } else { [].into() },
        username: None,
        url: stripe.then(|| "https://dashboard.stripe.com/apikeys".into()),
    }
}

fn listing() -> Vec<SecretSummary> {
    let made = |&(scope, key, kind, age, expiry): &_| summary(scope, key, kind, age, expiry);
    SECRETS.iter().map(made).collect()
}

fn settings() -> AppSettings {
    AppSettings::with_random(Arc::new(SystemRandom))
}

fn app(start: Start, size: (u16, u16)) -> App {
    let now = Instant::now();
    let (mut app, _) = App::new(start, settings(), Keymap::default(), size, now);
    app.wall = WALL;
    app.now = now;
    app.busy_since = None;
    app
}

/// Where no vault is yet.
pub fn first_run(size: (u16, u16)) -> App {
    app(Start::FirstRun { path: "~/.local/share/tresor/vault".into() }, size)
}

/// Before a locked vault.
pub fn locked(size: (u16, u16)) -> App {
    app(Start::Locked { path: "~/.local/share/tresor/vault".into() }, size)
}

pub fn facts() -> VaultFacts {
    VaultFacts {
        name: "shop".into(),
        backend: "encrypted files".into(),
        can_protect: true,
        lockable: true,
        max_value: 65_536,
    }
}

/// An unlocked vault without a secret.
pub fn empty(size: (u16, u16)) -> App {
    let mut app = app(Start::Open(facts()), size);
    app.facts = Some(facts());
    app.locks_at = Some(app.now + Duration::from_secs(300));
    browse(&mut app).loaded = true;
    tree(browse(&mut app));
    app
}

/// The shop's vault with `project:shop:prod` selected, and the secret of that key.
pub fn shop(size: (u16, u16), key: &str) -> App {
    let mut app = empty(size);
    let state = browse(&mut app);
    state.listing = Arc::new(listing());
    state.trash = 3;
    tree(state);
    select_scope(state, "prod");
    let at = (0..state.keys.len).find(|at| {
        state.keys.index(*at).is_some_and(|at| state.listing[at].name.key.as_str() == key)
    });
    state.keys.selected = at.expect("the key");
    describe(state);
    app
}

pub fn browse(app: &mut App) -> &mut Browse {
    match &mut app.screen {
        Screen::Browse(browse) => browse,
        _ => panic!("not browsing"),
    }
}

/// Rows as the application makes them.
pub fn tree(state: &mut Browse) {
    let count = |prefix: &str| {
        let fits = |text: &str| text == prefix || text.starts_with(&format!("{prefix}:"));
        let all = state.listing.iter().enumerate();
        let at: Vec<u32> = all
            .filter(|(_, secret)| prefix.is_empty() || fits(secret.name.scope.as_str()))
            .map(|(at, _)| at as u32)
            .collect();
        at.first().map_or(0..0, |first| *first..first + at.len() as u32)
    };
    let scope = |depth, label: &str, text: &str| ScopeRow {
        kind: ScopeRowKind::Scope(text.parse().expect("a scope")),
        depth,
        label: label.into(),
        count: count(text).len(),
        expanded: None,
        ranges: vec![count(text)],
    };
    let plain = |kind, count: usize| ScopeRow {
        kind,
        depth: 0,
        label: "All".into(),
        count,
        expanded: None,
        ranges: vec![0..count as u32],
    };
    let heading = |kind| plain(ScopeRowKind::Heading(kind), 0);
    let gap = || plain(ScopeRowKind::Gap, 0);
    let mut trash = plain(ScopeRowKind::Trash, state.trash);
    trash.label = "Trash".into();
    let mut rows = vec![plain(ScopeRowKind::All, state.listing.len()), gap()];
    rows.push(scope(0, "global", "global"));
    if !state.listing.is_empty() {
        let mut shop = scope(1, "shop", "project:shop");
        (shop.expanded, shop.count) = (Some(true), 1);
        rows.extend([
            heading(ScopeKind::Principal),
            scope(1, "ops", "principal:ops"),
            heading(ScopeKind::Channel),
            scope(1, "slack:acct-1", "channel:slack:acct-1"),
            scope(1, "discord:guild-9", "channel:discord:guild-9"),
            heading(ScopeKind::Skill),
            scope(1, "extractor", "skill:extractor"),
            scope(1, "summariser", "skill:summariser"),
            heading(ScopeKind::Project),
            scope(1, "blog", "project:blog"),
            shop,
            scope(2, "dev", "project:shop:dev"),
            scope(2, "prod", "project:shop:prod"),
        ]);
    }
    rows.extend([gap(), trash]);
    state.scopes.rows = rows;
    select_scope(state, "All");
}

pub fn select_scope(state: &mut Browse, label: &str) {
    let found = state.scopes.rows.iter().position(|row| {
        row.label == label && !matches!(row.kind, ScopeRowKind::Gap | ScopeRowKind::Heading(_))
    });
    state.scopes.selected = found.expect("the scope");
    let ranges = state.scopes.rows[state.scopes.selected].ranges.clone();
    state.keys.len = ranges.iter().map(|range| range.len()).sum();
    state.keys.mixed = label == "All";
    state.keys.rows = Rows::Ranges(ranges);
    state.keys.selected = 0;
    describe(state);
}

/// What the vault would say of the selected secret.
pub fn describe(state: &mut Browse) {
    let Some(secret) = state.selected() else { return };
    let facts: &[(&str, &str)] = match secret.name.key.as_str() {
        "stripe_secret_key" => &[("Type", "Stripe secret key")],
        "tls_certificate" => &[
            ("Type", "certificate"),
            ("Subject", "CN=shop.example"),
            ("Issuer", "CN=R11, O=Let's Encrypt, C=US"),
            ("Valid", "2 Sep – 1 Dec 2026"),
            ("Names", "shop.example, www.shop.example"),
        ],
        _ => &[],
    };
    let note = "Restricted key. Rotate with the billing team.";
    let has_note = secret.name.key.as_str() == "stripe_secret_key";
    let metadata = SecretMetadata {
        kind: secret.kind,
        username: None,
        url: secret.url.as_deref().map(Into::into),
        tags: secret.tags.iter().map(|tag| tag.to_string()).collect(),
        note: has_note.then(|| note.into()),
        expires_at: secret.expires_at,
        protected: secret.protected,
        created_at: secret.created_at,
        updated_at: secret.updated_at,
        revision: secret.revision,
        facts: facts.iter().map(|(l, t)| (l.to_string(), t.to_string())).collect(),
        extensions: Default::default(),
    };
    let name = secret.name.clone();
    state.detail.description = Some(Description { name, metadata, history: history() });
}

/// Four kept revisions.
pub fn history() -> Vec<RevisionInfo> {
    let kept = |(revision, days): (u64, i64)| RevisionInfo {
        revision,
        written_at: WALL.plus(-days * DAY - 60),
    };
    [(4, 12), (3, 220), (2, 340), (1, 420)].map(kept).into()
}

/// A value on the screen since two seconds.
pub fn shown(app: &App, reference: &str, value: &[u8]) -> Shown {
    let since = app.now.checked_sub(Duration::from_secs(2)).expect("a time");
    Shown {
        name: name(reference),
        revision: 4,
        value: SensitiveBytes::copy_of(value),
        since,
        until: since + Duration::from_secs(10),
        peek: false,
    }
}

/// The shop with the selected value revealed.
pub fn revealed(size: (u16, u16), key: &str, value: &[u8]) -> App {
    let mut app = shop(size, key);
    let shown = shown(&app, &format!("project:shop:prod/{key}"), value);
    browse(&mut app).detail.shown = Some(shown);
    app
}

/// A search for `query` with its hits, each matched where the query's letters stand in the key.
pub fn search(size: (u16, u16), query: &str) -> App {
    let mut app = shop(size, "stripe_secret_key");
    let state = browse(&mut app);
    let hits: Vec<SearchHit> = (0..)
        .zip(state.listing.iter())
        .filter_map(|(index, secret)| {
            let at = secret.name.to_string().find(query)? as u32;
            let positions = (at..at + query.len() as u32).collect();
            Some(SearchHit { index, positions })
        })
        .collect();
    let found = Some(hits.len());
    state.keys.len = hits.len();
    state.keys.rows = Rows::Hits(hits);
    state.keys.mixed = true;
    state.keys.selected = 0;
    state.focus = Pane::Keys;
    state.search = Some(Search { query: field(query), typing: true, pending: None, found });
    describe(state);
    app
}

pub fn strength(score: u8, bar: u8, bits: f64, words: &str) -> StrengthView {
    StrengthView { score, bar, bits, words: words.into(), advice: String::new() }
}

/// The status line three seconds after a copy.
pub fn copied(app: &mut App) {
    let since = app.now.checked_sub(Duration::from_secs(3)).expect("a time");
    app.clipboard = Some(ClipboardStatus {
        what: "stripe_secret_key".into(),
        report: CopyReport { route: Route::Wayland, clear_after: Some(30), limits: String::new() },
        state: ClipboardState::Held { until: Some(since + Duration::from_secs(30)), since },
    });
}

pub fn toast(tone: Tone, text: &str, help: &str) -> Toast {
    Toast { tone, text: text.into(), help: help.into(), until: None }
}

pub fn failure(message: &str, help: &str) -> Failure {
    Failure::plain(FaultKind::Internal, message, help)
}

/// The shop with a layer above it.
pub fn with(size: (u16, u16), layer: Layer) -> App {
    let mut app = shop(size, "stripe_secret_key");
    app.layers.push(layer);
    app
}

/// An answer is awaited.
pub const TICKET: Ticket = Ticket(7);
