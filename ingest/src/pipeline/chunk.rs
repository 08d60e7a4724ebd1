//! Chunking: the last step before an item is stored.

use std::convert::Infallible;

use super::meter::Meter;
use super::stage::{End, Screened, Step};
use crate::chunk::Chunker;
use crate::pipeline::stage::Held;
use crate::report::Outcome;

/// Bytes of text that went in, and the item's end.
pub(super) fn chunk(
    chunker: &Chunker<'_>,
    meter: &Meter,
    (documents, mut held): Screened,
) -> (u64, Step<Infallible>) {
    let bytes = documents.iter().map(|document| document.text.len() as u64).sum();
    let mut ready = Vec::with_capacity(documents.len());
    for document in documents {
        let chunks = chunker.chunk(&document);
        meter.chunks.fetch_add(chunks.len() as u64, std::sync::atomic::Ordering::Relaxed);
        if chunks.is_empty() {
            let id = document.id.to_string();
            held.push(Held { id, outcome: Outcome::Skipped, reason: "no text".into() });
        } else {
            ready.push((document, chunks));
        }
    }
    (bytes, Step::End(End::Ready(ready, held)))
}
