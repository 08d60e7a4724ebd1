//! Rank correlation (Spearman, 1904), with an interval drawn by cluster.

use serde::Serialize;

use super::{Clusters, interval};

/// How far two judges agree on the order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// From -1 to 1.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many pairs there are.
    pub pairs: usize,
}

/// Spearman's correlation of `pairs`, ties having their mean rank. `None` where one side is all the same.
///
/// Worked example: (1, 2), (2, 1), (3, 3) have 0.5.
pub fn spearman(pairs: &[(f64, f64)], clusters: &Clusters, seed: u64) -> Option<Correlation> {
    let of = |weights: Option<&[u32]>| {
        let drawn: Vec<(f64, f64)> = match weights {
            None => pairs.to_vec(),
            Some(weights) => {
                pairs.iter().zip(weights).flat_map(|(pair, times)| vec![*pair; *times as usize]).collect()
            }
        };
        let ranks = |value: fn(&(f64, f64)) -> f64| ranks(&drawn.iter().map(value).collect::<Vec<_>>());
        pearson(&ranks(|pair| pair.0), &ranks(|pair| pair.1))
    };
    let estimate = interval(clusters, seed, of)?;
    Some(Correlation { value: estimate.mean, low: estimate.low, high: estimate.high, pairs: pairs.len() })
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let below = order.iter().position(|place| *place == tie[0]).unwrap_or_default();
        tie.iter().for_each(|place| ranks[*place] = below as f64 + f64::midpoint(tie.len() as f64, 1.0));
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (middle_a, middle_b) = (mean(a), mean(b));
    let sum = |value: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| value(a - middle_a, b - middle_b)).sum()
    };
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    (spread > 0.0).then(|| sum(&|a, b| a * b) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(f64, f64)]) -> Option<f64> {
        let clusters = Clusters::numbered(&(0..pairs.len()).collect::<Vec<_>>());
        spearman(pairs, &clusters, 7).map(|correlation| correlation.value)
    }

    #[test]
    fn follows_the_worked_example() {
        assert!((of(&[(1.0, 2.0), (2.0, 1.0), (3.0, 3.0)]).unwrap() - 0.5).abs() < 1e-12);
        assert!((of(&[(1.0, 10.0), (2.0, 100.0), (3.0, 1e6)]).unwrap() - 1.0).abs() < 1e-12);
        // As scipy.stats.spearmanr has it.
        let ties = of(&[(1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (3.0, 0.0)]).unwrap();
        assert!((ties + 0.5).abs() < 1e-6, "{ties}");
        assert_eq!(of(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_interval_holds_the_value() {
        let pairs: Vec<(f64, f64)> =
            (0..60).map(|n| (f64::from(n), f64::from(n * 7 % 20) + f64::from(n) / 4.0)).collect();
        let clusters = Clusters::numbered(&(0..60).collect::<Vec<_>>());
        let found = spearman(&pairs, &clusters, 7).unwrap();
        assert!(found.low < found.value && found.value < found.high && found.pairs == 60, "{found:?}");
    }
}
