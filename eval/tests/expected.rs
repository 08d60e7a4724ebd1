//! Our measures give what others make of the same runs and answers; `eval/tools/expected.py` makes the values.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic and is no interface")]

use std::collections::BTreeMap;

use eval::measure::average_precision::average_precision;
use eval::measure::ndcg::graded;
use eval::measure::overlap::Likeness;
use eval::measure::precision::precision;
use eval::measure::ranking::Ranking;
use eval::measure::recall::recall;
use eval::measure::reciprocal_rank::reciprocal_rank;
use eval::measure::rouge::rouge_l;
use serde::Deserialize;

type By<T> = BTreeMap<String, BTreeMap<String, T>>;

#[derive(Deserialize)]
struct Case {
    qrels: By<u32>,
    run: By<f32>,
    expected: By<f64>,
}

#[derive(Deserialize)]
struct Answer {
    said: String,
    references: Vec<String>,
    exact: f64,
    f1: f64,
    rouge_l: f64,
}

fn value(ranking: &Ranking, name: &str) -> Option<f64> {
    let Ranking { gains, ranks, ideal } = ranking;
    let (measure, k) = name.split_once('@').unwrap_or((name, "0"));
    let k = k.parse().unwrap();
    match measure {
        "R" => recall(ranks, k),
        "P" => precision(ranks, k),
        "nDCG" => graded(gains, ideal, k),
        "RR" => reciprocal_rank(ranks, usize::MAX),
        "AP" => average_precision(ranks),
        other => panic!("unknown measure {other}"),
    }
}

#[test]
fn rankings_are_worth_what_trec_eval_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("expected/rankings.json")).unwrap();
    let mut values = 0;
    for Case { qrels, run, expected } in cases {
        assert!(run.len() < qrels.len(), "a question is missing from the run");
        for (query, judged) in &qrels {
            let found =
                run.get(query).into_iter().flatten().map(|(document, score)| (document.as_str(), *score));
            let ranking = Ranking::of(&found.collect::<Vec<_>>(), judged);
            for (name, expected) in &expected[query] {
                let value = value(&ranking, name).unwrap();
                assert!((value - expected).abs() < 1e-6, "{query} {name}: {value}, not {expected}");
                values += 1;
            }
        }
    }
    assert_eq!(values, 3 * 6 * 11);
}

#[test]
fn answers_are_worth_what_the_official_scripts_say() {
    let cases: Vec<Answer> = serde_json::from_str(include_str!("expected/answers.json")).unwrap();
    assert_eq!(cases.len(), 64);
    for case in cases {
        let found = Likeness::best(&case.said, &case.references);
        let rouge = rouge_l(&case.said, &case.references).unwrap();
        for (value, expected) in [(found.exact, case.exact), (found.f1, case.f1), (rouge, case.rouge_l)] {
            assert!((value - expected).abs() < 1e-6, "{:?}: {value}, not {expected}", case.said);
        }
    }
}
