//! What the terminal asks of the program behind it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Answer, AnswerEvent, DocumentId, DocumentRecord};
use serde::Serialize;

/// One question with what came before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// As typed.
    pub question: String,
    /// Earlier turns, oldest first.
    pub history: Vec<Turn>,
    /// How the answer is worded, one of [`Status::modes`]; none means as configured.
    pub mode: Option<String>,
    /// What the search is confined to, `KEY:VALUE`.
    pub filters: Vec<String>,
    /// The conversation that it belongs to.
    pub conversation: String,
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
    /// Name of the model that finds and chooses.
    pub model: String,
    /// How answers can be worded, the configured way first.
    pub modes: Vec<String>,
    /// Whom a copied answer can be worded for, the configured way first.
    pub tones: Vec<String>,
}

impl Status {
    /// How much is searched: `1 document`, `70 documents`.
    pub fn holds(&self) -> String {
        format!("{} document{}", self.documents, if self.documents == 1 { "" } else { "s" })
    }
}

/// Text with its identifiers masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screened {
    /// The text with replacements in place.
    pub text: String,
    /// How many were masked, by kind.
    pub masked: BTreeMap<String, usize>,
}

/// What was kept of a question that has been answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Identity of the record; none where nothing was written.
    pub record: Option<String>,
    /// Why nothing could be written, where it should have been.
    pub problem: Option<BackendError>,
    /// The answer as it is worded for others.
    pub wordings: Vec<Wording>,
}

/// An answer as it is worded for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// For whom, one of [`Status::tones`].
    pub tone: String,
    /// The reply.
    pub text: String,
    /// The same with the numbers of its sources.
    pub cited: String,
}

/// What a person says of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Feedback {
    /// Good or bad, and why.
    Rating {
        /// Whether it is good.
        good: bool,
        /// Why; may be empty.
        reason: String,
    },
    /// What the answer should be.
    Correction(String),
    /// That the answer is right and may be measured by.
    Golden {
        /// The turns before it, oldest first.
        history: Vec<Turn>,
        /// What the question was confined to.
        filters: Vec<String>,
    },
}

/// What somebody needs who takes a question over: what was asked, what was tried, and what is nearest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Handover {
    /// The question.
    pub question: String,
    /// What the person adds; may be empty.
    pub remark: String,
    /// All of it for people, in Markdown.
    pub text: String,
    /// The conversation up to the question, oldest first.
    pub tried: Vec<Tried>,
    /// What was found for the question, the nearest first.
    pub passages: Vec<Nearest>,
}

/// What a question came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The question.
    pub question: String,
    /// What was answered; empty where nothing was.
    pub answer: String,
    /// Why nothing was answered; empty where something was.
    pub refusal: String,
    /// What the search was confined to, `KEY:VALUE`.
    pub filters: Vec<String>,
}

/// A passage near to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Nearest {
    /// The number that answers cite it by.
    pub number: usize,
    /// Title of the document.
    pub document: String,
    /// Headings above the passage, the outermost first.
    pub heading: String,
    /// Where the document is: an address or a path.
    pub link: String,
    /// Page, where there are pages.
    pub page: Option<u32>,
    /// The beginning of the passage.
    pub text: String,
}

/// A conversation that can be resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its identity.
    pub id: String,
    /// When it was last gone on with, to be shown.
    pub at: String,
    /// Its questions, oldest first.
    pub questions: Vec<String>,
}

/// A turn of a conversation that was resumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumed {
    /// Identity of the record.
    pub record: String,
    /// What was said.
    pub answer: Answer,
    /// The answer as it is worded for others.
    pub wordings: Vec<Wording>,
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

    /// Masks the identifiers in `text`.
    fn screen(&mut self, text: &str) -> Screened;

    /// Answers `ask`, whose question is screened, passing on what happens; stops soon after `sink` breaks. An answer
    /// stands even where it could not be kept.
    fn ask(
        &mut self,
        ask: &Ask,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<Kept, BackendError>;

    /// A document of the generation that is searched.
    fn document(&mut self, id: &DocumentId) -> Result<Option<DocumentRecord>, BackendError>;

    /// Questions of earlier days, oldest first.
    fn questions(&mut self) -> Result<Vec<String>, BackendError>;

    /// The conversations that were kept, the latest first.
    fn conversations(&mut self) -> Result<Vec<Conversation>, BackendError>;

    /// The turns of a conversation, oldest first; what has been erased meanwhile is missing.
    fn resume(&mut self, conversation: &str) -> Result<Vec<Resumed>, BackendError>;

    /// Keeps what a person says of an answer, screened, and says where.
    fn feedback(
        &mut self,
        record: Option<&str>,
        answer: &Answer,
        feedback: &Feedback,
    ) -> Result<String, BackendError>;

    /// Hands a question over, screened, to whom the configuration names, and says to whom.
    fn escalate(&mut self, handover: &Handover) -> Result<String, BackendError>;

    /// Writes a new file.
    fn write(&mut self, file: &Path, text: &str) -> Result<(), BackendError>;

    /// The newest generation, where it is not the one that is searched.
    fn newer(&mut self) -> Option<String>;

    /// Goes on with the newest generation.
    fn switch(&mut self) -> Result<Status, BackendError>;
}

/// Makes the backend, on its own thread: loading models takes a while.
pub type Loader = Box<dyn FnOnce() -> Result<Box<dyn Backend>, BackendError> + Send>;
