//! What tests of this crate and of those above it need: an embedder without a model, and documents.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use corpus::screen::{Policy, Screener, Telling};
use corpus::{Block, BlockKind, Chunk, Document, DocumentId, Extracted, Format, terms};

use crate::{Embedder, Error};

/// Embeds a text by the words in it: texts that share words are similar. Always gives the same vectors.
pub struct HashEmbedder {
    fingerprint: String,
    dimension: usize,
    embedded: AtomicUsize,
    most: usize,
}

impl HashEmbedder {
    /// An embedder that calls itself `fingerprint`.
    pub fn new(fingerprint: &str) -> Self {
        Self {
            fingerprint: fingerprint.to_owned(),
            dimension: 64,
            embedded: AtomicUsize::new(0),
            most: usize::MAX,
        }
    }

    /// Makes it fail as soon as more than `most` passages were embedded.
    #[must_use]
    pub fn failing_after(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Makes its vectors `dimension` numbers long.
    #[must_use]
    pub fn with_dimension(mut self, dimension: usize) -> Self {
        self.dimension = dimension;
        self
    }

    /// How many passages it has embedded.
    pub fn embedded(&self) -> usize {
        self.embedded.load(Ordering::Relaxed)
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        // One dimension is the same for all, so that no text is without a vector.
        let mut vector = vec![0.0; self.dimension];
        vector[0] = 0.1;
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let id = terms::term_id(&word.to_lowercase());
            let sign = if id & 1 == 0 { 1.0 } else { -1.0 };
            vector[1 + (id >> 1) as usize % (self.dimension - 1)] += sign;
        }
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        vector.into_iter().map(|value| value / norm).collect()
    }
}

impl Embedder for HashEmbedder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        if self.embedded.fetch_add(texts.len(), Ordering::Relaxed) + texts.len() > self.most {
            return Err(Error::Embed { source: "told to fail".into() });
        }
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error> {
        Ok(self.vector(text))
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        256
    }
}

/// An item as an extractor would give it: a paragraph for each of `paragraphs`, no metadata.
pub fn extracted(id: &str, title: &str, paragraphs: &[&str]) -> Extracted {
    Extracted {
        id: DocumentId(id.to_owned()),
        source: "handbook".to_owned(),
        location: format!("{id}.md"),
        format: Format::Markdown,
        title: Some(title.to_owned()),
        modified: None,
        metadata: BTreeMap::new(),
        blocks: paragraphs.iter().map(|text| Block::new(BlockKind::Paragraph, *text)).collect(),
    }
}

/// The document that the default screener makes of an item.
///
/// # Panics
///
/// Where the screener rejects it.
#[expect(clippy::panic, reason = "a test cannot go on")]
pub fn screened(extracted: Extracted) -> Document {
    static SCREENER: OnceLock<Screener> = OnceLock::new();
    // The network takes longer than everything else, and what it masks is tested where it is.
    let policy = || Policy { names: Telling::Rules, ..Policy::default() };
    let screener = SCREENER.get_or_init(|| match Screener::new(policy()) {
        Ok(screener) => screener,
        Err(error) => panic!("{error}"),
    });
    match screener.screen(extracted) {
        Ok(document) => document,
        Err(error) => panic!("{error}"),
    }
}

/// A document of some paragraphs.
pub fn document(id: &str, title: &str, paragraphs: &[&str]) -> Document {
    screened(extracted(id, title, paragraphs))
}

/// A chunk for each block of a document.
pub fn chunks(document: &Document) -> Vec<Chunk> {
    (0..)
        .zip(&document.blocks)
        .filter_map(|(ordinal, block)| Chunk::of(document, ordinal, block.span))
        .collect()
}
