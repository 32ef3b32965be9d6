//! Which way to sign in fits where this runs, and why. Asks nobody.

use super::error::OauthError;
use super::profile::{Endpoints, Flow};
use super::provider::Provider;
use crate::service::surroundings::Surroundings;

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
    use crate::service::oauth::{Need, find};

    const ALL: [Flow; 5] =
        [Flow::Device, Flow::Browser, Flow::Paste, Flow::ClientCredentials, Flow::ApiKey];

    fn chosen(possible: &[Flow], remote: bool, display: bool) -> Option<Flow> {
        choose(possible, None, &Surroundings { remote, display, container: false })
            .ok()
            .map(|(flow, _)| flow)
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
    fn what_is_possible_follows_from_the_addresses() -> Result<(), OauthError> {
        let at = |text: &str| text.parse().map(Some);
        let custom = find("custom", None)?;
        let none = Endpoints::default();
        assert_eq!(possible(&custom, &none), []);
        let token = Endpoints { token: at("https://a.example/t")?, ..none.clone() };
        assert_eq!(possible(&custom, &token), [Flow::ClientCredentials]);
        let device =
            Endpoints { device_authorization: at("https://a.example/d")?, ..token.clone() };
        assert_eq!(possible(&custom, &device), [Flow::Device, Flow::ClientCredentials]);
        let browser = Endpoints { authorization: at("https://a.example/a")?, ..device };
        let tokens = [Flow::Device, Flow::Browser, Flow::Paste, Flow::ClientCredentials];
        assert_eq!(possible(&custom, &browser), tokens);
        // Without an address for tokens there are none.
        let pages = Endpoints { token: None, ..browser };
        assert_eq!(possible(&custom, &pages), []);

        let discord = find("discord", None)?;
        assert!(possible(&discord, &discord.endpoints()).contains(&Flow::ApiKey));
        assert_eq!(possible(&discord, &none), [Flow::ApiKey]);
        let openai = find("openai", None)?;
        assert_eq!(possible(&openai, &openai.endpoints()), [Flow::ApiKey]);
        // What GitHub's device flow needs is no secret.
        let github = find("github", None)?;
        assert_eq!(github.oauth.map(|side| side.secret), Some(Need::Optional));
        Ok(())
    }

    #[test]
    fn what_is_left_is_told() {
        let told = choose(&[Flow::ApiKey], Some(Flow::Device), &Surroundings::default());
        let help = told.err().map(|error| crate::fault::Fault::help(&error));
        assert_eq!(help.as_deref(), Some("what works there: api_key"));
        let told = choose(&[], None, &Surroundings::default());
        let help = told.err().map(|error| crate::fault::Fault::help(&error));
        assert!(help.is_some_and(|help| help.contains("--issuer")));
    }

    #[test]
    fn a_way_that_does_not_work_is_not_taken() {
        let here = Surroundings::default();
        assert!(choose(&[Flow::ApiKey], Some(Flow::Device), &here).is_err());
        assert!(choose(&ALL, Some(Flow::Paste), &here).is_ok());
    }
}
