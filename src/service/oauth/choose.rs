//! Which way to sign in fits where this runs, and why. Asks nobody.

use super::error::OauthError;
use super::profile::{Endpoints, Flow};
use super::provider::Provider;
use crate::service::browser::Surroundings;

/// The ways that work with that provider and these addresses.
pub fn possible(provider: &Provider, at: &Endpoints) -> Vec<Flow> {
    let mut flows = Vec::new();
    if let Some(oauth) = provider.oauth.as_ref().filter(|_| at.token.is_some()) {
        for flow in &oauth.flows {
            match flow {
                Flow::Device if at.device_authorization.is_some() => flows.push(Flow::Device),
                Flow::Browser | Flow::Paste if at.authorization.is_some() => {
                    flows.extend([Flow::Browser, Flow::Paste]);
                }
                Flow::ClientCredentials => flows.push(Flow::ClientCredentials),
                _ => {}
            }
        }
    }
    if provider.api_key.is_some() {
        flows.push(Flow::ApiKey);
    }
    flows.dedup();
    flows
}

/// The way that fits, and why; `wanted` is taken if it works.
///
/// # Errors
///
/// `Incomplete` where none is left.
pub fn choose(
    possible: &[Flow],
    wanted: Option<Flow>,
    here: &Surroundings,
) -> Result<(Flow, &'static str), OauthError> {
    if let Some(flow) = wanted {
        return match possible.contains(&flow) {
            true => Ok((flow, "because you chose it")),
            false => Err(none(possible)),
        };
    }
    let order = match (here.remote, here.display) {
        (true, _) => [
            (Flow::Device, "because this is an SSH session"),
            (Flow::Paste, "because this is an SSH session and the provider has no device flow"),
            (Flow::ClientCredentials, "because the provider has no other way"),
            (Flow::ApiKey, "because the provider has keys only"),
        ],
        (false, true) => [
            (Flow::Browser, "because there is a browser here"),
            (Flow::Device, "because the provider has no sign-in by browser"),
            (Flow::ClientCredentials, "because the provider has no other way"),
            (Flow::ApiKey, "because the provider has keys only"),
        ],
        (false, false) => [
            (Flow::Device, "because there is no display here"),
            (Flow::Paste, "because there is no display here and the provider has no device flow"),
            (Flow::ClientCredentials, "because the provider has no other way"),
            (Flow::ApiKey, "because the provider has keys only"),
        ],
    };
    let found = order.into_iter().find(|(flow, _)| possible.contains(flow));
    found.ok_or_else(|| none(possible))
}

fn none(possible: &[Flow]) -> OauthError {
    let words: Vec<&str> = possible.iter().map(|flow| flow.word()).collect();
    let help = match words.is_empty() {
        true => {
            "name its addresses, or an --issuer that does: 'tresor profile add --help'".to_owned()
        }
        false => format!("what works there: {}", words.join(", ")),
    };
    OauthError::Incomplete { what: "the provider cannot be signed in to in this way", help }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Flow; 5] =
        [Flow::Device, Flow::Browser, Flow::Paste, Flow::ClientCredentials, Flow::ApiKey];

    fn chosen(possible: &[Flow], remote: bool, display: bool) -> Option<Flow> {
        choose(possible, None, &Surroundings { remote, display }).ok().map(|(flow, _)| flow)
    }

    #[test]
    fn the_way_fits_the_place() {
        assert_eq!(chosen(&ALL, true, true), Some(Flow::Device));
        assert_eq!(chosen(&ALL, false, true), Some(Flow::Browser));
        assert_eq!(chosen(&ALL, false, false), Some(Flow::Device));
        assert_eq!(chosen(&[Flow::Browser, Flow::Paste], true, true), Some(Flow::Paste));
        assert_eq!(chosen(&[Flow::ApiKey], true, false), Some(Flow::ApiKey));
        assert_eq!(chosen(&[], false, false), None);
    }

    #[test]
    fn a_way_that_does_not_work_is_not_taken() {
        let here = Surroundings::default();
        assert!(choose(&[Flow::ApiKey], Some(Flow::Device), &here).is_err());
        assert!(choose(&ALL, Some(Flow::Paste), &here).is_ok());
    }
}
