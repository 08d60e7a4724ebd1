//! Reading an item's bytes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::{Content, Entry};

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
    /// Its source was told that there is no need to send it.
    #[error("not sent, as nothing had changed; the next run asks for it")]
    Unsent,
}

/// The bytes of `entry`, at most `limit` of them.
pub fn read(entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadError> {
    match &entry.content {
        Content::File(path) => read_file(path, limit),
        Content::Held(bytes) if bytes.len() as u64 > limit => Err(too_large(limit)),
        Content::Held(bytes) => Ok(bytes.to_vec()),
        Content::Unsent => Err(ReadError::Unsent),
    }
}

fn too_large(limit: u64) -> ReadError {
    ReadError::TooLarge { limit_mib: limit >> 20 }
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // Opening a pipe that took the file's place would wait for a writer.
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(ReadError::NotAFile);
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // The file may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(folder: &tempfile::TempDir, text: &str) -> Entry {
        let path = folder.path().join("a.txt");
        std::fs::write(&path, text).expect("a file");
        let content = Content::File(path);
        Entry { location: "a.txt".into(), address: None, content, bytes: text.len() as u64, stamp: None }
    }

    #[test]
    fn the_limit_is_inclusive() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = entry(&folder, "1234");
        assert_eq!(read(&entry, 4).expect("four bytes"), b"1234");
        assert!(matches!(read(&entry, 3), Err(ReadError::TooLarge { .. })));
    }

    #[test]
    fn what_is_held_is_read_within_the_limit() {
        let held = Content::Held(b"1234".as_slice().into());
        let entry = Entry { location: "a.txt".into(), address: None, content: held, bytes: 4, stamp: None };
        assert_eq!(read(&entry, 4).expect("four bytes"), b"1234");
        assert!(matches!(read(&entry, 3), Err(ReadError::TooLarge { .. })));
        assert!(!format!("{entry:?}").contains("49"), "{entry:?}");
        let unsent = Entry { content: Content::Unsent, ..entry };
        assert!(matches!(read(&unsent, 4), Err(ReadError::Unsent)));
    }

    #[test]
    fn a_folder_in_its_place_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = entry(&folder, "x");
        let path = folder.path().join("a.txt");
        std::fs::remove_file(&path).expect("removed");
        std::fs::create_dir(&path).expect("a folder");
        assert!(matches!(read(&entry, 9), Err(ReadError::NotAFile)));
    }
}
