//! The bootstrap by cluster (Efron, 1979; Davison and Hinkley, 1997, section 3.8): whole clusters are drawn, so that many
//! questions alike do not count as many.
//!
//! Ends are percentiles, moved outwards by what a percentile interval is too narrow for few clusters (Hesterberg, The
//! American Statistician 2015, section 3.4).

use super::normal::{normal, student_95};
use super::{Clusters, Estimate};
use crate::random::below;
use crate::retrieval::Difference;

/// Samples that are drawn.
const SAMPLES: usize = 2_000;

/// The mean of `values` with its interval; the same `seed` gives the same interval. `None` for none.
pub fn bootstrap(values: &[f64], groups: &[usize], seed: u64) -> Option<Difference> {
    let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let estimate = means(&[values], &Clusters::numbered(groups), seed).pop().flatten()?;
    Some(Difference { mean: estimate.mean, low: estimate.low, high: estimate.high })
}

/// The means of several columns of values, all over the same clusters, with their intervals. `None` where a measure does
/// not apply, and for columns to which it never does.
pub fn means(columns: &[Vec<Option<f64>>], clusters: &Clusters, seed: u64) -> Vec<Option<Estimate>> {
    // One row a cluster, so that one draw reads memory once for all columns: sums first, then counts.
    let width = columns.len();
    let mut table = vec![0.0f64; clusters.count * width * 2];
    let mut holders = vec![0usize; width];
    for (column, values) in columns.iter().enumerate() {
        let mut held = vec![false; clusters.count];
        for (value, cluster) in values.iter().zip(&clusters.of) {
            if let Some(value) = value {
                let row = cluster * width * 2;
                table[row + column] += value;
                table[row + width + column] += 1.0;
                holders[column] += usize::from(!std::mem::replace(&mut held[*cluster], true));
            }
        }
    }
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(SAMPLES); width];
    let mut random = seed;
    for _ in 0..SAMPLES {
        let mut sums = vec![0.0; width * 2];
        for _ in 0..clusters.count {
            let row = below(&mut random, clusters.count) * width * 2;
            for (sum, value) in sums.iter_mut().zip(&table[row..row + width * 2]) {
                *sum += value;
            }
        }
        for (column, drawn) in drawn.iter_mut().enumerate() {
            // A draw without a value says nothing of the mean.
            if sums[width + column] > 0.0 {
                drawn.push(sums[column] / sums[width + column]);
            }
        }
    }
    let columns = columns.iter().zip(drawn).zip(holders);
    columns
        .map(|((values, drawn), holders)| {
            let (sum, count) =
                values.iter().flatten().fold((0.0, 0usize), |(s, c), value| (s + value, c + 1));
            let (low, high) = ends(drawn, holders)?;
            Some(Estimate { mean: sum / count as f64, low, high, count })
        })
        .collect()
}

/// The interval of any statistic of all values, which is given how often each value counts. `None` where it does not
/// apply to the values as they are.
pub fn interval(
    clusters: &Clusters,
    seed: u64,
    statistic: impl Fn(Option<&[u32]>) -> Option<f64>,
) -> Option<Estimate> {
    let mean = statistic(None)?;
    let mut random = seed;
    let mut drawn = Vec::with_capacity(SAMPLES);
    let mut weights = vec![0u32; clusters.of.len()];
    for _ in 0..SAMPLES {
        let mut times = vec![0u32; clusters.count];
        for _ in 0..clusters.count {
            times[below(&mut random, clusters.count)] += 1;
        }
        for (weight, cluster) in weights.iter_mut().zip(&clusters.of) {
            *weight = times[*cluster];
        }
        drawn.extend(statistic(Some(&weights)));
    }
    let (low, high) = ends(drawn, clusters.count)?;
    Some(Estimate { mean, low, high, count: clusters.of.len() })
}

/// Both ends of what was drawn from so many clusters.
fn ends(mut drawn: Vec<f64>, clusters: usize) -> Option<(f64, f64)> {
    if clusters == 0 || drawn.is_empty() {
        return None;
    }
    if clusters == 1 {
        return Some((f64::NEG_INFINITY, f64::INFINITY));
    }
    drawn.sort_by(f64::total_cmp);
    let count = clusters as f64;
    let tail = normal(-(count / (count - 1.0)).sqrt() * student_95(count - 1.0));
    let last = drawn.len() - 1;
    let at = |share: f64| drawn[((last as f64 * share).round() as usize).min(last)];
    Some((at(tail), at(1.0 - tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn one_cluster_tells_no_interval() {
        let one = bootstrap(&[0.0, 1.0], &[3, 3], 7).expect("some values");
        assert_eq!((one.mean, one.low, one.high), (0.5, f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn what_does_not_apply_is_left_out_of_the_mean() {
        let columns = [vec![Some(1.0), None, Some(0.0), None], vec![None; 4], vec![Some(2.0); 4]];
        let estimates = means(&columns, &Clusters::numbered(&[0, 1, 2, 3]), 7);
        assert_eq!(estimates[0].map(|e| (e.mean, e.count)), Some((0.5, 2)));
        assert_eq!(estimates[1], None);
        assert_eq!(estimates[2].map(|e| (e.low, e.high)), Some((2.0, 2.0)));
    }

    #[test]
    fn any_statistic_has_an_interval() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let clusters = Clusters::numbered(&(0..100).collect::<Vec<_>>());
        let median =
            interval(&clusters, 7, |weights| crate::measure::percentile::percentile(&values, weights, 0.5));
        let median = median.expect("some values");
        assert!(
            median.mean == 49.0 && median.low < 45.0 && median.high > 53.0 && median.low > 30.0,
            "{median:?}"
        );
        assert_eq!(interval(&clusters, 7, |_| None), None);
    }
}
