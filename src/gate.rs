//! Whether a new generation may go live.

use std::path::Path;

use ingest::Prepared;

use crate::command::eval;
use crate::config::{Gate, Settings};
use crate::engine::{Engine, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Removals of fewer documents than this are everyday life.
const FEW: usize = 10;

/// Why a generation must wait for a person; empty where it may go live.
pub(crate) fn judge(
    settings: &Settings,
    prepared: &Prepared,
    models: Models,
    output: Output,
) -> Result<Vec<String>, Failure> {
    let gate = &settings.config.gate;
    let Some(generation) = prepared.generation() else { return Ok(Vec::new()) };
    let mut reasons = removals(gate, prepared);
    if let Some(questions) = &gate.questions {
        let questions = questions.relative();
        // A gate that cannot be asked does not open.
        match golden(settings, &questions, generation, models, output) {
            Ok(below) => reasons.extend(below),
            Err(failure) if failure.exit() == Exit::Interrupted => return Err(failure),
            Err(failure) => reasons.push(format!("the golden questions could not be asked: {failure}")),
        }
    }
    Ok(reasons)
}

/// A source that loses much of what it had is more often broken than tidied up.
fn removals(gate: &Gate, prepared: &Prepared) -> Vec<String> {
    let report = prepared.report();
    if report.removed_share <= gate.max_removed || report.removed_documents < FEW {
        return Vec::new();
    }
    vec![format!(
        "{} documents would leave, {:.0} % of what its sources had; at most {:.0} % may at once (gate.max_removed)",
        report.removed_documents,
        report.removed_share * 100.0,
        gate.max_removed * 100.0
    )]
}

fn golden(
    settings: &Settings,
    questions: &Path,
    generation: &retriever::Generation,
    models: Models,
    output: Output,
) -> Result<Vec<String>, Failure> {
    let gate = &settings.config.gate;
    let questions = ::eval::golden::read(questions).map_err(|error| Failure::of(Exit::Error, &error))?;
    let mut engine = Engine::on(settings, None, models, Some(&generation.id))?;
    let mut grades = Vec::new();
    eval::ask_all(&mut engine, &questions, output, &mut |_, grade, _| {
        grades.push(grade);
        Ok(())
    })?;
    let summary = ::eval::Summary::of(&grades);
    let mut reasons = Vec::new();
    for (what, share, least) in [
        ("of the golden questions answered or refused rightly", summary.right, gate.min_right),
        ("recall at 5 over the golden questions", summary.recall_at_5, gate.min_recall),
    ] {
        if share < least {
            reasons.push(format!("{:.1} % {what}; at least {:.1} % is asked", share * 100.0, least * 100.0));
        }
    }
    for (count, what) in
        [(summary.broken_citations, "broken citations"), (summary.unsupported, "unsupported sentences")]
    {
        if count > 0 {
            reasons.push(format!("{count} {what} in the answers to the golden questions"));
        }
    }
    Ok(reasons)
}
