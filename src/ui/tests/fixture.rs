//! States of the application to draw: made by hand, so that they say exactly what is on the screen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::browse::Browse;
use crate::app::detail::Shown;
use crate::app::key_list::Rows;
use crate::app::scope_tree::ScopeRowKind;
use crate::app::{
    App, AppSettings, BackendRow, BackendsNow, ClipboardState, ClipboardStatus, Effect, Event,
    Failure, Keymap, Layer, Outcome, Screen, SecretField, Start, StrengthView, Ticket, Toast, Tone,
    Tried, VaultFacts,
};
use crate::config::Chord;
use crate::fault::FaultKind;
use crate::service::audit::audit;
use crate::service::clipboard::{CopyReport, Route};
use crate::service::search::{SearchHit, SearchHits};
use crate::vault::backend::Choice;
use crate::vault::{
    BackendKind, Description, Listing, RevisionInfo, SecretKind, SecretMetadata, SecretRef,
    SecretSummary, SensitiveBytes, SystemRandom, Timestamp, VaultError,
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

/// The application at its start, and the effects it wants.
fn app(start: Start, size: (u16, u16)) -> (App, Vec<Effect>) {
    let now = Instant::now();
    let (mut app, effects) = App::new(start, settings(), Keymap::default(), size, now);
    app.update(Event::Resize(size.0, size.1), now, WALL);
    (app, effects)
}

/// Where no vault is yet.
pub fn first_run(size: (u16, u16)) -> App {
    app(Start::FirstRun { path: "~/.local/share/tresor/vault".into() }, size).0
}

/// The same once the backends are tried: both work, the store is suggested.
pub fn first_run_tried(size: (u16, u16)) -> App {
    let works =
        |kind, micros| BackendRow { kind, tried: Tried::Works(Duration::from_micros(micros)) };
    let kind = BackendKind::LinuxSecretService;
    let rows = vec![works(BackendKind::EncryptedFile, 412), works(kind, 14_200)];
    let why = "it gave back what it was given, and keeps it".into();
    tried(size, BackendsNow { rows, choice: Choice { kind, why } })
}

/// The same where somebody is logged in from another machine.
pub fn first_run_remote(size: (u16, u16)) -> App {
    let why = "this is a login from another machine".to_owned();
    let works = Tried::Works(Duration::from_micros(9_870));
    let store = BackendKind::LinuxSecretService;
    let rows = vec![
        BackendRow { kind: BackendKind::EncryptedFile, tried: works },
        BackendRow { kind: store, tried: Tried::Not(why.clone()) },
    ];
    tried(size, BackendsNow { rows, choice: Choice { kind: BackendKind::EncryptedFile, why } })
}

fn tried(size: (u16, u16), now: BackendsNow) -> App {
    let start = Start::FirstRun { path: "~/.local/share/tresor/vault".into() };
    let (mut app, effects) = app(start, size);
    let ticket = effects.iter().find_map(Effect::ticket).expect("a question");
    app.update(Event::Done(ticket, Outcome::Backends(now)), app.now, WALL);
    app
}

/// Before a locked vault.
pub fn locked(size: (u16, u16)) -> App {
    app(Start::Locked { path: "~/.local/share/tresor/vault".into(), has_recovery: false }, size).0
}

/// Before a vault that is older than the one seen here before.
pub fn locked_altered(size: (u16, u16)) -> App {
    let failure = Failure::from(&VaultError::RolledBack { found: 3, seen: 5 });
    app(Start::Altered { path: "~/.local/share/tresor/vault".into(), failure }, size).0
}

pub fn facts() -> VaultFacts {
    VaultFacts {
        name: "shop".into(),
        backend: "encrypted files".into(),
        can_protect: true,
        has_recovery: false,
        lockable: true,
        max_value: 65_536,
    }
}

/// An unlocked vault that holds these secrets.
pub fn open(size: (u16, u16), mut secrets: Vec<SecretSummary>, trash: usize) -> App {
    secrets.sort_by(|one, other| one.name.cmp(&other.name));
    let (mut app, effects) = app(Start::Open(facts()), size);
    let Some(Effect::Load(ticket, _)) = effects.first() else { panic!("nothing is loaded") };
    let backend = BackendKind::EncryptedFile;
    let listing = Listing { generation: 1, backend, secrets, trash };
    app.update(Event::Done(*ticket, Outcome::Listed(listing)), app.now, WALL);
    app.locks_at = Some(app.now + Duration::from_secs(300));
    app.busy_since = None;
    browse(&mut app).detail.description = None;
    app
}

/// An unlocked vault without a secret.
pub fn empty(size: (u16, u16)) -> App {
    open(size, Vec::new(), 0)
}

/// The shop's vault with `project:shop:prod` selected, and the secret of that key.
pub fn shop(size: (u16, u16), key: &str) -> App {
    let mut app = open(size, listing(), 3);
    let state = browse(&mut app);
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
            ("Type", "Certificate"),
            ("Subject", "CN=shop.example"),
            ("Issuer", "CN=R11, O=Let's Encrypt, C=US"),
            ("Valid from", "2026-09-02"),
            ("Valid to", "2026-12-01"),
            ("Names", "shop.example www.shop.example +1"),
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
        code: None,
    }
}

/// The shop with the selected value revealed.
pub fn revealed(size: (u16, u16), key: &str, value: &[u8]) -> App {
    let mut app = shop(size, key);
    let shown = shown(&app, &format!("project:shop:prod/{key}"), value);
    browse(&mut app).detail.shown = Some(shown);
    app
}

/// A search for `query` with its hits, each matched where the query stands in its name.
pub fn search(size: (u16, u16), query: &str) -> App {
    let mut app = shop(size, "stripe_secret_key");
    let typed = std::iter::once('/').chain(query.chars());
    let now = app.now;
    let effects: Vec<Effect> =
        typed.flat_map(|c| app.update(Event::Key(Chord::char(c)), now, WALL)).collect();
    let asked = effects.into_iter().rev().find_map(|effect| match effect {
        Effect::Search(ticket, asked) => Some((ticket, asked)),
        _ => None,
    });
    let (ticket, asked) = asked.expect("a search");
    let hits = (0..)
        .zip(asked.secrets.iter())
        .filter_map(|(index, secret)| {
            let at = secret.name.to_string().find(query)? as u32;
            let positions = (at..at + query.len() as u32).collect();
            Some(SearchHit { index, positions })
        })
        .collect();
    app.update(Event::Done(ticket, Outcome::Found(SearchHits { hits })), now, WALL);
    describe(browse(&mut app));
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
        report: CopyReport {
            route: Route::Wayland,
            clear_after: Some(30),
            to_terminal: false,
            paste: String::new(),
            limits: String::new(),
        },
        state: ClipboardState::Held { until: Some(since + Duration::from_secs(30)), since },
        since,
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

/// The sample vault after some keys, its questions answered as the shell would; values are not read.
pub fn demo(size: (u16, u16), keys: &str) -> App {
    let vault = crate::service::demo::vault().expect("the sample vault");
    let view = vault.view(crate::vault::Actor::Owner);
    let now = Instant::now();
    let wall = crate::vault::Clock::now(&crate::vault::SystemClock);
    let (mut app, mut effects) =
        App::new(Start::Open(facts()), settings(), Keymap::default(), size, now);
    let mut keys = keys.chars();
    loop {
        for effect in std::mem::take(&mut effects) {
            let (ticket, outcome) = match effect {
                Effect::Load(ticket, _) => (ticket, Outcome::Listed(view.list().expect("a list"))),
                Effect::Describe(ticket, name) => {
                    (ticket, Outcome::Described(view.describe(&name).expect("known")))
                }
                Effect::LoadTrash(ticket) => (ticket, Outcome::Trash(view.trash().expect("trash"))),
                Effect::LoadActivity(ticket) => {
                    (ticket, Outcome::Activity(view.journal().expect("a journal")))
                }
                Effect::Audit { ticket, rules, .. } => {
                    let report = audit(&view, &rules, None, &mut |_, _| {}).expect("a report");
                    (ticket, Outcome::Audited(report))
                }
                Effect::Read { ticket, name, .. } => {
                    let secret = view.read(&name).expect("a value");
                    (ticket, Outcome::Read(name, secret.metadata.revision, secret.value))
                }
                _ => continue,
            };
            effects.extend(app.update(Event::Done(ticket, outcome), now, wall));
        }
        if !effects.is_empty() {
            continue;
        }
        let Some(key) = keys.next() else { return app };
        let code = match key {
            '\n' => Chord::plain(crate::config::KeyCode::Enter),
            '\t' => Chord::plain(crate::config::KeyCode::Tab),
            key => Chord::char(key),
        };
        effects = app.update(Event::Key(code), now, wall);
    }
}
