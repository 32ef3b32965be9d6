//! Locks of files. Windows keeps everybody from reading what is locked; so one byte is locked where no
//! file reaches, as SQLite does it, and the contents stay readable as they are elsewhere.
#![allow(unsafe_code)] // the standard library only locks whole files

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

use crate::vault::storage::LockMode;

/// The upper half of the offset of the locked byte: 2^62.
const FAR: u32 = 1 << 30;

/// Takes a lock that is let go when the file is closed; `false` when somebody else has it.
pub(in super::super) fn try_lock(file: &File, mode: LockMode) -> io::Result<bool> {
    let flags = match mode {
        LockMode::Exclusive => LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK,
        LockMode::Shared => LOCKFILE_FAIL_IMMEDIATELY,
    };
    let at = OVERLAPPED_0 { Anonymous: OVERLAPPED_0_0 { Offset: 0, OffsetHigh: FAR } };
    let mut place = OVERLAPPED { Anonymous: at, ..Default::default() };
    // SAFETY: the handle is open, and as it was not opened for overlapped use, the call is over when it returns.
    let locked = unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &mut place) };
    if locked != 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    let taken = [ERROR_LOCK_VIOLATION, ERROR_IO_PENDING].map(u32::cast_signed);
    match error.raw_os_error() {
        Some(code) if taken.contains(&code) => Ok(false),
        _ => Err(error),
    }
}
