//! What many records are worth: each measure's mean with its interval, and over how many it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::measure::calibration::{Bin, bins, expected_error};
use crate::measure::percentile::percentile;
use crate::measure::risk::{self, Point};
use crate::measure::{COUNT, Family, MEASURES};
use crate::robustness::{Form, split};
use crate::score::Score;
use crate::statistics::{Clusters, Estimate, Predicted, interval, means, predict};

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

/// Percentiles that are told: name, title, of which measure, share.
const PERCENTILES: [(&str, &str, &str, f64); 7] = [
    ("p50_ms", "median time of an answer, ms", "total_ms", 0.5),
    ("p95_ms", "time within which 95 of 100 answers came, ms", "total_ms", 0.95),
    ("p99_ms", "time within which 99 of 100 answers came, ms", "total_ms", 0.99),
    ("p50_first_ms", "median time of the first sentence, ms", "first_sentence_ms", 0.5),
    ("p95_first_ms", "time within which 95 of 100 first sentences came, ms", "first_sentence_ms", 0.95),
    ("p50_passages_ms", "median time of the passages, ms", "passages_ms", 0.5),
    ("p95_passages_ms", "time within which 95 of 100 passages came, ms", "passages_ms", 0.95),
];

/// Names of the values of all answers together.
pub(crate) fn of_all_names() -> impl Iterator<Item = &'static str> {
    ["aurc", "ece"].into_iter().chain(PERCENTILES.into_iter().map(|(id, ..)| id))
}

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
        let judged = judged(scores);
        rows.extend(of_all(scores, &judged));
        let pairs: Vec<(f64, bool)> =
            judged.iter().map(|(confidence, right, _)| (*confidence, *right)).collect();
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

/// Confidence, whether it is right, and its cluster, of every answer of which that is known, the surest first.
fn judged(scores: &[Score]) -> Vec<(f64, bool, &str)> {
    let said = scores.iter().filter(|score| !score.refused());
    let mut judged: Vec<(f64, bool, &str)> = said
        .filter_map(|score| {
            let right = score.values.get("right")? > 0.5;
            Some((score.confidence, right, score.cluster.as_str()))
        })
        .collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    judged
}

/// Measures of all answers together.
fn of_all(scores: &[Score], judged: &[(f64, bool, &str)]) -> Vec<Row> {
    let row = |id, title, family, estimate: Option<Estimate>| Row {
        id,
        title,
        more_is_better: false,
        family,
        estimate,
        not_applicable: scores.len() - estimate.map_or(0, |estimate| estimate.count),
    };
    let pairs: Vec<(f64, bool)> = judged.iter().map(|(confidence, right, _)| (*confidence, *right)).collect();
    let clusters = Clusters::named(judged.iter().map(|(.., cluster)| *cluster));
    let area = interval(&clusters, SEED, |weights| risk::area(&pairs, weights));
    let error = interval(&clusters, SEED, |weights| match weights {
        None => expected_error(&bins(&pairs)),
        Some(weights) => {
            let drawn = pairs
                .iter()
                .zip(weights)
                .flat_map(|(pair, times)| std::iter::repeat_n(*pair, *times as usize));
            expected_error(&bins(&drawn.collect::<Vec<_>>()))
        }
    });
    let mut rows = vec![
        row("aurc", "risk over all coverages (AURC)", Family::Refusal, area),
        row("ece", "distance of confidences from what is right (ECE)", Family::Refusal, error),
    ];
    for (id, title, measure, share) in PERCENTILES {
        let mut times: Vec<(f64, &str)> = (scores.iter())
            .filter_map(|score| Some((score.values.get(measure)?, score.cluster.as_str())))
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let clusters = Clusters::named(times.iter().map(|(_, cluster)| *cluster));
        let times: Vec<f64> = times.into_iter().map(|(time, _)| time).collect();
        let estimate = interval(&clusters, SEED, |weights| percentile(&times, weights, share));
        rows.push(row(id, title, Family::Time, estimate));
    }
    rows
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
