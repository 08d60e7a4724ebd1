//! What an extractor makes of one item: text with structure, not yet screened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::DocumentId;

/// One item of a source as text with structure. Unscreened: it may name people.
///
/// It cannot be chunked or stored. [`crate::screen::Screener::screen`] turns it into a
/// [`crate::Document`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extracted {
    /// Stable identity of the item: the same item has the same id in every run.
    pub id: DocumentId,
    /// Name of the source that the item came from (a folder, a mailbox, an export).
    pub source: String,
    /// Where a person finds it: a path relative to the source, or an address.
    pub location: String,
    /// What the bytes were.
    pub format: Format,
    /// Title, where the item states one. Without it the first heading, then the file name, serves.
    pub title: Option<String>,
    /// When the item was last changed, where it says so itself.
    pub modified: Option<jiff::Timestamp>,
    /// Properties to filter by, such as `product`, `version`, `audience`, `status`.
    pub metadata: BTreeMap<String, String>,
    /// The text in reading order.
    pub blocks: Vec<Block>,
}

/// A stretch of text of one kind on one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What the text is.
    pub kind: BlockKind,
    /// The text, without markup. A table has a line for each row, its cells parted by ` | `, the header first.
    pub text: String,
    /// Page number, counted from 1, in formats that have pages.
    pub page: Option<u32>,
}

/// What a [`Block`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading of level 1 (outermost) to 6.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// One item of a list, with its marker.
    ListItem,
    /// A whole table.
    Table,
    /// Code or terminal output, line breaks kept.
    Code,
    /// One message of a mail thread, chat or ticket.
    Message,
}

/// What the bytes of an item were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `CommonMark`, with tables and front matter.
    Markdown,
    /// HTML.
    Html,
    /// Plain text.
    Text,
    /// PDF.
    Pdf,
    /// One e-mail message or a thread.
    Mail,
    /// A chat log.
    Chat,
    /// A ticket of a help-desk export.
    Ticket,
    /// A word processor's document.
    Word,
    /// A slide deck.
    Slides,
    /// A workbook.
    Sheet,
    /// An e-book.
    Book,
}

impl Format {
    /// The format's name as shown to people and used in filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Text => "text",
            Self::Pdf => "pdf",
            Self::Mail => "mail",
            Self::Chat => "chat",
            Self::Ticket => "ticket",
            Self::Word => "word",
            Self::Slides => "slides",
            Self::Sheet => "sheet",
            Self::Book => "book",
        }
    }
}

impl Block {
    /// A block on no page.
    pub fn new(kind: BlockKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), page: None }
    }

    /// The same block on page `page`, counted from 1.
    #[must_use]
    pub fn on_page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }
}
