//! The compiled encoder against reference vectors, through a real setup.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use models::{Encoder, Runtime, SessionOptions, setup};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

fn encoder() -> Encoder {
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    Encoder::open(&runtime, &assets.encoder, &SessionOptions::default()).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f32 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_equal_the_reference_alone_and_in_a_batch() {
    let references: Vec<Reference> = serde_json::from_str(include_str!("data/encoder.json")).unwrap();
    let encoder = encoder();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    let together = encoder.embed(&texts).unwrap();
    assert_eq!(together.len(), references.len());
    for (reference, vector) in references.iter().zip(&together) {
        assert_eq!(vector.len(), encoder.dimension());
        let alone = encoder.embed(&[&reference.text]).unwrap();
        for vector in [vector, &alone[0]] {
            let similarity = cosine(vector, &reference.vector);
            assert!(similarity > 0.999, "{similarity} for {:?}", reference.text);
            let length: f32 = vector.iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
    }
}

#[test]
fn hostile_texts_are_embedded_or_refused_but_never_break() {
    let encoder = encoder();
    let long = "a".repeat(1 << 20);
    let texts = ["", " ", "\0\0\0", "[CLS] [SEP] [PAD]", "\u{202e}\u{200b}", long.as_str()];
    let vectors = encoder.embed(&texts).unwrap();
    assert_eq!(vectors.len(), texts.len());
    assert!(encoder.embed(&[]).unwrap().is_empty());
}

#[test]
fn the_fingerprint_is_stable_and_a_damaged_model_is_named() {
    let first = encoder();
    assert_eq!(first.fingerprint(), encoder().fingerprint());
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let assets = setup::status(&layout).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["encoder.json", "tokenizer.json"] {
        std::fs::copy(assets.encoder.join(name), folder.path().join(name)).unwrap();
    }
    let open = || Encoder::open(&runtime, folder.path(), &SessionOptions::default()).err().unwrap();
    assert!(matches!(open(), models::Error::ModelMissing { .. }));
    std::fs::write(folder.path().join("model.onnx"), b"no graph").unwrap();
    assert!(matches!(open(), models::Error::Inference { .. }));
}
