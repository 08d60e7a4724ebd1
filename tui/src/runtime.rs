//! The runtime: owns the terminal, performs effects, and keeps the backend on a thread of its own.

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use corpus::DocumentId;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event as TerminalEvent, EventStream};
use crossterm::execute;
use futures::StreamExt as _;
use ratatui::DefaultTerminal;
use tokio::sync::mpsc;

use crate::backend::{Ask, BackendError, Loader};
use crate::session::{Effect, Event, Session};
use crate::view::{self, Theme};

/// Why the terminal UI ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Standard input or output is no terminal.
    #[error("this is not a terminal")]
    NotATerminal,
    /// The terminal failed.
    #[error("the terminal failed")]
    Terminal(#[from] io::Error),
    /// The thread that answers could not be started.
    #[error("cannot start the thread that answers")]
    Thread(#[source] io::Error),
}

/// What the backend's thread is told.
enum Job {
    Ask { request: u64, ask: Ask },
    Open(DocumentId),
}

/// Events from the backend that may wait to be drawn. An answer has tens of sentences; when this many wait, the
/// backend waits, not the person.
const EVENTS: usize = 64;
/// Jobs that may wait: one question at a time can be asked, the rest are documents being opened.
const JOBS: usize = 16;
/// No request is running.
const NONE: u64 = 0;

/// Runs the terminal until the person ends it. `loader` makes the backend on its own thread.
///
/// The terminal is restored however this ends, a panic included.
pub fn run(loader: Loader, theme: Theme) -> Result<(), Error> {
    use std::io::IsTerminal as _;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::NotATerminal);
    }
    let (event_sender, events) = mpsc::channel(EVENTS);
    let (jobs, job_receiver) = mpsc::channel(JOBS);
    // The request that may go on; any other stops at its next event.
    let current = Arc::new(AtomicU64::new(NONE));
    let worker_current = Arc::clone(&current);
    thread::Builder::new()
        .name("answers".into())
        .spawn(move || work(loader, job_receiver, &event_sender, &worker_current))
        .map_err(Error::Thread)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut terminal = ratatui::try_init()?;
    let result = execute!(io::stdout(), EnableBracketedPaste)
        .map_err(Error::from)
        .and_then(|()| runtime.block_on(drive(&mut terminal, theme, events, &jobs, &current)));
    current.store(NONE, Ordering::Release);
    let _ = execute!(io::stdout(), DisableBracketedPaste);
    ratatui::restore();
    // Dropping the runtime would wait for the blocking read of the terminal; there is nothing left to do there.
    runtime.shutdown_timeout(Duration::ZERO);
    result
}

/// The backend's thread: loads, then does one job after the other.
fn work(loader: Loader, mut jobs: mpsc::Receiver<Job>, events: &mpsc::Sender<Event>, current: &AtomicU64) {
    let mut backend = match loader() {
        Ok(backend) => backend,
        Err(error) => {
            let _ = events.blocking_send(Event::NotReady(error));
            return;
        }
    };
    if events.blocking_send(Event::Ready(backend.status())).is_err() {
        return;
    }
    while let Some(job) = jobs.blocking_recv() {
        match job {
            Job::Ask { request, ask } => {
                let live = || current.load(Ordering::Acquire) == request;
                if !live() {
                    continue;
                }
                let result = backend.ask(&ask, &mut |event| {
                    if live() && events.blocking_send(Event::Answer { request, event }).is_ok() {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                });
                if let Err(error) = result {
                    let _ = events.blocking_send(Event::Failed { request, error });
                }
            }
            Job::Open(id) => {
                let result = backend.document(&id).map(|document| document.map(Box::new));
                let _ = events.blocking_send(Event::Document { id, result });
            }
        }
    }
}

/// Where requests to end come from.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, hang_up: signal(SignalKind::hangup())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

async fn drive(
    terminal: &mut DefaultTerminal,
    theme: Theme,
    mut events: mpsc::Receiver<Event>,
    jobs: &mpsc::Sender<Job>,
    current: &AtomicU64,
) -> Result<(), Error> {
    let mut session = Session::new();
    let mut keys = EventStream::new();
    let mut signals = Signals::new()?;
    let mut backend_lives = true;
    loop {
        terminal.draw(|frame| view::draw(frame, &session, theme))?;
        let event = tokio::select! {
            key = keys.next() => match key {
                Some(Ok(event)) => match translate(event) {
                    Some(event) => event,
                    None => continue,
                },
                Some(Err(error)) => return Err(error.into()),
                // The terminal is gone.
                None => return Ok(()),
            },
            event = events.recv(), if backend_lives => match event {
                Some(event) => event,
                None => {
                    backend_lives = false;
                    continue;
                }
            },
            () = signals.next() => Event::Terminate,
        };
        for effect in session.handle(event) {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Ask { request, ask } => {
                    current.store(request, Ordering::Release);
                    if jobs.try_send(Job::Ask { request, ask }).is_err() {
                        session.handle(Event::Failed { request, error: busy() });
                    }
                }
                Effect::Cancel { .. } => current.store(NONE, Ordering::Release),
                Effect::Open(id) => {
                    if jobs.try_send(Job::Open(id.clone())).is_err() {
                        session.handle(Event::Document { id, result: Err(busy()) });
                    }
                }
                Effect::Copy(text) => copy(&text)?,
            }
        }
    }
}

fn busy() -> BackendError {
    BackendError {
        message: "the part that answers is busy or gone".into(),
        hint: Some("try again, or restart citedesk".into()),
    }
}

fn translate(event: TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => Some(Event::Key(key)),
        TerminalEvent::Paste(text) => Some(Event::Paste(text)),
        TerminalEvent::Resize(..) => Some(Event::Resized),
        TerminalEvent::FocusGained | TerminalEvent::FocusLost | TerminalEvent::Mouse(_) => None,
    }
}

/// Asks the terminal to put `text` on the clipboard (OSC 52, xterm control sequences).
fn copy(text: &str) -> io::Result<()> {
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = io::stdout();
    write!(out, "\u{1b}]52;c;{encoded}\u{7}")?;
    out.flush()
}
