//! BERT-family sentence encoders: `safetensors` to ONNX, with mean pooling and normalization in the graph.
//!
//! The layers follow Devlin et al., "BERT" (2019); pooling follows Reimers and Gurevych, "Sentence-BERT" (2019).

mod int8;
pub(crate) mod packed;
pub(crate) mod pair;
mod reading;
pub(crate) mod search;

use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use self::pair::PairInfo;
pub use self::reading::{Languages, Reading, Side};

use self::int8::{Measured, Place, Range};
use self::search::Adapter;
use super::safetensors::{Tensors, Weights};
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};
use crate::{Error, Result};

/// Raised whenever the compiled graph changes, so that folders of older builds are compiled anew.
pub const REVISION: u32 = 2;

/// What tells the folders of one model's compiled encoders apart.
pub(crate) fn version(precision: Precision) -> String {
    match precision {
        Precision::Fp32 => REVISION.to_string(),
        Precision::Int8 => format!("{REVISION}-int8"),
    }
}

/// From so many tokens on the table of words is most of an encoder, and kept in half precision.
const LARGE_VOCABULARY: usize = 100_000;

/// Tokens that sentence-transformers looks at with this family by default.
const MAX_TOKENS: usize = 256;

/// The numbers that an encoder calculates with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Floats of 32 bits.
    #[default]
    Fp32,
    /// Integers of 8 bits in most matrices: faster, and vectors differ a little. On the processor only.
    Int8,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fp32 => "fp32",
            Self::Int8 => "int8",
        })
    }
}

/// What a compiled encoder's folder says about it: `encoder.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncoderInfo {
    /// Numbers in a vector.
    pub dimension: usize,
    /// Most tokens of a text that are looked at, special tokens included.
    pub max_tokens: usize,
    /// Token that fills rows of a batch.
    pub pad: u32,
    /// How token vectors become one.
    pub pooling: String,
    /// SHA-256 of the weights that were compiled.
    pub weights_sha256: String,
    /// SHA-256 of the adapter that is merged into them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter_sha256: Option<String>,
    /// See [`REVISION`].
    pub revision: u32,
    /// The numbers that it calculates with.
    #[serde(default)]
    pub precision: Precision,
    /// How it wants texts and what its vectors have in common.
    #[serde(default, skip_serializing_if = "Reading::is_plain")]
    pub reading: Reading,
}

impl EncoderInfo {
    /// Name of the file.
    pub const FILE: &str = "encoder.json";
}

/// The part of a model's `config.json` that shapes the graph.
#[derive(Debug, Deserialize)]
struct Config {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f32,
    hidden_act: String,
    #[serde(default)]
    pad_token_id: u32,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

impl Config {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(Error::io(path))?;
        let config: Self = serde_json::from_slice(&text).map_err(|e| Error::corrupt(path, e.to_string()))?;
        let refuse = |what: String| Err(Error::unsupported(path, what));
        if config.model_type != "bert" {
            return refuse(format!("architecture {:?}; only `bert` can be compiled", config.model_type));
        }
        if config.hidden_act != "gelu" {
            return refuse(format!("activation {:?}; only `gelu` can be compiled", config.hidden_act));
        }
        if config.position_embedding_type != "absolute" {
            return refuse(format!("position embeddings {:?}", config.position_embedding_type));
        }
        let sizes =
            [config.hidden_size, config.intermediate_size, config.vocab_size, config.max_position_embeddings];
        let bounded = sizes.iter().all(|size| (1..=1 << 20).contains(size))
            && (1..=64).contains(&config.num_hidden_layers)
            && (1..=256).contains(&config.num_attention_heads)
            && config.type_vocab_size >= 1
            && config.hidden_size.is_multiple_of(config.num_attention_heads);
        if !bounded {
            return Err(Error::corrupt(path, "its sizes make no encoder"));
        }
        Ok(config)
    }
}

/// Compiles the encoder in `source` (`model.safetensors`, `config.json`, `tokenizer.json`), which reads texts as `reading`
/// says, with what `adapter` adds to it, into `target`: `model.onnx`, `model.onnx.data`, `tokenizer.json` and
/// `encoder.json`.
///
/// The graph takes `input_ids` and `attention_mask`, both `[batch, sequence]` of 64-bit integers, and yields
/// `sentence_embedding`, `[batch, hidden]` of unit length.
///
/// # Errors
/// [`Error::Unsupported`] for other architectures and for 8-bit integers of weights that have not been measured,
/// [`Error::WrongHash`] where the adapter was trained on top of other weights, [`Error::Corrupt`] where tensors,
/// configuration and adapter disagree.
pub(crate) fn encoder(
    source: &Path,
    target: &Path,
    precision: Precision,
    reading: &Reading,
    adapter: Option<&Adapter<'_>>,
) -> Result<()> {
    let config = Config::read(&source.join("config.json"))?;
    let weights_file = source.join("model.safetensors");
    let weights = Weights::open(&weights_file)?;
    let weights_sha256 = crate::fetch::hash_file(&weights_file)?;
    let mut tensors = weights.tensors()?;
    if let Some(adapter) = adapter {
        crate::fetch::matches(&weights_file, &adapter.base_sha256, weights_sha256.clone())?;
        tensors = tensors.adapted(&adapter.tensors);
    }
    let known = || match adapter {
        Some(adapter) => Some(adapter.measured.clone()),
        None => Measured::of(&weights_sha256),
    };
    let measured = match precision {
        Precision::Fp32 => None,
        Precision::Int8 => Some(known().ok_or_else(|| {
            Error::unsupported(
                &weights_file,
                "its activations have not been measured for `int8`; only `fp32` can be compiled",
            )
        })?),
    };
    let mut graph = GraphBuilder::create(target, "encoder")?;
    Compiler { config: &config, tensors: &tensors, graph: &mut graph, measured, probed: false, pairs: false }
        .build()?;
    graph.finish()?;
    let tokenizer = (source.join("tokenizer.json"), target.join("tokenizer.json"));
    fs::copy(&tokenizer.0, &tokenizer.1).map_err(Error::io(&tokenizer.0))?;
    let info = EncoderInfo {
        dimension: config.hidden_size,
        max_tokens: MAX_TOKENS.min(config.max_position_embeddings),
        pad: config.pad_token_id,
        pooling: "mean".to_owned(),
        weights_sha256,
        adapter_sha256: adapter.map(|adapter| adapter.sha256.clone()),
        revision: REVISION,
        precision,
        reading: reading.clone(),
    };
    let path = target.join(EncoderInfo::FILE);
    let json = serde_json::to_vec_pretty(&info).map_err(|e| Error::corrupt(&path, e.to_string()))?;
    fs::write(&path, json).map_err(Error::io(&path))
}

/// Compiles only the graph of the encoder in `source`, with everything that meets a matrix as a further output,
/// `[batch, sequence, width]`: `attention.L`, `attended.L`, `widening.L` and `narrowing.L` in layer `L`. What these
/// reach has to be known before the encoder can calculate with 8-bit integers.
///
/// # Errors
/// [`Error::Unsupported`] for other architectures, [`Error::Corrupt`] where tensors and configuration disagree.
pub fn probe(source: &Path, target: &Path) -> Result<()> {
    let config = Config::read(&source.join("config.json"))?;
    let weights = Weights::open(&source.join("model.safetensors"))?;
    let tensors = weights.tensors()?;
    let mut graph = GraphBuilder::create(target, "encoder")?;
    let measured = None;
    Compiler { config: &config, tensors: &tensors, graph: &mut graph, measured, probed: true, pairs: false }
        .build()?;
    graph.finish()
}

/// A graph in the making.
struct Compiler<'a> {
    config: &'a Config,
    tensors: &'a Tensors<'a>,
    graph: &'a mut GraphBuilder,
    /// What is known of activations, where matrices become integers.
    measured: Option<Measured>,
    /// Whether activations are outputs.
    probed: bool,
    /// Whether rows are pairs of texts, told apart by the type of their tokens.
    pairs: bool,
}

impl Compiler<'_> {
    fn build(&mut self) -> Result<()> {
        let shape = [Dim::Named("batch"), Dim::Named("sequence")];
        self.graph.input("input_ids", DataType::Int64, &shape);
        self.graph.input("attention_mask", DataType::Int64, &shape);
        self.graph.output(
            "sentence_embedding",
            DataType::Float,
            &[Dim::Named("batch"), Dim::Fixed(self.config.hidden_size as i64)],
        );
        let hidden = self.hidden()?;
        self.pool(&hidden)
    }

    /// Every token's vector after the last layer.
    fn hidden(&mut self) -> Result<String> {
        let mut hidden = self.embeddings()?;
        let mask =
            self.graph.node("Cast", &["attention_mask"], &[("to", Attribute::Int(DataType::Int32 as i64))]);
        for layer in 0..self.config.num_hidden_layers {
            hidden = self.transformer(layer, &hidden, &mask)?;
        }
        Ok(hidden)
    }

    /// Word, position and type embeddings, normalized. Where texts stand alone all tokens are of type 0, whose row is
    /// added to the positions.
    fn embeddings(&mut self) -> Result<String> {
        let (config, width) = (self.config, self.config.hidden_size);
        let words = self.tensors.floats("embeddings.word_embeddings.weight", &[config.vocab_size, width])?;
        let mut positions = self
            .tensors
            .floats("embeddings.position_embeddings.weight", &[config.max_position_embeddings, width])?;
        let types = self
            .tensors
            .floats("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, width])?;
        if !self.pairs {
            for row in positions.chunks_exact_mut(width) {
                row.iter_mut().zip(&types).for_each(|(value, added)| *value += added);
            }
        }
        let graph = &mut *self.graph;
        let shape = [config.vocab_size as i64, width as i64];
        // Most of a pair encoder is this table, which half precision halves at no loss that can be measured.
        let halved = self.pairs || config.vocab_size > LARGE_VOCABULARY;
        let words = if halved {
            let halves: Vec<u8> =
                words.iter().flat_map(|value| half::f16::from_f32(*value).to_le_bytes()).collect();
            graph.tensor("words", DataType::Float16, &shape, &halves)?
        } else {
            graph.floats("words", &shape, &words)?
        };
        let positions =
            graph.floats("positions", &[config.max_position_embeddings as i64, width as i64], &positions)?;
        let zero = graph.integers("zero", &[0])?;
        let one = graph.integers("one", &[1])?;
        let two = graph.integers("two", &[2])?;
        let shape = graph.node("Shape", &["input_ids"], &[]);
        let length = graph.node("Slice", &[&shape, &one, &two], &[]);
        let placed = graph.node("Slice", &[&positions, &zero, &length, &zero], &[]);
        let mut looked_up = graph.node("Gather", &[&words, "input_ids"], &[]);
        if halved {
            looked_up = graph.node("Cast", &[&looked_up], &[("to", Attribute::Int(DataType::Float as i64))]);
        }
        let mut summed = graph.node("Add", &[&looked_up, &placed], &[]);
        if self.pairs {
            let types = graph.floats("types", &[config.type_vocab_size as i64, width as i64], &types)?;
            let of_type = graph.node("Gather", &[&types, "token_type_ids"], &[]);
            summed = graph.node("Add", &[&summed, &of_type], &[]);
        }
        self.normalized("embeddings.LayerNorm", &summed)
    }

    /// Every token's vector in `summed`, normalized.
    ///
    /// `SkipLayerNormalization` would take the sum over as well; on a processor it computes one number at a time, and
    /// the whole encoder is a seventh slower with it.
    fn normalized(&mut self, name: &str, summed: &str) -> Result<String> {
        let width = self.config.hidden_size;
        let scale = self.vector(&format!("{name}.weight"), width)?;
        let bias = self.vector(&format!("{name}.bias"), width)?;
        let epsilon = [("epsilon", Attribute::Float(self.config.layer_norm_eps))];
        Ok(self.graph.node("LayerNormalization", &[summed, &scale, &bias], &epsilon))
    }

    /// A constant of the weights with one dimension.
    fn vector(&mut self, name: &str, size: usize) -> Result<String> {
        let values = self.tensors.floats(name, &[size])?;
        self.graph.floats(name, &[size as i64], &values)
    }

    /// `activations` times the matrix of the linear layer `name`, and the bias that is still to be added.
    fn linear(
        &mut self,
        name: &str,
        (input, output): (usize, usize),
        activations: &str,
        (layer, place): (usize, Place),
    ) -> Result<(String, String)> {
        let matrix_name = format!("{name}.weight");
        let matrix = self.tensors.transposed(&matrix_name, output, input)?;
        let product = match self.range(layer, place, activations, input) {
            Some(range) => {
                let f = int8::factors(self.graph, &matrix_name, activations, &range, matrix, output)?;
                let inputs = [f.activations, f.matrix, f.scale, f.matrix_scale, f.zero];
                self.graph.microsoft("MatMulIntegerToFloat", &inputs.each_ref().map(String::as_str), &[])
            }
            None => {
                let matrix = self.graph.floats(&matrix_name, &[input as i64, output as i64], &matrix)?;
                self.graph.node("MatMul", &[activations, &matrix], &[])
            }
        };
        Ok((product, self.vector(&format!("{name}.bias"), output)?))
    }

    /// The range of `activations`, which are `width` numbers for every token, where they become integers.
    fn range(&mut self, layer: usize, place: Place, activations: &str, width: usize) -> Option<Range> {
        if self.probed {
            let name = format!("{}.{layer}", place.name());
            self.graph.node_to("", "Identity", &[activations], &[&name], &[]);
            let shape = [Dim::Named("batch"), Dim::Named("sequence"), Dim::Fixed(width as i64)];
            self.graph.output(&name, DataType::Float, &shape);
        }
        self.measured.as_ref().and_then(|measured| measured.range(layer, place))
    }

    /// Attention of every token to the tokens that `mask` keeps.
    fn attention(&mut self, layer: usize, hidden: &str, mask: &str) -> Result<String> {
        let width = self.config.hidden_size;
        let name = |part: &str| format!("encoder.layer.{layer}.attention.{part}");
        // Query, key and value side by side, as the fused operator wants them.
        let mut fused = vec![0.0; width * 3 * width];
        let mut bias = Vec::with_capacity(3 * width);
        for (index, part) in ["query", "key", "value"].into_iter().enumerate() {
            let matrix = self.tensors.transposed(&name(&format!("self.{part}.weight")), width, width)?;
            for (row, line) in matrix.chunks_exact(width).enumerate() {
                let start = row * 3 * width + index * width;
                fused[start..start + width].copy_from_slice(line);
            }
            bias.extend(self.tensors.floats(&name(&format!("self.{part}.bias")), &[width])?);
        }
        let bias = self.graph.floats(&name("bias"), &[3 * width as i64], &bias)?;
        let heads = [("num_heads", Attribute::Int(self.config.num_attention_heads as i64))];
        match self.range(layer, Place::Attention, hidden, width) {
            Some(range) => {
                let f = int8::factors(self.graph, &name("weight"), hidden, &range, fused, 3 * width)?;
                let inputs = [&f.activations, &f.matrix, &bias, &f.scale, &f.matrix_scale, mask, &f.zero];
                Ok(self.graph.microsoft("QAttention", &inputs, &heads))
            }
            None => {
                let fused = self.graph.floats(&name("weight"), &[width as i64, 3 * width as i64], &fused)?;
                Ok(self.graph.microsoft("Attention", &[hidden, &fused, &bias, mask], &heads))
            }
        }
    }

    fn transformer(&mut self, layer: usize, hidden: &str, mask: &str) -> Result<String> {
        let (width, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let attended = self.attention(layer, hidden, mask)?;
        let output = name("attention.output.dense");
        let (projected, bias) = self.linear(&output, (width, width), &attended, (layer, Place::Attended))?;
        let summed = self.graph.node("Sum", &[&projected, hidden, &bias], &[]);
        let attended = self.normalized(&name("attention.output.LayerNorm"), &summed)?;
        let wide = name("intermediate.dense");
        let (widened, bias) = self.linear(&wide, (width, inner), &attended, (layer, Place::Widening))?;
        let widened = self.graph.microsoft("BiasGelu", &[&widened, &bias], &[]);
        let narrow = name("output.dense");
        let (narrowed, bias) = self.linear(&narrow, (inner, width), &widened, (layer, Place::Narrowing))?;
        let summed = self.graph.node("Sum", &[&narrowed, &attended, &bias], &[]);
        self.normalized(&name("output.LayerNorm"), &summed)
    }

    /// The mean of the token vectors that the mask keeps, at unit length.
    fn pool(&mut self, hidden: &str) -> Result<()> {
        let graph = &mut *self.graph;
        let last = graph.integers("last_axis", &[-1])?;
        let kept = graph.node("Cast", &["attention_mask"], &[("to", Attribute::Int(DataType::Float as i64))]);
        let kept = graph.node("Unsqueeze", &[&kept, &last], &[]);
        let masked = graph.node("Mul", &[hidden, &kept], &[]);
        let flat = [("keepdims", Attribute::Int(0))];
        let summed = graph.node("ReduceSum", &[&masked, "one"], &flat);
        let count = graph.node("ReduceSum", &[&kept, "one"], &flat);
        let mean = graph.node("Div", &[&summed, &count], &[]);
        graph.node_to(
            "",
            "LpNormalization",
            &[&mean],
            &["sentence_embedding"],
            &[("axis", Attribute::Int(-1)), ("p", Attribute::Int(2))],
        );
        Ok(())
    }
}
