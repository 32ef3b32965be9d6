//! Signing in, step by step and back.

use super::wizard::{FieldKind, Stage, Wizard, WizardForm};
use super::*;
use crate::app::layout::{Rect, popup};
use crate::service::oauth::{Flow, Granted, Place, Step, Tried, Where};

/// The wizard's own providers come in this order.
pub const GITHUB: &str = "a<down><down><down><enter>";
const DEVICE: Step = Step::Asked(0);
pub const GRANTED: Granted = Granted { lives: Some(3_600), renews: true, tried: Tried::Works };

impl Shell {
    /// The step of the wizard, whatever lies over it.
    pub fn wizard_below(&self) -> &'static str {
        let found = self.app.layers.iter().find_map(|layer| match layer {
            Layer::Wizard(wizard) => Some(wizard.step().1),
            _ => None,
        });
        found.expect("a wizard")
    }

    pub fn wizard(&self) -> &Wizard {
        match self.app.layers.last() {
            Some(Layer::Wizard(wizard)) => wizard,
            _ => panic!("no wizard"),
        }
    }

    pub fn form(&self) -> &WizardForm {
        match &self.wizard().stage {
            Stage::Form(form) => form,
            _ => panic!("not at the form but {:?}", self.wizard().step()),
        }
    }

    pub fn place(&self) -> &WizardForm {
        match &self.wizard().stage {
            Stage::Keep(keep) => &keep.place,
            _ => panic!("not at the place but {:?}", self.wizard().step()),
        }
    }

    /// What became of what came.
    pub fn decided(&self) -> Where {
        self.asked().handle.decision()
    }

    pub fn typed(&self, kind: FieldKind) -> String {
        let mut fields = self.form().fields.iter();
        let field = fields.find(|field| field.kind == kind).expect("the field");
        field.text.with_str(str::to_owned)
    }

    pub fn asked(&self) -> &SignInRequest {
        &self.signing_in.as_ref().expect("a sign-in").1
    }

    /// Whether the sign-in was ended from here.
    pub fn cancelled(&self) -> bool {
        self.asked().handle.cancel.is_set()
    }

    pub fn step_of_sign_in(&mut self, step: Step) -> &mut Self {
        let ticket = self.signing_in.as_ref().expect("a sign-in").0;
        self.event(Event::SignIn(ticket, step))
    }

    pub fn fails(&mut self, kind: FaultKind, message: &str) -> &mut Self {
        let ticket = self.signing_in.as_ref().expect("a sign-in").0;
        self.event(Event::Failed(ticket, Failure::plain(kind, message, "")))
    }

    /// At GitHub's form, and then waiting for a person.
    pub fn waiting() -> Self {
        let mut shell = Self::open();
        shell.keys("o").keys(GITHUB).keys("<enter>client<enter>");
        assert_eq!((shell.wizard().step().1, shell.count("sign in")), ("approve", 1));
        shell
    }

    /// Tokens came and wait for a place.
    pub fn granted() -> Self {
        let mut shell = Self::waiting();
        shell.step_of_sign_in(Step::Granted(GRANTED));
        assert_eq!(shell.wizard().step(), (5, "keep"));
        shell
    }

    /// The same with a page for a browser.
    fn at_a_page(listening: bool) -> Self {
        let mut shell = Self::waiting();
        shell.step_of_sign_in(Step::Browser { url: "https://a.example/".into(), listening });
        shell
    }
}

pub fn code(lives: u64) -> Step {
    Step::Device {
        user_code: "WDJB-MJHT".into(),
        verification_uri: "https://github.com/login/device".into(),
        verification_uri_complete: None,
        lives,
    }
}

#[test]
fn the_wizard_goes_through_a_device_code() {
    let mut shell = Shell::open();
    shell.keys("o").keys(GITHUB);
    assert_eq!(shell.wizard().chosen().unwrap().id, "github");
    assert_eq!((shell.wizard().way(), shell.wizard().step()), (Flow::Device, (2, "way")));
    // `repo` is not asked for, `user:email` is.
    shell.keys("<enter> client <tab>canary-s<tab> extra, gist <tab>");
    assert!(shell.form().in_scopes());
    shell.keys("<space><down><down><down><space><enter>");
    let asked = shell.asked();
    assert_eq!((asked.provider.id.as_str(), asked.flow), ("github", Flow::Device));
    assert_eq!(
        (asked.client_id.as_str(), asked.scopes.join(" ")),
        ("client", "read:org read:user user:email extra gist".into())
    );
    assert_eq!(asked.secret.as_ref().unwrap().with_str(str::to_owned).unwrap(), "canary-s");
    shell.step_of_sign_in(code(900)).step_of_sign_in(Step::Asked(3)).keys("yb");
    assert_eq!((shell.clipboard.as_deref(), shell.count("open page")), (Some("WDJB-MJHT"), 1));
    shell.step_of_sign_in(Step::Granted(GRANTED));
    shell.keys("<ctrl-u>work<tab><ctrl-u>project:shop<enter>");
    let place = Place { id: "work".parse().unwrap(), owner: "project:shop".parse().unwrap() };
    assert_eq!(shell.decided(), Where::At(place));
    let kept = shell.keep("work", Some(3_600));
    let ticket = shell.signing_in.as_ref().unwrap().0;
    shell.event(Event::Done(ticket, Outcome::SignedIn(kept, Tried::Works)));
    assert_eq!(shell.wizard().step(), (6, "done"));
    shell.keys("<enter>");
    assert_eq!((shell.top(), shell.chosen()), (Context::Profiles, "work"));
}

#[test]
fn the_browser_of_this_machine_opens_by_itself_where_it_may() {
    let mut shell = Shell::at_a_page(true);
    assert_eq!(shell.count("open page"), 0, "not in a story");
    shell.app.settings.opens_browser = true;
    shell.step_of_sign_in(Step::Browser { url: "https://b.example/".into(), listening: true });
    assert_eq!(shell.count("open page"), 1);
    shell.keys("y");
    assert_eq!(shell.clipboard.as_deref(), Some("https://b.example/"));
}

#[test]
fn a_pasted_address_is_handed_over_once_by_enter_and_wiped() {
    let mut shell = Shell::at_a_page(false);
    shell.keys("y");
    assert!(shell.clipboard.is_some(), "the page can be copied before something is pasted");
    shell.paste(b"http://127.0.0.1/?code=canary\n");
    let handle = shell.asked().handle.clone();
    assert!(handle.take_pasted().is_none(), "a paste never submits");
    shell.keys("<enter>");
    assert!(handle.take_pasted().unwrap().with_str(|text| text.ends_with("code=canary")).unwrap());
    let Stage::Approve(approve) = &shell.wizard().stage else { panic!("not waiting") };
    assert!(approve.address.is_empty() && approve.handed);
    shell.keys("<enter>");
    assert!(handle.take_pasted().is_none(), "nothing is handed over twice");
    shell.step_of_sign_in(Step::NotThat("it is another".into()));
    let Stage::Approve(approve) = &shell.wizard().stage else { panic!("not waiting") };
    assert!(approve.pasting && !approve.handed);
    assert_eq!(approve.problem.as_deref(), Some("it is another"));
    shell.keys("x<up><shift-tab>");
    let Stage::Approve(approve) = &shell.wizard().stage else { panic!("it ended") };
    assert_eq!((approve.problem.as_deref(), approve.address.len()), (None, 1));
    shell.keys("<esc>");
    let Stage::Approve(approve) = &shell.wizard().stage else { panic!("it ended") };
    assert!(approve.address.is_empty() && !approve.pasting && !shell.cancelled());
}

#[test]
fn the_client_alone_needs_its_secret_and_no_scopes() {
    let mut shell = Shell::open();
    shell.keys("oa<down><enter><end><enter>");
    assert_eq!(shell.wizard().way(), Flow::ClientCredentials);
    for (kind, text) in [
        (FieldKind::Token, "http://a.example/"),
        (FieldKind::Token, "https://a.example/token"),
        (FieldKind::ClientId, "client"),
        (FieldKind::ClientSecret, "canary"),
    ] {
        shell.keys("<enter>");
        let form = shell.form();
        assert_eq!(form.fields[form.focus].kind, kind, "{:?}", form.problem);
        shell.keys("<ctrl-u>").keys(text);
    }
    shell.keys("<enter>");
    let asked = shell.asked();
    assert_eq!((asked.flow, asked.scopes.len()), (Flow::ClientCredentials, 0));
    assert_eq!(asked.endpoints.token.as_ref().unwrap().as_str(), "https://a.example/token");
}

#[test]
fn a_key_is_tried_and_goes_back_to_what_was_typed() {
    let mut shell = Shell::open();
    shell.keys("oa<enter><enter><enter>");
    assert_eq!(shell.form().problem.as_deref(), Some("Key is still missing"));
    shell.keys("canary<enter>");
    assert_eq!((shell.wizard().step(), shell.asked().flow), ((4, "test"), Flow::ApiKey));
    shell.keys("x<tab><enter>");
    assert_eq!(shell.count("sign in"), 1);
    shell.fails(FaultKind::Refused, "it is not taken");
    assert_eq!(shell.typed(FieldKind::Key), "canary");
    assert_eq!(shell.wizard().failure.as_ref().unwrap().message, "it is not taken");
    shell.keys("<enter>").step_of_sign_in(Step::Granted(Granted { renews: false, ..GRANTED }));
    shell.keys("<alt-left>");
    assert_eq!((shell.typed(FieldKind::Key).as_str(), shell.decided()), ("canary", Where::Nowhere));
    shell.keys("<enter><esc>a");
    assert_eq!((shell.cancelled(), shell.decided()), (true, Where::Nowhere));
    assert_eq!(shell.wizard().step().0, 1);
}

#[test]
fn each_step_goes_back_with_what_was_typed() {
    let mut shell = Shell::waiting();
    shell.keys("<left>");
    assert!(shell.cancelled());
    assert_eq!(shell.typed(FieldKind::ClientId), "client");
    shell.keys("<alt-left>");
    assert_eq!(shell.wizard().step().1, "way");
    shell.keys("<enter>");
    assert_eq!(shell.typed(FieldKind::ClientId), "client", "the same way");
    shell.keys("<alt-left><end><enter>");
    assert_eq!(shell.form().fields.len(), 1, "another way asks for something else");
    shell.keys("<alt-left><left>");
    assert_eq!((shell.wizard().step().1, shell.wizard().provider), ("provider", 3));
}

#[test]
fn the_reason_is_that_of_the_way_that_is_taken() {
    let mut shell = Shell::open();
    shell.keys("o").keys(GITHUB);
    assert_eq!(shell.wizard().reason(), "because there is no display here");
    shell.keys("<down>");
    assert_eq!(shell.wizard().reason(), "because you chose it");
}

#[test]
fn leaving_ends_the_sign_in_in_every_way() {
    for keys in ["<esc>", "q", "<left>", "<backspace>", "<ctrl-c>", "<ctrl-c><ctrl-c>", "<ctrl-l>"]
    {
        let mut shell = Shell::waiting();
        shell.keys(keys);
        assert!(shell.cancelled(), "{keys}");
        let busy = shell.app.asks.any(|ask| *ask == asks::Ask::SignIn);
        assert!(!busy, "{keys} leaves somebody waiting");
    }
    let mut shell = Shell::waiting();
    shell.wait(301);
    assert!(shell.app.is_locked() && shell.cancelled(), "the idle lock");
    let mut shell = Shell::waiting();
    shell.event(Event::Slept);
    assert!(shell.cancelled(), "sleep");
}

#[test]
fn esc_leaves_every_other_step() {
    for keys in ["a", GITHUB, "a<enter><enter>", "a<enter><enter>canary"] {
        let mut shell = Shell::open();
        shell.keys("o").keys(keys).keys("<esc>");
        assert_eq!((shell.top(), shell.count("sign in")), (Context::Profiles, 0), "{keys}");
    }
}

#[test]
fn what_an_old_sign_in_says_is_not_heard() {
    let mut shell = Shell::waiting();
    let (old, _) = shell.signing_in.take().unwrap();
    shell.keys("<left><enter>").step_of_sign_in(code(900));
    shell.event(Event::SignIn(old, DEVICE)).event(Event::SignIn(old, code(1)));
    shell.event(Event::Failed(old, Failure::plain(FaultKind::Refused, "old", "")));
    let Stage::Approve(approve) = &shell.wizard().stage else { panic!("not waiting") };
    assert_eq!(approve.step, Some(code(900)));
    assert!(shell.wizard().failure.is_none() && !shell.cancelled());
}

#[test]
fn a_failure_comes_back_to_the_form_and_an_end_from_here_says_nothing() {
    let mut shell = Shell::waiting();
    shell.step_of_sign_in(code(900)).fails(FaultKind::Refused, "the provider says no");
    assert_eq!(shell.typed(FieldKind::ClientId), "client");
    assert_eq!(shell.wizard().failure.as_ref().unwrap().message, "the provider says no");
    shell.keys("2");
    assert!(shell.wizard().failure.is_none());
    shell.keys("<enter>").fails(FaultKind::Interrupted, "ended");
    assert!(shell.wizard().failure.is_none() && shell.toast().is_empty());
    assert_eq!(shell.typed(FieldKind::ClientId), "client2");
}

#[test]
fn it_ticks_while_a_code_lives_and_not_after() {
    let mut shell = Shell::waiting();
    shell.app.settings.chosen.idle_lock = Duration::ZERO;
    shell.keys("<left><enter>").step_of_sign_in(code(90));
    // What waits for an answer turns faster; it is not what is looked at here.
    shell.app.busy_since = None;
    let second = Duration::from_secs(1);
    assert_eq!(shell.app.deadline(), Some(shell.at + second));
    shell.advance(shell.at + Duration::from_secs(91));
    shell.event(Event::Tick).app.busy_since = None;
    assert_eq!(shell.app.deadline(), None);
}

#[test]
fn what_is_missing_is_named_where_it_stands() {
    let mut shell = Shell::open();
    shell.keys("o").keys(GITHUB).keys("<enter><tab>secret<enter>");
    assert_eq!(shell.form().problem.as_deref(), Some("Client id is still missing"));
    assert_eq!((shell.form().focus, shell.count("sign in")), (0, 0));
}

#[test]
fn an_actor_is_offered_its_own_scope_and_told_of_others() {
    let mut shell = Shell::open();
    shell.keys("V<enter>o").keys(GITHUB).keys("<enter>client<enter>");
    assert_eq!(shell.asked().place.owner.as_str(), "principal:ops");
    shell.step_of_sign_in(Step::Granted(GRANTED)).keys("<tab><ctrl-u>global<enter>");
    let problem = shell.place().problem.as_ref().unwrap();
    assert!(problem.starts_with("principal:ops may not write to global"), "{problem}");
    shell.keys("<ctrl-u>principal:ops<enter>");
    assert!(matches!(shell.decided(), Where::At(place) if place.owner.as_str() == "principal:ops"));
}

#[test]
fn a_second_profile_gets_a_name_of_its_own_and_a_lock_wipes_what_was_typed() {
    let mut shell = Shell::open();
    shell.keep("github", None);
    shell.keys("o").keys(GITHUB).keys("<enter>client<enter>");
    assert_eq!(shell.asked().place.id.as_str(), "github-2");
    shell.keys("<left><tab>canary<ctrl-l>");
    assert!(shell.app.is_locked() && shell.app.layers.is_empty());
}

#[test]
fn the_mouse_selects_focuses_ticks_and_scrolls() {
    let row = |area: Rect, at: u16| Rect { x: area.x + 1, y: area.y + at, width: 1, height: 1 };
    let mut shell = Shell::with_profiles();
    shell.click(row(popup(&shell.app, 0).list, 2));
    assert_eq!(shell.chosen(), "plain");
    shell.keys("a");
    let list = popup(&shell.app, 1).list;
    shell.click(row(list, 3));
    assert_eq!(shell.wizard().step().0, 1);
    shell.click(row(list, 3));
    assert_eq!(
        (shell.wizard().step().0, shell.wizard().chosen().unwrap().id.as_str()),
        (2, "github")
    );
    shell.keys("<enter>");
    let area = popup(&shell.app, 1);
    shell.click(area.fields[0]).keys("client").click(row(area.list, 3));
    let form = shell.form();
    assert_eq!((form.in_scopes(), form.scope, form.scopes[3].1), (true, 3, true));
    shell.click(row(area.list, 3)).mouse(MouseKind::ScrollDown, area.list);
    assert_eq!((shell.form().scopes[3].1, shell.form().offset), (false, 3));
    shell.click(row(area.list, 0));
    assert!(shell.form().scopes[3].1, "the row that is on the screen");
    assert_eq!(shell.typed(FieldKind::ClientId), "client");
}
