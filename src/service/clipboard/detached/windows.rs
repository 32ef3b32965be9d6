//! A process without a console, and with no handle but those it is given.

use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::service::console::system::keep_from_children;

/// `DETACHED_PROCESS` and `CREATE_NEW_PROCESS_GROUP` (Process Creation Flags): a console that closes does not
/// end it, and no Ctrl-C reaches it.
const DETACHED: u32 = 0x0000_0008 | 0x0000_0200;

/// Has the holder start without our console, and without the pipes of whoever started us.
pub(in crate::service::clipboard) fn prepare(command: &mut Command) {
    keep_from_children();
    command.creation_flags(DETACHED);
}

/// Nothing is left to part from. The flag is never set: nobody sends signals here.
pub(in crate::service::clipboard) fn detach() -> Result<Arc<AtomicBool>, String> {
    Ok(Arc::new(AtomicBool::new(false)))
}

/// There is no asking but by its pipe, which was done.
pub(in crate::service::clipboard) fn ask_to_end(_: &Child) {}
