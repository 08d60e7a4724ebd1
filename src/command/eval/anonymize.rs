//! `citedesk eval anonymize`: how well masking agrees with people.

use std::path::PathBuf;

use eval::anonymization::{agreement, by_label, read};
use eval::statistics::Estimate;

use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// What the draws of the intervals depend on.
const SEED: u64 = 1;

pub(super) fn run(settings: &Settings, files: &[PathBuf], output: Output) -> Result<Exit, Failure> {
    let screener = engine::screener(settings)?;
    if !output.json {
        output.line("| set | texts | matching | precision | recall | F1 | F2 |")?;
        output.line("|---|--:|---|---|---|---|---|")?;
    }
    let mut labels = Vec::new();
    for file in files {
        let set = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let marked = read(file).map_err(|error| Failure::of(Exit::Error, &error))?;
        let masked: Vec<Vec<std::ops::Range<usize>>> = marked
            .iter()
            .map(|marked| {
                let findings = screener.mask(&marked.text).findings;
                findings.iter().map(|finding| finding.span.start..finding.span.end).collect()
            })
            .collect();
        for found in agreement(&marked, &masked, SEED) {
            if output.json {
                output.event(
                    "anonymization",
                    &serde_json::json!({
                        "set": set, "texts": marked.len(), "matching": found.matching, "precision": found.precision,
                        "recall": found.recall, "f1": found.f1, "f2": found.f2,
                    }),
                )?;
            } else {
                let cells = [found.precision, found.recall, found.f1, found.f2].map(cell);
                output.line(format!(
                    "| {set} | {} | {} | {} |",
                    marked.len(),
                    found.matching,
                    cells.join(" | ")
                ))?;
            }
        }
        for (label, (touched, all)) in by_label(&marked, &masked) {
            if output.json {
                let told =
                    serde_json::json!({ "set": set, "label": label, "touched": touched, "spans": all });
                output.event("label", &told)?;
            } else {
                labels.push(format!(
                    "| {set} | {label} | {touched} of {all} | {:.3} |",
                    touched as f64 / all.max(1) as f64
                ));
            }
        }
    }
    if !labels.is_empty() {
        output.line("\n| set | label | touched | share |")?;
        output.line("|---|---|--:|--:|")?;
        labels.into_iter().try_for_each(|line| output.line(line))?;
    }
    Ok(Exit::Ok)
}

fn cell(value: Option<Estimate>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |Estimate { mean, low, high, .. }| format!("{mean:.3} [{low:.3}, {high:.3}]"),
    )
}
