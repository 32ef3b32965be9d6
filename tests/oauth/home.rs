//! A directory of its own for each test: home, vault, key file, and the program run in it. Whatever the
//! program writes is looked at for what a terminal would obey.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::browsing;
use crate::provider::{PATIENCE, Provider};

/// What is asked for where nothing else is said.
pub const SCOPES: &str = "openid offline_access profile api";

/// Such a directory.
pub struct Home {
    directory: TempDir,
}

/// What a run of the program ended with.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

/// A run that goes on.
pub struct Running {
    pub child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    read: Vec<String>,
    err: JoinHandle<String>,
}

impl Home {
    /// One with an empty vault that its key file opens.
    pub fn new() -> Self {
        leave_the_terminal();
        let home = Self { directory: tempfile::tempdir().unwrap() };
        home.run(&["init", "--quiet"]).succeeds();
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The program by the words of `under`: by itself if there are none.
    pub fn command(&self, under: &[&str], arguments: &[&str]) -> Command {
        let words = [under, &[env!("CARGO_BIN_EXE_tresor")]].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.directory.path())
            .env("TRESOR_VAULT_DIR", self.path("vault"))
            .env("TRESOR_KEY_FILE", self.path("key"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"));
        command
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::of(self.command(&[], arguments))
    }

    /// Runs the program without input.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs the program with that input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut running = self.start(arguments);
        running.write(input);
        running.end()
    }

    /// Runs the program, which has to succeed and print JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&ran.succeeds().out).expect("JSON")
    }

    /// A profile as it is.
    pub fn profile(&self, id: &str) -> Value {
        self.json(&["profile", "show", id])
    }

    /// The value of a secret, if it is there.
    pub fn value(&self, name: &str) -> Option<String> {
        let ran = self.run(&["read", name]);
        match ran.status.code() {
            Some(0) => Some(ran.out),
            Some(8) => None,
            _ => panic!("{name}: {ran:?}"),
        }
    }

    /// The access token and the refresh token of a global profile.
    pub fn tokens(&self, id: &str) -> (String, String) {
        let read = |ending| self.value(&format!("global/{id}.{ending}")).expect(ending);
        (read("access_token"), read("refresh_token"))
    }

    /// The names of all secrets, of `list` or `trash`.
    pub fn names(&self, of: &str) -> Vec<String> {
        let all = self.json(&[of]);
        let key = if of == "trash" { "trash" } else { "secrets" };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = |secret: &Value| format!("{}/{}", text(&secret["scope"]), text(&secret["key"]));
        let mut names: Vec<String> = all[key].as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }

    /// Checks that a sign-in that failed left nothing.
    pub fn is_empty(&self) {
        assert_eq!(self.json(&["profile", "list"])["count"], 0);
        assert!(self.names("list").is_empty() && self.names("trash").is_empty());
    }

    /// Begins a sign-in for the client `native`.
    pub fn add(&self, provider: &Provider, id: &str, more: &[&str]) -> Running {
        let at = ["profile", "add", id, "--issuer", &provider.url, "--client-id", "native"];
        self.start(&[&at[..], &["--scopes", SCOPES, "--no-browser"], more].concat())
    }

    /// Signs in through a browser whose last address is pasted, and forgets the requests for it.
    pub fn signed_in(&self, provider: &Provider, id: &str, more: &[&str]) -> Value {
        let mut add = self.add(provider, id, &[&["--flow", "paste", "--json"], more].concat());
        let event = add.event();
        let address = browsing::ends_at(event["url"].as_str().expect("a page"));
        add.write(&format!("{address}\n"));
        let done = add.event();
        add.end().succeeds();
        assert_eq!(done["event"], "done");
        provider.forget();
        done["profile"].clone()
    }

    /// The same, with an access token that lives so many seconds by the provider's word alone.
    pub fn signed_in_for(&self, provider: &Provider, id: &str, seconds: u32) -> Value {
        provider.says(serde_json::json!({"expires_in": seconds}));
        self.signed_in(provider, id, &[])
    }

    /// Signs in by the client alone, likewise.
    pub fn client_signed_in(&self, provider: &Provider, id: &str) {
        let at = ["profile", "add", id, "--issuer", &provider.url, "--client-id", "service"];
        let more = ["--flow", "client_credentials", "--scopes", "api", "--client-secret-stdin"];
        let secret = format!("{}\n", crate::provider::SERVICE_SECRET);
        self.run_with(&[&at[..], &more].concat(), &secret).succeeds();
        provider.forget();
    }

    /// Waits until the access token of a profile has ended.
    pub fn wait_for_the_end_of(&self, id: &str) {
        until("the token has ended", || self.profile(id)["expires_in"].as_i64() <= Some(0));
    }
}

impl Running {
    /// Starts a command and reads what it writes.
    pub fn of(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("it runs");
        let (out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            loop {
                let mut line = Vec::new();
                match out.read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {
                        let line = String::from_utf8(line).expect("UTF-8 on standard output");
                        if sender.send(line).is_err() {
                            break;
                        }
                    }
                }
            }
        });
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).expect("UTF-8 on standard error");
            text
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines, read: Vec::new(), err }
    }

    /// Writes to its standard input; one that reads nothing may be gone.
    pub fn write(&mut self, text: &str) {
        let _ = self.stdin.as_mut().unwrap().write_all(text.as_bytes());
    }

    /// Ends its standard input.
    pub fn close(&mut self) {
        drop(self.stdin.take());
    }

    /// Its next line of output.
    pub fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE);
        self.read.push(line.expect("another line"));
        self.read.last().unwrap().clone()
    }

    /// Its next line of output, as JSON.
    pub fn event(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        self.close();
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begin.elapsed() < PATIENCE => std::thread::sleep(TICK),
                None => {
                    let _ = self.child.kill();
                    panic!("it does not end; so far: {:?}", self.read);
                }
            }
        };
        let out = self.read.into_iter().chain(self.lines.iter()).collect();
        let ran = Ran { status, out, err: self.err.join().unwrap() };
        for text in [&ran.out, &ran.err] {
            let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
            assert!(!text.contains(obeyed), "a terminal would obey: {text:?}");
        }
        ran
    }
}

impl Ran {
    /// Has to have succeeded.
    pub fn succeeds(self) -> Self {
        assert!(self.status.success(), "{self:?}");
        self
    }

    /// Has to have failed with that code, and said that.
    pub fn fails(self, code: i32, said: &[&str]) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self:?}");
        self.says(said)
    }

    /// Has to have said that on standard error.
    pub fn says(self, said: &[&str]) -> Self {
        for text in said {
            assert!(self.err.contains(text), "nothing of '{text}': {self:?}");
        }
        self
    }

    /// Its lines of output, as JSON.
    pub fn events(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

const TICK: Duration = Duration::from_millis(5);

/// Waits for a condition.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(TICK);
    }
}

/// Whether the last line begins so and then says an hour; a second of it may be over.
pub fn says_an_hour(out: &str, begin: &str) -> bool {
    let rest = out.lines().last().and_then(|line| line.strip_prefix(begin));
    matches!(rest, Some("59 min" | "60 min"))
}

/// The names of an object's members, in their order.
pub fn members(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The bytes of every file below a directory.
pub fn bytes_below(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(bytes_below(&path)),
            false => found.push((path.clone(), std::fs::read(path).unwrap())),
        }
    }
    found
}

/// Parts this process from the terminal the tests were started in, so that nothing asks there.
fn leave_the_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let left = rustix::process::setsid().is_ok() || std::fs::File::open("/dev/tty").is_err();
        assert!(left, "cannot leave the terminal; start the tests by cargo or under setsid");
    });
}
