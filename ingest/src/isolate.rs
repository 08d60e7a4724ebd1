//! Extraction in processes of their own.
//!
//! A reader of foreign bytes may overflow its stack, run out of memory or never end, and nothing within a process can
//! hold that. So files are extracted by worker processes: the program itself, started with arguments that make it
//! call [`worker_main`]. A worker serves many files, and is replaced when a file brings it down. It limits its own
//! memory and processor time and may not write files; the time on the clock is kept by the parent.
//!
//! All formats go this way. What it costs is a copy of the file and of its text through a pipe, a few milliseconds
//! for a megabyte; what it buys is that no reader needs to be trusted. The bytes are sent, not a path: what is
//! extracted is what was read and hashed, and a worker opens no files.

mod limits;
mod wire;

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use corpus::Extracted;
use crossbeam_channel::{RecvTimeoutError, bounded};

use crate::extract::{self, ExtractError, Item};
pub use wire::worker_main;
use wire::{Reply, Request};

/// Time beyond a file's own limit before its worker is killed: readers that watch the clock end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// Files that a worker serves before it is replaced, so that what the allocator keeps does not add up.
const SERVED: usize = 1_000;

/// The program that extracts, which is most often this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The program.
    pub program: PathBuf,
    /// Arguments that make it call [`worker_main`] with its standard input and output.
    pub args: Vec<OsString>,
}

/// Extracts files, in workers where there is a program for them, else in this process.
///
/// It may be shared by threads: there are as many workers as calls at the same time.
#[derive(Debug, Default)]
pub struct Extractor {
    worker: Option<Worker>,
    idle: Mutex<Vec<Process>>,
}

impl Extractor {
    /// Starts nothing yet: a worker is started when the first file comes.
    pub fn new(worker: Option<Worker>) -> Self {
        Self { worker, idle: Mutex::default() }
    }

    /// Starts a worker and has it read a line, so that a program that cannot extract fails once and not on every file.
    pub fn check(&self) -> Result<(), ExtractError> {
        let Some(worker) = &self.worker else { return Ok(()) };
        let options = extract::ExtractOptions::default();
        let item = Item {
            id_prefix: "check",
            source: "check",
            location: "check.txt",
            bytes: b"One line of text.",
            modified: None,
            options: &options,
        };
        self.extract(&item).map(drop).map_err(|error| ExtractError::Worker {
            problem: format!("{} {:?}: {error}", worker.program.display(), worker.args),
        })
    }

    /// The documents in a file; see [`extract::extract`].
    pub fn extract(&self, item: &Item<'_>) -> Result<Vec<Extracted>, ExtractError> {
        let Some(worker) = &self.worker else { return extract::extract(item) };
        // What is refused by its name and size need not be sent.
        extract::check(item)?;
        let mut process = match self.idle() {
            Some(process) => process,
            None => {
                Process::start(worker).map_err(|error| ExtractError::Worker { problem: error.to_string() })?
            }
        };
        let reply = process.serve(item)?;
        if process.served < SERVED {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        }
        match reply {
            Reply::Done(documents) => Ok(documents),
            Reply::Failed(error) => Err(error),
        }
    }

    /// A worker that waits. One that ended while it waited says nothing about the next file.
    fn idle(&self) -> Option<Process> {
        loop {
            let mut process = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if matches!(process.child.try_wait(), Ok(None)) {
                return Some(process);
            }
        }
    }
}

/// A running worker.
#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    served: usize,
}

impl Process {
    fn start(worker: &Worker) -> io::Result<Self> {
        let mut child = Command::new(&worker.program)
            .args(&worker.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a library prints about a broken file would only puzzle.
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let Some((input, output)) = pipes else { return Err(io::Error::other("no pipes")) };
        Ok(Self { child, input, output: BufReader::new(output), served: 0 })
    }

    /// Has a file extracted. After an error the worker is of no more use; dropping it ends it.
    fn serve(&mut self, item: &Item<'_>) -> Result<Reply, ExtractError> {
        let limits = &item.options.limits;
        let limit = Duration::from_secs(limits.seconds).saturating_add(GRACE);
        let request = Request::of(item);
        let Self { child, input, output, .. } = &mut *self;
        let (done, finished) = bounded(1);
        let exchange = std::thread::scope(|scope| {
            // Both pipes block, so both belong to a thread that ends when the worker does.
            let talk = scope.spawn(move || {
                let result =
                    request.send(item.bytes, &mut *input).and_then(|()| wire::receive(&mut *output, limits));
                // The other side may have given up already.
                let _ = done.send(());
                result
            });
            if finished.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                // It may have ended in this moment; either way the pipes close.
                let _ = child.kill();
                let _ = talk.join();
                return None;
            }
            talk.join().ok()
        });
        let Some(exchange) = exchange else { return Err(ExtractError::TimedOut { seconds: limits.seconds }) };
        match exchange {
            Ok(reply) => {
                self.served += 1;
                Ok(reply)
            }
            // A worker that broke off is on its way out; one that talks nonsense has to be ended.
            Err(error) if is_closed(&error) => Err(match self.child.wait() {
                Ok(status) => ending(status, limits.seconds),
                Err(error) => ExtractError::Worker { problem: error.to_string() },
            }),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(ExtractError::TooLarge { unit: "bytes of text".to_owned(), limit: wire::largest(limits) })
            }
            Err(error) => Err(ExtractError::Worker { problem: error.to_string() }),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Neither fails but for a process that is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    )
}

/// What a worker's end says about the file that it was extracting.
fn ending(status: ExitStatus, seconds: u64) -> ExtractError {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            limits::SIGXCPU => ExtractError::TimedOut { seconds },
            limits::SIGABRT => ExtractError::Crashed { how: "it ran out of memory or stack".to_owned() },
            limits::SIGKILL => {
                ExtractError::Crashed { how: "it was killed, most likely for want of memory".to_owned() }
            }
            other => ExtractError::Crashed { how: format!("signal {other}") },
        };
    }
    let _ = seconds;
    ExtractError::Worker { problem: format!("it ended with {status}") }
}

#[cfg(test)]
mod tests;
