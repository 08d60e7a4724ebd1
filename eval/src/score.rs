//! What one record is worth: a value for each measure, or none where it does not apply.

use std::collections::BTreeMap;

use corpus::{AnswerSentence, Outcome, Refusal};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::judgement::Judgement;
use crate::measure::average_precision::average_precision;
use crate::measure::citation::{Citations, Sources, texts};
use crate::measure::k_precision::k_precision;
use crate::measure::overlap::Likeness;
use crate::measure::precision::precision;
use crate::measure::quote::{faithfulness, resolves};
use crate::measure::ranking::Ranking;
use crate::measure::recall::recall;
use crate::measure::reciprocal_rank::reciprocal_rank;
use crate::measure::refusal::Refusals;
use crate::measure::rouge::rouge_l;
use crate::measure::{COUNT, MEASURES, ndcg, place};
use crate::record::Record;

/// The values of one record.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Score {
    /// Name of the question.
    pub id: String,
    /// The set that it is from.
    pub set: String,
    /// What its interval is drawn by.
    pub cluster: String,
    /// What kind of question it is.
    pub slices: BTreeMap<String, String>,
    /// `answered`, `partial`, or why it was refused.
    pub outcome: &'static str,
    /// How sure the answer is that the documents answer the question, from 0 to 1.
    pub confidence: f64,
    /// By measure.
    pub values: Values,
}

/// A value for each of [`MEASURES`]; `None` where it does not apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values(pub [Option<f64>; COUNT]);

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COUNT))?;
        for (measure, value) in MEASURES.iter().zip(&self.0) {
            map.serialize_entry(measure.id, value)?;
        }
        map.end()
    }
}

impl Values {
    /// Of the measure with this name.
    pub fn get(&self, id: &str) -> Option<f64> {
        self.0.get(place(id)?).copied().flatten()
    }

    fn set(&mut self, id: &str, value: Option<f64>) {
        if let Some(at) = place(id) {
            self.0[at] = value;
        }
    }
}

impl Score {
    /// Of one record.
    pub fn of(record: &Record) -> Self {
        let mut values = Values([None; COUNT]);
        let judgement = record.judgement.as_ref();
        if let Some(judgement) = judgement {
            retrieval(record, judgement, &mut values);
            answer(record, judgement, &mut values);
        }
        grounding(record, &mut values);
        refusal(record, judgement, &mut values);
        let timings = record.answer().timings;
        values.set("passages_ms", Some(timings.passages_ms));
        values.set("first_sentence_ms", timings.first_sentence_ms);
        values.set("total_ms", Some(timings.total_ms));
        Self {
            id: record.id.clone(),
            set: record.set.clone(),
            cluster: record.cluster.clone(),
            slices: record.slices.clone(),
            outcome: outcome(&record.answer().outcome),
            confidence: f64::from(record.answer().confidence),
            values,
        }
    }

    /// Whether nothing was said.
    pub fn refused(&self) -> bool {
        self.values.get("refused") == Some(1.0)
    }
}

const fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Partial => "partial",
        Outcome::Refused(Refusal::NothingFound) => "nothing found",
        Outcome::Refused(Refusal::TooLittleEvidence) => "too little evidence",
        Outcome::Refused(Refusal::NothingSupported) => "nothing supported",
    }
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn retrieval(record: &Record, judgement: &Judgement, values: &mut Values) {
    let found: Vec<(&str, f32)> =
        record.ranking.iter().map(|one| (one.document.as_str(), one.score)).collect();
    let Ranking { gains, ranks, ideal } = Ranking::of(&found, &judgement.relevant);
    values.set("recall@1", recall(&ranks, 1));
    values.set("recall@5", recall(&ranks, 5));
    values.set("recall@10", recall(&ranks, 10));
    values.set("precision@1", precision(&ranks, 1));
    values.set("precision@5", precision(&ranks, 5));
    values.set("rr", reciprocal_rank(&ranks, usize::MAX));
    values.set("ap", average_precision(&ranks));
    values.set("ndcg@5", ndcg::graded(&gains, &ideal, 5));
    values.set("ndcg@10", ndcg::graded(&gains, &ideal, 10));
}

fn answer(record: &Record, judgement: &Judgement, values: &mut Values) {
    let (said, refused) = (record.said(), record.refused());
    values.set("rating", judgement.rating);
    let Some(answerable) = judgement.answerable else { return };
    let references = if answerable { judgement.answers.as_slice() } else { &[] };
    let likeness = Likeness::best(&said, references);
    if !answerable || !references.is_empty() {
        values.set("f1", Some(likeness.f1));
        values.set("exact", Some(likeness.exact));
    }
    if !references.is_empty() {
        values.set("f1_answerable", Some(likeness.f1));
        values.set("contained", Some(likeness.contained));
        values.set("contained_answered", Some(likeness.contained).filter(|_| !refused));
        values.set("reference_recall", Some(likeness.recall));
        values.set("rouge_l", rouge_l(&said, references));
    }
    let required = required(&said, &judgement.must_contain);
    values.set("required", required.map(flag).filter(|_| answerable));
    let right = if !answerable {
        Some(refused)
    } else if refused {
        Some(false)
    } else {
        required.or((!references.is_empty()).then_some(likeness.contained > 0.0))
    };
    // An answer with a citation that does not hold is never right.
    let holds = record.answer().sentences.iter().all(|sentence| resolves(sentence, record.answer()));
    values.set("right", right.map(|right| flag(right && holds)));
}

/// Whether an answer holds all that is required; `None` where nothing is.
fn required(said: &str, needed: &[String]) -> Option<bool> {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let said = fold(said);
    let holds = |needed: &String| needed.split('|').any(|part| said.contains(&fold(part)));
    (!needed.is_empty()).then(|| needed.iter().all(holds))
}

fn grounding(record: &Record, values: &mut Values) {
    let answer = record.answer();
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    let passed = answer.sentences.iter().filter(|sentence| sentence.verdict.supported).count();
    values.set("supported", share(passed, record.written.max(answer.sentences.len())));
    let fails = |sentence: &&AnswerSentence| !sentence.verdict.supported || !resolves(sentence, answer);
    let failing = answer.sentences.iter().filter(fails).count();
    values.set("unsupported", share(failing, answer.sentences.len()));
    let sources = Sources::of(answer);
    // Whatever the check said of them.
    let grounded =
        answer.sentences.iter().filter(|one| resolves(one, answer) && sources.bear_out(one)).count();
    values.set("grounded", share(grounded, answer.sentences.len()));
    values.set("quote_faithful", faithfulness(answer));
    let Citations { recall, precision } = Citations::of(&sources);
    values.set("citation_recall", recall);
    values.set("citation_precision", precision);
    if !answer.sentences.is_empty() {
        let shown: Vec<&str> = answer.passages.iter().flat_map(texts).collect();
        values.set("k_precision", k_precision(&record.said(), &shown.join(" ")));
    }
    if let Some(judgement) = record.judgement.as_ref().filter(|judgement| !judgement.relevant.is_empty()) {
        let relevant = |document: &str| judgement.relevant.get(document).is_some_and(|grade| *grade > 0);
        let citations = || answer.sentences.iter().flat_map(|sentence| &sentence.citations);
        let right = citations().filter(|citation| relevant(&citation.document.0)).count();
        values.set("citation_relevance", share(right, citations().count()));
    }
}

fn refusal(record: &Record, judgement: Option<&Judgement>, values: &mut Values) {
    let refused = record.refused();
    values.set("refused", Some(flag(refused)));
    let Some(answerable) = judgement.and_then(|judgement| judgement.answerable) else { return };
    let Refusals { precision, recall, falsely } = Refusals::of(answerable, refused);
    values.set("refusal_precision", precision.map(flag));
    values.set("refusal_recall", recall.map(flag));
    values.set("false_refusal", falsely.map(flag));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn value(record: &Record, id: &str) -> Option<f64> {
        Score::of(record).values.get(id)
    }

    #[test]
    fn an_answer_that_quotes_the_right_document_is_worth_most() {
        let one = record("q", &["It lasts 36 months."]);
        for id in
            ["recall@1", "rr", "ap", "ndcg@10", "right", "contained", "supported", "grounded", "k_precision"]
        {
            assert_eq!(value(&one, id), Some(1.0), "{id}");
        }
        for id in ["quote_faithful", "citation_recall", "citation_precision", "citation_relevance"] {
            assert_eq!(value(&one, id), Some(1.0), "{id}");
        }
        assert_eq!((value(&one, "f1"), value(&one, "exact")), (Some(2.0 * 0.5 / 1.5), Some(0.0)));
        assert_eq!((value(&one, "precision@5"), value(&one, "false_refusal")), (Some(0.2), Some(0.0)));
        assert_eq!((value(&one, "refusal_recall"), value(&one, "refusal_precision")), (None, None));
    }

    #[test]
    fn what_does_not_apply_is_none() {
        let mut one = record("q", &[]);
        assert_eq!(
            (value(&one, "right"), value(&one, "f1"), value(&one, "refused")),
            (Some(0.0), Some(0.0), Some(1.0))
        );
        for id in ["supported", "grounded", "quote_faithful", "citation_recall", "k_precision", "required"] {
            assert_eq!(value(&one, id), None, "{id}");
        }
        one.judgement = None;
        for id in ["right", "f1", "recall@5", "refusal_precision", "rating"] {
            assert_eq!(value(&one, id), None, "{id}");
        }
        one.judgement = Some(Judgement { answerable: Some(false), ..Judgement::default() });
        assert_eq!((value(&one, "right"), value(&one, "refusal_precision")), (Some(1.0), Some(1.0)));
        assert_eq!(
            (value(&one, "f1"), value(&one, "recall@5"), value(&one, "rouge_l")),
            (Some(1.0), None, None)
        );
    }

    #[test]
    fn verdicts_are_not_believed() {
        let mut one = record("q", &["It lasts 36 months."]);
        let sentence = &mut one.record.answer.sentences[0];
        sentence.text = "It lasts 99 months.".to_owned();
        sentence.verdict.quoted = false;
        assert_eq!((value(&one, "supported"), value(&one, "grounded")), (Some(1.0), Some(0.0)));
        one.record.answer.sentences[0].verdict.quoted = true;
        assert_eq!((value(&one, "quote_faithful"), value(&one, "right")), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn what_is_left_out_or_not_as_cited_counts_against_support() {
        let mut whole = record("q", &["It lasts 36 months."]);
        assert_eq!((value(&whole, "supported"), value(&whole, "unsupported")), (Some(1.0), Some(0.0)));
        whole.written = 4;
        assert_eq!((value(&whole, "supported"), value(&whole, "unsupported")), (Some(0.25), Some(0.0)));
        let broken: [fn(&mut AnswerSentence); 6] = [
            |sentence| sentence.text.push('x'),
            |sentence| sentence.citations.clear(),
            |sentence| sentence.citations[0].number = 9,
            |sentence| sentence.citations[0].number = 0,
            |sentence| sentence.citations[0].span.end = 10_000,
            |sentence| sentence.verdict.supported = false,
        ];
        for change in broken {
            let mut one = whole.clone();
            change(&mut one.record.answer.sentences[0]);
            assert_eq!(value(&one, "unsupported"), Some(1.0));
        }
        assert_eq!(value(&record("q", &[]), "unsupported"), None);
    }

    #[test]
    fn what_was_refused_holds_no_reference() {
        let said = record("q", &["It lasts 36 days."]);
        assert_eq!((value(&said, "contained"), value(&said, "contained_answered")), (Some(0.0), Some(0.0)));
        assert_eq!(value(&said, "reference_recall"), Some(0.5));
        let refused = record("q", &[]);
        assert_eq!((value(&refused, "contained"), value(&refused, "contained_answered")), (Some(0.0), None));
        assert_eq!(value(&refused, "reference_recall"), Some(0.0));
    }

    #[test]
    fn what_is_required_goes_before_references() {
        let mut one = record("q", &["It lasts 36  Months."]);
        let judgement = one.judgement.as_mut().unwrap();
        judgement.must_contain = vec!["3 years|36 months".to_owned(), "LASTS".to_owned()];
        assert_eq!((value(&one, "required"), value(&one, "right")), (Some(1.0), Some(1.0)));
        one.judgement.as_mut().unwrap().must_contain.push("battery".to_owned());
        assert_eq!((value(&one, "required"), value(&one, "right")), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn grades_and_order_decide_on_the_ranking() {
        let mut one = record("q", &["It lasts."]);
        one.judgement.as_mut().unwrap().relevant = BTreeMap::from([("d1".into(), 1), ("d2".into(), 2)]);
        let expected = (1.0 + 2.0 / 3.0f64.log2()) / (2.0 + 1.0 / 3.0f64.log2());
        assert!((value(&one, "ndcg@10").unwrap() - expected).abs() < 1e-12);
        one.ranking.clear();
        assert_eq!((value(&one, "ndcg@10"), value(&one, "rr")), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn values_are_written_by_name_and_none_as_null() {
        let json = serde_json::to_value(Score::of(&record("q", &[]))).unwrap();
        assert_eq!(json["values"]["refused"], 1.0);
        assert!(json["values"]["grounded"].is_null() && json["values"].as_object().unwrap().len() == COUNT);
    }
}
