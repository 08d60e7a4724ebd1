//! The compiled pair encoder against what training says, through a real setup with an adapter of noise.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use models::{Error, PairEncoder, Precision, Runtime, SessionOptions, setup};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    first: String,
    second: String,
    relevance: f32,
    support: f32,
}

fn adapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pair.safetensors")
}

fn adapt(adapter: &Path) -> models::Result<PathBuf> {
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let made = setup::adapt(&layout, adapter, &setup::Options::default(), &mut |_| ());
    made.map(|(part, folder)| {
        assert_eq!(part, setup::Part::Pair);
        folder
    })
}

fn encoder() -> PairEncoder {
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    PairEncoder::open(&runtime, &adapt(&adapter()).unwrap(), &SessionOptions::default()).unwrap()
}

#[test]
fn scores_equal_the_reference_alone_and_in_a_batch() {
    let references: Vec<Reference> = serde_json::from_str(include_str!("data/pair.json")).unwrap();
    let encoder = encoder();
    assert_eq!(encoder.info().version, "test");
    let pairs: Vec<(&str, &str)> =
        references.iter().map(|reference| (reference.first.as_str(), reference.second.as_str())).collect();
    let together = encoder.score(&pairs).unwrap();
    assert_eq!(together.len(), references.len());
    for ((reference, pair), score) in references.iter().zip(&pairs).zip(&together) {
        for score in [*score, encoder.score(&[*pair]).unwrap()[0]] {
            assert!((score.relevance - reference.relevance).abs() < 0.01, "{score:?} for {pair:?}");
            assert!((score.support - reference.support).abs() < 0.01, "{score:?} for {pair:?}");
        }
    }
    assert!(encoder.score(&[]).unwrap().is_empty());
}

#[test]
fn integers_say_nearly_what_floats_say() {
    let references: Vec<Reference> = serde_json::from_str(include_str!("data/pair.json")).unwrap();
    let pairs: Vec<(&str, &str)> =
        references.iter().map(|reference| (reference.first.as_str(), reference.second.as_str())).collect();
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    let options = SessionOptions::default();
    let integers = PairEncoder::open(&runtime, &assets.pair, &options).unwrap();
    assert_eq!(integers.info().precision(), Precision::Int8);

    // The same adapter without the ranges of its activations.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/pair.safetensors");
    let mut bytes = fs::read(path).unwrap();
    let entry = br#"\"int8\""#;
    let at = bytes.windows(entry.len()).position(|window| window == entry).unwrap();
    bytes[at..at + entry.len()].copy_from_slice(br#"\"left\""#);
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("floats.safetensors");
    fs::write(&other, &bytes).unwrap();
    let floats = PairEncoder::open(&runtime, &adapt(&other).unwrap(), &options).unwrap();
    assert_eq!(floats.info().precision(), Precision::Fp32);

    let (integers, floats) = (integers.score(&pairs).unwrap(), floats.score(&pairs).unwrap());
    assert_ne!(integers, floats);
    for (one, other) in integers.iter().zip(&floats) {
        assert!((one.support - other.support).abs() < 0.5, "{one:?} for {other:?}");
        assert!((one.relevance - other.relevance).abs() < 0.5, "{one:?} for {other:?}");
    }
}

#[test]
fn an_adapter_is_merged_once_and_into_its_own_base_only() {
    let file = adapter();
    assert_eq!(adapt(&file).unwrap(), adapt(&file).unwrap());

    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    let base = b"53aa5117";
    let at = bytes.windows(base.len()).position(|window| window == base).unwrap();
    bytes[at..at + base.len()].copy_from_slice(b"00000000");
    fs::write(&other, &bytes).unwrap();
    assert!(matches!(adapt(&other), Err(Error::Unsupported { .. })));

    fs::write(&other, b"no adapter").unwrap();
    assert!(matches!(adapt(&other), Err(Error::Corrupt { .. })));
    bytes.truncate(bytes.len() / 2);
    fs::write(&other, &bytes).unwrap();
    assert!(matches!(adapt(&other), Err(Error::Corrupt { .. })));
    assert!(matches!(adapt(&folder.path().join("none")), Err(Error::ModelMissing { .. })));
}
