//! Scores of rankings of documents, and whether one way to rank is better than another.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::measure::ndcg::ndcg;
use crate::measure::recall::recall;
use crate::measure::reciprocal_rank::reciprocal_rank;
pub use crate::statistics::bootstrap;

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
}
