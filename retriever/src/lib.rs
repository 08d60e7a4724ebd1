//! Finds the passages that may answer a question.
//!
//! A [`Store`] is the folder of an index. A [`Builder`] fills a new [`Generation`] of it and publishes it in one
//! step; a [`Retriever`] searches one published generation, undisturbed by what is published meanwhile.
//!
//! ```
//! # use retriever::testing::{HashEmbedder, chunks, document};
//! # use retriever::{Query, Retriever, Store};
//! # use std::sync::Arc;
//! # let folder = tempfile::tempdir()?;
//! # let embedder = Arc::new(HashEmbedder::new("words"));
//! # let document = document("returns", "Returns", &["Goods can be returned within 30 days."]);
//! let store = Store::open(folder.path())?;
//! let mut builder = store.begin(embedder.as_ref())?;
//! builder.add(&document, &chunks(&document), "version of the item")?;
//! let generation = builder.publish()?;
//!
//! let retriever = Retriever::open(&store, embedder)?;
//! let passages = retriever.search(&Query::new("how many days to return goods", 5))?;
//! assert_eq!(passages[0].chunk.text, "Goods can be returned within 30 days.");
//! assert_eq!(retriever.generation(), &generation);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What other processes do is of no concern to either: a second builder is refused, and each retriever searches a
//! view of its own of the published files.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod diff;
pub mod embed;
mod error;
mod index;
mod rerank;
mod search;
pub mod server;
pub mod sparse;
pub mod store;
#[doc(hidden)]
pub mod testing;
mod view;

pub use diff::{Contradiction, Diff};
pub use embed::Embedder;
pub use error::{Cause, Error};
pub use index::Quantization;
pub use rerank::{Rerank, Reranker};
pub use search::{Context, Earlier, Filter, Query, Ranking, Retriever};
pub use server::Server;
pub use store::{Builder, DocumentEntry, Erased, Generation, GenerationId, Holder, Snapshot, Staged, Store};
