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
pub use randomization::randomize;

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
