//! GGUF files: weights together with the metadata needed to run them.
//!
//! Versions 2 and 3, little-endian, after the specification in `docs/gguf.md` of the ggml project. The bytes are
//! not trusted: every count, length and offset is checked against the file's length before it is used, and
//! tensors are read one at a time.
//!
//! What [`crate::compile::decoder()`] takes:
//!
//! - tensors of the types `F32`, `F16`, `BF16`, `Q4_0`, `Q4_1`, `Q5_0`, `Q5_1`, `Q8_0`, `Q2_K`, `Q3_K`, `Q4_K`, `Q5_K`,
//!   `Q6_K`, `IQ4_NL` and `IQ4_XS`, in any mixture. `Q4_0`, `Q4_1` and `Q4_K` keep their four bits, all others get eight:
//!   exactly for `Q8_0` and the `IQ4` types; up to a sixteenth of a step in the offset of a block for `Q5_0`, `Q5_1` and
//!   `Q5_K`; and up to half of a 255th of what 32 neighbors span for those with other blocks or none.
//! - the architectures `llama` (with Mistral's), `qwen2`, `qwen3`, `smollm3` and `gemma3` (up to 12 billion weights), without
//!   experts: with heads of any multiple of 16, a head of their own or the embedding's, biases, a sliding window, and
//!   rotations of a part of each head or stretched linearly, by `yarn` or one by one (`rope_freqs`, Llama 3.1).
//! - tokenizers `gpt2`, splitting as `gpt-2`, `smollm`, `qwen2` and `llama-bpe` do, and `llama` (sentencepiece, with bytes
//!   for what no piece spells).
//!
//! Anything else is refused by name.

mod quant;
mod reader;
mod value;

pub(crate) mod tokenizer;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use self::reader::Reader;
use crate::{Error, Result};

pub use self::quant::Element;
pub(crate) use self::quant::{BLOCK, Block, Codes};
pub use self::value::Value;

const MAGIC: [u8; 4] = *b"GGUF";
const DEFAULT_ALIGNMENT: u64 = 32;
/// Models have some thousands of tensors and some dozens of values at most.
const MAX_ENTRIES: u64 = 1 << 16;
/// The format allows no more dimensions.
const MAX_DIMENSIONS: u32 = 4;

/// An open GGUF file. Metadata is in memory, tensors are read when they are asked for.
#[derive(Debug)]
pub struct Gguf<R = File> {
    reader: Reader<R>,
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, TensorInfo>,
}

/// What a file says about one of its tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Sizes, the fastest-varying one first: `[columns, rows]` for a matrix.
    pub shape: Vec<u64>,
    /// How elements are stored.
    pub element: Element,
    /// Absolute position in the file.
    offset: u64,
}

/// A vector or matrix with its bytes as stored.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Number of rows; 1 for a vector.
    pub rows: usize,
    /// Elements in a row.
    pub columns: usize,
    element: Element,
    bytes: Vec<u8>,
}

impl Gguf<File> {
    /// Opens a file and reads its metadata.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Corrupt`], [`Error::Unsupported`] for versions other than 2 and 3, or
    /// [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Err(Error::ModelMissing { path: path.to_owned() });
        }
        Self::parse(File::open(path).map_err(Error::io(path))?, path)
    }
}

impl<R: Read + Seek> Gguf<R> {
    /// Reads the metadata of `source`; `path` serves error messages only.
    pub fn parse(source: R, path: &Path) -> Result<Self> {
        let mut reader = Reader::new(source, path)?;
        if reader.array()? != MAGIC {
            return Err(reader.corrupt("it is not a GGUF file"));
        }
        match reader.u32()? {
            2 | 3 => {}
            1 => return Err(Error::unsupported(path, "version 1 of GGUF")),
            other if matches!(other.swap_bytes(), 1..=3) => {
                return Err(Error::unsupported(path, "big-endian GGUF"));
            }
            other => return Err(Error::unsupported(path, format!("version {other} of GGUF"))),
        }
        let (tensors, values) = (reader.u64()?, reader.u64()?);
        if tensors > MAX_ENTRIES || values > MAX_ENTRIES {
            return Err(reader.corrupt("it has more entries than any should have"));
        }
        let metadata = read_metadata(&mut reader, values)?;
        let tensors = read_tensors(&mut reader, tensors, &metadata)?;
        Ok(Self { reader, metadata, tensors })
    }

    /// The file, as it was named on opening.
    pub fn path(&self) -> &Path {
        self.reader.path()
    }

    /// A metadata value.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// All tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, TensorInfo> {
        &self.tensors
    }

    /// Text, if there is any under `key`.
    pub fn text(&self, key: &str) -> Result<Option<&str>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(key, "text")),
        }
    }

    /// A number that is a size, a count or an id, if there is one under `key`.
    pub fn size(&self, key: &str) -> Result<Option<usize>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => match u32::try_from(*number) {
                Ok(number) => Ok(Some(number as usize)),
                Err(_) => Err(self.reader.corrupt(format!("`{key}` is {number}"))),
            },
            Some(_) => Err(self.wrong_type(key, "an integer")),
        }
    }

    /// A number, if there is one under `key`.
    pub fn float(&self, key: &str) -> Result<Option<f64>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Float(number)) if number.is_finite() => Ok(Some(*number)),
            Some(Value::Integer(number)) => Ok(Some(*number as f64)),
            Some(_) => Err(self.wrong_type(key, "a finite number")),
        }
    }

    /// What `found` holds.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the key's name if it holds nothing.
    pub fn need<T>(&self, key: &str, found: Option<T>) -> Result<T> {
        found.ok_or_else(|| self.reader.corrupt(format!("it does not say `{key}`")))
    }

    /// Reads a vector or matrix.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is missing or outside of the file, [`Error::Unsupported`] if its element type is,
    /// naming it.
    pub fn tensor(&mut self, name: &str) -> Result<Tensor> {
        let Some(info) = self.tensors.get(name).cloned() else {
            return Err(self.reader.corrupt(format!("it has no tensor {name:?}")));
        };
        let Some((unit, width)) = info.element.unit() else {
            let reason = format!("{name:?} is stored as {}", info.element);
            return Err(Error::unsupported(self.path(), reason));
        };
        let (columns, rows) = match info.shape[..] {
            [columns] => (columns, 1),
            [columns, rows] => (columns, rows),
            _ => return Err(self.reader.corrupt(format!("{name:?} is no matrix"))),
        };
        // `read_tensors` has checked that this neither overflows nor leaves the file.
        let bytes = columns / unit * width * rows;
        self.reader.seek(info.offset)?;
        let bytes = self.reader.bytes(bytes)?;
        Ok(Tensor { rows: rows as usize, columns: columns as usize, element: info.element, bytes })
    }

    fn wrong_type(&self, key: &str, expected: &str) -> Error {
        self.reader.corrupt(format!("`{key}` is not {expected}"))
    }
}

fn read_metadata<R: Read + Seek>(reader: &mut Reader<R>, count: u64) -> Result<BTreeMap<String, Value>> {
    let mut metadata = BTreeMap::new();
    let mut elements = 0;
    for _ in 0..count {
        let key = reader.text()?;
        let value = Value::read(reader, &mut elements)?;
        if metadata.insert(key, value).is_some() {
            return Err(reader.corrupt("it says the same thing twice"));
        }
    }
    Ok(metadata)
}

fn read_tensors<R: Read + Seek>(
    reader: &mut Reader<R>,
    count: u64,
    metadata: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, TensorInfo>> {
    let alignment = match metadata.get("general.alignment") {
        None => DEFAULT_ALIGNMENT,
        Some(Value::Integer(alignment @ 1..=65_536)) if alignment.count_ones() == 1 => *alignment as u64,
        Some(_) => return Err(reader.corrupt("its alignment is not a small power of two")),
    };
    let mut tensors = BTreeMap::new();
    for _ in 0..count {
        let name = reader.text()?;
        let dimensions = reader.u32()?;
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(reader.corrupt(format!("{name:?} has {dimensions} dimensions")));
        }
        let shape = (0..dimensions).map(|_| reader.u64()).collect::<Result<Vec<_>>>()?;
        let element = Element::from_id(reader.u32()?);
        let offset = reader.u64()?;
        if offset % alignment != 0 {
            return Err(reader.corrupt(format!("{name:?} is not aligned")));
        }
        if tensors.insert(name, TensorInfo { shape, element, offset }).is_some() {
            return Err(reader.corrupt("two tensors have the same name"));
        }
    }
    let start = reader.position().next_multiple_of(alignment);
    let mut places = Vec::new();
    for (name, info) in &mut tensors {
        if let Some((unit, _)) = info.element.unit()
            && let Some(columns) = info.shape.first().filter(|columns| !columns.is_multiple_of(unit))
        {
            let reason = format!("{name:?} has rows of {columns}, not a multiple of {unit}");
            return Err(reader.corrupt(reason));
        }
        let end = info.offset.checked_add(start).and_then(|offset| {
            info.offset = offset;
            offset.checked_add(stored_bytes(info)?)
        });
        match end {
            Some(end) if end <= reader.length() => places.push((info.offset, end, name)),
            _ => return Err(reader.corrupt(format!("{name:?} is not within the file"))),
        }
    }
    // Without this a small file could hold any number of large tensors.
    places.sort_unstable();
    if let Some(pair) = places.windows(2).find(|pair| pair[0].1 > pair[1].0) {
        return Err(reader.corrupt(format!("{:?} and {:?} overlap", pair[0].2, pair[1].2)));
    }
    Ok(tensors)
}

/// Bytes that a tensor takes in the file, zero if its type is unknown; nothing if that is impossible.
fn stored_bytes(info: &TensorInfo) -> Option<u64> {
    let Some((unit, width)) = info.element.unit() else { return Some(0) };
    let (columns, others) = info.shape.split_first()?;
    if info.shape.contains(&0) {
        return None;
    }
    others.iter().try_fold((columns / unit).checked_mul(width)?, |bytes, size| bytes.checked_mul(*size))
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
