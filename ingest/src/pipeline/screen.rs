//! Screening: from extracted text to documents. What cannot be made safe is held back.

use corpus::screen::{Rejected, Screener};
use corpus::{BlockKind, Extracted};

use super::list::Item;
use super::stage::{End, Held, Screened, Step, Ticket, Unscreened};
use crate::report::Outcome;

/// Bytes of text that went in, and the screened documents.
pub(super) fn screen(
    screener: &Screener,
    unscreened: Unscreened,
    ticket: &Ticket<'_>,
) -> (u64, Step<Screened>) {
    let item = ticket.item;
    let bytes =
        unscreened.iter().flat_map(|document| &document.blocks).map(|block| block.text.len() as u64).sum();
    let mut documents = Vec::with_capacity(unscreened.len());
    let mut held = Vec::new();
    for extracted in unscreened {
        let id = name(&extracted, item);
        // Headings alone say nothing that could be quoted, but match many questions.
        if extracted.blocks.iter().all(|block| matches!(block.kind, BlockKind::Heading(_))) {
            held.push(Held { id, outcome: Outcome::Skipped, reason: "no text but headings".into() });
            continue;
        }
        match screener.screen(extracted) {
            Ok(document) => documents.push(document),
            Err(rejected) => held.push(hold(id, &rejected)),
        }
    }
    let step = match (documents.is_empty(), held.as_slice()) {
        (true, []) => Step::End(End::Skipped("no text".into())),
        (true, [only]) if only.id == item.id && only.outcome == Outcome::Skipped => {
            Step::End(End::Skipped(only.reason.clone()))
        }
        _ => Step::Next((documents, held)),
    };
    (bytes, step)
}

/// What a report calls a document: the item's id, and which of its documents it is.
fn name(extracted: &Extracted, item: &Item) -> String {
    match extracted.id.0.split_once('#') {
        Some((_, name)) if !item.id.contains('#') => format!("{}#{name}", item.id),
        _ => item.id.clone(),
    }
}

/// Anything but emptiness and size counts as an identifier that is left: screening fails closed.
fn hold(id: String, rejected: &Rejected) -> Held {
    let outcome = match rejected {
        Rejected::Empty => Outcome::Skipped,
        Rejected::TooLarge { .. } => Outcome::Failed,
        _ => Outcome::Quarantined,
    };
    Held { id, outcome, reason: rejected.to_string() }
}
