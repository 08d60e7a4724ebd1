//! Records from questions to report and gate, and the gate before a generation goes live.

use std::fmt::Write as _;

use crate::desk::{Desk, text};

const LAMPS: [&str; 8] = ["amber", "birch", "cobalt", "dune", "elm", "fern", "granite", "hazel"];

/// A knowledge base of one document a lamp, and a golden question for each.
fn lamps(desk: &Desk) {
    let mut golden = String::new();
    for (number, name) in LAMPS.iter().enumerate() {
        let fact = format!("The {name} lamp has a guarantee of {} months", 12 + number);
        desk.write(
            &format!("kb/{name}.md"),
            format!("# {name} lamp\n\n{fact}.\n\nIt is made of {name} glass.\n"),
        );
        let question = serde_json::json!({
            "id": name, "question": format!("How many months of guarantee has the {name} lamp?"), "kind": "direct",
            "answerable": true, "must_contain": [format!("{} months", 12 + number)],
            "evidence": [{ "document": format!("{name}.md"), "quote": fact }],
        });
        let _ = writeln!(golden, "{question}");
    }
    desk.write("golden.jsonl", golden);
}

#[test]
fn records_are_scored_compared_gated_and_shown() {
    let desk = Desk::new();
    lamps(&desk);
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["eval", "run", "--questions", "golden.jsonl", "--out", "a.jsonl", "--perturb"])
        .exits(0)
        .says("104 records");
    let scored = desk.run(&["--json", "eval", "score", "a.jsonl", "--out", "values.jsonl"]).exits(0);
    let table = &scored.events("scores")[0];
    assert_eq!(table["records"], 8);
    let row =
        |id: &str| table["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    for id in ["right", "recall@5", "grounded", "quote_faithful"] {
        assert!(row(id)["estimate"]["mean"].as_f64().unwrap() > 0.9, "{id}: {}", row(id));
    }
    assert_eq!(row("refusal_recall")["not_applicable"], 8);
    assert_eq!(table["forms"].as_array().unwrap().len(), 12);
    let values = std::fs::read_to_string(desk.home.path().join("values.jsonl")).unwrap();
    assert_eq!(values.lines().count(), 104);

    let compared = desk.run(&["--json", "eval", "compare", "a.jsonl", "a.jsonl"]).exits(0);
    assert_eq!(compared.events("comparison")[0]["pairs"], 104);

    let gate = ["eval", "gate", "a.jsonl", "--baseline", "a.jsonl", "--margin", "right=0.01", "--least"];
    desk.run(&[&gate[..], &["recall@5=0.9"]].concat()).exits(0).says("passed");
    desk.run(&[&gate[..], &["recall@5=1.1", "--junit", "gate.xml"]].concat()).exits(100).says("failed");
    let junit = std::fs::read_to_string(desk.home.path().join("gate.xml")).unwrap();
    assert!(junit.contains("failures=\"1\"") && junit.contains("name=\"recall@5\""), "{junit}");
    desk.run(&["eval", "gate", "a.jsonl", "--least", "recal=0.9"]).exits(2).says("no measure is called");

    desk.run(&["eval", "report", "a.jsonl", "--out", "a.html", "--out", "a.md", "--out", "a.json"]).exits(0);
    let page = std::fs::read_to_string(desk.home.path().join("a.html")).unwrap();
    assert!(page.contains("amber lamp") && page.contains("typing errors"));
    desk.run(&["eval", "report", "a.jsonl", "--out", "a.pdf"]).exits(2).says(".html");
}

#[test]
fn a_set_brings_its_documents() {
    let desk = Desk::new();
    desk.write(
        "set.json",
        r#"{"data": [{"title": "Lamps", "paragraphs": [{"context": "The amber lamp has a guarantee of 12 months.", "qas": [
            {"id": "1", "question": "How many months of guarantee has the amber lamp?", "answers": [{"text": "12 months"}]},
            {"id": "2", "question": "Who painted the ceiling of the chapel?", "is_impossible": true}]}]}]}"#,
    );
    desk.run(&["eval", "run", "--questions", "set.json", "--out", "a.jsonl"]).exits(0);
    let scored = desk.run(&["--json", "eval", "score", "a.jsonl"]).exits(0);
    let rows = scored.events("scores")[0]["rows"].as_array().unwrap().clone();
    let mean = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap()["estimate"]["mean"].as_f64();
    assert_eq!((mean("right"), mean("refusal_recall"), mean("recall@1")), (Some(1.0), Some(1.0), Some(1.0)));
}

#[test]
fn a_worse_generation_is_held_back_by_its_measures() {
    let desk = Desk::new();
    lamps(&desk);
    desk.write(
        "citedesk.toml",
        "[gate]\nquestions = \"golden.jsonl\"\n[gate.least]\n\"recall@5\" = 0.8\n[gate.margin]\nright = 0.3\n",
    );
    desk.run(&["ingest", "kb"]).exits(0);
    // Nothing that is asked gets worse.
    desk.write("kb/iris.md", "# iris lamp\n\nThe iris lamp is new.\n");
    desk.run(&["ingest", "kb"]).exits(0).says("generation");
    // Half of what answers is gone.
    for name in &LAMPS[..4] {
        desk.write(&format!("kb/{name}.md"), "# Lamp\n\nThis page has moved.\n");
    }
    desk.run(&["ingest", "kb"]).exits(100).says("(gate.least)").says("(gate.margin)");
    let golden = desk.home.path().join("golden.jsonl");
    desk.run(&["eval", "golden", text(&golden), "--min-right", "0.9"]).exits(0);
}

#[test]
fn a_gate_that_asks_for_no_measure_is_told_before_anything_is_read() {
    let desk = Desk::bare();
    desk.write("kb/a.md", "# A\n");
    desk.write("citedesk.toml", "[gate.least]\nrecal = 0.9\n");
    desk.run(&["ingest", "kb"]).exits(2).says("no measure is called \"recal\"").says("under `gate`");
}

#[test]
fn what_cannot_be_judged_is_named_without_a_model() {
    let desk = Desk::bare();
    desk.write("a.jsonl", "{\"version\":7,\"record\":{}}\n");
    for args in [&["eval", "score", "a.jsonl"][..], &["eval", "report", "a.jsonl", "--out", "a.html"]] {
        desk.run(args).exits(1).says("a.jsonl").says("line 1").says("version 7");
    }
    desk.run(&["eval", "score", "none.jsonl"]).exits(1).says("none.jsonl");
    desk.write("q.csv", "id\n1\n");
    desk.run(&["eval", "run", "--questions", "q.csv", "--out", "b.jsonl"])
        .exits(1)
        .says("line 1")
        .says("`question`");
}

#[test]
fn ratings_become_judgements_and_refusals_gaps() {
    let desk = Desk::new();
    lamps(&desk);
    desk.run(&["ingest", "kb"]).exits(0);
    let good = desk.run(&["--json", "ask", "How many months of guarantee has the amber lamp?"]).exits(0);
    for question in ["Who painted the ceiling of the chapel?", "Which painter painted the chapel ceiling?"] {
        desk.run(&["ask", question]).exits(4);
    }
    assert!(!good.out.is_empty());
    let log = std::fs::read_to_string(desk.records()).unwrap();
    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let opinion = serde_json::json!({
        "at": "2026-03-01T10:00:00Z", "record": first["id"], "question": "?", "good": false, "correction": "12 months",
    });
    std::fs::write(desk.records().with_file_name("ratings.jsonl"), format!("{opinion}\n")).unwrap();
    desk.run(&["eval", "import-feedback", "--out", "judgements.jsonl"]).exits(0).says("1 judgements");
    let records = desk.records();
    let judged = ["--judgements", "judgements.jsonl"];
    desk.run(&[&["eval", "score", text(&records)], &judged[..]].concat()).exits(1).says("--partial");
    let scored =
        desk.run(&[&["--json", "eval", "score", text(&records), "--partial"], &judged[..]].concat()).exits(0);
    let rows = scored.events("scores")[0]["rows"].as_array().unwrap().clone();
    let rating = rows.iter().find(|row| row["id"] == "rating").unwrap();
    assert_eq!(
        (rating["estimate"]["mean"].as_f64(), rating["estimate"]["count"].as_u64()),
        (Some(0.0), Some(1))
    );

    let gaps = desk
        .run(&[&["--json", "eval", "gaps", "--partial", "--drafts", "drafts"], &judged[..]].concat())
        .exits(0);
    let demands: Vec<_> = gaps.events("gap").iter().map(|gap| gap["demand"].as_u64()).collect();
    assert_eq!(demands, [Some(2), Some(1)]);
    let draft = std::fs::read_to_string(desk.home.path().join("drafts/gap-01.md")).unwrap();
    assert!(draft.contains("- Which painter painted the chapel ceiling?"), "{draft}");
}
