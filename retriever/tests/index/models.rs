//! With real models, through a real setup.

use std::path::PathBuf;
use std::sync::Arc;

use ::models::{Encoder, Runtime, SessionOptions, setup};
use retriever::embed::{Family, FastEmbed, FastEmbedModel};
use retriever::testing::document;
use retriever::{Embedder, Retriever};

use crate::support::{Desk, best, publish};

fn installed() -> (Runtime, PathBuf) {
    let layout = setup::Layout::new(setup::default_cache().expect("a cache"));
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).expect("set up");
    (Runtime::load(&assets.runtime).expect("loaded"), assets.encoder)
}

#[test]
fn both_ways_of_running_a_model_agree() {
    let (runtime, folder) = installed();
    let direct = Encoder::open(&runtime, &folder, &SessionOptions::default()).expect("opened");
    let model = FastEmbedModel { folder, family: Family::Plain, max_tokens: 256, threads: 0 };
    let other = FastEmbed::open(&runtime, &model).expect("opened");
    assert_eq!(other.dimension(), Embedder::dimension(&direct));
    assert_ne!(other.fingerprint(), Embedder::fingerprint(&direct));

    let long = "A sentence that goes on. ".repeat(200);
    let texts: Vec<String> = (0..90)
        .map(|number| format!("Ticket {number}: {}", "the printer is on fire ".repeat(number % 7)))
        .collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.extend(["", "x", &long]);
    let (ours, theirs) =
        (Embedder::embed(&direct, &texts).expect("embedded"), other.embed(&texts).expect("embedded"));
    assert_eq!(ours.len(), theirs.len());
    for (text, (one, two)) in texts.iter().zip(ours.iter().zip(&theirs)) {
        let cosine: f32 = one.iter().zip(two).map(|(one, two)| one * two).sum();
        assert!(cosine > 0.999, "{cosine} for {text:?}");
        assert_eq!(other.count_tokens(text), Embedder::count_tokens(&direct, text), "{text:?}");
    }
    assert_eq!(other.max_tokens(), Embedder::max_tokens(&direct));
}

#[test]
fn families_differ_in_what_they_add() {
    let (runtime, folder) = installed();
    let open = |family| {
        let model = FastEmbedModel { folder: folder.clone(), family, max_tokens: 128, threads: 1 };
        FastEmbed::open(&runtime, &model).expect("opened")
    };
    let (plain, prefixed) = (open(Family::Plain), open(Family::E5));
    assert_ne!(plain.fingerprint(), prefixed.fingerprint());
    let text = "how do I return a kettle";
    assert_eq!(plain.embed_query(text).expect("embedded"), plain.embed(&[text]).expect("embedded")[0]);
    let spelled_out = plain.embed(&["query: how do I return a kettle", "passage: how do I return a kettle"]);
    let spelled_out = spelled_out.expect("embedded");
    let close = |one: &[f32], two: &[f32]| one.iter().zip(two).all(|(one, two)| (one - two).abs() < 1e-4);
    assert!(close(&prefixed.embed_query(text).expect("embedded"), &spelled_out[0]));
    assert!(close(&prefixed.embed(&[text]).expect("embedded")[0], &spelled_out[1]));
    assert!(prefixed.count_tokens(text) > plain.count_tokens(text));
}

#[test]
fn meaning_is_found_without_a_common_word() {
    let (runtime, folder) = installed();
    let encoder = Encoder::open(&runtime, &folder, &SessionOptions::default()).expect("opened");
    let desk = Desk::new();
    let documents = [
        document("refund", "Sending items back", &["Goods may be handed in at any branch to be reimbursed."]),
        document("hours", "Opening hours", &["The shops open at nine and close at six."]),
        document("parking", "Parking", &["There is a car park behind each branch."]),
    ];
    publish(&desk.store, &encoder, &documents).expect("published");
    let retriever = Retriever::open(&desk.store, Arc::new(encoder)).expect("opened");
    assert_eq!(best(&retriever, "how do I get my money for a purchase I do not want"), "refund");
}
