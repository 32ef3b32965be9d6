//! What the fuzz target `oauth` reaches: the readers of all that a provider answers and a browser brings.

use std::collections::BTreeMap;
use std::sync::Mutex;

use oauth2::http::{Response, StatusCode};

use super::callback::Callback;
use super::discovery::discover;
use super::endpoint::Endpoint;
use super::error::OauthError;
use super::profile::{ClientAuth, Endpoints, Flow};
use super::sign_in::{Cancel, Person, SignIn, Step, by_itself, device};
use super::wire::{Asker, Tokens};
use crate::fault::Fault;
use crate::service::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::vault::SensitiveBytes;

/// Reads what comes from outside. The first byte says as what: the tokens of a client, the answers of a
/// device's sign-in, a discovery document, or the address that a browser brings back. The second says with
/// what status; the rest are the answers, with a zero byte between them. What would be shown of it.
pub fn oauth(bytes: &[u8]) -> Vec<String> {
    let [what, status, rest @ ..] = bytes else { return Vec::new() };
    let cancel = Cancel::default();
    let provider = Answers::new(*status, rest, cancel.clone());
    match what % 4 {
        0 => told(asked(Flow::ClientCredentials, |asked| by_itself(&provider, asked))),
        1 => {
            let mut person = Watcher(Vec::new());
            let done = asked(Flow::Device, |asked| {
                device::with_waits(&provider, asked, &cancel, &mut person, &|_| ())
            });
            [told(done), person.0].concat()
        }
        2 => match discover(&provider, at(["https://op.example"])) {
            Ok(found) => {
                let named = [found.authorization, found.token, found.device_authorization];
                named.into_iter().flatten().map(String::from).collect()
            }
            Err(error) => failed(&error),
        },
        _ => {
            let state = SensitiveBytes::copy_of(b"st-ate_1");
            let issuer = Some("https://op.example".into());
            let callback = Callback { state, issuer, names_issuer: status % 2 == 1 };
            let address = String::from_utf8_lossy(rest);
            callback.code(&address).err().as_ref().map(failed).unwrap_or_default()
        }
    }
}

/// What is shown of a sign-in's end. Tokens are not, but must fit where they are used.
fn told(done: Result<Tokens, OauthError>) -> Vec<String> {
    match done {
        Ok(tokens) => {
            assert!(tokens.access.with(|token| token.iter().all(u8::is_ascii_graphic)));
            assert!(tokens.lives.is_none_or(|lives| lives >= 0));
            tokens.scopes.unwrap_or_default()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &OauthError) -> Vec<String> {
    vec![error.to_string(), error.help()]
}

fn asked<T>(flow: Flow, run: impl FnOnce(&SignIn<'_>) -> T) -> T {
    let base = "https://op.example";
    let endpoints = Endpoints { issuer: None, ..at([base, base, base]) };
    run(&SignIn {
        flow,
        endpoints: &endpoints,
        asker: Asker { client_id: "client", client_secret: None, auth: ClientAuth::Body },
        scopes: &[],
        separator: " ",
        parameters: &BTreeMap::new(),
        pkce: true,
        redirect_host: "127.0.0.1",
    })
}

/// An issuer, and addresses for tokens and devices.
fn at<const N: usize>(texts: [&str; N]) -> Endpoints {
    let mut all = texts.into_iter().map(|text| text.parse::<Endpoint>().ok());
    let mut next = || all.next().flatten();
    Endpoints {
        issuer: next(),
        token: next(),
        device_authorization: next(),
        ..Endpoints::default()
    }
}

/// A provider that answers one after the other, and then has its visitor go.
struct Answers {
    status: StatusCode,
    left: Mutex<Vec<Vec<u8>>>,
    cancel: Cancel,
}

impl Answers {
    fn new(status: u8, bytes: &[u8], cancel: Cancel) -> Self {
        const ALL: [u16; 8] = [200, 201, 400, 401, 403, 429, 500, 302];
        let status =
            ALL.get(usize::from(status % 8)).and_then(|code| StatusCode::from_u16(*code).ok());
        let mut left: Vec<_> = bytes.split(|byte| *byte == 0).take(8).map(<[u8]>::to_vec).collect();
        left.reverse();
        Self { status: status.unwrap_or_default(), left: Mutex::new(left), cancel }
    }
}

impl Http for Answers {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let next = self.left.lock().ok().and_then(|mut left| left.pop());
        let Some(body) = next else {
            self.cancel.set();
            let host = request.uri().host().unwrap_or_default().to_owned();
            return Err(HttpError::Timeout { host });
        };
        let mut answer = Response::new(body);
        // The first answer of a device's sign-in is a good one, or there were no others.
        if !request.body().windows(5).any(|part| part == b"grant") {
            return Ok(answer);
        }
        *answer.status_mut() = self.status;
        Ok(answer)
    }
}

/// Somebody who sees what is shown.
struct Watcher(Vec<String>);

impl Person for Watcher {
    fn show(&mut self, step: Step) {
        if let Step::Device { user_code, verification_uri, verification_uri_complete, .. } = step {
            self.0.extend([user_code, verification_uri]);
            self.0.extend(verification_uri_complete);
        }
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(None)
    }
}
