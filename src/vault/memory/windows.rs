//! The same by `VirtualAlloc`, `VirtualLock`, the process's access list and Windows Error Reporting.
#![allow(unsafe_code)] // none of it has a safe interface

use std::ptr::{NonNull, null};

use windows_sys::Win32::System::Diagnostics::Debug::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::ErrorReporting::{WER_FAULT_REPORTING_FLAG_NOHEAP, WerSetFlags};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree, VirtualLock,
};

use crate::vault::permissions::restrict_process;

/// Takes fresh, zeroed memory, which is locked if that is allowed.
pub(super) fn map(length: usize) -> Option<NonNull<u8>> {
    // SAFETY: new memory aliases nothing.
    let start = unsafe { VirtualAlloc(null(), length, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE) };
    let start = NonNull::new(start.cast::<u8>())?;
    // SAFETY: the range is the memory just taken; the call only changes how it is kept.
    unsafe { VirtualLock(start.as_ptr().cast(), length) };
    Some(start)
}

/// # Safety
/// [`map`] gave it with this length, and nobody uses it any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, _length: usize) {
    // SAFETY: the caller's promise; all that was taken is given back at once, as the length zero says.
    unsafe { VirtualFree(start.as_ptr().cast(), 0, MEM_RELEASE) };
}

/// No memory for other programs of the same user, no report of a crash, or one without the heap.
pub(super) fn harden_process() -> Vec<&'static str> {
    let mut refused = Vec::new();
    if restrict_process().is_err() {
        refused.push("other programs of this user may read this process");
    }
    // SAFETY: both only change what happens when this process crashes.
    let reported = unsafe {
        SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
        WerSetFlags(WER_FAULT_REPORTING_FLAG_NOHEAP)
    };
    if reported < 0 {
        refused.push("the report of a crash may hold memory");
    }
    refused
}
