//! What all stages have in common: taking an item, working on it, passing it on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use corpus::{Chunk, Document, Extracted};
use crossbeam_channel::{Receiver, Sender};

use super::known::Identity;
use super::list::Item;
use super::meter::{Meter, Spent};
use super::seen::Nothing;
use crate::error::Error;
use crate::report::Outcome;

/// What goes with an item through all stages.
pub(super) struct Ticket<'a> {
    /// Position in the list of items, from 0. They are stored in that order, so that two runs over the same items
    /// build the same index.
    pub(super) number: usize,
    pub(super) item: &'a Item,
    /// SHA-256 of its bytes, once they were read.
    pub(super) digest: Option<corpus::Digest>,
    /// What its documents are called, once that is known.
    pub(super) identity: Option<Identity>,
    /// Work spent on it.
    pub(super) spent: Duration,
}

impl Ticket<'_> {
    /// What the ids of its documents begin with.
    pub(super) fn id(&self) -> &str {
        self.identity.as_ref().map_or(self.item.id.as_str(), |identity| identity.id.as_str())
    }
}

/// An item on its way, with what the last stage made of it.
pub(super) struct Job<'a, T> {
    pub(super) ticket: Ticket<'a>,
    pub(super) load: T,
}

/// An item that needs no more work but storing.
pub(super) struct Done<'a> {
    pub(super) ticket: Ticket<'a>,
    pub(super) end: End,
}

/// How an item ended.
pub(super) enum End {
    /// The same bytes as before.
    Unchanged,
    /// It could not be read.
    Failed(String),
    /// Nothing to index.
    Skipped(String),
    /// It failed or held nothing before, and is the same: not tried again.
    Remembered(Nothing),
    /// Its documents with their chunks, and those held back.
    Ready(Vec<(Document, Vec<Chunk>)>, Vec<Held>),
}

/// A document that is not let into the index.
pub(super) struct Held {
    pub(super) id: String,
    pub(super) outcome: Outcome,
    pub(super) reason: String,
}

/// The unscreened documents of an item.
pub(super) type Unscreened = Vec<Extracted>;

/// The screened documents of an item, and those held back.
pub(super) type Screened = (Vec<Document>, Vec<Held>);

/// What a stage makes of an item: something for the next stage, or its end.
pub(super) enum Step<T> {
    Next(T),
    End(End),
}

/// Whether the run goes on.
pub(super) struct Running<'a> {
    /// Set from outside.
    pub(super) cancel: &'a AtomicBool,
    /// Set where a stage failed.
    pub(super) stop: AtomicBool,
}

impl Running<'_> {
    pub(super) fn cancelled(&self) -> bool {
        self.cancel.load(Relaxed)
    }

    /// What an error of the index means: one that came after the call to stop is its effect.
    pub(super) fn explain(&self, error: retriever::Error) -> Error {
        if self.cancelled() { Error::Interrupted } else { error.into() }
    }

    pub(super) fn ended(&self) -> bool {
        self.cancelled() || self.stop.load(Relaxed)
    }
}

/// One thread of a stage, with its ends of the channels.
pub(super) struct StageWorker<'a, 'm, I, O> {
    pub(super) running: &'m Running<'m>,
    pub(super) meter: &'m Meter,
    pub(super) inbox: Receiver<Job<'a, I>>,
    pub(super) next: Sender<Job<'a, O>>,
    pub(super) done: Sender<Done<'a>>,
}

impl<I, O> StageWorker<'_, '_, I, O> {
    /// Takes items until there are no more. `work` returns the bytes that it went through beside the result.
    pub(super) fn run(self, mut work: impl FnMut(I, &Ticket<'_>) -> (u64, Step<O>)) {
        let meter = self.meter;
        loop {
            let (received, _) = meter.time(Spent::Starved, || self.inbox.recv());
            let Ok(Job { mut ticket, load }) = received else { return };
            if self.running.ended() {
                return;
            }
            // Whatever a hostile file sets off, the run goes on.
            let (result, spent) =
                meter.time(Spent::Busy, || catch_unwind(AssertUnwindSafe(|| work(load, &ticket))));
            ticket.spent += spent;
            let (bytes, step) = result.unwrap_or_else(|_| {
                (0, Step::End(End::Failed("it set off a defect in this program; please report it".into())))
            });
            meter.count(bytes, 0);
            let (passed, _) = meter.time(Spent::Blocked, || match step {
                Step::Next(load) => self.next.send(Job { ticket, load }).is_ok(),
                Step::End(end) => self.done.send(Done { ticket, end }).is_ok(),
            });
            if !passed {
                return;
            }
        }
    }
}
