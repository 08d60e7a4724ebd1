//! Building a generation, part one: taking in documents and embedding their chunks.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

use corpus::{Chunk, Document, DocumentId, DocumentRecord};
use jiff::Timestamp;

use super::documents::{DocumentsWriter, Line};
use super::embeddings::{Embeddings, Key, key};
use super::generation::{DocumentEntry, FORMAT, Generation, GenerationId};
use super::lock::WriterLock;
use super::shelf::Documents;
use super::staging::{self, Staged};
use super::{EMBEDDINGS, GENERATIONS, Store, files};
use crate::sparse::ANALYZER;
use crate::{Embedder, Error};

/// Texts are embedded when so many wait, or so many bytes: enough for an embedder to sort them by length, few
/// enough to lose little when killed.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// A generation in the making. Dropping it leaves nothing behind but the embedding cache.
///
/// Documents are embedded as they come, in batches; the index itself is built at the end.
pub struct Builder<'e> {
    pub(super) store: Store,
    pub(super) embedder: &'e dyn Embedder,
    pub(super) parent: Option<(Generation, Box<dyn Documents>)>,
    /// What was current at the beginning, readable or not.
    pub(super) outgoing: Option<GenerationId>,
    pub(super) generation: Generation,
    pub(super) documents: DocumentsWriter,
    pub(super) embeddings: Embeddings,
    /// What is in this generation.
    pub(super) live: HashSet<Key>,
    waiting: BTreeMap<Key, String>,
    waiting_bytes: usize,
    /// Whether the embedding cache is to hold nothing but what this generation needs.
    pub(super) tidy: bool,
    // Dropped in this order: the folder is removed before the lock is given back.
    pub(super) building: Building,
    pub(super) lock: WriterLock,
}

/// The folder of a generation in the making, removed when it is dropped.
pub(super) struct Building(pub(super) PathBuf);

impl Building {
    /// A new one, without what an interrupted run has left. The caller holds the lock.
    pub(super) fn begin(store: &Store) -> Result<Self, Error> {
        let generations = store.root.join(GENERATIONS);
        fs::create_dir_all(&generations).map_err(Error::io("create", &generations))?;
        for path in files::entries(&generations)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(".building-") || name.starts_with(".deleting-") {
                files::remove_tree(&path)?;
            }
        }
        store.shelf.sweep()?;
        let building = Self(generations.join(format!(".building-{}", std::process::id())));
        fs::create_dir(&building.0).map_err(Error::io("create", &building.0))?;
        Ok(building)
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        // The next run removes what is left.
        let _ = files::remove_tree(&self.0);
    }
}

impl<'e> Builder<'e> {
    pub(super) fn begin(store: Store, lock: WriterLock, embedder: &'e dyn Embedder) -> Result<Self, Error> {
        let building = Building::begin(&store)?;
        // Generations that were held back night after night are not promoted, which is when others are deleted.
        if let Err(error) = store.prune(&lock) {
            tracing::warn!(%error, "old generations are still there");
        }
        let parent = match parent(&store) {
            Ok(parent) => parent,
            Err(
                error @ (Error::Corrupt { .. } | Error::ForeignFormat { .. } | Error::NoGeneration { .. }),
            ) => {
                tracing::warn!(%error, "the current generation is not readable; everything is built anew");
                None
            }
            Err(error) => return Err(error),
        };
        let outgoing = store.shelf.current().ok().flatten();
        let documents = DocumentsWriter::create(&building.0)?;
        let folder = store.root.join(EMBEDDINGS);
        let embeddings = Embeddings::open(&folder, embedder.fingerprint(), embedder.dimension())?;
        let sequence = store.shelf.ids()?.iter().filter_map(GenerationId::sequence).max().unwrap_or(0) + 1;
        let created = Timestamp::now();
        let generation = Generation {
            format: FORMAT,
            id: GenerationId::new(sequence, created),
            parent: parent.as_ref().map(|(parent, _)| parent.id.clone()),
            created,
            documents: 0,
            chunks: 0,
            embedder: embedder.fingerprint().to_owned(),
            dimension: embedder.dimension(),
            pipeline: String::new(),
            analyzer: ANALYZER,
            average_length: 0.0,
            languages: BTreeMap::new(),
        };
        Ok(Self {
            store,
            embedder,
            parent,
            outgoing,
            generation,
            documents,
            embeddings,
            live: HashSet::new(),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            tidy: false,
            building,
            lock,
        })
    }

    /// The generation that was current at the beginning.
    pub fn parent(&self) -> Option<&Generation> {
        self.parent.as_ref().map(|(parent, _)| parent)
    }

    /// The documents of the parent, by id; none without one.
    pub fn parent_documents(&self) -> Result<Vec<DocumentEntry>, Error> {
        let entries = self.parent.as_ref().map(|(_, documents)| documents.entries()).transpose()?;
        Ok(entries.unwrap_or_default().to_vec())
    }

    /// A document of the parent; `None` where it has none of that id.
    pub fn parent_document(&self, id: &DocumentId) -> Result<Option<DocumentRecord>, Error> {
        let line = self.parent.as_ref().map(|(_, documents)| documents.line(id)).transpose()?.flatten();
        Ok(line.map(|line| line.document))
    }

    /// Has the embedding cache hold nothing but what this generation needs.
    pub fn tidy(&mut self) {
        self.tidy = true;
    }

    /// Names the version of the steps from bytes to chunks; it is kept in [`Generation::pipeline`].
    pub fn set_pipeline(&mut self, version: &str) {
        version.clone_into(&mut self.generation.pipeline);
    }

    /// Adds a document with its chunks. `source_version` is the version of the item that it was made from.
    ///
    /// An error of the embedding model may concern chunks of documents that were added before.
    pub fn add(&mut self, document: &Document, chunks: &[Chunk], source_version: &str) -> Result<(), Error> {
        self.take(&Line::new(document, chunks, source_version)?)
    }

    /// Takes over a document of the parent with its chunks; false where the parent has none of that id.
    ///
    /// What was embedded by the same model is not embedded again.
    pub fn carry(&mut self, id: &DocumentId) -> Result<bool, Error> {
        let line = match &self.parent {
            Some((_, documents)) => documents.line(id)?,
            None => None,
        };
        line.map(|line| self.take(&line)).transpose().map(|taken| taken.is_some())
    }

    /// Builds and places the generation without making it current.
    pub fn stage(mut self) -> Result<Staged, Error> {
        self.embed_waiting()?;
        staging::stage(self)
    }

    /// Builds the generation and makes it current: [`Builder::stage`], then [`Staged::promote`].
    pub fn publish(self) -> Result<Generation, Error> {
        self.stage()?.promote()
    }

    fn take(&mut self, line: &Line) -> Result<(), Error> {
        self.documents.add(line)?;
        self.generation.documents += 1;
        for chunk in line.chunks() {
            self.generation.chunks += 1;
            if let Some(language) = &chunk.language {
                *self.generation.languages.entry(language.clone()).or_default() += 1;
            }
            let text = chunk.context();
            let key = key(&text);
            if self.live.insert(key) && !self.embeddings.contains(&key) {
                self.waiting_bytes += text.len();
                self.waiting.insert(key, text);
            }
        }
        if self.waiting.len() >= BATCH || self.waiting_bytes >= BATCH_BYTES {
            self.embed_waiting()?;
        }
        Ok(())
    }

    fn embed_waiting(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = self.waiting.values().map(String::as_str).collect();
        let vectors = self.embedder.embed(&texts)?;
        self.check(texts.len(), &vectors)?;
        let keys = self.waiting.keys().copied();
        self.embeddings.append(&keys.zip(vectors).collect::<Vec<_>>())?;
        self.waiting.clear();
        self.waiting_bytes = 0;
        Ok(())
    }

    /// A vector that is not one would be stored for good, and found or missed by chance.
    fn check(&self, texts: usize, vectors: &[Vec<f32>]) -> Result<(), Error> {
        let dimension = self.embedder.dimension();
        let problem = if vectors.len() != texts {
            format!("{} vectors for {texts} texts", vectors.len())
        } else if let Some(vector) = vectors.iter().find(|vector| vector.len() != dimension) {
            format!("a vector of {} numbers instead of {dimension}", vector.len())
        } else if !vectors.iter().all(|vector| usable(vector)) {
            "a vector that is zero or not finite".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::BadEmbedding { model: self.embedder.fingerprint().to_owned(), problem })
    }
}

pub(crate) fn usable(vector: &[f32]) -> bool {
    let square: f32 = vector.iter().map(|value| value * value).sum();
    square.is_finite() && square > 0.0
}

fn parent(store: &Store) -> Result<Option<(Generation, Box<dyn Documents>)>, Error> {
    let Some(generation) = store.current()? else { return Ok(None) };
    let documents = store.shelf.documents(&generation.id)?;
    Ok(Some((generation, documents)))
}
