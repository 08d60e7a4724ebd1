#![expect(dropping_references, reason = "only the call counts")]

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::decoder::tests::tiny::{Family, Tiny};
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
    let mut writer = Tiny::new(Family::Llama).writer();
    change(&mut writer);
    compile(&writer).unwrap_err()
}

#[test]
fn what_is_not_supported_is_named() {
    let cases: [Case<'_>; 15] = [
        (&|file| drop(file.number("llama.attention.sliding_window_pattern", 2)), "sliding_window_pattern"),
        (&|file| drop(file.text("general.architecture", "mamba")), "mamba"),
        (&|file| drop(file.number("llama.expert_count", 8)), "llama.expert_count"),
        (&|file| drop(file.value("llama.logit_scale", Value::Float(0.1))), "llama.logit_scale"),
        (&|file| drop(file.number("llama.attention.value_length", 32)), "attention.value_length"),
        (&|file| drop(file.text("llama.rope.scaling.type", "longrope")), "longrope"),
        (&|file| drop(file.number("llama.rope.dimension_count", 8)), "rope.dimension_count"),
        (&|file| drop(file.number("llama.rope.dimension_count", 32)), "rope.dimension_count"),
        (
            &|file| drop(file.value("llama.rope.scaling.yarn_log_multiplier", Value::Float(0.1))),
            "yarn_log_multiplier",
        ),
        (&|file| drop(file.text("tokenizer.ggml.model", "t5")), "\"t5\""),
        (&|file| drop(file.text("tokenizer.ggml.pre", "viking")), "viking"),
        (&|file| drop(file.floats("blk.0.attn_q_norm.weight", &[16], &[1.0; 16])), "attn_q_norm"),
        (&|file| drop(file.tensor("blk.1.ffn_up.weight", &[64, 96], 16, vec![0; 8192])), "IQ2_XXS"),
        (&|file| drop(file.number("llama.attention.head_count", 3)), "3 heads"),
        (&|file| drop(file.number("llama.attention.key_length", 24)), "24 numbers"),
    ];
    for (change, name) in cases {
        let error = refused(change);
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn the_largest_gemma_is_refused() {
    let mut writer = Tiny::new(Family::Gemma3).writer();
    let error = compile(writer.number("gemma3.block_count", 62)).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
}

#[test]
fn what_contradicts_itself_is_named() {
    let cases: [Case<'_>; 19] = [
        (&|file| drop(file.floats("blk.0.ffn_up.bias", &[96], &[f32::INFINITY; 96])), "ffn_up.bias"),
        (&|file| drop(file.without("llama.block_count")), "llama.block_count"),
        (&|file| drop(file.number("llama.block_count", 0)), "llama.block_count"),
        (&|file| drop(file.number("llama.block_count", 3)), "blk.2"),
        (&|file| drop(file.number("llama.embedding_length", 128)), "embedding"),
        (&|file| drop(file.without("blk.1.ffn_norm.weight")), "blk.1.ffn_norm.weight"),
        (&|file| drop(file.floats("output_norm.weight", &[32], &[1.0; 32])), "output_norm.weight"),
        (&|file| drop(file.floats("output_norm.weight", &[64], &[f32::NAN; 64])), "output_norm.weight"),
        (&|file| drop(file.tensor("blk.0.ffn_gate.weight", &[64, 96], 0, vec![255; 64 * 96 * 4])), "finite"),
        (&|file| drop(file.tensor("blk.1.ffn_up.weight", &[64, 96], 14, vec![0; 8192])), "multiple of 256"),
        (&|file| drop(file.tensor("blk.1.ffn_up.weight", &[64, 96], 6, vec![255; 192 * 22])), "finite"),
        (&|file| drop(file.value("llama.rope.freq_base", Value::Float(0.0))), "rope.freq_base"),
        (&|file| drop(file.value("llama.rope.scaling.factor", Value::Float(-2.0))), "rope.scaling.factor"),
        (&|file| drop(file.floats("rope_freqs.weight", &[8], &[0.0; 8])), "rotary"),
        (&|file| drop(file.floats("rope_freqs.weight", &[4], &[1.0; 4])), "rope_freqs"),
        (&|file| drop(file.floats("blk.0.attn_q.bias", &[64], &[0.0; 64])), "attn_k.bias"),
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
    for family in Family::ALL {
        compile(&Tiny::new(family).writer()).unwrap();
    }
    let missing =
        decoder(Path::new("/nonexistent.gguf"), Path::new("/nonexistent"), &DecoderOptions::default());
    assert!(matches!(missing, Err(Error::ModelMissing { .. })));
}

#[test]
fn the_capacity_is_at_most_the_trained_context() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    fs::write(&path, Tiny::new(Family::Llama).writer().finish()).unwrap();
    for (asked, given) in [(0, 1), (100, 100), (usize::MAX, 600)] {
        decoder(&path, folder.path(), &DecoderOptions { capacity: asked, ..DecoderOptions::default() })
            .unwrap();
        assert_eq!(Config::read(folder.path()).unwrap().capacity, given);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_models_never_panic(changes in prop::collection::vec((0usize..30_000, any::<u8>()), 1..6)) {
        for family in [Family::Llama, Family::Gemma3] {
            let mut bytes = Tiny::new(family).writer().finish();
            // Most of it is weights, which may be anything: what describes them comes first.
            for (at, byte) in &changes {
                bytes[*at] = *byte;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("tiny.gguf");
            fs::write(&path, bytes).unwrap();
            let _ = decoder(&path, folder.path(), &DecoderOptions::default()).is_ok();
        }
    }
}
