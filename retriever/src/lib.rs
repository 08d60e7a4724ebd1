//! Finds the passages that may answer a question.
//!
//! A [`Store`] is the folder of an index. A [`Builder`] fills a new [`Generation`] of it and publishes it in one
//! step; a [`Retriever`] searches one published generation, undisturbed by what is published meanwhile.

pub mod embed;
mod error;
mod index;
mod search;
pub mod sparse;
pub mod store;
#[doc(hidden)]
pub mod testing;
mod view;

pub use embed::Embedder;
pub use error::{Cause, Error};
pub use search::{Filter, Query, Ranking, Retriever};
pub use store::{Builder, DocumentEntry, Generation, GenerationId, Holder, Staged, Store};
