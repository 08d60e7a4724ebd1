//! How far measures without a judge agree with people: `agreement FILE…`.
//!
//! Of a file of rated answers in the layout of MTRAG (`.json`; Katsis et al., TACL 2025) it tells Spearman's correlation
//! with the ratings of faithfulness, with intervals by conversation; of judged claims (`.jsonl`, as for `eval grounding`)
//! how well the rule of `grounded` tells the supported ones, K-precision being its score.

#![allow(clippy::print_stdout, missing_docs, reason = "a program, not an interface")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};

use corpus::sentence::sentences;
use eval::grounding::{Agreement, Judged};
use eval::measure::k_precision::k_precision;
use eval::measure::support::Premise;
use eval::statistics::{Clusters, spearman};
use serde::Deserialize;
use serde_json::Value;

const SEED: u64 = 20_261_127;

#[derive(Deserialize)]
struct File {
    documents: Vec<Document>,
    tasks: Vec<Task>,
    evaluations: Vec<Evaluation>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "document_id")]
    id: String,
    text: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Task {
    #[serde(rename = "task_id")]
    id: String,
    contexts: Vec<Context>,
    #[serde(rename = "Answerability")]
    answerability: Vec<String>,
}

#[derive(Deserialize)]
struct Context {
    document_id: String,
}

#[derive(Deserialize)]
struct Evaluation {
    task_id: String,
    model_response: String,
    annotations: BTreeMap<String, Value>,
}

/// The mean of what people say, or the one value of a program.
fn told(annotation: &Value) -> Option<f64> {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let all: Vec<f64> = annotation.as_object()?.values().filter_map(|one| number(&one["value"])).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        return Err("usage: agreement FILE…".into());
    }
    for path in paths {
        if path.extension().is_some_and(|kind| kind == "jsonl") { claims(&path)? } else { ratings(&path)? }
    }
    Ok(())
}

fn claims(path: &Path) -> Result<(), Box<dyn Error>> {
    let claims = eval::grounding::read(path)?;
    let judged = claims.iter().zip(eval::grounding::groups(&claims)).map(|(claim, group)| Judged {
        score: k_precision(&claim.claim, &claim.context).unwrap_or(0.0),
        passed: Premise::of([claim.context.as_str()]).bears_out(&claim.claim),
        supported: claim.supported,
        group,
    });
    let found = Agreement::of(&judged.collect::<Vec<_>>(), SEED);
    let told = |interval: Option<eval::grounding::Interval>| {
        interval.map_or("–".to_owned(), |i| format!("{:.2} [{:.2}, {:.2}]", i.value, i.low, i.high))
    };
    println!(
        "{}: {} claims, {} supported; precision {}, recall {}, balanced accuracy {}; AUC of K-precision {}",
        path.file_stem().unwrap_or_default().to_string_lossy(),
        found.claims,
        found.supported,
        told(found.precision),
        told(found.recall),
        told(found.balanced_accuracy),
        told(found.auc)
    );
    Ok(())
}

fn ratings(path: &Path) -> Result<(), Box<dyn Error>> {
    let file: File = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let documents: HashMap<&str, &Document> =
        file.documents.iter().map(|document| (document.id.as_str(), document)).collect();
    let tasks: HashMap<&str, &Task> = file.tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    let mut columns = BTreeMap::<(&str, &str), Vec<(f64, f64, &str)>>::new();
    for one in &file.evaluations {
        let Some(task) = tasks.get(one.task_id.as_str()) else { continue };
        let Some(people) = one.annotations.get("faithfulness").and_then(told) else { continue };
        let contexts = task.contexts.iter().filter_map(|context| documents.get(context.document_id.as_str()));
        let texts: Vec<&str> =
            contexts.flat_map(|document| [document.title.as_str(), &document.text]).collect();
        let premise = Premise::of(texts.iter().copied());
        let said: Vec<&str> = sentences(&one.model_response)
            .into_iter()
            .filter_map(|span| span.of(&one.model_response))
            .collect();
        let held = said.iter().filter(|sentence| premise.bears_out(sentence)).count();
        let grounded = (!said.is_empty()).then(|| held as f64 / said.len() as f64);
        let words = k_precision(&one.model_response, &texts.join(" "));
        let of_file = |name: &str| one.annotations.get(name).and_then(told);
        let conversation = one.task_id.split("<::>").next().unwrap_or_default();
        let answerable = task.answerability.iter().any(|answerability| answerability == "ANSWERABLE");
        for (name, value) in [
            ("K-precision", words),
            ("grounded sentences", grounded),
            ("mean of both", words.zip(grounded).map(|(a, b)| f64::midpoint(a, b))),
            ("Bert-KPrec of the file", of_file("Bert-KPrec")),
            ("ROUGE-L of the file", of_file("RougeL")),
        ] {
            let Some(value) = value else { continue };
            let scope = if answerable { ["all", "answerable"] } else { ["all", "other"] };
            scope.into_iter().for_each(|scope| {
                columns.entry((scope, name)).or_default().push((people, value, conversation));
            });
        }
    }
    for ((scope, name), rows) in columns {
        let clusters = Clusters::named(rows.iter().map(|(.., conversation)| *conversation));
        let pairs: Vec<(f64, f64)> = rows.iter().map(|(people, value, _)| (*people, *value)).collect();
        let Some(found) = spearman(&pairs, &clusters, SEED) else { continue };
        println!(
            "{scope}: {name}: {:.3} [{:.3}, {:.3}] over {} answers in {} conversations",
            found.value,
            found.low,
            found.high,
            found.pairs,
            clusters.count()
        );
    }
    Ok(())
}
