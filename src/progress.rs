//! Progress on standard error, and stopping when the person asks to.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use ingest::Event;
use models::setup::{self, Assets, Layout, Progress};
use signal_hook::SigId;

use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Work that ends early when the person asks to. The first interrupt sets `stop`, the second one ends the process at
/// once; when this is dropped, an interrupt ends the process again as it would have without it.
pub(crate) struct Interruptible {
    pub(crate) stop: Arc<AtomicBool>,
}

/// What the handlers look at; they are registered once.
#[derive(Default)]
struct Handlers {
    stop: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    registered: Mutex<Vec<SigId>>,
}

static HANDLERS: OnceLock<Handlers> = OnceLock::new();

impl Interruptible {
    pub(crate) fn begin() -> Result<Self, Failure> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag;
        if let Some(handlers) = HANDLERS.get() {
            handlers.stop.store(false, Ordering::SeqCst);
            handlers.idle.store(false, Ordering::SeqCst);
            return Ok(Self { stop: Arc::clone(&handlers.stop) });
        }
        let Handlers { stop, idle, registered } = HANDLERS.get_or_init(Handlers::default);
        let mut registered = registered.lock().unwrap_or_else(PoisonError::into_inner);
        for signal in [SIGINT, SIGTERM] {
            for handler in [
                flag::register_conditional_default(signal, Arc::clone(idle)),
                flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(stop)),
                flag::register(signal, Arc::clone(stop)),
            ] {
                registered.push(handler.map_err(|error| Failure::of(Exit::Error, &error))?);
            }
        }
        Ok(Self { stop: Arc::clone(stop) })
    }

    /// Leaves all signals to someone else, who must handle them from now on.
    pub(crate) fn hand_over() {
        if let Some(handlers) = HANDLERS.get() {
            let mut registered = handlers.registered.lock().unwrap_or_else(PoisonError::into_inner);
            for handler in registered.drain(..) {
                signal_hook::low_level::unregister(handler);
            }
        }
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        if let Some(handlers) = HANDLERS.get() {
            handlers.idle.store(true, Ordering::SeqCst);
        }
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar(output: Output, template: &str) -> ProgressBar {
    if !output.progress {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// Sets up what is missing: a line for each step, and a bar while something is fetched.
pub(crate) fn setup(layout: &Layout, mut options: setup::Options, output: Output) -> Result<Assets, Failure> {
    let work = Interruptible::begin()?;
    options.stop = Arc::clone(&work.stop).into();
    steps(output, |watch| setup::run(layout, &options, watch))
}

/// The same for any work that tells how far it is.
pub(crate) fn steps<T>(
    output: Output,
    work: impl FnOnce(&mut dyn FnMut(Progress)) -> models::Result<T>,
) -> Result<T, Failure> {
    let bar = bar(output, "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
    let tell = |text: String| {
        bar.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        });
    };
    let result = work(&mut |progress| match progress {
        Progress::Waiting => tell("another run is setting up; waiting for it".into()),
        Progress::Fetching { name, source, license, bytes } => {
            let megabytes = bytes.div_ceil(1_000_000);
            tell(format!("fetching {name} ({source}, {megabytes} MB, license {license})"));
            bar.set_length(bytes);
            bar.set_position(0);
        }
        Progress::Received { bytes } => bar.set_position(bytes),
        Progress::Compiling { name } => tell(format!("compiling {name}")),
        Progress::Ready { name } => tell(format!("{name} is ready")),
    });
    bar.finish_and_clear();
    Ok(result?)
}

/// Shows how far an ingestion is.
pub(crate) struct Ingest {
    bar: ProgressBar,
}

impl Ingest {
    pub(crate) fn new(output: Output) -> Self {
        Self { bar: bar(output, "{wide_bar} {pos}/{len} files, {msg}") }
    }

    pub(crate) fn show(&mut self, event: &Event) {
        match event {
            Event::Listed { items, .. } => self.bar.inc_length(*items as u64),
            Event::Progress(progress) => {
                self.bar.set_length(progress.items);
                self.bar.set_position(progress.stored);
                self.bar.set_message(format!("{} chunks, {} embedded", progress.chunks, progress.embedded));
            }
            Event::Publishing { .. } => self.bar.set_message("publishing"),
            _ => {}
        }
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
