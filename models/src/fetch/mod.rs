//! Getting files from elsewhere and knowing that they are the right ones.

pub(crate) mod archive;
pub(crate) mod hub;
pub(crate) mod pip;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// Large enough that hashing dominates reading.
const BUFFER_BYTES: usize = 1 << 18;

/// SHA-256 of bytes as they pass, in lower-case hexadecimal at the end.
#[derive(Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    /// SHA-256 of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> String {
        let mut hasher = Self::default();
        hasher.update(bytes);
        hasher.finish()
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// SHA-256 and size of what `source` yields; it is copied to `target` on the way.
///
/// Fails with [`io::ErrorKind::FileTooLarge`] once `limit` bytes are exceeded.
pub(crate) fn copy_hashed(
    source: &mut dyn Read,
    target: &mut dyn Write,
    limit: u64,
) -> io::Result<(String, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut total = 0;
    loop {
        let length = match source.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), total)),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        total += length as u64;
        if total > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        hasher.update(&buffer[..length]);
        target.write_all(&buffer[..length])?;
    }
}

/// SHA-256 of a file.
pub(crate) fn hash_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let (sha256, _) = copy_hashed(&mut file, &mut io::sink(), u64::MAX).map_err(Error::io(path))?;
    Ok(sha256)
}

/// Fails unless the file has this SHA-256.
pub(crate) fn verify_file(path: &Path, expected: &str) -> Result<()> {
    matches(path, expected, hash_file(path)?)
}

/// Fails unless `found`, the SHA-256 of `path`, is `expected`.
pub(crate) fn matches(path: &Path, expected: &str, found: String) -> Result<()> {
    if found == expected {
        Ok(())
    } else {
        Err(Error::WrongHash { file: path.to_owned(), expected: expected.to_owned(), found })
    }
}

/// Asks a running setup to stop; clones share the request.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// The flag is the request.
impl From<Arc<AtomicBool>> for Stop {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}

impl Stop {
    /// Asks to stop, from any thread or a signal handler.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}
