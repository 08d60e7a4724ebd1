//! Small models with random weights.

use crate::gguf::Value;
use crate::gguf::fixture::{Random, Writer};

pub(super) const VOCABULARY: usize = 272;
pub(super) const CONTEXT: usize = 600;
const LAYERS: usize = 2;
const KV_HEADS: usize = 2;
const EPSILON: f64 = 1e-5;
const BASE: f64 = 5000.0;

/// Which of the supported architectures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Llama,
    /// With biases, the other rotation and a head of its own.
    Qwen2,
    /// With the other rotation, and every head of query and key normalized.
    Qwen3,
    /// Every fourth layer does not rotate.
    SmolLm3,
    /// As `Qwen3`, with most layers seeing a window only, more norms and another unit.
    Gemma3,
}

impl Family {
    pub(crate) const ALL: [Self; 5] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::SmolLm3, Self::Gemma3];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::SmolLm3 => "smollm3",
            Self::Gemma3 => "gemma3",
        }
    }
}

/// Sizes and types of a model.
#[derive(Clone, Debug)]
pub(crate) struct Tiny {
    pub(crate) family: Family,
    pub(crate) layers: usize,
    pub(crate) hidden: usize,
    pub(crate) inner: usize,
    pub(crate) heads: usize,
    pub(crate) head: usize,
    /// The `ggml_type` of each matrix.
    pub(crate) elements: [(&'static str, u32); 9],
    /// More metadata, without the family's name.
    pub(crate) values: Vec<(&'static str, Value)>,
}

impl Tiny {
    pub(crate) fn new(family: Family) -> Self {
        Self {
            family,
            layers: match family {
                Family::SmolLm3 => 4,
                Family::Gemma3 => 7,
                _ => LAYERS,
            },
            hidden: 64,
            inner: 96,
            heads: 4,
            head: 16,
            elements: [
                ("token_embd", 8),
                ("output", 3),
                ("attn_q", 3),
                ("attn_k", 3),
                ("attn_v", 3),
                ("attn_output", 8),
                ("ffn_gate", 2),
                ("ffn_up", 3),
                ("ffn_down", 1),
            ],
            values: if family == Family::Gemma3 {
                vec![("attention.sliding_window", Value::Integer(20))]
            } else {
                Vec::new()
            },
        }
    }

    /// Matrices as wide as every type needs, all of one type.
    pub(crate) fn wide(family: Family, element: u32) -> Self {
        let mut tiny = Self { hidden: 256, inner: 256, head: 64, ..Self::new(family) };
        tiny.elements.iter_mut().for_each(|(_, stored)| *stored = element);
        tiny
    }

    /// The same with another type for some matrices.
    pub(crate) fn with(mut self, name: &str, element: u32) -> Self {
        self.elements
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|(_, stored)| *stored = element);
        self
    }

    /// The same with more metadata.
    pub(crate) fn saying(mut self, key: &'static str, value: Value) -> Self {
        self.values.push((key, value));
        self
    }

    /// A GGUF file of the model.
    pub(crate) fn writer(&self) -> Writer {
        let mut writer = Writer::default();
        let name = self.family.name();
        writer.text("general.architecture", name).text("general.name", "Tiny");
        for (rest, number) in [
            ("block_count", self.layers),
            ("context_length", CONTEXT),
            ("embedding_length", self.hidden),
            ("feed_forward_length", self.inner),
            ("attention.head_count", self.heads),
            ("attention.head_count_kv", KV_HEADS),
            ("attention.key_length", self.head),
            ("attention.value_length", self.head),
        ] {
            writer.number(&format!("{name}.{rest}"), number);
        }
        writer
            .value(&format!("{name}.attention.layer_norm_rms_epsilon"), Value::Float(EPSILON))
            .value(&format!("{name}.rope.freq_base"), Value::Float(BASE));
        for (rest, value) in &self.values {
            writer.value(&format!("{name}.{rest}"), value.clone());
        }
        tokenizer(&mut writer);
        self.weights(&mut writer, &mut Random(7));
        writer
    }

    fn weights(&self, writer: &mut Writer, random: &mut Random) {
        let (query, key) = (self.heads * self.head, KV_HEADS * self.head);
        let element = |name: &str| self.elements.iter().find(|(known, _)| *known == name).unwrap().1;
        let matrix = |writer: &mut Writer, random: &mut Random, name: &str, [columns, rows]: [usize; 2]| {
            let element = element(name.rsplit('.').next().unwrap());
            // Wide rows of large weights would make attention a matter of chance.
            let bytes = random.matrix(rows * columns, element, 12.8 / columns as f32);
            writer.tensor(&format!("{name}.weight"), &[columns, rows], element, bytes);
        };
        let vector = |writer: &mut Writer, random: &mut Random, name: &str, middle: f32, size: usize| {
            let values: Vec<f32> = (0..size).map(|_| middle + 0.3 * random.unit()).collect();
            writer.floats(name, &[size], &values);
        };
        matrix(writer, random, "token_embd", [self.hidden, VOCABULARY]);
        if self.family == Family::Qwen2 {
            matrix(writer, random, "output", [self.hidden, VOCABULARY]);
        }
        vector(writer, random, "output_norm.weight", 1.0, self.hidden);
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}");
            for (part, shape) in [
                ("attn_q", [self.hidden, query]),
                ("attn_k", [self.hidden, key]),
                ("attn_v", [self.hidden, key]),
                ("attn_output", [query, self.hidden]),
                ("ffn_gate", [self.hidden, self.inner]),
                ("ffn_up", [self.hidden, self.inner]),
                ("ffn_down", [self.inner, self.hidden]),
            ] {
                matrix(writer, random, &name(part), shape);
                if self.family == Family::Qwen2 && ["attn_q", "attn_k", "attn_v"].contains(&part) {
                    vector(writer, random, &name(&format!("{part}.bias")), 0.0, shape[1]);
                }
            }
            if self.family == Family::Gemma3 {
                vector(writer, random, &name("post_attention_norm.weight"), 1.0, self.hidden);
                vector(writer, random, &name("post_ffw_norm.weight"), 1.0, self.hidden);
            }
            if matches!(self.family, Family::Qwen3 | Family::Gemma3) {
                vector(writer, random, &name("attn_q_norm.weight"), 1.0, self.head);
                vector(writer, random, &name("attn_k_norm.weight"), 1.0, self.head);
            }
            vector(writer, random, &name("attn_norm.weight"), 1.0, self.hidden);
            vector(writer, random, &name("ffn_norm.weight"), 1.0, self.hidden);
        }
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

/// Bytes, one pair of them, and two control tokens.
fn tokenizer(writer: &mut Writer) {
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
}
