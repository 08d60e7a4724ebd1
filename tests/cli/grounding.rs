//! The check of sentences, judged by claims.

use crate::desk::{Desk, text};

#[test]
fn claims_are_judged_and_a_broken_file_is_named() {
    let desk = Desk::new();
    let context = "Refunds reach the card within 5 days. Returns are sent in the box.";
    let line = |claim: &str, label: u8| {
        serde_json::json!({ "context": context, "claim": claim, "label": label }).to_string()
    };
    let claims = [
        line("Refunds reach the card within 5 days.", 1),
        line("Returns are sent in the box.", 1),
        line("Refunds reach the card within 7 days.", 0),
        line("Returns are never sent in the box.", 0),
    ];
    let file = desk.write("claims.jsonl", claims.join("\n"));
    let rows = desk.home.path().join("rows.jsonl");
    let ran = desk.run(&["--json", "eval", "grounding", text(&file), "--out", text(&rows)]).exits(0);
    let events = ran.events("grounding");
    let [event] = events.as_slice() else { panic!("one file, one event: {events:?}") };
    assert_eq!((&event["set"], &event["agreement"]["claims"]), (&"claims".into(), &4.into()));
    assert_eq!(event["agreement"]["balanced_accuracy"]["value"], 1.0, "{event}");
    let rows = std::fs::read_to_string(rows).unwrap();
    assert!(rows.lines().count() == 4 && rows.contains("7 day"), "{rows}");
    desk.run(&["eval", "grounding", text(&file)]).exits(0).says("| claims | 4 | 2 |");

    let broken = desk.write("broken.jsonl", format!("{}\n{{\"context\":\"c\",\"label\":1}}", claims[0]));
    let ran = desk.run(&["eval", "grounding", text(&broken)]).exits(1);
    assert!(ran.err.contains("line 2") && ran.err.contains("claim"), "{}", ran.err);
}
