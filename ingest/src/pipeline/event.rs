//! What a run tells while it goes on.

use serde::Serialize;

use crate::report::ItemReport;

/// Something that happened. Events come in order and on the thread that called [`crate::run`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A source was listed.
    Listed {
        /// Name of the source.
        source: String,
        /// Files in it.
        items: usize,
        /// Their size in bytes.
        bytes: u64,
    },
    /// An item reached its end.
    Item {
        /// The line of the report.
        item: ItemReport,
    },
    /// How far the stages are.
    Progress(Progress),
    /// Everything is taken in; the index is built and made current.
    Publishing {
        /// Documents of the new generation.
        documents: usize,
    },
}

/// How many items have left each stage. An unchanged item goes from `read` to `stored`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// All items.
    pub items: u64,
    /// Items that were read.
    pub read: u64,
    /// Items that were extracted.
    pub extracted: u64,
    /// Items that were screened.
    pub screened: u64,
    /// Items that were chunked.
    pub chunked: u64,
    /// Items that were stored or reported.
    pub stored: u64,
    /// Chunks that were made.
    pub chunks: u64,
    /// Chunks that were embedded; those whose embedding is remembered are not among them.
    pub embedded: u64,
}
