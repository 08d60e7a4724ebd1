//! What earlier runs saw of items, so that what cannot have changed is not read and what keeps failing is not tried
//! for ever.
//!
//! It is a memory, not a record: without it, everything is read once more. Items are named by hashes only.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use corpus::Digest;
use serde::{Deserialize, Serialize};

use super::version::Key;

/// The file in the folder of the index.
const FILE: &str = "items.jsonl";
/// What the names of unfinished files in that folder begin with.
pub(super) const UNFINISHED: &str = ".items-";
/// Longest line that is read, in bytes.
const LONGEST: u64 = 64 << 10;
/// Runs in which an item that fails is tried: what a busy machine caused may go away by itself.
const TRIES: u32 = 3;

/// What is known of the items of earlier runs.
#[derive(Debug)]
pub(super) struct Seen {
    path: PathBuf,
    items: HashMap<Key, Sight>,
    changed: bool,
}

/// One item as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sight {
    pub(super) item: Key,
    pub(super) source: Key,
    /// Stands for the size and times of the file, where they prove that it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stamp: Option<String>,
    /// SHA-256 of its bytes.
    pub(super) digest: Digest,
    /// Why there is no document of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nothing: Option<Nothing>,
}

/// An item that ended without a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Nothing {
    /// Version of the steps that made nothing of it.
    pub(super) pipeline: String,
    /// Whether it failed, rather than being nothing to index.
    pub(super) failed: bool,
    pub(super) reason: String,
    /// In how many runs.
    pub(super) tries: u32,
}

impl Sight {
    /// Why `pipeline` need not be tried again on the same bytes.
    pub(super) fn final_for(&self, pipeline: &str) -> Option<&Nothing> {
        let nothing = self.nothing.as_ref()?;
        (nothing.pipeline == pipeline && (!nothing.failed || nothing.tries >= TRIES)).then_some(nothing)
    }
}

impl Seen {
    /// Reads what is remembered in `folder`; what cannot be read is forgotten.
    pub(super) fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let mut items = HashMap::new();
        let mut reader = File::open(&path).ok().map(BufReader::new);
        let mut line = Vec::new();
        while let Some(reader) = &mut reader {
            line.clear();
            match reader.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            if let Ok(sight) = serde_json::from_slice::<Sight>(&line) {
                items.insert(sight.item.clone(), sight);
            }
        }
        Self { path, items, changed: false }
    }

    pub(super) fn get(&self, item: &Key) -> Option<&Sight> {
        self.items.get(item)
    }

    /// Takes in what a run saw.
    pub(super) fn note(&mut self, mut sight: Sight) {
        let before = self.items.get(&sight.item);
        if let Some(nothing) = &mut sight.nothing
            && let Some(earlier) = before.filter(|before| before.digest == sight.digest)
            && let Some(earlier) = earlier.nothing.as_ref().filter(|old| old.pipeline == nothing.pipeline)
        {
            nothing.tries = earlier.tries.saturating_add(nothing.tries);
        }
        if before != Some(&sight) {
            self.changed = true;
            self.items.insert(sight.item.clone(), sight);
        }
    }

    /// Forgets the items of `sources` that are not `listed` any more.
    pub(super) fn keep(&mut self, sources: &HashSet<&Key>, listed: &HashSet<&Key>) {
        let before = self.items.len();
        self.items.retain(|item, sight| !sources.contains(&sight.source) || listed.contains(item));
        self.changed |= self.items.len() != before;
    }

    /// Writes it down, in one step.
    pub(super) fn save(&self) -> io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        let mut sights: Vec<_> = self.items.values().collect();
        sights.sort_by(|a, b| a.item.cmp(&b.item));
        let mut writer = BufWriter::new(file.as_file_mut());
        for sight in sights {
            serde_json::to_writer(&mut writer, sight)?;
            writer.write_all(b"\n")?;
        }
        writer.flush()?;
        drop(writer);
        file.as_file().sync_data()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes what killed runs have left.
    pub(super) fn sweep(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // At worst it takes up space until the next run.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(name: &str, failed: Option<bool>) -> Sight {
        Sight {
            item: Key::of(name),
            source: Key::of("docs"),
            stamp: Some("stamp".into()),
            digest: Digest::of(b"bytes"),
            nothing: failed.map(|failed| Nothing {
                pipeline: "p".into(),
                failed,
                reason: "no text".into(),
                tries: 1,
            }),
        }
    }

    #[test]
    fn what_is_saved_is_read_and_rubbish_is_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut seen = Seen::open(folder.path());
        seen.note(sight("a", None));
        seen.note(sight("b", Some(false)));
        seen.save().expect("saved");
        let path = folder.path().join(FILE);
        let mut bytes = fs::read(&path).expect("read");
        bytes.extend(b"{\"item\":\n\xff\xfe\n");
        fs::write(&path, bytes).expect("written");
        let again = Seen::open(folder.path());
        assert_eq!(again.items, seen.items);
        fs::remove_file(&path).expect("removed");
        again.save().expect("nothing to save");
        assert!(!path.exists());
    }

    #[test]
    fn a_failure_is_final_after_some_tries_and_emptiness_at_once() {
        let mut seen = Seen::open(Path::new("nowhere"));
        let key = Key::of("a");
        let is_final = |seen: &Seen, pipeline: &str| seen.get(&key).unwrap().final_for(pipeline).is_some();
        for run in 1..=TRIES {
            seen.note(sight("a", Some(true)));
            assert_eq!(is_final(&seen, "p"), run == TRIES);
        }
        assert!(!is_final(&seen, "another"));
        // Other bytes are a new item.
        seen.note(Sight { digest: Digest::of(b"other"), ..sight("a", Some(true)) });
        assert!(!is_final(&seen, "p"));
        seen.note(sight("a", Some(false)));
        assert!(is_final(&seen, "p"));
    }

    #[test]
    fn only_items_of_sources_that_were_listed_are_forgotten() {
        let mut seen = Seen::open(Path::new("nowhere"));
        seen.note(sight("a", None));
        seen.note(sight("b", None));
        seen.note(Sight { source: Key::of("faq"), ..sight("c", None) });
        seen.keep(&HashSet::from([&Key::of("docs")]), &HashSet::from([&Key::of("b")]));
        let left: HashSet<_> = seen.items.keys().cloned().collect();
        assert_eq!(left, HashSet::from([Key::of("b"), Key::of("c")]));
    }
}
