//! Stories of the screen: keys written as text, a clock of our own, a real vault in memory.

mod browsing;
mod locking;
mod moving;
mod pointing;
mod random;
mod searching;
mod seeing;
mod writing;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::fault::FaultKind;
use crate::service::clipboard::{ClipboardReceipt, CopyReport, Route};
use crate::service::search::{SearchHit, SearchHits, SearchQuery};
use crate::vault::{
    Actor, Change, CreateOptions, Expect, MetadataPatch, Place, SensitiveBytes, SystemRandom,
    Vault, VaultError,
};

/// What every sample secret's value begins with; it must never be found where it does not belong.
pub const CANARY: &str = "canary";
/// The passphrase the shell of the tests takes.
pub const PASSPHRASE: &str = "correct horse";

/// The application with a shell that answers its effects from a vault in memory.
pub struct Shell {
    pub app: App,
    pub vault: Vault,
    actor: Actor,
    at: Instant,
    pub wall: Timestamp,
    /// Names that ask for the passphrase.
    pub protected: BTreeSet<String>,
    /// Whether effects are answered at once.
    pub answers: bool,
    pub waiting: VecDeque<Event>,
    /// What was done, in words.
    pub log: Vec<&'static str>,
    pub clipboard: Option<String>,
    /// Whether copies need OSC 52.
    pub only_osc52: bool,
    pub import: Vec<(SecretRef, &'static str)>,
    /// Descriptions are left unanswered.
    pub mute: bool,
}

fn sample() -> Vec<(&'static str, &'static str)> {
    vec![
        ("global/openai_api_key", "canary-openai"),
        ("global/sentry_dsn", "canary-sentry"),
        ("principal:ops/token", "canary-ops"),
        ("skill:extractor/api_token", "canary-extractor"),
        ("project:shop/name", "canary-shop"),
        ("project:shop:dev/db_password", "canary-dev"),
        ("project:shop:prod/db_password", "canary-prod"),
        ("project:shop:prod/stripe_key", "canary-stripe"),
        ("project:shop-x/key", "canary-x"),
    ]
}

/// A vault of the sample secrets.
fn filled() -> Vault {
    let vault = Vault::create(&Place::in_memory(), &CreateOptions::in_memory()).expect("a vault");
    let changes = sample().into_iter().map(|(name, value)| Change::Write {
        name: name.parse().expect("a name"),
        value: SensitiveBytes::copy_of(value.as_bytes()),
        patch: MetadataPatch { username: Some(Some("ada".into())), ..MetadataPatch::default() },
        expect: Expect::Absent,
    });
    vault.view(Actor::Owner).apply(changes.collect(), None).expect("written");
    vault
}

fn facts(lockable: bool) -> VaultFacts {
    VaultFacts {
        name: "shop".into(),
        backend: "in memory".into(),
        can_protect: true,
        lockable,
        max_value: 65_536,
    }
}

impl Shell {
    /// Unlocked, on the browse screen, at 120x40.
    pub fn open() -> Self {
        let mut shell = Self::start(Start::Locked { path: "~/vault".into() });
        shell.keys(&format!("{PASSPHRASE}<enter>"));
        assert!(shell.app.is_browsing());
        shell.log.clear();
        shell
    }

    pub fn start(start: Start) -> Self {
        let now = Instant::now();
        let settings = AppSettings::with_random(Arc::new(SystemRandom));
        let (app, effects) = App::new(start, settings, Keymap::default(), (120, 40), now);
        let mut shell = Self {
            app,
            vault: filled(),
            actor: Actor::Owner,
            at: now,
            wall: Timestamp(1_800_000_000),
            protected: BTreeSet::new(),
            answers: true,
            waiting: VecDeque::new(),
            log: Vec::new(),
            clipboard: None,
            only_osc52: false,
            import: Vec::new(),
            mute: false,
        };
        shell.perform(effects);
        shell.deliver();
        shell
    }

    /// Presses keys: characters as they are, others as `<enter>`, `<ctrl-s>`; `<lt>` is `<`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let (chord, used) = match rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
                Some(("lt", _)) => (Chord::char('<'), 4),
                Some((name, _)) => (name.parse().expect("a key"), name.len() + 2),
                None => (Chord::char(c), c.len_utf8()),
            };
            self.event(Event::Key(chord));
            rest = &rest[used..];
        }
        self
    }

    pub fn paste(&mut self, text: &[u8]) -> &mut Self {
        self.event(Event::Paste(SensitiveBytes::copy_of(text)));
        self
    }

    pub fn click(&mut self, area: layout::Rect) -> &mut Self {
        self.mouse(MouseKind::Click, area)
    }

    pub fn mouse(&mut self, kind: MouseKind, area: layout::Rect) -> &mut Self {
        self.event(Event::Mouse { kind, column: area.x, row: area.y });
        self
    }

    /// One event, and everything that follows from it.
    pub fn event(&mut self, event: Event) -> &mut Self {
        self.wall = self.wall.plus(0);
        let effects = self.app.update(event, self.at, self.wall);
        self.perform(effects);
        if self.answers {
            self.deliver();
        }
        self
    }

    /// Lets the answers that wait arrive.
    pub fn deliver(&mut self) -> &mut Self {
        while let Some(event) = self.waiting.pop_front() {
            let effects = self.app.update(event, self.at, self.wall);
            self.perform(effects);
        }
        self
    }

    /// Lets time go by as a shell does: sleeping until each deadline.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        let end = self.at + Duration::from_secs(seconds);
        let mut ticks = 0;
        while let Some(at) = self.app.deadline().filter(|at| *at <= end) {
            ticks += 1;
            assert!(ticks < 10_000, "it never comes to rest");
            self.advance(at.max(self.at));
            self.event(Event::Tick);
        }
        self.advance(end);
        self
    }

    fn advance(&mut self, to: Instant) {
        let seconds = (to - self.at).as_secs();
        self.wall = self.wall.plus(i64::try_from(seconds).unwrap());
        self.at = to;
    }

    /// Moves only the date on, as a suspended machine does.
    pub fn sleep_machine(&mut self, seconds: i64) -> &mut Self {
        self.wall = self.wall.plus(seconds);
        self.event(Event::Resumed)
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Some(event) = self.answer(effect) {
                self.waiting.push_back(event);
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Event> {
        let (word, ticket, result) = match effect {
            Effect::Quit => return self.note("quit"),
            Effect::Suspend => return self.note("suspend"),
            Effect::Redraw => return self.note("redraw"),
            Effect::Lock => return self.note("lock"),
            Effect::Create(ticket, _) => ("create", ticket, Ok(Outcome::Unlocked(facts(true)))),
            Effect::Unlock(ticket, passphrase) => {
                let fits = passphrase.with(|bytes| bytes == PASSPHRASE.as_bytes());
                let wrong = Failure::from(&VaultError::WrongPassphrase);
                let result = if fits { Ok(Outcome::Unlocked(facts(true))) } else { Err(wrong) };
                ("unlock", ticket, result)
            }
            Effect::Load(ticket, actor) => {
                self.actor = actor;
                ("load", ticket, self.ask(|view| Ok(Outcome::Listed(view.list()?))))
            }
            Effect::Describe(..) if self.mute => return self.note("describe"),
            Effect::Describe(ticket, name) => {
                let found = self.ask(|view| Ok(Outcome::Described(view.describe(&name)?)));
                ("describe", ticket, found)
            }
            Effect::Read { ticket, name, revision, passphrase } => {
                let result = self.unprotect(&name, passphrase.as_ref()).and_then(|()| {
                    self.ask(|view| {
                        let secret = view.read_with(&name, revision, None)?;
                        let at = revision.unwrap_or(secret.metadata.revision);
                        Ok(Outcome::Read(name.clone(), at, secret.value))
                    })
                });
                ("read", ticket, result)
            }
            Effect::Copy { ticket, what, passphrase, allow_osc52 } => {
                ("copy", ticket, self.copied(&what, passphrase.as_ref(), allow_osc52))
            }
            Effect::ClearClipboard(ticket) => {
                self.clipboard = None;
                ("clear", ticket, Ok(Outcome::ClipboardCleared))
            }
            Effect::Apply(ticket, changes, passphrase) => {
                let name = match changes.first() {
                    Some(Change::Write { name, .. } | Change::Edit { name, .. }) => {
                        Some(name.clone())
                    }
                    _ => None,
                };
                let allowed = name.map_or(Ok(()), |n| self.unprotect(&n, passphrase.as_ref()));
                let apply =
                    |view: &crate::vault::View| view.apply(changes, None).map(Outcome::Saved);
                ("apply", ticket, allowed.and_then(|()| self.ask(apply)))
            }
            Effect::LoadTrash(ticket) => {
                ("trash", ticket, self.ask(|view| Ok(Outcome::Trash(view.trash()?))))
            }
            Effect::Search(ticket, query) => ("search", ticket, Ok(Outcome::Found(find(&query)))),
            Effect::PreviewImport(ticket, path, _) => {
                let rows = self
                    .import
                    .iter()
                    .map(|(name, _)| ImportRow { name: name.clone(), state: ImportState::New });
                let rows = rows.collect();
                let missing = Failure::plain(FaultKind::Internal, "cannot read it", "");
                let found = path.ends_with(".env");
                let preview = Outcome::ImportPreview(ImportPreview { rows });
                ("preview", ticket, if found { Ok(preview) } else { Err(missing) })
            }
            Effect::Import(ticket, _) => {
                let changes = self.import.iter().map(|(name, value)| Change::Write {
                    name: name.clone(),
                    value: SensitiveBytes::copy_of(value.as_bytes()),
                    patch: MetadataPatch::default(),
                    expect: Expect::Any,
                });
                let changes: Vec<Change> = changes.collect();
                ("import", ticket, self.ask(|view| view.apply(changes, None).map(Outcome::Saved)))
            }
        };
        self.log.push(word);
        Some(match result {
            Ok(outcome) => Event::Done(ticket, outcome),
            Err(failure) => Event::Failed(ticket, failure),
        })
    }

    fn note(&mut self, word: &'static str) -> Option<Event> {
        self.log.push(word);
        None
    }

    fn ask<T>(
        &self,
        ask: impl FnOnce(&crate::vault::View) -> crate::vault::Result<T>,
    ) -> Result<T, Failure> {
        ask(&self.vault.view(self.actor.clone())).map_err(|error| Failure::from(&error))
    }

    fn unprotect(
        &self,
        name: &SecretRef,
        passphrase: Option<&SensitiveBytes>,
    ) -> Result<(), Failure> {
        let fits = |given: &SensitiveBytes| given.with(|bytes| bytes == PASSPHRASE.as_bytes());
        match (self.protected.contains(&name.to_string()), passphrase) {
            (true, None) => Err(Failure::from(&VaultError::Protected { name: name.clone() })),
            (true, Some(given)) if !fits(given) => Err(Failure::from(&VaultError::WrongPassphrase)),
            _ => Ok(()),
        }
    }

    fn copied(
        &mut self,
        what: &CopyWhat,
        passphrase: Option<&SensitiveBytes>,
        allow_osc52: bool,
    ) -> Result<Outcome, Failure> {
        let text = |value: &SensitiveBytes| value.with_str(str::to_owned).unwrap_or_default();
        let copied = match what {
            CopyWhat::Value(name) => {
                self.unprotect(name, passphrase)?;
                text(&self.ask(|view| view.read_with(name, None, None))?.value)
            }
            CopyWhat::Text { text, .. } => text.clone(),
            CopyWhat::Generated(value) => text(value),
        };
        if self.only_osc52 && !allow_osc52 {
            let failure = Failure::plain(FaultKind::Refused, "only OSC 52 is left", "");
            return Err(Failure { needs_consent: true, ..failure });
        }
        self.clipboard = Some(copied);
        let (route, clear_after) =
            if self.only_osc52 { (Route::Osc52, None) } else { (Route::X11, Some(30)) };
        Ok(Outcome::Copied(CopyReport { route, clear_after, limits: String::new() }))
    }

    /// Another process writes.
    pub fn elsewhere(&mut self, name: &str, value: &str) -> &mut Self {
        let write = Change::Write {
            name: name.parse().unwrap(),
            value: SensitiveBytes::copy_of(value.as_bytes()),
            patch: MetadataPatch::default(),
            expect: Expect::Any,
        };
        self.vault.view(Actor::Owner).apply(vec![write], None).unwrap();
        self.event(Event::VaultChanged)
    }

    pub fn browse(&self) -> &Browse {
        match &self.app.screen {
            Screen::Browse(browse) => browse,
            _ => panic!("not on the browse screen"),
        }
    }

    pub fn selected(&self) -> String {
        self.app.selected_name().map(|name| name.to_string()).unwrap_or_default()
    }

    /// The names that are listed, in order.
    pub fn listed(&self) -> Vec<String> {
        let browse = self.browse();
        let name = |row| browse.keys.index(row).map(|at| browse.listing[at].name.to_string());
        (0..browse.keys.len).filter_map(name).collect()
    }

    /// The revealed value.
    pub fn shown(&self) -> Option<String> {
        let shown = self.browse().detail.shown.as_ref()?;
        shown.value.with_str(str::to_owned)
    }

    /// What the vault holds under that name.
    pub fn stored(&self, name: &str) -> Option<String> {
        let name = name.parse().unwrap();
        let secret = self.vault.view(Actor::Owner).read(&name).ok()?;
        secret.value.with_str(str::to_owned)
    }

    pub fn toast(&self) -> &str {
        self.app.toasts.items.last().map_or("", |toast| &toast.text)
    }

    pub fn count(&self, word: &str) -> usize {
        self.log.iter().filter(|done| **done == word).count()
    }

    pub fn top(&self) -> Context {
        self.app.context()
    }
}

/// A search by what a name contains.
fn find(query: &SearchQuery) -> SearchHits {
    let hits = query.secrets.iter().enumerate().filter_map(|(at, secret)| {
        let found = secret.name.to_string().find(&query.text)?;
        let positions = (found..found + query.text.len()).map(|p| p as u32).collect();
        Some(SearchHit { index: at as u32, positions })
    });
    SearchHits { hits: hits.collect() }
}
