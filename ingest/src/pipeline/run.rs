//! One run from beginning to end.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use corpus::screen::Screener;
use crossbeam_channel::{Receiver, Sender, bounded};
use retriever::{Embedder, Generation, Staged, Store};

use super::budget::Budget;
use super::embed::Observed;
use super::event::{Event, Progress};
use super::known::Known;
use super::ledger::Ledger;
use super::list::{self, Item, Listed, Lister, Origin};
use super::meter::{Meters, Spent};
use super::read::Reader;
use super::recall::Recall;
use super::seen::{Seen, Sight};
use super::stage::{Done, Running, StageWorker};
use super::store::Storing;
use super::version::Key;
use super::{Plan, chunk, extract, publish, screen, version};
use crate::chunk::Chunker;
use crate::error::Error;
use crate::forgotten::Forgotten;
use crate::isolate::Extractor;
use crate::report::{HeldBack, IngestReport, REPORT_VERSION};

/// Events that wait for an observer, such as one that draws: about one drawing's worth.
const EVENTS: usize = 64;

/// A run whose generation is built and checked, and not current yet. It holds the lock of the index.
pub struct Prepared {
    report: IngestReport,
    staged: Option<Staged>,
}

impl Prepared {
    /// The generation that was built; `None` where nothing changed.
    pub fn generation(&self) -> Option<&Generation> {
        self.staged.as_ref().map(Staged::generation)
    }

    /// What the run did so far.
    pub fn report(&self) -> &IngestReport {
        &self.report
    }

    /// Makes the generation current.
    pub fn promote(mut self) -> Result<IngestReport, Error> {
        if let Some(staged) = self.staged {
            let generation = staged.promote()?;
            self.report.published = true;
            self.report.generation = Some(generation.id.to_string());
        }
        Ok(self.report)
    }

    /// Leaves the generation among the others, not current, because of `reasons`.
    pub fn hold(mut self, reasons: Vec<String>) -> IngestReport {
        let held = self.staged.map(|staged| staged.generation().id.to_string());
        self.report.held = held.map(|generation| HeldBack { generation, reasons });
        self.report
    }
}

/// [`prepare`], and makes what was built current.
pub fn run(
    plan: &Plan,
    store: &Store,
    screener: &Screener,
    embedder: &dyn Embedder,
    observer: &mut dyn FnMut(Event),
) -> Result<IngestReport, Error> {
    prepare(plan, store, screener, embedder, observer)?.promote()
}

/// Ingests the sources of `plan` into `store`: documents that are new or changed are extracted, screened, chunked
/// and embedded, unchanged ones are taken over, those that are gone leave. Builds a new generation unless nothing
/// changed.
///
/// What is wrong with single items is in the report ([`IngestReport::is_partial`]). Errors leave the index as it
/// was. `observer` is called on this thread; a slow one slows the run down.
pub fn prepare(
    plan: &Plan,
    store: &Store,
    screener: &Screener,
    embedder: &dyn Embedder,
    observer: &mut dyn FnMut(Event),
) -> Result<Prepared, Error> {
    let (sender, events) = bounded(EVENTS);
    thread::scope(|scope| {
        let conductor = scope.spawn(move || conduct(plan, store, screener, embedder, &sender));
        for event in events {
            observer(event);
        }
        conductor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn conduct(
    plan: &Plan,
    store: &Store,
    screener: &Screener,
    embedder: &dyn Embedder,
    events: &Sender<Event>,
) -> Result<Prepared, Error> {
    let start = Instant::now();
    let at = jiff::Timestamp::now();
    let threads = match plan.threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let meters = Meters::new(threads);
    let pipeline = version::pipeline(plan, embedder.fingerprint());
    let running = Running { cancel: &plan.cancel, stop: AtomicBool::new(false) };
    let opened = list::open(plan, &pipeline)?;
    let total = AtomicU64::new(0);
    let progress = || {
        let count = |counter: &AtomicU64| counter.load(Relaxed);
        let _ = events.send(Event::Progress(Progress {
            items: total.load(Relaxed),
            read: count(&meters.read.items),
            extracted: count(&meters.extract.items),
            screened: count(&meters.screen.items),
            chunked: count(&meters.chunk.items),
            stored: count(&meters.store.items),
            chunks: count(&meters.chunk.chunks),
            embedded: count(&meters.embed.chunks),
        }));
    };
    let observed = Observed { inner: embedder, running: &running, meter: &meters.embed, progress: &progress };
    let mut builder = store.begin(&observed)?;
    let parent = builder.parent().cloned();
    let known = Known::new(builder.parent_documents()?, &opened, pipeline);
    // Under the lock of the builder.
    Seen::sweep(store.root());
    let seen = Seen::open(store.root());
    let forgotten = Forgotten::open(store.root()).map_err(Error::Forgotten)?;
    let recall = Recall { known: &known, seen: &seen, retry: plan.options.retry };
    let held = |source: &Origin, location: &str, stamp: &str| {
        recall.unread(&list::item_key(source, location), source, Some(stamp)).is_some()
    };
    let lister = Lister { running: &running, known: &held, folder: Some(store.root()) };
    let (listed, _) = meters.list.time(Spent::Busy, || list::list(&opened, &lister));
    let (sources, items) = listed?;
    for Listed { name, items, bytes, .. } in &sources {
        meters.list.count(*bytes, 0);
        let _ = events.send(Event::Listed { source: name.clone(), items: *items, bytes: *bytes });
    }
    total.store(items.len() as u64, Relaxed);
    let mut sights = Vec::new();
    let mut ledger = Ledger::new(&known, events.clone());
    let budget = Budget::default();
    let extractor = Extractor::new(plan.worker.clone());
    extractor.check()?;
    let stages = Stages {
        plan,
        extractor: &extractor,
        screener,
        embedder,
        threads,
        meters: &meters,
        running: &running,
        budget: &budget,
    };
    thread::scope(|scope| {
        let done = stages.start(scope, &items, recall);
        let storing = Storing {
            running: &running,
            meter: &meters.store,
            budget: &budget,
            builder: &mut builder,
            ledger: &mut ledger,
            sights: &mut sights,
            forgotten: &forgotten,
            progress: &progress,
        };
        let stored = storing.run(&done, items.len());
        // However it ended, nobody waits for anybody any more.
        running.stop.store(true, Relaxed);
        budget.close();
        drop(done);
        stored
    })?;
    running.stop.store(false, Relaxed);
    publish::settle(&mut ledger, &sources, &items, plan.options.allow_empty)?;
    let foreign = parent.as_ref().is_some_and(|parent| parent.embedder != embedder.fingerprint());
    let (removed_documents, removed_share) = ledger.removed();
    let staged = if ledger.changed() || foreign {
        Some(publish::stage(builder, &mut ledger, screener, &running, &meters.store)?)
    } else {
        None
    };
    list::remember(&sources, store.root());
    remember(seen, sights, &sources, &items);
    let before = parent.map(|parent| parent.id.to_string());
    let mut report = IngestReport {
        version: REPORT_VERSION,
        published: false,
        held: None,
        at: Some(at),
        generation: before.clone(),
        parent: before,
        removed_share,
        removed_documents,
        counts: ledger.counts(),
        items: ledger.lines,
        stages: meters.report(),
        masked: ledger.masked,
        seconds: start.elapsed().as_secs_f64(),
    };
    report.items.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Prepared { report, staged })
}

/// Writes down what was seen. The index does not depend on it.
fn remember(mut seen: Seen, sights: Vec<Sight>, sources: &[Listed], items: &[Item]) {
    let sources: HashSet<&Key> =
        sources.iter().filter(|source| source.failed.is_none()).map(|source| &source.key).collect();
    let listed: HashSet<&Key> = items.iter().map(|item| &item.key).collect();
    seen.keep(&sources, &listed);
    for sight in sights {
        seen.note(sight);
    }
    if let Err(error) = seen.save() {
        tracing::warn!(%error, "the next run will read everything again");
    }
}

/// The stages before storing.
#[derive(Clone, Copy)]
struct Stages<'m> {
    plan: &'m Plan,
    extractor: &'m Extractor,
    screener: &'m Screener,
    embedder: &'m dyn Embedder,
    threads: usize,
    meters: &'m Meters,
    running: &'m Running<'m>,
    budget: &'m Budget,
}

impl<'m> Stages<'m> {
    /// Starts the threads of all stages; what they finish comes out of the channel.
    fn start<'scope, 'env>(
        self,
        scope: &'scope thread::Scope<'scope, 'env>,
        items: &'m [Item],
        recall: Recall<'m>,
    ) -> Receiver<Done<'m>>
    where
        'm: 'scope,
    {
        let Self { plan, extractor, screener, embedder, threads, meters, running, budget } = self;
        // Two for each thread that takes from a channel: one in reserve while the next is made. More would only
        // hold more text in memory, which the budget bounds anyway.
        let room = 2 * threads;
        let (read, to_extract) = bounded(room);
        let (extracted, to_screen) = bounded(room);
        let (screened, to_chunk) = bounded(room);
        let (unused, _) = bounded(0);
        let (done, finished) = bounded(room);
        let limit = plan.options.limits.file_bytes;
        let reader =
            Reader { running, meter: &meters.read, budget, recall, limit, next: read, done: done.clone() };
        scope.spawn(move || reader.run(items));
        for _ in 0..threads {
            let worker = StageWorker {
                running,
                meter: &meters.extract,
                inbox: to_extract.clone(),
                next: extracted.clone(),
                done: done.clone(),
            };
            scope.spawn(move || {
                let options = plan.options.extract();
                worker.run(|bytes: Vec<u8>, ticket| extract::extract(extractor, &options, &bytes, ticket));
            });
            let worker = StageWorker {
                running,
                meter: &meters.screen,
                inbox: to_screen.clone(),
                next: screened.clone(),
                done: done.clone(),
            };
            scope.spawn(move || worker.run(|documents, ticket| screen::screen(screener, documents, ticket)));
            let worker = StageWorker {
                running,
                meter: &meters.chunk,
                inbox: to_chunk.clone(),
                next: unused.clone(),
                done: done.clone(),
            };
            scope.spawn(move || {
                let count = |text: &str| embedder.count_tokens(text);
                let chunker = Chunker::new(&count, embedder.max_tokens(), plan.options.chunk);
                worker.run(|documents, _| chunk::chunk(&chunker, &meters.chunk, documents));
            });
        }
        finished
    }
}
