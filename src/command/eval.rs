//! `citedesk eval`: measures offline what retrieval and answers are worth.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::Path;

use eval::{Grade, Question, Summary};
use serde::Serialize;

use crate::cli::Eval;
use crate::config::Settings;
use crate::engine::{Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::output::Output;

mod anonymize;
mod answers;
mod gaps;
mod grounding;
mod injections;
mod lines;
pub(crate) mod records;
mod report;
mod retrieval;
mod score;
mod set;

/// One line of the file of answers.
#[derive(Serialize)]
struct Graded<'a> {
    question: &'a Question,
    grade: &'a Grade,
    record: &'a corpus::RunRecord,
}

#[derive(Serialize)]
struct Outcome<'a> {
    summary: &'a Summary,
    leaks: &'a [Leak],
}

/// A planted identifier that surfaced, by its line in the file, never by its text.
#[derive(Serialize)]
struct Leak {
    line: usize,
    place: String,
}

pub(crate) fn run(settings: &Settings, action: &Eval, output: Output) -> Result<Exit, Failure> {
    let (questions, canaries, out, min_right, min_recall) = match action {
        Eval::Retrieval { sets, queries, out } => {
            return retrieval::run(settings, sets, *queries, out.as_deref(), output);
        }
        Eval::Run(args) => return records::run(settings, args, output),
        Eval::Score(args) => return score::score(args, output),
        Eval::Compare(args) => return score::compare(args, output),
        Eval::Gate(args) => return score::gate(settings, args, output),
        Eval::Report(args) => return report::run(args, output),
        Eval::ImportFeedback { ratings, out } => {
            return gaps::import(settings, ratings.as_deref(), out, output);
        }
        Eval::Gaps(args) => return gaps::gaps(settings, args, output),
        Eval::Answers(args) => return answers::run(settings, args, output),
        Eval::Injections(args) => return injections::run(settings, args, output),
        Eval::Anonymize { files } => return anonymize::run(settings, files, output),
        Eval::Grounding { files, claims, threshold, out } => {
            return grounding::run(settings, files, *claims, *threshold, out.as_deref(), output);
        }
        Eval::Golden { questions, canaries, out, min_right, min_recall } => {
            (questions, canaries, out, min_right, min_recall)
        }
    };
    let questions = eval::golden::read(questions).map_err(|error| Failure::of(Exit::Error, &error))?;
    let canaries = canaries.as_deref().map(read_canaries).transpose()?.unwrap_or_default();
    let mut file = match out {
        Some(path) => Some(BufWriter::new(
            File::create(path)
                .map_err(|error| Failure::new(Exit::Error, format!("cannot write {path:?}: {error}")))?,
        )),
        None => None,
    };
    let mut engine = Engine::open(settings, None, output)?;
    let mut grades = Vec::new();
    let mut leaks = Vec::new();
    ask_all(&mut engine, &questions, output, &mut |question, grade, record| {
        let line = serde_json::to_string(&Graded { question, grade: &grade, record })
            .map_err(|error| Failure::of(Exit::Error, &error))?;
        // The question itself may name a person; what is answered and recorded may not.
        let said = serde_json::to_string(record).map_err(|error| Failure::of(Exit::Error, &error))?;
        find_leaks(&canaries, &said, &format!("answer to {}", question.id), &mut leaks);
        if let Some(file) = &mut file {
            writeln!(file, "{line}")?;
        }
        grades.push(grade);
        Ok(())
    })?;
    if let Some(mut file) = file {
        file.flush()?;
    }
    if !canaries.is_empty() {
        for document in engine.retriever.documents()? {
            let document = document?;
            let text = serde_json::to_string(&document).map_err(|error| Failure::of(Exit::Error, &error))?;
            find_leaks(&canaries, &text, &format!("document {}", document.id), &mut leaks);
        }
    }
    let summary = Summary::of(&grades);
    if output.json {
        output.event("summary", &Outcome { summary: &summary, leaks: &leaks })?;
    } else {
        print(&summary, &leaks, &canaries, output)?;
        for grade in grades.iter().filter(|grade| !grade.is_right()) {
            output.line(output.dim(&format!("  not right: {} ({:?})", grade.question, grade.kind)))?;
        }
    }
    if !leaks.is_empty() {
        return Ok(Exit::Privacy);
    }
    let below = min_right.is_some_and(|least| summary.right < least)
        || min_recall.is_some_and(|least| summary.recall_at_5 < least)
        || summary.broken_citations > 0
        || summary.unsupported > 0;
    Ok(if below { Exit::EvaluationGate } else { Exit::Ok })
}

/// Asks all questions and grades the answers.
pub(crate) fn ask_all(
    engine: &mut Engine,
    questions: &[Question],
    output: Output,
    each: &mut dyn FnMut(&Question, Grade, &corpus::RunRecord) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for (index, question) in questions.iter().enumerate() {
        let history = question
            .history
            .iter()
            .map(|turn| generator::Turn { question: turn.question.clone(), answer: turn.answer.clone() })
            .collect();
        let filters = question
            .filters
            .iter()
            .map(|(field, value)| retriever::Filter { field: field.clone(), value: value.clone() })
            .collect();
        let asked = Asked { question: question.question.clone(), history, filters, ..Asked::default() };
        let answered = engine.ask(&asked, &mut |_| ControlFlow::Continue(()))?;
        let grade = eval::grade(question, &answered.ranking, &answered.answer, |id| {
            engine.retriever.document(id).ok().flatten()
        });
        each(question, grade, &engine.record(&answered.answer))?;
        if output.progress {
            eprintln_progress(index + 1, questions.len());
        }
    }
    Ok(())
}

fn read_canaries(path: &Path) -> Result<Vec<(usize, String)>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(Exit::Error, format!("cannot read {path:?}: {error}")))?;
    Ok(text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim().to_lowercase()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect())
}

fn find_leaks(canaries: &[(usize, String)], text: &str, place: &str, leaks: &mut Vec<Leak>) {
    let text = text.to_lowercase();
    leaks.extend(
        canaries
            .iter()
            .filter(|(_, canary)| text.contains(canary.as_str()))
            .map(|(line, _)| Leak { line: *line, place: place.to_owned() }),
    );
}

#[expect(clippy::print_stderr, reason = "progress belongs to standard error")]
fn eprintln_progress(done: usize, all: usize) {
    eprint!("\r{done} of {all} questions");
    if done == all {
        eprintln!();
    }
}

fn print(
    summary: &Summary,
    leaks: &[Leak],
    canaries: &[(usize, String)],
    output: Output,
) -> Result<(), Failure> {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let rows = [
        ("questions", summary.questions.to_string()),
        (
            "recall@1 / @5 / @10",
            format!("{:.3} / {:.3} / {:.3}", summary.recall_at_1, summary.recall_at_5, summary.recall_at_10),
        ),
        ("MRR@10, nDCG@10", format!("{:.3}, {:.3}", summary.mrr_at_10, summary.ndcg_at_10)),
        ("right answers and refusals", percent(summary.right)),
        ("answerable but refused", percent(summary.refused_answerable)),
        ("unanswerable and refused", percent(summary.refused_unanswerable)),
        ("answers citing the evidence", percent(summary.cites_evidence)),
        ("broken citations", summary.broken_citations.to_string()),
        ("unsupported sentences", summary.unsupported.to_string()),
    ];
    for (name, value) in rows {
        output.line(format!("{name:<28} {value}"))?;
    }
    for (kind, (share, count)) in &summary.right_by_kind {
        output.line(format!(
            "  {:<26} {} of {count}",
            format!("{kind:?}").to_lowercase(),
            percent(*share)
        ))?;
    }
    if !canaries.is_empty() {
        output.line(format!("{:<28} {} of {}", "planted identifiers found", leaks.len(), canaries.len()))?;
        for leak in leaks {
            output.line(output.bad(&format!("  the one on line {} is in the {}", leak.line, leak.place)))?;
        }
    }
    Ok(())
}
