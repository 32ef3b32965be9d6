//! `CryptProtectData` and back, for the user, without ever asking on the screen.
#![allow(unsafe_code)] // DPAPI has no safe interface that forbids questions on the screen

use std::io;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};

/// Seals bytes for this user; they open only with the same `entropy`.
pub(super) fn seal(bytes: &[u8], entropy: &[u8]) -> io::Result<Vec<u8>> {
    let (given, entropy) = (blob(bytes)?, blob(entropy)?);
    let mut made = nothing();
    // SAFETY: both inputs are only read, and outlive the call; the output is ours to free.
    let done = unsafe {
        CryptProtectData(
            &given,
            null(),
            &entropy,
            null(),
            null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &mut made,
        )
    };
    taken(done, made)
}

/// Opens what [`seal`] made.
pub(super) fn open(sealed: &[u8], entropy: &[u8]) -> io::Result<Vec<u8>> {
    let (given, entropy) = (blob(sealed)?, blob(entropy)?);
    let mut made = nothing();
    // SAFETY: both inputs are only read, and outlive the call; the output is ours to free.
    let done = unsafe {
        CryptUnprotectData(
            &given,
            null_mut(),
            &entropy,
            null(),
            null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &mut made,
        )
    };
    taken(done, made)
}

/// Bytes as Windows takes them; they are not written to.
fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    Ok(CRYPT_INTEGER_BLOB { cbData: length, pbData: bytes.as_ptr().cast_mut() })
}

fn nothing() -> CRYPT_INTEGER_BLOB {
    CRYPT_INTEGER_BLOB { cbData: 0, pbData: null_mut() }
}

/// A copy of what Windows made; it is an envelope, sealed by the vault, and needs no wiping.
fn taken(done: i32, made: CRYPT_INTEGER_BLOB) -> io::Result<Vec<u8>> {
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let length = usize::try_from(made.cbData).map_err(io::Error::other)?;
    let copy = match made.pbData.is_null() {
        true => Vec::new(),
        // SAFETY: the call put that many bytes there.
        false => unsafe { std::slice::from_raw_parts(made.pbData, length) }.to_vec(),
    };
    // SAFETY: Windows gave it as a local allocation; nobody uses it any more.
    unsafe { LocalFree(made.pbData.cast()) };
    Ok(copy)
}
