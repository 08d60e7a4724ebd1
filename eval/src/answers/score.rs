//! What one answer is worth.

use corpus::Outcome;
use serde::Serialize;

use super::{Kind, Row};
use crate::measure::overlap::Likeness;
use crate::measure::quote::resolves;

/// The measures of one answer. Those that do not apply are `None`, never zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Id of the question.
    pub question: String,
    /// Whether the documents answer it.
    pub kind: Kind,
    /// What its interval is drawn by.
    pub cluster: String,
    /// `answered`, `partial`, or why it was refused.
    pub outcome: &'static str,
    /// Whether nothing was said.
    pub refused: bool,
    /// Exact match; a refusal is right where nothing answers.
    pub exact: f64,
    /// F1 of words, by the same rule.
    pub f1: f64,
    /// Share of a reference's words in the answer; of answerable questions.
    pub recall: Option<f64>,
    /// Whether the answer holds a reference word for word; of answerable questions.
    pub contained: Option<f64>,
    /// Share of the written sentences that were said; where any were written.
    pub supported: Option<f64>,
    /// Share of the citations that point to a document which answers; where an answerable question was answered.
    pub citation_precision: Option<f64>,
    /// Sentences said that are unsupported, or cite nothing, or not the bytes that they claim.
    pub ungrounded: usize,
    /// Time of the whole answer, in milliseconds.
    pub total_ms: f64,
}

impl Score {
    /// Of one row.
    pub fn of(row: &Row) -> Self {
        let Row { question, written, record, .. } = row;
        let answer = &record.answer;
        let refused = matches!(answer.outcome, Outcome::Refused(_));
        let said: Vec<&str> = answer.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        let answerable = question.kind == Kind::Answerable;
        let references = if answerable { question.answers.as_slice() } else { &[] };
        let Likeness { exact, f1, recall, contained } = Likeness::best(&said.join(" "), references);
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let citations = || answer.sentences.iter().flat_map(|sentence| &sentence.citations);
        let right = citations().filter(|citation| question.gold.contains(&citation.document.0)).count();
        let grounded = answer
            .sentences
            .iter()
            .filter(|sentence| sentence.verdict.supported && resolves(sentence, answer))
            .count();
        Self {
            question: question.id.clone(),
            kind: question.kind,
            cluster: question.cluster.clone(),
            outcome: outcome(&answer.outcome),
            refused,
            exact,
            f1,
            recall: answerable.then_some(recall),
            contained: answerable.then_some(contained),
            supported: share(grounded, (*written).max(answer.sentences.len())),
            citation_precision: share(right, citations().count()).filter(|_| answerable && !refused),
            ungrounded: answer.sentences.len() - grounded,
            total_ms: answer.timings.total_ms,
        }
    }
}

pub(crate) const fn outcome(outcome: &Outcome) -> &'static str {
    use corpus::Refusal;
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Partial => "partial",
        Outcome::Refused(Refusal::NothingFound) => "nothing found",
        Outcome::Refused(Refusal::TooLittleEvidence) => "too little evidence",
        Outcome::Refused(Refusal::NothingSupported) => "nothing supported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::testing::{question, row};

    #[test]
    fn an_answer_that_quotes_the_right_document_is_worth_most() {
        let score =
            Score::of(&row(question("q", Kind::Answerable, &["36 months"]), &["It lasts 36 months."]));
        assert_eq!((score.outcome, score.refused), ("answered", false));
        assert_eq!((score.contained, score.recall, score.exact), (Some(1.0), Some(1.0), 0.0));
        assert!((score.f1 - 2.0 * 0.5 / 1.5).abs() < 1e-9);
        assert_eq!((score.supported, score.citation_precision, score.ungrounded), (Some(1.0), Some(1.0), 0));
    }

    #[test]
    fn a_refusal_is_right_where_nothing_answers() {
        let refused = |kind| Score::of(&row(question("q", kind, &["36 months"]), &[]));
        assert_eq!((refused(Kind::Answerable).f1, refused(Kind::Answerable).contained), (0.0, Some(0.0)));
        for kind in [Kind::Unanswerable, Kind::Removed] {
            let score = refused(kind);
            assert_eq!((score.f1, score.exact, score.contained), (1.0, 1.0, None));
            assert_eq!((score.supported, score.citation_precision), (None, None));
            let said = Score::of(&row(question("q", kind, &["36 months"]), &["It lasts 36 months."]));
            assert_eq!((said.f1, said.exact), (0.0, 0.0));
        }
    }

    #[test]
    fn what_is_left_out_or_not_as_cited_counts_against_support() {
        let whole = row(question("q", Kind::Answerable, &["36"]), &["It lasts 36 months."]);
        let score = |change: &dyn Fn(&mut Row)| {
            let mut row = whole.clone();
            change(&mut row);
            Score::of(&row)
        };
        assert_eq!(score(&|row| row.written = 4).supported, Some(0.25));
        let broken: [&dyn Fn(&mut Row); 6] = [
            &|row| row.record.answer.sentences[0].text.push('x'),
            &|row| row.record.answer.sentences[0].citations.clear(),
            &|row| row.record.answer.sentences[0].citations[0].number = 9,
            &|row| row.record.answer.sentences[0].citations[0].number = 0,
            &|row| row.record.answer.sentences[0].citations[0].span.end = 10_000,
            &|row| row.record.answer.sentences[0].verdict.supported = false,
        ];
        for change in broken {
            let score = score(change);
            assert_eq!((score.ungrounded, score.supported), (1, Some(0.0)));
        }
        let other = score(&|row| row.question.gold = vec!["d2".into()]);
        assert_eq!(other.citation_precision, Some(0.0));
    }
}
