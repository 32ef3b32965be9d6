//! Whose turn it is: the newest copy on a display makes older holders leave, also those of other
//! processes. It holds a random token in a file, never anything of the value.
//!
//! Comparing contents is not enough: the same secret copied twice looks the same to both holders,
//! and the first one's timer would clear the second one's contents.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{ClipboardEnv, Route};
use crate::vault::make_private_dirs;

/// One holder's turn on one display.
pub(super) struct Turn {
    file: Option<PathBuf>,
    token: String,
}

impl Turn {
    /// Takes the turn from whoever has it. Without a private directory everybody has his own.
    pub(super) fn take(env: &ClipboardEnv, route: Route) -> Self {
        let token = format!("{:032x}", rand::random::<u128>());
        let file = place(env, route).filter(|file| {
            let new = file.with_extension(&token);
            let written = fs::write(&new, &token).and_then(|()| fs::rename(&new, file));
            if written.is_err() {
                let _ = fs::remove_file(&new);
            }
            written.is_ok()
        });
        Self { file, token }
    }

    /// Whether a newer holder has taken over.
    pub(super) fn is_lost(&self) -> bool {
        let Some(file) = &self.file else { return false };
        fs::read(file).is_ok_and(|found| found != self.token.as_bytes())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = self.file.as_ref().filter(|_| !self.is_lost()) {
            let _ = fs::remove_file(file);
        }
    }
}

/// The file for this display; a tmux buffer has a name of its own and needs none.
fn place(env: &ClipboardEnv, route: Route) -> Option<PathBuf> {
    let display = match route {
        Route::X11 => env.display.as_ref()?.as_encoded_bytes(),
        Route::Wayland => env.wayland_display.as_ref()?.as_encoded_bytes(),
        Route::System => b"",
        Route::Tmux | Route::Osc52 => return None,
    };
    let directory = match (&env.runtime_dir, &env.home) {
        (Some(runtime), _) => PathBuf::from(runtime).join("tresor"),
        (None, Some(home)) => PathBuf::from(home).join(".cache").join("tresor"),
        (None, None) => return None,
    };
    make_private_dirs(&directory).ok()?;
    let digest = Sha256::new().chain_update(route.word()).chain_update([0]).chain_update(display);
    let hex: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(directory.join(format!("clipboard-{hex}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn env(directory: &std::path::Path, display: &str) -> ClipboardEnv {
        ClipboardEnv {
            runtime_dir: Some(directory.into()),
            display: Some(display.into()),
            ..ClipboardEnv::default()
        }
    }

    #[test]
    fn the_newest_has_the_turn_and_the_older_one_leaves_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let env = env(directory.path(), ":0");
        let first = Turn::take(&env, Route::X11);
        assert!(!first.is_lost());
        let second = Turn::take(&env, Route::X11);
        assert!(first.is_lost());
        drop(first);
        assert!(!second.is_lost());
        drop(second);
        let left = fs::read_dir(directory.path().join("tresor")).unwrap().count();
        assert_eq!(left, 0);
    }

    #[test]
    fn displays_do_not_disturb_each_other() {
        let directory = tempfile::tempdir().unwrap();
        let first = Turn::take(&env(directory.path(), ":0"), Route::X11);
        let _second = Turn::take(&env(directory.path(), ":1"), Route::X11);
        assert!(!first.is_lost());
    }

    #[test]
    fn without_a_directory_nobody_loses_it() {
        let turn = Turn::take(&ClipboardEnv::default(), Route::X11);
        assert!(!turn.is_lost());
    }
}
