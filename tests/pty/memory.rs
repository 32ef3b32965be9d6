//! What the process's memory holds, looked at from outside: the value while it is shown, nothing of it
//! after a lock.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use crate::terminal::Terminal;
use crate::world::{CANARY, PASSPHRASE, World, real, reveal};

/// How often `needle` occurs in the writable memory of the program; `None` when that is refused, as it
/// is to everybody but root.
fn occurrences(terminal: &Terminal, needle: &str) -> Option<usize> {
    let pid = terminal.pid().as_raw_nonzero();
    let mut maps = String::new();
    File::open(format!("/proc/{pid}/maps")).ok()?.read_to_string(&mut maps).ok()?;
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (begin, end) = line.split_once(' ')?.0.split_once('-')?;
        let begin = u64::from_str_radix(begin, 16).ok()?;
        let end = u64::from_str_radix(end, 16).ok()?;
        let mut bytes = vec![0; usize::try_from(end - begin).ok()?];
        // Guard pages and device memory cannot be read.
        if memory.read_at(&mut bytes, begin).is_ok() {
            found += bytes.windows(needle.len()).filter(|w| *w == needle.as_bytes()).count();
        }
    }
    Some(found)
}

#[test]
fn after_a_lock_no_value_and_no_passphrase_is_in_memory() {
    if !real("after_a_lock_no_value_and_no_passphrase_is_in_memory") {
        return;
    }
    let world = World::with_vault();
    let mut terminal = world.unlocked();
    reveal(&mut terminal);
    // Pasted and thrown away again: what a reader of the terminal might keep.
    terminal.keys("e");
    terminal.shows("Edit global/canary");
    terminal.send(b"\x1b[200~pasted-canary-93\x1b[201~");
    terminal.shows("pasted-canary-93");
    let Some(before) = occurrences(&terminal, CANARY) else {
        // Not root: the hardening must have refused, and that is the answer.
        assert!(!rustix::process::geteuid().is_root());
        return;
    };
    assert!(before >= 1, "the scan finds nothing even while the value is shown");
    assert!(occurrences(&terminal, "pasted-canary-93").is_some_and(|count| count >= 1));
    terminal.keys("<c-l>");
    terminal.shows("Passphrase");
    // The answer of a worker may still be on its way to be wiped.
    let start = Instant::now();
    for needle in [CANARY, "pasted-canary-93", PASSPHRASE] {
        while occurrences(&terminal, needle) != Some(0) {
            let count = occurrences(&terminal, needle);
            assert!(start.elapsed() < Duration::from_secs(5), "{needle}: {count:?} times");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
