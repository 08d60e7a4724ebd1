//! `citedesk eval score`, `compare` and `gate`: records judged without model or index.

use std::io::Write as _;
use std::path::Path;

use eval::compare::{Comparison, Verdict};
use eval::gate::{Check, Rules, junit};
use eval::judgement::Judgements;
use eval::record;
use eval::score::Score;
use eval::statistics::Estimate;
use eval::table::Table;
use serde::Serialize;

use super::lines::{Lines, create};
use crate::cli::{EvalCompare, EvalGate, EvalScore, Judged};
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// An input that cannot be judged.
pub(super) fn failed(error: eval::Error) -> Failure {
    Failure::of(Exit::Error, &error)
}

pub(super) fn judgements(judged: &Judged) -> Result<Option<Judgements>, Failure> {
    judged.judgements.as_deref().map(Judgements::read).transpose().map_err(failed)
}

/// The scores of a file of records, which is read one line at a time.
pub(super) fn scores(path: &Path, judged: &Judged) -> Result<Vec<Score>, Failure> {
    let judgements = judgements(judged)?;
    let mut scores = Vec::new();
    record::each(path, judgements.as_ref(), judged.partial, |_, record| {
        scores.push(Score::of(&record));
        Ok(())
    })
    .map_err(failed)?;
    Ok(scores)
}

pub(super) fn score(args: &EvalScore, output: Output) -> Result<Exit, Failure> {
    let scores = scores(&args.records, &args.judged)?;
    if let Some(path) = &args.out {
        let mut lines = Lines::create(path)?;
        scores.iter().try_for_each(|score| lines.write(score))?;
    }
    let table = Table::of(&scores);
    if output.json {
        output.event("scores", &table)?;
    } else {
        tell(&table, output)?;
    }
    Ok(Exit::Ok)
}

/// Prints totals for people.
pub(super) fn tell(table: &Table, output: Output) -> Result<(), Failure> {
    output.line(format!("{} records in {} clusters", table.records, table.clusters))?;
    let outcomes: Vec<String> =
        table.outcomes.iter().map(|(name, count)| format!("{name} {count}")).collect();
    output.line(format!("outcomes: {}", outcomes.join(", ")))?;
    output
        .line(output.bold(&format!("{:<20} {:<26} {:>8}  {}", "measure", "value", "records", "of what")))?;
    for row in &table.rows {
        let Some(estimate) = row.estimate else { continue };
        let value = told(&estimate);
        output.line(format!("{:<20} {value:<26} {:>8}  {}", row.id, estimate.count, row.title))?;
    }
    let none: Vec<&str> = table.rows.iter().filter(|row| row.estimate.is_none()).map(|row| row.id).collect();
    if !none.is_empty() {
        output.line(output.dim(&format!("apply to no record: {}", none.join(", "))))?;
    }
    if let Some(rating) = &table.rating {
        output.line(format!(
            "rating of all answers, if the rated ones were drawn at random: {1}, predicted with K-precision (weight {0:.2}); from {2} ratings alone: {3}",
            rating.weight,
            told(&rating.powered),
            rating.judged.count,
            told(&rating.judged)
        ))?;
    }
    slices(table, output)?;
    forms(table, output)
}

/// What is told of a kind of question.
const OF_SLICES: [&str; 5] = ["right", "recall@5", "grounded", "f1", "refused"];

fn slices(table: &Table, output: Output) -> Result<(), Failure> {
    for slice in &table.slices {
        let of = |id: &&str| Some(format!("{id} {}", told(slice.estimates.get(*id)?)));
        let told: Vec<String> = OF_SLICES.iter().filter_map(of).collect();
        output.line(format!("{} {} ({}): {}", slice.name, slice.value, slice.records, told.join(", ")))?;
    }
    Ok(())
}

fn forms(table: &Table, output: Output) -> Result<(), Failure> {
    for form in &table.forms {
        let of = |id: &&str| {
            let row = form.difference.row(id)?;
            Some(format!("{id} {}", told_signed(&row.difference)))
        };
        let told: Vec<String> = eval::robustness::TOLD.iter().filter_map(of).collect();
        output.line(format!("asked as {} ({}): {}", form.name, form.difference.pairs, told.join(", ")))?;
    }
    Ok(())
}

/// A value with its interval.
pub(super) fn told(estimate: &Estimate) -> String {
    let Estimate { mean, low, high, .. } = estimate;
    let digits = if mean.abs() >= 10.0 { 1 } else { 3 };
    if low.is_finite() {
        format!("{mean:.digits$} [{low:.digits$}, {high:.digits$}]")
    } else {
        format!("{mean:.digits$} [one cluster]")
    }
}

fn told_signed(estimate: &Estimate) -> String {
    let Estimate { mean, low, high, .. } = estimate;
    if low.is_finite() {
        format!("{mean:+.3} [{low:+.3}, {high:+.3}]")
    } else {
        format!("{mean:+.3} [one cluster]")
    }
}

pub(super) fn compare(args: &EvalCompare, output: Output) -> Result<Exit, Failure> {
    let (before, after) = (scores(&args.before, &args.judged)?, scores(&args.after, &args.judged)?);
    let found = Comparison::of(&before, &after).map_err(failed)?;
    if output.json {
        output.event("comparison", &found)?;
        return Ok(Exit::Ok);
    }
    output.line(format!("{} pairs in {} clusters", found.pairs, found.clusters))?;
    for (count, file) in [(found.only_before, &args.before), (found.only_after, &args.after)] {
        if count > 0 {
            output.line(output.bad(&format!("{count} questions are only in {}", file.display())))?;
        }
    }
    output.line(output.bold(&format!(
        "{:<20} {:>9} {:>9}  {:<27} {:>7} {:>7} {:>8}  {}",
        "measure", "before", "after", "difference", "p", "Holm", "can see", "verdict"
    )))?;
    for row in &found.rows {
        let verdict = match row.verdict {
            Verdict::Better => output.good("better"),
            Verdict::Worse => output.bad("worse"),
            Verdict::Undecided => output.dim("undecided"),
        };
        let seen = row.detectable.map_or("–".to_owned(), |effect| format!("{effect:.3}"));
        output.line(format!(
            "{:<20} {:>9.3} {:>9.3}  {:<27} {:>7.4} {:>7.4} {seen:>8}  {verdict}",
            row.id,
            row.before,
            row.after,
            told_signed(&row.difference),
            row.p,
            row.adjusted
        ))?;
    }
    Ok(Exit::Ok)
}

#[derive(Serialize)]
struct Checked<'a> {
    passed: bool,
    checks: &'a [Check],
}

pub(super) fn gate(settings: &Settings, args: &EvalGate, output: Output) -> Result<Exit, Failure> {
    let mut rules: Rules = settings.config.gate.rules();
    rules.least.extend(args.least.iter().cloned());
    rules.most.extend(args.most.iter().cloned());
    rules.margin.extend(args.margin.iter().cloned());
    let after = scores(&args.records, &args.judged)?;
    let before = args.baseline.as_deref().map(|path| scores(path, &args.judged)).transpose()?;
    let comparison = before.map(|before| Comparison::of(&before, &after)).transpose().map_err(failed)?;
    let checks = rules.judge(&Table::of(&after), comparison.as_ref()).map_err(|error| match error {
        eval::Error::Unfit(_) => Failure::of(Exit::Usage, &error),
        other => failed(other),
    })?;
    if let Some(path) = &args.junit {
        create(path)?.write_all(junit(&checks).as_bytes())?;
    }
    let passed = checks.iter().all(|check| check.passed);
    if output.json {
        output.event("gate", &Checked { passed, checks: &checks })?;
    } else {
        for check in &checks {
            let (mark, says) = (if check.passed { "passed" } else { "failed" }, &check.says);
            let line = format!("{mark}  {:<6} {says}", check.rule);
            output.line(if check.passed { line } else { output.bad(&line) })?;
        }
    }
    Ok(if passed { Exit::Ok } else { Exit::EvaluationGate })
}
