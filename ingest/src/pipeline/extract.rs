//! Extracting: from bytes to text with structure, in a process of its own where there is one.

use super::list::Item;
use super::stage::{End, Step, Unscreened};
use crate::extract;
use crate::isolate::Worker;

/// Bytes that went in, and the item's documents.
pub(super) fn extract(worker: Option<&Worker>, bytes: Vec<u8>, item: &Item) -> (u64, Step<Unscreened>) {
    let size = bytes.len() as u64;
    let _ = worker;
    let input =
        extract::Item { id: &item.id, source: &item.source, location: &item.entry.location, bytes: &bytes };
    let step = match extract::extract(&input) {
        Ok(documents) => Step::Next(documents),
        Err(reason) => Step::End(End::Failed(reason)),
    };
    (size, step)
}
