//! Claims with what they should rest on, judged by people, and how well a checker agrees with them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::measure::auc::auc;
use crate::measure::calibration::{Bin, bins, expected_error};
use crate::measure::confusion::Confusion;
use crate::random::next;

/// Samples that intervals are made of.
const SAMPLES: usize = 1_000;

/// A claim and whether its context supports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name, or the number of its line.
    pub id: String,
    /// What it should rest on.
    pub context: String,
    /// What is claimed.
    pub claim: String,
    /// Whether people found that the context supports it.
    pub supported: bool,
}

/// One line of a file. Other keys are passed over.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<Value>,
    context: String,
    claim: String,
    label: Value,
}

/// Reads claims, one JSON object a line: `context`, `claim`, `label` (1 or `true` where the context supports the claim,
/// else 0 or `false`) and, if wanted, `id`.
pub fn read(path: &Path) -> Result<Vec<Claim>, Error> {
    let mut claims = Vec::new();
    crate::lines::each(path, |number, text| {
        let wrong = |problem: String| Error::Malformed { path: path.to_owned(), line: number, problem };
        let line: Line = serde_json::from_str(text).map_err(|error| {
            wrong(format!(
                "{error}; write {{\"context\": \"…\", \"claim\": \"…\", \"label\": 0 or 1}} in one line"
            ))
        })?;
        let supported = match &line.label {
            Value::Bool(label) => *label,
            Value::Number(label) if label.as_u64() == Some(1) => true,
            Value::Number(label) if label.as_u64() == Some(0) => false,
            other => {
                let remedy = "write 1 where the context supports the claim, and 0 where it does not";
                return Err(wrong(format!("`label` is {other}; {remedy}")));
            }
        };
        for (name, text) in [("context", &line.context), ("claim", &line.claim)] {
            if text.trim().is_empty() {
                return Err(wrong(format!("`{name}` is empty; fill it or remove the line")));
            }
        }
        let id = match line.id {
            Some(Value::String(id)) => id,
            Some(id) if !id.is_null() => id.to_string(),
            _ => number.to_string(),
        };
        claims.push(Claim { id, context: line.context, claim: line.claim, supported });
        Ok(())
    })?;
    if claims.is_empty() { Err(Error::NoClaims { path: path.to_owned() }) } else { Ok(claims) }
}

/// Numbers that are the same for claims on the same context, which were often written together.
pub fn groups(claims: &[Claim]) -> Vec<usize> {
    let mut known = HashMap::new();
    let mut group = |claim| {
        let next = known.len();
        *known.entry(claim).or_insert(next)
    };
    claims.iter().map(|claim| group(claim.context.as_str())).collect()
}

/// What a checker said of a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Its probability of support.
    pub score: f64,
    /// Whether it let the claim pass.
    pub passed: bool,
    /// What people said.
    pub supported: bool,
    /// Claims of one group are drawn together.
    pub group: usize,
}

/// A measure with the interval that holds it in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The measure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well a checker agrees with people. What does not apply, as where all claims are supported, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// How many claims there are.
    pub claims: usize,
    /// How many of them people found supported.
    pub supported: usize,
    /// Of the checker's own decisions.
    pub balanced_accuracy: Option<Interval>,
    /// Of its scores, whatever it decides.
    pub auc: Option<Interval>,
    /// F1 of the claims that passed.
    pub f1: Option<Interval>,
    /// Share of the claims that passed that are supported.
    pub precision: Option<Interval>,
    /// Share of the supported claims that passed.
    pub recall: Option<Interval>,
    /// Score from which on passing would give the best balanced accuracy on these very claims.
    pub best_threshold: Option<f64>,
    /// The balanced accuracy that it would give.
    pub best_balanced_accuracy: Option<f64>,
    /// Expected calibration error of the scores.
    pub calibration_error: Option<f64>,
    /// Expected and observed support by score.
    pub bins: Vec<Bin>,
}

impl Agreement {
    /// Of `judged`. Whole groups are drawn for the intervals; the same `seed` gives the same ones.
    pub fn of(judged: &[Judged], seed: u64) -> Self {
        let mut judged = judged.to_vec();
        judged.sort_by(|a, b| a.score.total_cmp(&b.score));
        let scores: Vec<(f64, bool)> = judged.iter().map(|item| (item.score, item.supported)).collect();
        let decided = |weights: &[u32]| {
            let mut confusion = Confusion::default();
            for (item, times) in judged.iter().zip(weights) {
                confusion.add(item.supported, item.passed, f64::from(*times));
            }
            confusion
        };
        let groups: Vec<usize> = judged.iter().map(|item| item.group).collect();
        let [balanced_accuracy, area, f1, precision, recall] = intervals(&groups, seed, &|weights| {
            let confusion = decided(weights);
            [
                confusion.balanced_accuracy(),
                auc(&scores, weights),
                confusion.f1(),
                confusion.precision(),
                confusion.recall(),
            ]
        });
        let bins = bins(&scores);
        let best = best(&scores);
        Self {
            claims: judged.len(),
            supported: judged.iter().filter(|item| item.supported).count(),
            balanced_accuracy,
            auc: area,
            f1,
            precision,
            recall,
            best_threshold: best.map(|(threshold, _)| threshold),
            best_balanced_accuracy: best.map(|(_, accuracy)| accuracy),
            calibration_error: expected_error(&bins),
            bins,
        }
    }
}

/// The lowest threshold on `sorted` scores with the best balanced accuracy, and that.
fn best(sorted: &[(f64, bool)]) -> Option<(f64, f64)> {
    let mut confusion = Confusion::default();
    sorted.iter().for_each(|(_, supported)| confusion.add(*supported, true, 1.0));
    let mut best: Option<(f64, f64)> = None;
    let mut before = f64::NEG_INFINITY;
    for (score, supported) in sorted {
        if *score > before {
            let accuracy = confusion.balanced_accuracy()?;
            if best.is_none_or(|(_, highest)| accuracy > highest) {
                best = Some((*score, accuracy));
            }
            before = *score;
        }
        confusion.add(*supported, true, -1.0);
        confusion.add(*supported, false, 1.0);
    }
    best
}

/// Measures with their percentile bootstrap intervals (Efron, 1979): whole groups are drawn.
fn intervals<const N: usize>(
    groups: &[usize],
    seed: u64,
    measure: &dyn Fn(&[u32]) -> [Option<f64>; N],
) -> [Option<Interval>; N] {
    let mut members = BTreeMap::<usize, Vec<usize>>::new();
    groups.iter().enumerate().for_each(|(at, group)| members.entry(*group).or_default().push(at));
    let members: Vec<Vec<usize>> = members.into_values().collect();
    let whole = measure(&vec![1; groups.len()]);
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(SAMPLES));
    let mut random = seed;
    let mut weights = vec![0u32; groups.len()];
    for _ in 0..SAMPLES {
        weights.fill(0);
        for _ in 0..members.len() {
            let drawn = &members[(next(&mut random) % members.len() as u64) as usize];
            drawn.iter().for_each(|at| weights[*at] += 1);
        }
        for (samples, value) in samples.iter_mut().zip(measure(&weights)) {
            samples.extend(value);
        }
    }
    std::array::from_fn(|at| {
        let samples = &mut samples[at];
        samples.sort_by(f64::total_cmp);
        let share = |share: f64| {
            samples.get((samples.len().saturating_sub(1) as f64 * share).round() as usize).copied()
        };
        let value = whole[at]?;
        Some(Interval { value, low: share(0.025)?, high: share(0.975)? })
    })
}

#[cfg(test)]
mod tests;
