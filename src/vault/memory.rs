//! A page of memory that is locked, left out of core dumps and wiped; a stack without what finished
//! calls left on it; an allocator that wipes; and a process that others of the same user cannot read. Not a
//! boundary against root.
#![allow(unsafe_code)] // the one place: neither locking a page nor an allocator has a safe interface

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous, munmap};
use zeroize::Zeroize;
use zeroizing_alloc::ZeroAlloc;

use super::error::{Result, VaultError};

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
    /// Maps a fresh, zeroed page. A refused lock (`RLIMIT_MEMLOCK`) is tolerated: the page is
    /// still undumped and wiped, and swap is then the user's to encrypt.
    pub(super) fn new() -> Result<Self> {
        // SAFETY: a new private anonymous mapping aliases nothing.
        let start = unsafe {
            mmap_anonymous(
                std::ptr::null_mut(),
                PAGE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        };
        let start = start.ok().and_then(|start| NonNull::new(start.cast::<u8>()));
        let start = start.ok_or(VaultError::Internal { what: "no memory for keys" })?;
        // SAFETY: the range is the mapping made above; both calls only change how it is kept.
        unsafe {
            let _ = mlock(start.as_ptr().cast(), PAGE);
            #[cfg(target_os = "linux")]
            let _ = madvise(start.as_ptr().cast(), PAGE, Advice::LinuxDontDump);
        }
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
        let _ = unsafe { munmap(self.start.as_ptr().cast(), PAGE) };
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

/// Makes this process unreadable for others of the same user: not dumpable, no core files.
///
/// Returns in plain words what the system refused; the caller decides whether to mention it.
pub fn harden_process() -> Vec<&'static str> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let mut refused = Vec::new();
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            refused.push("other programs of this user may read this process");
        }
    }
    // Only the soft limit: a program started by `run` may raise its own again.
    let maximum = getrlimit(Resource::Core).maximum;
    if setrlimit(Resource::Core, Rlimit { current: Some(0), maximum }).is_err() {
        refused.push("a crash may leave a core file");
    }
    refused
}

/// Closes every descriptor above standard error that came from whoever started this process, so
/// that one that stays behind keeps no pipe, lock or terminal of theirs. Call it first.
///
/// Inherited are those without close-on-exec; what this program opens always has it and stays.
#[cfg(target_os = "linux")]
pub fn close_inherited() {
    use std::os::fd::{BorrowedFd, RawFd};

    use rustix::io::{FdFlags, close, fcntl_getfd};

    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return };
    let number = |name: std::ffi::OsString| name.to_str()?.parse::<RawFd>().ok();
    let open: Vec<RawFd> =
        entries.flatten().filter_map(|entry| number(entry.file_name())).collect();
    for raw in open.into_iter().filter(|raw| *raw > 2) {
        // SAFETY: borrowed for one query, which answers EBADF for one closed meanwhile.
        let flags = fcntl_getfd(unsafe { BorrowedFd::borrow_raw(raw) });
        if flags.is_ok_and(|flags| !flags.contains(FdFlags::CLOEXEC)) {
            // SAFETY: nothing in this process owns a descriptor it did not open itself.
            unsafe { close(raw) };
        }
    }
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
