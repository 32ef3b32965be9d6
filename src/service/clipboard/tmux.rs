//! tmux's named buffers, one for one value. Knows no timer and no holder.
//!
//! A buffer outlives whoever loaded it, so "there is no such buffer" is never taken for "no answer".

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::ClipboardEnv;
use super::held::{Contents, Held, same};
use super::tmux_client::{Client, Trouble};
use crate::vault::SensitiveBytes;

/// A name that no other buffer has, short enough to be typed.
pub(super) fn new_name() -> String {
    format!("tresor-{:08x}", rand::random::<u32>())
}

/// The keys that paste the buffer of that name.
pub(super) fn keys_to_paste(env: &ClipboardEnv, name: &str) -> String {
    let version = Client::new(env).run(&["display-message", "-p", "#{version}"], None);
    match version.is_ok_and(|version| pastes_named(&String::from_utf8_lossy(&version))) {
        true => "prefix ]".to_owned(),
        false => format!("prefix :pasteb -b {name}"),
    }
}

/// Whether tmux of that version pastes the newest buffer, named or not; since 3.4 it passes over those
/// with a name ("Ignore named buffers when choosing a buffer", CHANGES FROM 3.3a TO 3.4).
fn pastes_named(version: &str) -> bool {
    let mut numbers = version.trim().splitn(2, '.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    });
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) < (3, 4),
        // Some other tmux: the name works in each.
        _ => false,
    }
}

/// Deletes the buffer of that name if it is there; `Err` when it may still be.
pub(super) fn remove(env: &ClipboardEnv, name: &str) -> Result<(), String> {
    let client = Client::new(env);
    match client.has(name).map_err(Trouble::why)? {
        true => client.delete(name),
        false => Ok(()),
    }
}

/// A buffer with a name of its own.
pub(super) struct Buffer {
    client: Client,
    name: String,
    to_terminal: bool,
    /// The server, to tell one that is gone from one that is busy.
    server: Option<Pid>,
}

impl Buffer {
    /// Asks the server whether it is there. `to_terminal` lets it hand the value on.
    pub(super) fn open(env: &ClipboardEnv, name: &str, to_terminal: bool) -> Result<Self, String> {
        let client = Client::new(env);
        let told = client.run(&["display-message", "-p", "#{pid}"], None).map_err(Trouble::why)?;
        let told = String::from_utf8_lossy(&told).into_owned();
        let server = told.trim().parse().ok().and_then(Pid::from_raw);
        Ok(Self { client, name: name.to_owned(), to_terminal, server })
    }

    fn load(&self, options: &[&str], value: &SensitiveBytes) -> Result<(), Trouble> {
        let arguments = [&["load-buffer"], options, &["-b", &self.name, "-"]].concat();
        self.client.run(&arguments, Some(value)).map(drop)
    }

    /// Whether the server says that it has no such buffer, or is gone and its buffers with it.
    fn is_gone(&self) -> bool {
        match self.client.has(&self.name) {
            Ok(there) => !there,
            Err(Trouble::Silent) => false,
            Err(Trouble::Said(_)) => {
                self.server.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
            }
        }
    }
}

impl Held for Buffer {
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
        if self.to_terminal {
            match self.load(&["-w"], value) {
                // tmux before 3.2 refuses -w, which hands the value on.
                Err(Trouble::Said(_)) => {}
                done => return done.map_err(Trouble::why),
            }
        }
        self.load(&[], value).map_err(Trouble::why)
    }

    fn contents(&mut self, value: &SensitiveBytes) -> Contents {
        match self.client.run(&["show-buffer", "-b", &self.name], None) {
            Ok(found) => same(value, &found),
            Err(Trouble::Said(_)) if self.is_gone() => Contents::NotOurs,
            Err(trouble) => Contents::Unknown(trouble.why()),
        }
    }

    fn clear(&mut self) -> Result<(), String> {
        self.client.delete(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tmux_before_3_4_pastes_a_named_buffer_by_its_key() {
        for version in ["2.9a", "3.0", "3.2", "3.3a\n"] {
            assert!(pastes_named(version), "{version}");
        }
        for version in ["3.4", "3.5a", "3.10", "4.0", "next-3.3", "openbsd-7.1", "master", "3", ""]
        {
            assert!(!pastes_named(version), "{version}");
        }
    }
}
