//! What can go wrong.

/// An error of a model behind one of this crate's traits.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why no answer could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The sentence encoder failed.
    #[error("the sentence encoder failed")]
    Encoder(#[source] BoxError),
    /// The sentence encoder broke its contract.
    #[error("the sentence encoder returned {found} vectors for {wanted} texts")]
    Vectors {
        /// How many came.
        found: usize,
        /// How many texts there were.
        wanted: usize,
    },
    /// The model that reads a claim together with its evidence failed or broke its contract.
    #[error("the pair encoder failed")]
    Reader(#[source] BoxError),
    /// The language model failed.
    #[error("the language model failed")]
    Model(#[source] BoxError),
    /// A draft was asked for without a model to write it.
    #[error("a draft needs a language model and none is loaded; ask for a composed or quoted answer")]
    NoModel,
    /// The one who asked does not want the answer any more.
    #[error("the answer was stopped")]
    Stopped,
}
