use std::path::Path;
use std::sync::Arc;

use corpus::{Document, DocumentId, Passage};
use loopback::Loopback;
use retriever::testing::{HashEmbedder, chunks, document};
use retriever::{Embedder, Error, Generation, Query, Retriever, Server, Store, server};
use tempfile::TempDir;

pub(crate) const MODEL: &str = "test-model";

/// An index that goes with its folder or server.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    /// The server it is on, where that is one of ours.
    pub(crate) loopback: Option<Loopback>,
    /// Address and alias of the server it is on, where that is a real one.
    real: Option<Server>,
}

/// Makes an empty index.
pub(crate) type Make = fn() -> Desk;

/// Runs each test on an index in a folder and on one on a server.
macro_rules! contract {
    ($($test:ident),* $(,)?) => {
        mod in_a_folder {
            $(#[test] fn $test() { super::$test($crate::support::Desk::new) })*
        }
        mod on_a_server {
            $(#[test] fn $test() { super::$test($crate::support::Desk::on_server) })*
        }
    };
}
pub(crate) use contract;

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("index")).expect("a store");
        Self { folder, store, loopback: None, real: None }
    }

    /// On the server that `CITEDESK_TEST_QDRANT_URL` names, or else on one in this process.
    pub(crate) fn on_server() -> Self {
        let Ok(url) = std::env::var("CITEDESK_TEST_QDRANT_URL") else { return Self::on_loopback() };
        let folder = tempfile::tempdir().expect("a folder");
        let name = folder.path().file_name().expect("a name").to_string_lossy().replace('.', "");
        let server = Server { url, collection: format!("citedesk-test-{name}"), ..Server::default() };
        let key = std::env::var(server::API_KEY).ok();
        let store = Store::on_server(&folder.path().join("index"), &server, key.as_deref()).expect("a store");
        Self { folder, store, loopback: None, real: Some(server) }
    }

    pub(crate) fn on_loopback() -> Self {
        let (folder, loopback) = (tempfile::tempdir().expect("a folder"), Loopback::start());
        let server = Server { url: loopback.url(), ..Server::default() };
        let store = Store::on_server(&folder.path().join("index"), &server, None).expect("a store");
        Self { folder, store, loopback: Some(loopback), real: None }
    }

    pub(crate) fn loopback(&mut self) -> &mut Loopback {
        self.loopback.as_mut().expect("a server of ours")
    }

    /// Identities of all readable generations.
    pub(crate) fn generations(&self) -> Vec<String> {
        let generations = self.store.generations().expect("read");
        generations.into_iter().map(|generation| generation.id.0).collect()
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

impl Drop for Desk {
    fn drop(&mut self) {
        let Some(server) = &self.real else { return };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let client =
            qdrant_client::Qdrant::from_url(&server.url).api_key(std::env::var(server::API_KEY).ok());
        let client = client.skip_compatibility_check().build().expect("a client");
        runtime.block_on(async {
            for one in client.list_collections().await.expect("listed").collections {
                if one.name.starts_with(&server.collection) {
                    client.delete_collection(one.name).await.expect("deleted");
                }
            }
        });
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
