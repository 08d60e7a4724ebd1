//! What can go wrong with models, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a model could not be set up, loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no ONNX Runtime library where it was looked for.
    #[error("the ONNX Runtime library is missing from {path:?}")]
    RuntimeMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The library exists but cannot be loaded.
    #[error("cannot load the ONNX Runtime library {path:?}")]
    RuntimeUnloadable {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        #[source]
        source: Cause,
    },
    /// A process can hold one ONNX Runtime only, and another one is loaded already.
    #[error("cannot load the ONNX Runtime library {asked:?}: this process already uses {loaded:?}")]
    RuntimeConflict {
        /// The library that is loaded.
        loaded: PathBuf,
        /// The library that was asked for.
        asked: PathBuf,
    },
    /// No ONNX Runtime is known for this operating system and processor.
    #[error("no ONNX Runtime can be set up for {platform}")]
    UnsupportedPlatform {
        /// Operating system and processor.
        platform: String,
    },
    /// A model or one of its files does not exist.
    #[error("the model {path:?} is missing")]
    ModelMissing {
        /// The folder or file.
        path: PathBuf,
    },
    /// A file is not the one that was expected.
    #[error("{file:?} has SHA-256 {found}, expected {expected}")]
    WrongHash {
        /// The file.
        file: PathBuf,
        /// Lower-case hexadecimal.
        expected: String,
        /// Lower-case hexadecimal.
        found: String,
    },
    /// No `pip` was found to fetch packages with.
    #[error("pip is missing (tried {tried})")]
    PipMissing {
        /// The commands that were tried.
        tried: String,
    },
    /// `pip download` did not succeed.
    #[error("pip could not download {what}: {output}")]
    PipFailed {
        /// The package.
        what: String,
        /// The end of what pip said.
        output: String,
    },
    /// The package index offered another file under the same name.
    #[error("the package index has a {what} that is not the pinned one")]
    WrongPackage {
        /// The package.
        what: String,
    },
    /// A model is to come from a hub, and no hub was named.
    #[error("HF_ENDPOINT does not name a hub")]
    NoEndpoint,
    /// What should name a model on a hub does not.
    #[error("{text:?} does not name a model on a hub")]
    UnknownSource {
        /// What was given.
        text: String,
    },
    /// A download over HTTP did not succeed.
    #[error("cannot download {url}")]
    Download {
        /// The address.
        url: String,
        /// What failed.
        #[source]
        source: Cause,
    },
    /// The disk has too little room.
    #[error("{path:?} needs {needed_mb} MB of free disk space and has {available_mb} MB")]
    NoSpace {
        /// The folder to be written.
        path: PathBuf,
        /// Megabytes needed.
        needed_mb: u64,
        /// Megabytes available.
        available_mb: u64,
    },
    /// The disk filled up while it was written to.
    #[error("no space is left on the disk of {path:?}")]
    DiskFull {
        /// What was written.
        path: PathBuf,
    },
    /// Another process holds the lock and waiting for it was not wanted.
    #[error("{path:?} is locked by another run")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// The model is sound but of a kind that this version cannot compile or run.
    #[error("{model:?} is not supported: {reason}")]
    Unsupported {
        /// The model's file or folder.
        model: PathBuf,
        /// What is not supported, by name.
        reason: String,
    },
    /// A language model's folder or one of its files cannot be run as it is.
    #[error("cannot run {model:?}: {reason}")]
    Export {
        /// The folder or file.
        model: PathBuf,
        /// What is missing or not understood, by name.
        reason: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A file's content is not what its format or manifest says.
    #[error("{file:?} is damaged: {reason}")]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot access {path:?}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// ONNX Runtime refused a model or failed while running it.
    #[error("ONNX Runtime failed to {doing}")]
    Inference {
        /// What was being done, as an infinitive without "to".
        doing: String,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// Text could not be tokenized, or the tokenizer not loaded.
    #[error("the tokenizer failed")]
    Tokenizer(#[source] Cause),
    /// A text has more tokens than the language model can hold.
    #[error("{tokens} tokens are more than the language model's {capacity}")]
    ContextFull {
        /// Tokens of the text.
        tokens: usize,
        /// Tokens that prompt and answer may have together.
        capacity: usize,
    },
    /// A language model was given nothing to go on from.
    #[error("the prompt is empty")]
    EmptyPrompt,
    /// A JSON schema asks for what cannot be written under it.
    #[error("the JSON schema is refused at {place:?}: {reason}")]
    Schema {
        /// JSON pointer to the part that is meant.
        place: String,
        /// What is not supported, by name.
        reason: String,
    },
    /// What is to be written is asked for in a way that no text can meet, or too much of it.
    #[error("what may be written cannot be limited so: {0}")]
    Constraint(String),
    /// A model's chat template is damaged or does not accept a conversation.
    #[error("the model's chat template failed")]
    ChatTemplate(#[source] minijinja::Error),
    /// The device asked for cannot be used; nothing else is used in its place.
    #[error("the device {device} is not available")]
    DeviceUnavailable {
        /// The device asked for.
        device: String,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// The name of a device is not understood.
    #[error("{name:?} is not a device")]
    UnknownDevice {
        /// What was given.
        name: String,
    },
    /// There is neither `CITEDESK_CACHE` nor a home folder to keep models in.
    #[error("there is no folder to keep models in")]
    NoCache,
    /// The caller asked to stop.
    #[error("setup was stopped")]
    Cancelled,
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::RuntimeMissing { .. } => {
                "`citedesk setup` fetches it; or set ORT_DYLIB_PATH to a libonnxruntime of version 1.24 or later"
            }
            Self::RuntimeUnloadable { .. } => {
                "use ONNX Runtime 1.24 or later for this processor; `citedesk setup` fetches one that fits"
            }
            Self::RuntimeConflict { .. } => "use one library in one process",
            Self::UnsupportedPlatform { .. } => {
                "install ONNX Runtime 1.24 or later yourself and set ORT_DYLIB_PATH to its library"
            }
            Self::ModelMissing { .. } => "run `citedesk setup`, or correct the path in the configuration",
            Self::WrongHash { .. } => {
                "delete the file and run `citedesk setup` again; if it persists, distrust the source"
            }
            Self::PipMissing { .. } => {
                "install Python 3 with pip, or name one with --python; or use `citedesk setup --from` with a bundle made on another machine"
            }
            Self::WrongPackage { .. } => {
                "distrust the package index or what stands between; or use `citedesk setup --from` with a bundle made on another machine"
            }
            Self::PipFailed { .. } | Self::Download { .. } => {
                "check the network, proxy and package index settings; or use `citedesk setup --from` with a bundle made on another machine"
            }
            Self::NoSpace { .. } | Self::DiskFull { .. } => {
                "free some space, or set CITEDESK_CACHE to a folder on a larger disk"
            }
            Self::NoEndpoint => "set HF_ENDPOINT to the address of the hub, such as https://hub.example",
            Self::UnknownSource { .. } => {
                "name a sentence encoder as OWNER/NAME[@REVISION], or a language model as OWNER/NAME[@REVISION]:FILE.gguf or :FILE.onnx"
            }
            Self::Locked { .. } => "wait for the other run to end",
            Self::Unsupported { .. } => "choose another model",
            Self::Export { remedy, .. } => remedy,
            Self::Corrupt { .. } => "delete it and run `citedesk setup` again",
            Self::Io { .. } => "check that the path exists, may be accessed and has room",
            Self::Inference { .. } => "run `citedesk setup`, which puts back what is damaged",
            Self::Tokenizer(_) => "run `citedesk setup`, which puts back what is damaged",
            Self::ContextFull { .. } => "ask a shorter question, or let answers rest on fewer passages",
            Self::EmptyPrompt => "say something",
            Self::Schema { .. } => "say it with what is supported, or check it after writing",
            Self::Constraint(_) => "ask for less at once",
            Self::ChatTemplate(_) => "choose a model whose template knows system, user and assistant",
            Self::DeviceUnavailable { .. } => {
                "use `--device cpu`, or install CUDA with cuDNN and set ORT_DYLIB_PATH to a CUDA build of ONNX Runtime"
            }
            Self::UnknownDevice { .. } => "devices are `cpu`, `cuda` and `cuda:N`",
            Self::NoCache => "set CITEDESK_CACHE or HOME",
            Self::Cancelled => "run `citedesk setup` again; it goes on where it stopped",
        }
    }

    /// An [`Error::Io`] at `path`.
    pub(crate) fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.as_ref().to_owned();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
                _ => Self::Io { path, source },
            }
        }
    }

    /// An [`Error::Inference`] while `doing` something.
    pub(crate) fn inference(doing: impl Into<String>) -> impl FnOnce(ort::Error) -> Self {
        move |source| Self::Inference { doing: doing.into(), source }
    }

    /// An [`Error::Corrupt`] about `file`.
    pub(crate) fn corrupt(file: impl AsRef<Path>, reason: impl Into<String>) -> Self {
        Self::Corrupt { file: file.as_ref().to_owned(), reason: reason.into() }
    }

    /// An [`Error::Export`] about `model`.
    pub(crate) fn export(model: impl AsRef<Path>, reason: impl Into<String>, remedy: &'static str) -> Self {
        Self::Export { model: model.as_ref().to_owned(), reason: reason.into(), remedy }
    }

    /// An [`Error::Unsupported`] about `model`.
    pub(crate) fn unsupported(model: impl AsRef<Path>, reason: impl Into<String>) -> Self {
        Self::Unsupported { model: model.as_ref().to_owned(), reason: reason.into() }
    }
}
