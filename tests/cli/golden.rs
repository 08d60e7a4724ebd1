//! The sample knowledge base, judged by its golden questions.

use std::path::Path;

use crate::desk::{Desk, sample, text};

#[test]
fn the_sample_knowledge_base_is_answered_well_and_leaks_nothing() {
    let desk = Desk::new();
    desk.run(&["ingest", text(&sample())]).exits(0);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/golden");
    let questions = golden.join("questions.jsonl");
    let canaries = golden.join("canaries.txt");
    // Exit 0 also says: no citation that does not resolve, no unsupported sentence, no planted identifier.
    desk.run(&[
        "--json",
        "eval",
        "golden",
        text(&questions),
        "--canaries",
        text(&canaries),
        "--min-recall",
        "0.9",
        "--min-right",
        "0.8",
    ])
    .exits(0);
}

#[test]
fn a_question_for_two_things_is_answered_twice() {
    let desk = Desk::new();
    desk.run(&["ingest", text(&sample())]).exits(0);
    let asked = "What does a seat of Culvert Business cost and how many devices does it cover?";
    desk.run(&["ask", asked]).exits(0).says("€9").says("up to 5 devices");
}
