use std::io::Cursor;

use proptest::prelude::*;

use super::fixture::Writer;
use super::*;

fn parse(bytes: Vec<u8>) -> Result<Gguf<Cursor<Vec<u8>>>> {
    Gguf::parse(Cursor::new(bytes), Path::new("test.gguf"))
}

fn example() -> Writer {
    let mut writer = Writer::default();
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

#[test]
fn every_readable_type_gives_its_weights() {
    let half = |value: f32| half::f16::from_f32(value).to_le_bytes();
    let ramp: Vec<u8> = (0..16u8).map(|at| at | (15 - at) << 4).collect();
    let q4_0: Vec<u8> = half(0.5).into_iter().chain(ramp.clone()).collect();
    let q4_1: Vec<u8> = half(0.5).into_iter().chain(half(-3.0)).chain(ramp).collect();
    let q8_0: Vec<u8> = half(0.25).into_iter().chain((0..32u8).map(|at| at.wrapping_sub(16))).collect();
    let f16: Vec<u8> = (0..32u8).flat_map(|at| half(f32::from(at))).collect();
    let bf16: Vec<u8> = (0..32u8).flat_map(|at| half::bf16::from_f32(f32::from(at)).to_le_bytes()).collect();
    let code = |at: usize| if at < 16 { at as f32 } else { (31 - at) as f32 };
    type Expected<'a> = &'a dyn Fn(usize) -> f32;
    let cases: [(&str, u32, Vec<u8>, Expected<'_>); 5] = [
        ("Q4_0", 2, q4_0, &|at| 0.5 * (code(at) - 8.0)),
        ("Q4_1", 3, q4_1, &|at| 0.5 * code(at) - 3.0),
        ("Q8_0", 8, q8_0, &|at| 0.25 * (at as f32 - 16.0)),
        ("F16", 1, f16, &|at| at as f32),
        ("BF16", 30, bf16, &|at| at as f32),
    ];
    for (name, id, bytes, expected) in cases {
        assert_eq!(Element::from_id(id).to_string(), name);
        let mut gguf = parse(Writer::default().tensor("t", &[32], id, bytes).finish()).unwrap();
        let tensor = gguf.tensor("t").unwrap();
        let expected: Vec<f32> = (0..32).map(expected).collect();
        assert_eq!(tensor.weights(), expected, "{name}");
        let blocks: Vec<_> = tensor.blocks().collect();
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].weights().as_slice(), expected, "{name}");
    }
}

#[test]
fn other_types_are_refused_by_name() {
    let mut gguf = parse(Writer::default().tensor("t", &[256], 12, vec![0; 144]).finish()).unwrap();
    let error = gguf.tensor("t").unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert!(error.to_string().contains("Q4_K"), "{error}");
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
