//! What happens to a session, and what it wants done.

use std::path::PathBuf;

use corpus::{Answer, AnswerEvent, DocumentId, DocumentRecord};
use crossterm::event::KeyEvent;

use crate::backend::{Ask, BackendError, Conversation, Feedback, Handover, Kept, Resumed, Screened, Status};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The wheel was turned so many rows down.
    Wheel(isize),
    /// A line was entered where there is no screen: a question or a command.
    Line(String),
    /// The editor that the question was handed to came back with it, or could not be started.
    Edited(Result<String, BackendError>),
    /// The terminal changed its size, or came back.
    Resized,
    /// The models and the index are ready.
    Ready(Status),
    /// They cannot be had.
    NotReady(BackendError),
    /// Questions of earlier days came, oldest first.
    Questions(Vec<String>),
    /// The question of a request was screened.
    Screened {
        /// The request.
        request: u64,
        /// The question as it is searched, shown and kept.
        screened: Screened,
    },
    /// The answer to request `request` goes on.
    Answer {
        /// The request.
        request: u64,
        /// What happened.
        event: AnswerEvent,
    },
    /// The answer to a request was kept, or not.
    Kept {
        /// The request.
        request: u64,
        /// What was kept.
        kept: Kept,
    },
    /// Request `request` ended without an answer.
    Failed {
        /// The request.
        request: u64,
        /// Why.
        error: BackendError,
    },
    /// A document came, or is not there.
    Document {
        /// Which.
        id: DocumentId,
        /// The document.
        result: Result<Option<Box<DocumentRecord>>, BackendError>,
    },
    /// The list of conversations came.
    Conversations(Result<Vec<Conversation>, BackendError>),
    /// A conversation came.
    Resumed {
        /// Which.
        conversation: String,
        /// Its turns, oldest first.
        result: Result<Vec<Resumed>, BackendError>,
    },
    /// Something was written or handed over, or could not be.
    Told(Result<String, BackendError>),
    /// There is a newer generation than the one that is searched.
    Newer(String),
    /// Another generation is searched from now on, or could not be opened.
    Switched(Result<Status, BackendError>),
    /// The program was told to end.
    Terminate,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask a question; what comes of it bears the request's number.
    Ask {
        /// Number of the request.
        request: u64,
        /// The question.
        ask: Ask,
    },
    /// Stop working on a request.
    Cancel {
        /// Number of the request.
        request: u64,
    },
    /// Fetch a document.
    Open(DocumentId),
    /// Fetch questions of earlier days.
    Questions,
    /// Fetch the list of conversations.
    Conversations,
    /// Fetch a conversation.
    Resume(String),
    /// Keep what a person says of an answer.
    Feedback {
        /// Identity of the record of the answer.
        record: Option<String>,
        /// The answer.
        answer: Box<Answer>,
        /// What is said of it.
        feedback: Feedback,
    },
    /// Hand a question over.
    Escalate(Box<Handover>),
    /// Write a new file.
    Write {
        /// Where.
        file: PathBuf,
        /// What.
        text: String,
    },
    /// Go on with the newest generation.
    Switch,
    /// Put text on the clipboard and tell what came of it.
    Copy {
        /// What it is, in a word or two.
        what: String,
        /// The text.
        text: String,
    },
    /// Have text edited by the person's own editor.
    Edit(String),
    /// Draw everything anew.
    Redraw,
    /// Go to the background.
    Suspend,
    /// End.
    Quit,
}
