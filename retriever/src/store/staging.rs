//! Building a generation, part two: from its documents to a placed and checked index.

use std::fs::{self, File};
use std::path::Path;

use corpus::Chunk;

use super::builder::Builder;
use super::documents::Documents;
use super::embeddings::{Embeddings, key};
use super::generation::{Generation, GenerationId};
use super::lock::WriterLock;
use super::{ABOUT, EMBEDDINGS, FILES, IN_USE, SHARD, Store, TERMS, files};
use crate::Error;
use crate::index::edge::{EdgeIndex, EdgeWriter, GRAPH_FROM, seal};
use crate::index::{Index, IndexWriter, Point};
use crate::sparse::{Frequencies, Weigher};
use crate::store::files::Sealed;
use crate::view::View;

/// Points that are inserted at once.
const BATCH: usize = 256;
/// Chunks that have to find themselves before a generation is placed.
const SAMPLES: usize = 16;
/// Language of chunks where none could be told in the whole knowledge base.
const FALLBACK: &str = "en";
/// Least cosine similarity of a chunk with itself.
const SAME: f32 = 0.999;
/// Rough need of the index beyond vectors and text, in bytes: files that are allocated in one piece.
const OVERHEAD: u64 = 32 << 20;
/// Rough need of a point beyond its vector and text, in bytes: terms, tags, graph, log.
const POINT: u64 = 4096;

/// A complete generation that is not current yet. It holds the writer lock.
///
/// Dropped, it stays among the generations and can be promoted later.
pub struct Staged {
    store: Store,
    generation: Generation,
    lock: WriterLock,
}

impl Staged {
    /// What was built.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// Makes it current and deletes what is beyond the generations that are kept.
    pub fn promote(self) -> Result<Generation, Error> {
        let generation = self.store.promote_locked(&self.generation.id, &self.lock)?;
        if let Err(error) = self.store.prune(&self.lock) {
            tracing::warn!(%error, "old generations are still there");
        }
        Ok(generation)
    }

    /// Makes it current and deletes every other generation, so that nothing is left of what this one does not hold.
    /// Returns the generations that a reader is still on: they are deleted by doing the same again.
    pub fn promote_alone(self) -> Result<(Generation, Vec<GenerationId>), Error> {
        let generation = self.store.promote_locked(&self.generation.id, &self.lock)?;
        let left = self.store.delete_others(&self.lock)?;
        self.forget_models()?;
        Ok((generation, left))
    }

    /// Deletes it.
    pub fn discard(self) -> Result<(), Error> {
        self.store.delete(&self.generation.id).map(drop)
    }
}

/// Builds, checks and places the generation. Nothing of it is visible before the last step.
pub(super) fn stage(builder: Builder<'_>) -> Result<Staged, Error> {
    let Builder {
        store, mut generation, documents, mut embeddings, live, lock, building, parent, tidy, ..
    } = builder;
    // Its file may be among those that are deleted.
    drop(parent);
    let folder = &building.0;
    enough_space(folder, &generation, documents.size())?;
    documents.finish()?;
    let documents = Documents::open(folder)?;

    let language = generation.languages.iter().max_by_key(|(_, chunks)| **chunks);
    let language = language.map_or(FALLBACK, |(language, _)| language).to_owned();
    let weigher = Weigher::default();
    let mut frequencies = Frequencies::default();
    for line in documents.lines() {
        for chunk in line?.chunks() {
            frequencies.add(&weigher, &chunk.context(), chunk.language.as_deref().unwrap_or(&language));
        }
    }
    generation.average_length = frequencies.average();
    frequencies.write(&folder.join(TERMS))?;

    let shard = folder.join(SHARD);
    let mut writer = EdgeWriter::create(&shard, generation.dimension, GRAPH_FROM)?;
    let mut batch = Vec::with_capacity(BATCH);
    for line in documents.lines() {
        for chunk in line?.chunks() {
            batch.push(point(chunk, &mut embeddings, &weigher, &language, generation.average_length)?);
            if batch.len() == BATCH {
                writer.insert(std::mem::take(&mut batch))?;
            }
        }
    }
    if !batch.is_empty() {
        writer.insert(batch)?;
    }
    writer.finish()?;
    seal(&shard)?;

    files::write_json(&folder.join(ABOUT), &generation)?;
    let sealed = Sealed::list(folder)?;
    check(&store, &generation, folder, &sealed, &documents, &mut embeddings)?;
    files::write_json(&folder.join(FILES), &sealed)?;
    File::create(folder.join(IN_USE)).map_err(Error::io("create", folder))?;
    files::sync_tree(folder)?;

    let placed = store.generations_folder().join(&generation.id.0);
    fs::rename(folder, &placed).map_err(Error::io("create", &placed))?;
    files::sync_folder(&store.generations_folder())?;

    let staged = Staged { store, generation, lock };
    if let Err(error) = embeddings.compact(&live, tidy).and_then(|()| staged.forget_models()) {
        tracing::warn!(%error, "the embedding cache keeps what is no longer needed");
    }
    Ok(staged)
}

impl Staged {
    /// Deletes the embeddings of models that no generation uses any more.
    fn forget_models(&self) -> Result<(), Error> {
        let generations = self.store.generations()?;
        let used: Vec<String> =
            generations.iter().map(|generation| Embeddings::file_name(&generation.embedder)).collect();
        for path in files::entries(&self.store.root.join(EMBEDDINGS))? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !used.iter().any(|used| used == name) {
                fs::remove_file(&path).map_err(Error::io("delete", &path))?;
            }
        }
        Ok(())
    }
}

/// The engine maps files into memory, and a disk that fills up under a mapping kills the process. So the need is
/// estimated beforehand.
fn enough_space(folder: &Path, generation: &Generation, text: u64) -> Result<(), Error> {
    let vectors = (generation.chunks * generation.dimension * size_of::<f32>()) as u64;
    // Text and vectors are in the log and in the index, and in two segments while the graph is built.
    let need = OVERHEAD + 3 * (text + vectors) + POINT * generation.chunks as u64;
    files::room(folder, need)
}

fn point(
    chunk: Chunk,
    embeddings: &mut Embeddings,
    weigher: &Weigher,
    language: &str,
    average: f32,
) -> Result<Point, Error> {
    let text = chunk.context();
    let sparse = weigher.passage(&text, chunk.language.as_deref().unwrap_or(language), average);
    let dense = embeddings.get(&key(&text))?.ok_or_else(|| embeddings.damaged())?;
    Ok(Point { chunk, dense, sparse })
}

/// Opens the index as a reader would and lets some of its chunks find themselves.
fn check(
    store: &Store,
    generation: &Generation,
    folder: &Path,
    sealed: &[Sealed],
    documents: &Documents,
    embeddings: &mut Embeddings,
) -> Result<(), Error> {
    let shard = folder.join(SHARD);
    let view = View::open(&store.root, folder, SHARD, sealed)?;
    let index = EdgeIndex::open(view)?;
    let count = index.count()?;
    if count != generation.chunks {
        return Err(Error::damaged(&shard, format!("it holds {count} of {} chunks", generation.chunks)));
    }
    let with_chunks: Vec<_> = documents.entries().iter().filter(|entry| entry.chunks > 0).collect();
    for entry in with_chunks.iter().step_by(with_chunks.len().div_ceil(SAMPLES).max(1)) {
        let Some(chunk) = documents.line(&entry.id)?.and_then(|line| line.chunks().next()) else { continue };
        let dense = embeddings.get(&key(&chunk.context()))?.ok_or_else(|| embeddings.damaged())?;
        // Not necessarily itself: another chunk may have the same text.
        let found = index.nearest(&dense, &[], 1)?.first().is_some_and(|hit| hit.score >= SAME);
        if !found || index.chunks(&[chunk.id])? != [chunk] {
            return Err(Error::damaged(&shard, format!("document {} does not find itself", entry.id)));
        }
    }
    Ok(())
}
