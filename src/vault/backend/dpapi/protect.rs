//! `CryptProtectData` and back, for the user, without ever asking on the screen.
#![allow(unsafe_code)] // DPAPI has no safe interface that forbids questions on the screen

use std::io;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_DATA, ERROR_INVALID_PARAMETER, LocalFree, NTE_BAD_DATA, NTE_BAD_HASH,
    NTE_BAD_KEY_STATE, NTE_BAD_LEN, NTE_BAD_SIGNATURE,
};
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB as Blob, CRYPTPROTECT_UI_FORBIDDEN as NO_QUESTIONS, CryptProtectData,
    CryptUnprotectData,
};

/// Seals bytes for this user; they open only with the same `entropy`.
pub(super) fn seal(bytes: &[u8], entropy: &[u8]) -> io::Result<Vec<u8>> {
    ask(bytes, entropy, |given, entropy, made| {
        // SAFETY: both inputs are only read, and outlive the call; the output is the caller's to free.
        unsafe { CryptProtectData(given, null(), entropy, null(), null(), NO_QUESTIONS, made) }
    })
}

/// Opens what [`seal`] made.
pub(super) fn open(sealed: &[u8], entropy: &[u8]) -> io::Result<Vec<u8>> {
    ask(sealed, entropy, |given, entropy, made| {
        // SAFETY: as above.
        unsafe {
            CryptUnprotectData(given, null_mut(), entropy, null(), null(), NO_QUESTIONS, made)
        }
    })
}

/// Whether [`open`] failed as the bytes are not what was sealed, with that entropy.
pub(super) fn is_of_the_bytes(error: &io::Error) -> bool {
    let codes = [ERROR_INVALID_DATA, ERROR_INVALID_PARAMETER].map(u32::cast_signed);
    let results = [NTE_BAD_DATA, NTE_BAD_HASH, NTE_BAD_LEN, NTE_BAD_SIGNATURE];
    error.raw_os_error().is_some_and(|code| codes.contains(&code) || results.contains(&code))
}

/// Whether [`open`] failed as another account sealed it, or this one's keys cannot be had.
pub(super) fn is_of_the_user(error: &io::Error) -> bool {
    error.raw_os_error() == Some(NTE_BAD_KEY_STATE)
}

/// Makes one of both calls, and takes a copy of what Windows made: an envelope, sealed by the vault, or
/// more than that. It needs no wiping.
fn ask(
    bytes: &[u8],
    entropy: &[u8],
    call: impl FnOnce(&Blob, &Blob, &mut Blob) -> i32,
) -> io::Result<Vec<u8>> {
    let (given, entropy) = (blob(bytes)?, blob(entropy)?);
    let mut made = Blob { cbData: 0, pbData: null_mut() };
    if call(&given, &entropy, &mut made) == 0 {
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

/// Bytes as Windows takes them; they are not written to.
fn blob(bytes: &[u8]) -> io::Result<Blob> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    Ok(Blob { cbData: length, pbData: bytes.as_ptr().cast_mut() })
}
