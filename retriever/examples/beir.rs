//! Measures retrieval on sets in BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`.
//!
//! ```text
//! cargo run --release -p citedesk-retriever --example beir -- [--index FOLDER] [--queries N] [--models FOLDER] SET...
//! ```
//!
//! Documents are screened as in the product, cut into passages of 200 words at most, embedded by the encoder that
//! `citedesk setup` installed, and searched by the dense ranking, the sparse one, both fused, and as shown to users.
//! A document's place is that of its best passage. Questions are screened too; of more than N, every so many is
//! taken. Where documents and questions have a `scope`, the search is filtered by it. With `--index` the indexes
//! are kept, and a second run embeds nothing.

#![expect(clippy::print_stdout, reason = "the table is the output")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corpus::screen::{Policy, Screener};
use corpus::{Block, BlockKind, Chunk, DocumentId, Extracted, Format};
use models::setup::{Layout, Part, default_cache};
use models::{Encoder, Runtime, SessionOptions};
use retriever::{Embedder, Filter, Query, Ranking, Retriever, Store};
use serde::Deserialize;

/// Words in a passage.
const WORDS: usize = 200;
/// Depth to which documents are ranked.
const DEPTH: usize = 10;

type Failure = Box<dyn Error>;

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
    scope: Option<String>,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (mut index, mut most, mut sets, mut cache) = (None, 300, Vec::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--index" => index = arguments.next().map(PathBuf::from),
            "--models" => cache = arguments.next().map(PathBuf::from),
            "--queries" => most = arguments.next().ok_or("a number is missing")?.parse()?,
            set => sets.push(PathBuf::from(set)),
        }
    }
    let layout = Layout::new(cache.map_or_else(default_cache, Ok)?);
    let library = files(&layout.folder(Part::Runtime))?.into_iter().find(|path| is_library(path));
    let runtime = Runtime::load(&library.ok_or("there is no ONNX Runtime; run `citedesk setup`")?)?;
    let folder = layout.folder(Part::Encoder);
    let encoder = Arc::new(Encoder::open(&runtime, &folder, &SessionOptions::default())?);
    let screener = Screener::new(Policy::default())?;
    let temporary = tempfile::tempdir()?;
    let index = index.unwrap_or_else(|| temporary.path().to_owned());

    println!("| set | docs | queries | ranking | R@1 | R@5 | R@10 | MRR@10 | nDCG@10 |");
    println!("|---|--:|--:|---|--:|--:|--:|--:|--:|");
    let mut means = BTreeMap::<&str, Vec<Scores>>::new();
    for set in &sets {
        let name = set.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let store = Store::open(&index.join(&name))?;
        let ids = publish(&store, encoder.as_ref(), &screener, &set.join("corpus.jsonl"))?;
        let retriever = Retriever::open(&store, Arc::clone(&encoder) as Arc<dyn Embedder>)?;
        let queries = queries(set, most)?;
        for (label, scores) in measure(&retriever, &screener, &ids, &queries)? {
            println!("| {name} | {} | {} | {label} | {scores} |", ids.len(), queries.len());
            means.entry(label).or_default().push(scores);
        }
    }
    for (label, scores) in means {
        let mut mean = Scores::default();
        for scores in &scores {
            mean.add(scores);
        }
        mean.divide(scores.len());
        println!("| mean | | | {label} | {mean} |");
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}

fn is_library(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("onnxruntime"))
}

/// Publishes a corpus; returns the names in the judgements by document id.
fn publish(
    store: &Store,
    embedder: &dyn Embedder,
    screener: &Screener,
    corpus: &Path,
) -> Result<HashMap<DocumentId, String>, Failure> {
    let mut builder = store.begin(embedder)?;
    let mut ids = HashMap::new();
    for line in fs::read_to_string(corpus)?.lines() {
        let item: Item = serde_json::from_str(line)?;
        let words: Vec<&str> = item.text.split_whitespace().collect();
        let blocks = words.chunks(WORDS).map(|words| Block::new(BlockKind::Paragraph, words.join(" ")));
        let extracted = Extracted {
            id: DocumentId(item.id.clone()),
            source: "corpus".to_owned(),
            location: item.id.clone(),
            format: Format::Text,
            title: Some(item.title).filter(|title| !title.is_empty()),
            modified: None,
            metadata: item.scope.into_iter().map(|scope| ("scope".to_owned(), scope)).collect(),
            blocks: blocks.collect(),
        };
        let document = match screener.screen(extracted) {
            Ok(document) => document,
            Err(rejected) => {
                println!("<!-- {}: {rejected} -->", item.id);
                continue;
            }
        };
        let spans = (0..).zip(&document.blocks);
        let chunks: Vec<Chunk> =
            spans.filter_map(|(ordinal, block)| Chunk::of(&document, ordinal, block.span)).collect();
        builder.add(&document, &chunks, "")?;
        ids.insert(document.id.clone(), item.id);
    }
    builder.publish()?;
    Ok(ids)
}

/// Questions with the names of the documents that answer them.
fn queries(set: &Path, most: usize) -> Result<Vec<(Item, HashSet<String>)>, Failure> {
    let mut right = HashMap::<String, HashSet<String>>::new();
    for line in fs::read_to_string(set.join("qrels/test.tsv"))?.lines().skip(1) {
        let mut fields = line.split('\t');
        if let (Some(query), Some(document), Some(score)) = (fields.next(), fields.next(), fields.next())
            && score != "0"
        {
            right.entry(query.to_owned()).or_default().insert(document.to_owned());
        }
    }
    let mut queries = Vec::new();
    for line in fs::read_to_string(set.join("queries.jsonl"))?.lines() {
        let item: Item = serde_json::from_str(line)?;
        if let Some(right) = right.remove(&item.id) {
            queries.push((item, right));
        }
    }
    let step = queries.len().div_ceil(most.max(1)).max(1);
    Ok(queries.into_iter().step_by(step).collect())
}

fn measure(
    retriever: &Retriever,
    screener: &Screener,
    ids: &HashMap<DocumentId, String>,
    queries: &[(Item, HashSet<String>)],
) -> Result<Vec<(&'static str, Scores)>, Failure> {
    let rankings = [
        ("dense", Some(Ranking::Dense)),
        ("sparse", Some(Ranking::Sparse)),
        ("fused", Some(Ranking::Fused)),
        ("shown", None),
    ];
    let mut results = Vec::new();
    for (label, ranking) in rankings {
        let mut sum = Scores::default();
        for (item, right) in queries {
            let mut query = Query::new(screener.mask(&item.text).text, 100);
            query.filters.extend(item.scope.iter().map(|scope| Filter::new("scope", scope)));
            let passages = match ranking {
                Some(ranking) => retriever.rank(&query, ranking)?,
                None => retriever.search(&Query { limit: DEPTH, ..query })?,
            };
            let mut seen = HashSet::new();
            let documents = passages.iter().filter_map(|passage| ids.get(&passage.chunk.document));
            let ranked: Vec<bool> =
                documents.filter(|id| seen.insert(*id)).take(DEPTH).map(|id| right.contains(id)).collect();
            sum.add(&Scores::of(&ranked, right.len()));
        }
        sum.divide(queries.len());
        results.push((label, sum));
    }
    Ok(results)
}

/// Recall at 1, 5 and 10, mean reciprocal rank and normalized discounted cumulative gain at 10.
#[derive(Default)]
struct Scores([f64; 5]);

impl Scores {
    /// Of one ranking, which says for each document whether it is right, with `right` right ones in all.
    fn of(ranked: &[bool], right: usize) -> Self {
        let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let recall =
            |depth: usize| ranked.iter().take(depth).filter(|right| **right).count() as f64 / right as f64;
        let found = ranked.iter().enumerate().filter(|(_, right)| **right).map(|(rank, _)| gain(rank));
        let ideal: f64 = (0..right.min(DEPTH)).map(gain).sum();
        let first = ranked.iter().position(|right| *right).map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0));
        Self([recall(1), recall(5), recall(DEPTH), first, found.sum::<f64>() / ideal])
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, value)| *sum += value);
    }

    fn divide(&mut self, count: usize) {
        self.0.iter_mut().for_each(|sum| *sum /= count.max(1) as f64);
    }
}

impl std::fmt::Display for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [one, five, ten, reciprocal, gain] = self.0;
        write!(f, "{one:.3} | {five:.3} | {ten:.3} | {reciprocal:.3} | {gain:.3}")
    }
}
