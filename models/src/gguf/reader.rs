//! Reading numbers and text with every length checked before anything is allocated for it.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// No text in a GGUF file is longer; chat templates, the longest ones, take some kilobytes.
const MAX_TEXT: u64 = 4 << 20;

/// A position in a file of known length.
#[derive(Debug)]
pub(super) struct Reader<R> {
    source: BufReader<R>,
    path: PathBuf,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Reader<R> {
    /// Starts at the beginning of `source`.
    pub(super) fn new(mut source: R, path: &Path) -> Result<Self> {
        let length = source.seek(SeekFrom::End(0)).map_err(Error::io(path))?;
        source.rewind().map_err(Error::io(path))?;
        Ok(Self {
            source: BufReader::with_capacity(1 << 16, source),
            path: path.to_owned(),
            position: 0,
            length,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> u64 {
        self.length.saturating_sub(self.position)
    }

    pub(super) fn corrupt(&self, reason: impl Into<String>) -> Error {
        Error::corrupt(&self.path, reason)
    }

    /// Moves to an absolute position.
    pub(super) fn seek(&mut self, position: u64) -> Result<()> {
        self.source.seek(SeekFrom::Start(position)).map_err(Error::io(&self.path))?;
        self.position = position;
        Ok(())
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The next `length` bytes.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > self.left() {
            return Err(self.ends_early());
        }
        let mut bytes = vec![0; length as usize];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// UTF-8 text with its length before it.
    pub(super) fn text(&mut self) -> Result<String> {
        let length = self.u64()?;
        if length > MAX_TEXT {
            return Err(self.corrupt(format!("a text of {length} bytes is longer than any should be")));
        }
        let bytes = self.bytes(length)?;
        String::from_utf8(bytes).map_err(|_| self.corrupt("a text is not UTF-8"))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        if bytes.len() as u64 > self.left() {
            return Err(self.ends_early());
        }
        self.source.read_exact(bytes).map_err(Error::io(&self.path))?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn ends_early(&self) -> Error {
        self.corrupt(format!("it ends early, after {} bytes", self.length))
    }
}
