//! What a model computes, in double precision, one token after the other, written for clarity.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::io::Cursor;
use std::path::Path;

use crate::gguf::{Gguf, Value};

/// A model as its GGUF file describes it.
pub(super) struct Reference {
    family: String,
    numbers: BTreeMap<String, f64>,
    scaling: String,
    tensors: BTreeMap<String, Vec<f64>>,
}

impl Reference {
    pub(super) fn new(file: &[u8]) -> Self {
        let mut gguf = Gguf::parse(Cursor::new(file), Path::new("tiny.gguf")).unwrap();
        let family = gguf.text("general.architecture").unwrap().unwrap().to_owned();
        let names: Vec<String> = gguf.tensors().keys().cloned().collect();
        let weights = |name: String| {
            let weights = gguf.tensor(&name).unwrap().weights().into_iter().map(f64::from).collect();
            (name, weights)
        };
        let tensors = names.into_iter().map(weights).collect();
        let scaling = gguf.text(&format!("{family}.rope.scaling.type")).unwrap().unwrap_or("none").to_owned();
        let number = |name: &str| {
            let key = format!("{family}.{name}");
            match gguf.value(&key) {
                Some(Value::Integer(number)) => Some((name.to_owned(), *number as f64)),
                Some(Value::Float(number)) => Some((name.to_owned(), *number)),
                _ => None,
            }
        };
        let numbers = [
            "block_count",
            "embedding_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.layer_norm_rms_epsilon",
            "attention.sliding_window",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scaling.factor",
            "rope.scaling.original_context_length",
            "rope.scaling.attn_factor",
        ];
        Self { numbers: numbers.into_iter().filter_map(number).collect(), family, scaling, tensors }
    }

    /// Adds the product of `up`, rows of `rank`, and `down` to the tensor `name`.
    pub(super) fn add(&mut self, name: &str, rank: usize, up: &[f32], down: &[f32]) {
        let columns = down.len() / rank;
        for (at, weight) in self.tensors.get_mut(name).unwrap().iter_mut().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let product = |k: usize| f64::from(up[row * rank + k]) * f64::from(down[k * columns + column]);
            *weight += (0..rank).map(product).sum::<f64>();
        }
    }

    fn size(&self, name: &str) -> usize {
        self.numbers[name] as usize
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
        let epsilon = self.numbers["attention.layer_norm_rms_epsilon"];
        input.iter().zip(weights).map(|(value, weight)| value / (mean + epsilon).sqrt() * weight).collect()
    }

    /// Whether a layer sees a window and has rotations of its own.
    fn is_local(&self, layer: usize) -> bool {
        self.family == "gemma3" && layer % 6 < 5
    }

    /// The frequency of a pair of `dimensions` numbers, and what sines and cosines are multiplied with.
    fn frequency(&self, layer: usize, pair: usize, dimensions: f64) -> (f64, f64) {
        if self.is_local(layer) {
            return (1.0 / 10_000f64.powf(2.0 * pair as f64 / dimensions), 1.0);
        }
        let base = self.numbers["rope.freq_base"];
        let mut frequency = 1.0 / base.powf(2.0 * pair as f64 / dimensions);
        if let Some(divisors) = self.tensors.get("rope_freqs.weight") {
            frequency /= divisors[pair];
        }
        let factor = self.numbers.get("rope.scaling.factor").copied().unwrap_or(1.0);
        match self.scaling.as_str() {
            "linear" => (frequency / factor, 1.0),
            "yarn" => {
                // After `_compute_yarn_parameters` in Transformers.
                let original = self.numbers["rope.scaling.original_context_length"];
                let correction =
                    |turns: f64| dimensions * (original / (turns * 2.0 * PI)).ln() / (2.0 * base.ln());
                let (low, high) =
                    (correction(32.0).floor().max(0.0), correction(1.0).ceil().min(dimensions - 1.0));
                let kept = 1.0 - ((pair as f64 - low) / (high - low).max(0.001)).clamp(0.0, 1.0);
                let magnitude = 0.1 * factor.ln() + 1.0;
                let given = self.numbers.get("rope.scaling.attn_factor").copied().unwrap_or(1.0);
                (frequency / factor * (1.0 - kept) + frequency * kept, magnitude * given)
            }
            _ => (frequency, 1.0),
        }
    }

    fn rotate(&self, layer: usize, heads: &mut [f64], position: usize) {
        let size = self.size("attention.key_length");
        let dimensions =
            self.numbers.get("rope.dimension_count").map_or(size, |dimensions| *dimensions as usize);
        for head in heads.chunks_exact_mut(size) {
            for pair in 0..dimensions / 2 {
                let (a, b) = match self.family.as_str() {
                    "qwen2" | "qwen3" | "gemma3" => (pair, pair + dimensions / 2),
                    _ => (2 * pair, 2 * pair + 1),
                };
                let (frequency, magnitude) = self.frequency(layer, pair, dimensions as f64);
                let (sin, cos) = (position as f64 * frequency).sin_cos();
                let (sin, cos) = (sin * magnitude, cos * magnitude);
                (head[a], head[b]) = (head[a] * cos - head[b] * sin, head[a] * sin + head[b] * cos);
            }
        }
    }

    fn norm_heads(&self, name: &str, heads: Vec<f64>) -> Vec<f64> {
        if !["qwen3", "gemma3"].contains(&self.family.as_str()) {
            return heads;
        }
        heads.chunks_exact(self.size("attention.key_length")).flat_map(|head| self.norm(name, head)).collect()
    }

    /// What the heads of `query` see in the keys and values so far.
    fn attend(&self, layer: usize, query: &[f64], keys: &[Vec<f64>], values: &[Vec<f64>]) -> Vec<f64> {
        let size = self.size("attention.key_length");
        let shared = self.size("attention.head_count") / self.size("attention.head_count_kv");
        let first = match self.numbers.get("attention.sliding_window") {
            Some(window) if self.family != "gemma3" || self.is_local(layer) => {
                keys.len().saturating_sub(*window as usize)
            }
            _ => 0,
        };
        let mut attended = Vec::new();
        for (head, query) in query.chunks_exact(size).enumerate() {
            let group = head / shared * size..(head / shared + 1) * size;
            let dot =
                |key: &Vec<f64>| -> f64 { query.iter().zip(&key[group.clone()]).map(|(q, k)| q * k).sum() };
            let weights: Vec<f64> =
                keys[first..].iter().map(|key| (dot(key) / (size as f64).sqrt()).exp()).collect();
            let sum: f64 = weights.iter().sum();
            let mixed = |at: usize| {
                weights.iter().zip(&values[first..]).map(|(weight, value)| weight * value[at]).sum::<f64>()
            };
            attended.extend(group.clone().map(|at| mixed(at) / sum));
        }
        attended
    }

    fn norm_after(&self, name: &str, added: Vec<f64>) -> Vec<f64> {
        if self.family == "gemma3" { self.norm(name, &added) } else { added }
    }

    fn unit(&self, x: f64) -> f64 {
        if self.family == "gemma3" {
            0.5 * x * (1.0 + ((2.0 / PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
        } else {
            x / (1.0 + (-x).exp())
        }
    }

    /// Logits after every token.
    pub(super) fn logits(&self, tokens: &[u32]) -> Vec<Vec<f64>> {
        let mut cache: Vec<[Vec<Vec<f64>>; 2]> = vec![Default::default(); self.size("block_count")];
        let hidden = self.size("embedding_length");
        let embedding = &self.tensors["token_embd.weight"];
        let add = |x: &mut [f64], y: Vec<f64>| x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
        let step = |(position, token): (usize, &u32)| {
            let mut x = embedding[*token as usize * hidden..][..hidden].to_vec();
            if self.family == "gemma3" {
                x.iter_mut().for_each(|x| *x *= (hidden as f64).sqrt());
            }
            for (layer, [keys, values]) in cache.iter_mut().enumerate() {
                let at = |name: &str| format!("blk.{layer}.{name}");
                let normed = self.norm(&at("attn_norm"), &x);
                let mut query = self.norm_heads(&at("attn_q_norm"), self.linear(&at("attn_q"), &normed));
                let mut key = self.norm_heads(&at("attn_k_norm"), self.linear(&at("attn_k"), &normed));
                if self.family != "smollm3" || !(layer + 1).is_multiple_of(4) {
                    self.rotate(layer, &mut query, position);
                    self.rotate(layer, &mut key, position);
                }
                keys.push(key);
                values.push(self.linear(&at("attn_v"), &normed));
                let attended = self.linear(&at("attn_output"), &self.attend(layer, &query, keys, values));
                add(&mut x, self.norm_after(&at("post_attention_norm"), attended));
                let normed = self.norm(&at("ffn_norm"), &x);
                let gate = self.linear(&at("ffn_gate"), &normed);
                let up = self.linear(&at("ffn_up"), &normed);
                let inner: Vec<f64> = gate.iter().zip(up).map(|(gate, up)| self.unit(*gate) * up).collect();
                add(&mut x, self.norm_after(&at("post_ffw_norm"), self.linear(&at("ffn_down"), &inner)));
            }
            let head = if self.tensors.contains_key("output.weight") { "output" } else { "token_embd" };
            self.linear(head, &self.norm("output_norm", &x))
        };
        tokens.iter().enumerate().map(step).collect()
    }
}
