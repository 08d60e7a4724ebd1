//! The folder of an index.
//!
//! ```text
//! CURRENT                      id of the generation that readers open, replaced in one step
//! generations/<id>/            a published generation; nothing in it changes any more
//!     generation.json          what it is
//!     documents.jsonl, .idx    its documents and chunks
//!     terms.bin                in how many chunks each term is
//!     shard/                   the search engine's files, opened only through a view of them
//!     files.json               sizes and SHA-256 of all these
//!     promoted                 there once it was current
//!     in-use.lock              shared by readers, so that it is not deleted under them
//! generations/.building-<pid>/ a generation in the making
//! embeddings/<model>.vec       vectors by text, see `embeddings`
//! readers/<pid>-<number>/      views, see `crate::view`
//! writer.lock                  held by the one run that writes
//! ```

mod builder;
mod documents;
mod editions;
mod embeddings;
mod erase;
pub(crate) mod files;
mod generation;
mod lock;
mod snapshot;
mod staging;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

pub use builder::Builder;
pub(crate) use builder::usable;
pub(crate) use documents::Documents;
pub use erase::Erased;
pub use generation::{DocumentEntry, FORMAT, Generation, GenerationId};
pub use lock::Holder;
pub use snapshot::Snapshot;
pub use staging::Staged;

use crate::{Embedder, Error};
use files::Sealed;
use lock::WriterLock;

const CURRENT: &str = "CURRENT";
const GENERATIONS: &str = "generations";
const EMBEDDINGS: &str = "embeddings";
const ABOUT: &str = "generation.json";
const FILES: &str = "files.json";
pub(crate) const SHARD: &str = "shard";
pub(crate) const TERMS: &str = "terms.bin";
const PROMOTED: &str = "promoted";
const IN_USE: &str = "in-use.lock";
/// How many generations that were current are kept to go back to, where nothing else is asked for.
const KEPT: usize = 3;
/// How many generations that never were current are kept to look into.
const KEPT_STAGED: usize = 1;

/// The folder of an index. Opening it reads nothing and takes no lock.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    /// Earlier generations that are kept.
    kept: usize,
}

impl Store {
    /// The index in `root`, which is made by the first [`Store::begin`] where it does not exist.
    pub fn open(root: &Path) -> Result<Self, Error> {
        match fs::metadata(root) {
            Ok(about) if !about.is_dir() => {
                Err(Error::io("open", root)(io::Error::from(io::ErrorKind::NotADirectory)))
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("open", root)(error)),
            _ => Ok(Self { root: root.to_owned(), kept: KEPT }),
        }
    }

    /// The same, keeping so many generations to go back to beside the current one.
    #[must_use]
    pub fn keeping(self, generations: usize) -> Self {
        Self { kept: generations, ..self }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The generation that readers open, or `None` before the first ingestion.
    pub fn current(&self) -> Result<Option<Generation>, Error> {
        self.current_id()?.map(|id| self.about(&id)).transpose()
    }

    /// All readable generations, oldest first, staged ones included.
    pub fn generations(&self) -> Result<Vec<Generation>, Error> {
        let mut generations = Vec::new();
        for id in self.ids()? {
            match self.about(&id) {
                Ok(generation) => generations.push(generation),
                Err(error) => tracing::warn!(%error, %id, "a generation is not readable"),
            }
        }
        Ok(generations)
    }

    /// Takes the writer lock and begins a new generation, embedded by `embedder`.
    ///
    /// What an interrupted run left behind is removed. A current generation that is damaged does not hinder: the
    /// new one then has no parent.
    pub fn begin<'e>(&self, embedder: &'e dyn Embedder) -> Result<Builder<'e>, Error> {
        Builder::begin(self.clone(), self.lock()?, embedder)
    }

    /// Makes `id` the generation that readers open. Running readers stay on theirs.
    pub fn promote(&self, id: &GenerationId) -> Result<Generation, Error> {
        let lock = self.lock()?;
        self.promote_locked(id, &lock)
    }

    /// Makes the generation that was current before the current one the one that readers open.
    pub fn rollback(&self) -> Result<Generation, Error> {
        let lock = self.lock()?;
        let current = match self.current_id() {
            Ok(Some(id)) => Some(id),
            Ok(None) => return Err(Error::Empty { root: self.root.clone() }),
            // The pointer is damaged: the newest generation that was current is as far back as needed.
            Err(Error::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        let earlier = |id: &GenerationId| current.as_ref().is_none_or(|current| id < current);
        for id in self.ids()?.into_iter().rev().filter(earlier) {
            if self.was_promoted(&id) && self.about(&id).is_ok() {
                return self.promote_locked(&id, &lock);
            }
        }
        Err(Error::NoPrevious { root: self.root.clone() })
    }

    /// Reads all files of a generation and compares them with what was published.
    pub fn verify(&self, id: &GenerationId) -> Result<(), Error> {
        let folder = self.folder(id)?;
        for file in self.sealed(id)? {
            let path = file
                .below(&folder)
                .ok_or_else(|| Error::damaged(&folder, "its list names a file outside"))?;
            file.check(&path)?;
        }
        Ok(())
    }

    fn lock(&self) -> Result<WriterLock, Error> {
        fs::create_dir_all(&self.root).map_err(Error::io("create", &self.root))?;
        WriterLock::take(&self.root)
    }

    fn generations_folder(&self) -> PathBuf {
        self.root.join(GENERATIONS)
    }

    /// The folder of a generation that exists.
    pub(crate) fn folder(&self, id: &GenerationId) -> Result<PathBuf, Error> {
        let folder = self.generations_folder().join(&id.0);
        // The identity may have been typed: it must not lead elsewhere.
        if id.sequence().is_none() || !folder.is_dir() {
            return Err(Error::NoGeneration { id: id.clone() });
        }
        Ok(folder)
    }

    pub(crate) fn about(&self, id: &GenerationId) -> Result<Generation, Error> {
        let path = self.folder(id)?.join(ABOUT);
        let generation: Generation = files::read_json(&path)?;
        if generation.format != FORMAT {
            return Err(Error::ForeignFormat { id: id.clone(), found: generation.format, expected: FORMAT });
        }
        if generation.id != *id {
            return Err(Error::damaged(&path, format!("it speaks of generation {}", generation.id)));
        }
        Ok(generation)
    }

    /// The files of a generation as they were published.
    pub(crate) fn sealed(&self, id: &GenerationId) -> Result<Vec<Sealed>, Error> {
        files::read_json(&self.folder(id)?.join(FILES))
    }

    /// What keeps a generation from being deleted while it is held; nothing where the index cannot be written to.
    pub(crate) fn hold(&self, id: &GenerationId) -> Result<Option<File>, Error> {
        let path = self.folder(id)?.join(IN_USE);
        let Ok(file) = OpenOptions::new().read(true).open(&path) else { return Ok(None) };
        file.lock_shared().map_err(Error::io("lock", &path))?;
        // It may have been deleted between opening and locking.
        self.folder(id)?;
        Ok(Some(file))
    }

    pub(crate) fn current_id(&self) -> Result<Option<GenerationId>, Error> {
        let path = self.root.join(CURRENT);
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A staged generation may be there before any is current, but a promoted one had a pointer to it.
                return if self.ids()?.iter().any(|id| self.was_promoted(id)) {
                    Err(Error::corrupt(&path, "it is missing", error))
                } else {
                    Ok(None)
                };
            }
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let id = std::str::from_utf8(&content).ok().map(|text| GenerationId(text.trim().to_owned()));
        match id.filter(|id| id.sequence().is_some()) {
            Some(id) if self.generations_folder().join(&id.0).is_dir() => Ok(Some(id)),
            Some(id) => Err(Error::damaged(&path, format!("it names generation {id}, which is not there"))),
            None => Err(Error::damaged(&path, "it names no generation")),
        }
    }

    /// The identities of all generations, oldest first.
    fn ids(&self) -> Result<Vec<GenerationId>, Error> {
        let entries = files::entries(&self.generations_folder())?;
        let names = entries.iter().filter_map(|path| path.file_name()?.to_str());
        let mut ids: Vec<_> = names.map(|name| GenerationId(name.to_owned())).collect();
        ids.retain(|id| id.sequence().is_some());
        ids.sort_by(|one, other| one.sequence().cmp(&other.sequence()).then_with(|| one.cmp(other)));
        Ok(ids)
    }

    fn was_promoted(&self, id: &GenerationId) -> bool {
        self.generations_folder().join(&id.0).join(PROMOTED).exists()
    }

    fn mark_promoted(&self, id: &GenerationId) -> Result<(), Error> {
        let mark = self.folder(id)?.join(PROMOTED);
        File::create(&mark).map(drop).map_err(Error::io("create", &mark))
    }

    fn promote_locked(&self, id: &GenerationId, _lock: &WriterLock) -> Result<Generation, Error> {
        let generation = self.about(id)?;
        // A crash between the two steps below leaves a current generation without its mark.
        if let Ok(Some(outgoing)) = self.current_id() {
            self.mark_promoted(&outgoing)?;
        }
        files::replace(&self.root.join(CURRENT), format!("{id}\n").as_bytes())?;
        self.mark_promoted(id)?;
        Ok(generation)
    }

    /// Deletes generations beyond those that are kept, unless a reader is on them.
    fn prune(&self, _lock: &WriterLock) -> Result<(), Error> {
        let current = self.current_id()?;
        let (mut promoted, mut staged) = (0, 0);
        for id in self.ids()?.into_iter().rev().filter(|id| Some(id) != current.as_ref()) {
            let (count, most) =
                if self.was_promoted(&id) { (&mut promoted, self.kept) } else { (&mut staged, KEPT_STAGED) };
            *count += 1;
            if *count > most {
                self.delete(&id)?;
            }
        }
        Ok(())
    }

    /// Deletes all generations but the current one, and returns those that are not deleted because a reader is on them.
    fn delete_others(&self, _lock: &WriterLock) -> Result<Vec<GenerationId>, Error> {
        let current = self.current_id()?;
        let mut left = Vec::new();
        for id in self.ids()?.into_iter().filter(|id| Some(id) != current.as_ref()) {
            if !self.delete(&id)? {
                left.push(id);
            }
        }
        Ok(left)
    }

    /// Deletes a generation unless a reader is on it; false where one is.
    fn delete(&self, id: &GenerationId) -> Result<bool, Error> {
        let folder = self.folder(id)?;
        if let Ok(file) = File::open(folder.join(IN_USE))
            && file.try_lock().is_err()
        {
            return Ok(false);
        }
        // Renamed first, so that nobody sees half of it.
        let doomed = self.generations_folder().join(format!(".deleting-{id}"));
        files::remove_tree(&doomed)?;
        fs::rename(&folder, &doomed).map_err(Error::io("delete", &folder))?;
        files::remove_tree(&doomed)?;
        Ok(true)
    }
}
