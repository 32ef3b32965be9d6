//! Which secrets are logins for an address, the best first: by protocol, host, path and account. Reads no
//! value and no input.

use std::cmp::Reverse;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::vault::{SecretKey, SecretKind, SecretSummary};

/// The port that an address means without naming it.
const PORTS: [(&str, &str); 2] = [("https", "443"), ("http", "80")];
/// What ends the path of an address, or would be read as something else.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');
/// The end of the key under which a refresh token lies beside its password.
const REFRESH: &str = ".refresh";
/// The longest start of a key; the rest of its 128 bytes is for what tells it from others.
const LONGEST_START: usize = 96;

/// Where a login holds good, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    protocol: String,
    /// With its port, unless that is the protocol's own.
    host: String,
    /// Without slashes around it; empty for the whole host.
    path: String,
}

impl Address {
    /// Puts an address together; the host may have a port.
    pub fn new(protocol: &str, host: &str, path: &str) -> Self {
        let (protocol, host) = (protocol.to_ascii_lowercase(), host.trim().to_lowercase());
        let usual = PORTS.iter().find(|(of, _)| *of == protocol).map(|(_, port)| *port);
        let bare = usual.and_then(|port| host.strip_suffix(port)?.strip_suffix(':'));
        let host = bare.map(str::to_owned).unwrap_or(host);
        Self { protocol, host, path: path.trim_matches('/').to_owned() }
    }

    /// Reads an address as people and programs write it: without a protocol it is https.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (protocol, rest) = text.split_once("://").unwrap_or(("https", text));
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let address = Self::new(protocol, host, &path);
        (!protocol.is_empty() && !address.is_nowhere()).then_some(address)
    }

    /// Whether it names neither a host nor a path.
    pub fn is_nowhere(&self) -> bool {
        self.host.is_empty() && self.path.is_empty()
    }

    /// The address as text, which [`parse`](Self::parse) reads again.
    pub fn url(&self) -> String {
        let path = utf8_percent_encode(&self.path, PATH);
        let slash = if self.path.is_empty() { "" } else { "/" };
        format!("{}://{}{slash}{path}", self.protocol, self.host)
    }

    fn is_on_host_of(&self, other: &Self) -> bool {
        self.protocol == other.protocol && self.host == other.host
    }

    /// Whether what holds good here does so there too: there is this path, or below it.
    fn covers(&self, there: &Self) -> bool {
        // A client takes dots out of the path before it asks, and would be somewhere else.
        let has_dots = |path: &str| path.split('/').any(|part| matches!(part, "." | ".."));
        if has_dots(&self.path) || has_dots(&there.path) {
            return false;
        }
        let (own, there) = (repository(&self.path), repository(&there.path));
        let below = there.strip_prefix(own);
        own.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The same repository is written with `.git` and without it.
fn repository(path: &str) -> &str {
    path.strip_suffix(".git").unwrap_or(path)
}

/// What a login is looked for with.
pub struct Wanted<'a> {
    /// Where it has to hold good.
    pub address: &'a Address,
    /// Whether the path counts; if not, any path on that host will do.
    pub with_path: bool,
    /// The account, if it is known.
    pub username: Option<&'a str>,
}

impl Wanted<'_> {
    /// The secrets that fit: the longest path first (without a path the shortest), an account before
    /// none, then the newest.
    pub fn find<'s>(&self, secrets: &'s [SecretSummary]) -> Vec<&'s SecretSummary> {
        let ranked = secrets.iter().filter_map(|secret| Some((self.rank(secret)?, secret)));
        let mut found: Vec<_> = ranked.collect();
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.cmp(&other.name)));
        found.into_iter().map(|(_, secret)| secret).collect()
    }

    /// The one that is for exactly this address and account, and not merely good for them.
    pub fn same<'s>(&self, secrets: &'s [SecretSummary]) -> Option<&'s SecretSummary> {
        self.find(secrets).into_iter().find(|secret| self.is_exactly(secret))
    }

    /// Whether a secret is for this address, with this path where that counts, and for this account
    /// where one is named.
    pub fn is_exactly(&self, secret: &SecretSummary) -> bool {
        let at = secret.url.as_deref().and_then(Address::parse);
        let is_there = at.is_some_and(|at| match self.with_path {
            true => at == *self.address,
            false => at.is_on_host_of(self.address),
        });
        is_there && self.username.is_none_or(|wanted| secret.username.as_deref() == Some(wanted))
    }

    fn rank(&self, secret: &SecretSummary) -> Option<(usize, bool, Reverse<i64>)> {
        let at = Address::parse(secret.url.as_deref()?)?;
        if !is_login(secret) || !at.is_on_host_of(self.address) {
            return None;
        }
        let path = match self.with_path {
            true if at.covers(self.address) => usize::MAX - at.path.len(),
            true => return None,
            false => at.path.len(),
        };
        let account = match (self.username, secret.username.as_deref()) {
            (Some(wanted), Some(there)) if wanted != there => return None,
            (_, there) => there.is_none(),
        };
        Some((path, account, Reverse(secret.updated_at.0)))
    }
}

/// Whether a secret is something to log in with by itself, and not a certificate or a second factor.
fn is_login(secret: &SecretSummary) -> bool {
    use SecretKind::{ApiKey, Jwt, OauthToken, Other, Password};
    matches!(secret.kind, Password | ApiKey | OauthToken | Jwt | Other)
        && !secret.name.key.as_str().ends_with(REFRESH)
}

/// Keys for a new login, the plainest first: `github.com-octocat`, `github.com-octocat-2` …
pub fn keys(
    prefix: &str,
    address: &Address,
    username: &str,
) -> impl Iterator<Item = SecretKey> + use<> {
    let parts = [prefix, &address.host, &address.path, username];
    let parts: Vec<String> =
        parts.iter().filter(|part| !part.is_empty()).map(|part| letters(part)).collect();
    let start: String = parts.join("-").chars().take(LONGEST_START).collect();
    let numbered = move |number: u32| match number {
        1 => start.parse().ok(),
        _ => format!("{start}-{number}").parse().ok(),
    };
    (1..=9_999).filter_map(numbered)
}

/// The key of the refresh token beside a password.
pub fn refresh_key(key: &SecretKey) -> Option<SecretKey> {
    format!("{key}{REFRESH}").parse().ok()
}

/// Text with `_` for everything that may not stand in a key.
fn letters(text: &str) -> String {
    let may = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    text.chars().map(|letter| if may(letter) { letter } else { '_' }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "logins/tests.rs"]
mod tests;
