//! What a value looks like, whatever it is called: a token, a real one, a random one, or only a place to
//! put one.

use zeroize::Zeroizing;

use crate::vault::{SecretKind, recognise};

/// Shorter values are taken for no secrets.
pub const SHORTEST: usize = 6;
/// As short may a key be whose name only says that it is one.
const SHORTEST_KEY: usize = 16;

/// What is a secret by its own form.
pub fn is_token(value: &[u8]) -> Option<SecretKind> {
    use SecretKind as K;
    if value.len() < SHORTEST {
        return None;
    }
    let kind = recognise(value).kind;
    let is_one = match kind {
        K::ApiKey | K::OauthToken | K::Jwt | K::PrivateKey | K::SshKey => true,
        K::ConnectionUrl => has_password(value),
        // Any long enough word is a key in base32; the address is not.
        K::Totp => value.starts_with(b"otpauth"),
        K::Password | K::Certificate | K::Env | K::Note | K::Other => false,
    };
    is_one.then_some(kind)
}

/// Whether an address has a password in it: `SCHEME://USER:PASSWORD@HOST`.
fn has_password(address: &[u8]) -> bool {
    let user = std::str::from_utf8(address).ok().and_then(|text| {
        let (user, _) = text.split_once("://")?.1.rsplit_once('@')?;
        user.split_once(':')
    });
    user.is_some_and(|(_, password)| !password.is_empty() && !is_place(password))
}

/// The length of `-----BEGIN … PRIVATE KEY-----`, if a text begins with it.
pub fn private_key_header(text: &str) -> Option<usize> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----";
    let (label, _) = text.strip_prefix(BEGIN)?.split_once(END)?;
    label.contains("PRIVATE KEY").then_some(BEGIN.len() + label.len() + END.len())
}

/// Whether a value is more than a place to put one, or a remark about it.
pub fn looks_real(value: &str, shortest: usize) -> bool {
    let value = value.trim();
    let first = value.bytes().next();
    value.len() >= shortest
        && !is_place(value)
        && !is_elsewhere(value)
        && !is_remark(value)
        && !value.bytes().all(|byte| Some(byte) == first)
}

/// What stands where a value is to be put.
fn is_place(value: &str) -> bool {
    const PARTS: [&str; 10] =
        ["change", "example", "your", "placeholder", "***", "...", "<", "${", "$(", "{{"];
    // Longer values have these by chance.
    const SHORT_PARTS: [&str; 4] = ["todo", "xxx", "none", "null"];
    const LONG: usize = 24;
    const WORDS: [&str; 21] = [
        "any",
        "auto",
        "bool",
        "boolean",
        "disabled",
        "dummy",
        "enabled",
        "false",
        "hidden",
        "integer",
        "masked",
        "number",
        "optional",
        "redacted",
        "replaceme",
        "required",
        "str",
        "string",
        "text",
        "true",
        "undefined",
    ];
    let lower = Zeroizing::new(value.to_ascii_lowercase());
    PARTS.iter().any(|part| lower.contains(part))
        || (lower.len() < LONG && SHORT_PARTS.iter().any(|part| lower.contains(part)))
        || WORDS.contains(&lower.as_str())
        || ["$", "%(", "#{", "@{"].iter().any(|start| lower.starts_with(start))
        || is_in_braces(&lower)
        || is_alias(&lower)
        || has_command(&lower)
}

/// `*name`, and `&name` alone: what YAML takes from another place, or gives a name.
fn is_alias(value: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphabetic() || b"_-".contains(&byte);
    let name = value.strip_prefix(['*', '&']).filter(|name| !name.is_empty());
    name.is_some_and(|name| name.bytes().all(is_name))
}

/// Whether a shell would run something in backticks, as in `$(`. Two that only occur in a password have no
/// blank between them, and stand in its midst.
fn has_command(value: &str) -> bool {
    let Some((before, rest)) = value.split_once('`') else { return false };
    rest.rsplit_once('`').is_some_and(|(command, behind)| {
        command.contains(char::is_whitespace) || (before.is_empty() && behind.is_empty())
    })
}

/// `{name}`, `[name]`, `%name%`, `@name@`: what a template fills in.
fn is_in_braces(value: &str) -> bool {
    let inner = [("{", "}"), ("[", "]"), ("%", "%"), ("@", "@")]
        .iter()
        .find_map(|(open, close)| value.strip_prefix(open)?.strip_suffix(close));
    let is_name = |letter: char| letter.is_ascii_alphabetic() || "_-. ".contains(letter);
    inner.is_some_and(|inner| inner.chars().all(is_name))
}

/// Where a value is to be taken from: a file, the environment, another manager of secrets.
fn is_elsewhere(value: &str) -> bool {
    const STARTS: [&str; 16] = [
        "./",
        "../",
        "~/",
        "file:",
        "op://",
        "vault:",
        "arn:aws:",
        "ENC[",
        "!secret ",
        "!vault ",
        "!Ref ",
        "!Sub ",
        "process.env",
        "os.environ",
        "var.",
        "getenv(",
    ];
    is_path(value) || STARTS.iter().any(|start| value.starts_with(start))
}

/// `/run/secrets/db`: no value in base64 has only small letters.
fn is_path(value: &str) -> bool {
    let is_of_path =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-".contains(&byte);
    let parts = value.strip_prefix('/').map_or(0, |rest| rest.split('/').count());
    parts > 1 && value.bytes().all(is_of_path)
}

/// Words about a secret, and no digit: `Reset password`, or the name of one: `NextToken`.
fn is_remark(value: &str) -> bool {
    let lower = Zeroizing::new(value.to_ascii_lowercase());
    let words = ["password", "passphrase", "token", "secret"];
    let is_about_one = words.iter().any(|word| lower.contains(word));
    let has_digit = lower.bytes().any(|byte| byte.is_ascii_digit());
    // Nobody makes up a token, as people do with passwords.
    is_about_one && !has_digit && (lower.contains(' ') || lower.ends_with("token"))
}

/// Whether a value looks as a program chose it: a run of letters and digits, mixed, and many of them.
pub fn looks_random(value: &str) -> bool {
    let of_one = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte);
    if value.len() < SHORTEST_KEY || !value.bytes().all(of_one) || is_uuid(value) {
        return false;
    }
    let is_mixed = |run: &str| {
        let (digits, letters) = (|b: u8| b.is_ascii_digit(), |b: u8| b.is_ascii_alphabetic());
        run.len() >= 12 && run.bytes().any(digits) && run.bytes().any(letters)
    };
    let different = (0..=u8::MAX).filter(|byte| value.as_bytes().contains(byte)).count();
    different >= 8 && value.split(['_', '-', '.']).any(is_mixed)
}

/// Eight, four, four, four and twelve hexadecimal digits: mostly the name of a thing.
fn is_uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && value.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn random_values_are_told_from_words() {
        for value in
            ["9f86d081884c7d659a2feaa0c55ad015", "Zm9vYmFyMTIzNDU2Nzg5MA==", "a1b2c3d4e5f6g7h8"]
        {
            assert!(looks_random(value), "{value}");
        }
        for value in [
            "a1b2c3d4e5f6g7h",
            "linux-x86-64-node20",
            "v1-dependencies-of-all",
            "correcthorsebatterystaple",
            "550e8400-e29b-41d4-a716-446655440000",
            "20240101120000000",
            "aaaaaaaaaaaaaaaa1",
            "two words and a 1 with more",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }

    #[test]
    fn real_values_are_told_from_places_for_them() {
        for value in [
            "hunter22",
            "/x9Zq+Ab3/w==",
            "p{a}ss99",
            "two words",
            "secret no 1",
            "%hunter%2",
            "*hunter22",
            "&hunter22",
            "&name hunter22",
            "a`b`c99",
            "one`two",
            "pa$$word1",
            "hunter$abc1",
        ] {
            assert!(looks_real(value, SHORTEST), "{value}");
        }
        for value in [
            "hunte",
            "{password}",
            "%(password)s",
            "[a name]",
            "@SECRET@",
            "string",
            "Required",
            "/run/secrets/db",
            "op://vault/item/password",
            "!secret db_password",
            "ENC[AES256_GCM,x]",
            "process.env.SECRET",
            "Reset the password",
            "NextToken",
            "*anchor",
            "&an-anchor",
            "`pass show x`",
            "`get-token`",
            "pre`pass show x`post1",
            "$(pass show x)",
            "aaaaaaaa",
        ] {
            assert!(!looks_real(value, SHORTEST), "{value}");
        }
        assert!(looks_real("root", 4) && !looks_real("true", 4) && !looks_real("null", 4));
    }

    #[test]
    fn headers_of_private_keys_are_measured() {
        for (text, length) in [
            ("-----BEGIN RSA PRIVATE KEY-----\\nMII", Some(31)),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----", Some(37)),
            ("-----BEGIN PUBLIC KEY-----", None),
            ("-----BEGIN PRIVATE KEY", None),
        ] {
            assert_eq!(private_key_header(text), length, "{text}");
        }
    }
}
