//! Proof by simulation that intervals hold what they promise and tests raise no more false alarms than they say.

use super::*;
use crate::random::{below, next};

/// A number from 0 to 1, 1 excluded.
fn unit(state: &mut u64) -> f64 {
    (next(state) >> 11) as f64 / (1u64 << 53) as f64
}

/// Answers in clusters: each cluster has a level of its own, and answers in it are right with that probability. The mean
/// over all answers is `mean`, as sizes do not depend on levels.
fn answers(clusters: usize, mean: f64, random: &mut u64) -> (Vec<f64>, Vec<usize>) {
    let spread = (1.0 - mean).min(mean).min(0.25) * 2.0;
    let (mut values, mut groups) = (Vec::new(), Vec::new());
    for cluster in 0..clusters {
        let level = mean + (unit(random) - 0.5) * spread;
        for _ in 0..=below(random, 6) {
            values.push(f64::from(u8::from(unit(random) < level)));
            groups.push(cluster);
        }
    }
    (values, groups)
}

fn holds(low: f64, high: f64, value: f64) -> bool {
    low <= value && value <= high
}

/// Share of the trials in which `test` holds.
fn share(trials: usize, mut test: impl FnMut(usize) -> bool) -> f64 {
    (0..trials).filter(|trial| test(*trial)).count() as f64 / trials as f64
}

#[test]
fn intervals_hold_the_mean_in_95_of_100_samples() {
    for (clusters, mean) in [(20, 0.5), (60, 0.7), (200, 0.3), (100, 0.9)] {
        let mut random = 11;
        let covered = share(1_000, |trial| {
            let (values, groups) = answers(clusters, mean, &mut random);
            let found = bootstrap(&values, &groups, trial as u64).unwrap();
            holds(found.low, found.high, mean)
        });
        assert!((0.93..=0.97).contains(&covered), "{clusters} clusters: {covered}");
    }
}

#[test]
fn intervals_that_take_no_account_of_clusters_would_be_too_narrow() {
    let mut random = 12;
    let covered = share(1_000, |trial| {
        let (mut values, mut groups) = (Vec::new(), Vec::new());
        for cluster in 0..30 {
            let right = f64::from(u8::from(unit(&mut random) < 0.6));
            (0..8).for_each(|_| (values.push(right), groups.push(cluster)).1);
        }
        let alone: Vec<usize> = (0..values.len()).collect();
        let (naive, found) =
            (bootstrap(&values, &alone, trial as u64), bootstrap(&values, &groups, trial as u64));
        let covers = |d: crate::retrieval::Difference| holds(d.low, d.high, 0.6);
        assert!(found.is_some());
        naive.is_some_and(covers)
    });
    assert!(covered < 0.7, "{covered}");
}

#[test]
fn the_test_of_two_equal_systems_alarms_in_5_of_100_comparisons() {
    for (clusters, graded) in [(15, true), (60, true), (60, false)] {
        let mut random = 13;
        let alarms = share(3_000, |trial| {
            let (mut differences, mut groups) = (Vec::new(), Vec::new());
            for cluster in 0..clusters {
                // What makes a document hard for one of the two is by chance.
                let levels = [unit(&mut random), unit(&mut random)];
                for _ in 0..=below(&mut random, 6) {
                    let [a, b] = levels.map(|level| {
                        let value = f64::midpoint(level, unit(&mut random));
                        if graded { value } else { value.round() }
                    });
                    differences.push(Some(a - b));
                    groups.push(cluster);
                }
            }
            randomize(&differences, &Clusters::numbered(&groups), trial as u64).unwrap() <= 0.05
        });
        assert!((0.04..=0.06).contains(&alarms), "{clusters} clusters, graded {graded}: {alarms}");
    }
}

#[test]
fn the_test_by_exchange_alarms_in_5_of_100_comparisons() {
    let mut random = 17;
    let alarms = share(1_500, |trial| {
        let pairs: Vec<[f64; 2]> = (0..40).map(|_| [unit(&mut random), unit(&mut random)]).collect();
        let upper = |side: &dyn Fn(usize) -> usize| {
            let mut values: Vec<f64> = (0..40).map(|place| pairs[place][side(place)]).collect();
            values.sort_by(f64::total_cmp);
            values[30]
        };
        let clusters = Clusters::numbered(&(0..40).collect::<Vec<_>>());
        let p = exchange(&clusters, trial as u64, |exchanged| {
            Some(
                upper(&|place| usize::from(!exchanged[place]))
                    - upper(&|place| usize::from(exchanged[place])),
            )
        });
        p.unwrap() <= 0.05
    });
    assert!((0.04..=0.06).contains(&alarms), "{alarms}");
}

#[test]
fn several_measures_together_alarm_in_no_more_than_5_of_100_comparisons() {
    let mut random = 14;
    let alarms = share(1_000, |trial| {
        let clusters = Clusters::numbered(&(0..40).collect::<Vec<_>>());
        let p = |measure: u64, random: &mut u64| {
            let differences: Vec<Option<f64>> = (0..40).map(|_| Some(unit(random) - 0.5)).collect();
            randomize(&differences, &clusters, trial as u64 * 10 + measure).unwrap()
        };
        let values: Vec<f64> = (0..8).map(|measure| p(measure, &mut random)).collect();
        holm(&values).iter().any(|p| *p <= 0.05)
    });
    assert!(alarms <= 0.065, "{alarms}");
}

#[test]
fn the_detectable_difference_is_found_in_80_of_100_comparisons() {
    let clusters = Clusters::numbered(&(0..80).collect::<Vec<_>>());
    let mut random = 15;
    // Differences spread evenly over an interval of length 1 have this standard error.
    let effect = 2.801_585 * (1.0f64 / 12.0 / 80.0).sqrt();
    let found = share(1_000, |trial| {
        let differences: Vec<Option<f64>> = (0..80).map(|_| Some(effect + unit(&mut random) - 0.5)).collect();
        let told = detectable(&differences, &clusters).unwrap();
        assert!((told / effect - 1.0).abs() < 0.5);
        randomize(&differences, &clusters, trial as u64).unwrap() <= 0.05
    });
    assert!((0.75..=0.85).contains(&found), "{found}");
}

#[test]
fn predictions_make_intervals_narrower_that_hold_as_often() {
    let (mut random, mut narrower) = (16, 0.0);
    let trials = 2_000;
    let mut judged_holds = 0;
    let powered_holds = share(trials, |_| {
        let (mut judged, mut measured, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for cluster in 0..200 {
            let level = 0.65 + (unit(&mut random) - 0.5) * 0.4;
            for _ in 0..3 {
                let truth = f64::from(u8::from(unit(&mut random) < level));
                // The measure leans high and is often wrong.
                measured.push((0.3 + 0.5 * truth + 0.3 * unit(&mut random)).min(1.0));
                judged.push((cluster < 50).then_some(truth));
                groups.push(cluster);
            }
        }
        let found = predict(&judged, &measured, &Clusters::numbered(&groups)).unwrap();
        judged_holds += usize::from(holds(found.judged.low, found.judged.high, 0.65));
        narrower += (found.powered.high - found.powered.low) / (found.judged.high - found.judged.low);
        holds(found.powered.low, found.powered.high, 0.65)
    });
    let judged_holds = judged_holds as f64 / trials as f64;
    let width = narrower / trials as f64;
    assert!((0.93..=0.97).contains(&powered_holds), "{powered_holds}");
    assert!((0.93..=0.97).contains(&judged_holds), "{judged_holds}");
    assert!(width < 0.7, "{width}");
}
