//! The pipeline: list → read → extract → screen → chunk → embed and store → publish.
//!
//! Every stage runs on threads of its own and passes items on through a bounded channel. The new generation is
//! filled in the order of the list, and published in one step at the very end: a run that fails, is interrupted or
//! killed leaves the index as it was, but for the embeddings that the next run finds again.

mod budget;
mod chunk;
mod embed;
mod event;
mod extract;
mod inspect;
mod known;
mod ledger;
mod list;
mod meter;
mod publish;
mod read;
mod recall;
mod run;
mod screen;
mod seen;
mod stage;
mod store;
mod version;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use corpus::screen::Policy;
use serde::{Deserialize, Serialize};

pub use event::{Event, Progress};
pub use inspect::inspect;
pub use run::{Prepared, prepare, run};

use crate::chunk::ChunkOptions;
use crate::extract::{ExtractOptions, Limits};
use crate::isolate;
use crate::source::SourceSpec;

/// What to ingest, and how.
#[derive(Default)]
pub struct Plan {
    /// The folders, files and help centers. Documents of other sources stay in the index as they are.
    pub sources: Vec<SourceSpec>,
    /// How.
    pub options: Options,
    /// Stands for the screening policy, so that a change of it screens everything anew; see [`screening`].
    pub screening: String,
    /// Extracts in processes of their own, out of reach of what hostile files do. Without one, extraction runs in
    /// this process.
    pub worker: Option<isolate::Worker>,
    /// Threads for each of extraction, screening and chunking; 0 means one for each processor.
    pub threads: usize,
    /// Set to true from anywhere, it ends the run with [`crate::Error::Interrupted`] after the items in work.
    pub cancel: Arc<AtomicBool>,
}

/// How to ingest.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How long chunks are.
    pub chunk: ChunkOptions,
    /// How much a file may cost.
    pub limits: Limits,
    /// Whether a source may lose all its documents.
    pub allow_empty: bool,
    /// Whether items that failed in several runs are tried again though nothing changed.
    pub retry: bool,
    /// Passwords that encrypted PDF files are tried with. Never written anywhere.
    #[serde(skip)]
    pub pdf_passwords: Vec<String>,
}

impl Options {
    /// What extraction needs of it.
    fn extract(&self) -> ExtractOptions {
        ExtractOptions {
            pdf_passwords: self.pdf_passwords.clone(),
            limits: self.limits,
            ..ExtractOptions::default()
        }
    }
}

/// Passwords are secrets: their number is shown, not they.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("chunk", &self.chunk)
            .field("limits", &self.limits)
            .field("allow_empty", &self.allow_empty)
            .field("retry", &self.retry)
            .field("pdf_passwords", &self.pdf_passwords.len())
            .finish()
    }
}

/// What stands for `policy` in [`Plan::screening`].
pub fn screening(policy: &Policy) -> String {
    corpus::Digest::of(format!("{policy:?}").as_bytes()).0
}

#[cfg(test)]
mod tests;
