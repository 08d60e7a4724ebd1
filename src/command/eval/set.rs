//! Documents of a set in an index of their own, for a measurement.

use std::collections::HashMap;
use std::path::Path;

use corpus::{Block, BlockKind, Chunk, Document, DocumentId, Extracted, Format};
use eval::beir::Text;
use ingest::extract::Item;
use ingest::{ChunkOptions, Chunker, ExtractOptions};
use retriever::{Embedder, Store};

use crate::config::{Mode, Settings};
use crate::engine::{self, Engine, Models};
use crate::failure::Failure;

/// How documents become chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Every so many words, as for most published figures.
    Words(usize),
    /// As the product reads and cuts text files.
    Product,
}

/// An engine on the index in `folder`, which holds the documents of a set and nothing else.
pub(super) fn engine(
    settings: &Settings,
    folder: &Path,
    mode: Option<Mode>,
    models: Models,
) -> Result<Engine, Failure> {
    let mut settings = settings.in_folder(folder.to_owned());
    // What users are confined to is not in a set.
    settings.config.search.filters.clear();
    Engine::on(&settings, mode, models, None)
}

/// Publishes documents, screened as in the product; returns their names in the set. What cannot be masked is left out, as
/// in the product.
pub(super) fn publish(
    settings: &Settings,
    store: &Store,
    embedder: &dyn Embedder,
    documents: &[Text],
    cut: Cut,
) -> Result<HashMap<DocumentId, String>, Failure> {
    let screener = engine::screener(settings)?;
    let count = |text: &str| embedder.count_tokens(text);
    let chunker = Chunker::new(&count, embedder.max_tokens(), ChunkOptions::default());
    let mut builder = store.begin(embedder)?;
    let mut ids = HashMap::new();
    for text in documents {
        let blocks = match cut {
            Cut::Words(length) => in_pieces(&text.text, length),
            Cut::Product => as_file(&text.text),
        };
        let extracted = Extracted {
            id: DocumentId(text.id.clone()),
            source: "corpus".to_owned(),
            location: text.id.clone(),
            format: Format::Text,
            title: Some(text.title.clone()).filter(|title| !title.is_empty()),
            modified: None,
            metadata: text.scope.iter().map(|scope| ("scope".to_owned(), scope.clone())).collect(),
            blocks,
        };
        let Ok(document) = screener.screen(extracted) else { continue };
        let chunks = match cut {
            Cut::Words(_) => of_blocks(&document),
            Cut::Product => chunker.chunk(&document),
        };
        ids.insert(document.id.clone(), text.id.clone());
        builder.add(&document, &chunks, "")?;
    }
    builder.publish()?;
    Ok(ids)
}

fn in_pieces(text: &str, length: usize) -> Vec<Block> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.chunks(length).map(|words| Block::new(BlockKind::Paragraph, words.join(" "))).collect()
}

/// The blocks that a text file has; none of an empty one.
fn as_file(text: &str) -> Vec<Block> {
    let options = ExtractOptions::default();
    let item = Item {
        id_prefix: "corpus/text",
        source: "corpus",
        location: "document.txt",
        bytes: text.as_bytes(),
        modified: None,
        options: &options,
    };
    let extracted = ingest::extract::extract(&item).unwrap_or_default();
    extracted.into_iter().flat_map(|document| document.blocks).collect()
}

fn of_blocks(document: &Document) -> Vec<Chunk> {
    let spans = (0..).zip(&document.blocks);
    spans.filter_map(|(ordinal, block)| Chunk::of(document, ordinal, block.span)).collect()
}
