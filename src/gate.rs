//! Whether a new generation may go live.

use std::path::Path;

use ::eval::compare::Comparison;
use ::eval::gate::Rules;
use ::eval::questions::Set;
use ::eval::score::Score;
use ::eval::table::Table;
use ingest::Prepared;

use crate::command::eval;
use crate::command::eval::records::{Named, of_set};
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
    let read = ::eval::golden::read(questions).map_err(|error| Failure::of(Exit::Error, &error))?;
    let mut engine = Engine::on(settings, None, models, Some(&generation.id))?;
    let rules = gate.rules();
    let mut grades = Vec::new();
    let mut unmet = Vec::new();
    if rules.is_empty() {
        eval::ask_all(&mut engine, &read, output, &mut |_, grade, _| {
            grades.push(grade);
            Ok(())
        })?;
    } else {
        // The same questions in the same order, asked once for both.
        let set = ::eval::questions::read(questions).map_err(|error| Failure::of(Exit::Error, &error))?;
        let mut scores = Vec::new();
        let mut questions = read.iter();
        of_set(&mut engine, &set, &Named::InIndex, &mut |engine, answered, record| {
            scores.push(Score::of(&record));
            let document = |id: &corpus::DocumentId| engine.retriever.document(id).ok().flatten();
            grades.extend(
                questions
                    .next()
                    .map(|question| ::eval::grade(question, &answered.ranking, &answered.answer, document)),
            );
            Ok(())
        })?;
        unmet = measured(settings, &set, &mut engine, rules, &scores)?;
    }
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
    reasons.extend(unmet);
    Ok(reasons)
}

/// Which bounds of measures are not met. For margins the live generation is asked the same questions; without one there
/// is nothing that could become worse.
fn measured(
    settings: &Settings,
    set: &Set,
    engine: &mut Engine,
    mut rules: Rules,
    after: &[Score],
) -> Result<Vec<String>, Failure> {
    let failed = |error: ::eval::Error| Failure::of(Exit::Usage, &error);
    let before = match settings.store()?.current()? {
        Some(_) if !rules.margin.is_empty() => {
            engine.reopen(settings)?;
            let mut before = Vec::new();
            of_set(engine, set, &Named::InIndex, &mut |_, _, record| {
                before.push(Score::of(&record));
                Ok(())
            })?;
            Some(Comparison::of(&before, after).map_err(failed)?)
        }
        Some(_) => None,
        None => {
            rules.margin.clear();
            None
        }
    };
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let checks = rules.judge(&Table::of(after), before.as_ref()).map_err(failed)?;
    Ok(checks
        .into_iter()
        .filter(|check| !check.passed)
        .map(|check| format!("{} (gate.{})", check.says, check.rule))
        .collect())
}
