//! How far numbers can be trusted: intervals, tests and corrections, all by cluster, because questions on one document or
//! in one dialogue fail together.

use std::collections::HashMap;

use serde::Serialize;

mod bootstrap;
mod correlation;
mod holm;
mod normal;
mod power;
mod prediction;
mod randomization;
#[cfg(test)]
mod simulation;

pub use bootstrap::{bootstrap, interval, means};
pub use correlation::{Correlation, spearman};
pub use holm::holm;
pub use power::{detectable, standard_error};
pub use prediction::{Predicted, predict};
pub use randomization::{exchange, randomize};

/// A mean with the interval that holds it in 95 of 100 samples, and over how many values it is.
///
/// Where all values are of one cluster no interval can be told; its ends are infinite then.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many values it is over.
    pub count: usize,
}

impl Estimate {
    /// With the exact interval for a share (Clopper and Pearson, Biometrika 1934) where all values are 0 or all are 1: drawing
    /// from them again shows nothing else, but clusters that were not seen may differ.
    ///
    /// Worked example: all of 20 clusters are right; the share is at least 0.832.
    #[must_use]
    pub fn of_share(mut self, clusters: usize) -> Self {
        let far = 0.025f64.powf(1.0 / clusters.max(1) as f64);
        if self.low == 1.0 && self.high == 1.0 {
            self.low = far;
        } else if self.low == 0.0 && self.high == 0.0 {
            self.high = 1.0 - far;
        }
        self
    }
}

/// Which values belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    /// The cluster of each value, from 0.
    of: Vec<usize>,
    count: usize,
}

impl Clusters {
    /// Values of the same name belong together.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = HashMap::new();
        let number = |name| {
            let next = known.len();
            *known.entry(name).or_insert(next)
        };
        let of: Vec<usize> = names.into_iter().map(number).collect();
        Self { of, count: known.len() }
    }

    /// Values of the same number belong together.
    pub fn numbered(groups: &[usize]) -> Self {
        let mut known = HashMap::new();
        let number = |group: &usize| {
            let next = known.len();
            *known.entry(*group).or_insert(next)
        };
        let of: Vec<usize> = groups.iter().map(number).collect();
        Self { of, count: known.len() }
    }

    /// How many clusters there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many values there are.
    pub fn values(&self) -> usize {
        self.of.len()
    }

    /// How many clusters have a value.
    pub fn holding(&self, values: &[Option<f64>]) -> usize {
        self.sums(values).len()
    }

    /// Sum and number of the values of each cluster; none where there is no value.
    fn sums(&self, values: &[Option<f64>]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.count];
        for (value, cluster) in values.iter().zip(&self.of) {
            if let Some(value) = value {
                sums[*cluster].0 += value;
                sums[*cluster].1 += 1.0;
            }
        }
        sums.retain(|(_, count)| *count > 0.0);
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_is_always_the_same_still_has_an_interval() {
        let all = Estimate { mean: 1.0, low: 1.0, high: 1.0, count: 40 }.of_share(20);
        assert!((all.low - 0.8316).abs() < 1e-4 && all.high == 1.0, "{all:?}");
        let none = Estimate { mean: 0.0, low: 0.0, high: 0.0, count: 40 }.of_share(20);
        assert!((none.high - 0.1684).abs() < 1e-4 && none.low == 0.0, "{none:?}");
        let some = Estimate { mean: 0.5, low: 0.4, high: 0.6, count: 40 };
        assert_eq!(some.of_share(20), some);
    }

    #[test]
    fn clusters_with_a_value_are_counted() {
        let clusters = Clusters::named(["a", "b", "a", "c"]);
        assert_eq!((clusters.count(), clusters.holding(&[Some(1.0), None, Some(0.0), None])), (3, 1));
    }
}
