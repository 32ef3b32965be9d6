//! The provider: started, told to fail, and asked what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// How long anything here may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const SERVICE_SECRET: &str = "service-secret-0123456789";

/// A file of `provider/`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oauth/provider").join(name)
}

/// One request that the provider was sent; never with a value of it.
#[derive(Debug)]
pub struct Asked {
    pub path: String,
    pub grant: Option<String>,
    pub hint: Option<String>,
    /// When it came, in milliseconds.
    pub at: u64,
}

/// A running provider. It ends with its standard input, whatever becomes of this process.
pub struct Provider {
    child: Child,
    /// Its issuer.
    pub url: String,
}

impl Provider {
    /// One with these settings, for one test.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new("node")
            .arg(file("server.mjs"))
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let mut line = String::new();
        let told = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        let url = line.trim().strip_prefix("READY ").map(str::to_owned);
        match (told, url) {
            (Ok(_), Some(url)) => Self { child, url },
            _ => panic!("the provider does not start ('npm ci' in its folder?): {line}"),
        }
    }

    /// The one that most tests take, one after another: tokens live an hour, devices ask each second.
    pub fn shared() -> MutexGuard<'static, Self> {
        static SHARED: OnceLock<Mutex<Provider>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Mutex::new(Self::start(&[("INTERVAL", "1")])));
        let provider = shared.lock().unwrap_or_else(PoisonError::into_inner);
        provider.fails(json!([]));
        provider.forget();
        provider
    }

    /// What goes wrong from now on.
    pub fn fails(&self, faults: Value) {
        let (status, text) = self.ask("POST", "/__faults", &[], &faults.to_string());
        assert_eq!(status, 204, "{text}");
    }

    /// The next answer to a request for tokens has these members too.
    pub fn says(&self, members: Value) {
        self.fails(json!([{"path": "/token", "kind": "members", "members": members}]));
    }

    /// The next so many requests for tokens are answered with that.
    pub fn answers(&self, times: u32, status: u16, body: &str) {
        let kind = "status";
        self.fails(json!([{"path": "/token", "kind": kind, "status": status, "body": body, "times": times}]));
    }

    /// Whether everything that was to go wrong did.
    pub fn has_failed(&self) -> bool {
        self.ask("GET", "/__faults", &[], "").1 == "[]"
    }

    /// Forgets what it was asked.
    pub fn forget(&self) {
        assert_eq!(self.ask("POST", "/__count_reset", &[], "").0, 204);
    }

    /// What the program asked of it since; the tests themselves try tokens there.
    pub fn asked(&self) -> Vec<Asked> {
        let all: Value = serde_json::from_str(&self.ask("GET", "/__requests", &[], "").1).unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let read = |asked: &Value| Asked {
            path: text(&asked["path"]).unwrap(),
            grant: text(&asked["grant_type"]),
            hint: text(&asked["hint"]),
            at: asked["at"].as_u64().unwrap(),
        };
        let all = all.as_array().unwrap().iter().filter(|asked| asked["path"] != "/me");
        all.map(read).collect()
    }

    /// The paths it was asked for since.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// Whether an access token opens something there.
    pub fn accepts(&self, token: &str) -> bool {
        let (status, text) =
            self.ask("GET", "/me", &[&format!("Authorization: Bearer {token}")], "");
        assert!([200, 401].contains(&status), "{status}: {text}");
        status == 200
    }

    /// Uses up a refresh token, as somebody does who came by it.
    pub fn takes(&self, refresh_token: &str) {
        let body =
            format!("grant_type=refresh_token&client_id=native&refresh_token={refresh_token}");
        let form = "Content-Type: application/x-www-form-urlencoded";
        let (status, text) = self.ask("POST", "/token", &[form], &body);
        assert_eq!(status, 200, "{text}");
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> (u16, String) {
        let address = self.url.strip_prefix("http://").unwrap();
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let length = body.len();
        // HTTP/1.0, so that the answer comes in one piece.
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        let answer = exchange(address.parse().unwrap(), &request).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an empty line");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and reads to the end; `None` where nobody listens.
pub fn exchange(to: SocketAddr, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer that ends");
    Some(answer)
}
