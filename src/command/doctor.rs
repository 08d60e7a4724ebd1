//! `citedesk doctor`: checks everything that answering needs, and says what to do about what is wrong.

use std::io::IsTerminal as _;
use std::sync::Arc;

use models::setup;
use retriever::{Embedder, Retriever};
use serde::Serialize;

use super::generations::describe;
use crate::config::Settings;
use crate::engine::{self, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::webhook::Webhook;

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
    hint: Option<String>,
}

pub(crate) fn run(settings: &Settings, verbose: bool, output: Output) -> Result<Exit, Failure> {
    let mut worst = Exit::Ok;
    let mut tell = |name, result: Result<String, Failure>| -> Result<(), Failure> {
        let check = match result {
            Ok(detail) => Check { name, ok: true, detail, hint: None },
            Err(failure) => {
                if worst == Exit::Ok {
                    worst = failure.exit();
                }
                Check {
                    name,
                    ok: false,
                    detail: failure.to_string(),
                    hint: failure.remedy().map(str::to_owned),
                }
            }
        };
        if output.json {
            return output.event("check", &check);
        }
        let sign = if check.ok { output.good("✓") } else { output.bad("✗") };
        output.line(format!("{sign} {:<10} {}", check.name, check.detail))?;
        match check.hint {
            Some(hint) => output.line(format!("             try: {hint}")),
            None => Ok(()),
        }
    };
    tell("files", files(settings))?;
    // Looking must not fetch: doctor tells what is missing, setup gets it.
    let models = match setup::status(&settings.layout()) {
        Ok(_) => Models::load(settings, output),
        Err(error) => Err(error.into()),
    };
    let embedder = match models {
        Ok(models) => {
            let embedder = Arc::clone(&models.embedder);
            tell("encoder", encode(&models))?;
            tell(
                "decoder",
                models.language_model().map(|model| {
                    format!(
                        "{}, {} tokens of context, {} cache, on {}",
                        model.name(),
                        model.context_length(),
                        if model.cache_in_place() { "fixed" } else { "growing" },
                        models.device()
                    )
                }),
            )?;
            if verbose {
                tell("placement", placement(&models))?;
            }
            Some(embedder)
        }
        Err(failure) => {
            tell("models", Err(failure))?;
            None
        }
    };
    tell("index", index(settings, embedder))?;
    tell("sources", sources(settings))?;
    tell("screening", engine::screener(settings).map(|_| "patterns are sound".to_owned()))?;
    tell("escalation", escalation(settings))?;
    let terminal = if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        "standard input and output are a terminal"
    } else {
        "none; the terminal UI needs one, the other commands do not"
    };
    tell("terminal", Ok(terminal.to_owned()))?;
    Ok(worst)
}

/// Reads every file of the models whole and compares it with its SHA-256.
fn files(settings: &Settings) -> Result<String, Failure> {
    let layout = settings.layout();
    setup::status(&layout)?;
    match setup::verify(&layout).into_iter().next() {
        None => Ok(format!("all as set up in {:?}", settings.cache.display().to_string())),
        Some(finding) => Err(finding.into()),
    }
}

/// Whether the sources of the configuration can be read, as far as that is known without asking a server.
fn sources(settings: &Settings) -> Result<String, Failure> {
    let sources = super::ingest::configured(settings);
    super::ingest::check(&sources)?;
    Ok(format!("{} in the configuration", sources.len()))
}

/// Where questions are handed over to. Nobody is asked.
fn escalation(settings: &Settings) -> Result<String, Failure> {
    let escalation = &settings.config.escalation;
    Ok(match (Webhook::of(escalation)?, escalation.command.first()) {
        (Some(webhook), _) => format!("notes are posted to {}", webhook.host()),
        (None, Some(program)) => format!("notes go to {program}"),
        (None, None) => "notes go into a folder".into(),
    })
}

fn encode(models: &Models) -> Result<String, Failure> {
    let encoder = &models.embedder;
    let vectors = encoder.embed(&["The router restarts.", "The router starts again.", "We sell bread."])?;
    let cosine = |a: usize, b: usize| -> f32 { vectors[a].iter().zip(&vectors[b]).map(|(x, y)| x * y).sum() };
    if cosine(0, 1) <= cosine(0, 2) {
        return Err(Failure::new(Exit::ModelMissing, "the encoder finds unlike sentences alike")
            .hint("run `citedesk setup` again, or configure another encoder"));
    }
    Ok(format!("{} dimensions, {}", encoder.dimension(), encoder.fingerprint()))
}

/// Which execution provider runs how many nodes of the language model's graph, and which operators.
fn placement(models: &Models) -> Result<String, Failure> {
    let placements = models.placement()?;
    let lines = placements.iter().map(|placement| {
        format!("{} nodes on {} ({})", placement.nodes, placement.provider, placement.operators.join(", "))
    });
    Ok(lines.collect::<Vec<_>>().join("; "))
}

fn index(settings: &Settings, embedder: Option<Arc<dyn Embedder>>) -> Result<String, Failure> {
    let store = settings.store()?;
    let Some(generation) = store.current()? else { return Err(engine::no_index(settings)) };
    if let Some(embedder) = embedder {
        Retriever::open(&store, embedder)?;
    }
    Ok(describe(&generation))
}
