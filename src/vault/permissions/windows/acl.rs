//! Owners and access lists of Windows: reads them, makes files with them, and puts them on what is open.
//! Decides nothing.
#![allow(unsafe_code)] // security descriptors have no safe interface; the one place that asks Windows for them

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::path::{Component, Path, Prefix};
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, CheckTokenMembership, CreateWellKnownSid, DACL_SECURITY_INFORMATION,
    GetAce, GetSecurityDescriptorDacl, GetSecurityDescriptorOwner, GetTokenInformation,
    OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSID, SECURITY_ATTRIBUTES,
    SetKernelObjectSecurity, TOKEN_QUERY, TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_FLAG_OPEN_REPARSE_POINT,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Directories may have names of 247 characters; longer ones are known only in the form that begins
/// with `\\?\` (Windows documentation, "Maximum Path Length Limitation").
const LONG: usize = 248;

/// What Windows allocated and is given back when it is dropped.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: Windows gave it as a local allocation, and nobody else has it.
        unsafe { LocalFree(self.0) };
    }
}

/// An owner and an access list.
pub(super) struct Descriptor(Local);

/// What an entry of an access list does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allows,
    Denies,
    /// One of the kinds that depend on something.
    Other,
}

/// An entry of an access list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub effect: Effect,
    /// The rights; unknown for the kinds that depend on something.
    pub rights: u32,
    /// Whose rights, as `S-1-…`; empty for the kinds that depend on something.
    pub sid: String,
}

impl Descriptor {
    /// Reads the text form (Windows documentation, "Security Descriptor String Format").
    pub(super) fn parse(text: &str) -> io::Result<Self> {
        let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut found = null_mut();
        // SAFETY: the text ends in a zero; what is put in `found` is ours to free.
        done(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &mut found,
                null_mut(),
            )
        })?;
        Ok(Self(Local(found)))
    }

    /// The one of an open file or directory.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let mut found = null_mut();
        let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
        let (handle, unused) = (file.as_raw_handle(), null_mut());
        // SAFETY: the handle is open; what is put in `found` is ours to free.
        let code = unsafe {
            GetSecurityInfo(
                handle,
                SE_FILE_OBJECT,
                what,
                unused,
                unused,
                null_mut(),
                null_mut(),
                &mut found,
            )
        };
        code_of(code)?;
        Ok(Self(Local(found)))
    }

    /// The owner, as `S-1-…`.
    pub(super) fn owner(&self) -> io::Result<String> {
        let (mut owner, mut defaulted) = (null_mut(), 0);
        // SAFETY: the descriptor lives as long as self, and the owner in it.
        done(unsafe { GetSecurityDescriptorOwner(self.0.0, &mut owner, &mut defaulted) })?;
        sid_text(owner)
    }

    /// The entries of the access list; `None` where there is no list, and so everybody may do everything.
    pub(super) fn entries(&self) -> io::Result<Option<Vec<Entry>>> {
        let Some(list) = self.list()? else { return Ok(None) };
        // SAFETY: the list is valid, and lives as long as self.
        let count = unsafe { (*list).AceCount };
        (0..count).map(|at| entry(list, at.into())).collect::<io::Result<Vec<_>>>().map(Some)
    }

    fn list(&self) -> io::Result<Option<*mut ACL>> {
        let (mut present, mut defaulted, mut list) = (0, 0, null_mut());
        // SAFETY: the descriptor lives as long as self.
        done(unsafe {
            GetSecurityDescriptorDacl(self.0.0, &mut present, &mut list, &mut defaulted)
        })?;
        Ok((present != 0 && !list.is_null()).then_some(list))
    }

    /// Puts this access list, and none that is inherited, on an open file or directory, and on nothing in it.
    pub(super) fn apply_to(&self, file: &File) -> io::Result<()> {
        self.apply(file.as_raw_handle())
    }

    /// Puts this access list on this process.
    pub(super) fn apply_to_process(&self) -> io::Result<()> {
        // SAFETY: gives a constant that stands for this process.
        self.apply(unsafe { GetCurrentProcess() })
    }

    fn apply(&self, handle: RawHandle) -> io::Result<()> {
        let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
        // SAFETY: the handle is open, the descriptor lives as long as self.
        done(unsafe { SetKernelObjectSecurity(handle, what, self.0.0) })
    }

    fn attributes(&self) -> io::Result<SECURITY_ATTRIBUTES> {
        let length = u32::try_from(size_of::<SECURITY_ATTRIBUTES>());
        Ok(SECURITY_ATTRIBUTES {
            nLength: length.map_err(io::Error::other)?,
            lpSecurityDescriptor: self.0.0,
            bInheritHandle: 0,
        })
    }
}

/// One entry of a valid list.
fn entry(list: *const ACL, at: u32) -> io::Result<Entry> {
    let mut found = null_mut();
    // SAFETY: the list is valid; the entry in it is not used beyond this function.
    done(unsafe { GetAce(list, at, &mut found) })?;
    let found = found.cast::<ACCESS_ALLOWED_ACE>();
    // SAFETY: entries of every kind begin with a header and the rights.
    let (kind, rights) = unsafe { ((*found).Header.AceType, (*found).Mask) };
    let effect = match u32::from(kind) {
        ACCESS_ALLOWED_ACE_TYPE => Effect::Allows,
        ACCESS_DENIED_ACE_TYPE => Effect::Denies,
        _ => return Ok(Entry { effect: Effect::Other, rights, sid: String::new() }),
    };
    // SAFETY: in both of these kinds the SID begins there, within the entry.
    let sid = unsafe { &raw mut (*found).SidStart };
    Ok(Entry { effect, rights, sid: sid_text(sid.cast())? })
}

/// A valid SID as text.
fn sid_text(sid: PSID) -> io::Result<String> {
    if sid.is_null() {
        return Ok(String::new());
    }
    let mut text = null_mut();
    // SAFETY: the SID is valid; the text is ours to free.
    done(unsafe { ConvertSidToStringSidW(sid, &mut text) })?;
    let _freed = Local(text.cast());
    let mut units = Vec::new();
    // SAFETY: the text ends in a zero, and is read no further.
    unsafe {
        while *text.add(units.len()) != 0 {
            units.push(*text.add(units.len()));
        }
    }
    Ok(String::from_utf16_lossy(&units))
}

/// The user this process runs as, as `S-1-…`.
pub(super) fn user() -> io::Result<String> {
    let mut token = null_mut();
    // SAFETY: the process is this one; the token is ours to close.
    done(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
    // SAFETY: just opened, and owned by nobody else.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A user with the longest SID (68 bytes) is much shorter; as numbers, for the alignment.
    let mut buffer = [0_u64; 64];
    let (mut length, size) = (0, u32::try_from(size_of_val(&buffer)).map_err(io::Error::other)?);
    // SAFETY: no more than `size` bytes are written into the buffer.
    done(unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size,
            &mut length,
        )
    })?;
    // SAFETY: the buffer holds a TOKEN_USER, whose SID lies in the buffer too.
    sid_text(unsafe { (*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid })
}

/// Whether this process acts as an administrator.
pub(super) fn is_administrator() -> io::Result<bool> {
    // The longest SID has 68 bytes; as numbers, for the alignment.
    let mut sid = [0_u64; 9];
    let (mut length, mut member) = (u32::try_from(size_of_val(&sid)).map_err(io::Error::other)?, 0);
    let sid: PSID = sid.as_mut_ptr().cast();
    // SAFETY: no more than `length` bytes are written into the buffer, which outlives both calls.
    unsafe {
        done(CreateWellKnownSid(WinBuiltinAdministratorsSid, null_mut(), sid, &mut length))?;
        done(CheckTokenMembership(null_mut(), sid, &mut member))?;
    }
    Ok(member != 0)
}

/// Makes a file that must not be there yet, with that owner and access list from the first moment on.
pub(super) fn create_file(
    path: &Path,
    rights: u32,
    sharing: u32,
    with: &Descriptor,
) -> io::Result<File> {
    let (path, attributes) = (wide(path)?, with.attributes()?);
    // SAFETY: the path ends in a zero; the attributes and what they point to outlive the call.
    let handle = unsafe {
        CreateFileW(
            path.as_ptr(),
            rights,
            sharing,
            &attributes,
            CREATE_NEW,
            // Where a link lies, nothing is made at the place it names.
            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
            null_mut(),
        )
    };
    match handle == INVALID_HANDLE_VALUE {
        true => Err(io::Error::last_os_error()),
        // SAFETY: just opened, and owned by nobody else.
        false => Ok(unsafe { File::from_raw_handle(handle) }),
    }
}

/// Makes a directory that must not be there yet, in the same way.
pub(super) fn create_dir(path: &Path, with: &Descriptor) -> io::Result<()> {
    let (path, attributes) = (wide(path)?, with.attributes()?);
    // SAFETY: the path ends in a zero; the attributes and what they point to outlive the call.
    done(unsafe { CreateDirectoryW(path.as_ptr(), &attributes) })
}

/// A path as Windows takes it, ending in a zero.
fn wide(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let plain: Vec<u16> = path.as_os_str().encode_wide().collect();
    if plain.contains(&0) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let prefix = match path.components().next() {
        Some(Component::Prefix(prefix)) if plain.len() >= LONG => match prefix.kind() {
            Prefix::Disk(_) => (r"\\?\", 0),
            Prefix::UNC(..) => (r"\\?\UNC\", 2),
            _ => ("", 0),
        },
        _ => ("", 0),
    };
    let rest = plain.get(prefix.1..).unwrap_or_default();
    Ok(prefix.0.encode_utf16().chain(rest.iter().copied()).chain([0]).collect())
}

/// What a call says that gives zero when it failed.
fn done(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// What a call says that gives an error's number.
fn code_of(code: u32) -> io::Result<()> {
    match i32::try_from(code) {
        Ok(0) => Ok(()),
        Ok(code) => Err(io::Error::from_raw_os_error(code)),
        Err(error) => Err(io::Error::other(error)),
    }
}
