//! Whether one set of answers is better than another: the same questions, pair by pair.

use std::collections::HashMap;

use serde::Serialize;

use crate::error::Error;
use crate::measure::{COUNT, Family, MEASURES};
use crate::score::Score;
use crate::statistics::{Clusters, Estimate, detectable, exchange, holm, interval, means, randomize};
use crate::table::SEED;
use crate::whole::{WHOLE, Whole};

/// Level of significance, after correction.
pub const LEVEL: f64 = 0.05;

/// What is found in 80 of 100 cases, in widths of a 95 % interval.
const DETECTED: f64 = 2.801_585 / (2.0 * 1.959_964);

/// All measures of two sets of answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Questions that both have.
    pub pairs: usize,
    /// Clusters of them.
    pub clusters: usize,
    /// Questions that only the first has.
    pub only_before: usize,
    /// Questions that only the second has.
    pub only_after: usize,
    /// Those measures that apply to a pair.
    pub rows: Vec<Row>,
}

/// One measure of two sets of answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// Whether more is better.
    pub more_is_better: bool,
    /// What it looks at.
    pub family: Family,
    /// Mean of the first, over pairs; the value itself where all answers have it together.
    pub before: f64,
    /// Mean of the second.
    pub after: f64,
    /// Second less first, with its interval.
    pub difference: Estimate,
    /// How often a difference like this comes by chance.
    pub p: f64,
    /// The same, corrected for all measures (Holm).
    pub adjusted: f64,
    /// The smallest true difference that a comparison of this size finds in 80 of 100 cases.
    pub detectable: Option<f64>,
    /// Pairs to which it does not apply on one side or on both.
    pub not_applicable: usize,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The second is better.
    Better,
    /// The second is worse.
    Worse,
    /// Chance is enough to explain the difference.
    Undecided,
}

impl Comparison {
    /// Of the questions that both have, by id; clusters are those of the first. It is an error to share none.
    pub fn of(before: &[Score], after: &[Score]) -> Result<Self, Error> {
        let by_id: HashMap<&str, &Score> = after.iter().map(|score| (score.id.as_str(), score)).collect();
        let pairs: Vec<(&Score, &Score)> =
            before.iter().filter_map(|score| Some((score, *by_id.get(score.id.as_str())?))).collect();
        if pairs.is_empty() {
            return Err(Error::Unfit(
                "the two files share no question; ask the same set twice, and compare these".to_owned(),
            ));
        }
        Ok(Self {
            only_before: before.len() - pairs.len(),
            only_after: after.len() - pairs.len(),
            ..Self::of_pairs(&pairs)
        })
    }

    /// Of pairs, the first of each being what was before.
    pub fn of_pairs(pairs: &[(&Score, &Score)]) -> Self {
        let clusters = Clusters::named(pairs.iter().map(|(before, _)| before.cluster.as_str()));
        let column = |measure: usize| -> Vec<Option<f64>> {
            let difference = |(a, b): &(&Score, &Score)| Some(b.values.0[measure]? - a.values.0[measure]?);
            pairs.iter().map(difference).collect()
        };
        let columns: Vec<Vec<Option<f64>>> = (0..COUNT).map(column).collect();
        let estimates = means(&columns, &clusters, SEED);
        let mut rows: Vec<Row> = Vec::new();
        for (measure, (column, estimate)) in columns.iter().zip(estimates).enumerate() {
            let Some(difference) = estimate else { continue };
            let Some(p) = randomize(column, &clusters, SEED) else { continue };
            let value = |score: &Score| score.values.0[measure];
            let total = |first: bool| {
                let both = pairs.iter().zip(column).filter(|(_, difference)| difference.is_some());
                let side = both.filter_map(|((a, b), _)| value(if first { a } else { b }));
                side.sum::<f64>() / difference.count as f64
            };
            let known = MEASURES[measure];
            rows.push(Row {
                id: known.id,
                title: known.title,
                more_is_better: known.more_is_better,
                family: known.family,
                before: total(true),
                after: total(false),
                difference,
                p,
                adjusted: p,
                detectable: detectable(column, &clusters),
                not_applicable: pairs.len() - difference.count,
                verdict: Verdict::Undecided,
            });
        }
        rows.extend(WHOLE.iter().filter_map(|whole| of_all(whole, pairs, &clusters)));
        let adjusted = holm(&rows.iter().map(|row| row.p).collect::<Vec<_>>());
        for (row, adjusted) in rows.iter_mut().zip(adjusted) {
            row.adjusted = adjusted;
            row.verdict = match (row.difference.mean > 0.0) == row.more_is_better {
                _ if adjusted > LEVEL => Verdict::Undecided,
                true => Verdict::Better,
                false => Verdict::Worse,
            };
        }
        Self { pairs: pairs.len(), clusters: clusters.count(), only_before: 0, only_after: 0, rows }
    }

    /// The row of a measure.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// A value that all answers have together, of both sides.
fn of_all(whole: &Whole, pairs: &[(&Score, &Score)], clusters: &Clusters) -> Option<Row> {
    let count = pairs.len();
    let (before, after): (Vec<&Score>, Vec<&Score>) = pairs.iter().copied().unzip();
    let sample = whole.sample(&[before, after].concat());
    // Both sides are one sample, of which each counts its own.
    let sides = |times: &dyn Fn(usize) -> u32, exchanged: &dyn Fn(usize) -> bool| {
        let (mut before, mut after) = (vec![0; 2 * count], vec![0; 2 * count]);
        for place in 0..count {
            let (one, other) = if exchanged(place) { (count + place, place) } else { (place, count + place) };
            before[one] = times(place);
            after[other] = times(place);
        }
        Some((sample.value(Some(&before))?, sample.value(Some(&after))?))
    };
    let less = |(before, after): (f64, f64)| after - before;
    let (before, after) = sides(&|_| 1, &|_| false)?;
    let difference = interval(clusters, SEED, |weights| {
        sides(&|place| weights.map_or(1, |weights| weights[place]), &|_| false).map(less)
    })?;
    let applies = sample.count(0..count).min(sample.count(count..2 * count));
    let p = exchange(clusters, SEED, |exchanged| sides(&|_| 1, &|place| exchanged[place]).map(less))?;
    Some(Row {
        id: whole.id,
        title: whole.title,
        more_is_better: false,
        family: whole.family,
        before,
        after,
        difference: Estimate { count: applies, ..difference },
        p,
        adjusted: p,
        detectable: Some((difference.high - difference.low) * DETECTED).filter(|effect| effect.is_finite()),
        not_applicable: count - applies,
        verdict: Verdict::Undecided,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn scores(right: impl Fn(usize) -> bool, ms: f64) -> Vec<Score> {
        let one = |n: usize| {
            let said: &[&str] = if right(n) { &["It lasts 36 months."] } else { &["It is white."] };
            let mut record = record(&format!("q{n}"), said);
            record.record.answer.timings.total_ms = ms + (n % 7) as f64;
            Score::of(&record)
        };
        (0..60).map(one).collect()
    }

    #[test]
    fn a_clear_loss_is_worse_and_chance_is_undecided() {
        let before = scores(|n| n % 10 != 0, 100.0);
        let after = scores(|n| n % 2 == 1, 90.0);
        let found = Comparison::of(&before, &after).unwrap();
        let right = found.row("right").unwrap();
        assert_eq!((right.verdict, found.pairs, found.clusters), (Verdict::Worse, 60, 60));
        assert!((right.before - 0.9).abs() < 1e-9 && (right.after - 0.5).abs() < 1e-9);
        assert!((right.difference.mean + 0.4).abs() < 1e-9 && right.difference.high < -0.2);
        assert!(right.adjusted >= right.p && right.detectable.is_some_and(|effect| effect < 0.3));
        assert_eq!(found.row("total_ms").unwrap().verdict, Verdict::Better);
        assert_eq!(found.row("recall@5").unwrap().verdict, Verdict::Undecided);
        assert!(found.row("refusal_recall").is_none());
        let time = found.row("p95_ms").unwrap();
        assert_eq!((time.before, time.after, time.difference.mean), (106.0, 96.0, -10.0));
        assert_eq!((time.verdict, time.difference.count), (Verdict::Better, 60));
        assert!(time.difference.high < 0.0 && time.p <= 0.001, "{time:?}");
        let near = Comparison::of(&before, &scores(|n| n % 10 != 1, 100.0)).unwrap();
        assert_eq!(near.row("right").unwrap().verdict, Verdict::Undecided);
    }

    #[test]
    fn the_same_answers_differ_in_nothing() {
        let same = scores(|n| n % 3 == 0, 10.0);
        let found = Comparison::of(&same, &same).unwrap();
        assert!(
            found
                .rows
                .iter()
                .all(|row| row.difference.low == 0.0 && row.difference.high == 0.0 && row.p == 1.0)
        );
    }

    #[test]
    fn questions_that_one_side_lacks_are_counted() {
        let all = scores(|_| true, 10.0);
        let found = Comparison::of(&all[..40], &all[10..]).unwrap();
        assert_eq!((found.pairs, found.only_before, found.only_after), (30, 10, 20));
        assert!(
            Comparison::of(&all[..10], &all[10..]).unwrap_err().to_string().contains("share no question")
        );
    }
}
