//! `citedesk eval retrieval`: measures rankings on sets in BEIR layout.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use corpus::DocumentId;
use eval::beir::{Set, Text};
use eval::retrieval::{DEPTH, Difference, Scores, bootstrap};
use retriever::{Filter, Query, Ranking, Rerank, Retriever, Store};
use serde::Serialize;

use super::set::{Cut, publish};
use crate::config::Settings;
use crate::engine::{self, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Words in a passage, as in most published figures.
const WORDS: usize = 200;
/// Passages of which documents are ranked.
const PASSAGES: usize = 100;
/// Seed of the intervals.
const SEED: u64 = 20_261_124;

/// What of a conversation is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// What the product takes along.
    Condensed,
    /// The question alone.
    Alone,
    /// All of it as one text, newest first.
    Whole,
}

/// The ways to rank. The first four are of every set, the fourth is what users see; the others are of sets with
/// conversations.
const RANKINGS: [(&str, Option<Ranking>, Said); 6] = [
    ("dense", Some(Ranking::Dense), Said::Condensed),
    ("sparse", Some(Ranking::Sparse), Said::Condensed),
    ("fused", Some(Ranking::Fused), Said::Condensed),
    ("shown", None, Said::Condensed),
    ("fused, last turn alone", Some(Ranking::Fused), Said::Alone),
    ("fused, whole dialogue", Some(Ranking::Fused), Said::Whole),
];
/// What users see where a model has a say in the order of the best passages.
const RERANKED: (&str, Option<Ranking>, Said) = ("reranked", None, Said::Condensed);
/// How many of them are of every set.
const OF_EVERY_SET: usize = 4;
/// The one that those of conversations are compared with.
const FUSED: usize = 2;
/// What users see before a model has had its say.
const SHOWN: usize = 3;

/// What came of one way to rank on one set.
#[derive(Serialize)]
struct Measured<'a> {
    set: &'a str,
    documents: usize,
    queries: usize,
    ranking: &'a str,
    scores: Scores,
    /// nDCG at 10 against the better of dense and sparse, with its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    against_better: Option<Difference>,
    /// For other ways to search a conversation: nDCG at 10 against what the product does, with its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    against_condensed: Option<Difference>,
    /// For reranking: nDCG at 10 against what is shown without it, with its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    against_shown: Option<Difference>,
}

/// One question under one ranking.
#[derive(Serialize)]
struct Row<'a> {
    query: &'a str,
    ranking: &'a str,
    scores: Scores,
}

pub(super) fn run(
    settings: &Settings,
    sets: &[std::path::PathBuf],
    most: Option<usize>,
    out: Option<&Path>,
    output: Output,
) -> Result<Exit, Failure> {
    // All are read before models are loaded: a mistyped path is told at once.
    let read = |path: &std::path::PathBuf| {
        let set = eval::beir::read(path).map_err(|error| Failure::of(Exit::Error, &error))?;
        let name = path.canonicalize().unwrap_or_else(|_| path.clone());
        Ok((name.file_name().unwrap_or_default().to_string_lossy().into_owned(), set))
    };
    let sets = sets.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    if let Some(folder) = out {
        std::fs::create_dir_all(folder)?;
    }
    let models = Models::load(settings, output)?;
    if !output.json {
        output.line("| set | documents | queries | ranking | R@1 | R@5 | R@10 | MRR@10 | nDCG@10 | against the better half, the condensed dialogue, or what is shown |")?;
        output.line("|---|--:|--:|---|--:|--:|--:|--:|--:|---|")?;
    }
    // Of reranking last.
    let mut means: [Vec<Scores>; OF_EVERY_SET + 1] = Default::default();
    for (name, mut set) in sets {
        thin(&mut set, most);
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path())?;
        let ids = publish(settings, &store, models.embedder.as_ref(), &set.documents, Cut::Words(WORDS))?;
        let retriever = Retriever::open(&store, Arc::clone(&models.embedder))?;
        let out = out.map(|folder| (folder, name.as_str()));
        let ranked = rank(settings, retriever, models.rerank.as_ref(), &ids, &set, out)?;
        let groups = groups(&set);
        let ndcg = |at: usize| Scores::mean(&ranked[at].1).ndcg_at_10;
        let better = usize::from(ndcg(0) < ndcg(1));
        for (index, (label, scores)) in ranked.iter().enumerate() {
            let against = |other: usize| {
                let pairs = scores.iter().zip(&ranked[other].1);
                let differences: Vec<f64> = pairs.map(|(a, b)| a.ndcg_at_10 - b.ndcg_at_10).collect();
                bootstrap(&differences, &groups, SEED)
            };
            let (of_every_set, reranked) = (index < OF_EVERY_SET, *label == RERANKED.0);
            let result = Measured {
                set: &name,
                documents: set.documents.len(),
                queries: set.queries.len(),
                ranking: label,
                scores: Scores::mean(scores),
                against_better: against(better).filter(|_| of_every_set && index > 1),
                against_condensed: against(FUSED).filter(|_| !of_every_set && !reranked),
                against_shown: against(SHOWN).filter(|_| reranked),
            };
            tell(&result, output)?;
            if of_every_set || reranked {
                means[index.min(OF_EVERY_SET)].push(result.scores);
            }
        }
    }
    let labels = RANKINGS.into_iter().take(OF_EVERY_SET).chain([RERANKED]);
    for (scores, (label, ..)) in means.iter().zip(labels).filter(|(scores, _)| !scores.is_empty()) {
        let result = Measured {
            set: "mean",
            documents: 0,
            queries: 0,
            ranking: label,
            scores: Scores::mean(scores),
            against_better: None,
            against_condensed: None,
            against_shown: None,
        };
        tell(&result, output)?;
    }
    Ok(Exit::Ok)
}

fn tell(result: &Measured<'_>, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.event("retrieval", result);
    }
    let Scores { recall_at_1, recall_at_5, recall_at_10, mrr_at_10, ndcg_at_10 } = result.scores;
    let against = result.against_better.or(result.against_condensed).or(result.against_shown);
    let against = against.map_or(String::new(), |difference| {
        format!("{:+.3} [{:+.3}, {:+.3}]", difference.mean, difference.low, difference.high)
    });
    let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    output.line(format!(
        "| {} | {} | {} | {} | {recall_at_1:.3} | {recall_at_5:.3} | {recall_at_10:.3} | {mrr_at_10:.3} | {ndcg_at_10:.3} | {against} |",
        result.set,
        count(result.documents),
        count(result.queries),
        result.ranking
    ))
}

/// Leaves so many questions, evenly taken.
fn thin(set: &mut Set, most: Option<usize>) {
    let step = most.map_or(1, |most| set.queries.len().div_ceil(most.max(1)).max(1));
    let mut index = 0;
    set.queries.retain(|_| {
        index += 1;
        (index - 1) % step == 0
    });
}

/// Questions with the same relevant documents belong together: they are often rephrasings, or turns of one dialogue.
fn groups(set: &Set) -> Vec<usize> {
    let mut known = HashMap::new();
    let key = |query: &Text| {
        let relevant = set.judgements.get(&query.id);
        relevant.map(|documents| documents.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    set.queries
        .iter()
        .map(|query| {
            let next = known.len();
            *known.entry(key(query)).or_insert(next)
        })
        .collect()
}

/// A question with what of its conversation is searched.
fn query(mask: &dyn Fn(&str) -> String, text: &Text, said: Said) -> Query {
    let question = mask(&text.text);
    match said {
        Said::Alone => Query::new(question, PASSAGES),
        Said::Condensed => {
            let turn = |turn: &eval::golden::Turn| generator::Turn {
                question: turn.question.clone(),
                answer: turn.answer.clone(),
            };
            let history: Vec<generator::Turn> = text.history().iter().map(turn).collect();
            let (text, context) = engine::search(&question, &engine::screened(mask, &history));
            Query { context, ..Query::new(text, PASSAGES) }
        }
        Said::Whole => {
            let turns = text.history().iter().rev();
            let earlier = turns.flat_map(|turn| [mask(&turn.answer), mask(&turn.question)]);
            let all: Vec<String> = std::iter::once(question).chain(earlier).collect();
            Query::new(all.join("\n"), PASSAGES)
        }
    }
}

/// The scores of all questions under each ranking, with its name; reranking comes last, where there is any. Rows and runs are
/// written to a folder on request.
fn rank(
    settings: &Settings,
    mut retriever: Retriever,
    rerank: Option<&Rerank>,
    ids: &HashMap<DocumentId, String>,
    set: &Set,
    out: Option<(&Path, &str)>,
) -> Result<Vec<(&'static str, Vec<Scores>)>, Failure> {
    let screener = engine::screener(settings)?;
    let file = |name: String| -> Result<Option<BufWriter<File>>, Failure> {
        Ok(match out {
            Some((folder, set)) => Some(BufWriter::new(File::create(folder.join(format!("{set}.{name}")))?)),
            None => None,
        })
    };
    let mut rows = file("rows.jsonl".to_owned())?;
    let mut all = Vec::new();
    let talks = set.queries.iter().any(|query| !query.history().is_empty());
    let count = if talks { RANKINGS.len() } else { OF_EVERY_SET };
    for (label, ranking, said) in RANKINGS.into_iter().take(count).chain(rerank.map(|_| RERANKED)) {
        if label == RERANKED.0 {
            retriever = retriever.reranked(rerank.cloned());
        }
        let mut run = file(format!("{}.run", label.replace(", ", "-").replace(' ', "-")))?;
        let mut scores = Vec::new();
        for text in &set.queries {
            let mask = |text: &str| engine::masked(&screener, &retriever, text).text;
            let mut query = query(&mask, text, said);
            query.filters.extend(text.scope.iter().map(|scope| Filter::new("scope", scope)));
            let passages = match ranking {
                Some(ranking) => retriever.rank(&query, ranking)?,
                None => retriever.search(&Query { limit: 2 * DEPTH, ..query })?,
            };
            let mut seen = HashSet::new();
            let documents = passages.iter().filter_map(|passage| {
                ids.get(&passage.chunk.document).filter(|id| seen.insert(*id)).map(|id| (id, passage.score))
            });
            let documents: Vec<(&String, f32)> = documents.take(PASSAGES).collect();
            let ranked: Vec<String> = documents.iter().map(|(id, _)| (*id).clone()).collect();
            let Some(one) = set.judgements.get(&text.id).and_then(|relevant| Scores::of(&ranked, relevant))
            else {
                continue;
            };
            if let Some(run) = &mut run {
                for (place, (id, score)) in documents.iter().enumerate() {
                    writeln!(run, "{} Q0 {id} {} {score} {}", text.id, place + 1, label.replace(' ', "_"))?;
                }
            }
            if let Some(rows) = &mut rows {
                let row = Row { query: &text.id, ranking: label, scores: one };
                let line = serde_json::to_string(&row).map_err(|error| Failure::of(Exit::Error, &error))?;
                writeln!(rows, "{line}")?;
            }
            scores.push(one);
        }
        if let Some(mut run) = run {
            run.flush()?;
        }
        all.push((label, scores));
    }
    if let Some(mut rows) = rows {
        rows.flush()?;
    }
    Ok(all)
}
