//! Copying a generation from one place to another.

use corpus::{Chunk, ChunkId};

use super::builder::Building;
use super::documents::{DocumentFile, DocumentsWriter};
use super::embeddings::{Embeddings, key};
use super::shelf::Contents;
use super::{EMBEDDINGS, GenerationId, Staged, Store};
use crate::Error;

impl Store {
    /// Copies the generation `id` to another index, with its vectors: nothing is embedded again, now or by the next
    /// run there. It keeps its identity and is not current there yet.
    pub fn copy(&self, id: &GenerationId, to: &Self) -> Result<Staged, Error> {
        let lock = to.lock()?;
        let _held = self.shelf.hold(id)?;
        let generation = self.shelf.about(id)?;
        let building = Building::begin(to)?;
        match to.shelf.about(id) {
            Err(Error::NoGeneration { .. }) => {}
            Ok(_) => return Err(Error::Present { id: id.clone(), index: to.shelf.name() }),
            Err(error) => return Err(error),
        }
        let folder = &building.0;
        let mut writer = DocumentsWriter::create(folder)?;
        for line in self.shelf.documents(id)?.lines()? {
            writer.add(&line?)?;
        }
        writer.finish()?;
        let documents = DocumentFile::open(folder)?;
        let frequencies = self.shelf.frequencies(id)?;

        let index = self.shelf.index(&generation)?;
        let mut embeddings =
            Embeddings::open(&to.root.join(EMBEDDINGS), &generation.embedder, generation.dimension)?;
        let vectors = |chunks: &[Chunk]| {
            let ids: Vec<ChunkId> = chunks.iter().map(|chunk| chunk.id).collect();
            let found = index.vectors(&ids)?;
            if !found.iter().map(|(id, _)| id).eq(&ids) {
                return Err(Error::damaged(id.0.as_ref(), "some of its chunks have no vector"));
            }
            let vectors: Vec<Vec<f32>> = found.into_iter().map(|(_, vector)| vector).collect();
            let keys = chunks.iter().map(|chunk| key(&chunk.context()));
            let new: Vec<_> =
                keys.zip(vectors.iter().cloned()).filter(|(key, _)| !embeddings.contains(key)).collect();
            embeddings.append(&new)?;
            Ok(vectors)
        };
        to.shelf.place(&mut Contents {
            generation: &generation,
            folder,
            documents: &documents,
            quantization: to.quantization,
            frequencies: &frequencies,
            vectors: Box::new(vectors),
        })?;
        Ok(Staged::placed(to, generation, lock))
    }
}
