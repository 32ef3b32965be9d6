//! Addresses with credentials, and one-time-password URIs. Shows hosts and names, never passwords.

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
    let mut found = Recognised::new(SecretKind::ConnectionUrl, what);
    if after.contains('@') {
        // A slash or question mark in the password: no telling what is host and what is secret.
        return Some(found);
    }
    if user.is_none() && !bare {
        return None;
    }
    if scheme.starts_with("http") && is_sentry(user, host) {
        found = Recognised::new(SecretKind::ConnectionUrl, SENTRY.0);
    }
    add_place(&mut found, &scheme, host, after, *bare);
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
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let of_host = |c: char| c.is_ascii_alphanumeric() || "._-[]:,".contains(c);
    if !name.is_empty() && name.chars().all(of_host) {
        found.add("Host", name);
        if port.len() <= 5 {
            found.add("Port", port);
        }
    }
    let path = after.strip_prefix('/').unwrap_or_default();
    let path = path.split(['?', '#', '/']).next().unwrap_or_default();
    let of_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if database && path.len() <= 64 && path.chars().all(of_name) {
        found.add("Database", path);
    }
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
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let field = |wanted: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    field("secret").filter(|secret| !secret.is_empty())?;
    let label = decode(label);
    let (prefix, account) = match label.split_once(':') {
        Some((issuer, account)) => (issuer, account),
        None => ("", label.as_str()),
    };
    let mut found = Recognised::new(SecretKind::Totp, what);
    found.add("Issuer", &field("issuer").map_or_else(|| prefix.to_owned(), decode));
    found.add("Account", account.trim());
    let short = |name| field(name).filter(|text| text.len() <= 8).unwrap_or_default();
    found.add("Algorithm", short("algorithm"));
    found.add("Digits", short("digits"));
    found.add("Period", short("period"));
    Some(found)
}
