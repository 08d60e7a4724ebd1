//! Building a generation, part two: from its documents to a placed and checked index.

use std::fs;

use corpus::Chunk;

use super::builder::Builder;
use super::documents::DocumentFile;
use super::embeddings::{Embeddings, key};
use super::generation::{Generation, GenerationId};
use super::lock::WriterLock;
use super::shelf::{Contents, Documents as _, main_language};
use super::{EMBEDDINGS, Store, files};
use crate::Error;
use crate::sparse::{Frequencies, Weigher};

/// A complete generation that is not current yet. It holds the writer lock.
///
/// Dropped, it stays among the generations and can be promoted later.
pub struct Staged {
    store: Store,
    generation: Generation,
    /// What was current when it was begun.
    outgoing: Option<GenerationId>,
    lock: WriterLock,
}

impl Staged {
    /// What was built.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// Makes it current and deletes what is beyond the generations that are kept.
    pub fn promote(self) -> Result<Generation, Error> {
        let generation = self.switch()?;
        if let Err(error) = self.store.prune(&self.lock) {
            tracing::warn!(%error, "old generations are still there");
        }
        Ok(generation)
    }

    /// Makes it current and deletes every other generation, so that nothing is left of what this one does not hold.
    /// Returns the generations that a reader is still on: they are deleted by doing the same again.
    pub fn promote_alone(self) -> Result<(Generation, Vec<GenerationId>), Error> {
        let generation = self.switch()?;
        let left = self.store.delete_others(&self.lock)?;
        self.forget_models()?;
        Ok((generation, left))
    }

    /// One that was placed just now, by the holder of the lock.
    pub(super) fn placed(store: &Store, generation: Generation, lock: WriterLock) -> Self {
        let outgoing = store.shelf.current().ok().flatten();
        Self { store: store.clone(), generation, outgoing, lock }
    }

    fn switch(&self) -> Result<Generation, Error> {
        // The lock is that of a folder, and a server may be written to from several.
        if let Ok(Some(current)) = self.store.shelf.current()
            && self.outgoing.as_ref().is_some_and(|outgoing| *outgoing != current)
        {
            return Err(Error::Overtaken { id: self.generation.id.clone(), current });
        }
        self.store.promote_locked(&self.generation.id, &self.lock)
    }

    /// Deletes it.
    pub fn discard(self) -> Result<(), Error> {
        self.store.shelf.delete(&self.generation.id).map(drop)
    }
}

/// Builds, checks and places the generation. Nothing of it is visible before the last step.
pub(super) fn stage(builder: Builder<'_>) -> Result<Staged, Error> {
    let Builder {
        store,
        mut generation,
        documents,
        mut embeddings,
        live,
        lock,
        building,
        parent,
        outgoing,
        tidy,
        ..
    } = builder;
    // Its file may be among those that are deleted.
    drop(parent);
    let folder = &building.0;
    documents.finish()?;
    let documents = DocumentFile::open(folder)?;
    let frequencies = count(&mut generation, &documents)?;
    let vectors = |chunks: &[Chunk]| {
        let vector =
            |chunk: &Chunk| embeddings.get(&key(&chunk.context()))?.ok_or_else(|| embeddings.damaged());
        chunks.iter().map(vector).collect()
    };
    store.shelf.place(&mut Contents {
        generation: &generation,
        folder,
        documents: &documents,
        quantization: store.quantization,
        frequencies: &frequencies,
        vectors: Box::new(vectors),
    })?;

    let staged = Staged { store, generation, outgoing, lock };
    if let Err(error) = embeddings.compact(&live, tidy).and_then(|()| staged.forget_models()) {
        tracing::warn!(%error, "the embedding cache keeps what is no longer needed");
    }
    Ok(staged)
}

/// Counts the terms of the chunks.
fn count(generation: &mut Generation, documents: &DocumentFile) -> Result<Frequencies, Error> {
    let (weigher, mut frequencies) = (Weigher::default(), Frequencies::default());
    let language = main_language(generation);
    for line in documents.lines()? {
        for chunk in line?.chunks() {
            frequencies.add(&weigher, &chunk.context(), chunk.language.as_deref().unwrap_or(language));
        }
    }
    generation.average_length = frequencies.average();
    Ok(frequencies)
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
