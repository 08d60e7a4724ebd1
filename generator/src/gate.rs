//! The gate: whether the passages answer the question at all.

use crate::evidence::{Evidence, Scored};
use crate::question::Question;
use crate::weights::WEIGHTS;

/// Probability granted at most where no passage speaks of the code, version or model in question.
const OF_SOMETHING_ELSE: f32 = 0.05;
/// Probability granted at most where the best passage names none of the things named in the question.
const UNNAMED: f32 = 0.35;

/// Calibrated probability, 0 to 1, that the passages answer `question`, when `best` with the text `said` is what
/// would be said first.
///
/// However near the sentences are: what is said of another error code, version or model is no answer.
pub fn answerable(evidence: &Evidence, best: &Scored, question: &Question, said: &str) -> f32 {
    let probability = WEIGHTS.answerable(&evidence.gate(best, question, said));
    let exact = question.names.iter().any(|name| name.exact);
    if exact && best.features.exact <= 0.0 {
        return probability.min(OF_SOMETHING_ELSE);
    }
    if !question.names.is_empty() && best.features.names <= 0.0 {
        return probability.min(UNNAMED);
    }
    probability
}
