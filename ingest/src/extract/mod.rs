//! Extraction: from a file's bytes to text with structure.
//!
//! [`detect`] tells the format, [`extract`] reads it. Bytes are foreign: sizes, depths and times are bounded by
//! [`Limits`], and a reader that panics is an error of that file. What even that cannot hold, such as a stack that
//! overflows in a library, is held by [`crate::isolate`], which runs the same function in a process of its own.

mod chat;
mod detect;
mod error;
pub(crate) mod fields;
mod html;
mod mail;
mod markdown;
mod office;
mod options;
mod pdf;
mod records;
mod text;
mod tickets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use corpus::{Block, DocumentId, Format};
use jiff::Timestamp;

pub use corpus::Extracted;
use detect::{Kind, Refused};
pub use error::ExtractError;
use fields::Fields;
pub use options::{Columns, ExtractOptions, Limits};
use records::Part;
pub(crate) use records::plain;

/// The bytes of one file and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Stable id of the file: source and location in it. Documents of a file of many append `#` and their name.
    pub id_prefix: &'a str,
    /// Name of the source.
    pub source: &'a str,
    /// Where a person finds the file; its name tells the format.
    pub location: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// When the file was changed, for documents that do not say so themselves.
    pub modified: Option<Timestamp>,
    /// How to extract.
    pub options: &'a ExtractOptions,
}

/// What one document says of itself, without its place.
#[derive(Debug, Default)]
struct Draft {
    /// Name within a file of many.
    name: Option<String>,
    /// Where it is not the file's.
    format: Option<Format>,
    fields: Fields,
    blocks: Vec<Block>,
}

impl From<(Fields, Vec<Block>)> for Draft {
    fn from((fields, blocks): (Fields, Vec<Block>)) -> Self {
        Self { fields, blocks, ..Self::default() }
    }
}

impl From<Part> for Draft {
    fn from(part: Part) -> Self {
        Self {
            name: Some(part.name).filter(|name| !name.is_empty()),
            format: Some(part.format),
            fields: part.fields,
            blocks: part.blocks,
        }
    }
}

/// The format of a file named `name`, or `None` where it is not read.
pub fn detect(name: &str, bytes: &[u8]) -> Option<Format> {
    detect::detect(name, bytes).ok().map(Kind::format)
}

/// The documents in a file: one, or many in a mailbox or an export. There is at least one, and each has text.
pub fn extract(item: &Item<'_>) -> Result<Vec<Extracted>, ExtractError> {
    let limits = &item.options.limits;
    let kind = check(item)?;
    // Readers keep no state that a panic could leave half-changed.
    let mut drafts = catch_unwind(AssertUnwindSafe(|| read(kind, item)))
        .unwrap_or_else(|panic| Err(ExtractError::Crashed { how: message(panic.as_ref()) }))?;
    drafts.retain(|draft| draft.blocks.iter().any(|block| !block.text.trim().is_empty()));
    if drafts.is_empty() {
        return Err(ExtractError::Empty);
    }
    if drafts.len() > limits.items {
        return Err(ExtractError::too_large("documents", limits.items));
    }
    if drafts
        .iter()
        .any(|draft| draft.blocks.iter().map(|block| block.text.len()).sum::<usize>() > limits.document_bytes)
    {
        return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
    }
    Ok(drafts.into_iter().map(|draft| finish(draft, kind, item)).collect())
}

/// What a file is, or why it is not even looked into.
pub(crate) fn check(item: &Item<'_>) -> Result<Kind, ExtractError> {
    let limit = item.options.limits.file_bytes;
    if item.bytes.len() as u64 > limit {
        return Err(ExtractError::too_large("bytes", limit as usize));
    }
    let kind = detect::detect(item.location, item.bytes).map_err(|refused| match refused {
        Refused::Unknown(what) => ExtractError::Unsupported { what: what.to_owned() },
        Refused::Encrypted => ExtractError::Encrypted,
    })?;
    if item.bytes.trim_ascii().is_empty() { Err(ExtractError::Empty) } else { Ok(kind) }
}

fn read(kind: Kind, item: &Item<'_>) -> Result<Vec<Draft>, ExtractError> {
    let limits = &item.options.limits;
    let text = || {
        text::charset::decode(item.bytes).ok_or_else(|| ExtractError::malformed("not text in any encoding"))
    };
    Ok(match kind {
        Kind::Markdown => vec![markdown::read(&text()?).into()],
        Kind::Text => vec![text::read(&text()?).into()],
        Kind::Xml => vec![text::xml::read(&text()?)?.into()],
        Kind::Records => {
            records::read(&text()?, &item.options.columns)?.into_iter().map(Draft::from).collect()
        }
        Kind::Table => {
            tickets::read_table(&text()?, &item.options.columns)?.into_iter().map(Draft::from).collect()
        }
        Kind::Html => vec![html::read(item.bytes, limits)?.into()],
        Kind::Message => vec![mail::read_message(item.bytes, limits)?],
        Kind::Mailbox => mail::read_mailbox(item.bytes, limits)?,
        Kind::Pdf => vec![pdf::read(item.bytes, item.options)?],
        Kind::Office(kind) => vec![office::read(kind, item.bytes, limits)?],
    })
}

fn finish(draft: Draft, kind: Kind, item: &Item<'_>) -> Extracted {
    let id = match &draft.name {
        Some(name) => format!("{}#{name}", item.id_prefix),
        None => item.id_prefix.to_owned(),
    };
    Extracted {
        id: DocumentId(id),
        source: item.source.to_owned(),
        location: item.location.to_owned(),
        format: draft.format.unwrap_or_else(|| kind.format()),
        title: draft.fields.title,
        modified: draft.fields.modified.or(item.modified),
        metadata: draft.fields.metadata,
        blocks: draft.blocks,
    }
}

/// What a panic said.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let text: String = text.unwrap_or("panic").chars().take(200).collect();
    format!("panicked: {text}")
}
