//! The graph of a language model, after the operators' contracts in ONNX Runtime's `ContribOperators.md`.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;

use super::Weights;
use super::architecture::{Architecture, Rotation};
use super::linear::{Eight, Four, MIDDLE};
use crate::decoder::names;
use crate::gguf::{BLOCK, Gguf, Tensor};
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};
use crate::{Error, Result};

/// Multiply in eight-bit integers. Without this ONNX Runtime decodes thirty times slower.
const INTEGER_ACCURACY: i64 = 4;

/// Most blocks of a row that are added up by a multiplication.
const MULTIPLIED_BLOCKS: usize = 32;

const BATCH: Dim = Dim::Named("batch");

/// Writes the model of `source` into `out`.
pub(super) fn write<R: Read + Seek>(
    source: &mut Gguf<R>,
    architecture: &Architecture,
    capacity: usize,
    weights: Weights,
    out: &Path,
) -> Result<()> {
    let graph = GraphBuilder::create(out, &architecture.family)?;
    let mut model = Model {
        source,
        shape: architecture,
        capacity,
        weights,
        graph,
        sums: BTreeMap::new(),
        ones: BTreeMap::new(),
    };
    model.declare();
    let embedding = model.embedding()?;
    let embedded = model.embed(&embedding)?;
    let (rope_cos, rope_sin) = model.rotations()?;
    let mut normed = model.first_norm(&embedded)?;
    let mut residual = embedded;
    let mut added = String::new();
    for layer in 0..architecture.layers {
        if layer > 0 {
            (normed, residual) = model.norm(&format!("blk.{layer}.attn_norm.weight"), &added, &residual)?;
        }
        let attended = model.attention(layer, &normed, &rope_cos, &rope_sin)?;
        let norm = format!("blk.{layer}.ffn_norm.weight");
        (normed, residual) = model.norm(&norm, &attended, &residual)?;
        added = model.feed_forward(layer, &normed)?;
    }
    model.logits(&embedding, &added, &residual)?;
    model.graph.finish()
}

struct Model<'a, R> {
    source: &'a mut Gguf<R>,
    shape: &'a Architecture,
    capacity: usize,
    weights: Weights,
    graph: GraphBuilder,
    /// Values, and the same with the sums of their blocks, which several matrices need.
    sums: BTreeMap<String, String>,
    /// Constants that add up blocks, by the number of these.
    ones: BTreeMap<usize, String>,
}

/// Constants of a matrix of eight-bit codes.
struct Quantized {
    rows: usize,
    columns: usize,
    codes: String,
    scales: String,
    zeros: Option<String>,
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
        names.iter().map(|name| self.source.tensor(name)).collect()
    }

    fn vector(&mut self, name: &str) -> Result<String> {
        let weights = self.source.tensor(name)?.weights();
        if !weights.iter().all(|weight| weight.is_finite()) {
            return Err(Error::corrupt(self.source.path(), format!("{name:?} is not finite")));
        }
        self.graph.floats(name, &[weights.len() as i64], &weights)
    }

    fn quantized(&mut self, name: &str, parts: &[Tensor]) -> Result<Quantized> {
        let Eight { rows, columns, codes, scales, zeros } = Eight::of(parts, self.source.path())?;
        let blocks = (columns / BLOCK) as i64;
        let rows_long = rows as i64;
        let shape = [rows_long, blocks, BLOCK as i64];
        Ok(Quantized {
            rows,
            columns,
            codes: self.graph.tensor(&format!("{name}.codes"), DataType::Uint8, &shape, &codes)?,
            scales: self.graph.floats(&format!("{name}.scales"), &[rows_long, blocks], &scales)?,
            zeros: match zeros.as_slice() {
                [] => None,
                zeros => Some(self.graph.tensor(
                    &format!("{name}.zeros"),
                    DataType::Uint8,
                    &[rows_long, blocks],
                    zeros,
                )?),
            },
        })
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
        Ok(graph.node("Reshape", &[&scaled, &rows], &[]))
    }

    /// Cosines and sines for every position and pair of a head.
    fn rotations(&mut self) -> Result<(String, String)> {
        let pairs = self.shape.head_size / 2;
        let factors = if self.source.has("rope_freqs.weight") {
            self.source.tensor("rope_freqs.weight")?.weights()
        } else {
            vec![1.0; pairs]
        };
        let frequencies: Vec<f64> = factors
            .iter()
            .enumerate()
            .map(|(pair, factor)| {
                self.shape.rope_base.powf(-(pair as f64) / pairs as f64) / f64::from(*factor)
            })
            .collect();
        if !frequencies.iter().all(|frequency| frequency.is_finite()) {
            return Err(Error::corrupt(self.source.path(), "its rotary frequencies are not finite"));
        }
        let angles: Vec<f64> = (0..self.capacity)
            .flat_map(|position| frequencies.iter().map(move |frequency| position as f64 * frequency))
            .collect();
        let shape = [self.capacity as i64, pairs as i64];
        let values = |function: fn(f64) -> f64| -> Vec<f32> {
            angles.iter().map(|angle| function(*angle) as f32).collect()
        };
        let cos = self.graph.floats("rope.cos", &shape, &values(f64::cos))?;
        let sin = self.graph.floats("rope.sin", &shape, &values(f64::sin))?;
        Ok((cos, sin))
    }

    fn first_norm(&mut self, input: &str) -> Result<String> {
        let gamma = self.vector("blk.0.attn_norm.weight")?;
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

    fn attention(&mut self, layer: usize, input: &str, cos: &str, sin: &str) -> Result<String> {
        let names_of = |suffix: &str| ["q", "k", "v"].map(|part| format!("blk.{layer}.attn_{part}.{suffix}"));
        let mut joined = self.linear(&format!("blk.{layer}.attn_qkv"), &names_of("weight"), input)?;
        if self.shape.biases {
            let biases: Vec<f32> =
                self.tensors(&names_of("bias"))?.iter().flat_map(Tensor::weights).collect();
            let bias =
                self.graph.floats(&format!("blk.{layer}.attn_qkv.bias"), &[biases.len() as i64], &biases)?;
            joined = self.graph.node("Add", &[&joined, &bias], &[]);
        }
        let [past_key, past_value] = names::CACHES.map(|kind| names::past(layer, kind));
        let [key, value] = names::CACHES.map(|kind| names::present(layer, kind));
        let output = self.graph.fresh("attended");
        self.graph.node_to(
            "com.microsoft",
            "GroupQueryAttention",
            // Query, key and value in one.
            &[&joined, "", "", &past_key, &past_value, names::LAST, names::TOTAL, cos, sin],
            &[&output, &key, &value],
            &[
                ("num_heads", Attribute::Int(self.shape.heads as i64)),
                ("kv_num_heads", Attribute::Int(self.shape.kv_heads as i64)),
                ("do_rotary", Attribute::Int(1)),
                ("rotary_interleaved", Attribute::Int((self.shape.rotation == Rotation::Interleaved).into())),
            ],
        );
        self.linear(
            &format!("blk.{layer}.attn_output"),
            &[format!("blk.{layer}.attn_output.weight")],
            &output,
        )
    }

    fn feed_forward(&mut self, layer: usize, input: &str) -> Result<String> {
        let name = |part: &str| format!("blk.{layer}.ffn_{part}");
        let weight = |part: &str| [format!("blk.{layer}.ffn_{part}.weight")];
        let gate = self.linear(&name("gate"), &weight("gate"), input)?;
        let up = self.linear(&name("up"), &weight("up"), input)?;
        // With a factor of one this is the sigmoid linear unit.
        let gate = self.graph.microsoft("QuickGelu", &[&gate], &[("alpha", Attribute::Float(1.0))]);
        let product = self.graph.node("Mul", &[&gate, &up], &[]);
        self.linear(&name("down"), &weight("down"), &product)
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

    /// Multiplies with the matrices `weights`, one below the other.
    fn linear(&mut self, name: &str, weights: &[String], input: &str) -> Result<String> {
        let parts = self.tensors(weights)?;
        if self.weights == Weights::Int4
            && let Some(four) = Four::of(&parts, self.source.path())?
        {
            return self.multiply_four(name, &four, input);
        }
        let matrix = self.quantized(name, &parts)?;
        let output = self.graph.fresh("product");
        self.multiply(&matrix, input, &output);
        Ok(output)
    }

    fn multiply(&mut self, matrix: &Quantized, input: &str, output: &str) {
        let mut inputs = vec![input, &matrix.codes, &matrix.scales];
        inputs.extend(matrix.zeros.as_deref());
        let attributes = attributes(matrix.rows, matrix.columns, 8);
        self.graph.node_to("com.microsoft", "MatMulNBits", &inputs, &[output], &attributes);
    }

    fn multiply_four(&mut self, name: &str, matrix: &Four, input: &str) -> Result<String> {
        let (rows, blocks) = (matrix.rows as i64, matrix.width().div_ceil(BLOCK) as i64);
        let shape = [rows, blocks, BLOCK as i64 / 2];
        let codes = self.graph.tensor(&format!("{name}.codes"), DataType::Uint8, &shape, &matrix.codes)?;
        let scales = self.graph.floats(&format!("{name}.scales"), &[rows, blocks], &matrix.scales)?;
        let attributes = attributes(matrix.rows, matrix.width(), 4);
        let input = if matrix.copies == 0 { input.to_owned() } else { self.with_sums(input, matrix)? };
        Ok(self.graph.microsoft("MatMulNBits", &[&input, &codes, &scales], &attributes))
    }

    /// `input` and after it the sums of its blocks as often as `matrix` wants them, once for all matrices.
    fn with_sums(&mut self, input: &str, matrix: &Four) -> Result<String> {
        if let Some(joined) = self.sums.get(input) {
            return Ok(joined.clone());
        }
        let sums = self.block_sums(input, matrix.blocks())?;
        let mut parts = vec![input];
        parts.extend(std::iter::repeat_n(sums.as_str(), matrix.copies));
        let joined = self.graph.node("Concat", &parts, &[("axis", Attribute::Int(-1))]);
        self.sums.insert(input.to_owned(), joined.clone());
        Ok(joined)
    }

    /// Sums of the `blocks` blocks of `input`. For few of them one multiplication with zeros and ones takes less time than
    /// the two operators that add.
    fn block_sums(&mut self, input: &str, blocks: usize) -> Result<String> {
        if blocks > MULTIPLIED_BLOCKS {
            let shape = self.graph.fresh("blocks");
            let shape = self.graph.integers(&shape, &[0, 0, blocks as i64, BLOCK as i64])?;
            let split = self.graph.node("Reshape", &[input, &shape], &[]);
            return Ok(self.graph.node(
                "ReduceSum",
                &[&split, "last_axis"],
                &[("keepdims", Attribute::Int(0))],
            ));
        }
        let ones = match self.ones.get(&blocks) {
            Some(ones) => ones.clone(),
            None => {
                let mut ones = vec![0.0; blocks * BLOCK * blocks];
                (0..blocks * BLOCK).for_each(|row| ones[row * blocks + row / BLOCK] = 1.0);
                let name = format!("sums.{blocks}");
                let ones = self.graph.floats(&name, &[(blocks * BLOCK) as i64, blocks as i64], &ones)?;
                self.ones.insert(blocks, ones.clone());
                ones
            }
        };
        Ok(self.graph.node("MatMul", &[input, &ones], &[]))
    }
}

fn attributes(rows: usize, columns: usize, bits: i64) -> [(&'static str, Attribute); 5] {
    [
        ("K", Attribute::Int(columns as i64)),
        ("N", Attribute::Int(rows as i64)),
        ("bits", Attribute::Int(bits)),
        ("block_size", Attribute::Int(BLOCK as i64)),
        ("accuracy_level", Attribute::Int(INTEGER_ACCURACY)),
    ]
}
