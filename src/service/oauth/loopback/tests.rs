//! A real port, and all who knock at it.

use std::net::{Shutdown, UdpSocket};
#[cfg(unix)]
use std::os::fd::OwnedFd as Owned;
#[cfg(windows)]
use std::os::windows::io::OwnedSocket as Owned;
use std::thread::JoinHandle;

use super::*;
use crate::service::oauth::sign_in::Step;

struct Nobody;

impl Person for Nobody {
    fn show(&mut self, _: Step) {}

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        Ok(None)
    }
}

/// A port that waits in a thread of its own.
struct Waiting {
    origin: String,
    cancel: Cancel,
    done: JoinHandle<Result<SensitiveBytes, OauthError>>,
}

fn waiting(host: &str, time: Duration) -> Waiting {
    let loopback = Loopback::open(host, None).unwrap();
    let redirect = loopback.redirect();
    let origin = redirect.strip_prefix("http://").and_then(|rest| rest.strip_suffix(PATH));
    let (origin, cancel) = (origin.unwrap().to_owned(), Cancel::default());
    let theirs = cancel.clone();
    let done = std::thread::spawn(move || {
        let state = SensitiveBytes::copy_of(b"s");
        let callback = Callback { state, issuer: None, names_issuer: false };
        loopback.answer(&callback, Instant::now() + time, &theirs, &mut Nobody)
    });
    Waiting { origin, cancel, done }
}

const MINUTE: Duration = Duration::from_secs(60);

impl Waiting {
    fn port(&self) -> u16 {
        self.origin.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port()))
    }

    /// Sends bytes and reads what comes until the other side closes.
    fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect().unwrap();
        stream.set_read_timeout(Some(MINUTE)).unwrap();
        // A request that is too long is cut off while it is sent.
        let _ = stream.write_all(request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, target: &str, host: &str) -> String {
        self.send(
            format!("GET {target} HTTP/1.1\r\nAccept: */*\r\nhOsT: {host}\r\n\r\n").as_bytes(),
        )
    }

    /// How it ended. The port is closed then.
    fn end(self) -> Result<SensitiveBytes, OauthError> {
        let port = self.port();
        let end = self.done.join().unwrap();
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "it is still open");
        end
    }
}

fn status(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

#[test]
fn all_but_the_right_request_are_turned_away() {
    let waiting = waiting("127.0.0.1", MINUTE);
    let here = waiting.origin.clone();
    let right = "/callback?code=c&state=s";
    for (target, host) in [
        ("/", here.as_str()),
        ("/favicon.ico", &here),
        ("/callback/?code=c&state=s", &here),
        ("/CALLBACK?code=c&state=s", &here),
        ("//callback?code=c&state=s", &here),
        ("http://evil.example/callback?code=c&state=s", &here),
        (right, "evil.example"),
        (right, "127.0.0.1"),
        (right, "127.0.0.1:1"),
        (right, &format!("localhost:{}", waiting.port())),
        (right, &format!("{here}.evil.example")),
        (right, ""),
    ] {
        assert_eq!(status(&waiting.get(target, host)), "HTTP/1.1 404 Not Found", "{target} {host}");
    }
    for request in [
        format!("POST {right} HTTP/1.1\r\nHost: {here}\r\n\r\n"),
        format!("GET {right} HTTP/2\r\nHost: {here}\r\n\r\n"),
        format!("GET {right}\r\nHost: {here}\r\n\r\n"),
        format!("GET {right} HTTP/1.1\r\n\r\n"),
        "\r\n\r\n".to_owned(),
    ] {
        assert_eq!(
            status(&waiting.send(request.as_bytes())),
            "HTTP/1.1 404 Not Found",
            "{request}"
        );
    }
    // Half a request, no text, and more than can be one: no answer at all.
    for request in [
        Vec::new(),
        format!("GET {right} HTTP/1.1\r\nHost: {here}\r\n").into_bytes(),
        b"\xff\xfe\r\n\r\n".to_vec(),
        format!("GET {right}{} HTTP/1.1\r\nHost: {here}\r\n\r\n", "x".repeat(MAX)).into_bytes(),
    ] {
        assert_eq!(waiting.send(&request), "");
    }

    let answer = waiting.get("/callback?code=a%2Bb&state=s", &here);
    assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    for header in ["Cache-Control: no-store", "Referrer-Policy: no-referrer", "default-src 'none'"]
    {
        assert!(answer.contains(header), "{answer}");
    }
    assert!(!answer.contains("a+b") && !answer.contains("a%2Bb"));
    let code = waiting.end().ok().unwrap();
    assert!(code.with(|code| code == b"a+b"));
}

#[test]
fn a_request_may_come_in_pieces() {
    let waiting = waiting("localhost", MINUTE);
    assert!(waiting.origin.starts_with("localhost:"));
    let mut stream = waiting.connect().unwrap();
    stream.set_nodelay(true).unwrap();
    let request =
        format!("GET /callback?code=c&state=s HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.origin);
    for part in request.as_bytes().chunks(7) {
        stream.write_all(part).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    assert!(waiting.end().is_ok());
}

/// Reads what comes until the other side closes.
fn rest(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(MINUTE)).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn who_says_nothing_holds_nobody_up() {
    let begin = Instant::now();
    let waiting = waiting("127.0.0.1", MINUTE);
    let mut silent = waiting.connect().unwrap();
    let mut half = waiting.connect().unwrap();
    half.write_all(b"GET /callback?code=evil").unwrap();
    let icon = waiting.get("/favicon.ico", &waiting.origin);
    assert_eq!(status(&icon), "HTTP/1.1 404 Not Found");
    let answer = waiting.get("/callback?code=c&state=s", &waiting.origin);
    assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    assert!(waiting.end().is_ok());
    // Their connections are closed with the port.
    let _ = (rest(&mut silent), half.read(&mut [0; 1]));
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}

#[test]
fn one_that_was_opened_beforehand_brings_the_answer() {
    let waiting = waiting("127.0.0.1", MINUTE);
    let mut early = waiting.connect().unwrap();
    let _silent = waiting.connect().unwrap();
    assert_eq!(status(&waiting.get("/", &waiting.origin)), "HTTP/1.1 404 Not Found");
    let request = "GET /callback?code=c&state=s HTTP/1.1\r\n";
    write!(early, "{request}Host: {}\r\n\r\n", waiting.origin).unwrap();
    assert_eq!(status(&rest(&mut early)), "HTTP/1.1 200 OK");
    assert!(waiting.end().is_ok());
}

#[test]
fn it_ends_at_once_also_while_somebody_says_nothing() {
    let begin = Instant::now();
    let cancelled = waiting("127.0.0.1", MINUTE);
    let _silent = cancelled.connect().unwrap();
    // Whoever came before this one is there by now.
    cancelled.get("/", &cancelled.origin);
    cancelled.cancel.set();
    assert!(matches!(cancelled.end(), Err(OauthError::Cancelled)));
    let late = waiting("127.0.0.1", Duration::from_millis(200));
    let _silent = late.connect().unwrap();
    assert!(matches!(late.end(), Err(OauthError::CodeExpired)));
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}

#[test]
fn where_too_many_come_the_one_goes_who_was_silent_for_longest() {
    let begin = Instant::now();
    let waiting = waiting("127.0.0.1", MINUTE);
    let mut slow = waiting.connect().unwrap();
    slow.write_all(b"GET /callback?code=c&state=s HTTP/1.1\r\n").unwrap();
    // It has been heard when a later one has its answer.
    waiting.get("/", &waiting.origin);
    let mut silent: Vec<_> = (0..GUESTS + 2).map(|_| waiting.connect().unwrap()).collect();
    for gone in silent.iter_mut().take(3) {
        assert_eq!(rest(gone), "");
    }
    assert!(begin.elapsed() < PATIENCE, "they were only waited for: {:?}", begin.elapsed());
    silent[3].set_nonblocking(true).unwrap();
    let still = silent[3].read(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(still, Err(ErrorKind::WouldBlock));
    write!(slow, "Host: {}\r\n\r\n", waiting.origin).unwrap();
    assert_eq!(status(&rest(&mut slow)), "HTTP/1.1 200 OK");
    assert!(waiting.end().is_ok());
}

#[test]
fn what_the_provider_says_ends_it_and_is_not_shown_in_the_browser() {
    let waiting = waiting("127.0.0.1", MINUTE);
    let target = "/callback?error=server_error&error_description=%3Cscript%3E&state=s";
    let answer = waiting.get(target, &waiting.origin);
    assert_eq!(status(&answer), "HTTP/1.1 400 Bad Request");
    assert!(!answer.contains("script"), "{answer}");
    assert!(matches!(waiting.end(), Err(OauthError::Rejected { .. })));
}

#[test]
fn a_port_that_is_named_is_taken_or_said_to_be_taken() {
    // Somebody else may take it in the moment in which it is nobody's.
    let mut opened = (0..5).filter_map(|_| {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let taken = Loopback::open("localhost", NonZeroU16::new(port)).err().unwrap();
        assert!(matches!(taken, OauthError::PortTaken { port: told } if told == port), "{taken}");
        drop(other);
        match Loopback::open("localhost", NonZeroU16::new(port)) {
            Err(OauthError::PortTaken { .. }) => None,
            opened => Some((port, opened.unwrap())),
        }
    });
    let (port, loopback) = opened.next().unwrap();
    assert_eq!(loopback.redirect(), format!("http://localhost:{port}/callback"));
}

#[test]
fn it_ends_when_it_is_cancelled_and_when_time_is_up() {
    let waiting_long = waiting("127.0.0.1", MINUTE);
    waiting_long.cancel.set();
    assert!(matches!(waiting_long.end(), Err(OauthError::Cancelled)));
    assert!(matches!(waiting("127.0.0.1", Duration::ZERO).end(), Err(OauthError::CodeExpired)));
}

/// Pastes nothing, and counts how often that is asked.
struct Counts(u32);

impl Person for Counts {
    fn show(&mut self, _: Step) {}

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        self.0 += 1;
        Ok(None)
    }
}

#[test]
fn an_error_that_stays_neither_ends_it_nor_keeps_it_busy() {
    // No socket that anybody can knock at: each try to let somebody in fails.
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let listener = TcpListener::from(Owned::from(socket));
    assert!(listener.accept().is_err_and(|error| error.kind() != ErrorKind::WouldBlock));
    let loopback = Loopback { listener, origin: "127.0.0.1:1".into() };
    let state = SensitiveBytes::copy_of(b"s");
    let callback = Callback { state, issuer: None, names_issuer: false };
    let (until, mut person) = (Instant::now() + 4 * TICK, Counts(0));
    let end = loopback.answer(&callback, until, &Cancel::default(), &mut person);
    assert!(matches!(end, Err(OauthError::CodeExpired)));
    assert!(person.0 <= 8, "{}", person.0);
}
