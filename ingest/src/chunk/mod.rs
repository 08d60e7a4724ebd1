//! Chunking: parting a document into pieces that are embedded, found and cited.
//!
//! A document is first parted at headings and pages; what is still too long is split where the text allows it best:
//! between blocks, then lines (table rows), sentences and words. Chunks do not overlap, and together they cover
//! all text but white space.

mod counter;
mod section;
mod split;

use corpus::{Chunk, Document, DocumentRecord, Span};
use serde::{Deserialize, Serialize};

use counter::Counter;

/// How long chunks are, in tokens of the embedding model, title and headings included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChunkOptions {
    /// What is aimed at where a section must be split.
    pub target_tokens: usize,
    /// What is not exceeded. The embedder's own limit applies beside it.
    pub max_tokens: usize,
}

impl Default for ChunkOptions {
    fn default() -> Self {
        Self { target_tokens: 200, max_tokens: 256 }
    }
}

/// Text has at least this much room, in tokens, however long title and headings are; the model then cuts the end.
const LEAST_ROOM: usize = 48;

/// Parts documents into chunks. Keeps the token counts of words, so one that is used again is fast.
pub struct Chunker<'a> {
    counter: Counter<'a>,
    options: ChunkOptions,
}

impl<'a> Chunker<'a> {
    /// A chunker that measures with `count`, the tokenizer of an embedder that takes up to `embedder_limit` tokens.
    pub fn new(count: &'a dyn Fn(&str) -> usize, embedder_limit: usize, options: ChunkOptions) -> Self {
        let max_tokens = options.max_tokens.min(embedder_limit).max(LEAST_ROOM);
        let target_tokens = options.target_tokens.clamp(1, max_tokens);
        Self { counter: Counter::new(count), options: ChunkOptions { target_tokens, max_tokens } }
    }

    /// The chunks of `document`, in order.
    pub fn chunk(&self, document: &Document) -> Vec<Chunk> {
        self.spans(document.record())
            .into_iter()
            .enumerate()
            .filter_map(|(ordinal, span)| Chunk::of(document, ordinal as u32, span))
            .collect()
    }

    fn spans(&self, record: &DocumentRecord) -> Vec<Span> {
        let Self { counter, options } = self;
        let room = options.max_tokens.saturating_sub(counter.specials());
        let target = options.target_tokens.saturating_sub(counter.specials());
        let mut spans = Vec::new();
        for group in section::groups(record, counter, room) {
            let most = room.saturating_sub(group.prefix).max(LEAST_ROOM);
            let desired = target.saturating_sub(group.prefix).max(LEAST_ROOM).min(most);
            let blocks = record.blocks.get(group.blocks.clone()).unwrap_or_default();
            let splitter = split::Splitter { text: &record.text, counter, desired, limit: most };
            splitter.split(&group, blocks, &mut spans);
        }
        spans
    }
}

#[cfg(test)]
mod tests;
