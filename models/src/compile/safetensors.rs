//! Reading weights from a safetensors file, with every shape checked, and what an adapter adds to them.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use safetensors::tensor::{Dtype, SafeTensors};

use crate::{Error, Result};

/// Name of the entry of an adapter's metadata that describes it.
const ENTRY: &str = "citedesk";

/// What an adapter says of itself, as JSON. `bytes` is the content of the safetensors file `path`.
///
/// # Errors
/// [`Error::Corrupt`] where it is no such file or says nothing.
pub(crate) fn entry(path: &Path, bytes: &[u8]) -> Result<String> {
    let (_, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|error| Error::corrupt(path, error.to_string()))?;
    let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
    entry.cloned().ok_or_else(|| Error::corrupt(path, format!("it has no {ENTRY:?} entry")))
}

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
        Ok(Tensors::new(&self.path, tensors))
    }
}

/// The tensors of a file.
pub(super) struct Tensors<'a> {
    path: &'a Path,
    file: SafeTensors<'a>,
    adapter: Option<&'a Tensors<'a>>,
}

impl<'a> Tensors<'a> {
    /// `tensors`, which errors say are in the file `path`.
    pub(super) fn new(path: &'a Path, tensors: SafeTensors<'a>) -> Self {
        Self { path, file: tensors, adapter: None }
    }

    /// The same tensors with what `adapter` adds: to a tensor `T` its `T.delta`, or the product of its `T.up` and
    /// `T.down`, as in Hu et al., "`LoRA`" (2021).
    pub(super) fn adapted(self, adapter: &'a Tensors<'a>) -> Self {
        Self { adapter: Some(adapter), ..self }
    }

    fn has(&self, name: &str) -> bool {
        self.file.tensor(name).is_ok()
    }

    /// The values of a tensor that must have this shape, in row-major order.
    pub(super) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let mut values = self.stored(name, shape)?;
        if let Some(adapter) = self.adapter {
            adapter.add_to(&mut values, name, shape)?;
        }
        Ok(values)
    }

    /// Adds what this adapter has for the tensor `name`.
    pub(super) fn add_to(&self, values: &mut [f32], name: &str, shape: &[usize]) -> Result<()> {
        let (delta, up, down) = (format!("{name}.delta"), format!("{name}.up"), format!("{name}.down"));
        if self.has(&delta) {
            let added = self.stored(&delta, shape)?;
            values.iter_mut().zip(added).for_each(|(value, added)| *value += added);
        }
        let (Ok(view), &[rows, columns]) = (self.file.tensor(&down), shape) else { return Ok(()) };
        let rank = view.shape().first().copied().unwrap_or(0);
        let (up, down) = (self.stored(&up, &[rows, rank])?, self.stored(&down, &[rank, columns])?);
        if rank == 0 || columns == 0 {
            return Ok(());
        }
        for (row, factors) in values.chunks_exact_mut(columns).zip(up.chunks_exact(rank)) {
            for (factor, line) in factors.iter().zip(down.chunks_exact(columns)) {
                row.iter_mut().zip(line).for_each(|(value, added)| *value += factor * added);
            }
        }
        Ok(())
    }

    fn stored(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let view = self
            .file
            .tensor(name)
            .or_else(|_| self.file.tensor(&format!("bert.{name}")))
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

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    fn bytes(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn file(tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
        let data: Vec<Vec<u8>> = tensors.iter().map(|(.., values)| bytes(values)).collect();
        let views = tensors.iter().zip(&data).map(|((name, shape, _), data)| {
            (*name, TensorView::new(Dtype::F32, shape.to_vec(), data).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    const BASE: [(&str, &[usize], &[f32]); 2] =
        [("m", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ("v", &[2], &[1.0, 1.0])];

    fn adapted(added: &[(&str, &[usize], &[f32])], name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (base, added) = (file(&BASE), file(added));
        let path = Path::new("adapter");
        let adapter = Tensors::new(path, SafeTensors::deserialize(&added).unwrap());
        let base = Tensors::new(Path::new("base"), SafeTensors::deserialize(&base).unwrap());
        base.adapted(&adapter).floats(name, shape)
    }

    #[test]
    fn an_adapter_adds_products_and_differences() {
        let product: [(&str, &[usize], &[f32]); 2] =
            [("m.up", &[2, 1], &[1.0, -1.0]), ("m.down", &[1, 3], &[10.0, 20.0, 30.0])];
        assert_eq!(adapted(&product, "m", &[2, 3]).unwrap(), [11.0, 22.0, 33.0, -6.0, -15.0, -24.0]);
        assert_eq!(adapted(&product, "v", &[2]).unwrap(), [1.0, 1.0]);
        assert_eq!(adapted(&[("v.delta", &[2], &[0.5, 1.0])], "v", &[2]).unwrap(), [1.5, 2.0]);
    }

    #[test]
    fn an_adapter_of_another_shape_is_refused() {
        let narrow: [(&str, &[usize], &[f32]); 2] =
            [("m.up", &[2, 1], &[1.0, -1.0]), ("m.down", &[1, 2], &[10.0, 20.0])];
        let halved: [(&str, &[usize], &[f32]); 1] = [("m.down", &[1, 3], &[1.0, 2.0, 3.0])];
        let long: [(&str, &[usize], &[f32]); 1] = [("v.delta", &[3], &[1.0, 2.0, 3.0])];
        for (added, name, shape) in
            [(&narrow[..], "m", &[2, 3][..]), (&halved, "m", &[2, 3]), (&long, "v", &[2])]
        {
            let error = adapted(added, name, shape).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{name}: {error}");
        }
    }
}
