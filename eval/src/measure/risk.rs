//! Risk and coverage of selective answers (El-Yaniv and Wiener, JMLR 2010; AURC: Geifman, Uziel and El-Yaniv, ICLR
//! 2019): how often what is said is wrong, if only the surest answers were given.

use serde::Serialize;

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Share of the answers that are given.
    pub coverage: f64,
    /// Share of those that are wrong.
    pub risk: f64,
    /// Confidence from which on answers are given.
    pub confidence: f64,
}

/// Sorts answers as [`area`] and [`curve`] take them: the surest first.
pub fn sort(answers: &mut [(f64, bool)]) {
    answers.sort_by(|a, b| b.0.total_cmp(&a.0));
}

/// Area under the curve: the mean risk over all numbers of answers that may be given. Less is better; `None` for none.
///
/// `sorted` holds the confidence of each answer and whether it is right, the surest first; `weights[i]` says how often
/// the `i`th counts. Answers of the same confidence count in no order: each place among them has their mean.
///
/// Worked example: right, wrong, right have risks 0, 1/2 and 1/3, the mean of which is 5/18.
pub fn area(sorted: &[(f64, bool)], weights: Option<&[u32]>) -> Option<f64> {
    let (mut given, mut wrong, mut sum) = (0.0, 0.0, 0.0);
    each_tie(sorted, weights, |count, wrongs, _| {
        for place in 1..=count as u64 {
            let part = place as f64;
            sum += (wrong + wrongs * part / count) / (given + part);
        }
        given += count;
        wrong += wrongs;
    });
    (given > 0.0).then(|| sum / given)
}

/// The points of the curve, one for each confidence, the surest first; about `most` of them, evenly taken, where there are
/// more, and always the last.
pub fn curve(sorted: &[(f64, bool)], most: usize) -> Vec<Point> {
    let (mut given, mut wrong) = (0.0, 0.0);
    let mut points = Vec::new();
    each_tie(sorted, None, |count, wrongs, confidence| {
        given += count;
        wrong += wrongs;
        points.push(Point { coverage: given / sorted.len() as f64, risk: wrong / given, confidence });
    });
    let (step, last) = (points.len().div_ceil(most.max(1)).max(1), points.len().saturating_sub(1));
    let mut place = 0;
    points.retain(|_| {
        place += 1;
        (place - 1) % step == 0 || place - 1 == last
    });
    points
}

/// Hands over how many answers share a confidence, how many of them are wrong, and the confidence.
fn each_tie(sorted: &[(f64, bool)], weights: Option<&[u32]>, mut take: impl FnMut(f64, f64, f64)) {
    let weight = |at: usize| weights.map_or(1.0, |weights| f64::from(weights.get(at).copied().unwrap_or(0)));
    let mut at = 0;
    while let Some((confidence, _)) = sorted.get(at) {
        let (mut count, mut wrongs) = (0.0, 0.0);
        while let Some((_, right)) = sorted.get(at).filter(|(other, _)| other.total_cmp(confidence).is_eq()) {
            count += weight(at);
            wrongs += if *right { 0.0 } else { weight(at) };
            at += 1;
        }
        if count > 0.0 {
            take(count, wrongs, *confidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area_of(answers: &[(f64, bool)], weights: Option<&[u32]>) -> f64 {
        area(answers, weights).expect("some answers")
    }

    #[test]
    fn follows_the_worked_example() {
        let answers = [(0.9, true), (0.8, false), (0.7, true)];
        assert!((area_of(&answers, None) - 5.0 / 18.0).abs() < 1e-12);
        assert_eq!(area(&[], None), None);
    }

    #[test]
    fn ties_count_in_no_order() {
        let (one, other) = ([(0.5, true), (0.5, false)], [(0.5, false), (0.5, true)]);
        assert!((area_of(&one, None) - 0.5).abs() < 1e-12);
        assert_eq!(area(&one, None), area(&other, None));
    }

    #[test]
    fn an_answer_that_counts_twice_is_as_good_as_two() {
        let twice = area_of(&[(0.9, true), (0.8, false)], Some(&[2, 1]));
        assert!((twice - area_of(&[(0.9, true), (0.9, true), (0.8, false)], None)).abs() < 1e-12);
        assert_eq!(area(&[(0.9, true)], Some(&[0])), None);
    }

    #[test]
    fn the_curve_ends_with_all_answers() {
        let mut answers = [(0.2, false), (0.9, true), (0.9, true), (0.4, true)];
        sort(&mut answers);
        let points = curve(&answers, 10);
        assert_eq!(points.iter().map(|p| p.coverage).collect::<Vec<_>>(), [0.5, 0.75, 1.0]);
        assert_eq!(points.last().map(|p| (p.risk, p.confidence)), Some((0.25, 0.2)));
        let two = curve(&answers, 2);
        assert_eq!((two.len(), two.last()), (2, points.last()));
    }
}
