//! The end of a sign-in by the browser of this machine: one request on a port of our own (RFC 8252,
//! section 7.3).

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::callback::{Callback, MAX, PATH};
use super::error::OauthError;
use super::sign_in::{Cancel, Person, look_for_paste};
use crate::vault::SensitiveBytes;

/// How long a browser may take for its request once it is connected.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody came, or gave up.
const TICK: Duration = Duration::from_millis(50);

/// A port that is open for one answer.
pub(super) struct Loopback {
    listener: TcpListener,
    /// What a browser calls it.
    origin: String,
}

impl Loopback {
    /// Opens a port that the system chooses, under that name of this machine.
    pub(super) fn open(host: &str) -> Result<Self, OauthError> {
        let failed = |error: std::io::Error| OauthError::Listen(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, origin: format!("{host}:{port}") })
    }

    /// The address a browser is sent to at the end.
    pub(super) fn redirect(&self) -> String {
        format!("http://{}{PATH}", self.origin)
    }

    /// Waits for the answer until then, and closes the port. Other requests are turned away: browsers
    /// ask for icons, and anybody on this machine can knock.
    pub(super) fn answer(
        self,
        callback: &Callback,
        until: Instant,
        cancel: &Cancel,
        person: &mut dyn Person,
    ) -> Result<SensitiveBytes, OauthError> {
        loop {
            if cancel.is_set() {
                return Err(OauthError::Cancelled);
            }
            if Instant::now() >= until {
                return Err(OauthError::CodeExpired);
            }
            if let Some(code) = look_for_paste(callback, person)? {
                return Ok(code);
            }
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if let Some(result) = self.serve(stream, callback) {
                        return result;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => cancel.wait(TICK),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(OauthError::Listen(error.to_string())),
            }
        }
    }

    /// Answers one connection; `None` when it was not the one that is waited for.
    fn serve(
        &self,
        mut stream: TcpStream,
        callback: &Callback,
    ) -> Option<Result<SensitiveBytes, OauthError>> {
        let head = read_head(&mut stream)?;
        let Some(target) = self.target(&head) else {
            reply(&mut stream, "404 Not Found", "This is not the page you are looking for.");
            return None;
        };
        let result = callback.code(&format!("http://{}{target}", self.origin));
        match &result {
            Ok(_) => reply(&mut stream, "200 OK", "You are signed in. Go back to your terminal."),
            Err(_) => {
                reply(&mut stream, "400 Bad Request", "This did not work. Your terminal says why.")
            }
        }
        Some(result)
    }

    /// What is asked for, if it is our page and the browser means us: another host's name would be a page
    /// that was bound to this address (DNS rebinding).
    fn target<'a>(&self, head: &'a str) -> Option<&'a str> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let path = target.split('?').next()?;
        if method != "GET" || path != PATH || !version.starts_with("HTTP/1.") {
            return None;
        }
        let host = lines.filter_map(|line| line.split_once(':'));
        let mut host = host.filter(|(name, _)| name.eq_ignore_ascii_case("host"));
        let (_, host) = host.next()?;
        (host.trim() == self.origin).then_some(target)
    }
}

/// The request up to its empty line; `None` when none comes in time, or too much.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    stream.set_nonblocking(false).ok()?;
    let until = Instant::now() + PATIENCE;
    let mut head = Vec::with_capacity(MAX);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        let mut part = [0; 1024];
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        head.extend_from_slice(part.get(..count)?);
        if head.len() > MAX {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// Sends a page that loads nothing, is kept nowhere and tells nobody where it came from.
fn reply(stream: &mut TcpStream, status: &str, text: &str) {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>tresor</title>\
         <body style=\"font-family:sans-serif;margin:4em\"><p>{text}</p></body></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         X-Content-Type-Options: nosniff\r\n\r\n",
        page.len()
    );
    // The browser may be gone; what counts is what it brought.
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(page.as_bytes()));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
