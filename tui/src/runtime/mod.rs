//! The runtime: owns the terminal, performs effects, and keeps the backend on a thread of its own.

pub(crate) mod clipboard;
mod editor;
mod keys;
mod terminal;
pub(crate) mod worker;

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self as jobs, SyncSender};
use std::thread;
use std::time::Duration;

use crossterm::event::{Event as TerminalEvent, MouseEventKind};
use ratatui::DefaultTerminal;
use tokio::sync::mpsc;

use crate::backend::{BackendError, Loader};
use crate::configuration::Settings;
use crate::session::{Effect, Event, Phase, Session, Settled};
use crate::view::Screen;
use clipboard::Clipboard;
use keys::Keys;
use worker::{Job, NONE};

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

/// Events from the backend that may wait to be drawn. An answer has tens of sentences; when this many wait, the
/// backend waits, not the person.
const EVENTS: usize = 64;
/// Jobs that may wait: one question at a time can be asked, the rest are documents being opened.
const JOBS: usize = 16;
/// How long the end waits for what is still to be written, such as a rating.
const LAST_JOBS: Duration = Duration::from_secs(3);
/// Rows that a notch of the wheel scrolls.
const NOTCH: isize = 3;

/// Runs the terminal until the person ends it. `loader` makes the backend on its own thread; `conversation` is an
/// identity that no other session has.
///
/// The terminal is restored however this ends, a panic included.
pub fn run(loader: Loader, settings: Settings, conversation: &str) -> Result<(), Error> {
    use std::io::IsTerminal as _;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::NotATerminal);
    }
    let (event_sender, events) = mpsc::channel(EVENTS);
    let told = event_sender.clone();
    let (sender, receiver) = jobs::sync_channel(JOBS);
    let (done, ended) = jobs::sync_channel::<()>(0);
    let current = Arc::new(AtomicU64::new(NONE));
    let worker_current = Arc::clone(&current);
    thread::Builder::new()
        .name("answers".into())
        .spawn(move || {
            let mut heard = true;
            worker::work(loader, &receiver, &worker_current, &mut |event| {
                // After the end nobody listens any more, but what was to be written still is.
                heard = heard && event_sender.blocking_send(event).is_ok();
                ControlFlow::Continue(())
            });
            drop(done);
        })
        .map_err(Error::Thread)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mouse = settings.mouse;
    let mut session = Session::new(settings, conversation);
    let mut screen = ratatui::try_init()?;
    let result = terminal::listen(mouse)
        .map_err(Error::from)
        .and_then(|()| runtime.block_on(drive(&mut screen, &mut session, events, told, &sender, &current)));
    current.store(NONE, Ordering::Release);
    terminal::leave(mouse);
    // Dropping the runtime would wait for the blocking read of the terminal; there is nothing left to do there.
    runtime.shutdown_timeout(Duration::ZERO);
    drop(sender);
    if matches!(session.phase, Phase::Ready(_)) {
        let _ = ended.recv_timeout(LAST_JOBS);
    }
    result
}

/// What the system asks for.
enum Asked {
    End,
    Stop,
    GoOn,
}

/// Where requests of the system come from.
struct Signals {
    #[cfg(unix)]
    listeners: [(tokio::signal::unix::Signal, fn() -> Asked); 4],
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP};
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |number: i32| signal(SignalKind::from_raw(number));
        Ok(Self {
            listeners: [
                (listen(SIGTERM)?, || Asked::End),
                (listen(SIGHUP)?, || Asked::End),
                (listen(SIGTSTP)?, || Asked::Stop),
                (listen(SIGCONT)?, || Asked::GoOn),
            ],
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Asked {
        let waiting = self.listeners.iter_mut().map(|(signal, asked)| {
            Box::pin(async move {
                signal.recv().await;
                asked()
            })
        });
        futures::future::select_all(waiting).await.0
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Asked {
        let _ = tokio::signal::ctrl_c().await;
        Asked::End
    }
}

async fn drive(
    terminal: &mut DefaultTerminal,
    session: &mut Session,
    mut events: mpsc::Receiver<Event>,
    told: mpsc::Sender<Event>,
    jobs: &SyncSender<Job>,
    current: &AtomicU64,
) -> Result<(), Error> {
    let mut screen = Screen::default();
    let mut keys = Keys::listen()?;
    let mut signals = Signals::new()?;
    let mut clipboard = Clipboard::new(&session.settings.clipboard);
    loop {
        let mut settled = Settled::default();
        terminal.draw(|frame| settled = screen.draw(frame, session))?;
        session.settle(settled);
        let mut next = tokio::select! {
            key = keys.next() => match key {
                Some(event) => translate(&event),
                // The terminal is gone.
                None => return Ok(()),
            },
            event = events.recv() => event,
            asked = signals.next() => match asked {
                Asked::End => Some(Event::Terminate),
                Asked::Stop => {
                    suspend(terminal, session.settings.mouse)?;
                    Some(Event::Resized)
                }
                Asked::GoOn => {
                    terminal::enter(session.settings.mouse)?;
                    terminal::forget(terminal)?;
                    Some(Event::Resized)
                }
            },
        };
        // What is there already is taken in before the next frame.
        let mut taken = 0;
        while let Some(event) = next.take() {
            for effect in session.handle(event) {
                match Job::of(effect) {
                    Ok(job) => hand_over(job, session, jobs, current),
                    Err(Effect::Quit) => return Ok(()),
                    Err(Effect::Cancel { .. }) => current.store(NONE, Ordering::Release),
                    Err(Effect::Copy { what, text }) => {
                        if let Some(told) = clipboard.copy(what, text, &told) {
                            session.handle(told);
                        }
                    }
                    Err(Effect::Redraw) => terminal::forget(terminal)?,
                    Err(Effect::Suspend) => suspend(terminal, session.settings.mouse)?,
                    Err(Effect::Edit(text)) => {
                        // Nobody else may read keys while the editor does.
                        keys.pause().await;
                        terminal::leave(session.settings.mouse);
                        let edited = editor::edit(&text);
                        terminal::enter(session.settings.mouse)?;
                        terminal::forget(terminal)?;
                        keys.go_on().await;
                        session.handle(Event::Edited(edited));
                    }
                    Err(_) => {}
                }
            }
            taken += 1;
            if taken < EVENTS {
                next = match keys.waiting() {
                    Some(event) => translate(&event),
                    None => events.try_recv().ok(),
                };
            }
        }
    }
}

fn suspend(terminal: &mut DefaultTerminal, mouse: bool) -> io::Result<()> {
    terminal::leave(mouse);
    terminal::stop()?;
    terminal::enter(mouse)?;
    terminal::forget(terminal)
}

fn hand_over(job: Job, session: &mut Session, jobs: &SyncSender<Job>, current: &AtomicU64) {
    if let Job::Ask { request, .. } = &job {
        current.store(*request, Ordering::Release);
    }
    if let Err(jobs::TrySendError::Full(job) | jobs::TrySendError::Disconnected(job)) = jobs.try_send(job) {
        let error = BackendError {
            message: "the part that answers is busy or gone".into(),
            hint: Some("try again, or restart citedesk".into()),
        };
        session.handle(match job {
            Job::Ask { request, .. } => Event::Failed { request, error },
            Job::Open(id) => Event::Document { id, result: Err(error) },
            Job::Conversations => Event::Conversations(Err(error)),
            _ => Event::Told(Err(error)),
        });
    }
}

fn translate(event: &TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => Some(Event::Key(*key)),
        TerminalEvent::Paste(text) => Some(Event::Paste(text.clone())),
        TerminalEvent::Resize(..) => Some(Event::Resized),
        TerminalEvent::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Event::Wheel(NOTCH)),
            MouseEventKind::ScrollUp => Some(Event::Wheel(-NOTCH)),
            _ => None,
        },
        TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
    }
}
