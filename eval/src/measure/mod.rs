//! Measures of rankings, answers, citations, refusals and probabilities, one file each, and the list of those that are
//! made of every record.

use serde::Serialize;

pub mod auc;
pub mod average_precision;
pub mod calibration;
pub mod citation;
pub mod confusion;
pub mod k_precision;
pub mod ndcg;
pub mod overlap;
pub mod percentile;
pub mod precision;
pub mod quote;
pub mod ranking;
pub mod recall;
pub mod reciprocal_rank;
pub mod refusal;
pub mod risk;
pub mod rouge;
pub mod support;

/// A number that each record has, or to which it does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// Its name in files and configuration.
    pub id: &'static str,
    /// What it says, for people.
    pub title: &'static str,
    /// Whether more is better.
    pub more_is_better: bool,
    /// What it looks at.
    pub family: Family,
}

/// What a measure looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// The ranking of documents.
    Retrieval,
    /// What was said, against references.
    Answer,
    /// What was said, against what it rests on.
    Grounding,
    /// Whether something was said.
    Refusal,
    /// How long it took.
    Time,
}

const fn more(id: &'static str, family: Family, title: &'static str) -> Measure {
    Measure { id, title, more_is_better: true, family }
}

const fn less(id: &'static str, family: Family, title: &'static str) -> Measure {
    Measure { id, title, more_is_better: false, family }
}

/// The measures of every record, in the order in which values are kept.
pub const MEASURES: [Measure; 34] = [
    more("recall@1", Family::Retrieval, "relevant documents ranked first"),
    more("recall@5", Family::Retrieval, "relevant documents among the first 5"),
    more("recall@10", Family::Retrieval, "relevant documents among the first 10"),
    more("precision@1", Family::Retrieval, "first documents that are relevant"),
    more("precision@5", Family::Retrieval, "first 5 documents that are relevant"),
    more("rr", Family::Retrieval, "reciprocal rank of the first relevant document (MRR)"),
    more("ap", Family::Retrieval, "average precision (MAP)"),
    more("ndcg@5", Family::Retrieval, "nDCG at 5"),
    more("ndcg@10", Family::Retrieval, "nDCG at 10"),
    more("right", Family::Answer, "right answers and right refusals"),
    more("f1", Family::Answer, "F1 of words; a refusal is right where nothing answers"),
    more("exact", Family::Answer, "exact match, by the same rule"),
    more("f1_answerable", Family::Answer, "F1 of words, answerable questions"),
    more("contained", Family::Answer, "answers that hold a reference word for word"),
    more("contained_answered", Family::Answer, "the same, of those that are no refusals"),
    more("reference_recall", Family::Answer, "words of the reference in the answer"),
    more("required", Family::Answer, "answers that hold all that is required"),
    more("rouge_l", Family::Answer, "ROUGE-L, answerable questions"),
    more("rating", Family::Answer, "rating by people"),
    more("supported", Family::Grounding, "written sentences that passed the check"),
    less("unsupported", Family::Grounding, "said sentences without support or with a citation that fails"),
    more(
        "grounded",
        Family::Grounding,
        "said sentences that their passages hold, by words, numbers and negations",
    ),
    more("k_precision", Family::Grounding, "words said that the passages hold (K-precision)"),
    more("quote_faithful", Family::Grounding, "quotes that are the cited bytes"),
    more("citation_recall", Family::Grounding, "sentences that their citations together bear out"),
    more("citation_precision", Family::Grounding, "citations that are needed"),
    more("citation_relevance", Family::Grounding, "citations of a document that answers"),
    more("refusal_precision", Family::Refusal, "refusals that were right"),
    more("refusal_recall", Family::Refusal, "unanswerable questions refused"),
    less("false_refusal", Family::Refusal, "answerable questions refused"),
    less("refused", Family::Refusal, "questions refused"),
    less("passages_ms", Family::Time, "milliseconds until the passages"),
    less("first_sentence_ms", Family::Time, "milliseconds until the first sentence"),
    less("total_ms", Family::Time, "milliseconds in all"),
];

/// How many measures every record has.
pub const COUNT: usize = MEASURES.len();

/// The place of a measure in [`MEASURES`].
pub fn place(id: &str) -> Option<usize> {
    MEASURES.iter().position(|measure| measure.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        let names: HashSet<&str> = MEASURES.iter().map(|measure| measure.id).collect();
        assert_eq!(names.len(), COUNT);
        assert_eq!(place("ap").map(|at| MEASURES[at].id), Some("ap"));
        assert_eq!(place("AP"), None);
    }
}
