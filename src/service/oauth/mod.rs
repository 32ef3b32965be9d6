//! OAuth profiles: how they are made, kept fresh and handed out. The vault holds them; HTTP, browsers
//! and time come from outside.

mod callback;
mod choose;
mod discovery;
mod endpoint;
mod error;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod health;
mod loopback;
mod onboard;
mod probe;
mod profile;
mod provider;
mod refresh;
mod registry;
mod revoke;
mod sign_in;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod testing;
mod wire;

pub use callback::Callback;
pub use choose::{choose, possible};
pub use discovery::discover;
pub use endpoint::Endpoint;
pub use error::OauthError;
pub use health::{DUE, EXPIRING, Health, can_refresh, is_due, time_left};
pub use onboard::{Onboard, Onboarded, World, onboard, onboard_key};
pub use probe::{try_key, try_token};
pub use profile::{
    Body, ClientAuth, ClientDetails, Credential, Endpoints, Flow, MAX_ID, Oauth, Profile,
    RefreshState, name_of,
};
pub use provider::{ApiKey, Check, Need, OauthSide, Provider, ScopeInfo, all, find};
pub use refresh::{Fresh, Refresher, Wish};
pub use registry::{Kept, New, NewOauth, Place, Registry};
pub use revoke::Revoker;
pub use sign_in::{
    Cancel, Granted, Handle, Held, Person, SignIn, Step, Tried, Where, ends, sign_in, spaced,
};
pub use wire::{Asker, Tokens};
