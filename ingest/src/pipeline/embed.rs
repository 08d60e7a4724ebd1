//! Embedding, observed: the index embeds what it is given, this tells how far it is.

use retriever::{Embedder, Error};

use super::meter::{Meter, Spent};
use super::stage::Running;

/// Texts between two looks at whether the run goes on. The caller's batch is sorted by length as a whole, which is
/// worth keeping: it is passed on in one piece unless it is much larger than this.
const SLICE: usize = 512;

/// An embedder that counts, and stops where the run was told to.
pub(super) struct Observed<'a> {
    pub(super) inner: &'a dyn Embedder,
    pub(super) running: &'a Running<'a>,
    pub(super) meter: &'a Meter,
    /// Called after each slice.
    pub(super) progress: &'a (dyn Fn() + Send + Sync),
}

impl Embedder for Observed<'_> {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        let mut vectors = Vec::with_capacity(texts.len());
        for slice in texts.chunks(SLICE) {
            if self.running.ended() {
                return Err(Error::Embed { source: "interrupted".into() });
            }
            let (embedded, _) = self.meter.time(Spent::Busy, || self.inner.embed(slice));
            vectors.extend(embedded?);
            self.meter.count(slice.iter().map(|text| text.len() as u64).sum(), slice.len() as u64);
            (self.progress)();
        }
        Ok(vectors)
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error> {
        self.inner.embed_query(text)
    }

    fn dimension(&self) -> usize {
        self.inner.dimension()
    }

    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.inner.count_tokens(text)
    }

    fn max_tokens(&self) -> usize {
        self.inner.max_tokens()
    }
}
