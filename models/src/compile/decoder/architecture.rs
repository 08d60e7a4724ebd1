//! What a GGUF file says about the shape of its model.

use std::io::{Read, Seek};

use super::rope::{Rope, Rotation};
use crate::gguf::{Gguf, Value};
use crate::{Error, Result};

/// More than any model has, and little enough that products of two fit everywhere.
const MAX_SIZE: usize = 1 << 22;

/// What changes what a model computes and is not done here, unless it is zero.
const UNUSED: [&str; 8] = [
    "expert_count",
    "attention.clamp_kqv",
    "attention.max_alibi_bias",
    "attention.scale",
    "attn_logit_softcapping",
    "final_logit_softcapping",
    "logit_scale",
    "use_parallel_residual",
];

/// Sizes and constants of a model.
#[derive(Clone, Debug)]
pub(super) struct Architecture {
    pub(super) family: String,
    pub(super) vocabulary: usize,
    pub(super) layers: usize,
    pub(super) hidden: usize,
    pub(super) intermediate: usize,
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_size: usize,
    /// Tokens that it was trained for.
    pub(super) context: usize,
    pub(super) epsilon: f32,
    pub(super) rope: Rope,
    /// Every so many layers, one does not rotate.
    unrotated: Option<usize>,
    /// Tokens that a token sees, itself among them, if these are not all.
    window: Option<usize>,
    /// Layers to which the window is confined.
    pub(super) local: Option<Local>,
    /// Whether query, key and value have biases.
    pub(super) biases: bool,
    /// Whether each head of query and key is normalized.
    pub(super) head_norms: bool,
    /// Whether the head is the embedding.
    pub(super) tied: bool,
    /// What embeddings are multiplied with.
    pub(super) embedding_scale: Option<f32>,
    /// Whether what a layer adds is normalized before.
    pub(super) post_norms: bool,
    /// Whether the linear unit is that of Gauss, not the sigmoid one.
    pub(super) gaussian: bool,
}

/// Layers that see a window and have rotations of their own.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) rope: Rope,
    /// Every so many layers, one sees everything.
    every: usize,
}

impl Architecture {
    /// Reads and checks it.
    pub(super) fn read<R: Read + Seek>(gguf: &Gguf<R>) -> Result<Self> {
        let unsupported = |reason: String| Error::unsupported(gguf.path(), reason);
        let corrupt = |reason: String| Error::corrupt(gguf.path(), reason);
        let family = gguf.need("general.architecture", gguf.text("general.architecture")?)?.to_owned();
        let rotation = match family.as_str() {
            "llama" | "smollm3" => Rotation::Interleaved,
            "qwen2" | "qwen3" | "gemma3" => Rotation::Halves,
            other => return Err(unsupported(format!("the architecture {other:?}"))),
        };
        let key = |name: &str| format!("{family}.{name}");
        let size = |name: &str| {
            let key = key(name);
            match gguf.need(&key, gguf.size(&key)?)? {
                size @ 1..=MAX_SIZE => Ok(size),
                other => Err(corrupt(format!("`{key}` is {other}"))),
            }
        };
        for name in UNUSED {
            let key = key(name);
            let neutral = match gguf.value(&key) {
                None | Some(Value::Integer(0) | Value::Bool(false)) => true,
                Some(Value::Float(number)) => *number == 0.0,
                Some(_) => false,
            };
            if !neutral {
                return Err(unsupported(format!("`{key}`")));
            }
        }
        let (hidden, heads) = (size("embedding_length")?, size("attention.head_count")?);
        let kv_heads = if gguf.size(&key("attention.head_count_kv"))?.is_some() {
            size("attention.head_count_kv")?
        } else {
            heads
        };
        let head_size = gguf.size(&key("attention.key_length"))?.unwrap_or(hidden / heads);
        if !heads.is_multiple_of(kv_heads)
            || head_size == 0
            || !head_size.is_multiple_of(16)
            || head_size.checked_mul(heads).is_none_or(|size| size > MAX_SIZE)
        {
            return Err(unsupported(format!("{heads} heads over {kv_heads} with {head_size} numbers each")));
        }
        if gguf.size(&key("attention.value_length"))?.is_some_and(|size| size != head_size) {
            let reason = format!("a `{}` that differs from that of keys", key("attention.value_length"));
            return Err(unsupported(reason));
        }
        let context = size("context_length")?;
        let gemma = family == "gemma3";
        let pattern = gguf.size(&key("attention.sliding_window_pattern"))?;
        let local = match pattern {
            _ if gemma => {
                let base = gguf.float(&key("rope.freq_base_swa"))?.unwrap_or(10_000.0);
                Some(Local {
                    rope: Rope::plain(rotation, head_size, base),
                    every: pattern.unwrap_or(6).max(1),
                })
            }
            None | Some(0) => None,
            Some(_) => return Err(unsupported(format!("`{}`", key("attention.sliding_window_pattern")))),
        };
        let epsilon_key = key("attention.layer_norm_rms_epsilon");
        let architecture = Self {
            vocabulary: match gguf.tensors().get("token_embd.weight").map(|info| info.shape.as_slice()) {
                Some(&[columns, rows]) if columns == hidden as u64 && rows <= MAX_SIZE as u64 => {
                    rows as usize
                }
                _ => return Err(corrupt("its embedding does not have the stated size".to_owned())),
            },
            layers: match size("block_count")? {
                // The heads of this one, of 27 billion weights, are scaled in another way.
                62 if gemma => {
                    return Err(unsupported("this size of the architecture \"gemma3\"".to_owned()));
                }
                layers @ 1..=1024 => layers,
                other => return Err(corrupt(format!("it has {other} layers"))),
            },
            hidden,
            intermediate: size("feed_forward_length")?,
            heads,
            kv_heads,
            head_size,
            context,
            epsilon: gguf.need(&epsilon_key, gguf.float(&epsilon_key)?)? as f32,
            rope: Rope::read(gguf, &family, rotation, head_size, context)?,
            unrotated: (family == "smollm3").then_some(4),
            window: gguf.size(&key("attention.sliding_window"))?.filter(|window| *window > 0),
            biases: gguf.has("blk.0.attn_q.bias"),
            head_norms: family == "qwen3" || gemma,
            tied: !gguf.has("output.weight"),
            embedding_scale: gemma.then(|| (hidden as f32).sqrt()),
            post_norms: gemma,
            gaussian: gemma,
            local,
            family,
        };
        architecture.check_tensors(gguf)?;
        Ok(architecture)
    }

    /// Whether queries and keys of a layer are rotated.
    pub(super) fn rotates(&self, layer: usize) -> bool {
        self.unrotated.is_none_or(|every| !(layer + 1).is_multiple_of(every))
    }

    /// Whether a layer is one of [`Architecture::local`].
    pub(super) fn is_local(&self, layer: usize) -> bool {
        self.local.as_ref().is_some_and(|local| !(layer + 1).is_multiple_of(local.every))
    }

    /// Tokens that a token sees in a layer, itself among them, if these are not all.
    pub(super) fn window(&self, layer: usize) -> Option<usize> {
        self.window.filter(|_| self.local.is_none() || self.is_local(layer))
    }

    /// Refuses files with tensors that the graph would not use: ignoring one would compute something else.
    fn check_tensors<R: Read + Seek>(&self, gguf: &Gguf<R>) -> Result<()> {
        let query = self.heads * self.head_size;
        let key = self.kv_heads * self.head_size;
        let layer = [
            ("attn_norm.weight", vec![self.hidden]),
            ("attn_q.weight", vec![self.hidden, query]),
            ("attn_k.weight", vec![self.hidden, key]),
            ("attn_v.weight", vec![self.hidden, key]),
            ("attn_output.weight", vec![query, self.hidden]),
            ("ffn_norm.weight", vec![self.hidden]),
            ("ffn_gate.weight", vec![self.hidden, self.intermediate]),
            ("ffn_up.weight", vec![self.hidden, self.intermediate]),
            ("ffn_down.weight", vec![self.intermediate, self.hidden]),
        ];
        let biases = [("attn_q.bias", vec![query]), ("attn_k.bias", vec![key]), ("attn_v.bias", vec![key])];
        let biases = if self.biases { &biases[..] } else { &[] };
        let norms =
            [("attn_q_norm.weight", vec![self.head_size]), ("attn_k_norm.weight", vec![self.head_size])];
        let norms = if self.head_norms { &norms[..] } else { &[] };
        let post_norms =
            [("post_attention_norm.weight", vec![self.hidden]), ("post_ffw_norm.weight", vec![self.hidden])];
        let post_norms = if self.post_norms { &post_norms[..] } else { &[] };
        let possible = [
            ("attn_output.bias", vec![self.hidden]),
            ("ffn_gate.bias", vec![self.intermediate]),
            ("ffn_up.bias", vec![self.intermediate]),
            ("ffn_down.bias", vec![self.hidden]),
        ];
        let mut expected = vec![
            ("token_embd.weight".to_owned(), vec![self.hidden, self.vocabulary]),
            ("output_norm.weight".to_owned(), vec![self.hidden]),
        ];
        if !self.tied {
            expected.push(("output.weight".to_owned(), vec![self.hidden, self.vocabulary]));
        }
        if gguf.has("rope_freqs.weight") {
            expected.push(("rope_freqs.weight".to_owned(), vec![self.rope.dimensions / 2]));
        }
        for at in 0..self.layers {
            let named = |(name, shape): &(&str, Vec<usize>)| (format!("blk.{at}.{name}"), shape.clone());
            expected.extend(layer.iter().chain(biases).chain(norms).chain(post_norms).map(named));
            expected.extend(possible.iter().map(named).filter(|(name, _)| gguf.has(name)));
        }
        for (name, shape) in &expected {
            let Some(info) = gguf.tensors().get(name) else {
                return Err(Error::corrupt(gguf.path(), format!("it has no tensor {name:?}")));
            };
            if !info.shape.iter().copied().eq(shape.iter().map(|size| *size as u64)) {
                return Err(Error::corrupt(gguf.path(), format!("{name:?} has the shape {:?}", info.shape)));
            }
        }
        if gguf.tensors().len() > expected.len() {
            let known = |name: &String| expected.iter().any(|(expected, _)| expected == name);
            let foreign = gguf.tensors().keys().find(|name| !known(name)).map_or("", String::as_str);
            return Err(Error::unsupported(gguf.path(), format!("the tensor {foreign:?}")));
        }
        Ok(())
    }
}
