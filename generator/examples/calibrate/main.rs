//! Fits the weights of candidates, gate and support to judged questions and claims, and says how good they are.
//!
//! ```text
//! cargo run -p citedesk-generator --example calibrate -- DATA [WEIGHTS] [support|pair|gate RECORDS…|read RECORDS…]
//! ```
//!
//! `DATA` holds the sets `squad2`, `clapnq` and `stackfaq` in BEIR layout (`corpus.jsonl`, `queries.jsonl`,
//! `qrels/test.tsv`, `answers.jsonl`), `dev/dstc9_faq/knowledge.json` and `grounding/*.jsonl` (`context`, `claim`,
//! `label`); their licences permit to train on them. `WEIGHTS` is written; without it nothing is. Half of each set, by
//! document, is held out, and every figure printed is of that half.
//!
//! With `gate`, only candidates and gate are fitted. `RECORDS`, which `eval answers --out` wrote, are one more set, "records",
//! with the passages that the product found: of every question, and once more without those that answer it. Half of
//! them is held out, by the set that they are of. With `read` the same are fitted for what the pair encoder has read.
//!
//! With `support`, the weights of candidates and gate are kept as they are. With `pair` all weights are, and what the pair
//! encoder adds to support is fitted beside them; `DATA` is then what `training/pair/unseen.py` makes, which leaves out what
//! the pair encoder was trained on.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are what this program is for, and fitting takes long"
)]

mod corrupt;
mod data;
mod fit;
mod search;
mod support;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use corpus::Passage;
use generator::PairReader;
use generator::evidence::{Evidence, Material, Vectors};
use generator::language::Tongue;
use generator::question::{Question, essence};
use generator::weights::{CANDIDATE_FEATURES, GATE_FEATURES, Judges, Linear, WEIGHTS, Weights};
use models::{Encoder, PairEncoder, Runtime, SessionOptions, Side, setup};

use data::{Asked, Set};
use fit::{Example, List, auc, logistic, softmax};

/// Passages that an answer may rest on.
const PASSAGES: usize = 8;

/// What looks at texts.
struct Sight {
    encoder: Arc<Encoder>,
    reader: Option<Arc<PairEncoder>>,
}

/// One question with the evidence for it.
struct Case {
    set: &'static str,
    held_out: bool,
    question: Question,
    evidence: Evidence,
    /// Texts of the candidates, and which of them answer.
    texts: Vec<String>,
    right: Vec<bool>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let data = args.next().ok_or("usage: calibrate DATA [WEIGHTS]")?;
    let out = args.next();
    let part = args.next().unwrap_or_default();
    let layout = setup::Layout::new(setup::default_cache()?);
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ())?;
    let runtime = Runtime::load(&assets.runtime)?;
    let encoder = Arc::new(Encoder::open(&runtime, &assets.encoder, &SessionOptions::default())?);

    if part == "pair" {
        let reader = Arc::new(PairEncoder::open(&runtime, &assets.pair, &SessionOptions::default())?);
        let (support, supported) = support::beside(Path::new(&data), &encoder, &reader)?;
        return write(out.as_deref(), &Weights { support, supported_by_pair: supported, ..WEIGHTS.clone() });
    }
    if part == "support" {
        let (support, supported, report) = support::fit(Path::new(&data), &encoder)?;
        let kept = WEIGHTS.made.split("; support:").next().unwrap_or_default();
        let made = format!("{kept}; support: example calibrate, held out: {report}");
        return write(out.as_deref(), &Weights { made, support, supported, ..WEIGHTS.clone() });
    }
    let open = || PairEncoder::open(&runtime, &assets.pair, &SessionOptions::default()).map(Arc::new);
    let reader = (part == "read").then(open).transpose()?;
    let sight = Sight { encoder: Arc::clone(&encoder), reader };
    let mut cases = Vec::new();
    for records in args {
        recorded(Path::new(&records), &sight, &mut cases)?;
    }
    for set in data::sets(Path::new(&data))? {
        let from = cases.len();
        weigh(&set, &sight, &mut cases)?;
        eprintln!("{}: {} cases", set.name, cases.len() - from);
    }
    let candidate = fit_candidates(&cases);
    rescore(&mut cases, &candidate);
    let (gate, report) =
        fit_gate(&cases, if part == "read" { &WEIGHTS.read.gate } else { &WEIGHTS.taught.gate });
    let judges = Judges { candidate, gate };
    if part == "read" {
        return write(out.as_deref(), &Weights { made: report, read: judges, ..WEIGHTS.clone() });
    }
    if part == "gate" {
        return write(out.as_deref(), &Weights { made: report, taught: judges, ..WEIGHTS.clone() });
    }
    let (support, supported, support_report) = support::fit(Path::new(&data), &encoder)?;
    let made = format!(
        "example calibrate, encoder {}; held out: {report}; support: {support_report}",
        encoder.fingerprint()
    );
    let weights = Weights {
        made,
        read: WEIGHTS.read.clone(),
        taught: judges,
        untaught: WEIGHTS.untaught.clone(),
        crossing: WEIGHTS.crossing.clone(),
        support,
        answerable: WEIGHTS.answerable,
        supported,
        supported_by_pair: WEIGHTS.supported_by_pair,
    };
    write(out.as_deref(), &weights)
}

fn write(out: Option<&str>, weights: &Weights) -> Result<(), Box<dyn Error>> {
    if let Some(out) = out {
        std::fs::write(out, serde_json::to_string_pretty(weights)? + "\n")?;
    }
    Ok(())
}

/// Asks every question of a set as it is and, where it has an answer, once more with what answers it taken away.
fn weigh(set: &Set, sight: &Sight, cases: &mut Vec<Case>) -> Result<(), Box<dyn Error>> {
    let tongue = Tongue::english();
    let index = search::Index::new(set, &sight.encoder)?;
    let mut vectors = Vectors::default();
    for asked in &set.questions {
        let vector = sight.encoder.embed(&[asked.text.as_str()], Side::Question)?.remove(0);
        for without in [false, true] {
            if without && asked.gold.is_empty() {
                continue;
            }
            let passages = index.search(asked, &vector, without, PASSAGES);
            if passages.is_empty() {
                continue;
            }
            cases.push(case(set.name, asked, &passages, &tongue, &mut vectors, sight)?);
        }
    }
    Ok(())
}

/// Takes the questions of records, with the passages that were found for them, as cases; those that have an answer once
/// more without what answers them.
fn recorded(path: &Path, sight: &Sight, cases: &mut Vec<Case>) -> Result<(), Box<dyn Error>> {
    let tongue = Tongue::english();
    let mut vectors = Vectors::default();
    for line in data::lines(path)? {
        let (judgement, answer) = (&line["judgement"], &line["record"]["answer"]);
        if line["slices"]["turn"] == "later" {
            continue;
        }
        let found: Vec<Passage> = serde_json::from_value(answer["passages"].clone())?;
        let relevant = judgement["relevant"].as_object();
        let asked = Asked {
            text: essence(&data::text(answer, "question")),
            group: data::text(&line, "set"),
            gold: relevant.into_iter().flat_map(|documents| documents.keys().cloned()).collect(),
            answers: data::strings(&judgement["answers"]),
            held_out: data::held_out(&data::text(&line, "set")),
        };
        for without in [false, true] {
            if without && asked.gold.is_empty() {
                continue;
            }
            let kept = found.iter().filter(|p| !(without && asked.gold.contains(&p.chunk.document.0)));
            let mut passages: Vec<Passage> = kept.cloned().collect();
            passages.iter_mut().enumerate().for_each(|(at, passage)| passage.rank = at + 1);
            if !passages.is_empty() {
                cases.push(case("records", &asked, &passages, &tongue, &mut vectors, sight)?);
            }
        }
    }
    Ok(())
}

/// The evidence that `passages` give for a question, and which of it answers.
fn case(
    set: &'static str,
    asked: &Asked,
    passages: &[Passage],
    tongue: &Tongue,
    vectors: &mut Vectors,
    sight: &Sight,
) -> Result<Case, Box<dyn Error>> {
    let material = Material::new(passages, tongue);
    let question = Question::new(&asked.text, &asked.text, tongue);
    let reader = sight.reader.as_deref().map(|reader| reader as &dyn PairReader);
    let evidence = material.weigh(&question, vectors, sight.encoder.as_ref(), reader)?;
    let candidates = evidence.scored.iter().map(|entry| &material.candidates[entry.index]);
    let right = candidates.clone().map(|candidate| {
        let document = &passages[candidate.passage].chunk.document.0;
        answers(asked, document, &candidate.text)
    });
    let (right, texts) = (right.collect(), candidates.map(|candidate| candidate.text.clone()).collect());
    Ok(Case { set, held_out: asked.held_out, question, evidence, texts, right })
}

/// Whether a candidate of a document answers: it holds a short answer, most of its words are those of a long one, or,
/// where the whole document is the answer, it is a part of that.
fn answers(asked: &Asked, document: &str, text: &str) -> bool {
    if !asked.gold.iter().any(|gold| gold == document) {
        return false;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    asked.answers.is_empty()
        || asked.answers.iter().any(|answer| {
            let answer = answer.to_lowercase();
            let held = words.iter().filter(|word| answer.contains(**word)).count();
            lower.contains(&answer) || (answer.len() > text.len() && held * 10 >= words.len() * 7)
        })
}

fn fit_candidates(cases: &[Case]) -> Linear {
    let lists: Vec<List<'_>> = cases
        .iter()
        .filter(|case| !case.held_out && case.right.contains(&true))
        .map(|case| List {
            values: case.evidence.scored.iter().map(|entry| entry.features.values().to_vec()).collect(),
            right: &case.right,
        })
        .collect();
    let linear = softmax(&CANDIDATE_FEATURES, &lists);
    let mut before: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.held_out && case.right.contains(&true)) {
        let value =
            |at: &usize| linear.value(&CANDIDATE_FEATURES, &case.evidence.scored[*at].features.values());
        let cosine = |at: &usize| case.evidence.scored[*at].features.cosine;
        let best = |score: &dyn Fn(&usize) -> f32| {
            (0..case.right.len())
                .max_by(|a, b| score(a).total_cmp(&score(b)))
                .is_some_and(|at| case.right[at])
        };
        let counts = before.entry(case.set).or_default();
        counts.0 += 1;
        counts.1 += usize::from(best(&cosine));
        counts.2 += usize::from(best(&value));
    }
    for (set, (all, cosine, fitted)) in before {
        let share = |count: usize| count as f32 / all as f32;
        println!(
            "{set}: first candidate right, {all} questions: by cosine {:.3}, fitted {:.3}",
            share(cosine),
            share(fitted)
        );
    }
    println!("candidate {linear:?}");
    linear
}

fn rescore(cases: &mut [Case], weights: &Linear) {
    for case in cases {
        for entry in &mut case.evidence.scored {
            entry.score = weights.value(&CANDIDATE_FEATURES, &entry.features.values());
        }
    }
}

fn fit_gate(cases: &[Case], shipped: &Linear) -> (Linear, String) {
    let examples: Vec<(&Case, Example)> = cases
        .iter()
        .filter_map(|case| {
            let scored = &case.evidence.scored;
            let best = (0..scored.len()).max_by(|a, b| scored[*a].score.total_cmp(&scored[*b].score))?;
            let features = case.evidence.gate(&scored[best], &case.question, &case.texts[best]);
            Some((
                case,
                Example {
                    values: features.values().to_vec(),
                    label: case.right[best],
                    weight: 1.0,
                    offset: 0.0,
                },
            ))
        })
        .collect();
    // Every set counts alike, and so do its two sides.
    let mut counts: BTreeMap<(&str, bool), f32> = BTreeMap::new();
    for (case, example) in &examples {
        *counts.entry((case.set, example.label)).or_default() += 1.0;
    }
    let train: Vec<Example> = examples
        .iter()
        .filter(|(case, _)| !case.held_out)
        .map(|(case, example)| Example {
            weight: 1.0 / counts[&(case.set, example.label)],
            ..example.clone()
        })
        .collect();
    let linear = logistic(&GATE_FEATURES, &train);
    println!("shipped gate:");
    let _ = judge_gate(&examples, shipped);
    println!("fitted gate:");
    let report = judge_gate(&examples, &linear);
    println!("gate {linear:?}");
    (linear, format!("AUC of the gate {}", report.join(", ")))
}

/// Prints how good a gate is on the half of each set that is held out.
fn judge_gate(examples: &[(&Case, Example)], linear: &Linear) -> Vec<String> {
    let mut report = Vec::new();
    for set in examples.iter().map(|(case, _)| case.set).collect::<std::collections::BTreeSet<_>>() {
        let judged: Vec<(f32, bool)> = examples
            .iter()
            .filter(|(case, _)| case.held_out && case.set == set)
            .map(|(_, example)| (linear.value(&GATE_FEATURES, &example.values), example.label))
            .collect();
        let area = auc(&judged);
        report.push(format!("{set} {area:.3}"));
        println!("{set}: gate AUC {area:.3} on {} cases", judged.len());
        for threshold in [0.3f32, 0.4, 0.5, 0.6, 0.7] {
            let logit = (threshold / (1.0 - threshold)).ln();
            let rate = |label: bool| {
                let all = judged.iter().filter(|(_, l)| *l == label).count().max(1);
                judged.iter().filter(|(value, l)| *l == label && *value >= logit).count() as f32 / all as f32
            };
            println!(
                "  at {threshold}: says {:.2} of the right answers, {:.2} of the wrong ones",
                rate(true),
                rate(false)
            );
        }
    }
    report
}
