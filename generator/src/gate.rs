//! The gate: the probability that the passages answer the question, and the weights behind it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::evidence::{Evidence, Features};

/// The shipped weights.
#[expect(clippy::expect_used, reason = "the file is part of the program and read by every test")]
pub static WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| serde_json::from_str(include_str!("weights.json")).expect("weights.json is well-formed"));

/// Weights of candidates and of the gate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    candidate: CandidateWeights,
    gate: GateWeights,
    /// Probability below which nothing is said.
    pub threshold: f32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateWeights {
    cosine: f32,
    coverage: f32,
    context_coverage: f32,
    passage_cosine: f32,
    rank: f32,
    names: f32,
    kind: f32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GateWeights {
    bias: f32,
    cosine: f32,
    context_coverage: f32,
    passage_cosine: f32,
    known_terms: f32,
    names: f32,
}

impl Weights {
    /// How well a candidate speaks to the question.
    pub fn candidate(&self, f: &Features) -> f32 {
        let w = &self.candidate;
        w.cosine * f.cosine
            + w.coverage * f.coverage
            + w.context_coverage * f.context_coverage
            + w.passage_cosine * f.passage_cosine
            + w.rank * f.rank
            + w.names * f.names
            + w.kind * f.kind
    }

    /// Probability, 0 to 1, that the passages answer the question: logistic in the features of the best candidate
    /// and of all passages together.
    pub fn answerable(&self, evidence: &Evidence) -> f32 {
        let Some(best) = evidence.scored.first() else { return 0.0 };
        let w = &self.gate;
        let f = &best.features;
        let logit = w.bias
            + w.cosine * f.cosine
            + w.context_coverage * f.context_coverage
            + w.passage_cosine * f.passage_cosine
            + w.known_terms * evidence.known_terms
            + w.names * f.names.min(evidence.known_names);
        1.0 / (1.0 + (-logit).exp())
    }
}
