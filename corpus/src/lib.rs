//! What a knowledge base is: documents, chunks, passages, answers and the words for them.
//!
//! This crate holds the types that the others exchange and the one rule that everything rests on: a
//! [`Document`] can be built only by the [`screen::Screener`], so nothing unscreened can be chunked,
//! embedded or stored.
//!
//! ```
//! use corpus::screen::{Policy, Screener};
//! use corpus::{Block, BlockKind, Chunk, DocumentId, Extracted, Format};
//!
//! let item = Extracted {
//!     id: DocumentId("faq.md".into()),
//!     source: "help center".into(),
//!     location: "faq.md".into(),
//!     format: Format::Markdown,
//!     title: Some("FAQ".into()),
//!     modified: None,
//!     metadata: Default::default(),
//!     blocks: vec![Block::new(BlockKind::Paragraph, "Ask Dr. Okafor (okafor@example.com).")],
//! };
//! let document = Screener::new(Policy::default())?.screen(item)?;
//! let chunk = Chunk::of(&document, 0, document.blocks[0].span).expect("the span is the document's own");
//! assert_eq!(chunk.text, "Ask Dr. [PERSON_1] ([EMAIL_1]).");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod answer;
pub mod chunk;
pub mod conflict;
pub mod document;
pub mod extracted;
mod language;
pub mod lay;
pub mod passage;
pub mod record;
pub mod screen;
pub mod sentence;
pub mod span;
pub mod terms;

pub use answer::{Answer, AnswerEvent, AnswerSentence, Citation, Outcome, Refusal, Verdict};
pub use chunk::{Chunk, ChunkId};
pub use document::{BlockSpan, Digest, Document, DocumentId, DocumentRecord};
pub use extracted::{Block, BlockKind, Extracted, Format};
pub use language::language_code;
pub use passage::{Passage, Why, Words};
pub use record::{Pace, RunRecord, Timings};
pub use span::Span;
