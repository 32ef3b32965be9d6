//! Addresses with credentials, and one-time-password URIs. Shows hosts and names, never passwords.

use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;

use super::{Recognised, SecretKind};

/// Scheme, whether an address without a password is a secret too, key to propose, and the name.
#[rustfmt::skip]
const SCHEMES: &[(&str, bool, &str, &str)] = &[
    ("postgres", true, "database_url", "PostgreSQL URL"),
    ("postgresql", true, "database_url", "PostgreSQL URL"),
    ("cockroachdb", true, "database_url", "CockroachDB URL"),
    ("mysql", true, "database_url", "MySQL URL"),
    ("mariadb", true, "database_url", "MariaDB URL"),
    ("sqlserver", true, "database_url", "SQL Server URL"),
    ("mssql", true, "database_url", "SQL Server URL"),
    ("oracle", true, "database_url", "Oracle URL"),
    ("clickhouse", true, "clickhouse_url", "ClickHouse URL"),
    ("mongodb", true, "mongodb_url", "MongoDB URL"),
    ("mongodb+srv", true, "mongodb_url", "MongoDB URL"),
    ("redis", true, "redis_url", "Redis URL"),
    ("rediss", true, "redis_url", "Redis URL"),
    ("valkey", true, "redis_url", "Valkey URL"),
    ("amqp", true, "amqp_url", "AMQP URL"),
    ("amqps", true, "amqp_url", "AMQP URL"),
    ("nats", true, "nats_url", "NATS URL"),
    ("mqtt", true, "mqtt_url", "MQTT URL"),
    ("mqtts", true, "mqtt_url", "MQTT URL"),
    ("smtp", true, "smtp_url", "SMTP URL"),
    ("smtps", true, "smtp_url", "SMTP URL"),
    ("imap", true, "imap_url", "IMAP URL"),
    ("imaps", true, "imap_url", "IMAP URL"),
    ("ldap", true, "ldap_url", "LDAP URL"),
    ("ldaps", true, "ldap_url", "LDAP URL"),
    ("ftp", false, "ftp_url", "FTP URL"),
    ("sftp", false, "sftp_url", "SFTP URL"),
    ("ssh", false, "ssh_url", "SSH URL"),
    ("http", false, "url", "Web address with credentials"),
    ("https", false, "url", "Web address with credentials"),
];
const SENTRY: (&str, &str) = ("Sentry DSN", "sentry_dsn");
const AZURE: (&str, &str) = ("Azure storage connection string", "azure_storage_connection");
const ADO: (&str, &str) = ("SQL connection string", "database_connection");

/// Recognises an address.
pub(super) fn read(text: &str) -> Option<Recognised> {
    if text.len() > 8192 || text.contains(['\n', '\r', '\t']) {
        return None;
    }
    if text.starts_with("otpauth-migration://") {
        return Some(Recognised::new(SecretKind::Totp, "Authenticator export"));
    }
    match text.strip_prefix("otpauth://") {
        Some(rest) => otpauth(rest),
        None => connection(text).or_else(|| connection_string(text)),
    }
}

/// The key to propose for an address of that name.
pub(super) fn key_for(what: &str) -> Option<&'static str> {
    let scheme = SCHEMES.iter().find(|row| row.3 == what).map(|row| row.2);
    let others = [SENTRY, AZURE, ADO];
    scheme.or_else(|| others.iter().find(|(name, _)| *name == what).map(|(_, key)| *key))
}

/// `scheme://user:password@host:port/database?…`, also with `jdbc:` before it.
fn connection(text: &str) -> Option<Recognised> {
    let (scheme, rest) = text.strip_prefix("jdbc:").unwrap_or(text).split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let (_, bare, _, what) = SCHEMES.iter().find(|row| row.0 == scheme)?;
    if rest.is_empty() || rest.contains(' ') {
        return None;
    }
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if user.is_none() && !bare && !after.contains('@') {
        return None;
    }
    let sentry = scheme.starts_with("http") && is_sentry(user, host);
    let what = if sentry { SENTRY.0 } else { what };
    let mut found = Recognised::new(SecretKind::ConnectionUrl, what);
    // An @ behind the host, or a semicolon: no telling where a password ends. Without an @ before it,
    // what stands where the host should may be the password itself.
    let is_told = !after.contains('@') && !rest.contains(';');
    if is_told && (user.is_some() || is_literal(host)) {
        add_place(&mut found, &scheme, host, after, *bare);
    }
    Some(found)
}

/// `https://<32 hex>@o123.ingest.sentry.io/456`.
fn is_sentry(user: Option<&str>, host: &str) -> bool {
    let key = user.unwrap_or_default();
    (host.contains("sentry") || host.contains(".ingest."))
        && key.len() == 32
        && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Host, port and database, each only if it looks like one.
fn add_place(found: &mut Recognised, scheme: &str, host: &str, after: &str, database: bool) {
    found.add("Scheme", scheme);
    let hosts: Option<Vec<(&str, &str)>> = host.split(',').map(host_and_port).collect();
    match hosts.as_deref() {
        Some([(name, port)]) => {
            found.add("Host", name);
            found.add("Port", port);
        }
        Some(_) => found.add("Host", host),
        None => {}
    }
    let path = after.strip_prefix('/').unwrap_or_default();
    let path = path.split(['?', '#', '/']).next().unwrap_or_default();
    if database && path.len() <= 64 && path.chars().all(of_name) {
        found.add("Database", path);
    }
}

fn of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// `name`, `[2001:db8::1]`, or either with a port; nothing else is taken for a host.
fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let is_port = |port: &str| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if is_port(port) => (name, port),
        _ => (text, ""),
    };
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let fits = match inner {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.chars().all(of_name),
    };
    fits.then_some((name, port))
}

/// Whether it is a host beyond doubt: this machine by name, or an address in digits.
fn is_literal(host: &str) -> bool {
    host_and_port(host).is_some_and(|(name, _)| {
        name == "localhost" || name.starts_with('[') || name.parse::<Ipv4Addr>().is_ok()
    })
}

/// `Name=value;Name=value` as Azure and ADO.NET write it.
fn connection_string(text: &str) -> Option<Recognised> {
    let lower = |part: &str| part.split_once('=').map(|(name, _)| name.trim().to_ascii_lowercase());
    let names: Vec<String> = text.split(';').take(32).filter_map(lower).collect();
    let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    let what = if has(&["accountname"]) && has(&["accountkey", "sharedaccesssignature"]) {
        AZURE.0
    } else if has(&["server", "data source", "host"]) && has(&["password", "pwd"]) {
        ADO.0
    } else {
        return None;
    };
    Some(Recognised::new(SecretKind::ConnectionUrl, what))
}

/// `totp/Issuer:account?secret=…&issuer=…` (the key URI form of Google Authenticator).
fn otpauth(rest: &str) -> Option<Recognised> {
    let (method, rest) = rest.split_once('/')?;
    let (label, query) = rest.split_once('?')?;
    let what = match method.to_ascii_lowercase().as_str() {
        "totp" => "One-time password, by time",
        "hotp" => "One-time password, by counter",
        _ => return None,
    };
    let secret = field(query, "secret").filter(|secret| !secret.is_empty())?;
    let mut found = Recognised::new(SecretKind::Totp, what);
    for (name, text) in account(label, query) {
        // A URI put together wrongly may have the secret in more than one place, and an address in a name
        // may hold a password.
        if !text.contains(secret) && !text.contains("//") {
            found.add(name, &text);
        }
    }
    Some(found)
}

/// A parameter of an otpauth URI.
fn field<'a>(query: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// Whose one-time passwords they are, and of which sort.
fn account(label: &str, query: &str) -> [(&'static str, String); 5] {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let label = decode(label);
    let (prefix, account) = match label.split_once(':') {
        Some((issuer, account)) => (issuer, account),
        None => ("", label.as_str()),
    };
    let short = |name, fits: fn(u8) -> bool| {
        let text = field(query, name).unwrap_or_default();
        if text.len() <= 8 && text.bytes().all(fits) { text.to_owned() } else { String::new() }
    };
    let of_algorithm = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    [
        ("Issuer", field(query, "issuer").map_or_else(|| prefix.to_owned(), decode)),
        ("Account", account.trim().to_owned()),
        ("Algorithm", short("algorithm", of_algorithm)),
        ("Digits", short("digits", |byte| byte.is_ascii_digit())),
        ("Period", short("period", |byte| byte.is_ascii_digit())),
    ]
}
