//! Scores of rankings of documents, and whether one way to rank is better than another.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::measure::ndcg::ndcg;
use crate::measure::recall::recall;
use crate::measure::reciprocal_rank::reciprocal_rank;
use crate::random::next;

/// Depth of the ranking that is judged.
pub const DEPTH: usize = 10;

/// The measures of one ranking, or their means over several. Relevance is taken as yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Recall at 1.
    pub recall_at_1: f64,
    /// Recall at 5.
    pub recall_at_5: f64,
    /// Recall at 10.
    pub recall_at_10: f64,
    /// Reciprocal rank at 10.
    pub mrr_at_10: f64,
    /// nDCG at 10.
    pub ndcg_at_10: f64,
}

impl Scores {
    /// Of a ranking of documents by id, best first. `None` where nothing is relevant.
    pub fn of(ranked: &[String], relevant: &BTreeMap<String, u32>) -> Option<Self> {
        let rank = |id: &String| ranked.iter().position(|other| other == id).map(|place| place + 1);
        let ranks: Vec<Option<usize>> = relevant.keys().map(rank).collect();
        Some(Self {
            recall_at_1: recall(&ranks, 1)?,
            recall_at_5: recall(&ranks, 5)?,
            recall_at_10: recall(&ranks, DEPTH)?,
            mrr_at_10: reciprocal_rank(&ranks, DEPTH)?,
            ndcg_at_10: ndcg(&ranks, DEPTH)?,
        })
    }

    /// The means; zeros for none.
    pub fn mean(scores: &[Self]) -> Self {
        let mean =
            |value: fn(&Self) -> f64| scores.iter().map(value).sum::<f64>() / scores.len().max(1) as f64;
        Self {
            recall_at_1: mean(|scores| scores.recall_at_1),
            recall_at_5: mean(|scores| scores.recall_at_5),
            recall_at_10: mean(|scores| scores.recall_at_10),
            mrr_at_10: mean(|scores| scores.mrr_at_10),
            ndcg_at_10: mean(|scores| scores.ndcg_at_10),
        }
    }
}

/// A mean difference with the interval that holds it in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Samples that are drawn.
const SAMPLES: usize = 2_000;

/// The mean of paired `differences` with its percentile bootstrap interval (Efron, 1979; paired as by Sakai, SIGIR
/// 2006). `groups` says which belong together, such as rephrasings of one question: whole groups are drawn, so that many
/// alike do not count as many. The same `seed` gives the same interval. `None` for none.
pub fn bootstrap(differences: &[f64], groups: &[usize], seed: u64) -> Option<Difference> {
    let mut clusters = BTreeMap::<usize, (f64, usize)>::new();
    for (value, group) in differences.iter().zip(groups) {
        let cluster = clusters.entry(*group).or_default();
        cluster.0 += value;
        cluster.1 += 1;
    }
    let clusters: Vec<(f64, usize)> = clusters.into_values().collect();
    if clusters.is_empty() {
        return None;
    }
    let mean = |sum: f64, count: usize| sum / count.max(1) as f64;
    let mut random = seed;
    let mut means: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let (mut sum, mut count) = (0.0, 0);
            for _ in 0..clusters.len() {
                let (value, size) = clusters[(next(&mut random) % clusters.len() as u64) as usize];
                sum += value;
                count += size;
            }
            mean(sum, count)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((SAMPLES - 1) as f64 * share).round() as usize];
    let all = mean(clusters.iter().map(|(sum, _)| sum).sum(), clusters.iter().map(|(_, count)| count).sum());
    Some(Difference { mean: all, low: at(0.025), high: at(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_follow_the_ranking() {
        let ranked = ["a", "b", "c"].map(str::to_owned);
        let relevant = BTreeMap::from([("b".to_owned(), 1), ("z".to_owned(), 1)]);
        let scores = Scores::of(&ranked, &relevant).expect("something is relevant");
        assert_eq!((scores.recall_at_1, scores.recall_at_5, scores.mrr_at_10), (0.0, 0.5, 0.5));
        assert!((scores.ndcg_at_10 - 0.387).abs() < 1e-3, "{scores:?}");
        assert_eq!(Scores::of(&ranked, &BTreeMap::new()), None);
        let mean = Scores::mean(&[scores, Scores::default()]);
        assert_eq!(mean.mrr_at_10, 0.25);
    }

    #[test]
    fn an_interval_holds_the_mean_and_widens_with_groups() {
        let differences: Vec<f64> = (0..200).map(|n| f64::from(n % 2)).collect();
        let single: Vec<usize> = (0..200).collect();
        let grouped: Vec<usize> = (0..200).map(|n| n % 2 + 2 * (n / 40)).collect();
        let of = |groups: &[usize]| bootstrap(&differences, groups, 7).expect("some differences");
        let (narrow, wide) = (of(&single), of(&grouped));
        assert_eq!((narrow.mean, wide.mean), (0.5, 0.5));
        assert!(narrow.low < 0.5 && narrow.high > 0.5 && narrow.high - narrow.low < 0.2);
        assert!(wide.high - wide.low > narrow.high - narrow.low);
        assert_eq!(of(&single), narrow);
        assert_eq!(bootstrap(&[], &[], 7), None);
        let same = bootstrap(&[0.0; 5], &[0, 1, 2, 3, 4], 7).expect("some differences");
        assert_eq!((same.low, same.high), (0.0, 0.0));
    }
}
