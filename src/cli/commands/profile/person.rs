//! The person at the command line, or the program that reads its JSON: what is shown of a sign-in, and
//! what is given back.

use std::io::IsTerminal;

use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::prompt::Terminal;
use crate::cli::session::Session;
use crate::fault::FaultKind;
use crate::service::browser;
use crate::service::oauth::{OauthError, Person, Step, ends, spaced};
use crate::vault::SensitiveBytes;

/// Whoever signs in at the command line.
pub struct AtTheTerminal<'a> {
    pub session: &'a Session,
    /// Whether pages are opened here.
    pub opens_browser: bool,
    /// Whether the address that a browser ends at is asked for.
    pub pastes: bool,
    /// What could not be written or read.
    pub failed: Option<CliError>,
}

impl<'a> AtTheTerminal<'a> {
    /// Somebody who is only shown things.
    pub fn new(session: &'a Session) -> Self {
        Self { session, opens_browser: false, pastes: false, failed: None }
    }

    fn say(&mut self, text: &str, json: &serde_json::Value) {
        let out = self.session.out;
        let said = if out.json { out.json(json) } else { out.text(text) };
        if let Err(error) = said {
            self.failed.get_or_insert(error);
        }
    }

    /// Opens a page, and says so; what fails is no harm: the address is on the screen.
    fn open(&self, url: &str) {
        match browser::open(url) {
            Ok(()) => self.session.out.note("opened your browser"),
            Err(_) => {
                self.session.out.note("there is no browser to open here; open the page yourself")
            }
        }
    }
}

impl Person for AtTheTerminal<'_> {
    fn show(&mut self, step: Step) {
        match step {
            Step::Device { user_code, verification_uri, verification_uri_complete, lives } => {
                let expires_at = ends(self.session.now(), lives);
                let text = format!(
                    "Open   {verification_uri}\nEnter  {}\nThe code lives for {} min; waiting for you to allow it.\n",
                    spaced(&user_code),
                    lives.div_ceil(60),
                );
                self.say(
                    &text,
                    &json!({
                        "event": "device",
                        "user_code": user_code,
                        "verification_uri": verification_uri,
                        "verification_uri_complete": verification_uri_complete,
                        "expires_at": expires_at.to_string(),
                    }),
                );
                if self.opens_browser {
                    self.open(verification_uri_complete.as_deref().unwrap_or(&verification_uri));
                }
            }
            Step::Browser { url, listening } => {
                let rest = match listening {
                    true => "Waiting for your browser to come back.\n",
                    false => {
                        "At its end the browser shows an address that it cannot load: paste that here.\n"
                    }
                };
                let text = format!("Open  {url}\n{rest}");
                self.say(&text, &json!({"event": "browser", "url": url}));
                if self.opens_browser && listening {
                    self.open(&url);
                }
            }
            Step::NotThat(why) => self.session.out.warning(&why),
            Step::Asked(_) | Step::Granted(_) | Step::NotThere(_) => {}
        }
    }

    fn pasted(&mut self) -> Result<Option<SensitiveBytes>, OauthError> {
        if let Some(error) = self.failed.take() {
            self.failed = Some(error);
            return Err(OauthError::Cancelled);
        }
        if !self.pastes {
            return Ok(None);
        }
        let read = match Terminal::open().filter(|_| std::io::stdin().is_terminal()) {
            Some(terminal) => terminal.ask_unseen("Paste the address: "),
            None => one_line(),
        };
        read.map(Some).map_err(|error| {
            let interrupted = error.kind() == FaultKind::Interrupted;
            if !interrupted {
                self.failed = Some(error);
            }
            OauthError::Cancelled
        })
    }

    fn tries_again(&self) -> bool {
        std::io::stdin().is_terminal()
    }
}

/// One line of standard input, read byte by byte so that nothing behind it is taken.
fn one_line() -> Result<SensitiveBytes, CliError> {
    let mut line = SensitiveBuffer::default();
    loop {
        let byte = crate::cli::input::read_byte()?;
        match byte {
            None | Some(b'\n') => break,
            Some(byte) if line.0.len() < 8192 => line.0.push(byte),
            Some(_) => {
                return Err(CliError::invalid("that line is too long", "paste the address alone"));
            }
        }
    }
    if line.0.is_empty() {
        return Err(CliError::invalid("there is no address", "give it on standard input"));
    }
    Ok(SensitiveBytes::copy_of(&line.0))
}

/// Wiped however the reading ends.
struct SensitiveBuffer(zeroize::Zeroizing<Vec<u8>>);

impl Default for SensitiveBuffer {
    fn default() -> Self {
        Self(zeroize::Zeroizing::new(Vec::with_capacity(8192)))
    }
}
