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
pub struct Document {
    record: DocumentRecord,
    outline: Vec<Heading>,
}

/// A heading of a document and the heading above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heading {
    level: u8,
    span: Span,
    /// Place of the heading above in the outline.
    above: Option<usize>,
}

impl Document {
    /// For the screener only.
    pub(crate) fn screened(record: DocumentRecord) -> Self {
        let mut outline: Vec<Heading> = Vec::new();
        for block in &record.blocks {
            let BlockKind::Heading(level) = block.kind else { continue };
            let mut above = outline.len().checked_sub(1);
            while let Some(place) = above.filter(|place| outline[*place].level >= level) {
                above = outline[place].above;
            }
            outline.push(Heading { level, span: block.span, above });
        }
        Self { record, outline }
    }

    /// The document as it is stored.
    pub fn record(&self) -> &DocumentRecord {
        &self.record
    }

    /// The same as [`DocumentRecord::place`], in time that does not grow with the number of blocks: a long document has
    /// many chunks to place.
    pub fn place(&self, offset: usize) -> (Vec<String>, Option<u32>) {
        let mut headings = Vec::new();
        let mut next = self.outline.partition_point(|heading| heading.span.start <= offset).checked_sub(1);
        while let Some(heading) = next.map(|place| self.outline[place]) {
            headings.push(heading.span.of(&self.record.text).unwrap_or_default().to_owned());
            next = heading.above;
        }
        headings.reverse();
        (headings, self.record.page(offset))
    }
}

impl Deref for Document {
    type Target = DocumentRecord;

    fn deref(&self) -> &DocumentRecord {
        &self.record
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
    /// The headings above `offset`, outermost first, and the page it is on. A heading counts as above its own text.
    pub fn place(&self, offset: usize) -> (Vec<String>, Option<u32>) {
        let mut headings = Vec::new();
        let mut lowest = u8::MAX;
        for block in self.blocks[..self.until(offset)].iter().rev() {
            if let BlockKind::Heading(level) = block.kind
                && (headings.is_empty() || level < lowest)
            {
                headings.push(block.span.of(&self.text).unwrap_or_default().to_owned());
                lowest = level;
            }
        }
        headings.reverse();
        (headings, self.page(offset))
    }

    /// The page of the last block that starts at `offset` or before.
    fn page(&self, offset: usize) -> Option<u32> {
        self.until(offset).checked_sub(1).and_then(|last| self.blocks[last].page)
    }

    /// How many blocks start at `offset` or before.
    fn until(&self, offset: usize) -> usize {
        self.blocks.partition_point(|block| block.span.start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn record(kinds: &[BlockKind]) -> DocumentRecord {
        let mut text = String::new();
        let mut blocks = Vec::new();
        for (index, kind) in kinds.iter().enumerate() {
            let start = text.len();
            let _ = write!(text, "Block {index}");
            blocks.push(BlockSpan {
                kind: *kind,
                span: Span::new(start, text.len()),
                page: Some(index as u32 / 2 + 1),
            });
            text.push_str("\n\n");
        }
        DocumentRecord {
            id: DocumentId("id".into()),
            digest: Digest::of(text.as_bytes()),
            source: "source".into(),
            location: "location".into(),
            format: Format::Text,
            title: "Title".into(),
            language: None,
            modified: None,
            metadata: BTreeMap::new(),
            text,
            blocks,
            masked: BTreeMap::new(),
        }
    }

    #[test]
    fn headings_nest() {
        use BlockKind::{Heading, Paragraph};
        let document = Document::screened(record(&[
            Paragraph,
            Heading(1),
            Heading(3),
            Paragraph,
            Heading(2),
            Paragraph,
            Heading(1),
        ]));
        let place = |block: usize| document.place(document.blocks[block].span.start);
        assert_eq!(place(0), (vec![], Some(1)));
        assert_eq!(place(3), (vec!["Block 1".to_owned(), "Block 2".to_owned()], Some(2)));
        assert_eq!(place(5), (vec!["Block 1".to_owned(), "Block 4".to_owned()], Some(3)));
        assert_eq!(place(6), (vec!["Block 6".to_owned()], Some(4)));
        // Between two blocks, the one before counts; past the end, the last.
        assert_eq!(document.place(document.blocks[6].span.start - 1), place(5));
        assert_eq!(document.place(usize::MAX), place(6));
    }

    #[test]
    fn digests_are_sha_256() {
        assert_eq!(Digest::of(b"abc").0, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    proptest! {
        #[test]
        fn both_ways_to_place_agree(levels in prop::collection::vec(0_u8..8, 0..40), offset in 0_usize..400) {
            let kinds: Vec<BlockKind> =
                levels.iter().map(|level| if *level < 4 { BlockKind::Heading(*level) } else { BlockKind::Paragraph }).collect();
            let record = record(&kinds);
            // The plain definition: a heading ends those of its level and below.
            let mut open: Vec<(u8, &str)> = Vec::new();
            for block in record.blocks.iter().take_while(|block| block.span.start <= offset) {
                if let BlockKind::Heading(level) = block.kind {
                    open.retain(|(above, _)| *above < level);
                    open.push((level, block.span.of(&record.text).unwrap()));
                }
            }
            let expected: Vec<String> = open.into_iter().map(|(_, text)| text.to_owned()).collect();
            prop_assert_eq!(&record.place(offset).0, &expected);
            prop_assert_eq!(record.place(offset), Document::screened(record.clone()).place(offset));
        }
    }
}
