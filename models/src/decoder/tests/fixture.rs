//! The small model of [`super::tiny`] as others would export it.

use std::io::Cursor;
use std::path::Path;

use half::f16;

use crate::gguf::Gguf;
use crate::onnx::{Attribute, DataType, Dim, GraphBuilder};

const BATCH: Dim = Dim::Named("batch");
const NAMED: &str = "present";

/// How a graph is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) cache: Cache,
    /// Element type of caches and logits.
    pub(super) half: bool,
    /// Whether tokens, mask and positions are 32-bit integers.
    pub(super) short: bool,
    pub(super) positions: bool,
    /// Whether only as many logits are computed as are asked for.
    pub(super) rows: bool,
    pub(super) branch: Branch,
    /// Names of the caches.
    pub(super) names: &'static str,
    /// A required input that nobody knows.
    pub(super) foreign: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cache {
    /// The new cache is the old one with something behind it.
    Joined,
    /// `GroupQueryAttention`.
    Grouped,
    /// There is no old one.
    Beginning,
    /// There is none at all.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    None,
    /// The cache counts only where `use_cache_branch` says so.
    Sound,
    /// And then several tokens see each other.
    LooksAhead,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            cache: Cache::Joined,
            half: false,
            short: false,
            positions: true,
            rows: false,
            branch: Branch::None,
            names: "past_key_values.{layer}.{kind}",
            foreign: None,
        }
    }
}

impl Layout {
    fn past(&self, layer: usize, kind: &str) -> String {
        self.names.replace("{layer}", &layer.to_string()).replace("{kind}", kind)
    }

    fn present(&self, layer: usize, kind: &str) -> String {
        self.past(layer, kind).replace("past_key_values", NAMED)
    }
}

/// Writes `model.onnx` into `folder`, with the weights of a GGUF file.
pub(super) fn export(gguf: &[u8], folder: &Path, layout: &Layout) {
    let source = Gguf::parse(Cursor::new(gguf), Path::new("tiny.gguf")).unwrap();
    let size = |key: &str| source.size(&format!("llama.{key}")).unwrap().unwrap();
    let hidden = size("embedding_length");
    let mut graph = Graph {
        builder: GraphBuilder::create(folder, "tiny").unwrap(),
        layout: *layout,
        hidden,
        heads: size("attention.head_count"),
        kv_heads: size("attention.head_count_kv"),
        head: hidden / size("attention.head_count"),
        layers: size("block_count"),
        context: size("context_length"),
        base: source.float("llama.rope.freq_base").unwrap().unwrap(),
        epsilon: source.float("llama.attention.layer_norm_rms_epsilon").unwrap().unwrap() as f32,
        source,
    };
    graph.write();
    graph.builder.finish().unwrap();
}

struct Graph<'a> {
    builder: GraphBuilder,
    source: Gguf<Cursor<&'a [u8]>>,
    layout: Layout,
    hidden: usize,
    heads: usize,
    kv_heads: usize,
    head: usize,
    layers: usize,
    context: usize,
    base: f64,
    epsilon: f32,
}

/// Values that all layers need.
struct Shared {
    cos: String,
    sin: String,
    turn: String,
    /// Added to scores.
    mask: String,
    lengths: [String; 2],
    rope: [String; 2],
}

impl Graph<'_> {
    fn node(&mut self, operator: &str, inputs: &[&str]) -> String {
        self.builder.node(operator, inputs, &[])
    }

    fn on_axis(&mut self, operator: &str, inputs: &[&str], axis: i64) -> String {
        self.builder.node(operator, inputs, &[("axis", Attribute::Int(axis))])
    }

    fn cast(&mut self, value: &str, element: DataType) -> String {
        self.builder.node("Cast", &[value], &[("to", Attribute::Int(i64::from(i32::from(element))))])
    }

    fn number(&mut self, value: i64) -> String {
        let name = self.builder.fresh("number");
        self.builder.integers(&name, &[value]).unwrap()
    }

    fn floats(&mut self, stem: &str, shape: &[usize], values: &[f32]) -> String {
        let name = self.builder.fresh(stem);
        let shape: Vec<i64> = shape.iter().map(|size| *size as i64).collect();
        self.builder.floats(&name, &shape, values).unwrap()
    }

    fn slice(&mut self, value: &str, start: &str, end: &str, axis: i64) -> String {
        let axis = self.number(axis);
        self.node("Slice", &[value, start, end, &axis])
    }

    fn size(&mut self, value: &str, axis: i64) -> String {
        let (shape, axis) = (self.node("Shape", &[value]), self.number(axis));
        self.on_axis("Gather", &[&shape, &axis], 0)
    }

    /// Multiplies with rows `from..to` of a matrix of the file.
    fn rows(&mut self, input: &str, name: &str, from: usize, to: usize) -> String {
        let weights = self.source.tensor(&format!("{name}.weight")).unwrap().weights();
        let columns = if name.ends_with("ffn_down") { weights.len() / self.hidden } else { self.hidden };
        let mut turned = vec![0.0; columns * (to - from)];
        for row in from..to {
            for column in 0..columns {
                turned[column * (to - from) + row - from] = weights[row * columns + column];
            }
        }
        let matrix = self.floats(name, &[columns, to - from], &turned);
        self.node("MatMul", &[input, &matrix])
    }

    fn whole(&mut self, input: &str, name: &str) -> String {
        let count = self.source.tensor(&format!("{name}.weight")).unwrap().weights().len();
        let rows = if name.ends_with("ffn_down") { self.hidden } else { count / self.hidden };
        self.rows(input, name, 0, rows)
    }

    fn norm(&mut self, input: &str, name: &str) -> String {
        let weights = self.source.tensor(&format!("{name}.weight")).unwrap().weights();
        let gamma = self.floats(name, &[self.hidden], &weights);
        let attributes = [
            ("axis", Attribute::Int(-1)),
            ("epsilon", Attribute::Float(self.epsilon)),
            ("stash_type", Attribute::Int(1)),
        ];
        self.builder.node("SimplifiedLayerNormalization", &[input, &gamma], &attributes)
    }

    fn declare(&mut self) {
        let layout = self.layout;
        let integer = if layout.short { DataType::Int32 } else { DataType::Int64 };
        let float = if layout.half { DataType::Float16 } else { DataType::Float };
        let graph = &mut self.builder;
        graph.input("input_ids", integer, &[BATCH, Dim::Named("sequence")]);
        graph.input("attention_mask", integer, &[BATCH, Dim::Named("total")]);
        if layout.positions {
            graph.input("position_ids", integer, &[BATCH, Dim::Named("sequence")]);
        }
        if layout.branch != Branch::None {
            graph.input("use_cache_branch", DataType::Bool, &[Dim::Fixed(1)]);
        }
        if layout.rows {
            graph.input("num_logits_to_keep", DataType::Int64, &[]);
        }
        if let Some(name) = layout.foreign {
            graph.input(name, DataType::Float, &[BATCH, Dim::Named("other")]);
        }
        let cache = |length| {
            [BATCH, Dim::Fixed(self.kv_heads as i64), Dim::Named(length), Dim::Fixed(self.head as i64)]
        };
        for layer in 0..self.layers {
            for kind in ["key", "value"] {
                if matches!(layout.cache, Cache::Joined | Cache::Grouped) {
                    graph.input(&layout.past(layer, kind), float, &cache("past"));
                }
                if layout.cache != Cache::None {
                    graph.output(&layout.present(layer, kind), float, &cache("total"));
                }
            }
        }
        graph.output("logits", float, &[BATCH, Dim::Named("sequence"), Dim::Named("vocabulary")]);
    }

    fn write(&mut self) {
        self.declare();
        let embedding = self.source.tensor("token_embd.weight").unwrap().weights();
        let rows = embedding.len() / self.hidden;
        let table = self.floats("embedding", &[rows, self.hidden], &embedding);
        let mut x = self.on_axis("Gather", &[&table, "input_ids"], 0);
        let shared = self.shared();
        for layer in 0..self.layers {
            let normed = self.norm(&x, &format!("blk.{layer}.attn_norm"));
            let attended = match self.layout.cache {
                Cache::Grouped => self.grouped(layer, &normed, &shared),
                _ => self.joined(layer, &normed, &shared),
            };
            let output = self.whole(&attended, &format!("blk.{layer}.attn_output"));
            x = self.node("Add", &[&x, &output]);
            let normed = self.norm(&x, &format!("blk.{layer}.ffn_norm"));
            let gate = self.whole(&normed, &format!("blk.{layer}.ffn_gate"));
            let sigmoid = self.node("Sigmoid", &[&gate]);
            let gate = self.node("Mul", &[&gate, &sigmoid]);
            let up = self.whole(&normed, &format!("blk.{layer}.ffn_up"));
            let product = self.node("Mul", &[&gate, &up]);
            let down = self.whole(&product, &format!("blk.{layer}.ffn_down"));
            x = self.node("Add", &[&x, &down]);
        }
        if self.layout.rows {
            let (axis, end) = (self.number(0), self.number(i64::MAX));
            let count = self.node("Unsqueeze", &["num_logits_to_keep", &axis]);
            let start = self.node("Neg", &[&count]);
            x = self.slice(&x, &start, &end, 1);
        }
        let normed = self.norm(&x, "output_norm");
        let logits = self.whole(&normed, "token_embd");
        self.give(&logits, "logits");
    }

    /// Makes `value` the output `name`.
    fn give(&mut self, value: &str, name: &str) {
        let float = if self.layout.half { DataType::Float16 } else { DataType::Float };
        let to = [("to", Attribute::Int(i64::from(i32::from(float))))];
        self.builder.node_to("", "Cast", &[value], &[name], &to);
    }

    fn shared(&mut self) -> Shared {
        let long = self.cast("attention_mask", DataType::Int64);
        let (one, axis, end) = (self.number(1), self.number(1), self.number(i64::MAX));
        let counted = self.node("CumSum", &[&long, &axis]);
        let keys = self.node("Sub", &[&counted, &one]);
        let sequence = self.size("input_ids", 1);
        let positions = if self.layout.positions {
            self.cast("position_ids", DataType::Int64)
        } else {
            let start = self.node("Neg", &[&sequence]);
            self.slice(&keys, &start, &end, 1)
        };
        let (middle, last) = (self.number(1), self.number(2));
        let rows = self.node("Unsqueeze", &[&keys, &middle]);
        let columns = self.node("Unsqueeze", &[&positions, &last]);
        let mut seen = self.node("LessOrEqual", &[&rows, &columns]);
        if self.layout.branch == Branch::LooksAhead {
            seen = self.node("Or", &[&seen, "use_cache_branch"]);
        }
        let (zero, never) = (self.floats("zero", &[1], &[0.0]), self.floats("never", &[1], &[-1e9]));
        let mask = self.node("Where", &[&seen, &zero, &never]);
        let frequency = |at: usize| self.base.powf(-2.0 * (at / 2) as f64 / self.head as f64);
        let frequencies: Vec<f32> = (0..self.head).map(|at| frequency(at) as f32).collect();
        let table: Vec<f64> = (0..self.context)
            .flat_map(|position| (0..self.head).step_by(2).map(move |at| (position, at)))
            .map(|(position, at)| position as f64 * frequency(at))
            .collect();
        let pairs = [self.context, self.head / 2];
        let values = |function: fn(f64) -> f64| {
            table.iter().map(|angle| function(*angle) as f32).collect::<Vec<f32>>()
        };
        let rope = [
            self.floats("rope.cos", &pairs, &values(f64::cos)),
            self.floats("rope.sin", &pairs, &values(f64::sin)),
        ];
        let frequencies = self.floats("frequencies", &[self.head], &frequencies);
        let columns = self.cast(&columns, DataType::Float);
        let angles = self.node("Mul", &[&columns, &frequencies]);
        // (a, b) becomes (-b, a).
        let mut turn = vec![0.0; self.head * self.head];
        for pair in (0..self.head).step_by(2) {
            turn[(pair + 1) * self.head + pair] = -1.0;
            turn[pair * self.head + pair + 1] = 1.0;
        }
        let read = self.builder.node("ReduceSum", &[&long, &axis], &[("keepdims", Attribute::Int(0))]);
        let before = self.node("Sub", &[&read, &one]);
        let total = self.size("attention_mask", 1);
        Shared {
            cos: self.node("Cos", &[&angles]),
            sin: self.node("Sin", &[&angles]),
            turn: self.floats("turn", &[self.head, self.head], &turn),
            mask,
            lengths: [self.cast(&before, DataType::Int32), self.cast(&total, DataType::Int32)],
            rope,
        }
    }

    fn grouped(&mut self, layer: usize, input: &str, shared: &Shared) -> String {
        let [query, key, value] =
            ["q", "k", "v"].map(|part| self.whole(input, &format!("blk.{layer}.attn_{part}")));
        let output = self.builder.fresh("attended");
        let layout = self.layout;
        let [past_key, past_value] = ["key", "value"].map(|kind| layout.past(layer, kind));
        let present = ["key", "value"].map(|kind| layout.present(layer, kind));
        let [before, total] = &shared.lengths;
        let [cos, sin] = &shared.rope;
        self.builder.node_to(
            "com.microsoft",
            "GroupQueryAttention",
            &[&query, &key, &value, &past_key, &past_value, before, total, cos, sin],
            &[&output, &present[0], &present[1]],
            &[
                ("num_heads", Attribute::Int(self.heads as i64)),
                ("kv_num_heads", Attribute::Int(self.kv_heads as i64)),
                ("do_rotary", Attribute::Int(1)),
                ("rotary_interleaved", Attribute::Int(1)),
            ],
        );
        output
    }

    fn rotate(&mut self, value: &str, shared: &Shared) -> String {
        let turned = self.node("MatMul", &[value, &shared.turn]);
        let (straight, across) =
            (self.node("Mul", &[value, &shared.cos]), self.node("Mul", &[&turned, &shared.sin]));
        self.node("Add", &[&straight, &across])
    }

    fn joined(&mut self, layer: usize, input: &str, shared: &Shared) -> String {
        let (layout, head) = (self.layout, self.head);
        let first = self.number(1);
        let mut groups: Vec<[String; 2]> = Vec::new();
        for group in 0..self.kv_heads {
            let both = [("key", "k"), ("value", "v")].map(|(kind, part)| {
                let name = format!("blk.{layer}.attn_{part}");
                let mut new = self.rows(input, &name, group * head, (group + 1) * head);
                if kind == "key" {
                    new = self.rotate(&new, shared);
                }
                if layout.cache != Cache::Joined {
                    return new;
                }
                let mut past = layout.past(layer, kind);
                if layout.half {
                    past = self.cast(&past, DataType::Float);
                }
                if layout.branch != Branch::None {
                    let (length, zero) = (self.size(&past, 2), self.number(0));
                    let counts = self.cast("use_cache_branch", DataType::Int64);
                    let end = self.node("Mul", &[&length, &counts]);
                    past = self.slice(&past, &zero, &end, 2);
                }
                let (start, end) = (self.number(group as i64), self.number(group as i64 + 1));
                let past = self.slice(&past, &start, &end, 1);
                let past = self.node("Squeeze", &[&past, &first]);
                self.on_axis("Concat", &[&past, &new], 1)
            });
            groups.push(both);
        }
        if layout.cache != Cache::None {
            for (at, kind) in ["key", "value"].into_iter().enumerate() {
                let parts: Vec<String> =
                    groups.iter().map(|group| self.node("Unsqueeze", &[&group[at], &first])).collect();
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                let joined = self.on_axis("Concat", &parts, 1);
                self.give(&joined, &layout.present(layer, kind));
            }
        }
        let mut outputs = Vec::new();
        for at in 0..self.heads {
            let query = self.rows(input, &format!("blk.{layer}.attn_q"), at * head, (at + 1) * head);
            let query = self.rotate(&query, shared);
            let [key, value] = &groups[at * self.kv_heads / self.heads];
            let scale = ("alpha", Attribute::Float(1.0 / (head as f32).sqrt()));
            let scores = self.builder.microsoft(
                "FusedMatMul",
                &[&query, key],
                &[("transB", Attribute::Int(1)), scale],
            );
            let scores = self.node("Add", &[&scores, &shared.mask]);
            let weights = self.on_axis("Softmax", &[&scores], -1);
            outputs.push(self.node("MatMul", &[&weights, value]));
        }
        let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
        self.on_axis("Concat", &outputs, -1)
    }
}

/// How much caches in half precision may change a logit.
pub(super) fn rounding() -> f64 {
    f64::from(f16::EPSILON) * 20.0
}
