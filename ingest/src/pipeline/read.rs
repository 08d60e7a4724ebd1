//! Reading: from a listed item to its bytes, unless they are the same as before.
//!
//! What size and times prove to be the same is not even read.

use corpus::Digest;
use crossbeam_channel::Sender;

use super::budget::Budget;
use super::known::Identities;
use super::list::Item;
use super::meter::{Meter, Spent};
use super::recall::Recall;
use super::stage::{Done, End, Job, Running, Ticket};
use crate::source;

/// Reads items one after the other: a disk is not faster for two readers.
pub(super) struct Reader<'a, 'm> {
    pub(super) running: &'m Running<'m>,
    pub(super) meter: &'m Meter,
    pub(super) budget: &'m Budget,
    pub(super) recall: Recall<'m>,
    pub(super) limit: u64,
    pub(super) next: Sender<Job<'a, Vec<u8>>>,
    pub(super) done: Sender<Done<'a>>,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn run(self, items: &'a [Item]) {
        let meter = self.meter;
        let mut identities = Identities::new(self.recall.known, items);
        for (number, item) in items.iter().enumerate() {
            let (more, _) = meter.time(Spent::Blocked, || self.budget.take(item.entry.bytes));
            if !more || self.running.ended() {
                return;
            }
            let mut ticket =
                Ticket { number, item, digest: None, identity: None, spent: std::time::Duration::ZERO };
            let unread = self.recall.unread(&item.key, &item.source, item.entry.stamp.as_deref());
            if let Some((digest, end)) = unread {
                ticket.digest = Some(digest.clone());
                meter.count(0, 0);
                let (passed, _) = meter.time(Spent::Blocked, || self.done.send(Done { ticket, end }).is_ok());
                if !passed {
                    return;
                }
                continue;
            }
            let (bytes, spent) = meter.time(Spent::Busy, || {
                let bytes = source::read(&item.entry, self.limit)?;
                Ok::<_, source::ReadError>((Digest::of(&bytes), bytes))
            });
            ticket.spent = spent;
            meter.count(bytes.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64), 0);
            let (passed, _) = meter.time(Spent::Blocked, || match bytes {
                Err(error) => self.done.send(Done { ticket, end: End::Failed(error.to_string()) }).is_ok(),
                Ok((digest, bytes)) => {
                    let end = self.recall.read(&item.key, &item.source, &digest);
                    if end.is_none() {
                        ticket.identity = Some(identities.of(item, &digest));
                    }
                    ticket.digest = Some(digest);
                    match end {
                        Some(end) => self.done.send(Done { ticket, end }).is_ok(),
                        None => self.next.send(Job { ticket, load: bytes }).is_ok(),
                    }
                }
            });
            if !passed {
                return;
            }
        }
    }
}
