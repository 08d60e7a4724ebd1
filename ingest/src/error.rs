//! Errors that stop a run. What concerns one item only is in the report instead.

use std::path::PathBuf;

use crate::source::ApiError;

/// Why a run ended without publishing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to do.
    #[error("no source is given; name a folder or file to ingest")]
    NoSource,
    /// A source is not there or may not be read.
    #[error("cannot read source {path:?}; check that it exists and that you may read it")]
    Source {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// What configuration says of a source cannot be.
    #[error("source {name:?}: {problem}")]
    Configuration {
        /// Name of the source.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// Of all sources, none could be read.
    #[error("source {name:?} cannot be read; nothing was changed")]
    Unreachable {
        /// Name of the first of them.
        name: String,
        /// Why.
        #[source]
        source: ApiError,
    },
    /// A source's name cannot be part of a document id.
    #[error("{name:?} cannot name a source; use at most 100 characters, without `/`, `\\` and `#`")]
    Name {
        /// The name.
        name: String,
    },
    /// Two sources of one run have the same name.
    #[error("two sources are named {name:?}; name each once, or give one of them another name")]
    SameName {
        /// The name.
        name: String,
    },
    /// An include or exclude pattern is not a glob.
    #[error("{pattern:?} is not a valid glob")]
    Glob {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: globset::Error,
    },
    /// A source that had documents has none any more, which is more often a broken copy than a wish.
    #[error(
        "source {name:?} has nothing to index, but {documents} of its documents are in the index; \
         nothing was changed; if they are to go, allow empty sources"
    )]
    Emptied {
        /// Name of the source.
        name: String,
        /// Its documents in the index.
        documents: usize,
    },
    /// The list of what must not come back cannot be read.
    #[error("cannot read what was erased on request; nothing was changed")]
    Forgotten(#[source] std::io::Error),
    /// The run was asked to stop. What was embedded so far is remembered.
    #[error("interrupted; nothing was published")]
    Interrupted,
    /// A stage of the pipeline ended with work left.
    #[error("a stage of the pipeline stopped with {left} items left; nothing was published")]
    Stage {
        /// Items that were not finished.
        left: usize,
    },
    /// Files cannot be extracted at all.
    #[error("nothing can be extracted; nothing was changed")]
    Extract(#[from] crate::extract::ExtractError),
    /// The index could not be written.
    #[error(transparent)]
    Store(#[from] retriever::Error),
}
