//! The command's output through pipes and the mask. Its input, its terminal and its process group stay ours.

use std::io::{self, BufWriter, ErrorKind, PipeReader, PipeWriter, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::masking::{Masking, Way};
use super::start;
use crate::service::mask::{Feed, Masker, line};
use crate::service::stdio;

/// Small parts between masks are written together.
const TOGETHER: usize = 64 * 1024;
/// From here on it is said what is waited for.
const WHILE: Duration = Duration::from_secs(2);
/// How long an output that takes nothing is left alone.
const PAUSE: Duration = Duration::from_millis(1);

/// One of our two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Stdout,
    Stderr,
}

/// The pipes of a command that is about to start.
pub struct Pipes(Vec<(Target, PipeReader)>);

impl Pipes {
    /// Gives the command a pipe for each stream that is masked; one for both where ours are one, so that
    /// their order stays.
    pub fn connect(command: &mut Command, masking: &Masking) -> io::Result<Self> {
        let mut pipes = Vec::new();
        let (stdout, stderr) = (masking.ways.stdout, masking.ways.stderr);
        if stdout == Way::Pipe && stderr == Way::Pipe && start::outputs_are_one() {
            let writer = pipe(Target::Stdout, &mut pipes)?;
            command.stdout(writer.try_clone()?).stderr(writer);
            return Ok(Self(pipes));
        }
        if stdout == Way::Pipe {
            command.stdout(pipe(Target::Stdout, &mut pipes)?);
        }
        if stderr == Way::Pipe {
            command.stderr(pipe(Target::Stderr, &mut pipes)?);
        }
        Ok(Self(pipes))
    }

    /// Starts carrying.
    pub fn start(self, masking: &Masking) -> io::Result<Streams> {
        let mut streams = Streams::default();
        for (target, reader) in self.0 {
            streams.carry(target, reader, masking)?;
        }
        Ok(streams)
    }
}

fn pipe(target: Target, pipes: &mut Vec<(Target, PipeReader)>) -> io::Result<PipeWriter> {
    let (reader, writer) = io::pipe()?;
    start::enlarge(&writer);
    pipes.push((target, reader));
    Ok(writer)
}

/// Waits for an output that takes nothing at the moment: another program that has it open may have made it so
/// that it does not wait by itself.
struct Patient<W>(W);

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Streams that are being carried.
#[derive(Default)]
pub struct Streams(Vec<Stream>);

struct Stream {
    feed: SyncSender<Feed>,
    writing: JoinHandle<io::Result<()>>,
    /// Hung up when the writing has ended.
    over: Receiver<()>,
}

impl Streams {
    /// Carries one more, from `source` to one of our outputs.
    pub fn carry(
        &mut self,
        target: Target,
        source: impl io::Read + Send + 'static,
        masking: &Masking,
    ) -> io::Result<()> {
        let (feed, reading, writing) = line();
        let masker = Masker::new(Arc::clone(&masking.patterns));
        thread::Builder::new().name("reading".into()).spawn(move || reading.read(source))?;
        let out: Box<dyn Write + Send> = match target {
            Target::Stdout => Box::new(stdio::Output),
            Target::Stderr => Box::new(io::stderr()),
        };
        let out = BufWriter::with_capacity(TOGETHER, Patient(out));
        let (end, over) = mpsc::channel::<()>();
        let write = move || {
            let written = writing.write(masker, out);
            drop(end);
            written
        };
        let writing = thread::Builder::new().name("masking".into()).spawn(write)?;
        self.0.push(Stream { feed, writing, over });
        Ok(())
    }

    /// The command has ended: carries what it left running still writes, until all of it has closed its
    /// output, as any reader of a pipe does. Says so where that takes a while. Signals end us meanwhile.
    pub fn drain(&mut self, masking: &Masking) -> bool {
        let begun = Instant::now();
        let mut told = false;
        for stream in &self.0 {
            let left = WHILE.saturating_sub(begun.elapsed());
            if !told && stream.over.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                told = true;
                masking.out.note(
                    "the command ended, and what it left running may still write; --no-mask does not wait for that",
                );
            }
            let _ = stream.over.recv();
        }
        self.finish(masking)
    }

    /// The command has ended: writes what is underway. False when some of its output was lost.
    pub fn finish(&mut self, masking: &Masking) -> bool {
        let mut whole = true;
        for stream in self.0.drain(..) {
            // Fails when nobody writes any more, and then there is nobody to be told.
            let _ = stream.feed.send(Feed::Ended);
            let error = match stream.writing.join() {
                Ok(Ok(())) => continue,
                // As with any pipe: the command got the broken pipe too.
                Ok(Err(error)) if error.kind() == ErrorKind::BrokenPipe => continue,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the mask failed".to_owned(),
            };
            masking.out.warning(&format!("the command's output was cut off: {error}"));
            whole = false;
        }
        whole
    }
}
