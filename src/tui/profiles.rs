//! Providers are asked on threads of their own: they may take their time, and a person takes longer. The
//! vault stays usable meanwhile. Asks nobody at the terminal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use super::{Message, failure, panic};
use crate::app::{Effect, Event, Failure, Outcome, ProfilesNow, SignInRequest, Ticket};
use crate::fault::FaultKind;
use crate::service::browser::Surroundings;
use crate::service::http::{Client, Http, Reach};
use crate::service::oauth::{
    self, Flow, Handle, Kept, New, OauthError, Onboard, Person, Profile, Refresher, Registry, Step,
    Wish, World,
};
use crate::vault::{Clock, SecretKey, SensitiveBytes, SystemClock, SystemRandom, View, memory};

/// Where providers are asked from, and how.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// Where the user's own providers lie.
    pub providers: PathBuf,
    /// Whether the proxy of the environment is used.
    pub proxy: bool,
    /// Where this runs.
    pub here: Surroundings,
}

/// What a question to a provider needs.
struct Desk {
    view: View,
    ticket: Ticket,
    answers: Sender<Message>,
    asking: Asking,
}

/// The profiles, how they are, and the providers there are.
pub fn now(view: &View, asking: &Asking) -> Result<ProfilesNow, Failure> {
    let kept = Registry::new(view).survey(SystemClock.now()).map_err(fail)?;
    let providers = oauth::all(Some(&asking.providers)).map_err(fail)?;
    Ok(ProfilesNow { kept, providers, here: asking.here.clone() })
}

/// Asks a provider what the effect asks, and answers when that is done.
pub fn ask(
    effect: Effect,
    view: View,
    answers: Sender<Message>,
    asking: Asking,
) -> Result<(), Failure> {
    let Some(ticket) = effect.ticket() else { return Ok(()) };
    let desk = Desk { view, ticket, answers, asking };
    aside(desk, move |desk| match effect {
        Effect::RenewProfile(_, id) => desk.renew(&id),
        Effect::RemoveProfile(_, id) => desk.remove(&id),
        Effect::SignIn(_, request) => desk.sign_in(*request),
        _ => Err(OauthError::Cancelled),
    })
}

/// Does that on a thread of its own, which answers when it is done.
fn aside(
    desk: Desk,
    work: impl FnOnce(&Desk) -> Result<Outcome, OauthError> + Send + 'static,
) -> Result<(), Failure> {
    let run = move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&desk)));
        memory::wipe_stack();
        let event = match done {
            Ok(Ok(outcome)) => Event::Done(desk.ticket, outcome),
            Ok(Err(error)) => Event::Failed(desk.ticket, fail(error)),
            Err(_) => Event::Failed(desk.ticket, panic::failure()),
        };
        let _ = desk.answers.send(Message::Event(event));
    };
    let begun = std::thread::Builder::new().name("provider".into()).spawn(run);
    begun.map(drop).map_err(|error| {
        let message = format!("the provider cannot be asked: {error}");
        Failure::plain(FaultKind::Internal, message, "")
    })
}

fn fail(error: OauthError) -> Failure {
    match &error {
        OauthError::Vault(refused) => Failure::from(refused),
        // Ended by whoever asked.
        other => failure::of(other),
    }
}

impl Desk {
    fn http(&self, private_hosts: &[String]) -> Box<dyn Http> {
        let (private_hosts, proxy) = (private_hosts.to_vec(), self.asking.proxy);
        Box::new(Client::new(Reach { private_hosts, proxy }))
    }

    /// Gets new tokens.
    fn renew(&self, id: &SecretKey) -> Result<Outcome, OauthError> {
        let connect = |private: &[String]| self.http(private);
        let refresher = Refresher {
            view: &self.view,
            protection: None,
            connect: &connect,
            clock: &SystemClock,
        };
        refresher.token(id, Wish::Now)?;
        Ok(Outcome::Renewed(id.clone()))
    }

    /// Has the tokens taken back where that can be, and removes the profile.
    fn remove(&self, id: &SecretKey) -> Result<Outcome, OauthError> {
        let registry = Registry::new(&self.view);
        let profile = registry.get(id)?;
        let revocable =
            profile.oauth("revoked").ok().filter(|oauth| oauth.endpoints.revocation.is_some());
        let count = match revocable {
            Some(oauth) => {
                let http = self.http(&oauth.endpoints.private_hosts);
                oauth::revoke(&self.view, None, &*http, &profile)?
            }
            None => 0,
        };
        registry.remove(&profile)?;
        Ok(Outcome::ProfileRemoved(id.clone(), count > 0))
    }

    /// Signs in, or keeps a key.
    fn sign_in(&self, asked: SignInRequest) -> Result<Outcome, OauthError> {
        let registry = Registry::new(&self.view);
        registry.check_new(&asked.id, &asked.owner)?;
        let http = self.http(&asked.endpoints.private_hosts);
        let world =
            World { view: &self.view, http: &*http, random: &SystemRandom, clock: &SystemClock };
        let new = New {
            id: asked.id.clone(),
            owner: asked.owner.clone(),
            provider: &asked.provider.id,
            name: &asked.provider.name,
            former: None,
        };
        let done = match (asked.flow, &asked.secret) {
            (Flow::ApiKey, Some(key)) => {
                oauth::onboard_key(&world, &new, &asked.provider, key, true)?
            }
            _ => {
                let endpoints = oauth::discover(&*http, asked.endpoints.clone())?;
                let onboard = Onboard {
                    new,
                    provider: &asked.provider,
                    flow: asked.flow,
                    endpoints: &endpoints,
                    client_id: &asked.client_id,
                    client_secret: asked.secret.as_ref(),
                    scopes: &asked.scopes,
                    check: true,
                };
                let mut person = OnScreen { desk: self, handle: &asked.handle };
                oauth::onboard(&world, &onboard, &asked.handle.cancel, &mut person)?
            }
        };
        Ok(Outcome::SignedIn(self.kept(done.profile)?))
    }

    fn kept(&self, profile: Profile) -> Result<Kept, OauthError> {
        let health = Registry::new(&self.view).health(&profile, SystemClock.now())?;
        Ok(Kept { profile, health })
    }
}

/// The person at the screen.
struct OnScreen<'a> {
    desk: &'a Desk,
    handle: &'a Handle,
}

impl Person for OnScreen<'_> {
    fn show(&mut self, step: Step) {
        let event = Event::SignIn(self.desk.ticket, step);
        let _ = self.desk.answers.send(Message::Event(event));
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(self.handle.take_pasted())
    }

    fn tries_again(&self) -> bool {
        true
    }
}
