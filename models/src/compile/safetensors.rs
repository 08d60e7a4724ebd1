//! Reading weights from a safetensors file, with every shape checked.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::tensor::{Dtype, SafeTensors};

use crate::{Error, Result};

/// A safetensors file, mapped.
pub(super) struct Weights {
    path: PathBuf,
    map: Mmap,
}

impl Weights {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        #[expect(unsafe_code, reason = "the file is ours while it is compiled; nobody else writes to it")]
        // SAFETY: the map is only read, and the file is not changed while this process compiles it.
        let map = unsafe { Mmap::map(&file) }.map_err(Error::io(path))?;
        Ok(Self { path: path.to_owned(), map })
    }

    /// All tensors by name.
    pub(super) fn tensors(&self) -> Result<Tensors<'_>> {
        let tensors =
            SafeTensors::deserialize(&self.map).map_err(|e| Error::corrupt(&self.path, e.to_string()))?;
        Ok(Tensors { path: &self.path, tensors })
    }
}

/// The tensors of a file.
pub(super) struct Tensors<'a> {
    path: &'a Path,
    tensors: SafeTensors<'a>,
}

impl Tensors<'_> {
    /// The values of a tensor that must have this shape, in row-major order.
    pub(super) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let view = self
            .tensors
            .tensor(name)
            .or_else(|_| self.tensors.tensor(&format!("bert.{name}")))
            .map_err(|_| Error::corrupt(self.path, format!("it has no tensor {name:?}")))?;
        if view.shape() != shape {
            let reason = format!("tensor {name:?} has shape {:?}, expected {shape:?}", view.shape());
            return Err(Error::corrupt(self.path, reason));
        }
        let data = view.data();
        Ok(match view.dtype() {
            Dtype::F32 => {
                data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Dtype::F16 => {
                data.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
            }
            Dtype::BF16 => {
                data.chunks_exact(2).map(|b| half::bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
            }
            other => return Err(Error::unsupported(self.path, format!("tensor {name:?} is {other:?}"))),
        })
    }

    /// A matrix of `rows × columns`, transposed to `columns × rows`: linear layers are stored as output × input.
    pub(super) fn transposed(&self, name: &str, rows: usize, columns: usize) -> Result<Vec<f32>> {
        let values = self.floats(name, &[rows, columns])?;
        let mut turned = vec![0.0; values.len()];
        for (row, line) in values.chunks_exact(columns).enumerate() {
            for (column, value) in line.iter().enumerate() {
                turned[column * rows + row] = *value;
            }
        }
        Ok(turned)
    }
}
