use std::io::Cursor;

use proptest::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::fixture::Writer;
use super::*;

fn parse(bytes: Vec<u8>) -> Result<Gguf<Cursor<Vec<u8>>>> {
    Gguf::parse(Cursor::new(bytes), Path::new("test.gguf"))
}

fn example() -> Writer {
    let mut writer = Writer::default();
    for (at, element) in [2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 20, 23].into_iter().enumerate() {
        let bytes = fixture::Random(at as u64).matrix(256, element, 0.2);
        writer.tensor(&format!("quantized {element}"), &[256], element, bytes);
    }
    writer
        .text("general.architecture", "llama")
        .number("llama.block_count", 2)
        .value("flag", Value::Bool(true))
        .value("float", Value::Float(0.5))
        .value("texts", Value::Texts(vec!["a".to_owned(), String::new(), "ü".to_owned()]))
        .value("integers", Value::Integers(vec![-1, 2]))
        .value("floats", Value::Floats(vec![1.5]))
        .value("bools", Value::Bools(vec![true, false]))
        .floats("norm", &[3], &[1.0, 2.0, 3.0])
        .floats("matrix", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    writer
}

#[test]
fn what_is_written_is_read() {
    let mut gguf = parse(example().finish()).unwrap();
    assert_eq!(gguf.text("general.architecture").unwrap(), Some("llama"));
    assert_eq!(gguf.size("llama.block_count").unwrap(), Some(2));
    assert_eq!(gguf.float("float").unwrap(), Some(0.5));
    assert_eq!(gguf.value("flag"), Some(&Value::Bool(true)));
    assert_eq!(gguf.value("texts"), Some(&Value::Texts(vec!["a".to_owned(), String::new(), "ü".to_owned()])));
    assert_eq!(gguf.value("integers"), Some(&Value::Integers(vec![-1, 2])));
    assert_eq!(gguf.value("floats"), Some(&Value::Floats(vec![1.5])));
    assert_eq!(gguf.value("bools"), Some(&Value::Bools(vec![true, false])));
    assert_eq!(gguf.tensor("norm").unwrap().weights(), [1.0, 2.0, 3.0]);
    let matrix = gguf.tensor("matrix").unwrap();
    assert_eq!((matrix.rows, matrix.columns), (3, 2));
    assert_eq!(matrix.weights(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let error = gguf.tensor("bias").unwrap_err();
    assert!(error.to_string().contains("\"bias\""), "{error}");
    assert!(matches!(gguf.size("float"), Err(Error::Corrupt { .. })));
}

#[derive(Deserialize)]
struct Quantized {
    units: usize,
    types: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    id: u32,
    bytes: usize,
    half: Vec<usize>,
    first: [f32; 4],
    sha256: String,
}

/// Made by `tests/reference/quants.py`.
#[test]
fn quantized_weights_have_the_bits_that_ggml_computes() {
    let expected: Quantized = serde_json::from_str(include_str!("../../tests/data/quants.json")).unwrap();
    assert_eq!(expected.types.len(), 12);
    for (name, facts) in expected.types {
        assert_eq!(Element::from_id(facts.id).to_string(), name);
        let mut bytes = fixture::Random(7).bytes(expected.units * facts.bytes);
        for unit in bytes.chunks_exact_mut(facts.bytes) {
            facts.half.iter().for_each(|at| unit[at + 1] &= 0xbf);
        }
        let (elements, width) = Element::from_id(facts.id).unit().unwrap();
        assert_eq!(width as usize, facts.bytes, "{name}");
        let columns = expected.units * elements as usize;
        let mut gguf = parse(Writer::default().tensor("t", &[columns], facts.id, bytes).finish()).unwrap();
        let weights = gguf.tensor("t").unwrap().weights();
        assert_eq!(weights[..4], facts.first, "{name}");
        let bytes: Vec<u8> = weights.iter().flat_map(|weight| (weight + 0.0).to_le_bytes()).collect();
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, facts.sha256, "{name}");
    }
}

#[test]
fn floats_are_read_as_they_are() {
    let half = |value: f32| half::f16::from_f32(value).to_le_bytes();
    let expected: Vec<f32> = (0..32u8).map(f32::from).collect();
    let f32 = expected.iter().flat_map(|value| value.to_le_bytes()).collect();
    let f16 = expected.iter().flat_map(|value| half(*value)).collect();
    let bf16 = expected.iter().flat_map(|value| half::bf16::from_f32(*value).to_le_bytes()).collect();
    for (name, id, bytes) in [("F32", 0, f32), ("F16", 1, f16), ("BF16", 30, bf16)] {
        assert_eq!(Element::from_id(id).to_string(), name);
        let mut gguf = parse(Writer::default().tensor("t", &[32], id, bytes).finish()).unwrap();
        let tensor = gguf.tensor("t").unwrap();
        assert_eq!(tensor.weights(), expected, "{name}");
        let blocks: Vec<_> = tensor.blocks().collect();
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].weights().as_slice(), expected, "{name}");
    }
}

#[test]
fn other_types_are_refused_by_name() {
    for (id, name) in [(9, "Q8_1"), (16, "IQ2_XXS"), (29, "IQ1_M"), (39, "MXFP4"), (1000, "type 1000")] {
        let mut gguf = parse(Writer::default().tensor("t", &[256], id, vec![0; 144]).finish()).unwrap();
        let error = gguf.tensor("t").unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }));
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn foreign_versions_and_files_are_told_apart() {
    let good = example().finish();
    for (version, unsupported) in [(1u32, true), (4, true), (3u32.swap_bytes(), true), (2, false), (3, false)]
    {
        let mut bytes = good.clone();
        bytes[4..8].copy_from_slice(&version.to_le_bytes());
        assert_eq!(matches!(parse(bytes), Err(Error::Unsupported { .. })), unsupported, "{version}");
    }
    assert!(matches!(parse(b"GGML0000".to_vec()), Err(Error::Corrupt { .. })));
    assert!(matches!(Gguf::open(Path::new("/nonexistent.gguf")), Err(Error::ModelMissing { .. })));
}

#[test]
fn impossible_tensors_are_refused() {
    let cases: [(&[usize], u32); 6] = [
        (&[usize::MAX, usize::MAX], 0),
        (&[usize::MAX / 2], 0),
        (&[1 << 40], 0),
        (&[33], 2),
        (&[0], 0),
        (&[1, 1, 1, 1, 1], 0),
    ];
    for (shape, element) in cases {
        let bytes = Writer::default().tensor("t", shape, element, vec![0; 64]).finish();
        assert!(matches!(parse(bytes), Err(Error::Corrupt { .. })), "{shape:?}");
    }
}

#[test]
fn lengths_beyond_the_file_allocate_nothing() {
    // A text, an array and counts that all claim to be enormous.
    for claim in [u64::MAX, 1 << 40] {
        let head = |tensors: u64, values: u64| {
            let mut bytes = b"GGUF".to_vec();
            bytes.extend(3u32.to_le_bytes());
            bytes.extend(tensors.to_le_bytes());
            bytes.extend(values.to_le_bytes());
            bytes
        };
        let mut text = head(0, 1);
        text.extend(claim.to_le_bytes());
        let mut array = head(0, 1);
        array.extend(1u64.to_le_bytes());
        array.push(b'k');
        array.extend(9u32.to_le_bytes());
        array.extend(0u32.to_le_bytes());
        array.extend(claim.to_le_bytes());
        for bytes in [text, array, head(claim, 0), head(0, claim)] {
            assert!(matches!(parse(bytes), Err(Error::Corrupt { .. })));
        }
    }
}

#[test]
fn tensors_that_overlap_are_refused() {
    let mut writer = Writer::default();
    writer.floats("first", &[64], &[1.0; 64]).floats("second", &[64], &[2.0; 64]);
    let sound = writer.finish();
    parse(sound.clone()).unwrap();
    // The offset is the last thing that is said of a tensor.
    let at = sound.windows(8).rposition(|bytes| bytes == 256u64.to_le_bytes()).unwrap();
    for offset in [0u64, 32, 224] {
        let mut bytes = sound.clone();
        bytes[at..at + 8].copy_from_slice(&offset.to_le_bytes());
        let error = parse(bytes).unwrap_err();
        assert!(error.to_string().contains("overlap"), "{offset}: {error}");
    }
}

/// Reads whatever can be read.
fn exhaust(bytes: Vec<u8>) {
    let length = bytes.len();
    if let Ok(mut gguf) = parse(bytes) {
        let names: Vec<String> = gguf.tensors().keys().cloned().collect();
        for name in names {
            if let Ok(tensor) = gguf.tensor(&name) {
                assert!(tensor.bytes.len() <= length);
                if tensor.in_blocks() || matches!(tensor.element, Element::F32 | Element::F16 | Element::Bf16)
                {
                    assert_eq!(tensor.weights().len(), tensor.rows * tensor.columns);
                }
            }
        }
        let _ = tokenizer::TextModel::read(&gguf).is_ok();
    }
}

proptest! {
    #[test]
    fn truncated_files_are_refused(cut in 0usize..10_000) {
        let bytes = example().finish();
        let cut = cut % bytes.len();
        prop_assert!(parse(bytes[..cut].to_vec()).is_err());
    }

    #[test]
    fn damaged_files_never_panic(changes in prop::collection::vec((0usize..10_000, any::<u8>()), 1..8)) {
        let mut bytes = example().finish();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        exhaust(bytes);
    }

    #[test]
    fn random_bytes_never_panic(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        exhaust(noise.clone());
        let mut bytes = b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
        bytes.extend(noise);
        exhaust(bytes);
    }
}
