//! Rich Text Format, as of its specification 1.9.1: groups in braces, control words, text in a code page.

mod reader;
mod tokens;

use corpus::Block;

use crate::extract::fields::Fields;
use crate::extract::{ExtractError, Limits};
use reader::Reader;
use tokens::Tokens;

/// The blocks of a document and what it says of itself.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    let mut reader = Reader::new(limits.depth);
    for token in Tokens::new(bytes) {
        reader.take(token)?;
        if reader.len() > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
    }
    Ok(reader.finish())
}
