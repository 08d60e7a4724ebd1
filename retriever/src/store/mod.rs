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
mod copy;
mod documents;
mod editions;
mod embeddings;
mod erase;
pub(crate) mod files;
mod folder;
mod generation;
mod lock;
pub(crate) mod shelf;
mod snapshot;
mod staging;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

pub use builder::Builder;
pub(crate) use builder::usable;
pub(crate) use documents::Line;
pub use erase::Erased;
pub use generation::{DocumentEntry, FORMAT, Generation, GenerationId};
pub use lock::Holder;
pub use snapshot::Snapshot;
pub use staging::Staged;

use crate::index::Quantization;
use crate::server::{Server, ServerShelf};
use crate::{Embedder, Error};
use folder::Folder;
use lock::WriterLock;
use shelf::Shelf;

const GENERATIONS: &str = "generations";
const EMBEDDINGS: &str = "embeddings";
/// How many generations that were current are kept to go back to, where nothing else is asked for.
const KEPT: usize = 3;
/// How many generations that never were current are kept to look into.
const KEPT_STAGED: usize = 1;

/// An index: its folder, and where its generations are. Opening it reads nothing and takes no lock.
#[derive(Clone)]
pub struct Store {
    root: PathBuf,
    shelf: Arc<dyn Shelf>,
    /// Earlier generations that are kept.
    kept: usize,
    quantization: Quantization,
}

impl Store {
    /// The index in `root`, which is made by the first [`Store::begin`] where it does not exist.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Self::with_shelf(root, Arc::new(Folder::new(root)))
    }

    /// The index on `server`, whose runs work in `root`. Nothing is sent yet.
    pub fn on_server(root: &Path, server: &Server, api_key: Option<&str>) -> Result<Self, Error> {
        Self::with_shelf(root, Arc::new(ServerShelf::new(root, server, api_key)?))
    }

    fn with_shelf(root: &Path, shelf: Arc<dyn Shelf>) -> Result<Self, Error> {
        match fs::metadata(root) {
            Ok(about) if !about.is_dir() => {
                Err(Error::io("open", root)(io::Error::from(io::ErrorKind::NotADirectory)))
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("open", root)(error)),
            _ => Ok(Self { root: root.to_owned(), shelf, kept: KEPT, quantization: Quantization::None }),
        }
    }

    /// The same, keeping so many generations to go back to beside the current one.
    #[must_use]
    pub fn keeping(self, generations: usize) -> Self {
        Self { kept: generations, ..self }
    }

    /// The same, making the vectors of new generations smaller.
    #[must_use]
    pub fn quantized(self, quantization: Quantization) -> Self {
        Self { quantization, ..self }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The generation that readers open, or `None` before the first ingestion.
    pub fn current(&self) -> Result<Option<Generation>, Error> {
        self.shelf.current()?.map(|id| self.shelf.about(&id)).transpose()
    }

    /// All readable generations, oldest first, staged ones included.
    pub fn generations(&self) -> Result<Vec<Generation>, Error> {
        let mut generations = Vec::new();
        for id in self.shelf.ids()? {
            match self.shelf.about(&id) {
                Ok(generation) => generations.push(generation),
                Err(error @ Error::Unreachable { .. }) => return Err(error),
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
        let current = match self.shelf.current() {
            Ok(Some(id)) => Some(id),
            Ok(None) => return Err(self.empty()),
            // The pointer is damaged: the newest generation that was current is as far back as needed.
            Err(Error::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        let earlier = |id: &GenerationId| current.as_ref().is_none_or(|current| id < current);
        for id in self.shelf.ids()?.into_iter().rev().filter(earlier) {
            if self.shelf.was_promoted(&id)? && self.shelf.about(&id).is_ok() {
                return self.promote_locked(&id, &lock);
            }
        }
        Err(Error::NoPrevious { index: self.shelf.name() })
    }

    /// Reads all of a generation and compares it with what was published.
    pub fn verify(&self, id: &GenerationId) -> Result<(), Error> {
        self.shelf.verify(id)
    }

    pub(crate) fn shelf(&self) -> &dyn Shelf {
        self.shelf.as_ref()
    }

    /// That there is nothing in it.
    pub(crate) fn empty(&self) -> Error {
        Error::Empty { index: self.shelf.name() }
    }

    fn lock(&self) -> Result<WriterLock, Error> {
        fs::create_dir_all(&self.root).map_err(Error::io("create", &self.root))?;
        WriterLock::take(&self.root)
    }

    fn promote_locked(&self, id: &GenerationId, _lock: &WriterLock) -> Result<Generation, Error> {
        let generation = self.shelf.about(id)?;
        self.shelf.promote(id)?;
        Ok(generation)
    }

    /// Deletes generations beyond those that are kept, unless a reader is on them.
    fn prune(&self, _lock: &WriterLock) -> Result<(), Error> {
        let current = self.shelf.current()?;
        let (mut promoted, mut staged) = (0, 0);
        for id in self.shelf.ids()?.into_iter().rev().filter(|id| Some(id) != current.as_ref()) {
            let (count, most) = if self.shelf.was_promoted(&id)? {
                (&mut promoted, self.kept)
            } else {
                (&mut staged, KEPT_STAGED)
            };
            *count += 1;
            if *count > most {
                self.shelf.delete(&id)?;
            }
        }
        Ok(())
    }

    /// Deletes all generations but the current one, and returns those that are not deleted because a reader is on them.
    fn delete_others(&self, _lock: &WriterLock) -> Result<Vec<GenerationId>, Error> {
        let current = self.shelf.current()?;
        let mut left = Vec::new();
        for id in self.shelf.ids()?.into_iter().filter(|id| Some(id) != current.as_ref()) {
            if !self.shelf.delete(&id)? {
                left.push(id);
            }
        }
        Ok(left)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("root", &self.root)
            .field("shelf", &self.shelf.name())
            .finish_non_exhaustive()
    }
}
