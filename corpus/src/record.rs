//! Run records: what was asked, found, said and measured, one line each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;

/// Version of the [`RunRecord`] format that this build writes.
pub const RECORD_VERSION: u32 = 1;

/// One answered question, as written to the log and read by evaluation: one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Format version; see [`RECORD_VERSION`].
    pub version: u32,
    /// Identity of the run.
    pub id: String,
    /// When the question was asked.
    pub at: jiff::Timestamp,
    /// Identity of the generation that was searched.
    pub generation: String,
    /// Fingerprints of the models that took part, by role.
    pub fingerprints: BTreeMap<String, String>,
    /// The answer with question, passages, verdicts and timings.
    pub answer: Answer,
}

/// Where the time of an answer went, in milliseconds since the question was received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Until the passages were known.
    pub passages_ms: f64,
    /// Until the first verified sentence, where there was one.
    pub first_sentence_ms: Option<f64>,
    /// Until the end.
    pub total_ms: f64,
    /// How fast the language model was, where it wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Pace>,
}

/// How fast a language model read a prompt (prefill) and wrote after it (decode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// How many of these were in the cache already, from an earlier prompt that began alike.
    pub reused_tokens: usize,
    /// Time for reading the others, in milliseconds.
    pub prefill_ms: f64,
    /// Tokens written.
    pub written_tokens: usize,
    /// Time for writing them, in milliseconds.
    pub decode_ms: f64,
}

impl Pace {
    /// Tokens of the prompt that were read.
    pub fn read_tokens(&self) -> usize {
        self.prompt_tokens.saturating_sub(self.reused_tokens)
    }

    /// Tokens read a second; nothing where none were read.
    pub fn prefill_rate(&self) -> Option<f64> {
        rate(self.read_tokens(), self.prefill_ms)
    }

    /// Tokens written a second; nothing where none were.
    pub fn decode_rate(&self) -> Option<f64> {
        rate(self.written_tokens, self.decode_ms)
    }
}

fn rate(tokens: usize, ms: f64) -> Option<f64> {
    (tokens > 0 && ms > 0.0).then(|| tokens as f64 * 1000.0 / ms)
}
