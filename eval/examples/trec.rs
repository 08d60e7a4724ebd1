//! Measures of a TREC run file against judgements, one JSON object a question: `trec RUN QRELS`.
//!
//! `eval/tools/parity.py` compares them with those of `ir_measures`.

#![allow(clippy::print_stdout, missing_docs, reason = "a program, not an interface")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use eval::measure::average_precision::average_precision;
use eval::measure::ndcg::graded;
use eval::measure::precision::precision;
use eval::measure::ranking::Ranking;
use eval::measure::recall::recall;
use eval::measure::reciprocal_rank::reciprocal_rank;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(run), Some(qrels)) = (args.next(), args.next()) else {
        return Err("usage: trec RUN QRELS".into());
    };
    let mut judged = BTreeMap::<String, BTreeMap<String, u32>>::new();
    for line in std::fs::read_to_string(qrels)?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [query, _, document, grade] = fields[..] else { return Err(line.into()) };
        judged.entry(query.to_owned()).or_default().insert(document.to_owned(), grade.parse()?);
    }
    let text = std::fs::read_to_string(run)?;
    let mut found = HashMap::<&str, Vec<(&str, f32)>>::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [query, _, document, _, score, _] = fields[..] else { return Err(line.into()) };
        found.entry(query).or_default().push((document, score.parse()?));
    }
    for (query, judged) in &judged {
        let ranking = Ranking::of(found.get(query.as_str()).map_or(&[], Vec::as_slice), judged);
        let Ranking { gains, ranks, ideal } = &ranking;
        let mut values = BTreeMap::new();
        for k in [1, 5, 10, 100] {
            values.insert(format!("R@{k}"), recall(ranks, k));
            values.insert(format!("P@{k}"), precision(ranks, k));
            values.insert(format!("nDCG@{k}"), graded(gains, ideal, k));
        }
        values.insert("RR".to_owned(), reciprocal_rank(ranks, usize::MAX));
        values.insert("AP".to_owned(), average_precision(ranks));
        println!("{}", serde_json::json!({ "query": query, "values": values }));
    }
    Ok(())
}
