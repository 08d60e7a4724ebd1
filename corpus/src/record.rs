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
}
