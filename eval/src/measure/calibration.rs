//! Whether probabilities are what they say.

use serde::Serialize;

/// Bins of equal width.
pub const BINS: usize = 10;

/// Items whose probabilities lie in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// Lowest probability of the bin; the highest is 0.1 more.
    pub from: f64,
    /// How many there are.
    pub count: usize,
    /// Mean of their probabilities.
    pub expected: f64,
    /// Share of those that are right.
    pub observed: f64,
}

/// The bins that hold something, lowest first. A probability outside of 0 to 1 counts as the nearest of them.
pub fn bins(items: &[(f64, bool)]) -> Vec<Bin> {
    let mut bins = [(0usize, 0.0f64, 0usize); BINS];
    for (score, right) in items {
        let score = score.clamp(0.0, 1.0);
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + score, bin.2 + usize::from(*right));
    }
    let filled = bins.into_iter().enumerate().filter(|(_, (count, ..))| *count > 0);
    filled
        .map(|(at, (count, sum, right))| Bin {
            from: at as f64 / BINS as f64,
            count,
            expected: sum / count as f64,
            observed: right as f64 / count as f64,
        })
        .collect()
}

/// Expected calibration error (Naeini et al., AAAI 2015): the mean distance of expected and observed, bins weighted by
/// what they hold. `None` where there is nothing.
///
/// Worked example: two items at 0.9, one of them right, give 0.4.
pub fn expected_error(bins: &[Bin]) -> Option<f64> {
    let all: usize = bins.iter().map(|bin| bin.count).sum();
    let distance = |bin: &Bin| (bin.expected - bin.observed).abs() * bin.count as f64;
    (all > 0).then(|| bins.iter().map(distance).sum::<f64>() / all as f64)
}

#[cfg(test)]
mod tests {
    use super::{bins, expected_error};

    #[test]
    fn the_error_is_the_distance_of_what_is_said_and_what_is() {
        let filled = bins(&[(0.9, true), (0.9, false), (0.05, false)]);
        assert_eq!(filled.iter().map(|bin| bin.count).collect::<Vec<_>>(), [1, 2]);
        let error = expected_error(&filled).expect("some items");
        assert!((error - (0.05 + 2.0 * 0.4) / 3.0).abs() < 1e-9, "{error}");
        assert_eq!(expected_error(&[]), None);
    }

    #[test]
    fn the_ends_belong_to_a_bin() {
        let filled = bins(&[(1.0, true), (0.0, false), (7.0, true), (f64::NAN, false)]);
        assert_eq!(filled.iter().map(|bin| bin.count).sum::<usize>(), 4);
        assert_eq!(filled.last().map(|bin| (bin.from, bin.count)), Some((0.9, 2)));
    }
}
