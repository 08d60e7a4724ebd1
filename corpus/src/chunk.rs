//! Chunks: the pieces of a document that are embedded, found and cited.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::{Digest, Document, DocumentId};
use crate::extracted::Format;
use crate::span::Span;

/// Identity of a chunk: a version 5 UUID (RFC 9562) of document id, document digest and span.
///
/// A chunk of an unchanged document keeps its id from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChunkId(pub Uuid);

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A piece of a screened document, with what is needed to show and cite it.
///
/// `document.text[span] == text` holds by construction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// Identity.
    pub id: ChunkId,
    /// The document that it is a part of.
    pub document: DocumentId,
    /// SHA-256 of the document's text.
    pub digest: Digest,
    /// Position among the document's chunks, from 0.
    pub ordinal: u32,
    /// Byte range in the document's text.
    pub span: Span,
    /// The text itself.
    pub text: String,
    /// Headings above the chunk's first byte, outermost first.
    pub headings: Vec<String>,
    /// Page of the chunk's first byte, counted from 1.
    pub page: Option<u32>,
    /// Title of the document.
    pub title: String,
    /// Name of the document's source.
    pub source: String,
    /// Where a person finds the document.
    pub location: String,
    /// What the document's bytes were.
    pub format: Format,
    /// ISO 639-1 code of the document's language.
    pub language: Option<String>,
    /// When the document was last changed.
    pub modified: Option<jiff::Timestamp>,
    /// Properties to filter by.
    pub metadata: BTreeMap<String, String>,
}

/// Name space of chunk ids.
const CHUNKS: Uuid = Uuid::from_u128(0x8f2d_5b0e_41c7_4a3b_9d6e_c17e_de5c_0001);

impl Chunk {
    /// The chunk of `document` under `span`, or `None` where the span is empty or does not fit its text.
    pub fn of(document: &Document, ordinal: u32, span: Span) -> Option<Self> {
        let text = span.of(&document.text).filter(|text| !text.is_empty())?.to_owned();
        let name = format!("{}\n{}\n{}-{}", document.id, document.digest, span.start, span.end);
        let (headings, page) = document.place(span.start);
        Some(Self {
            id: ChunkId(Uuid::new_v5(&CHUNKS, name.as_bytes())),
            document: document.id.clone(),
            digest: document.digest.clone(),
            ordinal,
            span,
            text,
            headings,
            page,
            title: document.title.clone(),
            source: document.source.clone(),
            location: document.location.clone(),
            format: document.format,
            language: document.language.clone(),
            modified: document.modified,
            metadata: document.metadata.clone(),
        })
    }

    /// The text that is embedded and indexed: title and headings, then the chunk's own text.
    pub fn context(&self) -> String {
        let mut context = self.title.clone();
        for heading in self.headings.iter().filter(|heading| **heading != self.title) {
            context.push_str(" > ");
            context.push_str(heading);
        }
        context.push('\n');
        context.push_str(&self.text);
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extracted::{Block, BlockKind, Extracted};
    use crate::screen::{Policy, Screener};

    fn document(paragraph: &str) -> Document {
        let item = Extracted {
            id: DocumentId("help/returns.md".into()),
            source: "help".into(),
            location: "help/returns.md".into(),
            format: Format::Markdown,
            title: Some("Returns".into()),
            modified: None,
            metadata: BTreeMap::from([("product".into(), "Desk".into())]),
            blocks: vec![
                Block::new(BlockKind::Heading(1), "Returns"),
                Block::new(BlockKind::Heading(2), "Deadline").on_page(2),
                Block::new(BlockKind::Paragraph, paragraph).on_page(2),
            ],
        };
        Screener::new(Policy::default()).unwrap().screen(item).unwrap()
    }

    #[test]
    fn a_chunk_is_a_piece_of_its_document() {
        let document = document("Within thirty days — größer geht’s nicht.");
        let span = document.blocks[2].span;
        let chunk = Chunk::of(&document, 7, span).unwrap();
        assert_eq!(Some(chunk.text.as_str()), span.of(&document.text));
        assert_eq!(chunk.headings, ["Returns", "Deadline"]);
        assert_eq!((chunk.page, chunk.ordinal), (Some(2), 7));
        assert_eq!(chunk.metadata["product"], "Desk");
        assert_eq!(chunk.context(), format!("Returns > Deadline\n{}", chunk.text));
    }

    #[test]
    fn ids_follow_the_text_and_the_span() {
        let one = document("Within thirty days.");
        let span = one.blocks[2].span;
        let id = |document: &Document, span: Span| Chunk::of(document, 0, span).unwrap().id;
        assert_eq!(id(&one, span), id(&document("Within thirty days."), span));
        assert_eq!(Chunk::of(&one, 5, span).unwrap().id, id(&one, span));
        assert_ne!(id(&one, span), id(&document("Within twenty days."), span));
        assert_ne!(id(&one, span), id(&one, Span::new(span.start, span.end - 1)));
        assert_eq!(id(&one, span).0.get_version_num(), 5);
    }

    #[test]
    fn spans_that_do_not_fit_make_no_chunk() {
        let document = document("größer");
        let start = document.text.find('ö').unwrap();
        for span in [
            Span::new(0, document.text.len() + 1),
            Span::new(start + 1, start + 2),
            Span::new(3, 3),
            Span::new(5, 3),
        ] {
            assert_eq!(Chunk::of(&document, 0, span), None);
        }
    }
}
