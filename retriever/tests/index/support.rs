use std::path::Path;
use std::sync::Arc;

use corpus::{Document, DocumentId, Passage};
use retriever::testing::{HashEmbedder, chunks, document};
use retriever::{Embedder, Error, Generation, Query, Retriever, Store};
use tempfile::TempDir;

pub(crate) const MODEL: &str = "test-model";

/// An index in a folder that goes with it.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("index")).expect("a store");
        Self { folder, store }
    }

    pub(crate) fn root(&self) -> &Path {
        self.store.root()
    }

    /// Publishes these documents and nothing else.
    pub(crate) fn publish(&self, documents: &[Document]) -> Generation {
        publish(&self.store, &HashEmbedder::new(MODEL), documents).expect("published")
    }

    pub(crate) fn open(&self) -> Result<Retriever, Error> {
        Retriever::open(&self.store, Arc::new(HashEmbedder::new(MODEL)))
    }

    pub(crate) fn retriever(&self) -> Retriever {
        self.open().expect("opened")
    }

    /// Names of the entries of the folder of generations.
    pub(crate) fn generation_folders(&self) -> Vec<String> {
        names(&self.root().join("generations"))
    }
}

pub(crate) fn publish(
    store: &Store,
    embedder: &dyn Embedder,
    documents: &[Document],
) -> Result<Generation, Error> {
    let mut builder = store.begin(embedder)?;
    for document in documents {
        builder.add(document, &chunks(document), "v1")?;
    }
    builder.publish()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(crate) fn id(id: &str) -> DocumentId {
    DocumentId(id.to_owned())
}

/// A document of one sentence on a topic of its own.
pub(crate) fn topic(number: usize) -> Document {
    let text = format!("The procedure for topic{number} takes {} steps and one signature.", number % 9 + 2);
    document(&format!("doc-{number:03}"), &format!("Procedure {number}"), &[&text])
}

pub(crate) fn topics(numbers: std::ops::Range<usize>) -> Vec<Document> {
    numbers.map(topic).collect()
}

pub(crate) fn find(retriever: &Retriever, question: &str) -> Vec<Passage> {
    retriever.search(&Query::new(question, 5)).expect("searched")
}

/// The document of the best passage.
pub(crate) fn best(retriever: &Retriever, question: &str) -> String {
    find(retriever, question).first().map(|passage| passage.chunk.document.0.clone()).unwrap_or_default()
}
