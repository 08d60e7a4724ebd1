//! Passages: chunks that were found for a question.

use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;

/// A chunk found for a question, with its place in the ranking and why it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// What was found.
    pub chunk: Chunk,
    /// Position in the ranking, from 1.
    pub rank: usize,
    /// Score that the ranking is by; higher is better. Comparable within one result only.
    pub score: f32,
    /// Where the score comes from.
    pub why: Why,
}

/// Why a passage ranks where it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Cosine similarity of question and chunk embeddings, where the chunk was looked at.
    pub dense: Option<f32>,
    /// Rank in the dense ranking, from 1.
    pub dense_rank: Option<usize>,
    /// BM25 score, where the chunk shares a term with the question.
    pub sparse: Option<f32>,
    /// Rank in the sparse ranking, from 1.
    pub sparse_rank: Option<usize>,
    /// Score of the reranker, where one ran.
    pub rerank: Option<f32>,
}
