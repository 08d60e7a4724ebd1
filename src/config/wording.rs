//! How answers are worded, as flags and configuration say it.

use serde::{Deserialize, Serialize};

/// How an answer is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// In the passages' own sentences.
    Quote,
    /// In the same sentences, ordered by the language model, with some around them that it adds.
    Compose,
    /// In sentences that the language model writes; those that the check does not pass are left out.
    Draft,
}

impl From<Mode> for generator::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Quote => Self::Quote,
            Mode::Compose => Self::Compose,
            Mode::Draft => Self::Draft,
        }
    }
}

/// Whom an answer is worded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// The one who asks.
    Plain,
    /// A customer, by e-mail: greeting, body, closing.
    Email,
    /// A customer, in a chat: short.
    Chat,
    /// A colleague: the question and what was found, point by point.
    Note,
}

impl From<Tone> for generator::Tone {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Plain => Self::Plain,
            Tone::Email => Self::Email,
            Tone::Chat => Self::Chat,
            Tone::Note => Self::Note,
        }
    }
}

/// What judges sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Judge {
    /// Rules on facts, and the likeness of words and vectors.
    Rules,
    /// The same with a model that reads two texts together: the pair encoder.
    #[default]
    Model,
}
