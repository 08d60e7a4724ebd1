//! Screened documents.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::extracted::{BlockKind, Format};
use crate::span::Span;

/// Stable identity of a document: the same item has the same id in every run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        Self(Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A screened document. The type is the proof: only [`crate::screen::Screener::screen`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(DocumentRecord);

impl Document {
    /// For the screener only.
    pub(crate) fn screened(record: DocumentRecord) -> Self {
        Self(record)
    }

    /// The document as it is stored.
    pub fn record(&self) -> &DocumentRecord {
        &self.0
    }
}

impl Deref for Document {
    type Target = DocumentRecord;

    fn deref(&self) -> &DocumentRecord {
        &self.0
    }
}

/// The stored form of a document, read back from a published generation.
///
/// It can be shown and searched, but not chunked or published: for that a [`Document`] is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Stable identity.
    pub id: DocumentId,
    /// SHA-256 of `text`.
    pub digest: Digest,
    /// Name of the source that it came from.
    pub source: String,
    /// Where a person finds it: a path relative to the source, or an address.
    pub location: String,
    /// What the bytes were.
    pub format: Format,
    /// Title.
    pub title: String,
    /// ISO 639-1 code of the main language, where it could be told.
    pub language: Option<String>,
    /// When the item was last changed, where it says so itself.
    pub modified: Option<jiff::Timestamp>,
    /// Properties to filter by.
    pub metadata: BTreeMap<String, String>,
    /// The screened text: the blocks, an empty line between them.
    pub text: String,
    /// Where each block lies in `text`, in order.
    pub blocks: Vec<BlockSpan>,
    /// How many identifiers of each kind were masked.
    pub masked: BTreeMap<String, usize>,
}

/// Where a block lies in a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockSpan {
    /// What the text is.
    pub kind: BlockKind,
    /// Its byte range.
    pub span: Span,
    /// Page number, counted from 1, in formats that have pages.
    pub page: Option<u32>,
}

impl DocumentRecord {
    /// The headings above `offset`, outermost first, and the page it is on.
    pub fn place(&self, offset: usize) -> (Vec<String>, Option<u32>) {
        let mut headings: Vec<(u8, &str)> = Vec::new();
        let mut page = None;
        for block in self.blocks.iter().take_while(|block| block.span.start <= offset) {
            page = block.page;
            if let BlockKind::Heading(level) = block.kind {
                headings.retain(|(above, _)| *above < level);
                headings.push((level, block.span.of(&self.text).unwrap_or_default()));
            }
        }
        (headings.into_iter().map(|(_, text)| text.to_owned()).collect(), page)
    }
}
