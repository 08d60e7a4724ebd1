//! Extracting: from bytes to text with structure, in a process of its own where there is one.

use super::list::Item;
use super::stage::{End, Step, Unscreened};
use crate::extract::{self, ExtractError, ExtractOptions};
use crate::isolate::Extractor;

/// Bytes that went in, and the item's documents.
pub(super) fn extract(
    extractor: &Extractor,
    options: &ExtractOptions,
    bytes: &[u8],
    item: &Item,
) -> (u64, Step<Unscreened>) {
    let input = extract::Item {
        id_prefix: &item.id,
        source: &item.source,
        location: &item.entry.location,
        bytes,
        // When a copy was made says nothing about when its text was written.
        modified: None,
        options,
    };
    let step = match extractor.extract(&input) {
        Ok(documents) => Step::Next(documents),
        Err(error) => Step::End(end(&error)),
    };
    (bytes.len() as u64, step)
}

fn end(error: &ExtractError) -> End {
    if error.is_nothing() { End::Skipped(error.to_string()) } else { End::Failed(error.to_string()) }
}
