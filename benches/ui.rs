//! How long the screen takes: from a key to the painted frame, in search, and from unlock to the first
//! frame. Painted means drawn, compared with the last frame and encoded for the terminal.
#![allow(missing_docs, clippy::expect_used)] // criterion's macros; a benchmark that fails stops

mod support;

use std::cell::RefCell;
use std::io::Sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use support::{WALL, filled, key, summaries};
use tresor::app::{App, AppSettings, Effect, Event, Keymap, Outcome, Start, VaultFacts};
use tresor::config::{Chord, KeyCode, Theme};
use tresor::service::search::{SearchEngine, SearchQuery};
use tresor::ui;
use tresor::vault::{
    Actor, BackendKind, ClosedVault, Listing, SecretSummary, SystemRandom, Unlock,
};

const SIZE: (u16, u16) = (120, 40);

/// The application with a terminal that leads nowhere.
struct Screen {
    app: App,
    theme: Theme,
    terminal: Terminal<CrosstermBackend<Sink>>,
    searched: Option<SearchQuery>,
}

impl Screen {
    fn new(secrets: Vec<SecretSummary>) -> Self {
        let facts = VaultFacts {
            name: "bench".into(),
            backend: "in memory".into(),
            can_protect: false,
            has_recovery: false,
            lockable: false,
            max_value: 65_536,
        };
        let settings = AppSettings::with_random(Arc::new(SystemRandom));
        let now = Instant::now();
        let (app, effects) = App::new(Start::Open(facts), settings, Keymap::default(), SIZE, now);
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let backend = CrosstermBackend::new(std::io::sink());
        let terminal = Terminal::with_options(backend, options).expect("a terminal");
        let mut screen = Self { app, theme: Theme::terminal(), terminal, searched: None };
        let listing =
            Listing { generation: 1, backend: BackendKind::EncryptedFile, secrets, trash: 0 };
        let ticket = effects.iter().find_map(|effect| match effect {
            Effect::Load(ticket, _) => Some(*ticket),
            _ => None,
        });
        let ticket = ticket.expect("the list is asked for");
        screen.update(Event::Done(ticket, Outcome::Listed(listing)));
        screen.paint();
        screen
    }

    fn update(&mut self, event: Event) {
        for effect in self.app.update(event, Instant::now(), WALL) {
            if let Effect::Search(_, query) = effect {
                self.searched = Some(query);
            }
        }
    }

    fn paint(&mut self) {
        let (app, theme) = (&self.app, &self.theme);
        let drawn = self.terminal.draw(|frame| {
            let area = frame.area();
            if let Some(at) = ui::draw(app, theme, area, frame.buffer_mut()) {
                frame.set_cursor_position(at);
            }
        });
        drawn.expect("a sink takes everything");
    }

    fn press(&mut self, chord: Chord) {
        self.update(Event::Key(chord));
        self.paint();
    }
}

/// One step of the selection, down twenty times and up again, so that the window scrolls as well.
fn selection(criterion: &mut Criterion) {
    for size in [100, 100_000] {
        let mut screen = Screen::new(summaries(size));
        screen.press(Chord::plain(KeyCode::Tab)); // from the scopes to the keys
        let mut step = 0;
        criterion.bench_function(&format!("ui/selection/{size}"), |bencher| {
            bencher.iter(|| {
                step = (step + 1) % 160;
                screen.press(Chord::char(if step < 80 { 'j' } else { 'k' }));
            });
        });
    }
}

/// What the screen waits for when a letter is typed into the search: not the ranking, which a worker does.
fn keystroke(criterion: &mut Criterion) {
    for size in [10_000, 100_000] {
        let mut screen = Screen::new(summaries(size));
        screen.press(Chord::char('/'));
        let mut typed = 0;
        criterion.bench_function(&format!("ui/search keystroke/{size}"), |bencher| {
            bencher.iter(|| {
                typed = (typed + 1) % 16;
                let backspace = Chord::plain(KeyCode::Backspace);
                screen.press(if typed < 8 { Chord::char('s') } else { backspace });
            });
        });
        assert!(screen.searched.is_some(), "typing asks for a search");
    }
}

/// The worker's answer to a keystroke: what was typed before is known to it.
fn ranking(criterion: &mut Criterion) {
    let steps = [("", "s"), ("s", "st"), ("stri", "strip"), ("stripe to", "stripe tok")];
    for size in [10_000, 100_000] {
        let secrets = Arc::new(summaries(size));
        let engine = RefCell::new(SearchEngine::new());
        let search = |text: &str| {
            let query = SearchQuery { text: text.into(), secrets: Arc::clone(&secrets) };
            engine.borrow_mut().search(&query, &|| false).expect("it is wanted").hits.len()
        };
        let mut group = criterion.benchmark_group(format!("ui/ranking/{size}"));
        for (before, after) in steps {
            group.bench_function(after, |bencher| {
                let setup = || (search("zzz"), search(before));
                bencher.iter_batched(setup, |_| search(after), BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

/// Unlock by a key file, list, and the first full frame.
fn first_frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ui");
    group.sample_size(20).measurement_time(Duration::from_secs(8));
    for size in [10_000, 100_000] {
        let vault = filled(size);
        group.bench_function(BenchmarkId::new("unlock to first frame", size), |bencher| {
            bencher.iter_with_large_drop(|| {
                let closed = ClosedVault::open(&vault.place).expect("a vault");
                let open = closed.unlock(&Unlock::KeyFile(&key())).expect("it opens");
                Screen::new(open.view(Actor::Owner).list().expect("a listing").secrets)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, selection, keystroke, ranking, first_frame);
criterion_main!(benches);
