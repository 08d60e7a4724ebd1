//! GGUF weights to an ONNX language model with a key-value cache.

pub(crate) mod adapter;
mod architecture;
mod graph;
mod linear;
mod rope;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use self::adapter::Adapter;
pub use self::adapter::Taught;
use self::architecture::Architecture;
use crate::decoder::Config;
use crate::gguf::Gguf;
use crate::gguf::tokenizer::TextModel;
use crate::{Error, Result};

/// Raised whenever the same weights would compile to something else.
pub const REVISION: u32 = 3;

/// How weights are stored in the compiled model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Eight bits a weight, whatever the source has: the fastest for reading prompts, by a sixth.
    Int8,
    /// Weights that have four bits in the source keep them: files are smaller by a quarter and answers are written a
    /// fifth faster. All others have eight.
    #[default]
    Int4,
}

/// What to compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderOptions {
    /// How weights are stored.
    pub weights: Weights,
    /// Tokens that prompt and answer may have together; at most what the model was trained for. Memory for the
    /// cache grows with it, for the default model by 46 kB a token.
    pub capacity: usize,
}

impl Default for DecoderOptions {
    fn default() -> Self {
        Self { weights: Weights::default(), capacity: 2048 }
    }
}

/// Compiles the GGUF file `gguf` into the folder `out`, which is created: `model.onnx`, `model.onnx.data`,
/// `tokenizer.json` and `decoder.json`.
///
/// # Errors
/// [`Error::Unsupported`] for architectures, tokenizers and tensor types other than those named in [`crate::gguf`],
/// [`Error::Corrupt`] for files that contradict themselves, [`Error::Io`].
pub fn decoder(gguf: &Path, out: &Path, options: &DecoderOptions) -> Result<()> {
    compile(gguf, None, out, options)
}

/// The same with `adapter`, the content of the safetensors file `named`, merged into the weights. What it adds to has eight
/// bits a weight: four lose it.
///
/// # Errors
/// Besides those of [`decoder`], [`Error::WrongHash`] where the adapter was trained on top of another file,
/// [`Error::Corrupt`] or [`Error::Unsupported`] where it is no adapter or does not fit.
pub(crate) fn taught(
    gguf: &Path,
    named: &Path,
    adapter: &[u8],
    out: &Path,
    options: &DecoderOptions,
) -> Result<()> {
    let read = Adapter::read(named, adapter)?;
    crate::fetch::verify_file(gguf, &read.info.base_sha256)?;
    compile(gguf, Some((&read, adapter)), out, options)
}

fn compile(
    gguf: &Path,
    adapter: Option<(&Adapter<'_>, &[u8])>,
    out: &Path,
    options: &DecoderOptions,
) -> Result<()> {
    let mut source = Gguf::open(gguf)?;
    let architecture = Architecture::read(&source)?;
    let (adapter, added) = adapter.unzip();
    if let Some(adapter) = adapter {
        adapter.check(&source)?;
    }
    let text = TextModel::read(&source)?;
    if text.vocabulary > architecture.vocabulary {
        return Err(Error::corrupt(gguf, "it has more tokens than embeddings"));
    }
    let capacity = options.capacity.clamp(1, architecture.context);
    let config = Config {
        format: Config::FORMAT,
        name: source.text("general.name")?.unwrap_or(&architecture.family).to_owned(),
        fingerprint: fingerprint(gguf, added, options, capacity)?,
        vocabulary: architecture.vocabulary,
        layers: architecture.layers,
        kv_heads: architecture.kv_heads,
        head_size: architecture.head_size,
        trained_context: architecture.context,
        capacity,
        begin: text.begin,
        ends: text.ends,
        begin_text: text.begin_text,
        end_text: text.end_text,
        chat_template: text.chat_template,
        taught: adapter.map(Adapter::teaches),
    };
    fs::create_dir_all(out).map_err(Error::io(out))?;
    graph::write(&mut source, &architecture, adapter, capacity, options.weights, out)?;
    write(&out.join(crate::decoder::TOKENIZER), &text.tokenizer)?;
    let json = serde_json::to_vec_pretty(&config).map_err(|error| Error::corrupt(gguf, error.to_string()))?;
    write(&out.join(Config::FILE), &json)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path).map_err(Error::io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::io(path))
}

/// Names what was compiled from what: equal fingerprints mean equal answers on the same machine.
fn fingerprint(
    gguf: &Path,
    adapter: Option<&[u8]>,
    options: &DecoderOptions,
    capacity: usize,
) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(crate::fetch::hash_file(gguf)?);
    adapter.into_iter().for_each(|adapter| hash.update(Sha256::digest(adapter)));
    hash.update(format!("{REVISION} {:?} {capacity}", options.weights));
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests;
