//! `citedesk eval answers`: measures answers on sets with reference answers.

use std::collections::HashMap;
use std::path::Path;

use eval::answers::{Kind, Question, Row, Score, Set, Summary};
use retriever::{Filter, Store};
use serde::Serialize;

use super::asking::{self, Lines, cell, row};
use super::eprintln_progress;
use super::set::{Cut, publish};
use crate::cli::EvalAnswers;
use crate::config::{Mode, Settings};
use crate::engine::{Asked, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// What came of one set.
#[derive(Serialize)]
struct Measured<'a> {
    set: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
}

pub(super) fn run(settings: &Settings, args: &EvalAnswers, output: Output) -> Result<Exit, Failure> {
    let mut by_set: Vec<(String, Vec<Row>)> = Vec::new();
    for path in &args.records {
        for row in eval::answers::read_rows(path).map_err(|error| malformed(&error))? {
            match by_set.iter_mut().find(|(set, _)| *set == row.set) {
                Some((_, rows)) => rows.push(row),
                None => by_set.push((row.set.clone(), vec![row])),
            }
        }
    }
    for (set, rows) in by_set {
        tell(&set, &rows, args.out.as_deref(), output)?;
    }
    // All are read before models are loaded: a mistyped path is told at once.
    let read = |path: &std::path::PathBuf| {
        let mut set = eval::answers::read(path).map_err(|error| malformed(&error))?;
        set.remove_gold(args.remove_gold, args.seed);
        if let Some(most) = args.queries {
            set.sample(most, args.seed);
        }
        let name = path.canonicalize().unwrap_or_else(|_| path.clone());
        Ok((name.file_name().unwrap_or_default().to_string_lossy().into_owned(), set))
    };
    let sets = args.sets.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    for (name, set) in sets {
        let rows = ask_all(settings, &name, set, args.mode, args.out.as_deref(), output)?;
        tell(&name, &rows, args.out.as_deref(), output)?;
    }
    Ok(Exit::Ok)
}

fn malformed(error: &eval::Error) -> Failure {
    Failure::of(Exit::Error, error)
        .hint("a set has corpus.jsonl, queries.jsonl and answers.jsonl; `citedesk eval answers --help` says what is in them")
}

/// Asks every question of a set; the rows are written to a folder as they come.
fn ask_all(
    settings: &Settings,
    name: &str,
    mut set: Set,
    mode: Option<Mode>,
    out: Option<&Path>,
    output: Output,
) -> Result<Vec<Row>, Failure> {
    let models = Models::load(settings, output)?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let ids = publish(settings, &store, models.embedder.as_ref(), &set.documents, Cut::Product)?;
    let indexed: HashMap<String, String> = ids.into_iter().map(|(id, name)| (name, id.0)).collect();
    set.without(|name| !indexed.contains_key(name));
    let mut engine = asking::engine(settings, folder.path(), mode, models)?;
    let mut lines = Lines::create(out, &format!("{name}.records.jsonl"))?;
    let mut rows = Vec::new();
    let count = set.questions.len();
    for mut question in set.questions {
        // Citations name documents as the index does.
        question.gold = question.gold.iter().filter_map(|id| indexed.get(id).cloned()).collect();
        let (record, written) = asking::ask(&mut engine, &asked(&question))?;
        let row = Row { set: name.to_owned(), question, written, record };
        lines.write(&row)?;
        rows.push(row);
        if output.progress {
            eprintln_progress(rows.len(), count);
        }
    }
    Ok(rows)
}

fn asked(question: &Question) -> Asked {
    let turn = |turn: &eval::golden::Turn| generator::Turn {
        question: turn.question.clone(),
        answer: turn.answer.clone(),
    };
    Asked {
        question: question.question.clone(),
        history: question.history.iter().map(turn).collect(),
        filters: question.scope.iter().map(|scope| Filter::new("scope", scope)).collect(),
        ..Asked::default()
    }
}

/// Scores rows, which needs no model.
fn tell(set: &str, rows: &[Row], out: Option<&Path>, output: Output) -> Result<(), Failure> {
    let scores: Vec<Score> = rows.iter().map(Score::of).collect();
    let mut lines = Lines::create(out, &format!("{set}.scores.jsonl"))?;
    scores.iter().try_for_each(|score| lines.write(score))?;
    let summary = Summary::of(&scores);
    if output.json {
        return output.event("answers", &Measured { set, summary: &summary });
    }
    let of = |kind: Kind| scores.iter().filter(|score| score.kind == kind).count();
    output.line(format!(
        "{set}: {} questions ({} answerable, {} not, {} of removed documents)",
        summary.questions,
        of(Kind::Answerable),
        of(Kind::Unanswerable),
        of(Kind::Removed)
    ))?;
    let outcomes: Vec<String> =
        summary.outcomes.iter().map(|(name, count)| format!("{name} {count}")).collect();
    for (name, value) in [
        ("outcomes", outcomes.join(", ")),
        ("F1, a refusal being right where nothing answers", cell(summary.f1)),
        ("exact match, by the same rule", cell(summary.exact)),
        ("F1 of answerable questions", cell(summary.f1_answerable)),
        ("words of the reference in the answer", cell(summary.recall)),
        ("answerable questions with the reference", cell(summary.contained)),
        ("answers with the reference", cell(summary.contained_answered)),
        ("answerable but refused", cell(summary.refused_answerable)),
        ("unanswerable and refused", cell(summary.refused_unanswerable)),
        ("removed and refused", cell(summary.refused_removed)),
        ("written sentences that are supported", cell(summary.supported)),
        ("citations of a document that answers", cell(summary.citation_precision)),
        ("sentences said without support", summary.ungrounded.to_string()),
        ("time p50 / p95", format!("{:.0} / {:.0} ms", summary.p50_ms, summary.p95_ms)),
    ] {
        row(output, name, &value)?;
    }
    Ok(())
}
