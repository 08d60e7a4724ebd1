//! What a GGUF file says about the shape of its model.

use std::io::{Read, Seek};

use crate::gguf::Gguf;
use crate::{Error, Result};

/// More than any model has, and little enough that products of two fit everywhere.
const MAX_SIZE: usize = 1 << 22;

/// Which of two equivalent layouts the rows of query and key weights have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotation {
    /// Neighbors are rotated together.
    Interleaved,
    /// The first half is rotated with the second one.
    Halves,
}

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
    pub(super) rope_base: f64,
    pub(super) rotation: Rotation,
    /// Whether query, key and value have biases.
    pub(super) biases: bool,
    /// Whether the head is the embedding.
    pub(super) tied: bool,
}

impl Architecture {
    /// Reads and checks it.
    pub(super) fn read<R: Read + Seek>(gguf: &Gguf<R>) -> Result<Self> {
        let unsupported = |reason: String| Error::unsupported(gguf.path(), reason);
        let corrupt = |reason: String| Error::corrupt(gguf.path(), reason);
        let family = gguf.need("general.architecture", gguf.text("general.architecture")?)?.to_owned();
        let rotation = match family.as_str() {
            "llama" => Rotation::Interleaved,
            "qwen2" => Rotation::Halves,
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
        for (name, neutral) in [("expert_count", 0), ("attention.sliding_window", 0)] {
            if gguf.size(&key(name))?.is_some_and(|size| size != neutral) {
                return Err(unsupported(format!("`{}`", key(name))));
            }
        }
        if gguf.text(&key("rope.scaling.type"))?.is_some_and(|kind| kind != "none") {
            return Err(unsupported(format!("`{}`", key("rope.scaling.type"))));
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
            || !head_size.is_multiple_of(8)
            || head_size.checked_mul(heads).is_none_or(|size| size > MAX_SIZE)
        {
            return Err(unsupported(format!("{heads} heads over {kv_heads} with {head_size} numbers each")));
        }
        for name in ["attention.value_length", "rope.dimension_count"] {
            if gguf.size(&key(name))?.is_some_and(|size| size != head_size) {
                return Err(unsupported(format!("a `{}` that differs from the head's size", key(name))));
            }
        }
        let epsilon_key = key("attention.layer_norm_rms_epsilon");
        let architecture = Self {
            vocabulary: match gguf.tensors().get("token_embd.weight").map(|info| info.shape.as_slice()) {
                Some(&[columns, rows]) if columns == hidden as u64 && rows <= MAX_SIZE as u64 => {
                    rows as usize
                }
                _ => return Err(corrupt("its embedding does not have the stated size".to_owned())),
            },
            layers: match size("block_count")? {
                layers @ 1..=1024 => layers,
                other => return Err(corrupt(format!("it has {other} layers"))),
            },
            hidden,
            intermediate: size("feed_forward_length")?,
            heads,
            kv_heads,
            head_size,
            context: size("context_length")?,
            epsilon: gguf.need(&epsilon_key, gguf.float(&epsilon_key)?)? as f32,
            rope_base: gguf.float(&key("rope.freq_base"))?.unwrap_or(10_000.0),
            rotation,
            biases: gguf.has("blk.0.attn_q.bias"),
            tied: !gguf.has("output.weight"),
            family,
        };
        architecture.check_tensors(gguf)?;
        Ok(architecture)
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
        let mut expected = vec![
            ("token_embd.weight".to_owned(), vec![self.hidden, self.vocabulary]),
            ("output_norm.weight".to_owned(), vec![self.hidden]),
        ];
        if !self.tied {
            expected.push(("output.weight".to_owned(), vec![self.hidden, self.vocabulary]));
        }
        if gguf.has("rope_freqs.weight") {
            expected.push(("rope_freqs.weight".to_owned(), vec![self.head_size / 2]));
        }
        for at in 0..self.layers {
            expected.extend(
                layer.iter().chain(biases).map(|(name, shape)| (format!("blk.{at}.{name}"), shape.clone())),
            );
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
