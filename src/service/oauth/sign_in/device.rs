//! Signing in by a code on any device (RFC 8628).

use std::cell::{Cell, RefCell};
use std::time::Duration;

use oauth2::http::{Response, StatusCode};
use oauth2::{DeviceAuthorizationResponse, EmptyExtraDeviceAuthorizationFields};

use super::{Cancel, Person, SignIn, Step, lacks, page};
use crate::service::http::{Http, HttpError, HttpRequest, HttpResponse};
use crate::service::oauth::error::OauthError;
use crate::service::oauth::wire::{self, Tokens, Unanswered};
use crate::text::visible;

/// The longest wait between two questions, also while the provider is out of order.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The shortest one, also if the provider says none: a network that is down would be asked without end.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest code that a person can be asked to enter.
const MAX_CODE: usize = 64;

type Details = DeviceAuthorizationResponse<EmptyExtraDeviceAuthorizationFields>;

/// Asks for a code, shows it, and asks for tokens until it was entered.
pub(super) fn sign_in(
    http: &dyn Http,
    asked: &SignIn<'_>,
    cancel: &Cancel,
    person: &mut dyn Person,
) -> Result<Tokens, OauthError> {
    with_waits(http, asked, cancel, person, &|pause| cancel.wait(pause))
}

/// The same with other waits.
pub(in crate::service::oauth) fn with_waits(
    http: &dyn Http,
    asked: &SignIn<'_>,
    cancel: &Cancel,
    person: &mut dyn Person,
    wait: &dyn Fn(Duration),
) -> Result<Tokens, OauthError> {
    let wait = |pause: Duration| wait(pause.max(SHORTEST_PAUSE));
    let at = asked.endpoints.device_authorization.as_ref().ok_or_else(|| lacks("device"))?;
    let client = wire::for_devices(asked.asker.client(asked.endpoints, None)?, at)?;
    let request = client.exchange_device_code().add_scopes(asked.scopes());
    let details: Details =
        request.request(&|request| wire::exchange(http, request)).map_err(wire::failed)?;
    person.show(shown(&details)?);
    wait(details.interval());

    let poll = Poll { http, cancel, ended: RefCell::new(None), count: Cell::new(0) };
    let person = RefCell::new(person);
    let ask = |request| {
        poll.count.set(poll.count.get() + 1);
        person.borrow_mut().show(Step::Asked(poll.count.get()));
        poll.ask(request)
    };
    let request = client.exchange_device_access_token(&details).map_err(|_| lacks("token"))?;
    let request = request.set_max_backoff_interval(LONGEST_PAUSE);
    let answer = request.request(&ask, wait, None);
    match poll.ended.take() {
        Some(error) => Err(error),
        None => wire::tokens(answer.map_err(wire::failed)?),
    }
}

/// What a person has to do.
fn shown(details: &Details) -> Result<Step, OauthError> {
    const NO_PAGE: OauthError = OauthError::Malformed("it sends to a page that is not of the web");
    let verification_uri = page(details.verification_uri()).ok_or(NO_PAGE)?;
    let complete = details.verification_uri_complete();
    let complete = complete.map(|uri| page(uri.secret()).ok_or(NO_PAGE)).transpose()?;
    let code = details.user_code().secret();
    if code.is_empty() || code.len() > MAX_CODE {
        return Err(OauthError::Malformed("its code cannot be entered"));
    }
    if details.interval() > LONGEST_PAUSE {
        return Err(OauthError::Malformed("it is to be asked too seldom"));
    }
    Ok(Step::Device {
        user_code: visible(code).into_owned(),
        verification_uri,
        verification_uri_complete: complete,
        lives: details.expires_in().as_secs(),
    })
}

/// Asks for tokens again and again.
struct Poll<'a> {
    http: &'a dyn Http,
    cancel: &'a Cancel,
    /// Why it was ended from this side.
    ended: RefCell<Option<OauthError>>,
    count: Cell<u32>,
}

impl Poll<'_> {
    /// Asks once. The crate goes on after everything but an answer: what is to end it is one.
    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        if self.cancel.is_set() {
            return self.end(OauthError::Cancelled);
        }
        match wire::exchange(self.http, request) {
            Err(Unanswered::Http(
                error @ (HttpError::Private { .. } | HttpError::Redirect { .. }),
            )) => self.end(error.into()),
            answer => answer,
        }
    }

    fn end(&self, why: OauthError) -> Result<HttpResponse, Unanswered> {
        self.ended.replace(Some(why));
        let mut answer = Response::new(br#"{"error":"access_denied"}"#.to_vec());
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        Ok(answer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
