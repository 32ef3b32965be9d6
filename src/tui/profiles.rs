//! Providers are asked on threads of their own: they may take their time, and a person takes longer. The
//! vault stays usable meanwhile. Asks nobody at the terminal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use super::shared::Shared;
use super::{Message, failure, panic};
use crate::app::{Effect, Event, Failure, Outcome, ProfilesNow, SignInRequest, Ticket};
use crate::fault::FaultKind;
use crate::service::http::{Client, Http, Reach};
use crate::service::oauth::{
    self, Flow, Granted, Handle, Held, Kept, New, OauthError, Onboard, Person, Place, Profile,
    Refresher, Registry, Revoker, Step, Where, Wish, World,
};
use crate::service::surroundings::Surroundings;
use crate::vault::{
    Clock, ProtectionKey, SecretKey, SensitiveBytes, SystemClock, SystemRandom, VaultError, View,
    memory,
};

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

/// The most numbers that are tried for a name that is free.
const NAMES: u32 = 100;

/// What a question to a provider needs.
struct Desk {
    view: View,
    protection: Option<ProtectionKey>,
    ticket: Ticket,
    answers: Sender<Message>,
    asking: Asking,
    /// Tells whoever locks of tokens that come.
    handle: Handle,
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
    seen: (View, Option<ProtectionKey>),
    shared: &Shared,
    answers: Sender<Message>,
    asking: &Asking,
) -> Result<(), Failure> {
    let Some(ticket) = effect.ticket() else { return Ok(()) };
    let handle = match &effect {
        Effect::SignIn(_, request) => request.handle.clone(),
        _ => Handle::default(),
    };
    shared.put_question(handle.clone());
    let ((view, protection), asking) = (seen, asking.clone());
    let desk = Desk { view, protection, ticket, answers, asking, handle };
    aside(desk, move |desk| match effect {
        Effect::RenewProfile(_, id, _) => desk.renew(&id),
        Effect::RemoveProfile { id, revoke, .. } => desk.remove(&id, revoke),
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
        // Whoever locks later waits for nothing here.
        desk.handle.leave();
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

    fn registry(&self) -> Registry<'_> {
        Registry::new(&self.view)
    }

    /// Gets new tokens. The old refresh token may be spent from the request on.
    fn renew(&self, id: &SecretKey) -> Result<Outcome, OauthError> {
        let _held = self.handle.hold();
        let connect = |private: &[String]| self.http(private);
        let refresher = Refresher {
            view: &self.view,
            protection: self.protection.as_ref(),
            connect: &connect,
            clock: &SystemClock,
        };
        refresher.token(id, Wish::Now)?;
        Ok(Outcome::Renewed(id.clone()))
    }

    /// Has the tokens taken back where that can be, and removes the profile.
    fn remove(&self, id: &SecretKey, revoke: bool) -> Result<Outcome, OauthError> {
        let connect = |private: &[String]| self.http(private);
        let protection = self.protection.as_ref();
        let revoker = Revoker { view: &self.view, protection, connect: &connect };
        let revoked = revoker.remove(id, revoke)?;
        Ok(Outcome::ProfileRemoved(id.clone(), revoked.is_some_and(|count| count > 0)))
    }

    /// Signs in, or keeps a key.
    fn sign_in(&self, asked: SignInRequest) -> Result<Outcome, OauthError> {
        let former = asked.again.then(|| self.registry().get(&asked.place.id)).transpose()?;
        if let Some(former) = &former {
            self.view.check_writes(&former.owner)?;
            self.check_protection(former)?;
        }
        let http = self.http(&asked.endpoints.private_hosts);
        let world = World {
            view: &self.view,
            protection: self.protection.as_ref(),
            http: &*http,
            random: &SystemRandom,
            clock: &SystemClock,
            cancel: &self.handle.cancel,
        };
        let new = New {
            id: asked.place.id.clone(),
            owner: asked.place.owner.clone(),
            provider: &asked.provider.id,
            name: &asked.provider.name,
            former: former.as_ref(),
        };
        let mut person = OnScreen { desk: self, place: &asked.place, held: None, tried: 0 };
        let done = match (asked.flow, &asked.secret) {
            (Flow::ApiKey, Some(key)) => {
                oauth::onboard_key(&world, &new, &asked.provider, key, true, &mut person)?
            }
            _ => {
                let endpoints = oauth::discover(&*http, asked.endpoints.clone())?;
                let kept_secret = match &asked.secret {
                    None => self.client_secret(former.as_ref(), &asked.client_id)?,
                    Some(_) => None,
                };
                let onboard = Onboard {
                    new,
                    provider: &asked.provider,
                    flow: asked.flow,
                    endpoints: &endpoints,
                    client_id: &asked.client_id,
                    client_secret: asked.secret.as_ref().or(kept_secret.as_ref()),
                    scopes: &asked.scopes,
                    check: true,
                };
                oauth::onboard(&world, &onboard, &mut person)?
            }
        };
        Ok(Outcome::SignedIn(self.kept(done.profile)?, done.tried))
    }

    /// Refuses, before anybody signs in, what could not be written over in the end.
    fn check_protection(&self, former: &Profile) -> Result<(), OauthError> {
        match self.registry().protected(former)? {
            Some(name) if self.protection.is_none() => Err(VaultError::Protected { name }.into()),
            _ => Ok(()),
        }
    }

    /// The secret that a profile keeps of that client, if it does.
    fn client_secret(
        &self,
        former: Option<&Profile>,
        client_id: &str,
    ) -> Result<Option<SensitiveBytes>, OauthError> {
        let former = former.and_then(|former| former.oauth("signed in").ok());
        let Some(name) = former.and_then(|oauth| oauth.secret_of(client_id)) else {
            return Ok(None);
        };
        match self.view.read_with(name, None, self.protection.as_ref()) {
            Ok(secret) => Ok(Some(secret.value)),
            Err(VaultError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn kept(&self, profile: Profile) -> Result<Kept, OauthError> {
        let health = self.registry().health(&profile, SystemClock.now())?;
        Ok(Kept { profile, health })
    }
}

/// The person at the screen.
struct OnScreen<'a> {
    desk: &'a Desk,
    /// Where it is kept if nobody says otherwise.
    place: &'a Place,
    /// From when something has come until it is kept.
    held: Option<Held>,
    /// How many names were tried by ourselves.
    tried: u32,
}

impl OnScreen<'_> {
    /// The next name that may be free: nobody is there to choose one.
    fn next_name(&mut self) -> Option<Place> {
        self.tried += 1;
        let id = format!("{}-{}", self.place.id, self.tried).parse().ok()?;
        (self.tried < NAMES).then(|| Place { id, owner: self.place.owner.clone() })
    }
}

impl Person for OnScreen<'_> {
    fn show(&mut self, step: Step) {
        let event = Event::SignIn(self.desk.ticket, step);
        let _ = self.desk.answers.send(Message::Event(event));
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(self.desk.handle.take_pasted())
    }

    fn tries_again(&self) -> bool {
        true
    }

    fn came(&mut self) {
        self.held = Some(self.desk.handle.hold());
    }

    fn place(
        &mut self,
        granted: &Granted,
        refused: Option<OauthError>,
    ) -> Result<Option<Place>, OauthError> {
        self.show(match &refused {
            None => Step::Granted(granted.clone()),
            Some(error) => Step::NotThere(error.to_string()),
        });
        match (self.desk.handle.decision(), refused) {
            (Where::At(place), _) => Ok(Some(place)),
            (Where::Nowhere, _) => {
                // Nobody who locks waits for a provider to take it back.
                self.held = None;
                Err(OauthError::Cancelled)
            }
            (Where::Anywhere, Some(taken)) if self.tried > 0 => match taken {
                OauthError::Vault(VaultError::RecordExists { .. } | VaultError::Exists { .. }) => {
                    self.next_name().map(Some).ok_or(taken)
                }
                other => Err(other),
            },
            // First where it was to go, whatever was typed since.
            (Where::Anywhere, _) => {
                self.tried = 1;
                Ok(Some(self.place.clone()))
            }
        }
    }
}
