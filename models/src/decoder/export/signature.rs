//! What an exported graph takes and gives.

use std::path::Path;

use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};
use serde_json::Value;

use super::REEXPORT;
use super::about::About;
use crate::decoder::names::CACHES;
use crate::{Error, Result};

/// Layers that a model may have.
const MAX_LAYERS: usize = 1024;
/// What the next release of a model's makers may add is not run by guessing.
const OTHER: &str = "choose a model that takes tokens and a cache and nothing else";

/// Element type of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Int {
    Long,
    Short,
}

/// An input of integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integers {
    pub(super) name: String,
    pub(super) int: Int,
    /// Number of dimensions.
    pub(super) rank: usize,
}

/// Key or value of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The input; a graph that only reads beginnings has none.
    pub(super) past: Option<String>,
    pub(super) present: String,
    pub(super) element: TensorElementType,
    pub(super) heads: usize,
    pub(super) size: usize,
}

/// Inputs and outputs of a graph by what they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) tokens: Integers,
    /// Reads one token at a time.
    pub(super) single: bool,
    pub(super) mask: Option<Integers>,
    pub(super) positions: Option<Integers>,
    /// Whether there is a cache to go on from: two graphs in one.
    pub(super) branch: Option<String>,
    /// How many rows of logits are wanted.
    pub(super) rows: Option<Integers>,
    /// Key and value of each layer in turn.
    pub(super) slots: Vec<Slot>,
    pub(super) logits: String,
}

/// Names of inputs and outputs; those of the caches have `%d` where the layer's number is.
struct Names<'a> {
    tokens: &'a str,
    mask: &'a str,
    positions: &'a str,
    logits: &'a str,
    past: [Vec<&'a str>; 2],
    present: [Vec<&'a str>; 2],
}

impl<'a> Names<'a> {
    fn new(genai: &'a Value) -> Self {
        let decoder = &genai["model"]["decoder"];
        let (inputs, outputs) = (&decoder["inputs"], &decoder["outputs"]);
        let name = |part: &'a Value, key: &str, usual: &'a str| part[key].as_str().unwrap_or(usual);
        let all = |part: &'a Value, key: &str, usual: [&'a str; 2]| match part[key].as_str() {
            Some(name) => vec![name],
            None => usual.to_vec(),
        };
        Self {
            tokens: name(inputs, "input_ids", "input_ids"),
            mask: name(inputs, "attention_mask", "attention_mask"),
            positions: name(inputs, "position_ids", "position_ids"),
            logits: name(outputs, "logits", "logits"),
            past: [
                all(inputs, "past_key_names", ["past_key_values.%d.key", "past_key_values.%d.decoder.key"]),
                all(
                    inputs,
                    "past_value_names",
                    ["past_key_values.%d.value", "past_key_values.%d.decoder.value"],
                ),
            ],
            present: [
                all(outputs, "present_key_names", ["present.%d.key", "present.%d.decoder.key"]),
                all(outputs, "present_value_names", ["present.%d.value", "present.%d.decoder.value"]),
            ],
        }
    }

    /// Place among the slots of a cache named `name`.
    fn slot(patterns: &[Vec<&str>; 2], name: &str) -> Option<usize> {
        patterns.iter().enumerate().find_map(|(kind, patterns)| {
            let layer = patterns.iter().find_map(|pattern| {
                let (before, after) = pattern.split_once("%d")?;
                name.strip_prefix(before)?.strip_suffix(after)?.parse::<usize>().ok()
            });
            layer.filter(|layer| *layer < MAX_LAYERS).map(|layer| layer * CACHES.len() + kind)
        })
    }
}

impl Signature {
    /// Reads it off `session`, which is the graph `path`. `beginning` says that it need not take a cache.
    pub(super) fn read(session: &Session, path: &Path, about: &About, beginning: bool) -> Result<Self> {
        let refused = |reason: String, remedy| Err(Error::export(path, reason, remedy));
        let names = Names::new(about.genai.as_ref().unwrap_or(&Value::Null));
        let (mut tokens, mut mask, mut positions, mut branch, mut rows) = (None, None, None, None, None);
        let mut single = false;
        let mut pasts: Vec<Option<(String, TensorElementType, Vec<i64>)>> = Vec::new();
        for input in session.inputs() {
            let name = input.name();
            let (element, shape) = tensor(input, path)?;
            if let Some(slot) = Names::slot(&names.past, name) {
                put(&mut pasts, slot, (name.to_owned(), element, shape));
            } else if name == names.tokens {
                single = shape.get(1) == Some(&1);
                tokens = Some(integers(name, element, &shape, 2, path)?);
            } else if name == names.mask {
                mask = Some(integers(name, element, &shape, 2, path)?);
            } else if name == names.positions {
                positions = Some(integers(name, element, &shape, 2, path)?);
            } else if name == "use_cache_branch" && element == TensorElementType::Bool {
                branch = Some(name.to_owned());
            } else if matches!(name, "num_logits_to_keep" | "logits_to_keep") {
                rows = Some(integers(name, element, &shape, shape.len().min(1), path)?);
            } else {
                return refused(format!("it takes {name:?}, {}", meaning(name)), OTHER);
            }
        }
        let Some(tokens) = tokens else {
            return refused(format!("it does not take {:?}", names.tokens), REEXPORT);
        };
        if pasts.is_empty() && !beginning {
            return refused(
                "it has no key-value cache: no inputs such as \"past_key_values.0.key\"".to_owned(),
                REEXPORT,
            );
        }
        let (mut presents, mut logits) = (Vec::new(), None);
        for output in session.outputs() {
            let name = output.name();
            if let Some(slot) = Names::slot(&names.present, name) {
                let (element, shape) = tensor(output, path)?;
                put(&mut presents, slot, (name.to_owned(), element, shape));
            } else if name == names.logits {
                logits = Some(tensor(output, path)?);
            }
        }
        match logits {
            None => return refused(format!("it does not give {:?}", names.logits), REEXPORT),
            Some((TensorElementType::Float32 | TensorElementType::Float16, shape)) if shape.len() == 3 => {}
            Some((element, shape)) => {
                let reason =
                    format!("its logits are {element} in {} dimensions, not float in 3", shape.len());
                return refused(reason, REEXPORT);
            }
        }
        if !beginning && presents.len() != pasts.len() {
            return refused(
                format!(
                    "it takes caches of {} layers and gives those of {}",
                    pasts.len() / 2,
                    presents.len() / 2
                ),
                REEXPORT,
            );
        }
        if presents.len() % CACHES.len() != 0 || presents.is_empty() {
            return refused("it gives no keys and values such as \"present.0.key\"".to_owned(), REEXPORT);
        }
        pasts.resize(presents.len(), None);
        let mut slots = Vec::with_capacity(presents.len());
        for (place, (past, present)) in pasts.into_iter().zip(presents).enumerate() {
            let (layer, kind) = (place / CACHES.len(), CACHES[place % CACHES.len()]);
            let missing = past.is_none() && !beginning;
            let Some((present, element, shape)) = present.filter(|_| !missing) else {
                return refused(format!("it lacks the {kind} of layer {layer}"), REEXPORT);
            };
            let (past, element, shape) = match past {
                Some((name, element, shape)) => (Some(name), element, shape),
                None => (None, element, shape),
            };
            slots.push(slot(past, present, element, &shape, about).map_err(|reason| {
                Error::export(path, format!("its cache of layer {layer} {reason}"), REEXPORT)
            })?);
        }
        if about.layers().is_some_and(|layers| layers * CACHES.len() != slots.len()) {
            let reason = format!(
                "it has caches for {} layers, not for all that its configuration tells",
                slots.len() / CACHES.len()
            );
            return refused(reason, OTHER);
        }
        Ok(Self { tokens, single, mask, positions, branch, rows, slots, logits: names.logits.to_owned() })
    }
}

fn slot(
    past: Option<String>,
    present: String,
    element: TensorElementType,
    shape: &[i64],
    about: &About,
) -> Result<Slot, String> {
    if !matches!(element, TensorElementType::Float32 | TensorElementType::Float16) {
        return Err(format!("holds {element}"));
    }
    let [_, heads, _, size] = shape else { return Err(format!("has {} dimensions, not 4", shape.len())) };
    let known = |dimension: i64, told: Option<usize>| {
        usize::try_from(dimension).ok().filter(|size| (1..=1 << 20).contains(size)).or(told)
    };
    let heads = known(*heads, about.kv_heads()).ok_or("does not tell its heads")?;
    let size = known(*size, about.head_size()).ok_or("does not tell the size of its heads")?;
    Ok(Slot { past, present, element, heads, size })
}

fn put<T: Clone>(slots: &mut Vec<Option<T>>, place: usize, value: T) {
    if slots.len() <= place {
        slots.resize(place + 1, None);
    }
    slots[place] = Some(value);
}

/// Element type and shape, in which -1 stands for what is known later.
fn tensor(outlet: &Outlet, path: &Path) -> Result<(TensorElementType, Vec<i64>)> {
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => Ok((*ty, shape.to_vec())),
        _ => Err(Error::export(path, format!("{:?} is not a tensor", outlet.name()), OTHER)),
    }
}

fn integers(
    name: &str,
    element: TensorElementType,
    shape: &[i64],
    rank: usize,
    path: &Path,
) -> Result<Integers> {
    let int = match element {
        TensorElementType::Int64 => Int::Long,
        TensorElementType::Int32 => Int::Short,
        _ => {
            return Err(Error::export(
                path,
                format!("it takes {name:?} as {element}, not as integers"),
                REEXPORT,
            ));
        }
    };
    if shape.len() != rank {
        let reason = format!("it takes {name:?} in {} dimensions, not in {rank}", shape.len());
        return Err(Error::export(path, reason, OTHER));
    }
    Ok(Integers { name: name.to_owned(), int, rank })
}

/// What an input that we do not have is for.
fn meaning(name: &str) -> &'static str {
    let has = |part| name.contains(part);
    if has("encoder") {
        "as decoders do that attend to an encoder"
    } else if has("pixel") || has("image") || has("audio") {
        "as models of images or sound do"
    } else if has("embeds") {
        "embeddings in place of tokens, as models of images do"
    } else if has("conv") || has("ssm") || has("recurrent") {
        "the state of a convolution or recurrence"
    } else {
        "which is not known here"
    }
}
