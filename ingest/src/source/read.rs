//! Reading an item's bytes.

use std::fs::File;
use std::io::{self, Read as _};

use super::Entry;

/// Why an item could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system refused.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// More bytes than allowed.
    #[error("larger than {limit_mib} MiB; split it or raise the limit")]
    TooLarge {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// It was a file when listed and is something else now.
    #[error("no longer a regular file")]
    NotAFile,
}

/// The bytes of `entry`, at most `limit` of them.
pub fn read(entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
    let too_large = || ReadError::TooLarge { limit_mib: limit >> 20 };
    // Opening a pipe that took the file's place would wait for a writer.
    if !std::fs::symlink_metadata(&entry.path)?.is_file() {
        return Err(ReadError::NotAFile);
    }
    let file = File::open(&entry.path)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // The file may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(folder: &tempfile::TempDir, text: &str) -> Entry {
        let path = folder.path().join("a.txt");
        std::fs::write(&path, text).expect("a file");
        Entry { location: "a.txt".into(), path, bytes: text.len() as u64, stamp: None }
    }

    #[test]
    fn the_limit_is_inclusive() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = entry(&folder, "1234");
        assert_eq!(read(&entry, 4).expect("four bytes"), b"1234");
        assert!(matches!(read(&entry, 3), Err(ReadError::TooLarge { .. })));
    }

    #[test]
    fn a_folder_in_its_place_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = entry(&folder, "x");
        std::fs::remove_file(&entry.path).expect("removed");
        std::fs::create_dir(&entry.path).expect("a folder");
        assert!(matches!(read(&entry, 9), Err(ReadError::NotAFile)));
    }
}
