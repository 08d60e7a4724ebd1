#![expect(dropping_references, reason = "only the call counts")]

use std::path::Path;

use super::*;
use crate::decoder::tests::tiny::{Family, writer};
use crate::gguf::Value;
use crate::gguf::fixture::Writer;

/// A change to the small model and what the error must name.
type Case<'a> = (&'a dyn Fn(&mut Writer), &'a str);

fn compile(writer: &Writer) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    fs::write(&path, writer.finish()).unwrap();
    let out = folder.path().join("out");
    decoder(&path, &out, &DecoderOptions::default())?;
    for name in ["model.onnx", "model.onnx.data", "tokenizer.json", "decoder.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    Ok(())
}

/// What is wrong with the small model after a change.
fn refused(change: impl Fn(&mut Writer)) -> Error {
    let mut writer = writer(Family::Llama);
    change(&mut writer);
    compile(&writer).unwrap_err()
}

#[test]
fn what_is_not_supported_is_named() {
    let cases: [Case<'_>; 9] = [
        (&|file| drop(file.text("general.architecture", "mamba")), "mamba"),
        (&|file| drop(file.number("llama.expert_count", 8)), "llama.expert_count"),
        (&|file| drop(file.text("llama.rope.scaling.type", "yarn")), "rope.scaling.type"),
        (&|file| drop(file.number("llama.rope.dimension_count", 8)), "rope.dimension_count"),
        (&|file| drop(file.text("tokenizer.ggml.model", "llama")), "\"llama\""),
        (&|file| drop(file.text("tokenizer.ggml.pre", "viking")), "viking"),
        (&|file| drop(file.floats("blk.0.attn_q_norm.weight", &[16], &[1.0; 16])), "attn_q_norm"),
        (&|file| drop(file.tensor("blk.1.ffn_up.weight", &[64, 96], 14, vec![0; 8192])), "Q6_K"),
        (&|file| drop(file.number("llama.attention.head_count", 3)), "3 heads"),
    ];
    for (change, name) in cases {
        let error = refused(change);
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn what_contradicts_itself_is_named() {
    let cases: [Case<'_>; 11] = [
        (&|file| drop(file.without("llama.block_count")), "llama.block_count"),
        (&|file| drop(file.number("llama.block_count", 0)), "llama.block_count"),
        (&|file| drop(file.number("llama.block_count", 3)), "blk.2"),
        (&|file| drop(file.number("llama.embedding_length", 128)), "embedding"),
        (&|file| drop(file.without("blk.1.ffn_norm.weight")), "blk.1.ffn_norm.weight"),
        (&|file| drop(file.floats("output_norm.weight", &[32], &[1.0; 32])), "output_norm.weight"),
        (&|file| drop(file.floats("output_norm.weight", &[64], &[f32::NAN; 64])), "output_norm.weight"),
        (&|file| drop(file.tensor("blk.0.ffn_gate.weight", &[64, 96], 0, vec![255; 64 * 96 * 4])), "finite"),
        (&|file| drop(file.number("tokenizer.ggml.eos_token_id", 5000)), "eos_token_id"),
        (&|file| drop(file.value("tokenizer.ggml.merges", texts(&["h unknown"]))), "h unknown"),
        (&|file| drop(file.value("tokenizer.ggml.tokens", texts(&["h", "e", "he", "h"]))), "do not fit"),
    ];
    for (change, name) in cases {
        let error = refused(change);
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

fn texts(texts: &[&str]) -> Value {
    Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn sound_files_of_every_family_compile() {
    for family in [Family::Llama, Family::Qwen2] {
        compile(&writer(family)).unwrap();
    }
    let missing =
        decoder(Path::new("/nonexistent.gguf"), Path::new("/nonexistent"), &DecoderOptions::default());
    assert!(matches!(missing, Err(Error::ModelMissing { .. })));
}

#[test]
fn the_capacity_is_at_most_the_trained_context() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    fs::write(&path, writer(Family::Llama).finish()).unwrap();
    for (asked, given) in [(0, 1), (100, 100), (usize::MAX, 600)] {
        decoder(&path, folder.path(), &DecoderOptions { capacity: asked, ..DecoderOptions::default() })
            .unwrap();
        assert_eq!(Config::read(folder.path()).unwrap().capacity, given);
    }
}
