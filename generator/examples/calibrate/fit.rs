//! Logistic regression and its listwise kin, by gradient descent on standardized features.

use std::collections::BTreeMap;

use generator::weights::Linear;

const STEPS: usize = 1_500;
const RATE: f32 = 0.5;
/// Strength of the pull of weights to 0.
const RIDGE: f32 = 0.002;

/// Features that may only speak against; every other one may only speak for. Without that, features that go together
/// get weights of opposite signs that hold for nothing but the training data.
const AGAINST: [&str; 11] = [
    "asks",
    "brief",
    "opposed",
    "negated",
    "length",
    "list",
    "strayed",
    "replaced",
    "unrestricted",
    "certain",
    "personal",
];

fn project(names: &[&str], weights: &mut [f32]) {
    for (name, weight) in names.iter().zip(weights) {
        *weight = if AGAINST.contains(name) { weight.min(0.0) } else { weight.max(0.0) };
    }
}

/// One judged case.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) values: Vec<f32>,
    pub(crate) label: bool,
    pub(crate) weight: f32,
    /// What is part of the logit anyway.
    pub(crate) offset: f32,
}

/// Candidates of one question, and which of them answer.
pub(crate) struct List<'a> {
    pub(crate) values: Vec<Vec<f32>>,
    pub(crate) right: &'a [bool],
}

/// Weights under which the likelihood of the labels is highest.
pub(crate) fn logistic(names: &[&str], examples: &[Example]) -> Linear {
    let scale = Scale::of(names.len(), examples.iter().map(|example| example.values.as_slice()));
    let scaled: Vec<Vec<f32>> = examples.iter().map(|example| scale.apply(&example.values)).collect();
    let total: f32 = examples.iter().map(|example| example.weight).sum();
    let mut weights = vec![0.0f32; names.len()];
    let mut bias = 0.0f32;
    for _ in 0..STEPS {
        let mut gradient = vec![0.0f32; names.len()];
        let mut bias_gradient = 0.0;
        for (example, values) in examples.iter().zip(&scaled) {
            let logit = example.offset + bias + dot(&weights, values);
            let error =
                (f32::from(u8::from(example.label)) - 1.0 / (1.0 + (-logit).exp())) * example.weight / total;
            bias_gradient += error;
            gradient.iter_mut().zip(values).for_each(|(g, v)| *g += error * v);
        }
        bias += RATE * bias_gradient;
        weights.iter_mut().zip(&gradient).for_each(|(w, g)| *w += RATE * (g - RIDGE * *w));
        project(names, &mut weights);
    }
    scale.undo(names, &weights, bias)
}

/// Weights under which it is likeliest to draw a right candidate of each list (softmax over the list).
pub(crate) fn softmax(names: &[&str], lists: &[List<'_>]) -> Linear {
    let scale = Scale::of(names.len(), lists.iter().flat_map(|list| list.values.iter().map(Vec::as_slice)));
    let scaled: Vec<Vec<Vec<f32>>> =
        lists.iter().map(|list| list.values.iter().map(|values| scale.apply(values)).collect()).collect();
    let mut weights = vec![0.0f32; names.len()];
    for _ in 0..STEPS / 3 {
        let mut gradient = vec![0.0f32; names.len()];
        for (list, values) in lists.iter().zip(&scaled) {
            let logits: Vec<f32> = values.iter().map(|values| dot(&weights, values)).collect();
            let top = logits.iter().copied().fold(f32::MIN, f32::max);
            let odds: Vec<f32> = logits.iter().map(|logit| (logit - top).exp()).collect();
            let all: f32 = odds.iter().sum();
            let right: f32 =
                odds.iter().zip(list.right).filter(|(_, right)| **right).map(|(odds, _)| odds).sum();
            for ((values, odds), is_right) in values.iter().zip(&odds).zip(list.right) {
                let wanted = if *is_right { odds / right.max(1e-9) } else { 0.0 };
                let error = (wanted - odds / all) / lists.len() as f32;
                gradient.iter_mut().zip(values).for_each(|(g, v)| *g += error * v);
            }
        }
        weights.iter_mut().zip(&gradient).for_each(|(w, g)| *w += RATE * (g - RIDGE * *w));
        project(names, &mut weights);
    }
    scale.undo(names, &weights, 0.0)
}

/// Area under the receiver operating characteristic: how often a right case has a higher value than a wrong one.
pub(crate) fn auc(judged: &[(f32, bool)]) -> f32 {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let right = sorted.iter().filter(|(_, label)| *label).count() as f64;
    let wrong = sorted.len() as f64 - right;
    let mut ranks = 0.0;
    let mut at = 0;
    while at < sorted.len() {
        let end = (at..sorted.len()).find(|end| sorted[*end].0 > sorted[at].0).unwrap_or(sorted.len());
        let mean = (at + 1 + end) as f64 / 2.0;
        ranks += mean * sorted[at..end].iter().filter(|(_, label)| *label).count() as f64;
        at = end;
    }
    ((ranks - right * (right + 1.0) / 2.0) / (right * wrong).max(1.0)) as f32
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Mean and deviation of each feature.
struct Scale {
    mean: Vec<f32>,
    deviation: Vec<f32>,
}

impl Scale {
    fn of<'a>(width: usize, rows: impl Iterator<Item = &'a [f32]>) -> Self {
        let (mut count, mut sum, mut squares) = (0.0f64, vec![0.0f64; width], vec![0.0f64; width]);
        for row in rows {
            count += 1.0;
            for (at, value) in row.iter().enumerate() {
                sum[at] += f64::from(*value);
                squares[at] += f64::from(*value) * f64::from(*value);
            }
        }
        let mean: Vec<f64> = sum.iter().map(|sum| sum / count.max(1.0)).collect();
        let deviation = squares.iter().zip(&mean).map(|(s, m)| (s / count.max(1.0) - m * m).max(0.0).sqrt());
        Self {
            deviation: deviation.map(|d| d as f32).collect(),
            mean: mean.iter().map(|m| *m as f32).collect(),
        }
    }

    fn apply(&self, values: &[f32]) -> Vec<f32> {
        (0..values.len())
            .map(|at| {
                if self.deviation[at] > 1e-6 {
                    (values[at] - self.mean[at]) / self.deviation[at]
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// The function of standardized features as one of the features themselves.
    fn undo(&self, names: &[&str], weights: &[f32], bias: f32) -> Linear {
        let mut linear = Linear { bias, weights: BTreeMap::new() };
        for (at, name) in names.iter().enumerate() {
            if self.deviation[at] > 1e-6 {
                let weight = weights[at] / self.deviation[at];
                linear.bias -= weight * self.mean[at];
                linear.weights.insert((*name).to_owned(), (weight * 1_000.0).round() / 1_000.0);
            }
        }
        linear.bias = (linear.bias * 1_000.0).round() / 1_000.0;
        linear
    }
}
