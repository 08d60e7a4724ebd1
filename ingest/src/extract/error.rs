//! Why a file gives no documents.

use serde::{Deserialize, Serialize};

/// Why a file gives no documents. Each message says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExtractError {
    /// A format that is not read.
    #[error("{what} cannot be read; convert it to PDF, HTML, Markdown or plain text, or exclude it")]
    Unsupported {
        /// What it is, such as `a spreadsheet`.
        what: String,
    },
    /// Encrypted, and the password is not known.
    #[error(
        "encrypted, and no given password opens it; add the password of a PDF to the PDF passwords, save others without one, or exclude it"
    )]
    Encrypted,
    /// Damaged, or not what it says it is.
    #[error("damaged: {what}; save or export it again")]
    Malformed {
        /// What is wrong.
        what: String,
    },
    /// Pages are pictures.
    #[error("a scan without text; run OCR first")]
    Scan,
    /// There is text, but nothing says which letters it is made of.
    #[error("its fonts do not tell which letters they show; print it to a new PDF or run OCR first")]
    Unmapped,
    /// Nothing to read.
    #[error("no text in it; exclude it if that is right")]
    Empty,
    /// More than a limit allows.
    #[error("more than {limit} {unit}; split it or raise the limit")]
    TooLarge {
        /// What is limited, such as `pages`.
        unit: String,
        /// The limit.
        limit: u64,
    },
    /// Took too long.
    #[error("not finished after {seconds} s; split it, raise the limit or exclude it")]
    TimedOut {
        /// The limit in seconds.
        seconds: u64,
    },
    /// Brought its extractor down.
    #[error("the extractor failed on it ({how}); save it again in another way or exclude it")]
    Crashed {
        /// How the extractor ended.
        how: String,
    },
    /// The process that extracts cannot be started or talked to.
    #[error("cannot run the extraction process: {problem}; check that the program may start itself")]
    Worker {
        /// What the system said.
        problem: String,
    },
}

impl ExtractError {
    /// Short name for reports.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "unsupported",
            Self::Encrypted => "encrypted",
            Self::Malformed { .. } => "malformed",
            Self::Scan => "scan",
            Self::Unmapped => "unmapped",
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::TimedOut { .. } => "timed_out",
            Self::Crashed { .. } => "crashed",
            Self::Worker { .. } => "worker",
        }
    }

    /// Whether the file as it is holds nothing for an index, as opposed to text that could not be got at.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Unsupported { .. } | Self::Empty)
    }

    pub(crate) fn malformed(what: impl ToString) -> Self {
        Self::Malformed { what: what.to_string() }
    }

    pub(crate) fn too_large(unit: &str, limit: usize) -> Self {
        Self::TooLarge { unit: unit.to_owned(), limit: limit as u64 }
    }
}
