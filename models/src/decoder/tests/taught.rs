//! Weights with an adapter merged into them.

use half::bf16;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::*;
use crate::compile::decoder::Taught;
use crate::fetch::hash_file;
use crate::gguf::fixture::Random;

const RANK: usize = 3;

/// Tensors by name with shape and values.
type Tensors = Vec<(String, [usize; 2], Vec<f32>)>;

/// An adapter of every matrix of the small model.
fn halves(tiny: &Tiny) -> Tensors {
    let mut random = Random(11);
    let (query, key) = (tiny.heads * tiny.head, tiny.heads * tiny.head / 2);
    let mut halves = Tensors::new();
    for layer in 0..tiny.layers {
        for (part, [columns, rows]) in [
            ("attn_q", [tiny.hidden, query]),
            ("attn_k", [tiny.hidden, key]),
            ("attn_v", [tiny.hidden, key]),
            ("attn_output", [query, tiny.hidden]),
            ("ffn_gate", [tiny.hidden, tiny.inner]),
            ("ffn_up", [tiny.hidden, tiny.inner]),
            ("ffn_down", [tiny.inner, tiny.hidden]),
        ] {
            for (half, shape) in [("down", [RANK, columns]), ("up", [rows, RANK])] {
                let random = (0..shape[0] * shape[1]).map(|_| bf16::from_f32(0.3 * random.unit()).to_f32());
                halves.push((format!("blk.{layer}.{part}.weight.{half}"), shape, random.collect()));
            }
        }
    }
    halves
}

/// The file of an adapter.
fn adapter(about: &Value, halves: &Tensors) -> Vec<u8> {
    let bytes = |values: &[f32]| -> Vec<u8> {
        values.iter().flat_map(|value| bf16::from_f32(*value).to_le_bytes()).collect()
    };
    let data: Vec<Vec<u8>> = halves.iter().map(|(.., values)| bytes(values)).collect();
    let views = halves.iter().zip(&data).map(|((name, shape, _), data)| {
        (name.as_str(), TensorView::new(Dtype::BF16, shape.to_vec(), data).unwrap())
    });
    let metadata = [("citedesk".to_owned(), about.to_string())].into();
    safetensors::serialize(views, Some(metadata)).unwrap()
}

/// Folder with the small model's file, which is told to `make`.
fn taught(tiny: &Tiny, make: impl Fn(&str, Tensors) -> Vec<u8>) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, tiny.writer().finish()).unwrap();
    let adapter = make(&hash_file(&path).unwrap(), halves(tiny));
    let options = DecoderOptions::default();
    compile::decoder::taught(&path, Path::new("adapter"), &adapter, folder.path(), &options)?;
    Ok(folder)
}

fn about(base: &str) -> Value {
    json!({ "format": 1, "kind": "answer", "version": "1", "base_sha256": base, "rank": RANK })
}

#[test]
fn an_adapter_is_added_to_every_matrix() {
    let text = tokens(40);
    for family in [Family::Llama, Family::Qwen2] {
        let tiny = Tiny::new(family);
        let mut reference = Reference::new(&tiny.writer().finish());
        let before = reference.logits(&text);
        for pair in halves(&tiny).chunks_exact(2) {
            let [(name, _, down), (_, _, up)] = pair else { unreachable!() };
            reference.add(name.trim_end_matches(".down"), RANK, up, down);
        }
        let expected = reference.logits(&text);
        let folder = taught(&tiny, |base, halves| adapter(&about(base), &halves)).unwrap();
        let mut model = open(folder.path());
        assert_eq!(model.taught(), Some(Taught::Answer));
        let found = model.prefill(&text).unwrap();
        let off = difference(found, &expected[39]);
        assert!(off < NEAR, "{family:?}: {off}");
        assert!(difference(found, &before[39]) > 4.0 * NEAR, "{family:?}: nothing was added");
        // The same file as it is.
        let plain = tempfile::tempdir().unwrap();
        let file = folder.path().join("tiny.gguf");
        compile::decoder(&file, plain.path(), &DecoderOptions::default()).unwrap();
        let plain = open(plain.path());
        assert!(plain.taught().is_none() && plain.fingerprint() != model.fingerprint());
    }
}

#[test]
fn what_does_not_fit_is_named() {
    type Change = fn(&mut Value, &mut Tensors);
    fn rename(halves: &mut Tensors, name: &str) {
        (halves[0].0, halves[1].0) = (format!("{name}.down"), format!("{name}.up"));
    }
    let cases: [(Change, &str); 10] = [
        (|about, _| about["base_sha256"] = json!("00"), "expected 00"),
        (|about, _| about["format"] = json!(2), "format is 2"),
        (|about, _| about["kind"] = json!("poet"), "poet"),
        (|about, _| *about = json!([]), "invalid"),
        (|_, halves| halves[0].1 = [RANK * 2, 32], "blk.0.attn_q.weight.up"),
        (|_, halves| (halves[1].1, halves[1].2) = ([64, 1], vec![0.0; 64]), "blk.0.attn_q.weight.up"),
        (|_, halves| drop(halves.remove(0)), "blk.0.attn_q.weight.down"),
        (|_, halves| rename(halves, "blk.9.attn_q.weight"), "blk.9"),
        (|_, halves| rename(halves, "token_embd.weight"), "token_embd"),
        (|_, halves| halves[0].2[5] = f32::NAN, "blk.0.attn_q.weight"),
    ];
    let tiny = Tiny::new(Family::Llama);
    for (change, name) in cases {
        let made = taught(&tiny, |base, mut halves| {
            let mut about = about(base);
            change(&mut about, &mut halves);
            adapter(&about, &halves)
        });
        let error = made.unwrap_err();
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    let foreign = taught(&tiny, |base, mut halves| {
        halves.push(("blk.0.attn_q.weight.delta".to_owned(), [64, 64], vec![0.0; 64 * 64]));
        adapter(&about(base), &halves)
    });
    assert!(matches!(foreign.unwrap_err(), Error::Unsupported { .. }));
}

#[test]
fn damaged_adapters_are_refused() {
    let tiny = Tiny::new(Family::Llama);
    for kept in [0.0, 0.001, 0.01, 0.5, 0.999] {
        let made = taught(&tiny, |base, halves| {
            let mut bytes = adapter(&about(base), &halves);
            bytes.truncate((bytes.len() as f64 * kept) as usize);
            bytes
        });
        assert!(matches!(made.unwrap_err(), Error::Corrupt { .. }), "{kept}");
    }
    let silent =
        taught(&tiny, |_, _| safetensors::serialize([] as [(&str, TensorView<'_>); 0], None).unwrap());
    assert!(silent.unwrap_err().to_string().contains("entry"));
}
