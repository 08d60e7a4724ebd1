//! Erasing documents from everything that an index keeps.

use std::collections::HashSet;

use corpus::DocumentId;

use super::{Generation, GenerationId, Store};
use crate::{Embedder, Error};

/// What an erasure has left.
#[derive(Clone, Debug, PartialEq)]
pub struct Erased {
    /// The generation without the documents, now current.
    pub generation: Generation,
    /// How many documents were in the generation before it.
    pub documents: usize,
    /// Generations that still hold them because a reader is on them; erasing again deletes them.
    pub in_use: Vec<GenerationId>,
}

impl Store {
    /// Publishes a generation without `documents`, deletes every other one and all embeddings that it does not need.
    ///
    /// What is interrupted leaves the index as it was, or done.
    pub fn erase(&self, embedder: &dyn Embedder, documents: &HashSet<DocumentId>) -> Result<Erased, Error> {
        let mut builder = self.begin(embedder)?;
        let Some(parent) = builder.parent() else { return Err(self.empty()) };
        let pipeline = parent.pipeline.clone();
        builder.set_pipeline(&pipeline);
        builder.tidy();
        let mut erased = 0;
        for entry in builder.parent_documents()? {
            if documents.contains(&entry.id) {
                erased += 1;
            } else {
                builder.carry(&entry.id)?;
            }
        }
        let (generation, in_use) = builder.stage()?.promote_alone()?;
        Ok(Erased { generation, documents: erased, in_use })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::{HashEmbedder, chunks, document};
    use crate::{Query, Retriever};

    fn publish(store: &Store, documents: &[&str]) -> Generation {
        let embedder = HashEmbedder::new("words");
        let mut builder = store.begin(&embedder).unwrap();
        builder.set_pipeline("steps");
        for text in documents {
            let document = document(text, text, &[&format!("All about the {text} model.")]);
            builder.add(&document, &chunks(&document), "v").unwrap();
        }
        builder.publish().unwrap()
    }

    fn bytes_of(folder: &std::path::Path, needle: &str) -> usize {
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                count += bytes_of(&path, needle);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                count += bytes.windows(needle.len()).filter(|window| *window == needle.as_bytes()).count();
            }
        }
        count
    }

    #[test]
    fn nothing_is_left_of_what_is_erased() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        publish(&store, &["walnut"]);
        publish(&store, &["walnut", "cherry"]);
        assert!(bytes_of(folder.path(), "walnut") > 0);
        let embedder = Arc::new(HashEmbedder::new("words"));
        let erased = store.erase(embedder.as_ref(), &HashSet::from([DocumentId("walnut".into())])).unwrap();
        assert_eq!((erased.documents, erased.in_use.len(), erased.generation.documents), (1, 0, 1));
        assert_eq!(erased.generation.pipeline, "steps");
        assert_eq!(bytes_of(folder.path(), "walnut"), 0);
        assert_eq!(store.generations().unwrap().len(), 1);
        let retriever = Retriever::open(&store, embedder).unwrap();
        let found = retriever.search(&Query::new("walnut model", 5)).unwrap();
        assert!(found.iter().all(|passage| passage.chunk.document.0 == "cherry"));
    }

    #[test]
    fn a_generation_that_is_read_is_named_and_erased_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let first = publish(&store, &["walnut", "cherry"]);
        let embedder = Arc::new(HashEmbedder::new("words"));
        let reader = Retriever::open(&store, Arc::clone(&embedder) as Arc<dyn Embedder>).unwrap();
        let gone = HashSet::from([DocumentId("walnut".into())]);
        let erased = store.erase(embedder.as_ref(), &gone).unwrap();
        assert_eq!(erased.in_use, [first.id]);
        drop(reader);
        let erased = store.erase(embedder.as_ref(), &gone).unwrap();
        assert_eq!((erased.documents, erased.in_use.len()), (0, 0));
        assert_eq!(bytes_of(folder.path(), "walnut"), 0);
    }

    #[test]
    fn an_empty_index_has_nothing_to_erase() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let error = store.erase(&HashEmbedder::new("words"), &HashSet::new()).unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
}
