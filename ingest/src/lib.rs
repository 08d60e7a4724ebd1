//! Ingestion: from folders of support documents to a published generation of the index.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chunk;
mod error;
pub mod extract;
mod forgotten;
pub mod isolate;
mod pipeline;
mod report;
pub mod source;

pub use chunk::{ChunkOptions, Chunker};
pub use error::Error;
pub use extract::{Columns, ExtractError, ExtractOptions, Limits};
pub use forgotten::Forgotten;
pub use pipeline::{Event, Options, Plan, Prepared, Progress, inspect, prepare, run, screening};
pub use report::{Counts, HeldBack, IngestReport, ItemReport, Outcome, REPORT_VERSION, StageReport};
pub use source::{ApiSpec, SourceSpec};
