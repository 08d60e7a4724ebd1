//! Errors that stop a run. What concerns one item only is in the report instead.

use std::path::PathBuf;

/// Why a run ended without publishing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A source is not there or may not be read.
    #[error("cannot read source {path:?}; check that it exists and that you may read it")]
    Source {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A source's name cannot be part of a document id.
    #[error("{name:?} cannot name a source; use at most 100 characters, without `/`, `\\` and `#`")]
    Name {
        /// The name.
        name: String,
    },
    /// Two sources of one run have the same name.
    #[error("two sources are named {name:?}; give one of them another name")]
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
}
