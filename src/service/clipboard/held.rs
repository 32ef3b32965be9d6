//! The places a value can be held in, and the desktop's clipboard among them. They know no timer.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{ClipboardEnv, Route, tmux};
use crate::vault::SensitiveBytes;

/// What is on the clipboard, compared with what was put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contents {
    /// The value we put there.
    Ours,
    /// Something else, or nothing.
    NotOurs,
    /// It could not be read.
    Unknown(String),
}

/// A place that holds one value.
pub(super) trait Held: Send {
    /// Puts `value` there.
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String>;
    /// Reads back and compares.
    fn contents(&mut self, value: &SensitiveBytes) -> Contents;
    /// Takes the value off; only called after [`Contents::Ours`].
    fn clear(&mut self) -> Result<(), String>;
}

/// What opens a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    /// The route.
    pub(super) route: Route,
    /// The tmux buffer's name; the copier knows it too, should the holder not live to delete it.
    pub(super) buffer: String,
    /// Let tmux hand the value on to the outer terminal's clipboard.
    pub(super) to_terminal: bool,
}

/// Opens a place, which is where a route really proves to work.
pub(super) fn open(way: &Way) -> Result<Box<dyn Held>, String> {
    match way.route {
        Route::X11 | Route::Wayland | Route::System => Ok(Box::new(Desktop::open()?)),
        Route::Tmux => {
            let env = ClipboardEnv::from_process();
            Ok(Box::new(tmux::Buffer::open(&env, &way.buffer, way.to_terminal)?))
        }
        Route::Osc52 => Err("the terminal's sequence cannot be held".to_owned()),
    }
}

/// Whether contents stay when their holder ends: X11 and Wayland forget them, a tmux server and the
/// clipboards of macOS and Windows do not.
pub(super) fn outlive_their_holder(route: Route) -> bool {
    matches!(route, Route::Tmux | Route::System)
}

/// What it means when a read on `route` never answers.
///
/// On a desktop the holder itself answers for its own contents, and at once: whoever is silent is
/// another program. A tmux server may just be busy.
pub(super) fn silence(route: Route) -> Contents {
    match route {
        Route::Tmux => Contents::Unknown("the tmux server does not answer".to_owned()),
        _ => Contents::NotOurs,
    }
}

/// Compares in constant time; lengths may be told apart.
pub(super) fn same(value: &SensitiveBytes, found: &[u8]) -> Contents {
    if value.with(|plain| bool::from(plain.ct_eq(found))) {
        Contents::Ours
    } else {
        Contents::NotOurs
    }
}

/// The CLIPBOARD of X11, Wayland or the platform. Never PRIMARY.
struct Desktop(arboard::Clipboard);

impl Desktop {
    /// Connects. Every error means that there is no such clipboard: a missing display is not
    /// told apart from an unsupported one.
    fn open() -> Result<Self, String> {
        arboard::Clipboard::new().map(Self).map_err(|error| error.to_string())
    }
}

/// Asks clipboard histories to keep no copy: the hint of KDE's Klipper, which others follow.
#[cfg(not(any(target_os = "macos", windows)))]
fn unremembered(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

/// Asks clipboard histories to keep no copy: `org.nspasteboard.ConcealedType`.
#[cfg(target_os = "macos")]
fn unremembered(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

/// Keeps it out of the clipboard's history, out of the cloud, and away from programs that watch
/// (`ExcludeClipboardContentFromMonitorProcessing`, which covers the two, and the two for those who know no more).
#[cfg(windows)]
fn unremembered(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows;
    set.exclude_from_monitoring().exclude_from_cloud().exclude_from_history()
}

impl Held for Desktop {
    fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
        let set = unremembered(self.0.set());
        match value.with_str(|text| set.text(text)) {
            Some(done) => done.map_err(|error| error.to_string()),
            None => Err("the value is not text".to_owned()),
        }
    }

    fn contents(&mut self, value: &SensitiveBytes) -> Contents {
        match self.0.get().text().map(Zeroizing::new) {
            Ok(text) => same(value, text.as_bytes()),
            // Empty, a picture, or text in no encoding of ours: in each case not our value.
            Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => {
                Contents::NotOurs
            }
            Err(error) => Contents::Unknown(error.to_string()),
        }
    }

    fn clear(&mut self) -> Result<(), String> {
        self.0.clear().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_bytes_are_ours() {
        let value = SensitiveBytes::copy_of(b"hunter2");
        assert_eq!(same(&value, b"hunter2"), Contents::Ours);
        assert_eq!(same(&value, b"hunter3"), Contents::NotOurs);
        assert_eq!(same(&value, b"hunter2\n"), Contents::NotOurs);
        assert_eq!(same(&value, b""), Contents::NotOurs);
    }
}
