//! Building a generation.

use corpus::{Chunk, Document, DocumentId};

use super::generation::{DocumentEntry, Generation};
use crate::{Embedder, Error};

/// A generation in the making. Dropping it leaves nothing behind but the embedding cache.
pub struct Builder<'e> {
    embedder: &'e dyn Embedder,
    parent: Option<Generation>,
}

impl Builder<'_> {
    /// The generation that was current at the beginning.
    pub fn parent(&self) -> Option<&Generation> {
        self.parent.as_ref()
    }

    /// The documents of the parent; none without one.
    pub fn parent_documents(&self) -> Result<Vec<DocumentEntry>, Error> {
        Ok(Vec::new())
    }

    /// Names the version of the steps from bytes to chunks; it is kept in [`Generation::pipeline`].
    pub fn set_pipeline(&mut self, version: &str) {
        let _ = version;
    }

    /// Adds a document with its chunks. `source_version` is the version of the item that it was made from.
    pub fn add(&mut self, document: &Document, chunks: &[Chunk], source_version: &str) -> Result<(), Error> {
        let _ = (document, chunks, source_version, self.embedder.dimension());
        Ok(())
    }

    /// Takes over a document of the parent as it is; false where the parent has none of that id.
    pub fn carry(&mut self, id: &DocumentId) -> Result<bool, Error> {
        let _ = id;
        Ok(false)
    }

    /// Builds and places the generation without making it current.
    pub fn stage(self) -> Result<Staged, Error> {
        Err(Error::DuplicateDocument { id: DocumentId(String::new()) })
    }

    /// Builds the generation and makes it current: [`Builder::stage`], then [`Staged::promote`].
    pub fn publish(self) -> Result<Generation, Error> {
        self.stage()?.promote()
    }
}

/// A complete generation that is not current yet. It holds the writer lock.
///
/// Dropped, it stays among the generations and can be promoted later.
pub struct Staged {
    generation: Generation,
}

impl Staged {
    /// What was built.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// Makes it current.
    pub fn promote(self) -> Result<Generation, Error> {
        Ok(self.generation)
    }

    /// Deletes it.
    pub fn discard(self) -> Result<(), Error> {
        Ok(())
    }
}
