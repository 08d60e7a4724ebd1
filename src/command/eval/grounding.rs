//! `citedesk eval grounding`: measures how well the check agrees with people on claims and what they rest on.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eval::grounding::{Agreement, Claim, Interval, Judged};
use generator::SentenceEncoder;
use generator::verify::{FactChecker, check_text};
use serde::Serialize;

use crate::config::Settings;
use crate::engine::Models;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Seed of the intervals.
const SEED: u64 = 20_261_126;

/// What came of one file.
#[derive(Serialize)]
struct Measured<'a> {
    set: &'a str,
    /// Score from which on a claim passes.
    threshold: f32,
    agreement: &'a Agreement,
    /// Median and 95th percentile of the time for one claim, in milliseconds.
    median_ms: f64,
    p95_ms: f64,
}

/// One claim with the verdict on it.
#[derive(Serialize)]
struct Row<'a> {
    set: &'a str,
    id: &'a str,
    claim: &'a str,
    label: bool,
    verdict: corpus::Verdict,
}

pub(super) fn run(
    settings: &Settings,
    files: &[PathBuf],
    most: Option<usize>,
    threshold: Option<f32>,
    out: Option<&Path>,
    output: Output,
) -> Result<Exit, Failure> {
    // All are read before models are loaded: a mistyped path is told at once.
    let read = |path: &PathBuf| -> Result<(String, Vec<Claim>), Failure> {
        let claims = eval::grounding::read(path).map_err(|error| Failure::of(Exit::Error, &error))?;
        Ok((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), claims))
    };
    let sets = files.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    let mut rows = out.map(|path| Ok::<_, Failure>(BufWriter::new(File::create(path)?))).transpose()?;
    let models = Models::load(settings, output)?;
    let mut checker = FactChecker::new(Arc::clone(&models.encoder) as Arc<dyn SentenceEncoder>);
    if let Some(reader) = models.checker() {
        checker = checker.with_reader(reader);
    }
    if let Some(threshold) = threshold {
        checker = checker.with_threshold(threshold);
    }
    if !output.json {
        output.line("| set | claims | supported | balanced accuracy | ROC-AUC | F1 | precision | recall | best threshold | ECE | ms |")?;
        output.line("|---|--:|--:|---|---|---|---|---|---|--:|--:|")?;
    }
    let mut all = Vec::new();
    let mut times = Vec::new();
    for (set, mut claims) in sets {
        thin(&mut claims, most);
        let from = all.last().map_or(0, |last: &Judged| last.group + 1);
        let mut judged = Vec::new();
        let mut taken = Vec::new();
        for (claim, group) in claims.iter().zip(eval::grounding::groups(&claims)) {
            let started = Instant::now();
            let verdict = check_text(&mut checker, &claim.claim, &claim.context)
                .map_err(|error| Failure::of(Exit::Error, &error))?;
            taken.push(started.elapsed());
            judged.push(Judged {
                score: f64::from(verdict.score),
                passed: verdict.supported,
                supported: claim.supported,
                group: from + group,
            });
            if let Some(rows) = &mut rows {
                let row =
                    Row { set: &set, id: &claim.id, claim: &claim.claim, label: claim.supported, verdict };
                let line = serde_json::to_string(&row).map_err(|error| Failure::of(Exit::Error, &error))?;
                writeln!(rows, "{line}")?;
            }
        }
        tell(&set, checker.threshold(), &judged, &taken, output)?;
        judged.sort_by_key(|item| item.group);
        all.extend(judged);
        times.extend(taken);
    }
    if let Some(mut rows) = rows {
        rows.flush()?;
    }
    if files.len() > 1 {
        tell("all", checker.threshold(), &all, &times, output)?;
    }
    if !output.json {
        output.line("")?;
        output.line("| score | claims | expected | observed |")?;
        output.line("|--:|--:|--:|--:|")?;
        for bin in Agreement::of(&all, SEED).bins {
            output.line(format!(
                "| {:.1} | {} | {:.3} | {:.3} |",
                bin.from, bin.count, bin.expected, bin.observed
            ))?;
        }
    }
    Ok(Exit::Ok)
}

/// Leaves so many claims, evenly taken.
fn thin(claims: &mut Vec<Claim>, most: Option<usize>) {
    let step = most.map_or(1, |most| claims.len().div_ceil(most.max(1)).max(1));
    let mut index = 0;
    claims.retain(|_| {
        index += 1;
        (index - 1) % step == 0
    });
}

fn tell(
    set: &str,
    threshold: f32,
    judged: &[Judged],
    times: &[Duration],
    output: Output,
) -> Result<(), Failure> {
    let agreement = Agreement::of(judged, SEED);
    let mut ms: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
    ms.sort_by(f64::total_cmp);
    let share = |share: f64| ms.get((ms.len() as f64 * share) as usize).copied().unwrap_or_default();
    let (median_ms, p95_ms) = (share(0.5), share(0.95));
    if output.json {
        let measured = Measured { set, threshold, agreement: &agreement, median_ms, p95_ms };
        return output.event("grounding", &measured);
    }
    let wide = |interval: Option<Interval>| {
        interval.map_or("–".to_owned(), |it| format!("{:.3} [{:.3}, {:.3}]", it.value, it.low, it.high))
    };
    let best = agreement.best_threshold.zip(agreement.best_balanced_accuracy);
    output.line(format!(
        "| {set} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {median_ms:.1}, {p95_ms:.1} |",
        agreement.claims,
        agreement.supported,
        wide(agreement.balanced_accuracy),
        wide(agreement.auc),
        wide(agreement.f1),
        wide(agreement.precision),
        wide(agreement.recall),
        best.map_or("–".to_owned(), |(threshold, accuracy)| format!("{threshold:.2} ({accuracy:.3})")),
        agreement.calibration_error.map_or("–".to_owned(), |error| format!("{error:.3}")),
    ))
}
