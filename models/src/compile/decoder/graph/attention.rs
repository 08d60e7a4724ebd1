//! The attention of a layer.

use std::io::{Read, Seek};

use super::{Model, Rotations};
use crate::compile::decoder::rope::Rotation;
use crate::decoder::names;
use crate::gguf::Tensor;
use crate::onnx::Attribute;
use crate::{Error, Result};

impl<R: Read + Seek> Model<'_, R> {
    pub(super) fn attention(&mut self, layer: usize, input: &str, rotations: &Rotations) -> Result<String> {
        let names_of = |suffix: &str| ["q", "k", "v"].map(|part| format!("blk.{layer}.attn_{part}.{suffix}"));
        let mut joined = self.linear(&format!("blk.{layer}.attn_qkv"), &names_of("weight"), input)?;
        if self.shape.biases {
            let biases: Vec<f32> =
                self.tensors(&names_of("bias"))?.iter().flat_map(Tensor::weights).collect();
            self.finite(&format!("blk.{layer}.attn_qkv.bias"), &biases)?;
            let bias =
                self.graph.floats(&format!("blk.{layer}.attn_qkv.bias"), &[biases.len() as i64], &biases)?;
            joined = self.graph.node("Add", &[&joined, &bias], &[]);
        }
        let [past_key, past_value] = names::CACHES.map(|kind| names::past(layer, kind));
        let [key, value] = names::CACHES.map(|kind| names::present(layer, kind));
        let output = self.graph.fresh("attended");
        // Query, key and value in one, or each by itself.
        let parts = if self.shape.head_norms {
            self.normed_heads(layer, &joined)?
        } else {
            [joined, String::new(), String::new()]
        };
        let mut inputs: Vec<&str> = parts.iter().map(String::as_str).collect();
        inputs.extend([&past_key, &past_value, names::LAST, names::TOTAL]);
        let mut attributes = vec![
            ("num_heads", Attribute::Int(self.shape.heads as i64)),
            ("kv_num_heads", Attribute::Int(self.shape.kv_heads as i64)),
        ];
        if self.shape.rotates(layer) {
            let local = rotations.local.as_ref().filter(|_| self.shape.is_local(layer));
            inputs.extend(local.unwrap_or(&rotations.all).iter().map(String::as_str));
            let interleaved = self.shape.rope.rotation == Rotation::Interleaved;
            attributes.push(("do_rotary", Attribute::Int(1)));
            attributes.push(("rotary_interleaved", Attribute::Int(interleaved.into())));
        }
        if let Some(window) = self.shape.window(layer).filter(|window| *window < self.capacity) {
            attributes.push(("local_window_size", Attribute::Int(window as i64)));
        }
        let outputs = [output.as_str(), &key, &value];
        self.graph.node_to("com.microsoft", "GroupQueryAttention", &inputs, &outputs, &attributes);
        self.affine(&format!("blk.{layer}.attn_output"), &output)
    }

    /// Query, key and value, with every head of the first two normalized. On the processor the attention does not do that
    /// itself.
    fn normed_heads(&mut self, layer: usize, joined: &str) -> Result<[String; 3]> {
        let size = self.shape.head_size as i64;
        let [heads, kv_heads] = [self.shape.heads, self.shape.kv_heads].map(|heads| heads as i64);
        let widths = self.shared("head_parts", &[heads * size, kv_heads * size, kv_heads * size])?;
        let [query, key, value] = ["query", "key", "value"].map(|part| self.graph.fresh(part));
        let axis = [("axis", Attribute::Int(-1))];
        self.graph.node_to("", "Split", &[joined, widths], &[&query, &key, &value], &axis);
        let shape = self.shared("head_shape", &[0, 0, -1, size])?;
        let flat = self.shared("joined_heads", &[0, 0, -1])?;
        let mut normed = |part: &str, name: &str| {
            let split = self.graph.node("Reshape", &[part, shape], &[]);
            let normed = self.simple_norm(&format!("blk.{layer}.attn_{name}_norm.weight"), &split)?;
            Ok::<_, Error>(self.graph.node("Reshape", &[&normed, flat], &[]))
        };
        Ok([normed(&query, "q")?, normed(&key, "k")?, value])
    }
}
