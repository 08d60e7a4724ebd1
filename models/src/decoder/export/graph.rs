//! One exported graph and what is bound to it.

use half::f16;
use ort::session::{IoBinding, Session};
use ort::value::{DynTensor, DynValue, Tensor};

use super::cache::Cache;
use super::signature::{Int, Integers, Signature};

/// A graph that is ready to run.
pub(super) struct Graph {
    pub(super) session: Session,
    pub(super) binding: IoBinding,
    pub(super) signature: Signature,
}

impl Graph {
    pub(super) fn new(session: Session, signature: Signature) -> ort::Result<Self> {
        Ok(Self { binding: session.create_binding()?, session, signature })
    }

    /// Reads `tokens` after the `past` ones in `cache` and appends the logits of the last `wanted` to `logits`.
    pub(super) fn run(
        &mut self,
        cache: &mut Cache,
        past: usize,
        tokens: &[u32],
        wanted: usize,
        logits: &mut Vec<f32>,
    ) -> ort::Result<()> {
        let Self { session, binding, signature } = self;
        let total = past + tokens.len();
        bind(binding, &signature.tokens, tokens.iter().map(|token| i64::from(*token)))?;
        if let Some(mask) = &signature.mask {
            bind(binding, mask, std::iter::repeat_n(1, total))?;
        }
        if let Some(positions) = &signature.positions {
            bind(binding, positions, (past..total).map(|position| position as i64))?;
        }
        if let Some(branch) = &signature.branch {
            binding.bind_input(branch, &Tensor::from_array(([1], vec![past > 0]))?)?;
        }
        if let Some(rows) = &signature.rows {
            bind(binding, rows, std::iter::once(wanted.max(1) as i64))?;
        }
        binding.bind_output_to_device(&signature.logits, &cache.memory.host)?;
        if let Some(values) = cache.values() {
            for (slot, value) in signature.slots.iter().zip(values) {
                if let Some(past) = &slot.past {
                    binding.bind_input(past, value)?;
                }
                // Anew each time, as the value that was given last is in use.
                binding.bind_output_to_device(&slot.present, cache.memory.allocator.memory_info())?;
            }
        }
        let mut outputs = session.run_binding(binding)?;
        let lacks = |name: &str| ort::Error::new(format!("the graph gave no {name:?}"));
        let given = outputs.remove(&signature.logits).ok_or_else(|| lacks(&signature.logits))?;
        append(&given, tokens.len(), wanted, logits)?;
        if cache.values().is_some() {
            let presents = signature.slots.iter().map(|slot| {
                let value = outputs.remove(&slot.present).ok_or_else(|| lacks(&slot.present))?;
                let shape = value.shape().to_vec();
                if shape != [1, slot.heads as i64, total as i64, slot.size as i64] {
                    let name = &slot.present;
                    return Err(ort::Error::new(format!(
                        "{name:?} has the shape {shape:?} after {total} tokens"
                    )));
                }
                Ok(value)
            });
            let presents = presents.collect::<ort::Result<Vec<DynValue>>>()?;
            drop(outputs);
            cache.put(total, presents);
        }
        Ok(())
    }
}

/// Binds integers: one row, or a single one where the input has no rows.
fn bind(binding: &mut IoBinding, input: &Integers, values: impl Iterator<Item = i64>) -> ort::Result<()> {
    let values: Vec<i64> = values.collect();
    let shape = match input.rank {
        0 => vec![],
        1 => vec![values.len()],
        _ => vec![1, values.len()],
    };
    let tensor: DynTensor = match input.int {
        Int::Long => Tensor::from_array((shape, values))?.upcast(),
        Int::Short => {
            let values: Vec<i32> = values.into_iter().map(|value| value as i32).collect();
            Tensor::from_array((shape, values))?.upcast()
        }
    };
    binding.bind_input(&input.name, &tensor)
}

/// Appends the last `wanted` rows of logits, of which there are as many as tokens or as were wanted.
fn append(given: &DynValue, tokens: usize, wanted: usize, logits: &mut Vec<f32>) -> ort::Result<()> {
    let shape = given.shape().to_vec();
    let [1, rows, vocabulary] = shape[..] else {
        return Err(ort::Error::new(format!("logits have the shape {shape:?}")));
    };
    let (rows, vocabulary) = (rows as usize, vocabulary as usize);
    if rows != tokens && rows != wanted.max(1) || vocabulary == 0 {
        return Err(ort::Error::new(format!("logits of {tokens} tokens have the shape {shape:?}")));
    }
    let start = rows.saturating_sub(wanted) * vocabulary;
    match given.try_extract_tensor::<f32>() {
        Ok((_, values)) => logits.extend_from_slice(&values[start..]),
        Err(_) => {
            let (_, values) = given.try_extract_tensor::<f16>()?;
            logits.extend(values[start..].iter().map(|value| f32::from(*value)));
        }
    }
    Ok(())
}
