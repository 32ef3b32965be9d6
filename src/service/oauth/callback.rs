//! What a browser brings back from the provider: the address it is sent to at the end (RFC 6749,
//! section 4.1.2). Read the same way from the loopback and from a paste.

use oauth2::url::Url;
use subtle::ConstantTimeEq;

use super::error::OauthError;
use crate::vault::SensitiveBytes;

/// The path of our redirect.
pub(super) const PATH: &str = "/callback";
/// The longest address in bytes.
pub(super) const MAX: usize = 8 * 1024;

/// What an answer has to match.
pub struct Callback {
    /// What was sent along and nobody else knows.
    pub(super) state: SensitiveBytes,
    /// Who has to answer, if that is known (RFC 9207).
    pub(super) issuer: Option<String>,
    /// Whether it has to say who answers: the provider announces that it does.
    pub(super) names_issuer: bool,
}

impl Callback {
    /// The code in an address, if all of it belongs to this sign-in.
    ///
    /// # Errors
    ///
    /// `Foreign` for the answer to something else, `Denied`, and what the provider says.
    pub fn code(&self, address: &str) -> Result<SensitiveBytes, OauthError> {
        let address = address.trim();
        if address.len() > MAX {
            return Err(OauthError::Foreign("it is too long"));
        }
        let url = Url::parse(address).map_err(|_| OauthError::Foreign("it is no address"))?;
        let state = one(&url, "state")?.ok_or(OauthError::Foreign("it has no state"))?;
        if !bool::from(self.state.with(|ours| ours.ct_eq(state.as_bytes()))) {
            return Err(OauthError::Foreign("its state is another one"));
        }
        match (&self.issuer, one(&url, "iss")?) {
            (Some(issuer), Some(found))
                if issuer.trim_end_matches('/') != found.trim_end_matches('/') =>
            {
                return Err(OauthError::Foreign("it comes from another issuer"));
            }
            // RFC 9207, section 2.4: who mixes up two providers would leave it out.
            (_, None) if self.names_issuer => {
                return Err(OauthError::Foreign("it does not name its issuer"));
            }
            _ => {}
        }
        if let Some(error) = one(&url, "error")? {
            return Err(match error.as_str() {
                "access_denied" => OauthError::Denied,
                _ => OauthError::rejected(&error, one(&url, "error_description")?.as_deref()),
            });
        }
        let code = one(&url, "code")?.filter(|code| !code.is_empty());
        code.map(SensitiveBytes::from_string).ok_or(OauthError::Foreign("it has no code"))
    }
}

/// The parameter of that name; one that is there twice is nobody's answer.
fn one(url: &Url, name: &str) -> Result<Option<String>, OauthError> {
    let mut found = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(OauthError::Foreign("a parameter is there twice")),
        (value, None) => Ok(value.map(Into::into)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fault::{Fault, FaultKind};
    use crate::text::is_visible;

    fn callback() -> Callback {
        let state = SensitiveBytes::copy_of(b"st-ate_1");
        Callback { state, issuer: Some("https://op.example".into()), names_issuer: false }
    }

    #[test]
    fn the_code_of_this_sign_in() {
        let iss = "&iss=https%3A%2F%2Fop.example";
        for rest in ["", iss, &format!("{iss}%2F"), "&session_state=x", "#_=_"] {
            let url = format!("http://127.0.0.1:9/callback?code=a%2Bb&state=st-ate_1{rest}");
            assert!(callback().code(&url).unwrap().with(|code| code == b"a+b"), "{rest}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let foreign = [
            "?code=c",
            "?code=c&state=",
            "?code=c&state=st-ate_2",
            "?state=st-ate_1",
            "?code=&state=st-ate_1",
            "?code=c&state=st-ate_1&state=st-ate_1",
            "?code=c&code=d&state=st-ate_1",
            "?code=c&state=st-ate_1&iss=https://evil.example",
            "?code=c&state=st-ate_1&iss=https://op.example.evil.example",
            "?code=c&state=st-ate_1&iss=https://op.example&iss=https://op.example",
            "?code=c&state=st-ate_1&iss=",
            "?error=access_denied&state=st-ate_2",
            "?error=access_denied&error=x&state=st-ate_1",
            "#code=c&state=st-ate_1",
        ];
        for query in foreign {
            let told = callback().code(&format!("http://127.0.0.1/callback{query}")).err().unwrap();
            assert!(matches!(told, OauthError::Foreign(_)), "{query}: {told}");
        }
        for text in ["", "code", "c&state=st-ate_1", &"x".repeat(9000)] {
            assert!(callback().code(text).is_err(), "{text}");
        }
    }

    #[test]
    fn who_announces_its_name_has_to_say_it() {
        let strict = Callback { names_issuer: true, ..callback() };
        for what in ["code=c", "error=access_denied", "error=server_error"] {
            let address = format!("http://127.0.0.1/callback?{what}&state=st-ate_1");
            let told = strict.code(&address).err().unwrap();
            assert!(matches!(told, OauthError::Foreign("it does not name its issuer")), "{what}");
            let named = strict.code(&format!("{address}&iss=https://op.example"));
            assert!(!matches!(named, Err(OauthError::Foreign(_))), "{what}");
            let other = strict.code(&format!("{address}&iss=https://evil.example"));
            assert!(matches!(other, Err(OauthError::Foreign("it comes from another issuer"))));
        }
    }

    #[test]
    fn what_the_provider_says_is_shown_safely() {
        let denied = "http://127.0.0.1/callback?error=access_denied&state=st-ate_1";
        assert!(matches!(callback().code(denied), Err(OauthError::Denied)));
        let text = "http://127.0.0.1/callback?error=server_error&error_description=%1b%5b2J%0Ax&state=st-ate_1";
        let told = callback().code(text).err().unwrap();
        assert_eq!(told.kind(), FaultKind::Unreachable);
        let shown = told.to_string();
        assert!(!shown.contains('\u{1b}') && !shown.contains('\n'), "{shown:?}");
    }

    #[test]
    fn nothing_of_a_code_is_told() {
        let told = callback().code("http://127.0.0.1/callback?code=hunter2&state=hunter3");
        let told = format!("{:?}", told.err().unwrap());
        assert!(!told.contains("hunter"), "{told}");
    }

    proptest! {
        #[test]
        fn any_address_is_a_code_or_an_error(
            query in proptest::collection::vec(("(code|state|iss|error|x)", ".{0,9}"), 0..6),
            text in ".{0,40}",
        ) {
            let query: Vec<_> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
            for address in [format!("http://127.0.0.1/callback?{}", query.join("&")), text] {
                if let Err(error) = callback().code(&address) {
                    prop_assert!(is_visible(&error.to_string()), "{error:?}");
                }
            }
        }
    }
}
