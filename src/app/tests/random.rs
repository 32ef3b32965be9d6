//! Whatever happens, nothing panics, and nothing secret outlives a lock.

use proptest::prelude::*;

use super::*;

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Key(usize),
    Paste(Vec<u8>),
    Mouse(usize, u16, u16),
    Resize(u16, u16),
    Focus(bool),
    Wait(u8),
    Elsewhere(bool),
    Hold(bool),
    Resumed,
    Slept,
    Receipt,
    Fail(bool),
    Wizard(usize),
    Provider(u8),
    Lock,
}

const KEYS: [&str; 67] = [
    "a",
    "A",
    "b",
    "d",
    "e",
    "g",
    "h",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
    "o",
    "p",
    "r",
    "t",
    "u",
    "v",
    "w",
    "y",
    "G",
    "H",
    "I",
    "V",
    "K",
    "P",
    "R",
    "Y",
    "/",
    ":",
    "?",
    "space",
    "é",
    "enter",
    "esc",
    "tab",
    "shift-tab",
    "backspace",
    "delete",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "ctrl-d",
    "ctrl-u",
    "ctrl-s",
    "ctrl-r",
    "ctrl-g",
    "ctrl-n",
    "ctrl-o",
    "ctrl-p",
    "ctrl-x",
    "ctrl-w",
    "ctrl-k",
    "ctrl-a",
    "ctrl-e",
    "ctrl-left",
    "f1",
    "ctrl-f",
    "alt-left",
    "enter",
    "enter",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        40 => (0..KEYS.len()).prop_map(Step::Key),
        2 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Step::Paste),
        2 => "[a-z/\n:é]{0,20}".prop_map(|text| Step::Paste(text.into_bytes())),
        6 => (0usize..3, 0u16..130, 0u16..45).prop_map(|(k, x, y)| Step::Mouse(k, x, y)),
        2 => (0u16..140, 0u16..50).prop_map(|(x, y)| Step::Resize(x, y)),
        1 => any::<bool>().prop_map(Step::Focus),
        2 => (0u8..60).prop_map(Step::Wait),
        2 => any::<bool>().prop_map(Step::Elsewhere),
        2 => any::<bool>().prop_map(Step::Hold),
        1 => Just(Step::Resumed),
        1 => Just(Step::Slept),
        1 => Just(Step::Receipt),
        1 => any::<bool>().prop_map(Step::Fail),
        2 => (0usize..12).prop_map(Step::Wizard),
        4 => (0u8..9).prop_map(Step::Provider),
        1 => Just(Step::Lock),
    ]
}

impl Shell {
    pub fn newest_ticket(&self) -> Ticket {
        self.app.asks.newest()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Key(at) => drop(self.event(Event::Key(KEYS[at].parse().unwrap()))),
            Step::Paste(bytes) => drop(self.paste(&bytes)),
            Step::Mouse(kind, x, y) => {
                let kinds = [MouseKind::Click, MouseKind::ScrollUp, MouseKind::ScrollDown];
                self.mouse(kinds[kind], layout::Rect { x, y, width: 1, height: 1 });
            }
            Step::Resize(columns, rows) => drop(self.event(Event::Resize(columns, rows))),
            Step::Focus(focused) => drop(self.event(Event::Focus(focused))),
            Step::Wait(seconds) => drop(self.wait(seconds.into())),
            Step::Elsewhere(new) => {
                let name = if new { "global/elsewhere" } else { "global/openai_api_key" };
                self.elsewhere(name, "canary-elsewhere");
            }
            Step::Hold(hold) => {
                self.answers = !hold;
                if !hold {
                    self.deliver();
                }
            }
            Step::Resumed => drop(self.event(Event::Resumed)),
            Step::Slept => drop(self.event(Event::Slept)),
            Step::Receipt => drop(self.event(Event::Clipboard(ClipboardReceipt::Cleared))),
            Step::Fail(locked) => {
                let error = if locked { VaultError::Locked } else { VaultError::Busy };
                if let Some(Event::Done(ticket, _)) = self.waiting.pop_front() {
                    self.event(Event::Failed(ticket, Failure::from(&error)));
                }
            }
            Step::Wizard(down) => {
                self.keys("<esc><esc><esc>oa").keys(&"<down>".repeat(down));
                self.keys("<enter><enter><enter>typed<enter>typed<enter>");
            }
            Step::Provider(what) => self.provider(what),
            Step::Lock => drop(self.keys("<ctrl-l>")),
        }
    }

    /// A provider says something of the last sign-in, late or not.
    fn provider(&mut self, what: u8) {
        use crate::service::oauth::{Granted, Step as Said, Tried};
        let Some((ticket, _)) = &self.signing_in else { return };
        let ticket = *ticket;
        let url = || "https://a.example/?state=x".to_owned();
        let said = match what {
            0 => Said::Device {
                user_code: "AB-CD".into(),
                verification_uri: url(),
                verification_uri_complete: Some(url()),
                lives: 30,
            },
            1 => Said::Browser { url: url(), listening: true },
            2 => Said::Browser { url: url(), listening: false },
            3 => Said::NotThat("it is another".into()),
            4 => Said::Asked(2),
            5 => Said::Granted(Granted { lives: Some(60), renews: true, tried: Tried::Not }),
            6 => Said::NotThere("it is taken".into()),
            7 => {
                let failure = Failure::plain(FaultKind::Interrupted, "ended", "");
                self.event(Event::Failed(ticket, failure));
                return;
            }
            _ => {
                let view = self.vault.view(Actor::Owner);
                let free = |id: &String| view.record(&id.parse().unwrap()).is_err();
                let id = (0..).map(|at| format!("made-{at}")).find(free).unwrap();
                let kept = self.keep(&id, Some(60));
                self.event(Event::Done(ticket, Outcome::SignedIn(kept, Tried::Works)));
                return;
            }
        };
        self.event(Event::SignIn(ticket, said));
    }

    /// Whether a person is waited for in that sign-in.
    fn is_waited_for(&self, ticket: Ticket) -> bool {
        self.app.layers.iter().any(|layer| match layer {
            Layer::Wizard(wizard) => match &wizard.stage {
                wizard::Stage::Approve(approve) => approve.ticket == ticket,
                wizard::Stage::Keep(keep) => keep.ticket == ticket,
                _ => false,
            },
            _ => false,
        })
    }

    /// What must hold after every event.
    fn check(&self) {
        let app = &self.app;
        if app.is_locked() {
            let harmless = |layer: &Layer| matches!(layer, Layer::Help(_) | Layer::Palette(_));
            assert!(app.layers.iter().all(harmless), "a layer outlived the lock");
            assert!(app.facts.is_none() && app.undo.is_empty() && app.locks_at.is_none());
        }
        if let Screen::Browse(browse) = &app.screen {
            assert!(browse.keys.selected <= browse.keys.len.saturating_sub(1));
            if let Some(shown) = &browse.detail.shown {
                assert!(app.focused, "a value is shown without focus");
                assert_eq!(browse.selected().map(|secret| &secret.name), Some(&shown.name));
            }
            assert!(browse.scopes.row().is_none_or(scope_tree::ScopeRow::is_selectable));
        }
        if let Some((ticket, request)) = &self.signing_in {
            let ended = request.handle.is_left();
            assert_ne!(self.is_waited_for(*ticket), ended, "a sign-in goes on that nobody sees");
        }
        assert!(app.toasts.items.len() <= 3);
        for toast in &app.toasts.items {
            assert!(!toast.text.contains(CANARY), "a message shows a value");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_events_in_any_order_break_it(steps in prop::collection::vec(step(), 1..120)) {
        let mut shell = Shell::open();
        shell.protected.insert("global/sentry_dsn".into());
        for step in steps {
            shell.step(step);
            shell.check();
            if shell.app.is_locked() && shell.answers {
                shell.app.layers.clear();
                shell.keys(&format!("<ctrl-u>{PASSPHRASE}<enter>"));
            }
        }
        shell.answers = true;
        shell.deliver();
        shell.keys("<ctrl-l>");
        shell.check();
        prop_assert!(shell.app.is_locked());
    }
}
