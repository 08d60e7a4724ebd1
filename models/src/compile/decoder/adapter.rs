//! What an adapter adds to the matrices of a language model.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::compile::safetensors::{Tensors, entry};
use crate::gguf::{Gguf, Tensor};
use crate::{Error, Result};

/// The version of the metadata's own format.
const FORMAT: u32 = 1;

/// What an adapter has taught a language model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taught {
    /// To answer from numbered passages, each sentence with the number of its passage behind it, or to say that it does
    /// not know.
    Answer,
}

/// What an adapter says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct AnswerInfo {
    format: u32,
    kind: Taught,
    /// SHA-256 of the GGUF file that it was trained on top of.
    pub(crate) base_sha256: String,
}

/// An adapter: to a matrix `W` of the file it adds the product of `W.up` and `W.down`, as in Hu et al., "`LoRA`" (2021).
pub(super) struct Adapter<'a> {
    path: &'a Path,
    tensors: Tensors<'a>,
    names: BTreeSet<String>,
    pub(super) info: AnswerInfo,
}

/// What an adapter says of itself. `bytes` is the content of the safetensors file `path`.
///
/// # Errors
/// [`Error::Corrupt`] or [`Error::Unsupported`] where it is no adapter of this kind.
pub(crate) fn info(path: &Path, bytes: &[u8]) -> Result<AnswerInfo> {
    let info: AnswerInfo = serde_json::from_str(&entry(path, bytes)?)
        .map_err(|error| Error::corrupt(path, error.to_string()))?;
    if info.format != FORMAT {
        let reason = format!("its format is {}, this version reads {FORMAT}", info.format);
        return Err(Error::unsupported(path, reason));
    }
    Ok(info)
}

impl<'a> Adapter<'a> {
    pub(super) fn read(path: &'a Path, bytes: &'a [u8]) -> Result<Self> {
        let info = info(path, bytes)?;
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| Error::corrupt(path, error.to_string()))?;
        let names = tensors.names().into_iter().map(str::to_owned).collect();
        Ok(Self { path, tensors: Tensors::new(path, tensors), names, info })
    }

    pub(super) fn teaches(&self) -> Taught {
        self.info.kind
    }

    /// Refuses what would be left out when matrices are merged: it would compute something else than what was trained.
    pub(super) fn check<R: Read + Seek>(&self, source: &Gguf<R>) -> Result<()> {
        for name in &self.names {
            let halves = name.strip_suffix(".up").map(|base| (base, "down"));
            let Some((base, other)) = halves.or(name.strip_suffix(".down").map(|base| (base, "up"))) else {
                return Err(Error::unsupported(self.path, format!("the tensor {name:?}")));
            };
            // Every matrix of a layer is one that is multiplied with.
            let info = source.tensors().get(base).filter(|_| base.starts_with("blk."));
            if info.is_none_or(|info| info.shape.len() != 2) {
                let reason = format!("it adds to {base:?}, which is no matrix of a layer of the model");
                return Err(Error::corrupt(self.path, reason));
            }
            let other = format!("{base}.{other}");
            if !self.names.contains(&other) {
                return Err(Error::corrupt(self.path, format!("it has {name:?} and no {other:?}")));
            }
        }
        Ok(())
    }

    /// The matrix `name` with what is added to it, in single precision; as it is where nothing is.
    pub(super) fn merge(&self, name: &str, tensor: Tensor) -> Result<Tensor> {
        if !self.names.contains(&format!("{name}.down")) {
            return Ok(tensor);
        }
        let mut weights = tensor.weights();
        self.tensors.add_to(&mut weights, name, &[tensor.rows, tensor.columns])?;
        if !weights.iter().all(|weight| weight.is_finite()) {
            return Err(Error::corrupt(self.path, format!("with it {name:?} is not finite")));
        }
        Ok(Tensor::of(tensor.rows, tensor.columns, &weights))
    }
}
