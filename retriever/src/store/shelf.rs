//! Where generations are kept: in a folder, or on a server.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use corpus::{Chunk, ChunkId, DocumentId};

use super::documents::Line;
use super::{DocumentEntry, Generation, GenerationId};
use crate::Error;
use crate::index::{Index, Point, Quantization};
use crate::sparse::{Frequencies, Weigher};

/// Chunks that have to find themselves before a generation is placed.
const SAMPLES: usize = 16;
/// Least cosine similarity of a chunk with itself.
const SAME: f32 = 0.999;
/// Language of chunks where none could be told in the whole knowledge base.
const FALLBACK: &str = "en";

/// Keeps generations and says which is current.
///
/// Only the holder of the writer lock calls what changes something.
pub(crate) trait Shelf: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// The identities of all generations, oldest first, readable or not.
    fn ids(&self) -> Result<Vec<GenerationId>, Error>;

    /// What is known of a generation.
    fn about(&self, id: &GenerationId) -> Result<Generation, Error>;

    /// The generation that readers open; `None` where there never was one.
    fn current(&self) -> Result<Option<GenerationId>, Error>;

    /// Whether a generation is or was current.
    fn was_promoted(&self, id: &GenerationId) -> Result<bool, Error>;

    /// Makes a generation the one that readers open, in one step.
    fn promote(&self, id: &GenerationId) -> Result<(), Error>;

    /// Deletes a generation unless a reader is known to be on it; false where one is.
    fn delete(&self, id: &GenerationId) -> Result<bool, Error>;

    /// Compares a generation with what was published.
    fn verify(&self, id: &GenerationId) -> Result<(), Error>;

    /// What keeps a generation from being deleted while it is held; nothing where that cannot be had.
    fn hold(&self, id: &GenerationId) -> Result<Option<File>, Error>;

    /// The documents of a generation.
    fn documents(&self, id: &GenerationId) -> Result<Box<dyn Documents>, Error>;

    /// In how many chunks of a generation each term is.
    fn frequencies(&self, id: &GenerationId) -> Result<Frequencies, Error>;

    /// The index of a generation.
    fn index(&self, generation: &Generation) -> Result<Box<dyn Index>, Error>;

    /// Places a new generation whole. Nothing of it can be seen before it is complete.
    fn place(&self, contents: &mut Contents<'_>) -> Result<(), Error>;

    /// Removes what an interrupted run left beside the folder that it worked in.
    fn sweep(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The documents of one generation.
pub(crate) trait Documents: Send + Sync {
    /// What documents there are, by id.
    fn entries(&self) -> Result<&[DocumentEntry], Error>;

    /// The documents that others replace, with their chunks; see [`super::editions`].
    fn superseded(&self) -> &BTreeMap<DocumentId, Vec<ChunkId>>;

    /// The document `id` with its chunks.
    fn line(&self, id: &DocumentId) -> Result<Option<Line>, Error>;

    /// All documents with their chunks, by id.
    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, Error>> + '_>, Error>;
}

/// Gives the vectors of chunks, in order.
pub(crate) type Vectors<'a> = dyn FnMut(&[Chunk]) -> Result<Vec<Vec<f32>>, Error> + 'a;

/// What a new generation holds.
pub(crate) struct Contents<'a> {
    /// What is known of it.
    pub(crate) generation: &'a Generation,
    /// The folder with its documents, in which more may be written.
    pub(crate) folder: &'a Path,
    /// Its documents.
    pub(crate) documents: &'a dyn Documents,
    /// How its vectors are made smaller.
    pub(crate) quantization: Quantization,
    /// Its frequencies.
    pub(crate) frequencies: &'a Frequencies,
    /// Where its vectors are.
    pub(crate) vectors: Box<Vectors<'a>>,
}

impl Contents<'_> {
    /// Gives `insert` all points, at most `batch` at once.
    pub(crate) fn points(
        &mut self,
        batch: usize,
        mut insert: impl FnMut(Vec<Point>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let weigher = Weigher::default();
        let language = main_language(self.generation).to_owned();
        let average = self.generation.average_length;
        let mut waiting: Vec<Chunk> = Vec::with_capacity(batch);
        let mut flush = |chunks: &mut Vec<Chunk>| {
            let vectors = (self.vectors)(chunks)?;
            let points = chunks.drain(..).zip(vectors).map(|(chunk, dense)| {
                let language = chunk.language.as_deref().unwrap_or(&language);
                let sparse = weigher.passage(&chunk.context(), language, average);
                Point { chunk, dense, sparse }
            });
            insert(points.collect())
        };
        for line in self.documents.lines()? {
            for chunk in line?.chunks() {
                waiting.push(chunk);
                if waiting.len() == batch {
                    flush(&mut waiting)?;
                }
            }
        }
        if waiting.is_empty() { Ok(()) } else { flush(&mut waiting) }
    }

    /// Lets some of the chunks find themselves in `index`, which is called `name`.
    pub(crate) fn check(&mut self, index: &dyn Index, name: &Path) -> Result<(), Error> {
        let (count, chunks) = (index.count()?, self.generation.chunks);
        if count != chunks {
            return Err(Error::damaged(name, format!("it holds {count} of {chunks} chunks")));
        }
        let entries = self.documents.entries()?;
        let with_chunks: Vec<_> = entries.iter().filter(|entry| entry.chunks > 0).collect();
        for entry in with_chunks.iter().step_by(with_chunks.len().div_ceil(SAMPLES).max(1)) {
            let line = self.documents.line(&entry.id)?;
            let Some(chunk) = line.and_then(|line| line.chunks().next()) else { continue };
            let vectors = (self.vectors)(std::slice::from_ref(&chunk))?;
            let Some(dense) = vectors.first() else { continue };
            // Not necessarily itself: another chunk may have the same text.
            let found = index.nearest(dense, &[], 1)?.first().is_some_and(|hit| hit.score >= SAME);
            if !found || index.chunks(&[chunk.id])? != [chunk] {
                return Err(Error::damaged(name, format!("document {} does not find itself", entry.id)));
            }
        }
        Ok(())
    }
}

/// The language that most chunks are in.
pub(super) fn main_language(generation: &Generation) -> &str {
    let language = generation.languages.iter().max_by_key(|(_, chunks)| **chunks);
    language.map_or(FALLBACK, |(language, _)| language)
}
