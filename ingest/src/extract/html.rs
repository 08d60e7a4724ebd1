//! HTML: the content of a page without what surrounds it.

mod content;
mod head;
mod parse;
mod quotes;
mod table;
mod walk;
mod writer;

use std::borrow::Cow;

use corpus::{Block, BlockKind};
use encoding_rs::Encoding;

use super::fields::Fields;
use super::text::charset;
use super::{ExtractError, Limits};

/// Bytes in which a page declares its encoding.
const DECLARATION: usize = 4_096;

/// The blocks of a page and what it says of itself.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let text = decode(bytes).ok_or_else(|| ExtractError::malformed("not text in any encoding"))?;
    let page = parse::parse(&text, limits)?;
    let content = content::find(&page.html);
    let blocks = writer::write(content.root, &content.left_out, limits.document_bytes)
        .ok_or_else(|| ExtractError::too_large("bytes of text", limits.document_bytes))?;
    let heading =
        blocks.iter().find(|block| block.kind == BlockKind::Heading(1)).map(|block| block.text.as_str());
    Ok((head::read(&page, heading), blocks))
}

/// The blocks of a message's body, without quoted messages and signatures as mail programs mark them.
pub(super) fn message(text: &str, limits: &Limits) -> Result<Vec<Block>, ExtractError> {
    let page = parse::parse(text, limits)?;
    let root = page.html.tree.root();
    writer::write(root, &quotes::find(root), limits.document_bytes)
        .ok_or_else(|| ExtractError::too_large("bytes of text", limits.document_bytes))
}

/// The text of a page: by byte order mark, as UTF-8, as the page declares, or in the encoding that it looks most like.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let declared = declared(bytes);
    // Its bytes are all ASCII, so that it passes for UTF-8.
    let stateful = declared.is_some_and(|encoding| encoding == encoding_rs::ISO_2022_JP);
    if Encoding::for_bom(bytes).is_some() || (std::str::from_utf8(bytes).is_ok() && !stateful) {
        return charset::decode(bytes);
    }
    match declared {
        Some(encoding) if stateful || (encoding.is_ascii_compatible() && encoding != encoding_rs::UTF_8) => {
            Some(encoding.decode_without_bom_handling(bytes).0)
        }
        _ => charset::decode(bytes),
    }
}

/// The encoding that a page names near its beginning.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION).unwrap_or(bytes).to_ascii_lowercase();
    let at = head.windows(7).position(|window| window == b"charset")?;
    let rest = head.get(at + 7..)?.trim_ascii_start().strip_prefix(b"=")?;
    let rest = rest.trim_ascii_start().trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)))
        .unwrap_or(rest.len());
    Encoding::for_label(rest.get(..end)?)
}

#[cfg(test)]
mod tests;
