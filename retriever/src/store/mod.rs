//! The folder of an index: generations, the pointer to the current one, locks, and the embedding cache.

mod builder;
mod generation;
mod lock;

use std::path::{Path, PathBuf};

pub use builder::{Builder, Staged};
pub use generation::{DocumentEntry, FORMAT, Generation, GenerationId};
pub use lock::Holder;

use crate::{Embedder, Error};

/// The folder of an index. Opening it touches no engine file and takes no lock.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The index in `root`, which is created where it does not exist.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Ok(Self { root: root.to_owned() })
    }

    /// The generation that readers open, or `None` before the first ingestion.
    pub fn current(&self) -> Result<Option<Generation>, Error> {
        Err(Error::Empty { root: self.root.clone() })
    }

    /// All generations, oldest first.
    pub fn generations(&self) -> Result<Vec<Generation>, Error> {
        Err(Error::Empty { root: self.root.clone() })
    }

    /// Takes the writer lock and begins a new generation, embedded by `embedder`.
    pub fn begin<'e>(&self, embedder: &'e dyn Embedder) -> Result<Builder<'e>, Error> {
        let _ = embedder;
        Err(Error::Empty { root: self.root.clone() })
    }

    /// Makes `id` the generation that readers open.
    pub fn promote(&self, id: &GenerationId) -> Result<Generation, Error> {
        Err(Error::NoGeneration { id: id.clone() })
    }

    /// Makes the generation before the current one the one that readers open.
    pub fn rollback(&self) -> Result<Generation, Error> {
        Err(Error::Empty { root: self.root.clone() })
    }
}
