//! The compiled encoder of `models`, which is the default.

use models::{Encoder, Side};

use super::Embedder;
use crate::Error;

impl Embedder for Encoder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        self.embed(texts, Side::Passage).map_err(|source| Error::Embed { source: source.into() })
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error> {
        let vectors = self.embed(&[text], Side::Question);
        let mut vectors = vectors.map_err(|source| Error::Embed { source: source.into() })?;
        vectors.pop().ok_or_else(|| Error::BadEmbedding {
            model: Encoder::fingerprint(self).to_owned(),
            problem: "no vector for one text".to_owned(),
        })
    }

    fn dimension(&self) -> usize {
        Encoder::dimension(self)
    }

    fn fingerprint(&self) -> &str {
        Encoder::fingerprint(self)
    }

    fn count_tokens(&self, text: &str) -> usize {
        Encoder::count_tokens(self, text)
    }

    fn max_tokens(&self) -> usize {
        Encoder::max_tokens(self)
    }
}
