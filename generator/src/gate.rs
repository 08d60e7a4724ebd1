//! The gate: whether the passages answer the question at all.

use crate::evidence::{Evidence, Scored};
use crate::question::{Question, Wants, lacks_the_identifier};
use crate::weights::{WEIGHTS, sigmoid};

/// Probability granted at most where the best passage lacks a code, version or model in question.
const OF_SOMETHING_ELSE: f32 = 0.05;
/// Probability granted at most where an amount is asked for and the best candidate gives none.
const NO_AMOUNT: f32 = 0.4;
/// What is taken off the logit where the best passage names none of the things named in the question, for the share that
/// it does not name, and where one of them is in no passage at all.
const UNNAMED: f32 = 2.5;
const PARTLY_NAMED: f32 = 1.0;
const UNHEARD_OF: f32 = 1.5;

/// Calibrated probability, 0 to 1, that the passages answer `question`, when `best` with the text `said` is what
/// would be said first.
///
/// However near the sentences are: what is said of another error code, version or model is no answer, and neither is a
/// sentence without an amount where one is asked for.
pub fn answerable(evidence: &Evidence, best: &Scored, question: &Question, said: &str) -> f32 {
    let features = evidence.gate(best, question, said);
    tracing::debug!(?features, unheard_of = evidence.unheard_of, "gate");
    let mut value = WEIGHTS.answerable_logit(&features, best.trust);
    if question.names.iter().any(|name| name.exact) && !best.all_exact {
        return sigmoid(value).min(OF_SOMETHING_ELSE);
    }
    if question.names.iter().any(|name| !name.owned) {
        let missing = 1.0 - best.features.names;
        value -= if missing >= 1.0 { UNNAMED } else { PARTLY_NAMED * missing };
    }
    if evidence.unheard_of {
        value -= UNHEARD_OF;
    }
    if lacks_the_identifier(&question.text, said) {
        return sigmoid(value).min(OF_SOMETHING_ELSE);
    }
    let amount = question.dimension.is_some()
        || matches!(question.wants, Wants::Duration | Wants::Frequency | Wants::Money | Wants::Number);
    let probability = sigmoid(value);
    if amount && best.features.kind <= 0.0 { probability.min(NO_AMOUNT) } else { probability }
}
