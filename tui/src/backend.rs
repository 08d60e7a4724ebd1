//! What the terminal asks of the program behind it.

use std::ops::ControlFlow;

use corpus::{AnswerEvent, DocumentId, DocumentRecord};

/// One question with what came before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// As typed.
    pub question: String,
    /// Earlier turns, oldest first.
    pub history: Vec<Turn>,
}

/// An earlier turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What was asked.
    pub question: String,
    /// What was answered; empty after a refusal.
    pub answer: String,
}

/// What the status bar shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Generation that is searched.
    pub generation: String,
    /// Number of documents in it.
    pub documents: usize,
    /// Device that inference runs on.
    pub device: String,
}

/// A message for the person at the terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BackendError {
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Answers questions. Lives on one thread; every call may take seconds.
pub trait Backend {
    /// What is searched with what.
    fn status(&self) -> Status;

    /// Answers `ask`, passing on what happens; stops soon after `sink` breaks.
    fn ask(
        &mut self,
        ask: &Ask,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<(), BackendError>;

    /// A document of the generation that is searched.
    fn document(&mut self, id: &DocumentId) -> Result<Option<DocumentRecord>, BackendError>;
}

/// Makes the backend, on its own thread: loading models takes a while.
pub type Loader = Box<dyn FnOnce() -> Result<Box<dyn Backend>, BackendError> + Send>;
