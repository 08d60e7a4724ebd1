//! Weights of support, from claims that people judged against their contexts.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use corpus::sentence::sentences;
use generator::verify::FactChecker;
use generator::weights::{Linear, SUPPORT_FEATURES, WEIGHTS};
use models::{Encoder, PairEncoder};

use crate::corrupt::corrupted;
use crate::data::{held_out, lines, text};
use crate::fit::{Example, auc, logistic};

/// Sets of judged claims, and whether they may be trained on.
const SETS: [(&str, bool); 13] = [
    ("begin_cmu", true),
    ("begin_tc", true),
    ("begin_wow", true),
    ("expertqa", true),
    ("fever_symmetric", true),
    ("fm2", true),
    ("halueval_qa", true),
    ("summedits_ectsum", true),
    ("summedits_sales_email", true),
    ("summedits_samsum", true),
    ("summedits_scitldr", true),
    ("attributionbench", false),
    ("frank", false),
];
/// Claims taken from one set.
const MOST: usize = 1_500;
/// Share of those that pass that should be supported, if as many claims are as are not.
const PRECISION: f32 = 0.9;

/// What the pair encoder adds: its logit, and a constant.
const ADDED: [&str; 2] = ["entailed", "read"];

/// A claim with its context.
struct Claim {
    set: &'static str,
    context: String,
    text: String,
    supported: bool,
    trains: bool,
}

/// Weights, threshold and a line on how good they are.
pub(crate) fn fit(data: &Path, encoder: &Arc<Encoder>) -> Result<(Linear, f32, String), Box<dyn Error>> {
    let mut checker = FactChecker::new(Arc::clone(encoder) as Arc<dyn generator::SentenceEncoder>);
    let mut claims = of_people(data)?;
    claims.extend(written(&data.join("dev/clapnq/clapnq_dev_answerable.jsonl"))?);
    let judged = judge(&claims, &mut checker)?;

    let mut counts: BTreeMap<(&str, bool), f32> = BTreeMap::new();
    for (set, _, example, _) in &judged {
        *counts.entry((set, example.label)).or_default() += 1.0;
    }
    let weight = |set: &str, example: &Example| 1.0 / counts[&(set, example.label)];
    let train: Vec<Example> = judged
        .iter()
        .filter(|(_, trains, ..)| *trains)
        .map(|(set, _, example, _)| Example { weight: weight(set, example), ..example.clone() })
        .collect();
    let linear = logistic(&SUPPORT_FEATURES, &train);
    let value = |example: &Example| linear.value(&SUPPORT_FEATURES, &example.values);
    let mut report = Vec::new();
    let mut passing: Vec<(f32, bool, f32)> = Vec::new();
    for set in SETS.iter().map(|(set, _)| *set).chain(["clapnq"]) {
        let held: Vec<(f32, bool)> = judged
            .iter()
            .filter(|(of, trains, ..)| *of == set && !trains)
            .map(|(_, _, example, problem)| {
                let value = value(example);
                (if *problem { value.min(0.0) } else { value }, example.label)
            })
            .collect();
        println!("{set}: support AUC {:.3} on {} claims", auc(&held), held.len());
        report.push(format!("{set} {:.3}", auc(&held)));
        passing.extend(
            judged
                .iter()
                .filter(|(of, trains, _, problem)| *of == set && !trains && !problem)
                .map(|(set, _, example, _)| (value(example), example.label, weight(set, example))),
        );
    }
    let threshold = threshold(passing);
    println!("support {linear:?}\nthreshold {threshold}");
    Ok((linear, threshold, format!("AUC {}", report.join(", "))))
}

/// Claims of the sets that are there.
fn of_people(data: &Path) -> Result<Vec<Claim>, Box<dyn Error>> {
    let mut claims = Vec::new();
    for (set, trains) in SETS {
        let file = data.join(format!("grounding/{set}.jsonl"));
        if !file.is_file() {
            continue;
        }
        for line in lines(&file)?.iter().take(MOST) {
            let (context, claim) = (text(line, "context"), text(line, "claim"));
            let trains = trains && !held_out(&context);
            claims.push(Claim { set, context, text: claim, supported: line["label"] == 1, trains });
        }
    }
    Ok(claims)
}

/// A claim's set, whether it trains, what it is judged by, and whether a fact speaks against it.
type Judged = (&'static str, bool, Example, bool);

fn judge(claims: &[Claim], checker: &mut FactChecker) -> Result<Vec<Judged>, Box<dyn Error>> {
    let mut judged = Vec::new();
    for claim in claims {
        // One sentence at a time is what is checked.
        if sentences(&claim.text).len() != 1 || claim.context.len() > 20_000 {
            continue;
        }
        let evidence: Vec<&str> =
            sentences(&claim.context).iter().filter_map(|span| span.of(&claim.context)).collect();
        if evidence.is_empty() {
            continue;
        }
        let (features, problem) = checker.features(&claim.text, &evidence)?;
        let values = features.values().to_vec();
        let example = Example { values, label: claim.supported, weight: 1.0, offset: 0.0 };
        judged.push((claim.set, claim.trains, example, problem.is_some()));
    }
    Ok(judged)
}

/// What the pair encoder adds to the shipped weights of support, and the threshold that comes of it.
pub(crate) fn beside(
    data: &Path,
    encoder: &Arc<Encoder>,
    reader: &Arc<PairEncoder>,
) -> Result<(Linear, f32), Box<dyn Error>> {
    let mut checker = FactChecker::new(Arc::clone(encoder) as Arc<dyn generator::SentenceEncoder>)
        .with_reader(Arc::clone(reader) as Arc<dyn generator::PairReader>);
    let mut judged = judge(&of_people(data)?, &mut checker)?;
    let entailed = SUPPORT_FEATURES.iter().position(|name| *name == ADDED[0]).ok_or("no such feature")?;
    let mut fixed = WEIGHTS.support.clone();
    fixed.weights.retain(|name, _| !ADDED.contains(&name.as_str()));
    let mut counts: BTreeMap<(&str, bool), f32> = BTreeMap::new();
    for (set, _, example, _) in &judged {
        *counts.entry((set, example.label)).or_default() += 1.0;
    }
    for (set, _, example, _) in &mut judged {
        example.offset = fixed.value(&SUPPORT_FEATURES, &example.values);
        example.weight = 1.0 / counts[&(*set, example.label)];
        example.values = vec![example.values[entailed]];
    }
    let train: Vec<Example> =
        judged.iter().filter(|(_, trains, ..)| *trains).map(|(.., example, _)| example.clone()).collect();
    let added = logistic(&ADDED[..1], &train);
    let value = |example: &Example| example.offset + added.value(&ADDED[..1], &example.values);
    for set in counts.keys().map(|(set, _)| *set).collect::<BTreeSet<_>>() {
        let area = |of: &dyn Fn(&Example) -> f32| {
            let held = judged.iter().filter(|(of, trains, ..)| *of == set && !trains);
            auc(&held.map(|(.., example, _)| (of(example), example.label)).collect::<Vec<_>>())
        };
        let alone = area(&|example| example.values[0]);
        println!(
            "{set}: support AUC {:.3} without, {:.3} with, {alone:.3} alone",
            area(&|e| e.offset),
            area(&value)
        );
    }
    let passing = judged.iter().filter(|(_, trains, _, problem)| !trains && !problem);
    let threshold = threshold(passing.map(|(.., e, _)| (value(e), e.label, e.weight)).collect());
    println!("support {added:?}\nthreshold {threshold}");
    let mut linear = fixed;
    linear.weights.insert(ADDED[0].to_owned(), added.weights.get(ADDED[0]).copied().unwrap_or_default());
    linear.weights.insert(ADDED[1].to_owned(), added.bias);
    Ok((linear, threshold))
}

/// The lowest score from which on a share of [`PRECISION`] is supported, both sides of every set counting alike.
fn threshold(mut passing: Vec<(f32, bool, f32)>) -> f32 {
    passing.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut all, mut lowest) = (0.0, 0.0, 4.0);
    for (value, label, weight) in passing {
        all += weight;
        right += if label { weight } else { 0.0 };
        if right / all >= PRECISION {
            lowest = value;
        }
    }
    (100.0f32 / (1.0 + (-lowest).exp())).ceil() / 100.0
}

/// Sentences of answers that people wrote on passages, and the same made wrong by one thing.
fn written(path: &Path) -> Result<Vec<Claim>, Box<dyn Error>> {
    let mut claims = Vec::new();
    for line in lines(path)? {
        let passage = text(&line["passages"][0], "text");
        let answer = text(&line["output"][0], "answer");
        let said: Vec<&str> = sentences(&answer).iter().filter_map(|span| span.of(&answer)).collect();
        for (at, sentence) in said.iter().enumerate() {
            let other = said.get(at + 1).or(said.first().filter(|_| at > 0)).copied();
            let right = std::iter::once(((*sentence).to_owned(), true));
            let wrong = corrupted(sentence, &passage, other).into_iter().map(|wrong| (wrong, false));
            claims.extend(right.chain(wrong).map(|(text, supported)| Claim {
                set: "clapnq",
                context: passage.clone(),
                text,
                supported,
                trains: !held_out(&passage),
            }));
        }
    }
    Ok(claims)
}
