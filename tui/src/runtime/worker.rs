//! The backend's thread: loads, then does one job after the other, and now and then looks for news.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use corpus::{Answer, DocumentId};

use crate::backend::{Ask, Backend, Feedback, Handover, Loader};
use crate::session::{Effect, Event};

/// What the backend's thread is told.
#[derive(Debug)]
pub(crate) enum Job {
    Ask { request: u64, ask: Ask },
    Open(DocumentId),
    Questions,
    Conversations,
    Resume(String),
    Feedback { record: Option<String>, answer: Box<Answer>, feedback: Feedback },
    Escalate(Box<Handover>),
    Write { file: PathBuf, text: String },
    Switch,
}

impl Job {
    /// The job that performs `effect`; the effect itself where it is none of the backend's.
    #[expect(clippy::result_large_err, reason = "the effect is moved on, not reported")]
    pub(crate) fn of(effect: Effect) -> Result<Self, Effect> {
        Ok(match effect {
            Effect::Ask { request, ask } => Self::Ask { request, ask },
            Effect::Open(id) => Self::Open(id),
            Effect::Questions => Self::Questions,
            Effect::Conversations => Self::Conversations,
            Effect::Resume(id) => Self::Resume(id),
            Effect::Feedback { record, answer, feedback } => Self::Feedback { record, answer, feedback },
            Effect::Escalate(handover) => Self::Escalate(handover),
            Effect::Write { file, text } => Self::Write { file, text },
            Effect::Switch => Self::Switch,
            other => return Err(other),
        })
    }
}

/// No request is running.
pub(crate) const NONE: u64 = 0;
/// How often it is looked whether there is a newer generation, while nothing is asked.
const NEWS: Duration = Duration::from_secs(20);

/// Works until nobody has jobs any more or wants to hear what comes of them. `current` is the request that may go on; any
/// other stops at its next event.
pub(super) fn work(
    loader: Loader,
    jobs: &Receiver<Job>,
    current: &AtomicU64,
    tell: &mut dyn FnMut(Event) -> ControlFlow<()>,
) {
    let mut backend = match loader() {
        Ok(backend) => backend,
        Err(error) => {
            let _ = tell(Event::NotReady(error));
            return;
        }
    };
    if tell(Event::Ready(backend.status())).is_break() {
        return;
    }
    let mut known = None;
    loop {
        match jobs.recv_timeout(NEWS) {
            Ok(job) => {
                let switched = matches!(job, Job::Switch);
                if perform(backend.as_mut(), job, &|request| current.load(Ordering::Acquire) == request, tell)
                    .is_break()
                {
                    return;
                }
                if switched {
                    known = None;
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                let newer = backend.newer();
                if let Some(generation) = newer.clone().filter(|_| newer != known)
                    && tell(Event::Newer(generation)).is_break()
                {
                    return;
                }
                known = newer;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Does one job and tells what comes of it; `is_live` says whether a request is still wanted.
pub(crate) fn perform(
    backend: &mut dyn Backend,
    job: Job,
    is_live: &dyn Fn(u64) -> bool,
    tell: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match job {
        Job::Ask { request, mut ask } => {
            if !is_live(request) {
                return ControlFlow::Continue(());
            }
            let screened = backend.screen(&ask.question);
            ask.question.clone_from(&screened.text);
            tell(Event::Screened { request, screened })?;
            let result = backend.ask(&ask, &mut |event| {
                if is_live(request) { tell(Event::Answer { request, event }) } else { ControlFlow::Break(()) }
            });
            tell(match result {
                Ok(kept) => Event::Kept { request, kept },
                Err(error) => Event::Failed { request, error },
            })
        }
        Job::Open(id) => {
            let result = backend.document(&id).map(|document| document.map(Box::new));
            tell(Event::Document { id, result })
        }
        // Nothing can be done about it, and nothing but a convenience is lost.
        Job::Questions => tell(Event::Questions(backend.questions().unwrap_or_default())),
        Job::Conversations => tell(Event::Conversations(backend.conversations())),
        Job::Resume(conversation) => {
            let result = backend.resume(&conversation);
            tell(Event::Resumed { conversation, result })
        }
        Job::Feedback { record, answer, feedback } => {
            tell(Event::Told(backend.feedback(record.as_deref(), &answer, &feedback)))
        }
        Job::Escalate(handover) => tell(Event::Told(backend.escalate(&handover))),
        Job::Write { file, text } => {
            let written = backend.write(&file, &text);
            tell(Event::Told(written.map(|()| format!("written: {}", file.display()))))
        }
        Job::Switch => tell(Event::Switched(backend.switch())),
    }
}
