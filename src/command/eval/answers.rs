//! `citedesk eval answers`: asks sets and tells at once what the answers are worth.

use std::path::Path;

use eval::questions::Set;
use eval::record::{self, Record};
use eval::score::Score;
use eval::table::Table;
use serde::Serialize;

use super::lines::Lines;
use super::{records, score};
use crate::cli::EvalAnswers;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// What came of one set.
#[derive(Serialize)]
struct Measured<'a> {
    set: &'a str,
    #[serde(flatten)]
    table: &'a Table,
}

pub(super) fn run(settings: &Settings, args: &EvalAnswers, output: Output) -> Result<Exit, Failure> {
    let out = args.out.as_deref();
    let mut known: Vec<(String, Vec<Score>)> = Vec::new();
    for path in &args.records {
        record::each(path, None, false, |_, record| {
            let score = Score::of(&record);
            match known.iter_mut().find(|(set, _)| *set == record.set) {
                Some((_, scores)) => scores.push(score),
                None => known.push((record.set, vec![score])),
            }
            Ok(())
        })
        .map_err(score::failed)?;
    }
    for (name, scores) in known {
        tell(&name, &scores, out, output)?;
    }
    // All are read before models are loaded: a mistyped path is told at once.
    let sets = args.sets.iter().map(|path| read(path, args)).collect::<Result<Vec<Set>, Failure>>()?;
    for set in sets {
        let name = set.name.clone();
        let mut lines = Lines::within(out, &format!("{name}.records.jsonl"))?;
        let mut scores = Vec::new();
        let mut take = |record: Record| {
            scores.push(Score::of(&record));
            lines.write(&record)
        };
        records::ask(settings, set, args.mode, output, &mut take)?;
        tell(&name, &scores, out, output)?;
    }
    Ok(Exit::Ok)
}

fn read(path: &Path, args: &EvalAnswers) -> Result<Set, Failure> {
    let mut set = eval::questions::read(path).map_err(|error| {
        score::failed(error)
            .hint("`citedesk eval answers --help` says what is in a set with reference answers")
    })?;
    if args.remove_gold > 0.0 {
        if set.documents.is_none() {
            return Err(Failure::new(
                Exit::Usage,
                format!("{path:?} brings no documents that could be left out"),
            )
            .hint("leave out --remove-gold, or name a set that brings its documents"));
        }
        set.remove_gold(args.remove_gold, args.seed);
    }
    if let Some(most) = args.queries {
        set.sample(most, args.seed);
    }
    Ok(set)
}

fn tell(set: &str, scores: &[Score], out: Option<&Path>, output: Output) -> Result<(), Failure> {
    let mut lines = Lines::within(out, &format!("{set}.scores.jsonl"))?;
    scores.iter().try_for_each(|score| lines.write(score))?;
    let table = &Table::of(scores);
    if output.json {
        return output.event("answers", &Measured { set, table });
    }
    output.line(output.bold(set))?;
    score::tell(table, output)
}
