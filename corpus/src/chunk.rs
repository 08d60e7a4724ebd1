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
    /// The chunk of `document` under `span`, or `None` where the span does not fit its text.
    pub fn of(document: &Document, ordinal: u32, span: Span) -> Option<Self> {
        let text = span.of(&document.text)?.to_owned();
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
