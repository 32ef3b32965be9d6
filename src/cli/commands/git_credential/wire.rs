//! git's credential protocol: `key=value` lines, up to an empty one or the end. Looks nothing up.

use std::io::{self, Read};

use crate::cli::error::CliError;
use crate::cli::input;
use crate::cli::streams::STANDARD_INPUT;
use crate::service::logins::Address;
use crate::service::stdio;
use crate::vault::{SensitiveBytes, Timestamp};

/// The longest request in bytes: room for the longest value a vault may hold, and for the rest.
const LONGEST: usize = 1024 * 1024 + 64 * 1024;

/// What git says. Attributes that are not here are not ours to know.
#[derive(Default)]
pub struct Request {
    protocol: Option<String>,
    host: Option<String>,
    pub path: Option<String>,
    pub username: Option<String>,
    pub password: Option<SensitiveBytes>,
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<SensitiveBytes>,
    /// Whether it is of no use for long, and not to be kept.
    pub ephemeral: bool,
}

impl Request {
    /// Where the login has to hold good, if git says that.
    pub fn address(&self) -> Option<Address> {
        let protocol = self.protocol.as_deref().filter(|protocol| !protocol.is_empty())?;
        let host = self.host.as_deref().unwrap_or_default();
        let address = Address::new(protocol, host, self.path.as_deref().unwrap_or_default());
        (!address.is_nowhere()).then_some(address)
    }

    /// Reads the lines; `None` when one of them is no attribute.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut request = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            // As git's own helpers do: a carriage return before the newline is part of it.
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            let middle = line.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (line.get(..middle)?, line.get(middle + 1..)?);
            request.take(name, value)?;
        }
        Some(request)
    }

    fn take(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        let text = || String::from_utf8(value.to_vec()).ok();
        let secret = || (!value.is_empty()).then(|| SensitiveBytes::copy_of(value));
        match name {
            b"protocol" => self.protocol = Some(text()?),
            b"host" => self.host = Some(text()?),
            b"path" => self.path = Some(text()?).filter(|path| !path.is_empty()),
            b"username" => self.username = Some(text()?).filter(|name| !name.is_empty()),
            b"password" => self.password = secret(),
            b"oauth_refresh_token" => self.refresh = secret(),
            b"password_expiry_utc" => {
                self.expires_at = text()?.parse().ok().map(Timestamp);
            }
            b"ephemeral" => self.ephemeral = value == b"1" || value == b"true",
            _ => {}
        }
        Some(())
    }
}

/// Reads a request from standard input.
pub fn read() -> Result<Request, CliError> {
    let wrong = |why: &str| {
        let help = "git calls it by itself: git config credential.helper '!tresor git-credential'";
        CliError::invalid(format!("that is no request of git: {why}"), help)
    };
    let said = input::read_all(UntilEmptyLine::of(stdio::Input), LONGEST);
    let said = said
        .map_err(|error| CliError::file("read", STANDARD_INPUT.as_ref(), &error))?
        .ok_or_else(|| wrong("it is too long"))?;
    said.with(Request::parse).ok_or_else(|| wrong("a line is not NAME=VALUE in UTF-8"))
}

/// Ends after an empty line: who asked may keep the pipe open and wait.
struct UntilEmptyLine<R> {
    inner: R,
    /// Whether the last byte ended a line, as does the beginning.
    at_start: bool,
    ended: bool,
}

impl<R> UntilEmptyLine<R> {
    fn of(inner: R) -> Self {
        Self { inner, at_start: true, ended: false }
    }
}

impl<R: Read> Read for UntilEmptyLine<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        for byte in buffer.iter().take(read).filter(|byte| **byte != b'\r') {
            self.ended |= self.at_start && *byte == b'\n';
            self.at_start = *byte == b'\n';
        }
        Ok(read)
    }
}

/// What git is told.
pub struct Answer<'a> {
    pub username: Option<&'a str>,
    pub password: Option<&'a SensitiveBytes>,
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<SensitiveBytes>,
}

impl Answer<'_> {
    /// The lines; `None` when a value would break them.
    pub fn text(&self) -> Option<SensitiveBytes> {
        let end = self.expires_at.map(|end| end.0.to_string());
        let lens =
            [self.password, self.refresh.as_ref()].map(|it| it.map_or(0, SensitiveBytes::len));
        let room = 128 + self.username.map_or(0, str::len) + lens.iter().sum::<usize>();
        // Large enough at once, so that nothing is moved unwiped.
        let mut text = Vec::with_capacity(room);
        let mut line = |name: &str, value: &[u8]| {
            for part in [name.as_bytes(), b"=", value, b"\n"] {
                text.extend_from_slice(part);
            }
            !value.contains(&b'\n') && !value.contains(&0)
        };
        let mut fits = self.username.is_none_or(|name| line("username", name.as_bytes()));
        fits &= self.password.is_none_or(|secret| secret.with(|value| line("password", value)));
        fits &= end.is_none_or(|end| line("password_expiry_utc", end.as_bytes()));
        let refresh = self.refresh.as_ref();
        fits &= refresh.is_none_or(|secret| secret.with(|it| line("oauth_refresh_token", it)));
        let text = SensitiveBytes::new(text);
        fits.then_some(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "tests.rs"]
mod tests;
