//! What a name says of its value: `DB_PASSWORD`, `apiKey`, `client-secret`. Knows no value.

/// What a name says, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// Nothing.
    Nothing,
    /// A key of some sort, or several of something: only a value that looks random is a secret.
    Key,
    /// A secret.
    Secret,
    /// A password, which people choose as short as they may.
    Password,
}

/// The directory of a shell; in other spellings the same letters are a password.
const WHERE_A_SHELL_IS: &str = "PWD";

/// What a name says of its value, word by word: a bypass is no pass, and a tokenizer no token.
pub fn says(name: &str) -> Says {
    if name == WHERE_A_SHELL_IS {
        return Says::Nothing;
    }
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    if is_about_a_secret(&words.concat(), last) {
        return Says::Nothing;
    }
    if is_password(last) {
        return Says::Password;
    }
    if words.iter().any(|word| is_password(word) || is_secret(word)) || is_named_key(&words) {
        return Says::Secret;
    }
    match is_key(&words, last) || SEVERAL.contains(&last) {
        true => Says::Key,
        false => Says::Nothing,
    }
}

/// Whether a name is that of a password: `DB_PASS`, also with what it is for behind it: `password_prod`.
pub fn names_password(name: &str) -> bool {
    says(name) >= Says::Secret && words(name).iter().any(|word| is_password(word))
}

/// The words of a name in lower case, without digits at their ends: `dbPassword2` is `db`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = name.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_small);
        if begins || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    let bare =
        words.iter().map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit()));
    bare.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What tells of a secret but is none: where it is, how long it lasts, whose it is.
fn is_about_a_secret(plain: &str, last: &str) -> bool {
    const ENDS: [&str; 9] =
        ["file", "path", "url", "uri", "ttl", "expiry", "header", "length", "enabled"];
    const WORDS: [&str; 74] = [
        "age",
        "algo",
        "algorithm",
        "arn",
        "audience",
        "auth",
        "backend",
        "class",
        "cmd",
        "command",
        "cookie",
        "count",
        "days",
        "description",
        "dir",
        "driver",
        "encryption",
        "endpoint",
        "env",
        "expiration",
        "expire",
        "expires",
        "field",
        "form",
        "format",
        "hasher",
        "help",
        "hint",
        "host",
        "hostname",
        "hours",
        "id",
        "in",
        "issuer",
        "iterations",
        "keyid",
        "label",
        "lifetime",
        "limit",
        "manager",
        "max",
        "message",
        "method",
        "min",
        "minutes",
        "mode",
        "ms",
        "name",
        "pattern",
        "placeholder",
        "policy",
        "port",
        "prefix",
        "prompt",
        "provider",
        "ref",
        "regex",
        "region",
        "required",
        "rotation",
        "rounds",
        "scope",
        "seconds",
        "size",
        "store",
        "strategy",
        "subject",
        "timeout",
        "tokenid",
        "type",
        "user",
        "username",
        "validity",
        "version",
    ];
    ENDS.iter().any(|end| plain.ends_with(end)) || WORDS.contains(&last)
}

fn is_password(word: &str) -> bool {
    const ENDS: [&str; 5] = ["password", "passwd", "passphrase", "passwort", "pwd"];
    const WORDS: [&str; 5] = ["pass", "dbpass", "pgpass", "smtppass", "userpass"];
    // Where a shell is and was.
    !matches!(word, "oldpwd") && ENDS.iter().any(|end| word.ends_with(end)) || WORDS.contains(&word)
}

fn is_secret(word: &str) -> bool {
    ["secret", "token", "credential", "credentials"].iter().any(|end| word.ends_with(end))
}

/// Keys that are secret by what they are called.
fn is_named_key(words: &[String]) -> bool {
    const KEYS: [&str; 6] =
        ["apikey", "accesskey", "privatekey", "signingkey", "authkey", "encryptionkey"];
    let plain = words.concat();
    KEYS.iter().any(|key| plain.contains(key))
}

/// The ends of names of lists and counts: `max_tokens`.
const SEVERAL: [&str; 3] = ["tokens", "secrets", "passwords"];

fn is_key(words: &[String], last: &str) -> bool {
    const OPEN: [&str; 12] = [
        "cache",
        "foreign",
        "idempotency",
        "partition",
        "primary",
        "pub",
        "public",
        "publishable",
        "row",
        "sort",
        "site",
        "translation",
    ];
    last == "key" && !words.iter().any(|word| OPEN.contains(&word.as_str()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_their_values_are() {
        for (said, names) in [
            (
                Says::Password,
                "DB_PASSWORD dbPassword DBPassword2 userpassword DB_PASS pass smtp.pass PGPASS \
                 MYSQL_PWD Pwd PGPASSWORD db-pwd ssh_passphrase PASSWD",
            ),
            (
                Says::Secret,
                "API_TOKEN apiKey APIKey api-key AWS_SECRET_ACCESS_KEY client-secret SECRET_KEY_BASE \
                 PASSWORD_PROD accesstoken aws_credentials ENCRYPTION_KEY CLIENT_SECRET_ANDROID \
                 DB_PASSWORD_LOCALHOST",
            ),
            (Says::Key, "STRIPE_KEY key hmacKey max_tokens secrets"),
            (
                Says::Nothing,
                "bypass compass passthrough passport passing encompass tokenizer passwordless \
                 secretary OLDPWD monkey keyboard PUBLIC_KEY primary-key sshPublicKey TOKEN_FILE \
                 PGPASSFILE token_ttl passwordPolicy secretKeyRef AWS_ACCESS_KEY_ID PASSWORD_AUTH \
                 token_count user host DEBUG cache_key PWD REFRESH_TOKEN_EXPIRES_IN \
                 TOKEN_EXPIRATION PASSWORD_HASH_ITERATIONS TOKEN_AUDIENCE SESSION_TOKEN_MAX_AGE",
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(says(name), said, "{name}");
            }
        }
        assert_eq!(says(""), Says::Nothing);
    }

    #[test]
    fn names_of_passwords_are_told_from_those_of_other_secrets_and_of_what_is_about_one() {
        for name in ["db_pass", "pass", "PASSWORD_PROD", "db_password_localhost", "smtp.pwd2"] {
            assert!(names_password(name), "{name}");
        }
        for name in ["password_file", "pwd_ttl", "api_token", "bypass", "passwords", "PWD", "key"] {
            assert!(!names_password(name), "{name}");
        }
    }
}
