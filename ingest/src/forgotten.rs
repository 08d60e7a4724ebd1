//! Documents that were erased on request and must not come back while their source still has them.
//!
//! They are named by hashes: a list of what is to be forgotten must not remember it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;

use corpus::{Digest, DocumentId};

/// The file in the folder of the index.
const FILE: &str = "forgotten.txt";
/// Length of a line, in bytes.
const LINE: u64 = 65;

/// The documents that are not let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten(HashSet<String>);

impl Forgotten {
    /// Reads the list of the index in `folder`.
    ///
    /// # Errors
    /// Where it is there and cannot be read: what was erased would come back.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut reader = BufReader::new(file);
        let mut hashes = HashSet::new();
        loop {
            let mut line = String::new();
            if reader.by_ref().take(LINE).read_line(&mut line)? == 0 {
                return Ok(Self(hashes));
            }
            hashes.insert(line.trim_end().to_owned());
        }
    }

    /// Whether a document is not let in.
    pub fn contains(&self, id: &DocumentId) -> bool {
        self.0.contains(&hash(id))
    }

    /// Adds documents and writes the list in one step.
    pub fn add<'i>(&mut self, folder: &Path, ids: impl Iterator<Item = &'i DocumentId>) -> io::Result<()> {
        self.0.extend(ids.map(hash));
        fs::create_dir_all(folder)?;
        let mut lines: Vec<&str> = self.0.iter().map(String::as_str).collect();
        lines.sort_unstable();
        let mut file = tempfile::Builder::new().prefix(".items-").tempfile_in(folder)?;
        for line in lines {
            writeln!(file, "{line}")?;
        }
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE)).map_err(|error| error.error)?;
        Ok(())
    }
}

fn hash(id: &DocumentId) -> String {
    Digest::of(format!("citedesk forgotten\n{id}").as_bytes()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_remembered_by_hash_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let id = DocumentId("docs/jane.md".into());
        let mut list = Forgotten::open(folder.path()).expect("an empty list");
        assert!(!list.contains(&id));
        list.add(folder.path(), [&id].into_iter()).expect("written");
        let again = Forgotten::open(folder.path()).expect("a list");
        assert!(again.contains(&id) && again == list);
        assert!(!fs::read_to_string(folder.path().join(FILE)).expect("text").contains("jane"));
    }
}
