//! Errors as the user meets them: one message, its causes, a remedy and an exit code.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// The documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Ok = 0,
    Error = 1,
    Usage = 2,
    PartialIngest = 3,
    NoGroundedAnswer = 4,
    Unreachable = 5,
    ModelMissing = 6,
    Locked = 7,
    Privacy = 8,
    EvaluationGate = 100,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended without doing what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// The message and its causes, outermost first.
    messages: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, messages: vec![message.into()], hint: None }
    }

    pub(crate) fn of(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut messages = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(error) = cause {
            let message = error.to_string();
            if messages.last() != Some(&message) {
                messages.push(message);
            }
            cause = error.source();
        }
        Self { exit, messages, hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with another exit code.
    pub(crate) fn exits(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Writes the failure to standard error, or as one JSON event to standard output.
    pub(crate) fn report(&self, json: bool) {
        if json {
            let event = serde_json::json!({
                "v": 1, "event": "error", "exit": self.exit as u8,
                "message": self.messages.join(": "), "hint": self.hint,
            });
            let _ = writeln!(io::stdout().lock(), "{event}");
        }
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "citedesk: {self}");
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "  try: {hint}");
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join(": "))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // A reader that has seen enough, such as `head`, is not an error.
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Ok } else { Exit::Error };
        Self::of(exit, &error)
    }
}

/// Whether the system forbids it, which no setup changes.
fn denied(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

impl From<models::Error> for Failure {
    fn from(error: models::Error) -> Self {
        use models::Error as E;
        let exit = match &error {
            E::UnknownDevice { .. } | E::UnknownSource { .. } | E::NoEndpoint => Exit::Usage,
            E::NoSpace { .. } | E::DiskFull { .. } | E::NoCache => Exit::Error,
            E::Io { source, .. } if denied(source) => Exit::Error,
            E::Locked { .. } => Exit::Locked,
            E::Cancelled => Exit::Interrupted,
            _ => Exit::ModelMissing,
        };
        Self::of(exit, &error).hint(error.hint())
    }
}

impl From<retriever::Error> for Failure {
    fn from(error: retriever::Error) -> Self {
        use retriever::Error as E;
        let exit = match &error {
            E::Locked { .. } => Exit::Locked,
            E::Embed { .. } | E::BadEmbedding { .. } | E::Rerank { .. } => Exit::ModelMissing,
            E::Unreachable { .. } => Exit::Unreachable,
            E::Setting { .. } | E::Date { .. } => Exit::Usage,
            _ => Exit::Error,
        };
        Self::of(exit, &error)
    }
}

impl From<generator::Error> for Failure {
    fn from(error: generator::Error) -> Self {
        Self::of(Exit::ModelMissing, &error).hint("run `citedesk doctor`")
    }
}

impl From<ingest::Error> for Failure {
    fn from(error: ingest::Error) -> Self {
        match error {
            ingest::Error::Interrupted => Self::new(Exit::Interrupted, "interrupted; nothing was published")
                .hint("run it again: what was embedded is kept"),
            ingest::Error::Emptied { .. } => Self::of(Exit::Error, &error)
                .hint("give --allow-empty if its documents are to leave the index"),
            ingest::Error::Configuration { .. } => Self::of(Exit::Usage, &error),
            ingest::Error::Unreachable { ref source, .. } => {
                Self::of(Exit::Unreachable, &error).hint(source.hint())
            }
            ingest::Error::Store(error) => error.into(),
            other => Self::of(Exit::Error, &other),
        }
    }
}
