//! The same by `mmap`, `mlock` and what Linux knows of processes.
#![allow(unsafe_code)] // mappings have no safe interface

use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mlock, mmap_anonymous, munmap};

/// Maps fresh, zeroed memory, which is locked if that is allowed and left out of core files.
pub(super) fn map(length: usize) -> Option<NonNull<u8>> {
    // SAFETY: a new private anonymous mapping aliases nothing.
    let start = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            length,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    };
    let start = NonNull::new(start.ok()?.cast::<u8>())?;
    // SAFETY: the range is the mapping made above; both calls only change how it is kept.
    unsafe {
        let _ = mlock(start.as_ptr().cast(), length);
        #[cfg(target_os = "linux")]
        let _ =
            rustix::mm::madvise(start.as_ptr().cast(), length, rustix::mm::Advice::LinuxDontDump);
    }
    Some(start)
}

/// # Safety
/// [`map`] gave it with this length, and nobody uses it any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, length: usize) {
    // SAFETY: the caller's promise.
    let _ = unsafe { munmap(start.as_ptr().cast(), length) };
}

/// Not dumpable, no core files.
pub(super) fn harden_process() -> Vec<&'static str> {
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
