//! `citedesk bench`: what a person waits for, measured from the start of the process.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::ValueEnum as _;
use corpus::Pace;
use serde::Serialize;

use super::ingest;
use crate::cli::Bench;
use crate::config::{Mode, Settings};
use crate::engine::{Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::sample;

/// Times of one `citedesk ask` in milliseconds since its process was started.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Run {
    passages_ms: f64,
    first_sentence_ms: Option<f64>,
    total_ms: f64,
    peak_rss_mb: f64,
    model: Option<Pace>,
}

/// Median and 95th percentile.
#[derive(Clone, Copy, Debug, Serialize)]
struct Spread {
    p50: f64,
    p95: f64,
}

pub(crate) fn run(settings: &Settings, args: &Bench, output: Output) -> Result<Exit, Failure> {
    let questions: Vec<String> = match &args.questions {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::new(Exit::Error, format!("cannot read {path:?}: {error}")))?
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        None => sample::questions().map(str::to_owned).collect(),
    };
    // Tells at once, and clearly, where there is no index or no model.
    let mut engine = Engine::open(settings, args.mode, output)?;
    let mut warm = Vec::new();
    for question in questions.iter().cycle().take(questions.len() * usize::from(args.runs)) {
        let asked = Asked { question: question.clone(), ..Asked::default() };
        let timings = engine.ask(&asked, &mut |_| ControlFlow::Continue(()))?.answer.timings;
        warm.push(Run {
            passages_ms: timings.passages_ms,
            first_sentence_ms: timings.first_sentence_ms,
            total_ms: timings.total_ms,
            peak_rss_mb: 0.0,
            model: timings.model,
        });
    }
    drop(engine);
    let mut cold = Vec::new();
    for question in questions.iter().cycle().take(questions.len() * usize::from(args.runs)) {
        cold.push(ask(settings, question, args.mode)?);
    }
    report("warm (models loaded)", &warm, output)?;
    report("cold (from the start of `citedesk ask`)", &cold, output)?;
    let peak = cold.iter().map(|run| run.peak_rss_mb).fold(0.0, f64::max);
    if output.json {
        output.event("memory", &serde_json::json!({ "peak_rss_mb": peak }))?;
    } else {
        output.line(format!("peak resident memory of `citedesk ask`: {peak:.0} MB"))?;
    }
    if let Some(folder) = &args.ingest {
        bench_ingest(settings, folder, output)?;
    }
    Ok(Exit::Ok)
}

/// Starts `citedesk ask --json` and notes when its events arrive.
fn ask(settings: &Settings, question: &str, mode: Option<Mode>) -> Result<Run, Failure> {
    use std::io::BufRead as _;
    let failed = |error: std::io::Error| Failure::of(Exit::Error, &error);
    let started = Instant::now();
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .args(["--json", "--quiet", "ask", "--no-record", question])
        .args(
            mode.and_then(|mode| mode.to_possible_value()).map(|mode| format!("--mode={}", mode.get_name())),
        )
        .env("CITEDESK_INDEX", settings.place())
        .env("CITEDESK_CACHE", &settings.cache)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut run = Run::default();
    if let Some(stdout) = child.stdout.take() {
        for line in std::io::BufReader::new(stdout).lines() {
            let line = line.map_err(failed)?;
            let elapsed = started.elapsed().as_secs_f64() * 1000.0;
            let event: serde_json::Value = serde_json::from_str(&line).map_err(|error| {
                Failure::new(Exit::Error, format!("`citedesk ask --json` printed {line:?}: {error}"))
            })?;
            match event["event"].as_str() {
                Some("passages") => run.passages_ms = elapsed,
                Some("sentence") if run.first_sentence_ms.is_none() => run.first_sentence_ms = Some(elapsed),
                Some("done") => {
                    run.peak_rss_mb = event["peak_rss_bytes"].as_f64().unwrap_or(0.0) / 1e6;
                }
                _ => {}
            }
        }
    }
    let status = child.wait().map_err(failed)?;
    run.total_ms = started.elapsed().as_secs_f64() * 1000.0;
    // A refusal is an answer too.
    match status.code() {
        Some(0 | 4) => Ok(run),
        code => Err(Failure::new(Exit::Error, format!("`citedesk ask` ended with {code:?}"))
            .hint(format!("run it by hand: citedesk ask {question:?}"))),
    }
}

fn report(what: &str, runs: &[Run], output: Output) -> Result<(), Failure> {
    let paces = || runs.iter().filter_map(|run| run.model);
    let rates = [
        ("tokens read", spread(paces().filter_map(|pace| pace.prefill_rate()))),
        ("tokens written", spread(paces().filter_map(|pace| pace.decode_rate()))),
    ];
    let rows = [
        ("first passage", spread(runs.iter().map(|run| run.passages_ms))),
        ("first sentence", spread(runs.iter().filter_map(|run| run.first_sentence_ms))),
        ("total", spread(runs.iter().map(|run| run.total_ms))),
    ];
    if output.json {
        return output.event(
            "bench",
            &serde_json::json!({ "what": what, "runs": runs.len(), "ms": rows, "per_second": rates }),
        );
    }
    output.line(output.bold(&format!("{what}, {} runs", runs.len())))?;
    for (name, spread) in rows {
        match spread {
            Some(Spread { p50, p95 }) => {
                output.line(format!("  {name:<16} p50 {p50:>7.0} ms   p95 {p95:>7.0} ms"))?
            }
            None => output.line(format!("  {name:<16} –"))?,
        }
    }
    for (name, spread) in rates {
        if let Some(Spread { p50, p95 }) = spread {
            output.line(format!("  {name:<16} p50 {p50:>7.0} /s   p95 {p95:>7.0} /s"))?;
        }
    }
    Ok(())
}

/// Nearest-rank percentiles.
fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * values.len() as f64).ceil() as usize;
        values.get(rank.saturating_sub(1)).copied()
    };
    Some(Spread { p50: at(0.5)?, p95: at(0.95)? })
}

/// Ingests `folder` into a fresh index that is thrown away.
fn bench_ingest(settings: &Settings, folder: &Path, output: Output) -> Result<(), Failure> {
    let index = settings.index.with_extension(format!("bench-{}", std::process::id()));
    let fresh = settings.in_folder(index.clone());
    let result = ingest::ingest(
        &fresh,
        ingest::given(&fresh, &[folder.to_owned()]),
        &ingest::Flags::default(),
        output,
    );
    let _ = std::fs::remove_dir_all(&index);
    let report = result?;
    let rate = report.counts.new_chunks as f64 / report.seconds;
    let peak = crate::memory::peak_rss().unwrap_or(0) as f64 / 1e6;
    if output.json {
        return output.event(
            "ingest",
            &serde_json::json!({
                "chunks": report.counts.new_chunks, "seconds": report.seconds, "chunks_per_s": rate,
                "peak_rss_mb": peak, "stages": report.stages,
            }),
        );
    }
    output.line(format!(
        "ingest: {} chunks in {:.1} s, {rate:.1} chunks/s, peak resident memory {peak:.0} MB",
        report.counts.new_chunks, report.seconds
    ))?;
    for stage in &report.stages {
        output.line(format!(
            "  {:<8} {} thread(s), busy {:>6.1} s, waiting {:>6.1} s, blocked {:>6.1} s, {:>8.2} MB/s",
            stage.name, stage.threads, stage.busy_s, stage.starved_s, stage.blocked_s, stage.mb_per_s
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let spread = spread((1..=20).map(f64::from)).expect("there are values");
        assert_eq!((spread.p50, spread.p95), (10.0, 19.0));
        assert!(super::spread(std::iter::empty()).is_none());
    }
}
