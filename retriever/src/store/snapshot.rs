//! The documents of one generation, without its search engine and without a model.

use std::fs::File;

use corpus::{Chunk, DocumentId, DocumentRecord};

use super::shelf::Documents;
use super::{DocumentEntry, Generation, GenerationId, Store};
use crate::Error;

/// A generation's documents, held so that they are not deleted meanwhile.
pub struct Snapshot {
    generation: Generation,
    documents: Box<dyn Documents>,
    _held: Option<File>,
}

impl Store {
    /// The documents of the generation `id`, current or not.
    pub fn snapshot(&self, id: &GenerationId) -> Result<Snapshot, Error> {
        let held = self.shelf.hold(id)?;
        let generation = self.shelf.about(id)?;
        let documents = self.shelf.documents(id)?;
        Ok(Snapshot { generation, documents, _held: held })
    }
}

impl Snapshot {
    /// The generation.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// What documents there are, by id.
    pub fn entries(&self) -> Result<&[DocumentEntry], Error> {
        self.documents.entries()
    }

    /// A document, or `None` where there is none of that id.
    pub fn document(&self, id: &DocumentId) -> Result<Option<DocumentRecord>, Error> {
        Ok(self.documents.line(id)?.map(|line| line.document))
    }

    /// The chunks of a document, in order; none where there is none of that id.
    pub fn chunks(&self, id: &DocumentId) -> Result<Vec<Chunk>, Error> {
        Ok(self.documents.line(id)?.map(|line| line.chunks().collect()).unwrap_or_default())
    }

    /// All documents, by id.
    pub fn documents(&self) -> Result<impl Iterator<Item = Result<DocumentRecord, Error>> + '_, Error> {
        Ok(self.documents.lines()?.map(|line| line.map(|line| line.document)))
    }
}
