//! A page of memory that is locked, left out of core dumps and wiped; a stack without what finished
//! calls left on it; an allocator that wipes; and a process that others of the same user cannot read. Not a
//! boundary against root.
#![allow(unsafe_code)] // neither locking a page nor an allocator has a safe interface

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;

#[cfg(unix)]
use unix as os;
#[cfg(windows)]
use windows as os;
use zeroize::Zeroize;
use zeroizing_alloc::ZeroAlloc;

use super::error::{Result, VaultError};

#[cfg(target_os = "linux")]
pub use unix::close_inherited;

/// The size asked for; the kernel rounds up to its page size.
const PAGE: usize = 4096;

/// Deeper than any call was measured to reach with a value at hand.
const DEPTH: usize = 128 * 1024;

/// The system's allocator, which wipes all memory when it is freed. What is ours wipes itself; libraries for
/// HTTP, TLS and OAuth keep tokens in buffers of their own. For the binary; a daemon may take it too.
pub struct WipingAllocator;

// SAFETY: every call reaches the system's allocator as it was made; freeing writes within the layout before
// that, and growing is the trait's own: a new block, a copy, and the old one freed here.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    // There are thousands of places that free: inlined, it made half a megabyte.
    #[inline(never)]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { ZeroAlloc(System).dealloc(start, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }
}

/// A page for keys: never swapped where the limits allow it,
/// never in a core dump, zeroed before they are given back.
pub(super) struct LockedPage {
    start: NonNull<u8>,
}

// SAFETY: the mapping is owned by this value alone; access goes through `&self` and `&mut self`.
unsafe impl Send for LockedPage {}
// SAFETY: shared access only reads.
unsafe impl Sync for LockedPage {}

impl LockedPage {
    /// Takes a fresh, zeroed page. A refused lock (`RLIMIT_MEMLOCK`, the working set) is tolerated: the
    /// page is still wiped, and swap is then the user's to encrypt.
    pub(super) fn new() -> Result<Self> {
        let start = os::map(PAGE).ok_or(VaultError::Internal { what: "no memory for keys" })?;
        Ok(Self { start })
    }

    /// Lends the page.
    pub(super) fn bytes(&self) -> &[u8; PAGE] {
        // SAFETY: the mapping is PAGE bytes long, initialised by the kernel, and lives with self.
        unsafe { self.start.cast::<[u8; PAGE]>().as_ref() }
    }

    /// Lends the page for writing.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8; PAGE] {
        // SAFETY: as above, and `&mut self` makes the access unique.
        unsafe { self.start.cast::<[u8; PAGE]>().as_mut() }
    }
}

impl Drop for LockedPage {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        // SAFETY: the mapping was made by `new` and is not used again.
        unsafe { os::unmap(self.start, PAGE) };
    }
}

/// Overwrites the part of this thread's stack that finished calls have left behind: everything below
/// the caller.
///
/// Called at the depth from which the work with a value was called. Not a substitute for types that
/// wipe themselves: it catches what ciphers and formatting keep in their own frames.
#[inline(never)]
pub fn wipe_stack() {
    let mut below = [0_u8; DEPTH];
    below.zeroize();
    std::hint::black_box(&mut below);
}

/// Makes this process unreadable for others of the same user, and has it leave no dump of its memory.
///
/// Returns in plain words what the system refused; the caller decides whether to mention it.
pub fn harden_process() -> Vec<&'static str> {
    os::harden_process()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_page_starts_zeroed_and_keeps_what_is_written() {
        let mut page = LockedPage::new().unwrap();
        assert!(page.bytes().iter().all(|b| *b == 0));
        page.bytes_mut()[..3].copy_from_slice(b"abc");
        assert_eq!(&page.bytes()[..3], b"abc");
    }
}
