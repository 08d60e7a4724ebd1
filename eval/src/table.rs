//! What many records are worth: each measure's mean with its interval, and over how many it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::measure::calibration::{Bin, bins};
use crate::measure::risk::{self, Point};
use crate::measure::{COUNT, Family, MEASURES};
use crate::robustness::{Form, split};
use crate::score::Score;
use crate::statistics::{Clusters, Estimate, Predicted, interval, means, predict};
use crate::whole::{WHOLE, Whole, judged};

/// Seed of the intervals.
pub(crate) const SEED: u64 = 20_261_127;

/// Totals of records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// How many records there are.
    pub records: usize,
    /// How many clusters they are in.
    pub clusters: usize,
    /// How answers ended.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// A row for each measure, and after them those of all answers together.
    pub rows: Vec<Row>,
    /// What people would say of all answers, where they rated some and the rest can be predicted from K-precision. It holds
    /// where those that were rated had been drawn at random, which those that users rate by themselves are not.
    pub rating: Option<Predicted>,
    /// The same by kind of question: name and value.
    pub slices: Vec<Slice>,
    /// How answers to questions in other forms differ; these are in no other part of the table.
    pub forms: Vec<Form>,
    /// How often answers are wrong, if only the surest are given.
    pub risk: Vec<Point>,
    /// Whether confidences are what they say.
    pub calibration: Vec<Bin>,
}

/// A measure over many records.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// Whether more is better.
    pub more_is_better: bool,
    /// What it looks at.
    pub family: Family,
    /// The value; `None` where it applies to no record.
    pub estimate: Option<Estimate>,
    /// To how many records it does not apply.
    pub not_applicable: usize,
}

/// Records of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice {
    /// What the kinds are by.
    pub name: String,
    /// The kind.
    pub value: String,
    /// How many records there are.
    pub records: usize,
    /// By measure; those that apply.
    pub estimates: BTreeMap<&'static str, Estimate>,
}

/// Most kinds of one name that are told apart; names with more are ids rather than kinds.
const MOST_KINDS: usize = 40;

/// Points of the curve of risks.
const POINTS: usize = 240;

impl Table {
    /// Of scores.
    pub fn of(scores: &[Score]) -> Self {
        let (originals, forms) = split(scores);
        let scores = originals.as_slice();
        let clusters = clusters(scores);
        let estimates = estimates(scores, &clusters);
        let mut rows: Vec<Row> = (MEASURES.iter().zip(estimates))
            .map(|(measure, estimate)| Row {
                id: measure.id,
                title: measure.title,
                more_is_better: measure.more_is_better,
                family: measure.family,
                estimate,
                not_applicable: scores.len() - estimate.map_or(0, |estimate| estimate.count),
            })
            .collect();
        rows.extend(of_all(scores, &clusters));
        let mut pairs: Vec<(f64, bool)> = scores.iter().filter_map(judged).collect();
        risk::sort(&mut pairs);
        let mut outcomes = BTreeMap::new();
        for score in scores {
            *outcomes.entry(score.outcome).or_default() += 1;
        }
        Self {
            records: scores.len(),
            clusters: clusters.count(),
            outcomes,
            rows,
            rating: rating(scores),
            slices: slices(scores),
            forms,
            risk: risk::curve(&pairs, POINTS),
            calibration: bins(&pairs),
        }
    }

    /// The row of a measure.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// What intervals of `scores` are drawn by.
pub(crate) fn clusters(scores: &[Score]) -> Clusters {
    Clusters::named(scores.iter().map(|score| score.cluster.as_str()))
}

/// The mean of each measure, where it applies.
fn estimates(scores: &[Score], clusters: &Clusters) -> Vec<Option<Estimate>> {
    let column = |measure: usize| scores.iter().map(|score| score.values.0[measure]).collect();
    let columns: Vec<Vec<Option<f64>>> = (0..COUNT).map(column).collect();
    let estimates = means(&columns, clusters, SEED).into_iter().zip(&columns).zip(MEASURES);
    estimates
        .map(|((estimate, column), measure)| match measure.family {
            Family::Time => estimate,
            _ => estimate.map(|estimate| estimate.of_share(clusters.holding(column))),
        })
        .collect()
}

/// Values of all answers together.
fn of_all(scores: &[Score], clusters: &Clusters) -> Vec<Row> {
    let scores: Vec<&Score> = scores.iter().collect();
    let row = |whole: &Whole| {
        let sample = whole.sample(&scores);
        let count = sample.count(0..scores.len());
        let estimate = interval(clusters, SEED, |weights| sample.value(weights));
        Row {
            id: whole.id,
            title: whole.title,
            more_is_better: false,
            family: whole.family,
            estimate: estimate.map(|estimate| Estimate { count, ..estimate }),
            not_applicable: scores.len() - count,
        }
    };
    WHOLE.iter().map(row).collect()
}

fn rating(scores: &[Score]) -> Option<Predicted> {
    // A refusal says nothing that passages could hold.
    let said: Vec<(&Score, f64)> =
        scores.iter().filter_map(|score| Some((score, score.values.get("k_precision")?))).collect();
    let clusters = Clusters::named(said.iter().map(|(score, _)| score.cluster.as_str()));
    let judged: Vec<Option<f64>> = said.iter().map(|(score, _)| score.values.get("rating")).collect();
    let measured: Vec<f64> = said.iter().map(|(_, measured)| *measured).collect();
    predict(&judged, &measured, &clusters)
}

fn slices(scores: &[Score]) -> Vec<Slice> {
    let mut kinds = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (name, value) in scores.iter().flat_map(|score| &score.slices) {
        kinds.entry(name).or_default().insert(value);
    }
    let sets: BTreeSet<&str> = scores.iter().map(|score| score.set.as_str()).collect();
    if sets.len() > 1 {
        kinds.insert("set", sets);
    }
    let mut slices = Vec::new();
    for (name, values) in kinds.into_iter().filter(|(_, values)| (2..=MOST_KINDS).contains(&values.len())) {
        for value in values {
            let of = |score: &&Score| {
                let own = score.slices.get(name).map(String::as_str);
                own.or((name == "set").then_some(score.set.as_str())) == Some(value)
            };
            let part: Vec<Score> = scores.iter().filter(of).cloned().collect();
            let estimates = estimates(&part, &clusters(&part));
            let known = MEASURES.iter().zip(estimates);
            slices.push(Slice {
                name: name.to_owned(),
                value: value.to_owned(),
                records: part.len(),
                estimates: known.filter_map(|(measure, estimate)| Some((measure.id, estimate?))).collect(),
            });
        }
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn scores() -> Vec<Score> {
        let mut all = Vec::new();
        for n in 0..20 {
            let said: &[&str] = match n % 4 {
                0 | 1 => &["It lasts 36 months."],
                2 => &["It is white."],
                _ => &[],
            };
            let mut record = record(&format!("q{n}"), said);
            record.cluster = format!("c{}", n / 2);
            record.slices.insert("kind".into(), if n < 10 { "direct" } else { "paraphrase" }.into());
            record.record.answer.confidence = if n % 4 == 2 { 0.4 } else { 0.9 };
            record.record.answer.timings.total_ms = f64::from(n + 1);
            all.push(Score::of(&record));
        }
        all
    }

    #[test]
    fn totals_are_those_counted_by_hand() {
        let table = Table::of(&scores());
        assert_eq!((table.records, table.clusters), (20, 10));
        let of = |id: &str| table.row(id).and_then(|row| Some((row.estimate?.mean, row.not_applicable)));
        assert_eq!(of("right"), Some((0.5, 0)));
        assert_eq!(of("grounded"), Some((1.0, 5)));
        assert_eq!(of("refusal_recall"), None);
        assert_eq!(table.row("refusal_recall").map(|row| row.not_applicable), Some(20));
        assert_eq!((of("p50_ms"), of("p95_ms")), (Some((10.0, 0)), Some((19.0, 0))));
        assert_eq!(table.outcomes, BTreeMap::from([("answered", 15), ("nothing supported", 5)]));
        // Ten sure and right ones, then five wrong ones.
        let area: f64 = (11..=15).map(|k| f64::from(k - 10) / f64::from(k)).sum::<f64>() / 15.0;
        assert!((of("aurc").unwrap().0 - area).abs() < 1e-9 && of("aurc").unwrap().1 == 5);
        assert!((of("ece").unwrap().0 - (10.0 * 0.1 + 5.0 * 0.4) / 15.0).abs() < 1e-6);
        assert_eq!(table.risk.len(), 2);
        let right = table.row("right").unwrap().estimate.unwrap();
        assert!(right.low < 0.5 && right.high > 0.5);
    }

    #[test]
    fn kinds_are_told_apart() {
        let table = Table::of(&scores());
        assert_eq!(table.slices.len(), 2);
        assert_eq!((table.slices[0].value.as_str(), table.slices[0].records), ("direct", 10));
        assert!(table.slices[1].estimates.contains_key("right"));
        assert!(!table.slices[1].estimates.contains_key("refusal_recall"));
    }

    #[test]
    fn ratings_of_some_speak_for_all() {
        let mut rated = scores();
        let place = crate::measure::place("rating").unwrap();
        for (n, score) in rated.iter_mut().enumerate().filter(|(n, _)| n % 4 != 3 && *n < 12) {
            score.values.0[place] = Some(if n % 2 == 0 { 1.0 } else { 0.5 });
        }
        let found = Table::of(&rated).rating.expect("ratings of some");
        assert!((found.judged.mean - 5.0 / 6.0).abs() < 0.01 && found.judged.count == 9, "{found:?}");
        assert_eq!(Table::of(&scores()).rating, None);
    }

    #[test]
    fn nothing_has_no_values() {
        let table = Table::of(&[]);
        assert!(table.rows.iter().all(|row| row.estimate.is_none() && row.not_applicable == 0));
    }
}
