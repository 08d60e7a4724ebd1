//! The compiled encoder against reference vectors, through a real setup.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use models::{Device, Encoder, Precision, Runtime, SessionOptions, Side, setup};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

fn encoder() -> Encoder {
    open(Precision::Fp32, Device::Cpu).unwrap()
}

fn open(precision: Precision, device: Device) -> models::Result<Encoder> {
    let layout = setup::Layout::new(setup::default_cache().unwrap()).precise(precision);
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    Encoder::open(&runtime, &assets.encoder, &SessionOptions { device, ..SessionOptions::default() })
}

fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("data/encoder.json")).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f32 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_equal_the_reference_alone_and_in_a_batch() {
    let references = references();
    let encoder = encoder();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    let together = encoder.embed(&texts, Side::Passage).unwrap();
    assert_eq!(together.len(), references.len());
    for (reference, vector) in references.iter().zip(&together) {
        assert_eq!(vector.len(), encoder.dimension());
        let alone = encoder.embed(&[&reference.text], Side::Passage).unwrap();
        for vector in [vector, &alone[0]] {
            let similarity = cosine(vector, &reference.vector);
            assert!(similarity > 0.999, "{similarity} for {:?}", reference.text);
            let length: f32 = vector.iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
    }
}

#[test]
fn with_8_bit_integers_vectors_are_close_and_the_same_in_any_batch() {
    let encoder = open(Precision::Int8, Device::Cpu).unwrap();
    assert_eq!(encoder.precision(), Precision::Int8);
    let references = references();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    let together = encoder.embed(&texts, Side::Passage).unwrap();
    for (reference, vector) in references.iter().zip(&together) {
        let similarity = cosine(vector, &reference.vector);
        // Over the tokens of a sentence errors even out; a single word has few.
        let least = if reference.text.len() > 20 { 0.997 } else { 0.98 };
        assert!(similarity > least, "{similarity} for {:?}", reference.text);
        let alone = encoder.embed(&[&reference.text], Side::Passage).unwrap();
        let similarity = cosine(vector, &alone[0]);
        assert!(similarity > 0.9999, "{similarity} for {:?}", reference.text);
    }
}

#[test]
fn an_encoder_of_8_bit_integers_is_another_one_and_for_the_processor_only() {
    let encoder = open(Precision::Int8, Device::Cpu).unwrap();
    assert_ne!(encoder.fingerprint(), self::encoder().fingerprint());
    let error = open(Precision::Int8, Device::Cuda(0)).err().unwrap();
    assert!(matches!(error, models::Error::Unsupported { .. }));
    assert!(error.to_string().contains("`cpu` only"), "{error}");
}

#[test]
fn hostile_texts_are_embedded_or_refused_but_never_break() {
    let encoder = encoder();
    let long = "a".repeat(1 << 20);
    let texts = ["", " ", "\0\0\0", "[CLS] [SEP] [PAD]", "\u{202e}\u{200b}", long.as_str()];
    let vectors = encoder.embed(&texts, Side::Passage).unwrap();
    assert_eq!(vectors.len(), texts.len());
    assert!(encoder.embed(&[], Side::Passage).unwrap().is_empty());
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
