//! Sparse vectors: BM25 over the terms of a text.

/// Version of the sparse vectors; raised when terms, their numbers or their weights change.
pub const ANALYZER: u32 = 1;
