//! The pair encoder: the same layers over two texts at once, with an adapter merged into them and two heads.
//!
//! One pass over `[CLS] first [SEP] second [SEP]` with token types 0 and 1, as in Devlin et al., "BERT" (2019). The
//! heads are those of `training/pair/model.py`, which trained them.

use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::int8::Measured;
use super::{Compiler, Config, Precision};
use crate::compile::safetensors::{Tensors, Weights, entry};
use crate::fetch::Hasher;
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};
use crate::{Error, Result};

/// Raised whenever the compiled graph changes, so that folders of older builds are compiled anew.
pub(crate) const REVISION: u32 = 2;
/// The version of that entry's own format.
const FORMAT: u32 = 1;
/// What is added to the logit of a token that does not count; its exponential is zero.
const NEVER: f32 = -1e4;
/// What the two heads may be: training for answers came after training for relevance.
const HEADS: [[&str; 2]; 2] = [["relevance", SUPPORT], [ANSWERS, SUPPORT]];
const ANSWERS: &str = "answers";
const SUPPORT: &str = "support";
/// Numbers between the layers and the heads.
const POOLED: usize = 128;

/// What an adapter says of itself, and what a compiled pair encoder's folder says: `pair.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairInfo {
    format: u32,
    /// Which training it comes from.
    pub version: String,
    /// SHA-256 of the weights that it was trained on top of.
    pub base_sha256: String,
    /// SHA-256 of the adapter that was compiled, which cannot say it of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter_sha256: Option<String>,
    /// Rank of what is added to each matrix.
    pub rank: usize,
    /// Outputs, in their order.
    pub heads: Vec<String>,
    /// Most tokens of a pair that are looked at, special tokens included.
    pub max_tokens: usize,
    /// Most tokens of the first text.
    pub max_first: usize,
    /// A claim whose support is at least this is supported.
    pub support_threshold: f32,
    /// How much a fused score of 1 counts in units of relevance, where the two are added.
    pub fused: f32,
    /// What is known of its activations, where it calculates with integers of 8 bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    int8: Option<Measured>,
}

impl PairInfo {
    /// Name of the file.
    pub const FILE: &str = "pair.json";

    /// Checks what was read from `path`.
    pub(crate) fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let info: Self = serde_json::from_slice(json).map_err(|e| Error::corrupt(path, e.to_string()))?;
        if info.format != FORMAT || !HEADS.iter().any(|heads| info.heads == *heads) {
            return Err(Error::unsupported(
                path,
                format!("format {} with heads {:?}; only {FORMAT} is read", info.format, info.heads),
            ));
        }
        let sound = (1..=512).contains(&info.max_first)
            && (info.max_first + 4..=512).contains(&info.max_tokens)
            && info.support_threshold.is_finite()
            && info.fused.is_finite()
            && info.fused > 0.0
            && info.int8.as_ref().is_none_or(Measured::is_sound);
        if !sound {
            return Err(Error::corrupt(path, "its sizes make no pair encoder"));
        }
        Ok(info)
    }

    /// Whether relevance tells if the second text answers the first, and not only how near it is.
    pub fn tells_answers(&self) -> bool {
        self.heads.first().is_some_and(|head| head == ANSWERS)
    }

    /// The numbers that it calculates with.
    pub fn precision(&self) -> Precision {
        if self.int8.is_some() { Precision::Int8 } else { Precision::Fp32 }
    }
}

/// What an adapter says of itself, and its tensors. `bytes` is the content of the safetensors file `path`.
///
/// # Errors
/// [`Error::Corrupt`] or [`Error::Unsupported`] where it is no adapter of this kind.
pub(crate) fn read<'a>(path: &Path, bytes: &'a [u8]) -> Result<(PairInfo, SafeTensors<'a>)> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| Error::corrupt(path, e.to_string()))?;
    Ok((PairInfo::parse(entry(path, bytes)?.as_bytes(), path)?, tensors))
}

/// Compiles the encoder in `source` with `adapter`, the content of the safetensors file `named`, into `target`: `model.onnx`,
/// `model.onnx.data`, `tokenizer.json` and `pair.json`.
///
/// The graph takes `input_ids`, `attention_mask` and `token_type_ids`, all `[batch, sequence]` of 64-bit integers, and
/// yields `scores`, `[batch, 2]`: the logits of relevance and of support.
///
/// # Errors
/// [`Error::WrongHash`] where the adapter was trained on top of other weights, [`Error::Unsupported`] for other
/// architectures, [`Error::Corrupt`] where tensors, configuration and adapter disagree.
pub(crate) fn pair(source: &Path, named: &Path, adapter: &[u8], target: &Path) -> Result<()> {
    let (mut info, added) = read(named, adapter)?;
    info.adapter_sha256 = Some(Hasher::of(adapter));
    let weights_file = source.join("model.safetensors");
    crate::fetch::verify_file(&weights_file, &info.base_sha256)?;

    let config = Config::read(&source.join("config.json"))?;
    if config.type_vocab_size < 2 || config.max_position_embeddings < info.max_tokens {
        return Err(Error::unsupported(&weights_file, "it cannot tell two texts of that length apart"));
    }
    let weights = Weights::open(&weights_file)?;
    let adapter = Tensors::new(named, added);
    let tensors = weights.tensors()?.adapted(&adapter);
    let mut graph = GraphBuilder::create(target, "pair")?;
    let measured = info.int8.clone();
    Compiler { config: &config, tensors: &tensors, graph: &mut graph, measured, probed: false, pairs: true }
        .build_pair(&adapter)?;
    graph.finish()?;
    let tokenizer = (source.join("tokenizer.json"), target.join("tokenizer.json"));
    std::fs::copy(&tokenizer.0, &tokenizer.1).map_err(Error::io(&tokenizer.0))?;
    let path = target.join(PairInfo::FILE);
    let json = serde_json::to_vec_pretty(&info).map_err(|e| Error::corrupt(&path, e.to_string()))?;
    std::fs::write(&path, json).map_err(Error::io(&path))
}

impl Compiler<'_> {
    fn build_pair(&mut self, heads: &Tensors<'_>) -> Result<()> {
        let shape = [Dim::Named("batch"), Dim::Named("sequence")];
        for input in ["input_ids", "attention_mask", "token_type_ids"] {
            self.graph.input(input, DataType::Int64, &shape);
        }
        self.graph.output("scores", DataType::Float, &[Dim::Named("batch"), Dim::Fixed(2)]);
        let hidden = self.hidden()?;
        let (first, second) = self.sides()?;
        let alike = self.alike(&hidden, &first, &second);

        let width = self.config.hidden_size;
        let scale = heads.floats("head.scale", &[3])?;
        let graph = &mut *self.graph;
        let start = graph.node("Gather", &[&hidden, "start"], &[("axis", Attribute::Int(1))]);
        let unit = graph.floats("unit", &[1], &[(width as f32).sqrt()])?;
        let stretched = graph.node("Mul", &[&alike, &unit], &[]);
        let joined = graph.node("Concat", &[&start, &stretched], &[("axis", Attribute::Int(-1))]);
        let pool = heads.transposed("head.pool.weight", POOLED, 2 * width)?;
        let pool = graph.floats("pool", &[2 * width as i64, POOLED as i64], &pool)?;
        let bias =
            graph.floats("pool_bias", &[POOLED as i64], &heads.floats("head.pool.bias", &[POOLED])?)?;
        let pooled = graph.node("MatMul", &[&joined, &pool], &[]);
        let pooled = graph.node("Add", &[&pooled, &bias], &[]);
        let pooled = graph.node("Tanh", &[&pooled], &[]);
        let output = heads.transposed("head.output.weight", 2, POOLED)?;
        let output = graph.floats("output", &[POOLED as i64, 2], &output)?;
        let mut bias = heads.floats("head.output.bias", &[2])?;
        bias[0] += scale[1];
        let bias = graph.floats("output_bias", &[2], &bias)?;
        let judged = graph.node("MatMul", &[&pooled, &output], &[]);
        let judged = graph.node("Add", &[&judged, &bias], &[]);

        // The cosine of the two texts adds to relevance, and the worst word of the claim takes from support.
        let kept = [("keepdims", Attribute::Int(1))];
        let cosine = graph.node("ReduceSum", &[&alike, "last_axis"], &kept);
        let worst = self.worst(&hidden, &first, heads)?;
        let graph = &mut *self.graph;
        let added = graph.node("Concat", &[&cosine, &worst], &[("axis", Attribute::Int(-1))]);
        let scale = graph.floats("scale", &[2], &[scale[0], -scale[2]])?;
        let added = graph.node("Mul", &[&added, &scale], &[]);
        graph.node_to("", "Add", &[&judged, &added], &["scores"], &[]);
        Ok(())
    }

    /// Which tokens are of the first text and which of the second, `[batch, sequence]` each, as ones and zeros. The
    /// first token stands for the pair and belongs to neither.
    fn sides(&mut self) -> Result<(String, String)> {
        let graph = &mut *self.graph;
        graph.integers("last_axis", &[-1])?;
        graph.tensor("start", DataType::Int64, &[], &0i64.to_le_bytes())?;
        let float = [("to", Attribute::Int(DataType::Float as i64))];
        let kept = graph.node("Cast", &["attention_mask"], &float);
        let second = graph.node("Cast", &["token_type_ids"], &float);
        let second = graph.node("Mul", &[&second, &kept], &[]);
        let both = graph.node("Sub", &[&kept, &second], &[]);
        // The tokens before a place are counted; only the first has none before it.
        let before = graph.node("CumSum", &["attention_mask", "one"], &[("exclusive", Attribute::Int(1))]);
        let limit = graph.integers("most_before", &[1])?;
        let before = graph.node("Min", &[&before, &limit], &[]);
        let before = graph.node("Cast", &[&before], &float);
        let first = graph.node("Mul", &[&both, &before], &[]);
        Ok((first, second))
    }

    /// The product, number by number, of the two texts' mean vectors at unit length.
    fn alike(&mut self, hidden: &str, first: &str, second: &str) -> String {
        let graph = &mut *self.graph;
        let mean = |graph: &mut GraphBuilder, side: &str| {
            let side = graph.node("Unsqueeze", &[side, "last_axis"], &[]);
            let masked = graph.node("Mul", &[hidden, &side], &[]);
            let flat = [("keepdims", Attribute::Int(0))];
            let summed = graph.node("ReduceSum", &[&masked, "one"], &flat);
            // Its length is made 1 anyway, so the sum need not be divided.
            graph.node(
                "LpNormalization",
                &[&summed],
                &[("axis", Attribute::Int(-1)), ("p", Attribute::Int(2))],
            )
        };
        let (one, two) = (mean(graph, first), mean(graph, second));
        graph.node("Mul", &[&one, &two], &[])
    }

    /// How unsupported the worst token of the first text is, softly: the logarithm of the sum of exponentials.
    fn worst(&mut self, hidden: &str, first: &str, heads: &Tensors<'_>) -> Result<String> {
        let width = self.config.hidden_size;
        let graph = &mut *self.graph;
        let matrix = heads.transposed("head.token.weight", 1, width)?;
        let matrix = graph.floats("token", &[width as i64, 1], &matrix)?;
        let bias = graph.floats("token_bias", &[1], &heads.floats("head.token.bias", &[1])?)?;
        let tokens = graph.node("MatMul", &[hidden, &matrix], &[]);
        let tokens = graph.node("Add", &[&tokens, &bias], &[]);
        let first = graph.node("Unsqueeze", &[first, "last_axis"], &[]);
        let ones = graph.floats("ones", &[1], &[1.0])?;
        let never = graph.floats("never", &[1], &[-NEVER])?;
        let left_out = graph.node("Sub", &[&first, &ones], &[]);
        let left_out = graph.node("Mul", &[&left_out, &never], &[]);
        let tokens = graph.node("Add", &[&tokens, &left_out], &[]);
        let powers = graph.node("Exp", &[&tokens], &[]);
        let summed = graph.node("ReduceSum", &[&powers, "one"], &[("keepdims", Attribute::Int(0))]);
        Ok(graph.node("Log", &[&summed], &[]))
    }
}
