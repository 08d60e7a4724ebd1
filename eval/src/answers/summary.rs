//! What many answers are worth, with intervals.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{Kind, Score};
use crate::measure::percentile::percentile;
use crate::retrieval::{Difference, bootstrap};
pub use crate::statistics::Estimate;

/// Seed of the intervals.
const SEED: u64 = 20_261_126;

/// Totals over the answers to one set. What applies to no answer is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Number of questions.
    pub questions: usize,
    /// How answers ended.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// F1 over all questions, a refusal being right where nothing answers, as in `SQuAD` 2.0.
    pub f1: Option<Estimate>,
    /// Exact match, by the same rule.
    pub exact: Option<Estimate>,
    /// F1 over answerable questions; a refusal is worth 0.
    pub f1_answerable: Option<Estimate>,
    /// Share of the reference's words, over answerable questions.
    pub recall: Option<Estimate>,
    /// Share of answerable questions whose answer holds a reference word for word.
    pub contained: Option<Estimate>,
    /// The same over those that were answered.
    pub contained_answered: Option<Estimate>,
    /// Share of refusals of answerable questions.
    pub refused_answerable: Option<Estimate>,
    /// Share of refusals of questions that nothing ever answered.
    pub refused_unanswerable: Option<Estimate>,
    /// Share of refusals of questions whose documents were removed.
    pub refused_removed: Option<Estimate>,
    /// Share of the written sentences that were said, the others being unsupported.
    pub supported: Option<Estimate>,
    /// Share of the citations that point to a document which answers.
    pub citation_precision: Option<Estimate>,
    /// Sentences said without support or with a citation that does not hold.
    pub ungrounded: usize,
    /// Median time of an answer, in milliseconds.
    pub p50_ms: f64,
    /// Time within which 95 of 100 answers came, in milliseconds.
    pub p95_ms: f64,
}

impl Summary {
    /// Totals of `scores`.
    pub fn of(scores: &[Score]) -> Self {
        let mut clusters = HashMap::new();
        let groups: Vec<usize> = scores
            .iter()
            .map(|score| {
                let next = clusters.len();
                *clusters.entry(score.cluster.as_str()).or_insert(next)
            })
            .collect();
        let estimate = |value: &dyn Fn(&Score) -> Option<f64>| {
            let (values, groups): (Vec<f64>, Vec<usize>) =
                scores.iter().zip(&groups).filter_map(|(score, group)| Some((value(score)?, *group))).unzip();
            let Difference { mean, low, high } = bootstrap(&values, &groups, SEED)?;
            Some(Estimate { mean, low, high, count: values.len() })
        };
        let refused = |kind: Kind| {
            estimate(&|score| (score.kind == kind).then_some(f64::from(u8::from(score.refused))))
        };
        let mut outcomes = BTreeMap::new();
        for score in scores {
            *outcomes.entry(score.outcome).or_default() += 1;
        }
        let mut times: Vec<f64> = scores.iter().map(|score| score.total_ms).collect();
        times.sort_by(f64::total_cmp);
        Self {
            questions: scores.len(),
            outcomes,
            f1: estimate(&|score| Some(score.f1)),
            exact: estimate(&|score| Some(score.exact)),
            f1_answerable: estimate(&|score| (score.kind == Kind::Answerable).then_some(score.f1)),
            recall: estimate(&|score| score.recall),
            contained: estimate(&|score| score.contained),
            contained_answered: estimate(&|score| score.contained.filter(|_| !score.refused)),
            refused_answerable: refused(Kind::Answerable),
            refused_unanswerable: refused(Kind::Unanswerable),
            refused_removed: refused(Kind::Removed),
            supported: estimate(&|score| score.supported),
            citation_precision: estimate(&|score| score.citation_precision),
            ungrounded: scores.iter().map(|score| score.ungrounded).sum(),
            p50_ms: percentile(&times, None, 0.5).unwrap_or_default(),
            p95_ms: percentile(&times, None, 0.95).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::testing::{question, row};

    #[test]
    fn totals_are_those_counted_by_hand() {
        let of = |id: &str, kind, said: &[&str], ms: f64| {
            let mut row = row(question(id, kind, &["36 months"]), said);
            row.record.answer.timings.total_ms = ms;
            Score::of(&row)
        };
        let said: &[&str] = &["It lasts 36 months."];
        let summary = Summary::of(&[
            of("a", Kind::Answerable, said, 10.0),
            of("b", Kind::Answerable, &["It lasts long."], 20.0),
            of("c", Kind::Answerable, &[], 30.0),
            of("d", Kind::Unanswerable, &[], 40.0),
            of("e", Kind::Removed, said, 50.0),
        ]);
        let mean = |estimate: Option<Estimate>| estimate.map(|e| ((e.mean * 1e4).round() / 1e4, e.count));
        assert_eq!(
            mean(summary.f1),
            Some(((2.0 / 3.0 + 1.0) / 5.0, 5)).map(|(m, n)| ((m * 1e4f64).round() / 1e4, n))
        );
        assert_eq!(mean(summary.exact), Some((0.2, 5)));
        assert_eq!(mean(summary.f1_answerable), Some((0.2222, 3)));
        assert_eq!(mean(summary.contained), Some((0.3333, 3)));
        assert_eq!(mean(summary.contained_answered), Some((0.5, 2)));
        assert_eq!(mean(summary.refused_answerable), Some((0.3333, 3)));
        assert_eq!(mean(summary.refused_unanswerable), Some((1.0, 1)));
        assert_eq!(mean(summary.refused_removed), Some((0.0, 1)));
        assert_eq!(mean(summary.supported), Some((1.0, 3)));
        assert_eq!(mean(summary.citation_precision), Some((1.0, 2)));
        assert_eq!((summary.p50_ms, summary.p95_ms, summary.ungrounded), (30.0, 50.0, 0));
        assert_eq!(summary.outcomes, BTreeMap::from([("answered", 3), ("nothing supported", 2)]));
        let none = Summary::of(&[]);
        assert_eq!((none.f1, none.p95_ms), (None, 0.0));
    }

    #[test]
    fn intervals_are_drawn_by_document() {
        let scores = |cluster: fn(usize) -> String| -> Vec<Score> {
            let score = |n: usize| {
                let said: &[&str] = if n % 40 < 20 { &["36 months"] } else { &["none"] };
                let mut question = question(&n.to_string(), Kind::Answerable, &["36 months"]);
                question.cluster = cluster(n);
                Score::of(&row(question, said))
            };
            (0..200).map(score).collect()
        };
        let width = |scores: &[Score]| Summary::of(scores).contained.map_or(0.0, |e| e.high - e.low);
        let (alone, together) = (scores(|n| n.to_string()), scores(|n| (n / 20).to_string()));
        assert!(width(&together) > 1.5 * width(&alone));
        assert_eq!(Summary::of(&together), Summary::of(&together));
    }
}
