//! Prediction-powered inference (Angelopoulos et al., Science 2023; with the weight of PPI++, Angelopoulos, Duchi and
//! Zrnic, 2023): people judge some answers, a measure judges all, and what people would say of all has a narrower interval
//! than from their judgements alone, valid however bad the measure is.

use serde::Serialize;

use super::normal::student_95;
use super::{Clusters, Estimate};

/// What people would say of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Predicted {
    /// With the help of the measure.
    pub powered: Estimate,
    /// From the judgements alone.
    pub judged: Estimate,
    /// How far the measure counts, from 0 to 1.
    pub weight: f64,
}

/// `judged[i]` is what people say of the `i`th answer, where they were asked, `measured[i]` what the measure says. `None`
/// where fewer than two clusters were judged, or none was left to predict.
///
/// The weight is what makes the interval narrowest; both parts of the estimate share clusters, so its error is taken by
/// cluster over both.
pub fn predict(judged: &[Option<f64>], measured: &[f64], clusters: &Clusters) -> Option<Predicted> {
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0usize), |(s, c), value| (s + value, c + 1));
        (count > 0).then(|| (sum / count as f64, count as f64))
    };
    let pairs = || judged.iter().zip(measured);
    let (label, labels) = mean(&mut judged.iter().flatten().copied())?;
    let (seen, _) = mean(&mut pairs().filter(|(label, _)| label.is_some()).map(|(_, value)| *value))?;
    let (unseen, others) = mean(&mut pairs().filter(|(label, _)| label.is_none()).map(|(_, value)| *value))?;

    // What each cluster adds to the error: of the labels, and of the measure.
    let mut parts = vec![(0.0, 0.0, false); clusters.count];
    for ((judged, measured), cluster) in pairs().zip(&clusters.of) {
        let part = &mut parts[*cluster];
        match judged {
            Some(judged) => {
                part.0 += (judged - label) / labels;
                part.1 -= (measured - seen) / labels;
                part.2 = true;
            }
            None => part.1 += (measured - unseen) / others,
        }
    }
    let asked = parts.iter().filter(|(.., asked)| *asked).count() as f64;
    if asked < 2.0 {
        return None;
    }
    let product: f64 = parts.iter().map(|(a, b, _)| a * b).sum();
    let square: f64 = parts.iter().map(|(_, b, _)| b * b).sum();
    let weight = if square > 0.0 { (-product / square).clamp(0.0, 1.0) } else { 0.0 };
    let estimate = |weight: f64, count: usize| {
        let mean = label + weight * (unseen - seen);
        let squares: f64 = parts.iter().map(|(a, b, _)| (a + weight * b).powi(2)).sum();
        let half = student_95(asked - 1.0) * (asked / (asked - 1.0) * squares).sqrt();
        Estimate { mean, low: mean - half, high: mean + half, count }
    };
    Some(Predicted {
        powered: estimate(weight, judged.len()),
        judged: estimate(0.0, labels as usize),
        weight,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(count: usize) -> Clusters {
        Clusters::numbered(&(0..count).collect::<Vec<_>>())
    }

    #[test]
    fn a_perfect_measure_is_believed_and_a_useless_one_is_not() {
        let truth: Vec<f64> = (0..1000).map(|n| f64::from(n * 7 % 10) / 10.0).collect();
        let judged: Vec<Option<f64>> =
            (0..).zip(&truth).map(|(n, value)| (n % 13 == 0).then_some(*value)).collect();
        let good = predict(&judged, &truth, &alone(1000)).unwrap();
        assert!(good.weight > 0.9 && (good.powered.mean - 0.45).abs() < 0.02, "{good:?}");
        let width = |estimate: Estimate| estimate.high - estimate.low;
        assert!(width(good.powered) < width(good.judged) / 3.0);
        let bad = predict(&judged, &[0.5; 1000], &alone(1000)).unwrap();
        assert_eq!((bad.weight, bad.powered.mean), (0.0, bad.judged.mean));
    }

    #[test]
    fn does_not_apply_without_judgements_or_without_the_rest() {
        assert_eq!(predict(&[None, None], &[0.1, 0.2], &alone(2)), None);
        assert_eq!(predict(&[Some(1.0), Some(0.0)], &[0.1, 0.2], &alone(2)), None);
        assert_eq!(predict(&[Some(1.0), None], &[0.1, 0.2], &alone(2)), None);
    }
}
