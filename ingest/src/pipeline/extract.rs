//! Extracting: from bytes to text with structure, in a process of its own where there is one.

use std::collections::BTreeMap;

use super::stage::{End, Step, Ticket, Unscreened};
use crate::extract::{self, ExtractError, ExtractOptions};
use crate::isolate::Extractor;

/// Bytes that went in, and the item's documents.
pub(super) fn extract(
    extractor: &Extractor,
    options: &ExtractOptions,
    bytes: &[u8],
    ticket: &Ticket<'_>,
) -> (u64, Step<Unscreened>) {
    let item = ticket.item;
    let origin = &item.source;
    let mapped;
    let options = if origin.columns.is_empty() {
        options
    } else {
        mapped = ExtractOptions { columns: origin.columns.clone(), ..options.clone() };
        &mapped
    };
    let input = extract::Item {
        id_prefix: ticket.id(),
        source: &origin.name,
        location: &item.entry.location,
        bytes,
        // When a copy was made says nothing about when its text was written.
        modified: None,
        options,
    };
    let step = match extractor.extract(&input) {
        Ok(mut documents) => {
            for document in &mut documents {
                if let Some(address) = &item.entry.address {
                    document.location.clone_from(address);
                }
                label(&mut document.metadata, &origin.metadata);
            }
            Step::Next(documents)
        }
        Err(error) => Step::End(end(&error)),
    };
    (bytes.len() as u64, step)
}

/// The property that says who may read a document.
const ACCESS: &str = "access";

/// Adds what configuration says of a source. What a document says of itself is nearer to it, but who may read it is
/// not for the document to say.
fn label(document: &mut BTreeMap<String, String>, source: &BTreeMap<String, String>) {
    document.remove(ACCESS);
    for (key, value) in source {
        document.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

fn end(error: &ExtractError) -> End {
    if error.is_nothing() { End::Skipped(error.to_string()) } else { End::Failed(error.to_string()) }
}
