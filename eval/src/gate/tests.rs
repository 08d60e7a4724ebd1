//! Seeded bad generations: each is caught, and a good one passes.

use std::collections::BTreeMap;

use super::*;
use crate::judgement::Judgement;
use crate::record::{Found, Record};
use crate::score::Score;
use crate::testing::record;

const SUBJECTS: [&str; 8] = ["hub", "router", "sensor", "lamp", "valve", "speaker", "camera", "plug"];
const COUNT: usize = 48;

/// What the documents say of the `n`th question.
fn fact(n: usize) -> String {
    format!("The {} number {n} has a guarantee of {} months.", SUBJECTS[n % SUBJECTS.len()], 10 + n)
}

/// A generation that answers every question with a quote of the right document, and refuses every sixth, which nothing
/// answers.
fn good() -> Vec<Record> {
    let one = |n: usize| {
        let (fact, unanswerable) = (fact(n), n % 6 == 5);
        let said: &[&str] = if unanswerable { &[] } else { &[fact.as_str()] };
        let mut record = record(&format!("q{n}"), said);
        record.cluster = format!("d{n}");
        record.ranking = (0..5)
            .map(|place| Found {
                document: format!("d{}", (n + place) % COUNT),
                score: 1.0 - place as f32 / 10.0,
            })
            .collect();
        let document = corpus::DocumentId(format!("d{n}"));
        for passage in &mut record.record.answer.passages {
            passage.chunk.document = document.clone();
        }
        for citation in record.record.answer.sentences.iter_mut().flat_map(|sentence| &mut sentence.citations)
        {
            citation.document = document.clone();
        }
        let known = Judgement {
            answerable: Some(true),
            answers: vec![format!("{} months", 10 + n)],
            relevant: BTreeMap::from([(format!("d{n}"), 1)]),
            ..Judgement::default()
        };
        let nothing = Judgement { answerable: Some(false), ..Judgement::default() };
        record.judgement = Some(if unanswerable { nothing } else { known });
        record
    };
    (0..COUNT).map(one).collect()
}

fn rules() -> Rules {
    let bounds = |all: &[(&str, f64)]| all.iter().map(|(id, bound)| ((*id).to_owned(), *bound)).collect();
    Rules {
        least: bounds(&[
            ("right", 0.9),
            ("recall@5", 0.9),
            ("grounded", 0.95),
            ("quote_faithful", 1.0),
            ("refusal_recall", 0.8),
        ]),
        most: bounds(&[("false_refusal", 0.1), ("p95_ms", 1000.0)]),
        margin: bounds(&[("right", 0.05), ("ndcg@10", 0.05)]),
    }
}

/// The rules that are not met, as `rule measure`.
fn failing(records: &[Record]) -> Vec<String> {
    let scores = |records: &[Record]| -> Vec<Score> { records.iter().map(Score::of).collect() };
    let (before, after) = (scores(&good()), scores(records));
    let comparison = Comparison::of(&before, &after).unwrap();
    let checks = rules().judge(&Table::of(&after), Some(&comparison)).unwrap();
    assert_eq!(checks.len(), 9);
    let failed = checks.into_iter().filter(|check| !check.passed);
    failed.map(|check| format!("{} {}", check.rule, check.measure)).collect()
}

fn changed(change: impl Fn(usize, &mut Record)) -> Vec<Record> {
    let mut records = good();
    records.iter_mut().enumerate().for_each(|(n, record)| change(n, record));
    records
}

/// Says `text` in place of what was said, in words of its own, and claims that it was checked.
fn say(record: &mut Record, text: &str) {
    for sentence in &mut record.record.answer.sentences {
        sentence.text = text.to_owned();
        sentence.verdict.quoted = false;
        sentence.verdict.supported = true;
    }
}

#[test]
fn a_good_generation_passes() {
    assert!(failing(&good()).is_empty(), "{:?}", failing(&good()));
}

#[test]
fn removed_documents_are_caught() {
    // A third of the documents is gone: their questions find others and are refused.
    let records = changed(|n, record| {
        if n % 3 == 0 {
            record.ranking.remove(0);
            let refused = crate::testing::record(&record.id, &[]);
            record.record.answer = refused.record.answer;
            record.written = 0;
        }
    });
    let failing = failing(&records);
    for rule in ["least right", "least recall@5", "most false_refusal", "margin right", "margin ndcg@10"] {
        assert!(failing.contains(&rule.to_owned()), "{rule}: {failing:?}");
    }
}

#[test]
fn shuffled_passages_are_caught() {
    // Each question gets the passages of another one: citations point at bytes that say something else.
    let others = good();
    let records = changed(|n, record| {
        let other = &others[(n + 7) % COUNT];
        record.ranking = other.ranking.clone();
        let passages = other.record.answer.passages.clone();
        for (passage, shuffled) in record.record.answer.passages.iter_mut().zip(passages) {
            passage.chunk.text = shuffled.chunk.text;
        }
    });
    let failing = failing(&records);
    for rule in ["least right", "least recall@5", "least grounded", "least quote_faithful", "margin ndcg@10"]
    {
        assert!(failing.contains(&rule.to_owned()), "{rule}: {failing:?}");
    }
}

#[test]
fn a_checker_that_always_says_yes_is_caught() {
    // Every tenth sentence names another number, and the check let it pass.
    let records = changed(|n, record| {
        if n % 10 == 0 {
            say(record, &fact(n + 13));
        }
    });
    let supported = |record: &Record| Score::of(record).values.get("supported");
    assert!(records.iter().filter_map(supported).all(|share| share == 1.0));
    assert!(failing(&records).contains(&"least grounded".to_owned()), "{:?}", failing(&records));
}

#[test]
fn a_generator_that_invents_is_caught() {
    // It answers what nothing answers, and makes up its own words.
    let records = changed(|n, record| {
        if n % 6 == 5 {
            let answered = crate::testing::record(&record.id, &["Anything goes."]);
            record.record.answer = answered.record.answer;
            record.written = 1;
        }
        say(record, "Please call our friendly colleagues any day of the week.");
    });
    let failing = failing(&records);
    for rule in ["least right", "least grounded", "least refusal_recall", "margin right"] {
        assert!(failing.contains(&rule.to_owned()), "{rule}: {failing:?}");
    }
}

#[test]
fn what_cannot_be_judged_is_not_met() {
    let records = changed(|_, record| record.judgement = None);
    let scores: Vec<Score> = records.iter().map(Score::of).collect();
    let rules = Rules { margin: BTreeMap::new(), ..rules() };
    let checks = rules.judge(&Table::of(&scores), None).unwrap();
    let right = checks.iter().find(|check| check.measure == "right").unwrap();
    assert!(!right.passed && right.says.contains("none of 48 records"), "{right:?}");
}

#[test]
fn rules_that_say_nothing_are_errors() {
    let table = Table::of(&[]);
    let says = |rules: &Rules, part: &str| {
        let error = rules.judge(&table, None).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    says(&Rules::default(), "nothing is asked");
    says(&rules(), "--baseline");
    let least =
        |id: &str, bound: f64| Rules { least: BTreeMap::from([(id.to_owned(), bound)]), ..Rules::default() };
    says(&least("recal@5", 0.5), "there are recall@1");
    says(&least("right", f64::NAN), "no bound");
}

#[test]
fn every_value_of_all_answers_can_be_asked_for() {
    let scores: Vec<Score> = good().iter().map(Score::of).collect();
    let table = Table::of(&scores);
    let most: BTreeMap<String, f64> = table.rows.iter().map(|row| (row.id.to_owned(), f64::MAX)).collect();
    let checks = Rules { most, ..Rules::default() }.judge(&table, None).unwrap();
    assert_eq!(checks.len(), table.rows.len());
    assert!(table.rows.len() > crate::measure::COUNT);
}
