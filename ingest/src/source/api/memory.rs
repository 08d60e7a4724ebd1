//! What is remembered of a help center from one run to the next.
//!
//! It is a memory, not a record: without it, everything is asked for again. It holds ids, versions and positions, and
//! nothing that anybody wrote.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Most bytes that are read of it.
const LARGEST: u64 = 1 << 30;

/// What a help center said in the last run that published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Stands for what was asked.
    asked: String,
    /// Pages of lists, by the hash of their address.
    pub(super) pages: BTreeMap<String, Page>,
    /// How far the tickets were read.
    pub(super) cursor: Option<String>,
    /// Versions of the tickets that are done, by id.
    pub(super) tickets: BTreeMap<String, String>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page {
    /// What the server calls this state of it.
    pub(super) etag: String,
    /// Where the next one is.
    pub(super) next: Option<String>,
    /// What it listed.
    pub(super) items: Vec<Line>,
}

/// One item of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) version: String,
    /// Section that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
}

impl Memory {
    pub(super) fn is_of(&self, asked: &str) -> bool {
        self.asked == asked
    }

    pub(super) fn of(mut self, asked: String) -> Self {
        self.asked = asked;
        self
    }

    /// Reads it; one that is damaged is empty.
    pub(crate) fn open(path: &Path) -> Self {
        let small = fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        let bytes = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes it, in one step. `prefix` begins the name of the file in the making.
    pub(crate) fn save(&self, path: &Path, prefix: &str) -> io::Result<()> {
        let bytes = serde_json::to_vec(self)?;
        if fs::read(path).is_ok_and(|before| before == bytes) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(prefix).tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_read_and_damage_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut memory = Memory::default().of("x".into());
        memory.cursor = Some("c".into());
        memory.tickets.insert("1".into(), "v".into());
        memory.save(&path, ".t-").unwrap();
        assert_eq!(Memory::open(&path), memory);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(Memory::open(&path), Memory::default());
        assert_eq!(Memory::open(&folder.path().join("none")), Memory::default());
    }
}
