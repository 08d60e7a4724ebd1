//! What can go wrong.

use std::path::PathBuf;

/// An input that cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line is not what the format says.
    #[error("{path:?}, line {line}: not a golden question")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A line is not what its format says.
    #[error("{path:?}, line {line}: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and the remedy.
        problem: String,
    },
    /// A file holds no claims.
    #[error("{path:?} holds no claims; write one JSON object a line, with `context`, `claim` and `label`")]
    NoClaims {
        /// The file.
        path: PathBuf,
    },
    /// Two questions share an id.
    #[error("{path:?}, line {line}: the id {id:?} is used twice")]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The second line, counted from 1.
        line: usize,
        /// The id.
        id: String,
    },
    /// An answerable question without evidence, or the other way round.
    #[error("{path:?}, line {line}: question {id:?} must have evidence exactly when it is answerable")]
    Evidence {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The id.
        id: String,
    },
    /// Nothing to judge.
    #[error("{path:?} holds no questions")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Two inputs that cannot be judged together.
    #[error("{0}")]
    Unfit(String),
}
