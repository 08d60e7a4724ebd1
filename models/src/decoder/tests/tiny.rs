//! A small model with random weights, and what it computes according to a plain implementation.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use half::f16;

use crate::gguf::fixture::Writer;
use crate::gguf::{Gguf, Value};

pub(super) const VOCABULARY: usize = 272;
pub(super) const CONTEXT: usize = 600;
const HIDDEN: usize = 64;
const INNER: usize = 96;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD: usize = 16;
const EPSILON: f64 = 1e-5;
const BASE: f64 = 5000.0;

/// Which of the supported architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Llama,
    /// With biases, the other rotation and a head of its own.
    Qwen2,
}

/// Knuth's linear congruential generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// Between -1 and 1.
    fn unit(&mut self) -> f32 {
        (self.next() % 20_001) as f32 / 10_000.0 - 1.0
    }

    fn bytes(&mut self, count: usize) -> impl Iterator<Item = u8> {
        (0..count).map(|_| self.next() as u8)
    }

    /// Weights of `rows * columns` elements as `ggml_type` number `element` stores them.
    fn matrix(&mut self, rows: usize, columns: usize, element: u32) -> Vec<u8> {
        let half = |value: f32| f16::from_f32(value).to_le_bytes();
        if element == 1 {
            return (0..rows * columns).flat_map(|_| half(self.unit() * 0.2)).collect();
        }
        (0..rows * columns / 32)
            .flat_map(|_| {
                let scale = 0.02 + 0.01 * self.unit();
                let mut block: Vec<u8> = match element {
                    2 => half(scale).to_vec(),
                    3 => [half(scale), half(-scale * (7.5 + self.unit()))].concat(),
                    _ => half(scale / 10.0).to_vec(),
                };
                block.extend(self.bytes(if element == 8 { 32 } else { 16 }));
                block
            })
            .collect()
    }
}

/// The characters that stand for bytes in a byte-level vocabulary.
fn byte_chars() -> Vec<char> {
    let mut moved = 0x100;
    (0..=255u8)
        .map(|byte| match byte {
            b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => char::from(byte),
            _ => {
                moved += 1;
                char::from_u32(moved - 1).unwrap()
            }
        })
        .collect()
}

/// A GGUF file of the model.
pub(crate) fn writer(family: Family) -> Writer {
    let name = if family == Family::Llama { "llama" } else { "qwen2" };
    let mut random = Random(7);
    let mut writer = Writer::default();
    writer.text("general.architecture", name).text("general.name", "Tiny");
    let key = |rest: &str| format!("{name}.{rest}");
    for (rest, number) in [
        ("block_count", LAYERS),
        ("context_length", CONTEXT),
        ("embedding_length", HIDDEN),
        ("feed_forward_length", INNER),
        ("attention.head_count", HEADS),
        ("attention.head_count_kv", KV_HEADS),
    ] {
        writer.number(&key(rest), number);
    }
    writer
        .value(&key("attention.layer_norm_rms_epsilon"), Value::Float(EPSILON))
        .value(&key("rope.freq_base"), Value::Float(BASE));
    let mut tokens: Vec<String> = byte_chars().into_iter().map(String::from).collect();
    tokens.extend(["he", "<|im_start|>", "<|im_end|>"].map(str::to_owned));
    let kinds = (0..tokens.len()).map(|at| if at > 256 { 3 } else { 1 }).collect();
    writer
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "smollm")
        .value("tokenizer.ggml.tokens", Value::Texts(tokens))
        .value("tokenizer.ggml.token_type", Value::Integers(kinds))
        .value("tokenizer.ggml.merges", Value::Texts(vec!["h e".to_owned()]))
        .number("tokenizer.ggml.eos_token_id", 258)
        .text(
            "tokenizer.chat_template",
            "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' }}\
             {% endfor %}<|im_start|>",
        );
    weights(&mut writer, &mut random, family);
    writer
}

fn weights(writer: &mut Writer, random: &mut Random, family: Family) {
    writer.tensor("token_embd.weight", &[HIDDEN, VOCABULARY], 8, random.matrix(VOCABULARY, HIDDEN, 8));
    if family == Family::Qwen2 {
        writer.tensor("output.weight", &[HIDDEN, VOCABULARY], 3, random.matrix(VOCABULARY, HIDDEN, 3));
    }
    let vector = |writer: &mut Writer, random: &mut Random, name: &str, middle: f32, size: usize| {
        let values: Vec<f32> = (0..size).map(|_| middle + 0.3 * random.unit()).collect();
        writer.floats(name, &[size], &values);
    };
    vector(writer, random, "output_norm.weight", 1.0, HIDDEN);
    for layer in 0..LAYERS {
        for (name, rows, columns, element) in [
            ("attn_q", HEADS * HEAD, HIDDEN, 3),
            ("attn_k", KV_HEADS * HEAD, HIDDEN, 3),
            ("attn_v", KV_HEADS * HEAD, HIDDEN, 3),
            ("attn_output", HIDDEN, HEADS * HEAD, 8),
            ("ffn_gate", INNER, HIDDEN, 2),
            ("ffn_up", INNER, HIDDEN, 3),
            ("ffn_down", HIDDEN, INNER, 1),
        ] {
            let bytes = random.matrix(rows, columns, element);
            writer.tensor(&format!("blk.{layer}.{name}.weight"), &[columns, rows], element, bytes);
            if family == Family::Qwen2 && ["attn_q", "attn_k", "attn_v"].contains(&name) {
                vector(writer, random, &format!("blk.{layer}.{name}.bias"), 0.0, rows);
            }
        }
        vector(writer, random, &format!("blk.{layer}.attn_norm.weight"), 1.0, HIDDEN);
        vector(writer, random, &format!("blk.{layer}.ffn_norm.weight"), 1.0, HIDDEN);
    }
}

/// The model in double precision, one token after the other, written for clarity.
pub(super) struct Reference {
    family: Family,
    tensors: BTreeMap<String, Vec<f64>>,
}

impl Reference {
    pub(super) fn new(file: &[u8], family: Family) -> Self {
        let mut gguf = Gguf::parse(Cursor::new(file), Path::new("tiny.gguf")).unwrap();
        let names: Vec<String> = gguf.tensors().keys().cloned().collect();
        let weights = |name: String| {
            let weights = gguf.tensor(&name).unwrap().weights().into_iter().map(f64::from).collect();
            (name, weights)
        };
        Self { family, tensors: names.into_iter().map(weights).collect() }
    }

    fn linear(&self, name: &str, input: &[f64]) -> Vec<f64> {
        let rows = self.tensors[&format!("{name}.weight")].chunks_exact(input.len());
        let mut output: Vec<f64> =
            rows.map(|row| row.iter().zip(input).map(|(weight, value)| weight * value).sum()).collect();
        if let Some(bias) = self.tensors.get(&format!("{name}.bias")) {
            output.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
        }
        output
    }

    fn norm(&self, name: &str, input: &[f64]) -> Vec<f64> {
        let mean = input.iter().map(|value| value * value).sum::<f64>() / input.len() as f64;
        let weights = &self.tensors[&format!("{name}.weight")];
        input.iter().zip(weights).map(|(value, weight)| value / (mean + EPSILON).sqrt() * weight).collect()
    }

    fn rotate(&self, heads: &mut [f64], position: usize) {
        for head in heads.chunks_exact_mut(HEAD) {
            for pair in 0..HEAD / 2 {
                let (a, b) = match self.family {
                    Family::Llama => (2 * pair, 2 * pair + 1),
                    Family::Qwen2 => (pair, pair + HEAD / 2),
                };
                let angle = position as f64 * BASE.powf(-2.0 * pair as f64 / HEAD as f64);
                let (sin, cos) = angle.sin_cos();
                (head[a], head[b]) = (head[a] * cos - head[b] * sin, head[a] * sin + head[b] * cos);
            }
        }
    }

    /// Logits after every token.
    pub(super) fn logits(&self, tokens: &[u32]) -> Vec<Vec<f64>> {
        let mut cache: Vec<[Vec<Vec<f64>>; 2]> = vec![Default::default(); LAYERS];
        let embedding = &self.tensors["token_embd.weight"];
        let add = |x: &mut [f64], y: Vec<f64>| x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
        let step = |(position, token): (usize, &u32)| {
            let mut x = embedding[*token as usize * HIDDEN..][..HIDDEN].to_vec();
            for (layer, [keys, values]) in cache.iter_mut().enumerate() {
                let at = |name: &str| format!("blk.{layer}.{name}");
                let normed = self.norm(&at("attn_norm"), &x);
                let mut query = self.linear(&at("attn_q"), &normed);
                let mut key = self.linear(&at("attn_k"), &normed);
                self.rotate(&mut query, position);
                self.rotate(&mut key, position);
                keys.push(key);
                values.push(self.linear(&at("attn_v"), &normed));
                let mut attended = Vec::new();
                for (head, query) in query.chunks_exact(HEAD).enumerate() {
                    let group = head * KV_HEADS / HEADS * HEAD..(head * KV_HEADS / HEADS + 1) * HEAD;
                    let dot = |key: &Vec<f64>| -> f64 {
                        query.iter().zip(&key[group.clone()]).map(|(q, k)| q * k).sum()
                    };
                    let weights: Vec<f64> =
                        keys.iter().map(|key| (dot(key) / (HEAD as f64).sqrt()).exp()).collect();
                    let sum: f64 = weights.iter().sum();
                    attended.extend(group.clone().map(|at| {
                        weights
                            .iter()
                            .zip(values.iter())
                            .map(|(weight, value)| weight * value[at])
                            .sum::<f64>()
                            / sum
                    }));
                }
                add(&mut x, self.linear(&at("attn_output"), &attended));
                let normed = self.norm(&at("ffn_norm"), &x);
                let gate = self.linear(&at("ffn_gate"), &normed);
                let up = self.linear(&at("ffn_up"), &normed);
                let inner: Vec<f64> =
                    gate.iter().zip(up).map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up).collect();
                add(&mut x, self.linear(&at("ffn_down"), &inner));
            }
            let head = if self.family == Family::Llama { "token_embd" } else { "output" };
            self.linear(head, &self.norm("output_norm", &x))
        };
        tokens.iter().enumerate().map(step).collect()
    }
}
