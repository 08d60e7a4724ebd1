//! The multilingual encoder against reference tokens and vectors, through a real setup.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::LazyLock;

use models::{Encoder, Error, Languages, Precision, Runtime, SessionOptions, Side, setup};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    side: String,
    text: String,
    tokens: Vec<u32>,
    vector: Vec<f32>,
}

impl Reference {
    fn side(&self) -> Side {
        if self.side == "question" { Side::Question } else { Side::Passage }
    }
}

static REFERENCES: LazyLock<Vec<Reference>> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/multilingual.json")).unwrap());

static ENCODER: LazyLock<(Encoder, std::path::PathBuf)> = LazyLock::new(|| {
    let layout = setup::Layout::new(setup::default_cache().unwrap()).speaking(Languages::Many);
    let layout = [setup::Part::Pair, setup::Part::Decoder].into_iter().fold(layout, setup::Layout::without);
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    (Encoder::open(&runtime, &assets.encoder, &SessionOptions::default()).unwrap(), assets.encoder)
});

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f32 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_equal_the_reference_alone_and_in_a_batch() {
    let encoder = &ENCODER.0;
    assert_eq!(encoder.languages(), Languages::Many);
    let texts: Vec<(Side, &str)> =
        REFERENCES.iter().map(|reference| (reference.side(), reference.text.as_str())).collect();
    let together = encoder.embed_both(&texts).unwrap();
    for (reference, vector) in REFERENCES.iter().zip(&together) {
        let alone = encoder.embed(&[&reference.text], reference.side()).unwrap();
        for vector in [vector, &alone[0]] {
            let similarity = cosine(vector, &reference.vector);
            assert!(similarity > 0.999, "{similarity} for {:?}", reference.text);
        }
    }
}

#[test]
fn texts_have_the_tokens_of_the_reference_and_none_that_control() {
    let tokenizer = tokenizers::Tokenizer::from_file(ENCODER.1.join("tokenizer.json")).unwrap();
    for reference in REFERENCES.iter().filter(|reference| reference.tokens.len() < 256) {
        let prefix = if reference.side() == Side::Question { "query: " } else { "passage: " };
        let found = tokenizer.encode(format!("{prefix}{}", reference.text), true).unwrap();
        assert_eq!(found.get_ids(), reference.tokens, "{:?}", reference.text);
        let inner = &found.get_ids()[1..found.get_ids().len() - 1];
        assert!(inner.iter().all(|id| *id > 2 && *id != 250_001), "{inner:?}");
    }
}

#[test]
fn tokens_are_counted_by_word_and_the_prefix_takes_its_part() {
    let encoder = &ENCODER.0;
    for reference in REFERENCES.iter().filter(|reference| reference.tokens.len() < 256) {
        // The prefix and the two at the ends are no part of the text.
        let prefix = if reference.side() == Side::Question { 3 } else { 2 };
        assert_eq!(
            encoder.count_tokens(&reference.text),
            reference.tokens.len() - 2 - prefix,
            "{}",
            reference.text
        );
    }
    assert!((250..254).contains(&encoder.max_tokens()));
}

#[test]
fn a_question_finds_the_passage_in_another_language() {
    let encoder = &ENCODER.0;
    let passages =
        ["The battery lasts up to 18 months.", "The lid opens to the left.", "Parcels leave on Mondays."];
    let found = encoder.embed(&passages, Side::Passage).unwrap();
    for question in
        ["Wie lange hält die Batterie?", "Combien de temps dure la pile ?", "¿Cuánto dura la pila?"]
    {
        let asked = &encoder.embed(&[question], Side::Question).unwrap()[0];
        let near: Vec<f32> = found.iter().map(|passage| cosine(asked, passage)).collect();
        assert!(near[0] > near[1] + 0.1 && near[0] > near[2] + 0.1, "{question} {near:?}");
    }
}

#[test]
fn it_calculates_with_floats_only() {
    let folder = tempfile::tempdir().unwrap();
    let layout = setup::Layout::new(folder.path()).speaking(Languages::Many).precise(Precision::Int8);
    let error = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("fp32"), "{error}");
}
