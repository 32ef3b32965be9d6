//! The kernel's keyring of the user (keyrings(7)). Knows no vault.
//!
//! It is the user's and not the session's, so that a shell over SSH, one in tmux and the desktop's
//! share it; its keys are readable by whoever possesses them, which every process of the same user can
//! come to. What is kept there is in kernel memory, which is not swapped.

use std::time::Duration;

use linux_keyutils::{
    Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, KeySerialId, Permission,
};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::{CacheError, Store};
use crate::vault::{CachedKey, SensitiveBytes};

/// The user's keyring as calls name it: `KEY_SPEC_USER_KEYRING` of keyctl(2).
const USER: i32 = -4;

/// The user's keyring.
pub(super) struct Kernel;

/// The keyrings of one call.
struct Rings {
    /// Of this thread alone; gone with it.
    own: KeyRing,
    user: KeyRing,
}

impl Rings {
    /// A login session need not lead to the user's keyring (in containers, under systemd); without a
    /// link from somewhere its keys could be found but not read. The thread's is nobody else's business.
    fn open() -> Result<Self, KeyError> {
        let own = KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?;
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true)?;
        own.link_key(Key::from_id(KeySerialId::new(USER)))?;
        Ok(Self { own, user })
    }

    /// The key of that name, if its time has not run out.
    fn find(&self, name: &str) -> Result<Option<Key>, KeyError> {
        match self.user.search(name) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_gone(error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the key its end and its rights before anybody else can see it: whatever stops this
    /// process on the way, no key is left that would not expire.
    fn publish(&self, key: Key, time: Duration) -> Result<(), KeyError> {
        let seconds = usize::try_from(time.as_secs()).map_err(|_| KeyError::InvalidArguments)?;
        key.set_timeout(seconds)?;
        // Nobody may change it or put its end off, and only who possesses it may read it.
        let rights = Permission::VIEW | Permission::READ | Permission::SEARCH | Permission::LINK;
        key.set_perms(KeyPermissionsBuilder::builder().posessor(rights).build())?;
        self.user.link_key(key)
    }
}

impl Store for Kernel {
    fn keep(&self, name: &str, key: &[u8], time: Duration) -> Result<(), CacheError> {
        let rings = Rings::open().map_err(told)?;
        let kept = rings.own.add_key(name, key).map_err(told)?;
        let published = rings.publish(kept, time).map_err(told);
        let _ = rings.own.unlink_key(kept); // gone with this thread in any case
        published
    }

    fn find(&self, name: &str) -> Result<Option<SensitiveBytes>, CacheError> {
        let rings = Rings::open().map_err(told)?;
        let Some(key) = rings.find(name).map_err(told)? else { return Ok(None) };
        let mut room = Zeroizing::new([0; CachedKey::MAX + 1]);
        match key.read(&mut *room) {
            // Longer than the room is no key of ours; what fits of it is told apart by the vault.
            Ok(length) => Ok(room.get(..length.min(room.len())).map(SensitiveBytes::copy_of)),
            Err(error) if is_gone(error) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn forget(&self, name: &str) -> Result<bool, CacheError> {
        let rings = Rings::open().map_err(told)?;
        let Some(key) = rings.find(name).map_err(told)? else { return Ok(false) };
        match key.invalidate() {
            Ok(()) => Ok(true),
            Err(error) if is_gone(error) => Ok(false),
            Err(error) => Err(told(error)),
        }
    }
}

/// Whether there is no key, or one whose time has run out.
fn is_gone(error: KeyError) -> bool {
    matches!(error, KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked)
}

/// The kernel's answer in our words. What forbids system calls, as containers do, answers with
/// either of these.
fn told(error: KeyError) -> CacheError {
    let number = match error {
        KeyError::PermissionDenied => return CacheError::Forbidden,
        KeyError::Unknown(number) if number == Errno::NOSYS.raw_os_error() => {
            return CacheError::Missing;
        }
        KeyError::Unknown(number) => Errno::from_raw_os_error(number),
        KeyError::QuotaExceeded => Errno::DQUOT,
        KeyError::OutOfMemory => Errno::NOMEM,
        KeyError::AccessDenied => Errno::ACCESS,
        other => return CacheError::Failed(format!("{other:?}")),
    };
    CacheError::Failed(number.to_string())
}
