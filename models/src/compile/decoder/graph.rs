//! The graph of a language model, after the operators' contracts in ONNX Runtime's `ContribOperators.md`.

mod attention;
mod product;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::path::Path;

use self::product::Quantized;
use super::Weights;
use super::adapter::Adapter;
use super::architecture::Architecture;
use super::linear::MIDDLE;
use super::rope::Rope;
use crate::decoder::names;
use crate::gguf::{Gguf, Tensor};
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};
use crate::{Error, Result};

const BATCH: Dim = Dim::Named("batch");

/// Writes the model of `source` into `out`.
pub(super) fn write<R: Read + Seek>(
    source: &mut Gguf<R>,
    architecture: &Architecture,
    adapter: Option<&Adapter<'_>>,
    capacity: usize,
    weights: Weights,
    out: &Path,
) -> Result<()> {
    let graph = GraphBuilder::create(out, &architecture.family)?;
    let mut model = Model {
        source,
        shape: architecture,
        adapter,
        capacity,
        weights,
        graph,
        sums: BTreeMap::new(),
        ones: BTreeMap::new(),
        shared: BTreeSet::new(),
    };
    model.declare();
    let embedding = model.embedding()?;
    let embedded = model.embed(&embedding)?;
    let rotations = model.rotations()?;
    let mut normed = model.simple_norm("blk.0.attn_norm.weight", &embedded)?;
    let mut residual = embedded;
    let mut added = String::new();
    for layer in 0..architecture.layers {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        if layer > 0 {
            (normed, residual) = model.norm(&name("attn_norm"), &added, &residual)?;
        }
        let mut attended = model.attention(layer, &normed, &rotations)?;
        if architecture.post_norms {
            attended = model.simple_norm(&name("post_attention_norm"), &attended)?;
        }
        (normed, residual) = model.norm(&name("ffn_norm"), &attended, &residual)?;
        added = model.feed_forward(layer, &normed)?;
        if architecture.post_norms {
            added = model.simple_norm(&name("post_ffw_norm"), &added)?;
        }
    }
    model.logits(&embedding, &added, &residual)?;
    model.graph.finish()
}

struct Model<'a, R> {
    source: &'a mut Gguf<R>,
    shape: &'a Architecture,
    adapter: Option<&'a Adapter<'a>>,
    capacity: usize,
    weights: Weights,
    graph: GraphBuilder,
    /// Values, and the same with the sums of their blocks, which several matrices need.
    sums: BTreeMap<String, String>,
    /// Constants that add up blocks, by the number of these.
    ones: BTreeMap<usize, String>,
    /// Names of the constants that all layers share.
    shared: BTreeSet<&'static str>,
}

/// Constants with cosines and sines.
struct Rotations {
    all: [String; 2],
    /// For layers that have others.
    local: Option<[String; 2]>,
}

impl<R: Read + Seek> Model<'_, R> {
    fn declare(&mut self) {
        let graph = &mut self.graph;
        let cache = [
            BATCH,
            Dim::Fixed(self.shape.kv_heads as i64),
            Dim::Named("capacity"),
            Dim::Fixed(self.shape.head_size as i64),
        ];
        graph.input(names::TOKENS, DataType::Int64, &[BATCH, Dim::Named("sequence")]);
        graph.input(names::LAST, DataType::Int32, &[BATCH]);
        graph.input(names::TOTAL, DataType::Int32, &[Dim::Fixed(1)]);
        graph.input(names::POSITIONS, DataType::Int64, &[Dim::Named("positions")]);
        let vocabulary = Dim::Fixed(self.shape.vocabulary as i64);
        graph.output(names::LOGITS, DataType::Float, &[BATCH, Dim::Named("positions"), vocabulary]);
        for layer in 0..self.shape.layers {
            for kind in names::CACHES {
                graph.input(&names::past(layer, kind), DataType::Float, &cache);
                graph.output(&names::present(layer, kind), DataType::Float, &cache);
            }
        }
    }

    fn tensors(&mut self, names: &[String]) -> Result<Vec<Tensor>> {
        let tensor = |name: &String| {
            let tensor = self.source.tensor(name)?;
            match self.adapter {
                Some(adapter) => adapter.merge(name, tensor),
                None => Ok(tensor),
            }
        };
        names.iter().map(tensor).collect()
    }

    /// A constant that is the same in all layers.
    fn shared(&mut self, name: &'static str, values: &[i64]) -> Result<&'static str> {
        if self.shared.insert(name) {
            self.graph.integers(name, values)?;
        }
        Ok(name)
    }

    fn vector(&mut self, name: &str) -> Result<String> {
        let weights = self.source.tensor(name)?.weights();
        self.finite(name, &weights)?;
        self.graph.floats(name, &[weights.len() as i64], &weights)
    }

    fn finite(&self, name: &str, weights: &[f32]) -> Result<()> {
        if weights.iter().all(|weight| weight.is_finite()) {
            return Ok(());
        }
        Err(Error::corrupt(self.source.path(), format!("{name:?} is not finite")))
    }

    fn embedding(&mut self) -> Result<Quantized> {
        let tensor = self.source.tensor("token_embd.weight")?;
        self.quantized("token_embd", &[tensor])
    }

    /// Looks tokens up in the same constants that the head multiplies with.
    fn embed(&mut self, embedding: &Quantized) -> Result<String> {
        let last = self.graph.integers("last_axis", &[-1])?;
        let rows = self.graph.integers("rows", &[0, 0, self.shape.hidden as i64])?;
        let graph = &mut self.graph;
        let as_float = [("to", Attribute::Int(i64::from(i32::from(DataType::Float))))];
        let look_up = |graph: &mut GraphBuilder, constant: &str| {
            graph.node("Gather", &[constant, names::TOKENS], &[("axis", Attribute::Int(0))])
        };
        let codes = look_up(graph, &embedding.codes);
        let codes = graph.node("Cast", &[&codes], &as_float);
        let zeros = match &embedding.zeros {
            Some(zeros) => {
                let zeros = look_up(graph, zeros);
                let zeros = graph.node("Cast", &[&zeros], &as_float);
                graph.node("Unsqueeze", &[&zeros, &last], &[])
            }
            None => graph.floats("middle", &[], &[f32::from(MIDDLE)])?,
        };
        let scales = look_up(graph, &embedding.scales);
        let scales = graph.node("Unsqueeze", &[&scales, &last], &[]);
        let centered = graph.node("Sub", &[&codes, &zeros], &[]);
        let scaled = graph.node("Mul", &[&centered, &scales], &[]);
        let embedded = graph.node("Reshape", &[&scaled, &rows], &[]);
        let Some(scale) = self.shape.embedding_scale else { return Ok(embedded) };
        let scale = graph.floats("embedding_scale", &[], &[scale])?;
        Ok(graph.node("Mul", &[&embedded, &scale], &[]))
    }

    /// Cosines and sines for every position and pair of a head.
    fn rotations(&mut self) -> Result<Rotations> {
        let divisors = if self.source.has("rope_freqs.weight") {
            Some(self.source.tensor("rope_freqs.weight")?.weights())
        } else {
            None
        };
        let shape = self.shape;
        let local =
            shape.local.as_ref().map(|local| self.tables("rope.local", &local.rope, None)).transpose()?;
        Ok(Rotations { all: self.tables("rope", &shape.rope, divisors.as_deref())?, local })
    }

    fn tables(&mut self, name: &str, rope: &Rope, divisors: Option<&[f32]>) -> Result<[String; 2]> {
        let Some([cos, sin]) = rope.tables(divisors, self.capacity) else {
            return Err(Error::corrupt(self.source.path(), "its rotary frequencies are not finite"));
        };
        let shape = [self.capacity as i64, rope.dimensions as i64 / 2];
        let cos = self.graph.floats(&format!("{name}.cos"), &shape, &cos)?;
        let sin = self.graph.floats(&format!("{name}.sin"), &shape, &sin)?;
        Ok([cos, sin])
    }

    fn simple_norm(&mut self, name: &str, input: &str) -> Result<String> {
        let gamma = self.vector(name)?;
        let attributes = [
            ("axis", Attribute::Int(-1)),
            ("epsilon", Attribute::Float(self.shape.epsilon)),
            ("stash_type", Attribute::Int(1)),
        ];
        Ok(self.graph.node("SimplifiedLayerNormalization", &[input, &gamma], &attributes))
    }

    /// Adds, and normalizes the sum; returns both.
    fn norm(&mut self, name: &str, added: &str, residual: &str) -> Result<(String, String)> {
        let gamma = self.vector(name)?;
        let (normed, sum) = (self.graph.fresh("normed"), self.graph.fresh("residual"));
        self.graph.node_to(
            "com.microsoft",
            "SkipSimplifiedLayerNormalization",
            &[added, residual, &gamma],
            &[&normed, "", "", &sum],
            &[("epsilon", Attribute::Float(self.shape.epsilon))],
        );
        Ok((normed, sum))
    }

    /// Multiplies with the matrix of `name`, and adds its bias if there is one.
    fn affine(&mut self, name: &str, input: &str) -> Result<String> {
        let product = self.linear(name, &[format!("{name}.weight")], input)?;
        let bias = format!("{name}.bias");
        if !self.source.has(&bias) {
            return Ok(product);
        }
        let bias = self.vector(&bias)?;
        Ok(self.graph.node("Add", &[&product, &bias], &[]))
    }

    fn feed_forward(&mut self, layer: usize, input: &str) -> Result<String> {
        let name = |part: &str| format!("blk.{layer}.ffn_{part}");
        let gate = self.affine(&name("gate"), input)?;
        let up = self.affine(&name("up"), input)?;
        let gate = if self.shape.gaussian {
            self.graph.microsoft("FastGelu", &[&gate], &[])
        } else {
            // With a factor of one this is the sigmoid linear unit.
            self.graph.microsoft("QuickGelu", &[&gate], &[("alpha", Attribute::Float(1.0))])
        };
        let product = self.graph.node("Mul", &[&gate, &up], &[]);
        self.affine(&name("down"), &product)
    }

    /// Logits of the chosen positions only: the head is a fifth of the model.
    fn logits(&mut self, embedding: &Quantized, added: &str, residual: &str) -> Result<()> {
        let chosen = [("axis", Attribute::Int(1))];
        let added = self.graph.node("Gather", &[added, names::POSITIONS], &chosen);
        let residual = self.graph.node("Gather", &[residual, names::POSITIONS], &chosen);
        let (normed, _) = self.norm("output_norm.weight", &added, &residual)?;
        if self.shape.tied {
            self.multiply(embedding, &normed, names::LOGITS);
        } else {
            let tensor = self.source.tensor("output.weight")?;
            let head = self.quantized("output", &[tensor])?;
            self.multiply(&head, &normed, names::LOGITS);
        }
        Ok(())
    }
}
