//! The loop: an event goes to the application, its effects go to the workers, then the screen is drawn.
//! It sleeps until something happens or a deadline comes.

use std::collections::VecDeque;
use std::io;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use super::clock::{Gap, LoopClock};
use super::copier::{self, Copier, CopyJob};
use super::guard::{self, Guard};
use super::input::InputThread;
use super::paint::Painter;
use super::searcher::Searcher;
use super::setup::terminal_size;
use super::shared::Shared;
use super::signals::{HANGUP, SignalThread, can_stop, stop_job};
use super::watch::{Notice, Watch};
use super::worker::Worker;
use super::{Message, TuiError};
use crate::app::{App, Effect, Event, Outcome};
use crate::config::Theme;
use crate::service::browser;
use crate::service::unlock_cache::{self, CacheError};
use crate::text::visible;
use crate::ui;
use crate::vault::memory;

/// A burst of events is one draw, but a draw never waits longer than this for the burst to end.
const BURST: Duration = Duration::from_millis(8);
/// A deadline that does not move when its tick has come is asked for again only after this.
const STUCK: Duration = Duration::from_millis(50);
/// How long after the stop signal the stop itself may take.
const STOPPING: Duration = Duration::from_millis(500);

/// How the loop ended.
pub enum Exit {
    /// The user quit; in the editor, the revision that was saved.
    Quit {
        /// The last revision saved in this session.
        saved: Option<u64>,
    },
    /// The editor's vault locked itself.
    Locked,
    /// By that signal.
    Signal(i32),
}

/// Everything the loop holds. Fields drop in this order: the state and what it shows are wiped, then the
/// terminal is given back, then the signals.
pub struct Shell {
    pub app: App,
    pub clock: LoopClock,
    pub painter: Painter,
    pub theme: Theme,
    pub messages: Receiver<Message>,
    /// Messages that came while we were stopped.
    pub backlog: VecDeque<Message>,
    pub to: Sender<Message>,
    pub worker: Worker,
    pub searcher: Searcher,
    pub copier: Copier,
    pub shared: Shared,
    pub watch: Option<Watch>,
    /// How the files are watched.
    pub notice: Notice,
    /// Whether this is only the editor of one secret.
    pub editing: bool,
    pub saved: Option<u64>,
    pub exit: Option<Exit>,
    pub input: Option<InputThread>,
    pub guard: Guard,
    pub _signals: SignalThread,
}

/// Whether somebody typed, pasted or clicked it.
fn is_typed(message: &Message) -> bool {
    matches!(message, Message::Event(Event::Key(_) | Event::Paste(_) | Event::Mouse { .. }))
}

impl Shell {
    /// Runs until something ends it; `effects` are those of the start.
    pub fn run(mut self, effects: Vec<Effect>) -> Result<Exit, TuiError> {
        // The first paint comes before the first question to the vault.
        self.paint()?;
        self.input = Some(InputThread::start(self.to.clone())?);
        self.watch_files();
        self.perform(effects)?;
        loop {
            if let Some(exit) = self.exit.take() {
                return Ok(exit);
            }
            if let Some(message) = self.wait() {
                let was_locked = self.app.is_locked();
                self.look_at_the_clock()?;
                // What was typed for an open vault must not land in a passphrase.
                if was_locked || !self.app.is_locked() || !is_typed(&message) {
                    self.handle(message)?;
                }
                self.drain()?;
            } else {
                self.look_at_the_clock()?;
            }
            self.tick()?;
            if self.exit.is_none() {
                self.paint()?;
            }
        }
    }

    /// The next message, or `None` when the deadline has come.
    fn wait(&mut self) -> Option<Message> {
        if let Some(message) = self.backlog.pop_front() {
            return Some(message);
        }
        match self.app.deadline() {
            None => self.messages.recv().ok(),
            Some(deadline) => {
                let mut wait = self.clock.until(deadline);
                if wait.is_zero() {
                    wait = STUCK;
                }
                // Never disconnected: this struct holds a sender.
                self.messages.recv_timeout(wait).ok()
            }
        }
    }

    /// Takes what else has come, for a moment at most.
    fn drain(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        while self.exit.is_none() && begun.elapsed() < BURST {
            let next = self.backlog.pop_front().or_else(|| self.messages.try_recv().ok());
            let Some(message) = next else { return Ok(()) };
            self.handle(message)?;
        }
        Ok(())
    }

    /// Tells the application that the machine slept, before it hears of anything else.
    fn look_at_the_clock(&mut self) -> io::Result<()> {
        match self.clock.gap() {
            Some(Gap::Slept) => self.update(Event::Slept),
            Some(Gap::Jumped) => self.update(Event::Resumed),
            None => Ok(()),
        }
    }

    fn tick(&mut self) -> io::Result<()> {
        match self.app.deadline() {
            Some(deadline) if self.clock.until(deadline).is_zero() => self.update(Event::Tick),
            _ => Ok(()),
        }
    }

    fn handle(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Event(event) => self.update(event),
            Message::Resized => self.resize(),
            Message::FilesChanged => {
                self.worker.compare();
                Ok(())
            }
            Message::Stop => self.suspend(),
            Message::Continued => self.resume(),
            Message::End(signal) => {
                self.end_by(signal);
                Ok(())
            }
            Message::Hangup => {
                self.end_by(HANGUP);
                Ok(())
            }
        }
    }

    fn end_by(&mut self, signal: i32) {
        self.shared.lock();
        self.exit = Some(Exit::Signal(signal));
    }

    fn update(&mut self, event: Event) -> io::Result<()> {
        let unlocked = matches!(event, Event::Done(_, Outcome::Unlocked(_)));
        if let Event::Done(_, Outcome::Saved(receipt)) = &event {
            self.saved = receipt.outcomes.last().map(|outcome| outcome.revision);
        }
        let effects = self.app.update(event, self.clock.now(), self.clock.wall());
        if unlocked {
            self.watch_files();
        }
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.exit = Some(Exit::Quit { saved: self.saved }),
                Effect::Suspend => self.suspend()?,
                Effect::Redraw => self.wipe()?,
                Effect::Lock => self.lock(),
                Effect::ClearClipboard(ticket) => self.copier.send(CopyJob::Clear(ticket)),
                Effect::Search(ticket, query) => self.searcher.ask(ticket, query),
                Effect::OpenPage(url) => self.open_page(&url),
                effect => self.worker.ask(effect),
            }
        }
        Ok(())
    }

    fn open_page(&self, url: &str) {
        if let Err(error) = browser::open(url) {
            let text = format!("No browser can be opened here: {error}");
            let help = "open the page yourself, or scan its code".to_owned();
            let _ = self.to.send(Message::Event(Event::Notice(text, help)));
        }
    }

    /// Drops every key at once, whatever the worker is doing: also the one that 'tresor unlock' keeps,
    /// so that a lock is one for every tresor of this user.
    fn lock(&mut self) {
        let open = self.shared.vault(self.shared.epoch());
        self.shared.lock();
        match open.map(|vault| unlock_cache::forget(&vault.vault_id())) {
            None | Some(Ok(_) | Err(CacheError::Missing | CacheError::Forbidden)) => {}
            Some(Err(error)) => {
                let text = format!("Commands may still open the vault: {error}");
                let _ = self.to.send(Message::Event(Event::Notice(text, String::new())));
            }
        }
        self.searcher.forget();
        self.watch = None;
        if self.editing {
            self.exit = Some(Exit::Locked);
        }
    }

    /// Watches the open vault's files, if it has any.
    fn watch_files(&mut self) {
        let open = self.shared.vault(self.shared.epoch());
        let start = |path: std::path::PathBuf| Watch::start(&path, self.notice, self.to.clone());
        self.watch = open.and_then(|vault| vault.path()).map(start);
        if let Some(Watch::Polled { why, .. }) = &self.watch {
            let seconds = self.notice.every.as_secs().max(1);
            let text = format!("Other programs' changes appear up to {seconds} s late");
            let _ = self.to.send(Message::Event(Event::Notice(text, visible(why).into_owned())));
        }
    }

    fn paint(&mut self) -> io::Result<()> {
        let _alone = copier::TERMINAL.lock().unwrap_or_else(PoisonError::into_inner);
        let (app, theme) = (&self.app, &self.theme);
        self.painter.paint(|area, buffer| ui::draw(app, theme, area, buffer))
    }

    /// Draws everything anew and twice, so that neither buffer holds what was shown before.
    fn wipe(&mut self) -> io::Result<()> {
        self.painter.forget();
        self.paint()?;
        self.paint()?;
        memory::wipe_stack();
        Ok(())
    }

    fn resize(&mut self) -> io::Result<()> {
        let size = terminal_size();
        // Also when it is the size of before: a terminal that was smaller for a moment has cut lines off.
        self.painter.resize(size);
        self.update(Event::Resize(size.0, size.1))
    }

    /// Stops the job with the terminal whole, and goes on when it is continued.
    fn suspend(&mut self) -> io::Result<()> {
        if !can_stop() {
            // Nobody could continue us; the screen stays as it is.
            return Ok(());
        }
        self.input = None;
        guard::leave();
        stop_job();
        let begun = Instant::now();
        while begun.elapsed() < STOPPING {
            match self.messages.recv_timeout(STOPPING) {
                Ok(Message::Continued) | Err(_) => break,
                // Another one would stop us again at once.
                Ok(Message::Stop) => {}
                Ok(message) => self.backlog.push_back(message),
            }
        }
        self.resume()
    }

    /// Takes the terminal again: after a stop of ours, or after one we could not see (SIGSTOP).
    fn resume(&mut self) -> io::Result<()> {
        self.guard.retake()?;
        if self.input.is_none() {
            self.input = Some(InputThread::start(self.to.clone())?);
        }
        self.resize()?;
        self.look_at_the_clock()?;
        self.update(Event::Resumed)?;
        self.worker.compare();
        Ok(())
    }
}
