//! `citedesk ingest`: reads documents into a new generation.

use std::path::PathBuf;
use std::sync::Arc;

use figment::value::magic::RelativePathBuf;
use ingest::isolate::Worker;
use ingest::{ApiSpec, Counts, Event, IngestReport, Outcome, Plan, SourceSpec};

use crate::cli::Ingest;
use crate::config::{self, Settings};
use crate::engine::{self, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{gate, progress, reports};

/// What changes how a run goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) allow_empty: bool,
    pub(crate) retry: bool,
    pub(crate) pdf_passwords: Vec<String>,
}

/// How many failures are named before the rest is counted.
const NAMED: usize = 20;

pub(crate) fn run(settings: &Settings, args: &Ingest, output: Output) -> Result<Exit, Failure> {
    let sources = if args.paths.is_empty() { configured(settings) } else { given(settings, &args.paths) };
    if sources.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing to ingest").hint(
            "name files or folders, or set `ingest.paths` or `[[ingest.sources]]` in the configuration",
        ));
    }
    let pdf_passwords = match &args.pdf_password_file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| Failure::new(Exit::Error, format!("cannot read {file:?}: {error}")))?
            .lines()
            .map(str::to_owned)
            .collect(),
        None => Vec::new(),
    };
    let flags = Flags { allow_empty: args.allow_empty, retry: args.retry, pdf_passwords };
    let report = ingest(settings, sources, &flags, output)?;
    if let Some(file) = &args.report {
        reports::write(file, &report)?;
    }
    if output.json {
        output.event("report", &report)?;
    } else {
        print(&report, output)?;
    }
    Ok(match &report.held {
        Some(_) => Exit::EvaluationGate,
        None if report.is_partial() => Exit::PartialIngest,
        None => Exit::Ok,
    })
}

/// Paths as sources, with the globs of the configuration.
pub(crate) fn given(settings: &Settings, paths: &[PathBuf]) -> Vec<SourceSpec> {
    let filters = &settings.config.ingest;
    let source = |path: &PathBuf| SourceSpec {
        include: filters.include.clone(),
        exclude: filters.exclude.clone(),
        ..SourceSpec::new(path)
    };
    paths.iter().map(source).collect()
}

/// The sources of the configuration.
pub(crate) fn configured(settings: &Settings) -> Vec<SourceSpec> {
    let config = &settings.config.ingest;
    let paths: Vec<PathBuf> = config.paths.iter().map(RelativePathBuf::relative).collect();
    let named = config.sources.iter().map(|source| SourceSpec {
        path: source.path.as_ref().map(RelativePathBuf::relative).unwrap_or_default(),
        api: source.api.clone().map(with_token),
        name: Some(source.name.clone()),
        include: globs(source, &config.include, &source.include),
        exclude: globs(source, &config.exclude, &source.exclude),
        metadata: source.metadata.clone(),
        columns: source.columns.clone(),
    });
    given(settings, &paths).into_iter().chain(named).collect()
}

/// A source's globs with those for all sources of files.
fn globs(source: &config::Source, all: &[String], own: &[String]) -> Vec<String> {
    let all = if source.api.is_some() { &[] } else { all };
    [all, own].concat()
}

/// The help center with its secret, where that is set.
fn with_token(mut api: ApiSpec) -> ApiSpec {
    api.token = std::env::var(&api.token_env).unwrap_or_default().into();
    api
}

/// Whether sources can be read, as far as that is known without asking a server.
pub(crate) fn check(sources: &[SourceSpec]) -> Result<(), Failure> {
    for source in sources {
        ingest::source::Source::open(source).map_err(|error| {
            let hint = match &error {
                ingest::Error::Configuration { .. } => {
                    "correct the configuration or the environment; nothing was changed"
                }
                _ => "correct the path; nothing was changed",
            };
            Failure::from(error).hint(hint)
        })?;
    }
    Ok(())
}

/// Runs the pipeline over `sources`.
pub(crate) fn ingest(
    settings: &Settings,
    sources: Vec<SourceSpec>,
    flags: &Flags,
    output: Output,
) -> Result<IngestReport, Failure> {
    // Before models are loaded.
    check(&sources)?;
    settings.config.gate.rules().validate().map_err(|error| {
        Failure::of(Exit::Usage, &error)
            .hint("correct it under `gate` in the configuration; nothing was changed")
    })?;
    let store = settings.store()?;
    let screener = engine::screener(settings)?;
    let models = Models::load(settings, output)?;
    let work = progress::Interruptible::begin()?;
    let plan = Plan { cancel: Arc::clone(&work.stop), ..plan(settings, sources, flags)? };
    let mut bar = progress::Ingest::new(output);
    let mut broken = None;
    let embedder = Arc::clone(&models.embedder);
    let prepared = ingest::prepare(&plan, &store, &screener, embedder.as_ref(), &mut |event: Event| {
        bar.show(&event);
        if output.json
            && broken.is_none()
            && let Err(failure) = output.event(name(&event), &event)
        {
            broken = Some(failure);
        }
    })?;
    drop(bar);
    if let Some(failure) = broken {
        return Err(failure);
    }
    let reasons = gate::judge(settings, &prepared, models, output)?;
    let report = if reasons.is_empty() { prepared.promote()? } else { prepared.hold(reasons) };
    reports::keep(settings, &screener, &report)?;
    Ok(report)
}

/// What is to be done, with the limits of the house.
pub(crate) fn plan(settings: &Settings, sources: Vec<SourceSpec>, flags: &Flags) -> Result<Plan, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::of(Exit::Error, &error))?;
    let options = ingest::Options {
        allow_empty: flags.allow_empty,
        retry: flags.retry,
        pdf_passwords: flags.pdf_passwords.clone(),
        ..ingest::Options::default()
    };
    Ok(Plan {
        sources,
        options,
        screening: engine::screening(settings)?,
        worker: Some(Worker { program, args: vec!["extract-worker".into()] }),
        threads: settings.config.models.threads,
        ..Plan::default()
    })
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Listed { .. } => "listed",
        Event::Item { .. } => "item",
        Event::Progress(_) => "progress",
        Event::Publishing { .. } => "publishing",
        _ => "event",
    }
}

/// Serves extraction requests on standard input until it ends.
pub(crate) fn worker() -> Result<Exit, Failure> {
    ingest::isolate::worker_main(std::io::stdin(), std::io::stdout())?;
    Ok(Exit::Ok)
}

/// A summary for people.
pub(crate) fn print(report: &IngestReport, output: Output) -> Result<(), Failure> {
    if output.json {
        return Ok(());
    }
    let counts = &report.counts;
    if let Some(held) = &report.held {
        output.line(output.bad(&format!("generation {} was built but is not live:", held.generation)))?;
        for reason in &held.reasons {
            output.line(output.bad(&format!("  {reason}")))?;
        }
        if let Some(live) = &report.generation {
            output.line(format!("look: citedesk generations diff {live} {}", held.generation))?;
        }
        output.line(format!("let it through: citedesk generations promote {}", held.generation))?;
    } else if report.published {
        output.line(format!(
            "generation {}: {} documents ({} new or changed, {} chunks embedded or reused) in {:.1} s",
            report.generation.as_deref().unwrap_or("–"),
            counts.documents,
            counts.new_documents,
            counts.new_chunks,
            report.seconds
        ))?;
    } else {
        output.line(format!(
            "up to date: {} documents, checked in {:.1} s",
            counts.documents, report.seconds
        ))?;
    }
    output.line(format!("files: {}", files(counts)))?;
    if let Some(rates) = rates(report) {
        output.line(rates)?;
    }
    if !report.masked.is_empty() {
        let masked: Vec<String> =
            report.masked.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        output.line(format!("masked: {}", masked.join(", ")))?;
    }
    left_out(report, output)
}

/// How fast it went and what held it up, for runs that worked for a while.
fn rates(report: &IngestReport) -> Option<String> {
    let slowest = report
        .stages
        .iter()
        // Storing waits for embedding.
        .filter(|stage| stage.name != "store")
        .max_by(|a, b| (a.busy_s / a.threads as f64).total_cmp(&(b.busy_s / b.threads as f64)))
        .filter(|stage| stage.busy_s >= 1.0)?;
    let rate = |name: &str| report.stages.iter().find(|stage| stage.name == name);
    let chunks = rate("embed").and_then(|stage| stage.chunks_per_s).unwrap_or_default();
    let megabytes = rate("extract").map(|stage| stage.mb_per_s).unwrap_or_default();
    Some(format!(
        "rates: {megabytes:.1} MB/s extracted, {chunks:.0} chunks/s embedded; {} took longest, {:.0} s",
        slowest.name, slowest.busy_s
    ))
}

/// How many files ended in which way.
pub(crate) fn files(counts: &Counts) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (counts.indexed, "read"),
        (counts.unchanged, "unchanged"),
        (counts.moved, "moved"),
        (counts.removed, "removed"),
        (counts.duplicates, "duplicate"),
        (counts.skipped, "skipped"),
        (counts.quarantined, "quarantined"),
        (counts.failed, "failed"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if parts.is_empty() {
        parts.push("none found".to_owned());
    }
    parts.join(", ")
}

/// Names what is not in the index, and why.
pub(crate) fn left_out(report: &IngestReport, output: Output) -> Result<(), Failure> {
    let left: Vec<_> = report
        .items
        .iter()
        .filter(|item| matches!(item.outcome, Outcome::Failed | Outcome::Quarantined | Outcome::Skipped))
        .collect();
    for item in left.iter().take(NAMED) {
        let reason = item.reason.as_deref().unwrap_or("no reason given");
        output.line(output.bad(&format!("  {:<11} {}: {reason}", item.outcome.name(), item.id)))?;
    }
    if left.len() > NAMED {
        output.line(output.bad(&format!("  and {} more; --report FILE lists all", left.len() - NAMED)))?;
    }
    Ok(())
}
