//! The paired randomization test by cluster (Fisher, 1935; Smucker, Allan and Carterette, CIKM 2007): if two systems were
//! the same, each cluster's difference could as well have the other sign.

use super::Clusters;
use crate::random::next;

/// Assignments of signs that are tried; all of them where there are no more.
const TRIALS: u64 = 9_999;

/// Exchanges that are tried where each takes as long as the whole difference.
const EXCHANGES: usize = 999;

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

/// The same for any difference of two systems, which is given for each pair whether its two sides change places. Clusters
/// change together.
pub fn exchange(clusters: &Clusters, seed: u64, difference: impl Fn(&[bool]) -> Option<f64>) -> Option<f64> {
    let mut exchanged = vec![false; clusters.of.len()];
    let seen = difference(&exchanged)?.abs();
    let enough = seen - 1e-9 * seen;
    let mut random = seed;
    let mut as_far = 0;
    for _ in 0..EXCHANGES {
        let chosen: Vec<bool> = (0..clusters.count).map(|_| next(&mut random) >> 63 == 1).collect();
        for (exchanged, cluster) in exchanged.iter_mut().zip(&clusters.of) {
            *exchanged = chosen[*cluster];
        }
        // What cannot be told of an exchange does not speak against chance.
        as_far += usize::from(difference(&exchanged).is_none_or(|found| found.abs() >= enough));
    }
    Some((as_far + 1) as f64 / (EXCHANGES + 1) as f64)
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

    #[test]
    fn any_difference_can_be_tested() {
        let p = |shift: f64| {
            let before: Vec<f64> = (0..60).map(|n| f64::from(n * 7 % 60)).collect();
            let clusters = Clusters::numbered(&(0..60).collect::<Vec<_>>());
            let median = |values: Vec<f64>| {
                let mut values = values;
                values.sort_by(f64::total_cmp);
                values[30]
            };
            exchange(&clusters, 7, |exchanged| {
                let pairs = before.iter().map(|before| (*before, before + shift)).zip(exchanged);
                let (one, other) =
                    pairs.map(|((a, b), changed)| if *changed { (b, a) } else { (a, b) }).unzip();
                Some(median(other) - median(one))
            })
        };
        assert!(p(25.0).unwrap() <= 0.01 && p(0.0) == Some(1.0), "{:?}", p(25.0));
        assert_eq!(exchange(&Clusters::numbered(&[0]), 7, |_| None), None);
    }
}
