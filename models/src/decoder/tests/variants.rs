//! Tensor types and ways to rotate and attend.

use super::*;
use crate::gguf::Value;
use crate::gguf::fixture::{Random, Writer};

/// Reads a text and writes on, and compares every step with the reference.
fn agrees(writer: &Writer, what: &str) {
    const READ: usize = 40;
    const WRITTEN: usize = 24;
    for weights in [Weights::Int8, Weights::Int4] {
        let options = DecoderOptions { weights, ..DecoderOptions::default() };
        let (folder, reference) = compiled_file(&writer.finish(), &options);
        let mut model = open(folder.path());
        let mut text = tokens(READ);
        let mut found = vec![model.prefill(&text).unwrap().to_vec()];
        for _ in 0..WRITTEN {
            let next = sample::most_probable(found.last().unwrap()).unwrap();
            found.push(model.step(next).unwrap().to_vec());
            text.push(next);
        }
        let mut same = 0;
        for (at, (found, expected)) in found.iter().zip(&reference.logits(&text)[READ - 1..]).enumerate() {
            let off = difference(found, expected);
            assert!(off < NEAR, "{what} {weights:?} {at}: {off}");
            let best = expected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let chosen = expected[sample::most_probable(found).unwrap() as usize];
            // Only what is nearly as probable can be chosen instead: single logits are off by some times as much as all.
            assert!(
                best - chosen < 5.0 * NEAR * spread(expected),
                "{what} {weights:?} {at}: {chosen} of {best}"
            );
            same += usize::from(chosen >= best);
        }
        assert!(same > WRITTEN * 3 / 4, "{what}: {same} tokens are the same");
    }
}

#[test]
fn every_tensor_type_is_multiplied_as_it_is_read() {
    for element in [0, 1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 20, 23, 30] {
        let family = if element % 2 == 0 { Family::Llama } else { Family::Qwen2 };
        agrees(&Tiny::wide(family, element).writer(), &format!("type {element}"));
    }
}

/// As `Q4_K_M` and its like are made.
#[test]
fn types_mix() {
    let mixed = Tiny::wide(Family::Qwen2, 12).with("attn_v", 14).with("ffn_down", 14).with("output", 14);
    agrees(&mixed.writer(), "Q4_K_M");
    let fallback = Tiny::wide(Family::Llama, 6).with("attn_k", 12).with("ffn_down", 13).with("token_embd", 8);
    agrees(&fallback.writer(), "with fallbacks");
}

#[test]
fn heads_have_the_stated_size() {
    for family in [Family::Llama, Family::Qwen3] {
        agrees(&Tiny { head: 32, ..Tiny::new(family) }.writer(), "wide heads");
        agrees(&Tiny { heads: 2, ..Tiny::new(family) }.writer(), "few heads");
    }
}

#[test]
fn rotations_are_stretched_as_stated() {
    let float = Value::Float;
    for family in [Family::Llama, Family::Qwen3] {
        let wide = Tiny { head: 64, ..Tiny::new(family) };
        let part = wide.clone().saying("rope.dimension_count", Value::Integer(32));
        agrees(&part.writer(), "a part is rotated");
        let linear = wide
            .clone()
            .saying("rope.scaling.type", Value::Text("linear".to_owned()))
            .saying("rope.scaling.factor", float(3.0));
        agrees(&linear.writer(), "linear");
        let yarn = wide
            .clone()
            .saying("rope.scaling.type", Value::Text("yarn".to_owned()))
            .saying("rope.scaling.factor", float(4.0))
            .saying("rope.scaling.original_context_length", Value::Integer(150));
        agrees(&yarn.writer(), "YaRN");
        agrees(&yarn.saying("rope.scaling.attn_factor", float(0.8)).writer(), "YaRN with a factor");
        let divisors: Vec<f32> =
            (0..32).map(|pair| if pair < 10 { 1.0 } else { pair as f32 / 4.0 }).collect();
        let mut divided = wide.writer();
        divided.floats("rope_freqs.weight", &[32], &divisors);
        agrees(&divided, "divided one by one");
    }
}

#[test]
fn tokens_see_no_further_than_their_window() {
    for window in [1, 7, 39, 40, 41, 4096] {
        let sliding = Tiny::new(Family::Llama).saying("attention.sliding_window", Value::Integer(window));
        agrees(&sliding.writer(), &format!("a window of {window}"));
    }
}

#[test]
fn biases_are_added_wherever_there_are_some() {
    let mut random = Random(3);
    let mut writer = Tiny::new(Family::Llama).writer();
    for (name, size) in
        [("blk.0.attn_output", 64), ("blk.1.ffn_gate", 96), ("blk.0.ffn_up", 96), ("blk.1.ffn_down", 64)]
    {
        let bias: Vec<f32> = (0..size).map(|_| 0.3 * random.unit()).collect();
        writer.floats(&format!("{name}.bias"), &[size], &bias);
    }
    agrees(&writer, "biases");
}
