//! Making a document's record from extracted text.

use std::collections::BTreeMap;

use super::clean::{block, line};
use super::finder::Finder;
use super::mask::{Replaced, apply, replaced};
use super::{LARGEST_TEXT, NOTHING, Rejected};
use crate::document::{BlockSpan, Digest, DocumentId, DocumentRecord};
use crate::extracted::{BlockKind, Extracted};
use crate::language_code;
use crate::span::Span;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// How much of a text, in bytes, its language is told from.
const SAMPLE: usize = 16 << 10;

/// Everything of one item that is read by people, as one text, so that one person has one pseudonym throughout.
struct Sheet {
    text: String,
}

impl Sheet {
    fn add(&mut self, part: &str, gap: &str) -> Span {
        if !self.text.is_empty() {
            self.text.push_str(gap);
        }
        let start = self.text.len();
        self.text.push_str(part);
        Span::new(start, self.text.len())
    }
}

/// The record of `extracted` with its identifiers masked.
pub(super) fn record(finder: &Finder, extracted: Extracted) -> Result<DocumentRecord, Rejected> {
    let bytes = extracted.blocks.iter().map(|block| block.text.len()).sum::<usize>()
        + extracted.metadata.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()
        + extracted.title.as_ref().map_or(0, String::len)
        + extracted.location.len();
    if bytes > LARGEST_TEXT {
        return Err(Rejected::TooLarge { bytes });
    }
    let stated_language = extracted.metadata.get("lang").and_then(|tag| primary(tag));
    let mut sheet = Sheet { text: String::with_capacity(bytes + bytes / 16) };
    let mut parts = Vec::with_capacity(extracted.blocks.len());
    let mut heading = None;
    for part in &extracted.blocks {
        let text = match part.kind {
            BlockKind::Heading(_) => line(&part.text),
            kind => block(&part.text, kind == BlockKind::Code),
        };
        if text.is_empty() {
            continue;
        }
        if heading.is_none() && matches!(part.kind, BlockKind::Heading(_)) {
            heading = Some(text.clone());
        }
        parts.push(BlockSpan { kind: part.kind, span: sheet.add(&text, "\n\n"), page: part.page });
    }
    if parts.is_empty() {
        return Err(Rejected::Empty);
    }
    let stated = extracted.title.as_deref().map(line).filter(|title| !title.is_empty());
    let repeats = stated.is_none();
    let title = stated.or(heading).unwrap_or_else(|| readable(&extracted.location));
    let title = sheet.add(&shortened(&title), "\n\n\n");
    let location = sheet.add(&line(&extracted.location), "\n\n\n");
    let metadata: Vec<(Span, Span)> = extracted
        .metadata
        .iter()
        .map(|(key, value)| (sheet.add(&line(key), "\n\n\n"), sheet.add(&block(value, false), ": ")))
        .collect();

    let replaced = replaced(finder, &sheet.text, NOTHING);
    let masked = |span: Span| apply(&sheet.text, span, &replaced);
    let mut text = String::with_capacity(sheet.text.len());
    for part in &mut parts {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let start = text.len();
        text.push_str(&masked(part.span));
        part.span = Span::new(start, text.len());
    }
    Ok(DocumentRecord {
        id: document_id(finder, &extracted.id),
        digest: Digest::of(text.as_bytes()),
        source: extracted.source,
        location: masked(location),
        format: extracted.format,
        title: masked(title),
        language: stated_language.or_else(|| language(&text, &parts)),
        modified: extracted.modified,
        metadata: metadata.into_iter().map(|(key, value)| (masked(key), masked(value))).collect(),
        masked: counts(finder, &replaced, repeats.then_some(title)),
        text,
        blocks: parts,
    })
}

/// How many identifiers of each kind there are, those in `copied` left out.
fn counts(finder: &Finder, replaced: &[Replaced], copied: Option<Span>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in replaced.iter().filter(|one| copied.is_none_or(|copied| !copied.overlaps(one.candidate.span)))
    {
        *counts.entry(finder.name(one.candidate.kind).to_owned()).or_default() += 1;
    }
    counts
}

/// The id under which an item's document is stored: the item's own, or a hash of it where it holds an identifier.
pub(super) fn document_id(finder: &Finder, id: &DocumentId) -> DocumentId {
    if finder.find(&id.0, NOTHING).is_empty() {
        return id.clone();
    }
    let digest = Digest::of(format!("citedesk document id\n{}", id.0).as_bytes());
    DocumentId(format!("doc-{}", &digest.0[..32]))
}

/// A title made of a path or an address: its last component without ending, words parted by spaces.
fn readable(location: &str) -> String {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(location);
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=5).contains(&ending.len()) => stem,
        _ => name,
    };
    let words = stem.replace("%20", " ").replace(['_', '-', '+'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Untitled".to_owned(),
    }
}

fn shortened(title: &str) -> String {
    match title.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

/// The language of a tag such as `en-US` (RFC 5646), where it is one of ISO 639-1.
fn primary(tag: &str) -> Option<String> {
    let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
    let known = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    known.then(|| language.to_ascii_lowercase())
}

/// ISO 639-1 code of the language of running text, where it can be told.
fn language(text: &str, blocks: &[BlockSpan]) -> Option<String> {
    let mut sample = String::new();
    for block in blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        if sample.len() >= SAMPLE {
            break;
        }
        let written = block.span.of(text).unwrap_or_default();
        sample.extend(written.chars().take(SAMPLE));
        sample.push('\n');
    }
    let told = whatlang::detect(&sample).filter(whatlang::Info::is_reliable)?;
    language_code(told.lang()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_make_titles() {
        assert_eq!(readable("help/reset-your_password.md"), "Reset your password");
        assert_eq!(readable("https://example.com/docs/getting%20started/?x=1"), "Getting started");
        assert_eq!(readable("v2.3.1 notes.txt"), "V2.3.1 notes");
        assert_eq!(readable(""), "Untitled");
    }
}
