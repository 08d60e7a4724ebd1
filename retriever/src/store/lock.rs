//! The writer lock: one run at a time writes an index.
//!
//! The lock is the operating system's, so it ends with its process; what is written in the file only tells people
//! who holds it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Name of the file below the root.
const FILE: &str = "writer.lock";
/// More than any holder takes; the file may hold anything.
const LONGEST: u64 = 4096;

/// Who holds the writer lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Process id, where known.
    pub pid: Option<u32>,
    /// Name of the machine, where known.
    pub host: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl Holder {
    fn this() -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
            .or_else(|_| std::env::var("HOSTNAME"))
            .or_else(|_| std::env::var("COMPUTERNAME"));
        Self {
            pid: Some(std::process::id()),
            host: host.ok().map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()),
            since: Some(Timestamp::now()),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        if let Some(since) = self.since {
            write!(f, " since {since:.0}")?;
        }
        Ok(())
    }
}

/// The lock itself, held until it is dropped.
pub(crate) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock of the index in `root`, or says who holds it.
    pub(crate) fn take(root: &Path) -> Result<Self, Error> {
        let path = root.join(FILE);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { root: root.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.write_all(serde_json::to_string(&Holder::this())?.as_bytes())
        };
        write(&mut file).map_err(Error::io("write", &path))?;
        Ok(Self { file })
    }
}

/// What the holder wrote; nothing where it was just about to.
fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(LONGEST).read_to_string(&mut text));
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default()
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Only what people read.
        let _ = self.file.set_len(0);
        // Closing the file is not enough: a child that another thread is starting has it open too, until it runs its program.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let first = WriterLock::take(folder.path())?;
        let Err(Error::Locked { holder, .. }) = WriterLock::take(folder.path()) else {
            panic!("the lock was given twice");
        };
        assert_eq!(holder.pid, Some(std::process::id()));
        assert!(holder.to_string().starts_with("process "), "{holder}");
        drop(first);
        WriterLock::take(folder.path())?;
        Ok(())
    }

    #[test]
    fn a_garbled_holder_is_still_a_holder() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = WriterLock::take(folder.path())?;
        std::fs::write(folder.path().join(FILE), [0xff; 9000]).expect("written");
        let Err(Error::Locked { holder, .. }) = WriterLock::take(folder.path()) else {
            panic!("the lock was given twice");
        };
        assert_eq!(holder.to_string(), "another process");
        Ok(())
    }
}
