//! The end of a sign-in by the browser of this machine: one request on a port of our own (RFC 8252,
//! section 7.3).

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::time::{Duration, Instant};

use super::callback::{Callback, MAX, PATH};
use super::error::OauthError;
use super::sign_in::{Cancel, Person, look_for_paste};
use crate::vault::SensitiveBytes;

/// How long a browser may take for its request once it is connected.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody came, or gave up.
const TICK: Duration = Duration::from_millis(50);
/// How many connections are listened to at once: browsers open some before they have anything to say.
const GUESTS: usize = 8;

/// A port that is open for one answer.
pub(super) struct Loopback {
    listener: TcpListener,
    /// What a browser calls it.
    origin: String,
}

/// Somebody who is connected.
struct Guest {
    stream: TcpStream,
    /// What was said so far.
    head: Vec<u8>,
    /// When the rest of it has to be there.
    until: Instant,
}

/// What a guest has said by now.
enum Heard {
    /// Not all of it yet.
    Part,
    /// A request up to its empty line.
    Head(String),
    /// What is no request, or came too late.
    Nothing,
}

impl Loopback {
    /// Opens that port, or one that the system chooses, under that name of this machine.
    pub(super) fn open(host: &str, port: Option<NonZeroU16>) -> Result<Self, OauthError> {
        let wanted = port.map_or(0, NonZeroU16::get);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted));
        let listener = listener.map_err(|error| match error.kind() {
            ErrorKind::AddrInUse if port.is_some() => OauthError::PortTaken { port: wanted },
            _ => failed(error),
        })?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, origin: format!("{host}:{port}") })
    }

    /// The address a browser is sent to at the end.
    pub(super) fn redirect(&self) -> String {
        redirect(&self.origin)
    }

    /// Waits for the answer until then, and closes the port. Other requests are turned away: browsers
    /// ask for icons, and anybody on this machine can knock. Nobody is waited for alone: who connects and
    /// says nothing holds up neither the answer nor its end.
    pub(super) fn answer(
        self,
        callback: &Callback,
        until: Instant,
        cancel: &Cancel,
        person: &mut dyn Person,
    ) -> Result<SensitiveBytes, OauthError> {
        let mut guests = Vec::new();
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
            // One at a time, so that each is listened to once before it may have to make room.
            let came = self.let_in(&mut guests);
            if let Some(result) = self.listen(&mut guests, callback) {
                return result;
            }
            if !came {
                cancel.wait(TICK);
            }
        }
    }

    /// Lets in the next one who knocks, if there is one. Where it is full the one goes who has been silent
    /// for longest, or has been there for longest. An error is of the one who knocks, or passes: it ends
    /// nothing, and one that stays is met once a tick.
    fn let_in(&self, guests: &mut Vec<Guest>) -> bool {
        let came = self.listener.accept();
        let came = came.and_then(|(stream, _)| stream.set_nonblocking(true).map(|()| stream));
        let Ok(stream) = came else { return false };
        if guests.len() >= GUESTS {
            let silent = guests.iter().position(|guest| guest.head.is_empty());
            guests.remove(silent.unwrap_or(0));
        }
        let until = Instant::now() + PATIENCE;
        guests.push(Guest { stream, head: Vec::with_capacity(MAX), until });
        true
    }

    /// Listens to all who are there, and turns away who wants something else; what the first one brings who
    /// is waited for.
    fn listen(
        &self,
        guests: &mut Vec<Guest>,
        callback: &Callback,
    ) -> Option<Result<SensitiveBytes, OauthError>> {
        let mut result = None;
        guests.retain_mut(|guest| match guest.hear() {
            Heard::Part => true,
            Heard::Head(head) if result.is_none() => {
                result = self.serve(&mut guest.stream, &head, callback);
                false
            }
            Heard::Head(_) | Heard::Nothing => false,
        });
        result
    }

    /// Answers one request; `None` when it was not the one that is waited for.
    fn serve(
        &self,
        stream: &mut TcpStream,
        head: &str,
        callback: &Callback,
    ) -> Option<Result<SensitiveBytes, OauthError>> {
        let Some(target) = self.target(head) else {
            reply(stream, "404 Not Found", "This is not the page you are looking for.");
            return None;
        };
        let result = callback.code(&format!("http://{}{target}", self.origin));
        match &result {
            Ok(_) => reply(stream, "200 OK", "You are signed in. Go back to your terminal."),
            Err(_) => {
                reply(stream, "400 Bad Request", "This did not work. Your terminal says why.")
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

impl Guest {
    /// Reads what has come, and waits for nothing.
    fn hear(&mut self) -> Heard {
        let mut part = [0; 1024];
        while !self.head.windows(4).any(|end| end == b"\r\n\r\n") {
            match self.stream.read(&mut part) {
                Ok(0) => return Heard::Nothing,
                Ok(count) => self.head.extend_from_slice(part.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return if Instant::now() < self.until { Heard::Part } else { Heard::Nothing };
                }
                Err(_) => return Heard::Nothing,
            }
            if self.head.len() > MAX {
                return Heard::Nothing;
            }
        }
        String::from_utf8(std::mem::take(&mut self.head)).map_or(Heard::Nothing, Heard::Head)
    }
}

/// The address of our page there.
pub(super) fn redirect(origin: &str) -> String {
    format!("http://{origin}{PATH}")
}

fn failed(error: std::io::Error) -> OauthError {
    OauthError::Listen(error.to_string())
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
    // It is less than what the system takes of a new connection at once. The browser may be gone; what
    // counts is what it brought.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(page.as_bytes()));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
