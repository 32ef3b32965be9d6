//! Which state of the vault on disk the application knows, so that only changes of others are told. Reads
//! no vault.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by whoever commits. Cheap to clone.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Known>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Known {
    #[default]
    Nothing,
    Generation(u64),
    /// It could not be read; said once.
    Trouble,
}

impl Seen {
    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing here can be half changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another vault, or the same opened anew.
    pub fn forget(&self) {
        *self.known() = Known::Nothing;
    }

    /// The application was given that generation.
    pub fn listed(&self, generation: u64) {
        *self.known() = Known::Generation(generation);
    }

    /// Notes a commit of ours. A change by somebody else in between has another number and is noticed by it.
    pub fn committed(&self, generation: u64) {
        let mut known = self.known();
        if *known == Known::Generation(generation.wrapping_sub(1)) {
            *known = Known::Generation(generation);
        }
    }

    /// Whether what is there now, if it can be read, is news. The listing that follows brings the new number;
    /// until then nothing is said twice.
    pub fn is_news(&self, generation: Option<u64>) -> bool {
        let mut known = self.known();
        let now = generation.map_or(Known::Trouble, Known::Generation);
        let news = *known != Known::Nothing && *known != now;
        if news {
            *known = now;
        }
        news
    }
}
