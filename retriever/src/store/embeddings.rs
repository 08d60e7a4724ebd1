//! The embedding cache: vectors by the text that they embed.
//!
//! A file for each model, made of records of one size: 16 bytes of the text's SHA-256, the vector, and 8 bytes of
//! the SHA-256 of both. Records are only appended, so a run that was killed finds again all it had embedded, and
//! unchanged text is not embedded again. It is a cache: what does not check out is embedded anew.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::files;
use crate::Error;

/// The first bytes of a file.
const MAGIC: &[u8; 16] = b"citedesk vectors";
/// Version of the format, after the magic.
const VERSION: u32 = 1;
/// Magic, version, dimension, SHA-256 of the fingerprint.
const HEADER: usize = 16 + 4 + 4 + 32;
const KEY: usize = 16;
const CHECK: usize = 8;
/// Shares of dead records above which the file is written anew.
const MOST_TO_LIVE: usize = 2;

/// A text, by its hash.
pub(crate) type Key = [u8; KEY];

/// The key of a text.
pub(crate) fn key(text: &str) -> Key {
    let mut key = [0; KEY];
    key.copy_from_slice(&Sha256::digest(text)[..KEY]);
    key
}

/// The vectors of one model.
pub(crate) struct Embeddings {
    file: File,
    path: PathBuf,
    dimension: usize,
    header: [u8; HEADER],
    /// Number of each record.
    known: HashMap<Key, u64>,
    /// Records in the file, dead and damaged ones included.
    records: u64,
}

impl Embeddings {
    /// Name of the file for a model.
    pub(crate) fn file_name(fingerprint: &str) -> String {
        let mut name = corpus::Digest::of(fingerprint.as_bytes()).0;
        name.truncate(32);
        name + ".vec"
    }

    /// The cache in `folder` for a model. The caller holds the writer lock.
    pub(crate) fn open(folder: &Path, fingerprint: &str, dimension: usize) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let path = folder.join(Self::file_name(fingerprint));
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(Error::io("open", &path))?;
        let mut header = [0; HEADER];
        header[..16].copy_from_slice(MAGIC);
        header[16..20].copy_from_slice(&VERSION.to_le_bytes());
        header[20..24].copy_from_slice(&(dimension as u32).to_le_bytes());
        header[24..].copy_from_slice(&Sha256::digest(fingerprint));
        let mut cache = Self { file, path, dimension, header, known: HashMap::new(), records: 0 };
        cache.load()?;
        Ok(cache)
    }

    fn record_size(&self) -> usize {
        KEY + self.dimension * size_of::<f32>() + CHECK
    }

    /// Reads the keys, leaves out damaged records and cuts off a torn one at the end.
    fn load(&mut self) -> Result<(), Error> {
        let io = |action| Error::io(action, &self.path);
        let size = self.file.metadata().map_err(io("read"))?.len();
        let mut reader = BufReader::with_capacity(1 << 18, &self.file);
        let mut header = [0; HEADER];
        if size < HEADER as u64 || reader.read_exact(&mut header).is_err() || header != self.header {
            if size > 0 {
                tracing::warn!(path = %self.path.display(), "the embedding cache is not readable and starts anew");
            }
            self.file.set_len(0).map_err(io("write"))?;
            self.file.seek(SeekFrom::Start(0)).map_err(io("write"))?;
            return (&self.file).write_all(&self.header).map_err(io("write"));
        }
        let mut record = vec![0; self.record_size()];
        let records = (size - HEADER as u64) / record.len() as u64;
        let mut damaged = 0;
        for number in 0..records {
            reader.read_exact(&mut record).map_err(io("read"))?;
            match checked(&record) {
                Some((key, _)) => drop(self.known.insert(key, number)),
                None => damaged += 1,
            }
        }
        self.records = records;
        if damaged > 0 {
            tracing::warn!(path = %self.path.display(), damaged, "damaged embeddings are made anew");
        }
        self.file.set_len(self.end()).map_err(io("write"))
    }

    /// What to say where a vector that was appended cannot be read back.
    pub(crate) fn damaged(&self) -> Error {
        Error::damaged(&self.path, "an embedding was written and cannot be read")
    }

    fn end(&self) -> u64 {
        HEADER as u64 + self.records * self.record_size() as u64
    }

    /// Whether a text's vector is known.
    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.known.contains_key(key)
    }

    /// A text's vector, where it is known and undamaged.
    pub(crate) fn get(&mut self, key: &Key) -> Result<Option<Vec<f32>>, Error> {
        let Some(number) = self.known.get(key) else { return Ok(None) };
        let mut record = vec![0; self.record_size()];
        let offset = HEADER as u64 + number * record.len() as u64;
        let read = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(&mut record));
        read.map_err(Error::io("read", &self.path))?;
        Ok(checked(&record).filter(|(found, _)| found == key).map(|(_, vector)| {
            let value = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            vector.chunks_exact(size_of::<f32>()).map(value).collect()
        }))
    }

    /// Adds vectors, durably.
    pub(crate) fn append(&mut self, vectors: &[(Key, Vec<f32>)]) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(vectors.len() * self.record_size());
        for (key, vector) in vectors {
            let start = bytes.len();
            bytes.extend_from_slice(key);
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
            let check = Sha256::digest(&bytes[start..]);
            bytes.extend_from_slice(&check[..CHECK]);
        }
        let end = self.end();
        let written = self
            .file
            .seek(SeekFrom::Start(end))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A full disk leaves half a record; the next one would not start where it is looked for.
            let _ = self.file.set_len(end);
            return Err(Error::io("write", &self.path)(error));
        }
        for (key, _) in vectors {
            self.known.insert(*key, self.records);
            self.records += 1;
        }
        Ok(())
    }

    /// Writes the file anew with `live` vectors alone, where it holds more than twice as many; with `tidy`, any more.
    pub(crate) fn compact(&mut self, live: &HashSet<Key>, tidy: bool) -> Result<(), Error> {
        let most = if tidy { live.len() } else { MOST_TO_LIVE * live.len() };
        if self.records <= most as u64 {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        let io = |action| Error::io(action, &self.path);
        let target = files::beside(&self.path)?;
        let mut kept: Vec<(u64, Key)> =
            live.iter().filter_map(|key| Some((*self.known.get(key)?, *key))).collect();
        kept.sort_unstable();
        let mut writer = std::io::BufWriter::new(target.as_file());
        writer.write_all(&self.header).map_err(io("write"))?;
        let mut record = vec![0; self.record_size()];
        for (number, _) in &kept {
            let offset = HEADER as u64 + number * record.len() as u64;
            let read =
                self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(&mut record));
            read.and_then(|()| writer.write_all(&record)).map_err(Error::io("write", &self.path))?;
        }
        writer.flush().map_err(Error::io("write", &self.path))?;
        drop(writer);
        target.as_file().sync_all().map_err(Error::io("write", &self.path))?;
        let file =
            target.persist(&self.path).map_err(|error| Error::io("replace", &self.path)(error.error))?;
        files::sync_folder(folder)?;
        self.file = file;
        self.records = kept.len() as u64;
        self.known = (0..).zip(kept).map(|(number, (_, key))| (key, number)).collect();
        Ok(())
    }
}

/// Key and vector of a record, where the check sum is right.
fn checked(record: &[u8]) -> Option<(Key, &[u8])> {
    let (content, check) = record.split_at(record.len() - CHECK);
    let (key, vector) = content.split_first_chunk::<KEY>()?;
    (Sha256::digest(content)[..CHECK] == *check).then_some((*key, vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(folder: &Path, texts: std::ops::Range<u32>) -> Result<Embeddings, Error> {
        let mut cache = Embeddings::open(folder, "model", 3)?;
        for number in texts {
            cache.append(&[(key(&number.to_string()), vec![number as f32, 0.5, -1.0])])?;
        }
        Ok(cache)
    }

    fn found(cache: &mut Embeddings, texts: std::ops::Range<u32>) -> Result<Vec<u32>, Error> {
        let mut found = Vec::new();
        for number in texts {
            if let Some(vector) = cache.get(&key(&number.to_string()))? {
                assert_eq!(vector, [number as f32, 0.5, -1.0]);
                found.push(number);
            }
        }
        Ok(found)
    }

    #[test]
    fn what_was_appended_is_there_after_opening() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        drop(filled(folder.path(), 0..5)?);
        let mut cache = filled(folder.path(), 5..7)?;
        assert_eq!(found(&mut cache, 0..9)?, [0, 1, 2, 3, 4, 5, 6]);
        drop(cache);
        assert_eq!(found(&mut Embeddings::open(folder.path(), "model", 3)?, 0..9)?.len(), 7);
        assert!(!Embeddings::open(folder.path(), "another model", 3)?.contains(&key("0")));
        Ok(())
    }

    #[test]
    fn any_torn_tail_is_cut_and_the_rest_kept() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = filled(folder.path(), 0..3)?;
        let (path, size) = (cache.path.clone(), cache.record_size());
        drop(cache);
        let whole = std::fs::read(&path).expect("read");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("written");
            let mut cache = Embeddings::open(folder.path(), "model", 3)?;
            let left = cut.saturating_sub(HEADER) / size;
            assert_eq!(found(&mut cache, 0..3)?.len(), left, "cut at {cut}");
            cache.append(&[(key("9"), vec![9.0, 0.5, -1.0])])?;
            drop(cache);
            let mut cache = Embeddings::open(folder.path(), "model", 3)?;
            assert_eq!(found(&mut cache, 9..10)?, [9], "appended after a cut at {cut}");
        }
        Ok(())
    }

    #[test]
    fn damage_costs_one_record() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = filled(folder.path(), 0..4)?;
        let (path, size) = (cache.path.clone(), cache.record_size());
        drop(cache);
        let mut bytes = std::fs::read(&path).expect("read");
        bytes[HEADER + size + 20] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(found(&mut Embeddings::open(folder.path(), "model", 3)?, 0..4)?, [0, 2, 3]);
        Ok(())
    }

    #[test]
    fn compacting_keeps_what_is_live() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cache = filled(folder.path(), 0..9)?;
        let live: HashSet<Key> = [2, 7, 4].iter().map(|number: &u32| key(&number.to_string())).collect();
        cache.compact(&(0..5).map(|number: u32| key(&number.to_string())).collect(), false)?;
        assert_eq!(cache.records, 9, "less than twice the live ones");
        cache.compact(&live, false)?;
        assert_eq!(found(&mut cache, 0..9)?, [2, 4, 7]);
        cache.compact(&live.iter().filter(|one| **one != key("4")).copied().collect(), true)?;
        assert_eq!(found(&mut cache, 0..9)?, [2, 7]);
        cache.append(&[(key("8"), vec![8.0, 0.5, -1.0])])?;
        drop(cache);
        assert_eq!(found(&mut Embeddings::open(folder.path(), "model", 3)?, 0..9)?, [2, 7, 8]);
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cache = filled(folder.path(), 0..1)?;
        cache.file = OpenOptions::new().read(true).write(true).open("/dev/full").expect("a full device");
        let error = cache.append(&[(key("1"), vec![1.0, 0.5, -1.0])]).expect_err("there is no space");
        assert!(matches!(error, Error::NoSpace { .. }), "{error}");
        assert!(!cache.contains(&key("1")));
        Ok(())
    }
}
