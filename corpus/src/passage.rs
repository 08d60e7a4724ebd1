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
    /// How the question's words stand in the passage, where it was looked at.
    #[serde(default)]
    pub words: Option<Words>,
    /// Score of the reranker, where one ran.
    pub rerank: Option<f32>,
}

/// How a question's words stand in a passage: shares from 0 to 1, rare words counting for more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// Words that the passage or its title has, of those that any passage has.
    pub coverage: f32,
    /// Pairs of words that follow each other in the question and in the passage.
    pub adjacent: f32,
    /// Pairs of words that stand close together in both, in any order.
    pub near: f32,
    /// Words that its title or headings have.
    pub title: f32,
}
