//! BERT-family sentence encoders: `safetensors` to ONNX, with mean pooling and normalization in the graph.
//!
//! The layers follow Devlin et al., "BERT" (2019); pooling follows Reimers and Gurevych, "Sentence-BERT" (2019).

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::safetensors::{Tensors, Weights};
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};
use crate::{Error, Result};

/// Raised whenever the compiled graph changes, so that folders of older builds are compiled anew.
pub const REVISION: u32 = 2;

/// Tokens that sentence-transformers looks at with this family by default.
const MAX_TOKENS: usize = 256;

/// What a compiled encoder's folder says about it: `encoder.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// See [`REVISION`].
    pub revision: u32,
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

/// Compiles the encoder in `source` (`model.safetensors`, `config.json`, `tokenizer.json`) into `target`:
/// `model.onnx`, `model.onnx.data`, `tokenizer.json` and `encoder.json`.
///
/// The graph takes `input_ids` and `attention_mask`, both `[batch, sequence]` of 64-bit integers, and yields
/// `sentence_embedding`, `[batch, hidden]` of unit length.
///
/// # Errors
/// [`Error::Unsupported`] for other architectures, [`Error::Corrupt`] where tensors and configuration disagree.
pub fn encoder(source: &Path, target: &Path) -> Result<()> {
    let config = Config::read(&source.join("config.json"))?;
    let weights_file = source.join("model.safetensors");
    let weights = Weights::open(&weights_file)?;
    let tensors = weights.tensors()?;
    let mut graph = GraphBuilder::create(target, "encoder")?;
    build(&config, &tensors, &mut graph)?;
    graph.finish()?;
    let tokenizer = (source.join("tokenizer.json"), target.join("tokenizer.json"));
    fs::copy(&tokenizer.0, &tokenizer.1).map_err(Error::io(&tokenizer.0))?;
    let info = EncoderInfo {
        dimension: config.hidden_size,
        max_tokens: MAX_TOKENS.min(config.max_position_embeddings),
        pad: config.pad_token_id,
        pooling: "mean".to_owned(),
        weights_sha256: crate::fetch::hash_file(&weights_file)?,
        revision: REVISION,
    };
    let path = target.join(EncoderInfo::FILE);
    let json = serde_json::to_vec_pretty(&info).map_err(|e| Error::corrupt(&path, e.to_string()))?;
    fs::write(&path, json).map_err(Error::io(&path))
}

fn build(config: &Config, tensors: &Tensors<'_>, graph: &mut GraphBuilder) -> Result<()> {
    let shape = [Dim::Named("batch"), Dim::Named("sequence")];
    graph.input("input_ids", DataType::Int64, &shape);
    graph.input("attention_mask", DataType::Int64, &shape);
    graph.output(
        "sentence_embedding",
        DataType::Float,
        &[Dim::Named("batch"), Dim::Fixed(config.hidden_size as i64)],
    );
    let mut hidden = embeddings(config, tensors, graph)?;
    let mask = graph.node("Cast", &["attention_mask"], &[("to", Attribute::Int(DataType::Int32 as i64))]);
    for layer in 0..config.num_hidden_layers {
        hidden = transformer(config, tensors, graph, layer, &hidden, &mask)?;
    }
    pool(graph, &hidden)
}

/// Word, position and type embeddings, normalized. All tokens are of type 0, whose row is added to the positions.
fn embeddings(config: &Config, tensors: &Tensors<'_>, graph: &mut GraphBuilder) -> Result<String> {
    let width = config.hidden_size;
    let words = tensors.floats("embeddings.word_embeddings.weight", &[config.vocab_size, width])?;
    let mut positions =
        tensors.floats("embeddings.position_embeddings.weight", &[config.max_position_embeddings, width])?;
    let types =
        tensors.floats("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, width])?;
    for row in positions.chunks_exact_mut(width) {
        row.iter_mut().zip(&types).for_each(|(value, added)| *value += added);
    }
    let words = graph.floats("words", &[config.vocab_size as i64, width as i64], &words)?;
    let positions =
        graph.floats("positions", &[config.max_position_embeddings as i64, width as i64], &positions)?;
    let zero = graph.integers("zero", &[0])?;
    let one = graph.integers("one", &[1])?;
    let two = graph.integers("two", &[2])?;
    let shape = graph.node("Shape", &["input_ids"], &[]);
    let length = graph.node("Slice", &[&shape, &one, &two], &[]);
    let placed = graph.node("Slice", &[&positions, &zero, &length, &zero], &[]);
    let looked_up = graph.node("Gather", &[&words, "input_ids"], &[]);
    let summed = graph.node("Add", &[&looked_up, &placed], &[]);
    normalized(config, tensors, graph, "embeddings.LayerNorm", &summed)
}

/// Every token's vector in `summed`, normalized.
///
/// `SkipLayerNormalization` would take the sum over as well; on a processor it computes one number at a time, and the
/// whole encoder is a seventh slower with it.
fn normalized(
    config: &Config,
    tensors: &Tensors<'_>,
    graph: &mut GraphBuilder,
    name: &str,
    summed: &str,
) -> Result<String> {
    let width = config.hidden_size;
    let scale = tensors.floats(&format!("{name}.weight"), &[width])?;
    let bias = tensors.floats(&format!("{name}.bias"), &[width])?;
    let scale = graph.floats(&format!("{name}.weight"), &[width as i64], &scale)?;
    let bias = graph.floats(&format!("{name}.bias"), &[width as i64], &bias)?;
    let epsilon = [("epsilon", Attribute::Float(config.layer_norm_eps))];
    Ok(graph.node("LayerNormalization", &[summed, &scale, &bias], &epsilon))
}

/// A linear layer's matrix (input × output) and bias.
fn linear(
    tensors: &Tensors<'_>,
    graph: &mut GraphBuilder,
    name: &str,
    input: usize,
    output: usize,
) -> Result<(String, String)> {
    let matrix = tensors.transposed(&format!("{name}.weight"), output, input)?;
    let bias = tensors.floats(&format!("{name}.bias"), &[output])?;
    Ok((
        graph.floats(&format!("{name}.weight"), &[input as i64, output as i64], &matrix)?,
        graph.floats(&format!("{name}.bias"), &[output as i64], &bias)?,
    ))
}

fn transformer(
    config: &Config,
    tensors: &Tensors<'_>,
    graph: &mut GraphBuilder,
    layer: usize,
    hidden: &str,
    mask: &str,
) -> Result<String> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let name = |part: &str| format!("encoder.layer.{layer}.{part}");
    // Query, key and value side by side, as the fused operator wants them.
    let mut fused = vec![0.0; width * 3 * width];
    let mut fused_bias = Vec::with_capacity(3 * width);
    for (index, part) in ["query", "key", "value"].into_iter().enumerate() {
        let matrix = tensors.transposed(&name(&format!("attention.self.{part}.weight")), width, width)?;
        for (row, line) in matrix.chunks_exact(width).enumerate() {
            let start = row * 3 * width + index * width;
            fused[start..start + width].copy_from_slice(line);
        }
        fused_bias.extend(tensors.floats(&name(&format!("attention.self.{part}.bias")), &[width])?);
    }
    let fused = graph.floats(&name("attention.weight"), &[width as i64, 3 * width as i64], &fused)?;
    let fused_bias = graph.floats(&name("attention.bias"), &[3 * width as i64], &fused_bias)?;
    let heads = [("num_heads", Attribute::Int(config.num_attention_heads as i64))];
    let attended = graph.microsoft("Attention", &[hidden, &fused, &fused_bias, mask], &heads);
    let (matrix, bias) = linear(tensors, graph, &name("attention.output.dense"), width, width)?;
    let projected = graph.node("MatMul", &[&attended, &matrix], &[]);
    let summed = graph.node("Sum", &[&projected, hidden, &bias], &[]);
    let attended = normalized(config, tensors, graph, &name("attention.output.LayerNorm"), &summed)?;
    let (matrix, bias) = linear(tensors, graph, &name("intermediate.dense"), width, inner)?;
    let widened = graph.node("MatMul", &[&attended, &matrix], &[]);
    let widened = graph.microsoft("BiasGelu", &[&widened, &bias], &[]);
    let (matrix, bias) = linear(tensors, graph, &name("output.dense"), inner, width)?;
    let narrowed = graph.node("MatMul", &[&widened, &matrix], &[]);
    let summed = graph.node("Sum", &[&narrowed, &attended, &bias], &[]);
    normalized(config, tensors, graph, &name("output.LayerNorm"), &summed)
}

/// The mean of the token vectors that the mask keeps, at unit length.
fn pool(graph: &mut GraphBuilder, hidden: &str) -> Result<()> {
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
