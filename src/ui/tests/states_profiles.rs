//! States of the profiles screen and of the wizard that signs in: keys lead to them.

use std::time::Duration;

use super::fixture::*;
use crate::app::{App, Effect, Event, Failure, Outcome, ProfilesNow, Ticket};
use crate::fault::FaultKind;
use crate::service::oauth::{
    Body, ClientAuth, ClientDetails, Credential, Endpoints, Flow, Granted, Health, Kept, Oauth,
    Profile, RefreshState, Step, Tried, all, name_of,
};
use crate::service::surroundings::Surroundings;
use crate::vault::{Scope, SecretKey, SensitiveBytes};

type Size = (u16, u16);

/// Somebody is logged in from another machine.
const SSH: Surroundings = Surroundings { remote: true, display: false, container: false };
/// There is a browser.
const DESK: Surroundings = Surroundings { remote: false, display: true, container: false };

/// A profile with tokens that are good for so many seconds yet.
fn tokens(id: &str, provider: &str, owner: &str, left: Option<i64>) -> Profile {
    let (id, owner): (SecretKey, Scope) = (id.parse().unwrap(), owner.parse().unwrap());
    let named = |ending| name_of(&owner, &id, ending).expect("a name");
    let credential = Credential::Oauth(Box::new(Oauth {
        flow: Flow::Browser,
        access: named("access_token"),
        refresh: Some(named("refresh_token")),
        id_token: None,
        client: ClientDetails {
            id: "Iv1.8a61f9b3a7aba766".into(),
            secret: None,
            auth: ClientAuth::Body,
        },
        endpoints: Endpoints::default(),
        scopes: Vec::new(),
        expires_at: left.map(|left| WALL.plus(left)),
        state: RefreshState::default(),
    }));
    let body =
        Body { provider: id.to_string(), name: provider.into(), created_at: WALL, credential };
    Profile { id, owner, revision: 1, body }
}

/// A profile with a plain key.
fn key(id: &str, provider: &str, owner: &str) -> Profile {
    let mut profile = tokens(id, provider, owner, None);
    let key = name_of(&profile.owner, &profile.id, "api_key").expect("a name");
    profile.body.credential = Credential::ApiKey { key };
    profile
}

fn kept(profile: Profile, there: bool) -> Kept {
    let health = Health::of(&profile, there, WALL);
    Kept { profile, health }
}

/// One of each health.
fn five() -> Vec<Kept> {
    let day = 86_400;
    let mut ended = tokens("microsoft_calendar", "Microsoft", "principal:ops", Some(-3 * day));
    if let Credential::Oauth(oauth) = &mut ended.body.credential {
        oauth.refresh = None;
    }
    vec![
        kept(tokens("discord", "Discord", "channel:discord:guild-9", Some(6 * day + 60)), true),
        kept(tokens("github_deployments", "GitHub", "project:shop:prod", Some(7 * 3600 + 5)), true),
        kept(tokens("google", "Google", "skill:extractor", Some(11 * 60 + 40)), true),
        kept(ended, true),
        kept(key("openai", "OpenAI", "global"), true),
        kept(tokens("slack", "Slack", "channel:slack:acct-1", Some(9 * 3600)), false),
    ]
}

/// The application, and what it wants of the world.
struct Story {
    app: App,
    effects: Vec<Effect>,
}

impl Story {
    /// The profiles screen with these on it.
    fn open(size: Size, here: Surroundings, kept: Vec<Kept>) -> Self {
        let mut story = Self { app: shop(size, "stripe_secret_key"), effects: Vec::new() };
        story.press("o");
        let asked = story.effects.iter().find_map(|effect| match effect {
            Effect::LoadProfiles(ticket) => Some(*ticket),
            _ => None,
        });
        let now = ProfilesNow { kept, providers: all(None).expect("providers"), here };
        story.happens(Event::Done(asked.expect("a question"), Outcome::Profiles(now)));
        story.app.busy_since = None;
        story
    }

    /// The wizard at the list of ways of a provider.
    fn ways(size: Size, here: Surroundings, provider: &str) -> Self {
        let mut story = Self::open(size, here, Vec::new());
        story.press("a");
        let at = all(None).expect("providers").iter().position(|known| known.id == provider);
        story.press(&"down ".repeat(at.expect("the provider")));
        story.press("enter");
        story
    }

    fn happens(&mut self, event: Event) {
        let now = self.app.now;
        self.effects.extend(self.app.update(event, now, WALL));
    }

    /// Keys with spaces between.
    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.happens(Event::Key(key.parse().expect("a key")));
        }
        self
    }

    fn paste(&mut self, text: &str) -> &mut Self {
        self.happens(Event::Paste(SensitiveBytes::copy_of(text.as_bytes())));
        self
    }

    /// The sign-in that was asked for.
    fn ticket(&self) -> Ticket {
        let asked = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SignIn(ticket, _) => Some(*ticket),
            _ => None,
        });
        asked.expect("a sign-in")
    }

    fn step(&mut self, step: Step) -> &mut Self {
        self.happens(Event::SignIn(self.ticket(), step));
        self
    }

    fn ends(&mut self, outcome: Result<Kept, Failure>) {
        let ticket = self.ticket();
        self.happens(match outcome {
            Ok(kept) => Event::Done(ticket, Outcome::SignedIn(kept, Tried::Works)),
            Err(failure) => Event::Failed(ticket, failure),
        });
    }

    fn done(mut self) -> App {
        self.app.busy_since = None;
        self.app
    }
}

pub fn profiles(size: Size) -> App {
    let mut story = Story::open(size, DESK, five());
    story.press("down down");
    story.done()
}

pub fn profiles_ended(size: Size) -> App {
    let mut story = Story::open(size, DESK, five());
    story.press("down down down");
    story.done()
}

pub fn profiles_empty(size: Size) -> App {
    Story::open(size, DESK, Vec::new()).done()
}

pub fn profiles_asking(size: Size) -> App {
    let mut story = Story::open(size, DESK, five());
    story.press("down r");
    story.done()
}

pub fn profiles_removing(size: Size) -> App {
    let mut story = Story::open(size, DESK, five());
    story.press("down d");
    story.done()
}

pub fn wizard_provider(size: Size) -> App {
    let mut story = Story::open(size, SSH, Vec::new());
    story.press("a down down down");
    story.done()
}

pub fn wizard_way(size: Size) -> App {
    Story::ways(size, SSH, "github").done()
}

/// GitHub by a code, its form filled in.
fn github(size: Size) -> Story {
    let mut story = Story::ways(size, SSH, "github");
    story.press("enter").paste("Iv1.8a61f9b3a7aba766");
    story
}

pub fn wizard_form(size: Size) -> App {
    let mut story = github(size);
    story.press("tab tab tab down down space down");
    story.done()
}

pub fn wizard_form_wrong(size: Size) -> App {
    let mut story = Story::ways(size, SSH, "google");
    story.press("enter").paste("71.apps.googleusercontent.com").press("enter");
    story.done()
}

pub fn wizard_form_custom(size: Size) -> App {
    let mut story = Story::ways(size, DESK, "custom");
    story.press("enter").paste("ftp://sso.shop.example/authorize").press("enter");
    story.done()
}

pub fn wizard_failed(size: Size) -> App {
    let mut story = github(size);
    story.press("enter");
    let message = "the provider refuses: device_flow_disabled (Device Flow must be explicitly enabled for this App)";
    story.ends(Err(Failure::plain(
        FaultKind::Refused,
        message,
        "tick 'Enable Device Flow' in the app's settings",
    )));
    story.done()
}

pub fn wizard_key(size: Size) -> App {
    let mut story = Story::ways(size, DESK, "openai");
    story.press("enter").paste("sk-proj-4f0d61c2a9");
    story.done()
}

pub fn wizard_key_trying(size: Size) -> App {
    let mut story = Story::ways(size, DESK, "openai");
    story.press("enter").paste("sk-proj-4f0d61c2a9").press("enter");
    story.done()
}

pub fn wizard_asking(size: Size) -> App {
    let mut story = github(size);
    story.press("enter");
    story.done()
}

pub fn wizard_device(size: Size) -> App {
    let mut story = github(size);
    story.press("enter");
    story.step(Step::Device {
        user_code: "WDJB-MJHT".into(),
        verification_uri: "https://github.com/login/device".into(),
        verification_uri_complete: None,
        lives: 899,
    });
    story.step(Step::Asked(4));
    story.app.now += Duration::from_secs(107);
    story.done()
}

/// A page as long as they are.
const PAGE: &str = "https://accounts.google.com/o/oauth2/v2/auth?response_type=code\
    &client_id=71.apps.googleusercontent.com&state=7Zq0Yd3mKcV5s1tRr8uEw2xPbNfGhJkLoIaSdQzXc4M\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
    &redirect_uri=http%3A%2F%2F127.0.0.1%3A43121%2Fcallback&access_type=offline&prompt=consent\
    &scope=openid+email";

/// Google, its form filled in and gone on.
fn google(size: Size, here: Surroundings, listening: bool) -> Story {
    let mut story = Story::ways(size, here, "google");
    if !listening {
        // Where nothing is seen of a browser, its way by pasting is chosen.
        story.press("home down");
    }
    story.press("enter").paste("71.apps.googleusercontent.com").press("tab");
    story.paste("GOCSPX-canary").press("enter");
    story.step(Step::Browser { url: PAGE.into(), listening });
    story
}

pub fn wizard_browser(size: Size) -> App {
    google(size, DESK, true).done()
}

pub fn wizard_paste(size: Size) -> App {
    google(size, SSH, false).done()
}

pub fn wizard_paste_wrong(size: Size) -> App {
    let mut story = google(size, SSH, false);
    story.paste("https://accounts.google.com/").press("enter");
    let why = "that address is not from this sign-in: it has no code";
    story.step(Step::NotThat(why.into()));
    story.done()
}

/// What a sign-in brought.
const GRANTED: Granted = Granted { lives: Some(3_599), renews: true, tried: Tried::Works };

pub fn wizard_keep(size: Size) -> App {
    let mut story = google(size, DESK, true);
    story.step(Step::Granted(GRANTED));
    story.done()
}

pub fn wizard_keep_there(size: Size) -> App {
    let mut story = google(size, DESK, true);
    story.step(Step::Granted(GRANTED)).press("enter");
    story.step(Step::NotThere("profile 'google' already exists".into()));
    story.done()
}

pub fn wizard_keep_key(size: Size) -> App {
    let mut story = Story::ways(size, DESK, "openai");
    story.press("enter").paste("sk-proj-4f0d61c2a9").press("enter");
    story.step(Step::Granted(Granted { lives: None, renews: false, tried: Tried::Not }));
    story.press("enter");
    story.done()
}

pub fn wizard_throw_away(size: Size) -> App {
    let mut story = google(size, DESK, true);
    story.step(Step::Granted(GRANTED)).press("esc");
    story.done()
}

pub fn wizard_again(size: Size) -> App {
    let mut five = five();
    if let Credential::Oauth(oauth) = &mut five[1].profile.body.credential {
        oauth.scopes = vec!["repo".into(), "codespace".into()];
        oauth.client.secret = Some(oauth.access.clone());
    }
    five[1].profile.body.provider = "github".into();
    let mut story = Story::open(size, DESK, five);
    story.press("down s");
    story.done()
}

pub fn wizard_done(size: Size) -> App {
    let mut story = google(size, DESK, true);
    story.ends(Ok(kept(tokens("google", "Google", "project:shop:prod", Some(3_599)), true)));
    story.done()
}

pub fn wizard_done_key(size: Size) -> App {
    let mut story = Story::ways(size, DESK, "openai");
    story.press("enter").paste("sk-proj-4f0d61c2a9").press("enter");
    story.ends(Ok(kept(key("openai", "OpenAI", "project:shop:prod"), true)));
    story.done()
}

/// Every step with foreign text that a terminal would obey.
pub fn hostile_sign_ins(size: Size, text: &str) -> Vec<App> {
    let mut code = github(size);
    code.press("enter");
    code.step(Step::Device {
        user_code: text.into(),
        verification_uri: text.into(),
        verification_uri_complete: None,
        lives: 899,
    });
    let mut page = github(size);
    page.press("enter");
    page.step(Step::Browser { url: text.into(), listening: false });
    page.step(Step::NotThat(text.into()));
    let mut failed = github(size);
    failed.press("enter");
    failed.ends(Err(failure(text, text)));
    let mut named = five();
    named[0].profile.body.name = text.into();
    let named = Story::open(size, DESK, named);
    let mut refused = github(size);
    refused.press("enter");
    refused.step(Step::Granted(GRANTED)).step(Step::NotThere(text.into()));
    [code, page, failed, named, refused].map(Story::done).into()
}
