//! Weights of support, from claims that people judged against their contexts.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use corpus::sentence::sentences;
use generator::verify::FactChecker;
use generator::weights::{Linear, SUPPORT_FEATURES};
use models::Encoder;

use crate::data::{held_out, lines, text};
use crate::fit::{Example, auc, logistic};

/// Sets that may be trained on, and whether they are.
const SETS: [(&str, bool); 11] = [
    ("begin_cmu", true),
    ("begin_tc", true),
    ("begin_wow", true),
    ("expertqa", true),
    ("fever_symmetric", true),
    ("fm2", true),
    ("summedits_ectsum", true),
    ("summedits_sales_email", true),
    ("summedits_samsum", true),
    ("summedits_scitldr", true),
    ("frank", false),
];
/// Claims taken from one set.
const MOST: usize = 200;
/// Share of unsupported claims that may pass.
const PASSING: f32 = 0.1;

/// Weights, threshold and a line on how good they are.
pub(crate) fn fit(data: &Path, encoder: &Arc<Encoder>) -> Result<(Linear, f32, String), Box<dyn Error>> {
    let mut checker = FactChecker::new(Arc::clone(encoder) as Arc<dyn generator::SentenceEncoder>);
    let mut judged: Vec<(&str, bool, Example, bool)> = Vec::new();
    for (set, trains) in SETS {
        for line in lines(&data.join(format!("grounding/{set}.jsonl")))?.iter().take(MOST) {
            let (context, claim) = (text(line, "context"), text(line, "claim"));
            // One sentence at a time is what is checked.
            if sentences(&claim).len() != 1 || context.len() > 20_000 {
                continue;
            }
            let evidence: Vec<&str> =
                sentences(&context).iter().filter_map(|span| span.of(&context)).collect();
            if evidence.is_empty() {
                continue;
            }
            let (features, problem) = checker.features(&claim, &evidence)?;
            let example =
                Example { values: features.values().to_vec(), label: line["label"] == 1, weight: 1.0 };
            judged.push((set, trains && !held_out(&context), example, problem.is_some()));
        }
    }
    let mut counts: BTreeMap<(&str, bool), f32> = BTreeMap::new();
    for (set, _, example, _) in &judged {
        *counts.entry((set, example.label)).or_default() += 1.0;
    }
    let train: Vec<Example> = judged
        .iter()
        .filter(|(_, trains, _, _)| *trains)
        .map(|(set, _, example, _)| Example {
            weight: 1.0 / counts[&(*set, example.label)],
            ..example.clone()
        })
        .collect();
    let linear = logistic(&SUPPORT_FEATURES, &train);
    let value = |example: &Example| linear.value(&SUPPORT_FEATURES, &example.values);
    let mut report = Vec::new();
    let mut wrong = Vec::new();
    for (set, _) in SETS {
        let held: Vec<(f32, bool)> = judged
            .iter()
            .filter(|(of, trains, _, _)| of == &set && !trains)
            .map(|(_, _, example, problem)| {
                (if *problem { value(example).min(0.0) } else { value(example) }, example.label)
            })
            .collect();
        wrong.extend(held.iter().filter(|(_, label)| !label).map(|(value, _)| *value));
        println!("{set}: support AUC {:.3} on {} claims", auc(&held), held.len());
        report.push(format!("{set} {:.3}", auc(&held)));
    }
    wrong.sort_by(|a, b| b.total_cmp(a));
    let logit = wrong.get((wrong.len() as f32 * PASSING) as usize).copied().unwrap_or(2.0).max(0.0);
    let threshold = (100.0 / (1.0 + (-logit).exp())).round() / 100.0;
    let right: Vec<f32> = judged
        .iter()
        .filter(|(_, trains, example, problem)| !trains && example.label && !problem)
        .map(|(_, _, example, _)| value(example))
        .collect();
    let all = judged.iter().filter(|(_, trains, example, _)| !trains && example.label).count();
    let passing = right.iter().filter(|value| **value >= logit).count() as f32 / all.max(1) as f32;
    println!(
        "support {linear:?}\nat {threshold} passes {PASSING} of the unsupported, {passing:.2} of the supported"
    );
    Ok((linear, threshold, format!("AUC {}", report.join(", "))))
}
