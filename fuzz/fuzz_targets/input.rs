//! What a terminal sends, in any pieces: it comes to an end, and a paste is never longer than what came.
#![no_main]

use tresor::app::Event;
use tresor::fuzzing::Decoder;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&size, bytes)) = bytes.split_first() else { return };
    let (mut decoder, mut events) = (Decoder::new(), Vec::new());
    for piece in bytes.chunks(usize::from(size).max(1)) {
        decoder.feed(piece, &mut events);
    }
    decoder.settle(&mut events);
    assert!(!decoder.is_waiting() && !decoder.is_pasting());
    // An Escape before a character may make two events of two bytes, never more.
    assert!(events.len() <= bytes.len(), "{} events of {} bytes", events.len(), bytes.len());
    let pasted = |event: &Event| match event {
        Event::Paste(text) => text.len(),
        _ => 0,
    };
    assert!(events.iter().map(pasted).sum::<usize>() <= bytes.len());
});
