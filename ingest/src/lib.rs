//! Ingestion: from folders of support documents to a published generation of the index.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chunk;
mod error;
pub mod source;

pub use error::Error;
