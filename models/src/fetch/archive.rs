//! Taking single members out of zip files, which wheels and bundles are.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::copy_hashed;
use crate::{Error, Result};

/// A zip file that is read by exact member names only, so that no name in it becomes a path.
pub(crate) struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
}

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| refused(path, error))?;
        Ok(Self { path: path.to_owned(), zip })
    }

    pub(crate) fn contains(&self, member: &str) -> bool {
        self.zip.index_for_name(member).is_some()
    }

    /// Writes a member to a new file `target`, flushed to disk, and returns its SHA-256 and size.
    ///
    /// What unpacks to more than `limit` bytes is refused, whatever size it declares.
    pub(crate) fn extract(&mut self, member: &str, target: &Path, limit: u64) -> Result<(String, u64)> {
        let mut source = self.zip.by_name(member).map_err(|error| absent(&self.path, member, error))?;
        let mut file = File::create_new(target).map_err(Error::io(target))?;
        let copied = copy_hashed(&mut source, &mut file, limit);
        let copied = copied.map_err(|error| damaged(&self.path, target, member, error))?;
        file.sync_all().map_err(Error::io(target))?;
        Ok(copied)
    }

    /// A small member's bytes.
    pub(crate) fn read(&mut self, member: &str, limit: u64) -> Result<Vec<u8>> {
        let source = self.zip.by_name(member).map_err(|error| absent(&self.path, member, error))?;
        let mut bytes = Vec::new();
        source
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&self.path, &self.path, member, error))?;
        if bytes.len() as u64 > limit {
            return Err(Error::corrupt(&self.path, format!("{member:?} is too large")));
        }
        Ok(bytes)
    }
}

fn refused(path: &Path, error: ZipError) -> Error {
    match error {
        ZipError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            Error::Io { path: path.to_owned(), source }
        }
        error => Error::corrupt(path, error.to_string()),
    }
}

fn absent(path: &Path, member: &str, error: ZipError) -> Error {
    match error {
        ZipError::FileNotFound => Error::corrupt(path, format!("it holds no {member:?}")),
        error => refused(path, error),
    }
}

fn damaged(path: &Path, target: &Path, member: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            Error::corrupt(path, format!("{member:?} cannot be unpacked"))
        }
        io::ErrorKind::FileTooLarge => {
            Error::corrupt(path, format!("{member:?} is larger than it should be"))
        }
        _ => Error::Io { path: target.to_owned(), source: error },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn archive(folder: &Path, members: &[(&str, &[u8])]) -> PathBuf {
        let path = folder.join("a.whl");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in members {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    #[test]
    fn members_come_out_with_their_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(folder.path(), &[("a/b.txt", b"abc")]);
        let target = folder.path().join("out");
        let (sha256, bytes) = Archive::open(&path).unwrap().extract("a/b.txt", &target, 3).unwrap();
        assert_eq!(bytes, 3);
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(std::fs::read(target).unwrap(), b"abc");
    }

    #[test]
    fn what_unpacks_to_more_than_allowed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(folder.path(), &[("bomb", &vec![0; 1 << 20])]);
        let mut archive = Archive::open(&path).unwrap();
        let error = archive.extract("bomb", &folder.path().join("out"), 1000).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        assert!(matches!(archive.read("bomb", 1000), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn hostile_names_touch_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let path = archive(&inner, &[("../escaped", b"x"), ("/absolute", b"x"), ("ok", b"y")]);
        Archive::open(&path).unwrap().extract("ok", &inner.join("out"), 10).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["inner"]);
    }

    #[test]
    fn truncated_and_foreign_files_are_named_as_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(folder.path(), &[("a", &vec![7; 100_000]), ("b", b"x")]);
        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 1, 30, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(matches!(Archive::open(&path), Err(Error::Corrupt { .. })), "{length}");
        }
    }

    #[test]
    fn a_flipped_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let noise: Vec<u8> = (0..10_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let path = archive(folder.path(), &[("a", &noise)]);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error =
            Archive::open(&path).unwrap().extract("a", &folder.path().join("out"), 1 << 20).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
}
