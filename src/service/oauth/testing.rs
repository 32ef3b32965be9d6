//! For the tests beside this: a provider that answers as it is told, a clock moved by hand, and a vault in
//! memory whose storage can fail.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauth2::http::Response;
use oauth2::url::form_urlencoded;

use super::error::OauthError;
use super::profile::{ClientAuth, Endpoints, Flow, Oauth, Profile, RefreshState};
use super::refresh::{Fresh, Refresher, Wish};
use super::registry::{New, NewOauth, Registry};
use super::wire::Tokens;
use crate::service::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::vault::storage::{LockGuard, LockMode, LogGuard, Storage, UnsafeFile};
use crate::vault::{
    Actor, Change, Clock, CreateOptions, Expect, MetadataPatch, NewSlot, Place, ProtectionKey,
    RecoveryCode, Result as VaultResult, Scope, SecretKey, SecretRef, SensitiveBytes, SystemRandom,
    Timestamp, Unlock, Vault, VaultError, View,
};

/// A request that came.
pub struct Asked {
    pub uri: String,
    pub authorization: Option<String>,
    pub form: BTreeMap<String, String>,
}

type Meanwhile = Box<dyn FnOnce() + Send>;

/// A provider that gives its answers one after the other; clones are the same one.
#[derive(Clone, Default)]
pub struct Fake(Arc<Inner>);

#[derive(Default)]
struct Inner {
    answers: Mutex<VecDeque<Result<HttpResponse, HttpError>>>,
    asked: Mutex<Vec<Asked>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl Fake {
    /// The next answer.
    pub fn says(&self, status: u16, body: &str) -> &Self {
        let answer = Response::builder().status(status).header("content-type", "application/json");
        self.answers(Ok(answer.body(body.into()).unwrap()))
    }

    pub fn answers(&self, answer: Result<HttpResponse, HttpError>) -> &Self {
        self.0.answers.lock().unwrap().push_back(answer);
        self
    }

    pub fn times_out(&self) -> &Self {
        self.answers(Err(HttpError::Timeout { host: "op.example".into() }))
    }

    /// What happens while the next request is on its way.
    pub fn meanwhile(&self, what: impl FnOnce() + Send + 'static) {
        *self.0.meanwhile.lock().unwrap() = Some(Box::new(what));
    }

    /// What was asked since this was last looked at. All answers that were prepared have been given.
    pub fn asked(&self) -> Vec<Asked> {
        assert!(self.0.answers.lock().unwrap().is_empty(), "it was not asked so often");
        std::mem::take(&mut *self.0.asked.lock().unwrap())
    }
}

impl Http for Fake {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let header = request.headers().get("authorization");
        self.0.asked.lock().unwrap().push(Asked {
            uri: request.uri().to_string(),
            authorization: header.map(|text| text.to_str().unwrap().to_owned()),
            form: form_urlencoded::parse(request.body()).into_owned().collect(),
        });
        let meanwhile = self.0.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        let answer = self.0.answers.lock().unwrap().pop_front();
        answer.unwrap_or_else(|| panic!("nobody expected {}", request.uri()))
    }
}

/// A clock that is moved by hand.
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A storage that cannot replace a root so many times, and where it can be somebody else's turn for ever.
pub struct Full {
    inner: Arc<dyn Storage>,
    left: AtomicUsize,
    taken: AtomicBool,
}

impl Full {
    pub fn fail(&self, times: usize) {
        self.left.store(times, Ordering::SeqCst);
    }

    /// From now on every turn is somebody else's.
    pub fn take_turns(&self) {
        self.taken.store(true, Ordering::SeqCst);
    }

    /// How many failures are still to come.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

impl Storage for Full {
    fn rename(&self, from: &str, to: &str) -> VaultResult<()> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return self.inner.rename(from, to);
        }
        self.left.store(left - 1, Ordering::SeqCst);
        let source = std::io::ErrorKind::StorageFull.into();
        Err(VaultError::Io { verb: "replace", path: to.into(), source })
    }
    fn read(&self, name: &str, limit: u64) -> VaultResult<Vec<u8>> {
        self.inner.read(name, limit)
    }
    fn create_new(&self, name: &str, bytes: &[u8]) -> VaultResult<()> {
        self.inner.create_new(name, bytes)
    }
    fn overwrite(&self, name: &str, bytes: &[u8]) -> VaultResult<()> {
        self.inner.overwrite(name, bytes)
    }
    fn sync_file(&self, name: &str) -> VaultResult<()> {
        self.inner.sync_file(name)
    }
    fn sync_dir(&self, dir: &str) -> VaultResult<()> {
        self.inner.sync_dir(dir)
    }
    fn sync_all(&self) -> VaultResult<()> {
        self.inner.sync_all()
    }
    fn remove(&self, name: &str) -> VaultResult<bool> {
        self.inner.remove(name)
    }
    fn list(&self, dir: &str) -> VaultResult<Vec<String>> {
        self.inner.list(dir)
    }
    fn make_dir(&self, dir: &str) -> VaultResult<()> {
        self.inner.make_dir(dir)
    }
    fn lock(&self, mode: LockMode, wait: Duration) -> VaultResult<Box<dyn LockGuard + '_>> {
        self.inner.lock(mode, wait)
    }
    fn open_log(&self, name: &str, wait: Duration) -> VaultResult<Box<dyn LogGuard + '_>> {
        if name.starts_with("turn.") && self.taken.load(Ordering::SeqCst) {
            return Err(VaultError::Busy);
        }
        self.inner.open_log(name, wait)
    }
    fn inspect(&self) -> VaultResult<Vec<UnsafeFile>> {
        self.inner.inspect()
    }
    fn mend(&self, name: &str) -> VaultResult<()> {
        self.inner.mend(name)
    }
    fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }
}

/// A vault, its time and a provider.
pub struct Desk {
    pub vault: Vault,
    pub view: View,
    pub clock: Arc<HandClock>,
    pub provider: Fake,
    pub storage: Arc<Full>,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(Vec::new())
    }

    pub fn with(slots: Vec<NewSlot>) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(1_000_000)));
        let place = Place::in_memory().with_world(clock.clone(), Arc::new(SystemRandom));
        let storage = Arc::new(Full {
            inner: place.storage(),
            left: AtomicUsize::new(0),
            taken: AtomicBool::new(false),
        });
        let place = place.with_storage(storage.clone());
        let options = CreateOptions { slots, ..CreateOptions::in_memory() };
        let vault = Vault::create(&place, &options).unwrap();
        let view = vault.view(Actor::Owner);
        Self { vault, view, clock, provider: Fake::default(), storage }
    }

    /// One with the profile `a`, whose access token is protected, and what opens that.
    pub fn with_protected() -> (Self, ProtectionKey) {
        let code = RecoveryCode::generate(&SystemRandom).unwrap();
        let shown = code.shown().unwrap();
        let desk = Self::with(vec![NewSlot::Recovery(code)]);
        desk.profile("a");
        let code = RecoveryCode::parse(&shown).unwrap();
        let key = desk.vault.protection_key(&Unlock::Recovery(&code)).unwrap();
        let patch = MetadataPatch { protected: Some(true), ..MetadataPatch::default() };
        let edit = Change::Edit { name: name("a.access_token"), patch, expect: Expect::Any };
        desk.view.apply(vec![edit], Some(&key)).unwrap();
        (desk, key)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn registry(&self) -> Registry<'_> {
        Registry::new(&self.view)
    }

    /// Signs in by a device at `op.example`, for `at-1` and `rt-1`, which live an hour.
    pub fn profile(&self, name: &str) -> Profile {
        let tokens = tokens("at-1", Some("rt-1"), Some(3600));
        self.keep(name, Flow::Device, &at("op.example"), None, &tokens, None)
    }

    /// Signs in again for the same tokens.
    pub fn profile_again(&self, name: &str) {
        let former = self.registry().get(&id(name)).unwrap();
        let tokens = tokens("at-1", Some("rt-1"), Some(3600));
        self.keep(name, Flow::Device, &at("op.example"), None, &tokens, Some(&former));
    }

    pub fn keep(
        &self,
        name: &str,
        flow: Flow,
        endpoints: &Endpoints,
        secret: Option<&str>,
        tokens: &Tokens,
        former: Option<&Profile>,
    ) -> Profile {
        let secret = secret.map(|text| SensitiveBytes::copy_of(text.as_bytes()));
        let (provider, owner) = ("custom", Scope::global());
        let new = New { id: id(name), owner, provider, name: "Custom", former };
        let auth = match &secret {
            Some(_) => ClientAuth::Basic,
            None => ClientAuth::Body,
        };
        let (client_secret, scopes) = (secret.as_ref(), &["read".to_owned()][..]);
        let oauth =
            NewOauth { flow, endpoints, client_id: "client", client_secret, auth, scopes, tokens };
        self.registry().keep_tokens(&new, &oauth, self.now()).unwrap()
    }

    pub fn token(&self, name: &str, wish: Wish) -> Result<Fresh, OauthError> {
        self.token_for(&self.view, None, name, wish)
    }

    pub fn token_for(
        &self,
        view: &View,
        protection: Option<&ProtectionKey>,
        name: &str,
        wish: Wish,
    ) -> Result<Fresh, OauthError> {
        let connect = |_: &[String]| -> Box<dyn Http> { Box::new(self.provider.clone()) };
        Refresher { view, protection, connect: &connect, clock: &*self.clock }
            .token(&id(name), wish)
    }

    /// The error of a try that must fail.
    pub fn refused(&self, name: &str, wish: Wish) -> OauthError {
        self.token(name, wish).err().expect("a refusal")
    }

    /// How refreshing that profile went.
    pub fn state(&self, name: &str) -> RefreshState {
        self.oauth(name).state
    }

    pub fn oauth(&self, name: &str) -> Oauth {
        self.registry().get(&id(name)).unwrap().oauth("looked at").unwrap().clone()
    }

    /// What a secret holds, if it is there.
    pub fn value(&self, key: &str) -> Option<String> {
        let secret = self.view.read(&name(key)).ok()?;
        secret.value.with_str(str::to_owned)
    }
}

pub fn id(text: &str) -> SecretKey {
    text.parse().unwrap()
}

/// A secret of `global`.
pub fn name(key: &str) -> SecretRef {
    format!("global/{key}").parse().unwrap()
}

pub fn text(value: &SensitiveBytes) -> String {
    value.with_str(str::to_owned).unwrap()
}

pub fn tokens(access: &str, refresh: Option<&str>, lives: Option<i64>) -> Tokens {
    let taken = |text: &str| SensitiveBytes::copy_of(text.as_bytes());
    Tokens {
        access: taken(access),
        refresh: refresh.map(taken),
        id_token: None,
        lives,
        scopes: None,
    }
}

/// The addresses of a provider at that host.
pub fn at(host: &str) -> Endpoints {
    let below = |path: &str| Some(format!("https://{host}/{path}").parse().unwrap());
    Endpoints {
        token: below("token"),
        revocation: below("revoke"),
        device_authorization: below("device"),
        ..Endpoints::default()
    }
}
