//! The paired randomization test by cluster (Fisher, 1935; Smucker, Allan and Carterette, CIKM 2007): if two systems were
//! the same, each cluster's difference could as well have the other sign.

use super::Clusters;
use crate::random::next;

/// Assignments of signs that are tried; all of them where there are no more.
const TRIALS: u64 = 9_999;

/// The two-sided p-value of paired `differences`: how often signs by chance give a mean at least as far from zero. `None`
/// where there is no difference to look at.
pub fn randomize(differences: &[Option<f64>], clusters: &Clusters, seed: u64) -> Option<f64> {
    let sums: Vec<f64> = clusters.sums(differences).into_iter().map(|(sum, _)| sum).collect();
    if sums.is_empty() {
        return None;
    }
    if sums.iter().all(|sum| *sum == 0.0) {
        return Some(1.0);
    }
    let seen = sums.iter().sum::<f64>().abs();
    // Sums in another order differ in their last bits.
    let enough = seen - 1e-9 * sums.iter().map(|sum| sum.abs()).sum::<f64>();
    let all = 1u64.checked_shl(sums.len() as u32).filter(|all| sums.len() < 64 && *all <= TRIALS);
    if let Some(all) = all {
        let as_far = (0..all).filter(|signs| signed(&sums, || *signs).abs() >= enough).count();
        return Some(as_far as f64 / all as f64);
    }
    let mut random = seed;
    let as_far = (0..TRIALS).filter(|_| signed(&sums, || next(&mut random)).abs() >= enough).count();
    Some((as_far + 1) as f64 / (TRIALS + 1) as f64)
}

/// The sum with signs from bits, of which `bits` gives 64 at a time.
fn signed(sums: &[f64], mut bits: impl FnMut() -> u64) -> f64 {
    let of_part = |part: &[f64]| -> f64 {
        let signs = bits();
        let sign = |place: usize| 1.0 - 2.0 * ((signs >> place) & 1) as f64;
        part.iter().enumerate().map(|(place, sum)| sum * sign(place)).sum()
    };
    sums.chunks(64).map(of_part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(differences: &[f64]) -> Option<f64> {
        let groups: Vec<usize> = (0..differences.len()).collect();
        let differences: Vec<Option<f64>> = differences.iter().copied().map(Some).collect();
        randomize(&differences, &Clusters::numbered(&groups), 7)
    }

    #[test]
    fn few_clusters_are_counted_exactly() {
        // Of eight assignments only all plus and all minus are as far.
        assert_eq!(p(&[1.0, 1.0, 1.0]), Some(0.25));
        assert_eq!(p(&[1.0, -1.0]), Some(1.0));
        assert_eq!(p(&[0.0]), Some(1.0));
        assert_eq!(p(&[]), None);
    }

    #[test]
    fn a_steady_difference_is_seen_and_chance_is_not() {
        let steady: Vec<f64> = (0..100).map(|n| 0.1 + f64::from(n % 3) / 100.0).collect();
        assert_eq!(p(&steady), Some(0.0001));
        let chance: Vec<f64> = (0..100).map(|n| if n % 2 == 0 { 0.3 } else { -0.29 }).collect();
        assert!(p(&chance).is_some_and(|p| p > 0.5));
    }

    #[test]
    fn clusters_count_as_one_each() {
        let differences = vec![Some(1.0); 100];
        let groups: Vec<usize> = (0..100).map(|n| n / 50).collect();
        assert_eq!(randomize(&differences, &Clusters::numbered(&groups), 7), Some(0.5));
    }
}
