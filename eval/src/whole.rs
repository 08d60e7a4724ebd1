//! Values that all answers have together and none has alone: percentiles of times, and whether confidences are worth anything.

use crate::measure::Family;
use crate::measure::calibration::{bins, expected_error};
use crate::measure::percentile::percentile;
use crate::measure::risk;
use crate::score::Score;

/// A value of all answers. Less is always better.
pub(crate) struct Whole {
    /// Its name in files and configuration.
    pub(crate) id: &'static str,
    /// What it says, for people.
    pub(crate) title: &'static str,
    /// What it looks at.
    pub(crate) family: Family,
    of: Of,
}

enum Of {
    Risk,
    Calibration,
    /// Of which measure, and the share that does not exceed it.
    Percentile(&'static str, f64),
}

const fn time(id: &'static str, measure: &'static str, share: f64, title: &'static str) -> Whole {
    Whole { id, title, family: Family::Time, of: Of::Percentile(measure, share) }
}

const fn confidence(id: &'static str, of: Of, title: &'static str) -> Whole {
    Whole { id, title, family: Family::Refusal, of }
}

/// All of them.
pub(crate) const WHOLE: [Whole; 9] = [
    confidence("aurc", Of::Risk, "risk over all coverages (AURC)"),
    confidence("ece", Of::Calibration, "distance of confidences from what is right (ECE)"),
    time("p50_ms", "total_ms", 0.5, "median time of an answer, ms"),
    time("p95_ms", "total_ms", 0.95, "time within which 95 of 100 answers came, ms"),
    time("p99_ms", "total_ms", 0.99, "time within which 99 of 100 answers came, ms"),
    time("p50_first_ms", "first_sentence_ms", 0.5, "median time of the first sentence, ms"),
    time("p95_first_ms", "first_sentence_ms", 0.95, "time within which 95 of 100 first sentences came, ms"),
    time("p50_passages_ms", "passages_ms", 0.5, "median time of the passages, ms"),
    time("p95_passages_ms", "passages_ms", 0.95, "time within which 95 of 100 passages came, ms"),
];

impl Whole {
    /// What of `scores` it looks at.
    pub(crate) fn sample(&self, scores: &[&Score]) -> Sample<'_> {
        let item = |(place, score): (usize, &&Score)| {
            Some(match self.of {
                Of::Percentile(measure, _) => (place, score.values.get(measure)?, false),
                Of::Risk | Of::Calibration => {
                    let (confidence, right) = judged(score)?;
                    (place, confidence, right)
                }
            })
        };
        let mut items: Vec<(usize, f64, bool)> = scores.iter().enumerate().filter_map(item).collect();
        items.sort_by(|a, b| a.1.total_cmp(&b.1));
        if matches!(self.of, Of::Risk) {
            items.reverse();
        }
        Sample {
            of: &self.of,
            places: items.iter().map(|(place, ..)| *place).collect(),
            values: items.iter().map(|(_, value, _)| *value).collect(),
            pairs: items.iter().map(|(_, value, right)| (*value, *right)).collect(),
        }
    }
}

/// How sure an answer is and whether it is right, where something was said and that is known.
pub(crate) fn judged(score: &Score) -> Option<(f64, bool)> {
    let right = score.values.get("right").filter(|_| !score.refused())?;
    Some((score.confidence, right > 0.5))
}

/// Scores as a value needs them, in the order that it needs.
pub(crate) struct Sample<'a> {
    of: &'a Of,
    /// Which scores these are.
    places: Vec<usize>,
    values: Vec<f64>,
    pairs: Vec<(f64, bool)>,
}

impl Sample<'_> {
    /// To how many of the scores at these places it applies.
    pub(crate) fn count(&self, within: std::ops::Range<usize>) -> usize {
        self.places.iter().filter(|place| within.contains(place)).count()
    }

    /// The value, where `weights[i]` says how often the `i`th score counts.
    pub(crate) fn value(&self, weights: Option<&[u32]>) -> Option<f64> {
        let weights: Option<Vec<u32>> =
            weights.map(|weights| self.places.iter().map(|place| weights[*place]).collect());
        let weights = weights.as_deref();
        match self.of {
            Of::Percentile(_, share) => percentile(&self.values, weights, *share),
            Of::Risk => risk::area(&self.pairs, weights),
            Of::Calibration => expected_error(&match weights {
                None => bins(&self.pairs),
                Some(weights) => {
                    let times = self.pairs.iter().zip(weights);
                    let drawn = times.flat_map(|(pair, times)| std::iter::repeat_n(*pair, *times as usize));
                    bins(&drawn.collect::<Vec<_>>())
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn weights_are_by_score_whatever_the_order() {
        let scores: Vec<Score> = (0..5)
            .map(|n| {
                let mut record = record(&n.to_string(), if n == 4 { &[] } else { &["It lasts 36 months."] });
                record.record.answer.timings.total_ms = f64::from((n * 7) % 5);
                record.record.answer.confidence = 0.5 + n as f32 / 10.0;
                Score::of(&record)
            })
            .collect();
        let scores: Vec<&Score> = scores.iter().collect();
        let of = |id: &str, weights: Option<&[u32]>| {
            let whole = WHOLE.iter().find(|whole| whole.id == id).unwrap();
            whole.sample(&scores).value(weights)
        };
        // Times are 0, 2, 4, 1, 3.
        assert_eq!((of("p50_ms", None), of("p50_ms", Some(&[0, 0, 1, 0, 0]))), (Some(2.0), Some(4.0)));
        assert_eq!(of("aurc", None), Some(0.0));
        let error = of("ece", Some(&[0, 3, 0, 0, 9])).unwrap();
        assert!((error - 0.4).abs() < 1e-6, "{error}");
        assert_eq!(of("p50_ms", Some(&[0; 5])), None);
        let sample = WHOLE[0].sample(&scores);
        assert_eq!((sample.count(0..5), sample.count(3..5)), (4, 1));
    }
}
