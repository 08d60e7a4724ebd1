//! The one error type of this crate.

use std::io;
use std::path::{Path, PathBuf};

use corpus::{ChunkId, DocumentId};

use crate::store::{GenerationId, Holder};

/// Any error below this crate's interface that is passed on as a cause.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong when storing and finding.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another run is writing.
    #[error("the index {root:?} is being written by {holder}; wait for it, or stop it and run again")]
    Locked {
        /// Folder of the index.
        root: PathBuf,
        /// Who holds the lock.
        holder: Holder,
    },
    /// There is no published generation.
    #[error("the index {index} is empty; run `citedesk ingest` first")]
    Empty {
        /// Its folder, or where it is on a server.
        index: String,
    },
    /// There is no generation of that name, or it is gone.
    #[error("there is no generation {id}; `citedesk generations list` names them")]
    NoGeneration {
        /// What was asked for.
        id: GenerationId,
    },
    /// The generation is already where it should be copied to.
    #[error("generation {id} is already in {index}; `citedesk generations promote` makes it current")]
    Present {
        /// The generation.
        id: GenerationId,
        /// The folder or server.
        index: String,
    },
    /// There is nothing to go back to.
    #[error("the index {index} has no earlier generation to go back to")]
    NoPrevious {
        /// Its folder, or where it is on a server.
        index: String,
    },
    /// Another run has made another generation current meanwhile.
    #[error(
        "generation {id} is built but not current, because {current} became current meanwhile: let one machine          ingest; make this one current with `citedesk generations promote {id}`, or run again"
    )]
    Overtaken {
        /// What was built.
        id: GenerationId,
        /// What is current now.
        current: GenerationId,
    },
    /// The server does not answer.
    #[error(
        "the server {url} does not answer: {problem}; see that it runs and that `index.server.url` is right"
    )]
    Unreachable {
        /// Address of the server.
        url: String,
        /// What was tried, and what happened.
        problem: String,
    },
    /// The server wants another key.
    #[error("the server {url} refuses: {problem}; set {variable} to its API key")]
    Refused {
        /// Address of the server.
        url: String,
        /// What it said.
        problem: String,
        /// The environment variable for the key.
        variable: &'static str,
    },
    /// The server has not what was asked for.
    #[error("the server has no longer what was asked for: {problem}; start again to see what is current")]
    Missing {
        /// What it said.
        problem: String,
    },
    /// Settings of the server that cannot be.
    #[error("{setting} = {value:?} {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The index was made with another embedding model.
    #[error(
        "the index was embedded by {index}, but the configured model is {model}; \
         configure the former, or run `citedesk ingest` to embed everything anew"
    )]
    ForeignFingerprint {
        /// Fingerprint of the model that embedded the index.
        index: String,
        /// Fingerprint of the model at hand.
        model: String,
    },
    /// The generation was written in a format that this build does not read.
    #[error(
        "generation {id} has format {found}, but this build reads {expected}; run `citedesk ingest` to build it anew"
    )]
    ForeignFormat {
        /// The generation.
        id: GenerationId,
        /// Its format.
        found: u32,
        /// The format of this build.
        expected: u32,
    },
    /// Files of the index are damaged or missing.
    #[error(
        "{path:?} is damaged: {problem}; go back with `citedesk generations rollback`, or rebuild with `citedesk ingest`"
    )]
    Corrupt {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What told so.
        #[source]
        source: Option<Cause>,
    },
    /// The disk is full. Nothing was published.
    #[error("no space is left for {path:?}; free some and run again, nothing that was embedded is lost")]
    NoSpace {
        /// What was being written.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was tried: `read`, `write`, `create` and so on.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The embedding model failed.
    #[error("the embedding model failed")]
    Embed {
        /// What it said.
        #[source]
        source: Cause,
    },
    /// The reranking model failed or broke its contract.
    #[error("the reranking model failed")]
    Rerank {
        /// What it said.
        #[source]
        source: Cause,
    },
    /// The embedding model broke its contract.
    #[error("the embedding model {model} returned {problem}")]
    BadEmbedding {
        /// Its fingerprint.
        model: String,
        /// What is wrong.
        problem: String,
    },
    /// The search engine failed.
    #[error("the search engine failed to {action}: {problem}")]
    Engine {
        /// What was tried.
        action: &'static str,
        /// What it said.
        problem: String,
    },
    /// A filter by time names none.
    #[error("{field}:{value} names no day; write it as {field}:2026-01-31, {field}:2026-01 or {field}:2026")]
    Date {
        /// `after` or `before`.
        field: String,
        /// What was given.
        value: String,
    },
    /// The same document was added twice.
    #[error("document {id:?} was added twice; the ids of a source's items must differ")]
    DuplicateDocument {
        /// The document.
        id: DocumentId,
    },
    /// A chunk is not a part of the document that it was added with.
    #[error("chunk {chunk} is not a part of document {document:?} as given")]
    ForeignChunk {
        /// The chunk.
        chunk: ChunkId,
        /// The document.
        document: DocumentId,
    },
}

impl Error {
    /// Turns an IO error into [`Error::NoSpace`] or [`Error::Io`].
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => Self::Io { action, path, source },
        }
    }

    /// A damaged file, with what told so.
    pub(crate) fn corrupt(path: &Path, problem: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Corrupt { path: path.to_owned(), problem: problem.into(), source: Some(source.into()) }
    }

    /// A damaged file, where no other error told so.
    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), problem: problem.into(), source: None }
    }
}
