//! The pump's threads: pauses, ends and readers that went away. Not what is masked.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::pump::ROOM;
use super::tests::patterns;
use super::*;

/// What was written, seen from another thread.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Waits for it; a machine may be busy.
    fn shows(&self, text: &str) {
        let start = Instant::now();
        while self.text() != text {
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", self.text());
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn masker() -> Masker {
    Masker::new(patterns(&["hunter2"]))
}

fn bytes(text: &str) -> Feed {
    Feed::Bytes([&[0; ROOM], text.as_bytes()].concat(), ROOM + text.len())
}

#[test]
fn a_prefix_is_shown_when_nothing_follows_and_the_rest_is_masked() {
    let ((feed, _reading, writing), sink) = (line(), Sink::default());
    let out = sink.clone();
    let writing = thread::spawn(move || writing.write(masker(), out));
    feed.send(bytes("password: h")).unwrap();
    sink.shows("password: h");
    feed.send(bytes("unter2 ")).unwrap();
    sink.shows("password: h***** ");
    feed.send(Feed::Closed).unwrap();
    writing.join().unwrap().unwrap();
}

#[test]
fn what_is_underway_at_the_end_arrives_and_what_stays_open_is_given_up() {
    let ((feed, _reading, writing), sink) = (line(), Sink::default());
    let out = sink.clone();
    // All of it waits in the line before it is written: what comes long after the end is given up.
    feed.send(bytes("hunt")).unwrap();
    feed.send(Feed::Ended).unwrap();
    feed.send(bytes("er2 hunter")).unwrap();
    let writing = thread::spawn(move || writing.write(masker(), out));
    let start = Instant::now();
    // `feed` is never closed.
    writing.join().unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(sink.text(), "***** hunter");
}

#[test]
fn one_that_writes_for_ever_after_the_end_is_given_up_too() {
    let (feed, reading, writing) = line();
    let reading = thread::spawn(move || reading.read(io::repeat(b'y')));
    let writing = thread::spawn(move || writing.write(masker(), io::sink()));
    feed.send(Feed::Ended).unwrap();
    writing.join().unwrap().unwrap();
    reading.join().unwrap();
}

#[test]
fn where_nobody_reads_any_more_the_source_is_closed() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    /// Tells when it is dropped.
    struct Source {
        _open: Arc<()>,
    }
    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer[0] = b'x';
            Ok(1)
        }
    }
    let open = Arc::new(());
    let (_feed, reading, writing) = line();
    let source = Source { _open: Arc::clone(&open) };
    let reading = thread::spawn(move || reading.read(source));
    assert_eq!(writing.write(masker(), Broken).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    reading.join().unwrap();
    assert_eq!(Arc::strong_count(&open), 1);
}
