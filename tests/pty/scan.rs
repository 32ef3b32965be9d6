//! The program's memory, looked through from outside.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use crate::terminal::Terminal;

/// How long a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often `needle` occurs in the writable memory of the program; `None` when that is refused, as it
/// is to everybody but root.
pub fn occurrences(terminal: &Terminal, needle: impl AsRef<[u8]>) -> Option<usize> {
    let needle = needle.as_ref();
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
            found += bytes.windows(needle.len()).filter(|w| *w == needle).count();
        }
    }
    Some(found)
}

/// Waits until the scan finds what is there: each typed byte is in the line that is read.
pub fn holds_what_is_typed(terminal: &Terminal, needle: impl AsRef<[u8]>) {
    let start = Instant::now();
    while occurrences(terminal, needle.as_ref()) == Some(0) {
        assert!(start.elapsed() < PATIENCE, "the scan finds nothing typed");
    }
}

/// Waits until `needle` is nowhere in the program's memory: what a thread brings late is wiped then.
pub fn forgets(terminal: &Terminal, needle: impl AsRef<[u8]>) {
    let needle = needle.as_ref();
    let start = Instant::now();
    while occurrences(terminal, needle) != Some(0) {
        let count = occurrences(terminal, needle);
        let what = String::from_utf8_lossy(needle);
        assert!(start.elapsed() < PATIENCE, "{what}: {count:?} times");
        std::thread::sleep(Duration::from_millis(50));
    }
}
