//! Storing: items in order, each with all its documents or none.

use std::collections::BTreeMap;

use corpus::{Chunk, Document};
use crossbeam_channel::Receiver;
use retriever::Builder;

use super::budget::Budget;
use super::ledger::Ledger;
use super::meter::{Meter, Spent};
use super::seen::{Nothing, Sight};
use super::stage::{Done, End, Held, Running, Ticket};
use super::version::Version;
use crate::error::Error;
use crate::forgotten::Forgotten;
use crate::report::{ItemReport, Outcome};

/// The stage that owns the new generation.
pub(super) struct Storing<'a, 'm, 'b> {
    pub(super) running: &'m Running<'m>,
    pub(super) meter: &'m Meter,
    pub(super) budget: &'m Budget,
    pub(super) builder: &'m mut Builder<'b>,
    pub(super) ledger: &'m mut Ledger<'a>,
    /// What was seen of each item that was read.
    pub(super) sights: &'m mut Vec<Sight>,
    pub(super) forgotten: &'m Forgotten,
    /// Called after each item.
    pub(super) progress: &'m dyn Fn(),
}

impl Storing<'_, '_, '_> {
    /// Takes all `total` items.
    pub(super) fn run(mut self, inbox: &Receiver<Done<'_>>, total: usize) -> Result<(), Error> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        while next < total {
            let (received, _) = self.meter.time(Spent::Starved, || inbox.recv());
            if self.running.cancelled() {
                return Err(Error::Interrupted);
            }
            let Ok(done) = received else { return Err(Error::Stage { left: total - next }) };
            waiting.insert(done.ticket.number, done);
            while let Some(done) = waiting.remove(&next) {
                let bytes = done.ticket.item.entry.bytes;
                self.item(done)?;
                self.budget.give(bytes);
                self.meter.count(bytes, 0);
                (self.progress)();
                next += 1;
            }
        }
        Ok(())
    }

    fn item(&mut self, Done { ticket, end }: Done<'_>) -> Result<(), Error> {
        let places = self.ledger.known.of_item(&ticket.item.key);
        self.sights.extend(sight(&ticket, &end));
        match end {
            End::Unchanged => {
                let documents = self.ledger.keep_all(places);
                self.line(&ticket, Outcome::Unchanged, None, documents);
            }
            End::Failed(mut reason) => {
                // What was good yesterday is worth more than nothing, and the report says that it is old.
                let documents = self.ledger.keep_all(places);
                if documents > 0 {
                    reason.push_str("; what an earlier run indexed stays");
                }
                self.line(&ticket, Outcome::Failed, Some(reason), documents);
            }
            End::Remembered(nothing) if nothing.failed => {
                let documents = self.ledger.keep_all(places);
                let mut reason = nothing.reason;
                reason.push_str("; the same in the last runs, so not tried again");
                if documents > 0 {
                    reason.push_str("; what an earlier run indexed stays");
                }
                self.line(&ticket, Outcome::Failed, Some(reason), documents);
            }
            End::Remembered(Nothing { reason, .. }) | End::Skipped(reason) => {
                self.line(&ticket, Outcome::Skipped, Some(reason), 0)
            }
            End::Ready(documents, held) => self.ready(&ticket, documents, held)?,
        }
        Ok(())
    }

    fn ready(
        &mut self,
        ticket: &Ticket<'_>,
        mut documents: Vec<(Document, Vec<Chunk>)>,
        mut held: Vec<Held>,
    ) -> Result<(), Error> {
        for (document, _) in documents.extract_if(.., |(document, _)| self.forgotten.contains(&document.id)) {
            let reason = "erased on request; delete it from its source too".to_owned();
            held.push(Held { id: document.id.to_string(), outcome: Outcome::Skipped, reason });
        }
        let Some(digest) = ticket.digest.clone() else { return Ok(()) };
        let version = Version {
            pipeline: ticket.item.source.pipeline.clone(),
            source: ticket.item.source.key.clone(),
            item: ticket.item.key.clone(),
            digest,
            complete: held.iter().all(|held| held.outcome == Outcome::Skipped),
        };
        let moved = ticket.identity.as_ref().and_then(|identity| identity.before.as_ref());
        let mut line = ItemReport {
            id: ticket.item.id.clone(),
            source: ticket.item.source.name.clone(),
            outcome: Outcome::Unchanged,
            reason: moved.and_then(|before| self.ledger.known.whereabouts(before)),
            duplicate_of: None,
            documents: 0,
            chunks: 0,
            ms: ticket.spent.as_secs_f64() * 1e3,
        };
        for (document, chunks) in documents {
            if let Some(place) = self.ledger.known.same(&version, &document) {
                self.ledger.keep(place);
            } else if self.ledger.added.contains(&document.id) {
                line.reason = Some(format!("{} is there twice; the first one counts", document.id));
                continue;
            } else {
                let (added, _) = self
                    .meter
                    .time(Spent::Busy, || self.builder.add(&document, &chunks, &version.to_string()));
                added.map_err(|error| self.running.explain(error))?;
                let twin = self.ledger.add(&ticket.item.source.name, &document);
                line.duplicate_of = line.duplicate_of.or(twin.map(|id| id.to_string()));
                line.outcome = if moved.is_some() { Outcome::Moved } else { Outcome::Indexed };
                line.chunks += chunks.len();
            }
            line.documents += 1;
        }
        let whole = held.len() == 1 && line.documents == 0;
        if line.documents > 0 {
            self.ledger.line(line);
        }
        for held in held {
            self.ledger.line(ItemReport {
                id: if whole { ticket.item.id.clone() } else { held.id },
                source: ticket.item.source.name.clone(),
                outcome: held.outcome,
                reason: Some(held.reason),
                duplicate_of: None,
                documents: 0,
                chunks: 0,
                ms: ticket.spent.as_secs_f64() * 1e3,
            });
        }
        Ok(())
    }

    fn line(&mut self, ticket: &Ticket<'_>, outcome: Outcome, reason: Option<String>, documents: usize) {
        self.ledger.line(ItemReport {
            id: ticket.item.id.clone(),
            source: ticket.item.source.name.clone(),
            outcome,
            reason,
            duplicate_of: None,
            documents,
            chunks: 0,
            ms: ticket.spent.as_secs_f64() * 1e3,
        });
    }
}

/// What to remember of an item whose bytes are known.
fn sight(ticket: &Ticket<'_>, end: &End) -> Option<Sight> {
    let item = ticket.item;
    let nothing = |failed, reason: &String| Nothing {
        pipeline: item.source.pipeline.clone(),
        failed,
        reason: reason.clone(),
        tries: 1,
    };
    Some(Sight {
        item: item.key.clone(),
        source: item.source.key.clone(),
        stamp: item.entry.stamp.clone(),
        digest: ticket.digest.clone()?,
        nothing: match end {
            End::Failed(reason) => Some(nothing(true, reason)),
            End::Skipped(reason) => Some(nothing(false, reason)),
            End::Remembered(earlier) => Some(Nothing { tries: 0, ..earlier.clone() }),
            End::Unchanged | End::Ready(..) => None,
        },
    })
}
