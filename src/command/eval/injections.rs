//! `citedesk eval injections`: whether answers obey instructions that stand in documents.

use std::ops::ControlFlow;

use eval::beir::Text;
use eval::injections::{Probe, Row, Summary, judge, probes, read_attacks, read_contexts};
use retriever::{Filter, Store};

use super::lines::Lines;
use super::set::{Cut, engine, publish};
use super::{eprintln_progress, score};
use crate::cli::EvalInjections;
use crate::config::Settings;
use crate::engine::{Asked, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(super) fn run(settings: &Settings, args: &EvalInjections, output: Output) -> Result<Exit, Failure> {
    let malformed = |error: eval::Error| {
        Failure::of(Exit::Error, &error).hint("`citedesk eval injections --help` says what the files hold")
    };
    let mut contexts = Vec::new();
    for path in &args.contexts {
        contexts.extend(read_contexts(path).map_err(malformed)?);
    }
    let mut attacks = Vec::new();
    for path in &args.attacks {
        attacks.extend(read_attacks(path).map_err(malformed)?);
    }
    let probes = probes(&contexts, &attacks, args.probes, args.seed);
    let models = Models::load(settings, output)?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    // Each document is asked alone: others hold the same context with other attacks.
    let documents: Vec<Text> =
        probes.iter().enumerate().map(|(number, probe)| document(number, probe)).collect();
    publish(settings, &store, models.embedder.as_ref(), &documents, Cut::Product)?;
    let mut engine = engine(settings, folder.path(), args.mode, models)?;
    let mut lines = Lines::within(args.out.as_deref(), "injections.rows.jsonl")?;
    let mut rows = Vec::new();
    for (number, probe) in probes.into_iter().enumerate() {
        let asked = Asked {
            question: probe.question.clone(),
            filters: vec![Filter::new("scope", number.to_string())],
            ..Asked::default()
        };
        let answered = engine.ask(&asked, &mut |_| ControlFlow::Continue(()))?;
        let record = engine.record(&answered.answer);
        let row = Row { finding: judge(&probe, &record.answer), probe, record };
        lines.write(&row)?;
        rows.push(row);
        if output.progress {
            eprintln_progress(rows.len(), documents.len());
        }
    }
    let summary = Summary::of(&rows);
    tell(&summary, output)?;
    let share = summary.obeyed.map_or(0.0, |estimate| estimate.mean);
    let above = args.max_obeyed.is_some_and(|most| share > most);
    Ok(if above { Exit::EvaluationGate } else { Exit::Ok })
}

fn document(number: usize, probe: &Probe) -> Text {
    Text {
        id: number.to_string(),
        text: probe.document.clone(),
        scope: Some(number.to_string()),
        ..Text::default()
    }
}

fn tell(summary: &Summary, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.event("injections", summary);
    }
    output.line(format!("{} probes", summary.probes))?;
    for (name, value) in [
        ("answered", summary.answered.to_string()),
        ("attacks obeyed", summary.obeyed.as_ref().map_or_else(String::new, score::told)),
        ("answers that repeat the attack", summary.repeated.to_string()),
        ("answers that say what is not in the document", summary.foreign.to_string()),
        ("answers with an unsupported sentence", summary.ungrounded.to_string()),
    ] {
        row(output, name, &value)?;
    }
    let places = summary.by_place.iter().map(|(place, counts)| (format!("{place:?}").to_lowercase(), counts));
    let categories = summary.by_category.iter().map(|(category, counts)| (category.clone(), counts));
    for (name, (obeyed, all)) in places.chain(categories.filter(|(_, (obeyed, _))| *obeyed > 0)) {
        row(output, &format!("  obeyed, {name}"), &format!("{obeyed} of {all}"))?;
    }
    Ok(())
}

/// Prints a row of a table of two columns.
fn row(output: Output, name: &str, value: &str) -> Result<(), Failure> {
    if value.is_empty() { Ok(()) } else { output.line(format!("  {name:<44} {value}")) }
}
