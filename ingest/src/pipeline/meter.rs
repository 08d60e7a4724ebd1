//! Where the time of a run goes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::report::StageReport;

/// What one stage did so far, over all its threads.
pub(super) struct Meter {
    name: &'static str,
    threads: usize,
    pub(super) items: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) chunks: AtomicU64,
    busy: AtomicU64,
    starved: AtomicU64,
    blocked: AtomicU64,
}

/// What a thread spends its time on.
#[derive(Clone, Copy)]
pub(super) enum Spent {
    /// Work.
    Busy,
    /// Waiting for the stage before.
    Starved,
    /// Waiting for the stage after.
    Blocked,
}

impl Meter {
    pub(super) fn new(name: &'static str, threads: usize) -> Self {
        let zero = AtomicU64::default;
        Self {
            name,
            threads,
            items: zero(),
            bytes: zero(),
            chunks: zero(),
            busy: zero(),
            starved: zero(),
            blocked: zero(),
        }
    }

    /// Runs `work` and counts its time.
    pub(super) fn time<T>(&self, spent: Spent, work: impl FnOnce() -> T) -> (T, Duration) {
        let start = Instant::now();
        let result = work();
        let elapsed = start.elapsed();
        let counter = match spent {
            Spent::Busy => &self.busy,
            Spent::Starved => &self.starved,
            Spent::Blocked => &self.blocked,
        };
        counter.fetch_add(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        (result, elapsed)
    }

    /// Counts a finished item.
    pub(super) fn count(&self, bytes: u64, chunks: u64) {
        self.items.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
        self.chunks.fetch_add(chunks, Relaxed);
    }

    pub(super) fn report(&self) -> StageReport {
        let seconds = |counter: &AtomicU64| counter.load(Relaxed) as f64 / 1e9;
        let busy_s = seconds(&self.busy);
        let rate = |count: f64| if busy_s > 0.0 { count / busy_s } else { 0.0 };
        let (bytes, chunks) = (self.bytes.load(Relaxed), self.chunks.load(Relaxed));
        StageReport {
            name: self.name.to_owned(),
            threads: self.threads,
            items: self.items.load(Relaxed),
            bytes,
            busy_s,
            starved_s: seconds(&self.starved),
            blocked_s: seconds(&self.blocked),
            mb_per_s: rate(bytes as f64 / 1e6),
            chunks_per_s: (chunks > 0).then(|| rate(chunks as f64)),
        }
    }
}

/// The meters of all stages.
pub(super) struct Meters {
    pub(super) list: Meter,
    pub(super) read: Meter,
    pub(super) extract: Meter,
    pub(super) screen: Meter,
    pub(super) chunk: Meter,
    pub(super) embed: Meter,
    pub(super) store: Meter,
}

impl Meters {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            list: Meter::new("list", 1),
            read: Meter::new("read", 1),
            extract: Meter::new("extract", threads),
            screen: Meter::new("screen", threads),
            chunk: Meter::new("chunk", threads),
            embed: Meter::new("embed", 1),
            store: Meter::new("store", 1),
        }
    }

    pub(super) fn report(&self) -> Vec<StageReport> {
        let Self { list, read, extract, screen, chunk, embed, store } = self;
        [list, read, extract, screen, chunk, embed, store].map(Meter::report).into()
    }
}
