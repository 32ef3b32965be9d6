//! What a provider leaves to be typed or ticked, for a way to sign in there.

use super::FieldKind;
use crate::service::oauth::{Flow, Oauth, Provider, ScopeInfo};

/// The addresses that only the user knows.
pub(super) fn addresses(provider: &Provider, flow: Flow) -> Vec<FieldKind> {
    let known = provider.endpoints();
    if known.token.is_some() || known.issuer.is_some() {
        return Vec::new();
    }
    if provider.id != "custom" {
        return vec![FieldKind::Issuer];
    }
    match flow {
        Flow::Device => vec![FieldKind::Device, FieldKind::Token],
        Flow::Browser | Flow::Paste => vec![FieldKind::Authorization, FieldKind::Token],
        Flow::ClientCredentials | Flow::ApiKey => vec![FieldKind::Token],
    }
}

/// What can be asked for, and whether it was the last time, or is by default.
pub(super) fn offered(provider: &Provider, former: Option<&Oauth>) -> Vec<(ScopeInfo, bool)> {
    let known = provider.oauth.iter().flat_map(|side| &side.scopes);
    let asked = |scope: &ScopeInfo| match former {
        Some(former) => former.scopes.contains(&scope.name),
        None => scope.default,
    };
    let mut offered: Vec<_> = known.map(|scope| (scope.clone(), asked(scope))).collect();
    for name in former.map_or(&[][..], |former| &former.scopes) {
        if offered.iter().all(|(scope, _)| scope.name != *name) {
            let about = "asked for the last time".to_owned();
            offered.push((ScopeInfo { name: name.clone(), about, default: false }, true));
        }
    }
    offered
}
