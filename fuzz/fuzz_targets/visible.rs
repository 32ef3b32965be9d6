//! What foreign text looks like on a terminal: nothing it would obey, and the same when shown again.
#![no_main]

use tresor::text::{visible, visible_lines, visible_secret, visible_secret_lines};

/// Whether a terminal or a reader of bidirectional text would obey it.
fn obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let shown = visible(&text);
    assert!(!shown.contains(obeyed), "{shown:?}");
    assert_eq!(visible(&shown), shown);
    assert_eq!(&*visible_secret(&text), &*shown);
    let lines = visible_lines(&text);
    assert!(!lines.contains(|c| obeyed(c) && !matches!(c, '\n' | '\t')), "{lines:?}");
    assert_eq!(*visible_secret_lines(&text), lines);
});
