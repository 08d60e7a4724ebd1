//! Embedding models.

mod encoder;
mod fastembed;

pub use fastembed::{Family, FastEmbed, FastEmbedModel};

use crate::Error;

/// Turns text into vectors of one fixed dimension and unit length.
///
/// Results come in the order of the texts, as many as there are texts. A text longer than
/// [`Embedder::max_tokens`] is embedded by its beginning.
pub trait Embedder: Send + Sync {
    /// The vectors of `texts` as passages.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error>;

    /// The vector of `text` as a question.
    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error>;

    /// Numbers in a vector.
    fn dimension(&self) -> usize;

    /// Names the model, its weights and everything else that vectors depend on.
    ///
    /// Vectors are comparable if and only if their fingerprints are equal.
    fn fingerprint(&self) -> &str;

    /// Tokens that `text` takes of [`Embedder::max_tokens`], special tokens left out.
    fn count_tokens(&self, text: &str) -> usize;

    /// Most tokens of a text that are looked at.
    fn max_tokens(&self) -> usize;
}
