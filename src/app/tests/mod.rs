//! Stories of the screen: keys written as text, a clock of our own, a real vault in memory.

mod answering;
mod browsing;
mod choosing;
mod generating;
mod health;
mod keeping;
mod keying;
mod locking;
mod moving;
mod one_time;
mod placing;
mod pointing;
mod random;
mod recovering;
mod restoring;
mod searching;
mod seeing;
mod signing;
mod watching;
mod writing;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::fault::FaultKind;
use crate::service::clipboard::{ClipboardReceipt, CopyReport, Route};
use crate::service::search::{SearchHit, SearchHits, SearchQuery};
use crate::vault::backend::Choice;
use crate::vault::{
    Actor, BackendKind, Change, CreateOptions, Expect, MetadataPatch, NewSlot, Place, RecoveryCode,
    SensitiveBytes, SlotInfo, SlotKind, SystemRandom, Vault, VaultError,
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
    /// Whether copies go to a tmux buffer.
    pub in_tmux: bool,
    /// The passphrase that opens it.
    pub passphrase: String,
    /// The ways in, as the keys screen lists them.
    pub slots: Vec<SlotInfo>,
    /// Whether the vault of the first run was made with a recovery code.
    pub made_with_code: Option<bool>,
    /// Whether it was made with a key in the keyring.
    pub made_with_keyring: bool,
    /// What comes of trying the backends.
    pub backends: BackendsNow,
    /// Where it keeps secrets.
    pub made_in: Option<BackendKind>,
    /// The recovery code that opens it.
    pub code: RecoveryCode,
    /// Whether the key file that was named fits.
    pub file_fits: bool,
    /// Whether the desktop's keyring answers.
    pub keyring_works: bool,
    pub import: Vec<(SecretRef, &'static str)>,
    /// How many names of the file to import are left out.
    pub import_left_out: usize,
    /// The vault is not the one that was seen before.
    pub altered: bool,
    /// The sign-in that goes on.
    pub signing_in: Option<(Ticket, Box<SignInRequest>)>,
    /// Descriptions are left unanswered.
    pub mute: bool,
    /// How much of the second of the date has passed at the start.
    pub into_second: Duration,
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

/// A passphrase and a key file.
fn slots() -> Vec<SlotInfo> {
    let key = || SensitiveBytes::copy_of(b"0123456789abcdef0123456789abcdef");
    let files = [NewSlot::KeyFile(key()), NewSlot::KeyFile(key())].into();
    let options = CreateOptions { slots: files, ..CreateOptions::in_memory() };
    let vault = Vault::create(&Place::in_memory(), &options).expect("a vault");
    let mut slots = vault.slots().expect("its slots");
    (slots[0].kind, slots[0].protects) = (SlotKind::Passphrase, true);
    slots
}

fn facts(lockable: bool) -> VaultFacts {
    VaultFacts {
        name: "shop".into(),
        backend: "in memory".into(),
        can_protect: true,
        has_recovery: false,
        lockable,
        max_value: 65_536,
    }
}

/// Files and the store of this system both work, and the store is suggested.
pub fn both_work() -> BackendsNow {
    let own = BackendKind::LASTING.into_iter().filter(|kind| kind.is_of_this_system());
    let works = |kind| BackendRow { kind, tried: Tried::Works(Duration::from_millis(3)) };
    let rows: Vec<BackendRow> = own.map(works).collect();
    let kind = rows.last().map_or(BackendKind::EncryptedFile, |row| row.kind);
    BackendsNow { rows, choice: Choice { kind, why: "it works".into() } }
}

impl Shell {
    /// Unlocked, on the browse screen, at 120x40.
    pub fn open() -> Self {
        let mut shell = Self::start(Start::Locked { path: "~/vault".into(), has_recovery: false });
        shell.keys(&format!("{PASSPHRASE}<enter>"));
        assert!(shell.app.is_browsing());
        shell.log.clear();
        shell
    }

    pub fn start(start: Start) -> Self {
        Self::start_with(start, None)
    }

    /// Begins with a key file that was named.
    pub fn start_with(start: Start, key_file: Option<&str>) -> Self {
        let settings = AppSettings::with_random(Arc::new(SystemRandom));
        let settings = AppSettings { key_file: key_file.map(str::to_owned), ..settings };
        let mut shell = Self::new(start, settings);
        shell.deliver();
        shell
    }

    /// Begins locked, with a key in the desktop's keyring that has not answered yet.
    pub fn start_locked_with_keyring() -> Self {
        let settings = AppSettings::with_random(Arc::new(SystemRandom));
        let start = Start::Locked { path: "~/vault".into(), has_recovery: false };
        let mut shell = Self::new(start, AppSettings { keyring: true, ..settings });
        shell.answers = false;
        shell
    }

    fn new(start: Start, settings: AppSettings) -> Self {
        let now = Instant::now();
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
            in_tmux: false,
            passphrase: PASSPHRASE.to_owned(),
            slots: slots(),
            made_with_code: None,
            made_with_keyring: false,
            backends: both_work(),
            made_in: None,
            code: RecoveryCode::generate(&SystemRandom).expect("a code"),
            file_fits: true,
            keyring_works: true,
            import: Vec::new(),
            import_left_out: 0,
            altered: false,
            signing_in: None,
            mute: false,
            into_second: Duration::ZERO,
        };
        shell.perform(effects);
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

    /// Stops the program for so long by the date.
    pub fn stop(&mut self, seconds: i64) -> &mut Self {
        self.wall = self.wall.plus(seconds);
        self.event(Event::Resumed)
    }

    /// Suspends the machine for so long.
    pub fn sleep_machine(&mut self, seconds: u64) -> &mut Self {
        self.advance(self.at + Duration::from_secs(seconds));
        self.event(Event::Slept)
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

    /// What the vault's journal says of reads, oldest first.
    pub fn recorded(&self) -> Vec<String> {
        let entries = self.vault.view(Actor::Owner).journal().unwrap().entries;
        let reads = entries.iter().rev().filter(|entry| entry.saved.is_none());
        reads.filter_map(|e| Some(format!("{} {}", e.action, e.name.as_ref()?))).collect()
    }

    pub fn toast(&self) -> &str {
        self.app.toasts.items.last().map_or("", |toast| &toast.text)
    }

    /// The recovery code as it is written down.
    pub fn written_code(&self) -> String {
        self.code.shown().ok().and_then(|code| code.with_str(str::to_owned)).expect("a code")
    }

    pub fn count(&self, word: &str) -> usize {
        self.log.iter().filter(|done| **done == word).count()
    }

    pub fn top(&self) -> Context {
        self.app.context()
    }
}
