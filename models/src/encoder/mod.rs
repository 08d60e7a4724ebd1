//! Sentence encoders: texts to vectors of unit length.

mod batch;
pub(crate) mod tokens;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::session::Session;
use ort::value::Tensor;
use sha2::{Digest as _, Sha256};
use tokenizers::Tokenizer;

pub use tokens::TokenCounter;

use crate::compile::encoder::{EncoderInfo, Languages, Side};
use crate::fetch::hash_file;
use crate::{Device, Error, Precision, Result, Runtime, SessionOptions};
use batch::Padded;
pub(crate) use batch::pack;

/// Tokens in one inference for each thread, padding included: enough to fill a core, few enough that what a layer makes
/// stays in its cache. On two cores 512 tokens are an eighth faster than 4096.
const TOKENS_PER_THREAD: usize = 256;
/// The same for a GPU.
const TOKENS_ON_GPU: usize = 16_384;

/// A compiled sentence encoder, ready to run. Calls from several threads take turns.
pub struct Encoder {
    session: Mutex<Session>,
    tokenizer: Arc<Tokenizer>,
    counter: TokenCounter,
    info: EncoderInfo,
    fingerprint: String,
    folder: PathBuf,
    /// Tokens of the longer prefix.
    prefixed: usize,
    /// Tokens in one inference.
    budget: usize,
}

impl Encoder {
    /// Loads the encoder that was compiled into `folder`.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Corrupt`], [`Error::Tokenizer`], [`Error::DeviceUnavailable`] or
    /// [`Error::Inference`].
    pub fn open(runtime: &Runtime, folder: &Path, options: &SessionOptions) -> Result<Self> {
        if !folder.is_dir() {
            return Err(Error::ModelMissing { path: folder.to_owned() });
        }
        let info_file = folder.join(EncoderInfo::FILE);
        let bytes = match std::fs::read(&info_file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::ModelMissing { path: info_file });
            }
            Err(error) => return Err(Error::io(&info_file)(error)),
        };
        let info: EncoderInfo =
            serde_json::from_slice(&bytes).map_err(|error| Error::corrupt(&info_file, error.to_string()))?;
        if info.dimension == 0 || info.max_tokens < 3 || !info.reading.suits(info.dimension) {
            return Err(Error::corrupt(&info_file, "its sizes make no encoder"));
        }
        if info.precision == Precision::Int8 && options.device != Device::Cpu {
            // ONNX Runtime would calculate on the processor without a word.
            return Err(Error::unsupported(
                folder,
                format!("`int8` runs on `cpu` only, not on `{}`", options.device),
            ));
        }
        let tokenizer_file = folder.join("tokenizer.json");
        let tokenizer = Arc::new(tokens::load(&tokenizer_file)?);
        let session = runtime.session(&folder.join(crate::onnx::MODEL), options)?;
        let counter = TokenCounter::new(Arc::clone(&tokenizer));
        let prefixes =
            [Side::Question, Side::Passage].map(|side| counter.count(&info.reading.way(side).prefix));
        let prefixed = prefixes.into_iter().max().unwrap_or(0);
        if prefixed + 3 > info.max_tokens {
            return Err(Error::corrupt(&info_file, "what it puts before texts leaves no room for them"));
        }
        let fingerprint = fingerprint("encoder", &bytes, &hash_file(&tokenizer_file)?);
        Ok(Self {
            session: Mutex::new(session),
            counter,
            tokenizer,
            prefixed,
            info,
            fingerprint,
            folder: folder.to_owned(),
            budget: budget(options),
        })
    }

    /// The vectors of `texts`, all of one side, in order: `dimension` numbers each, of unit length. A text is looked at
    /// up to [`Encoder::max_tokens`].
    pub fn embed(&self, texts: &[&str], side: Side) -> Result<Vec<Vec<f32>>> {
        let texts: Vec<(Side, &str)> = texts.iter().map(|text| (side, *text)).collect();
        self.embed_both(&texts)
    }

    /// The same of texts of both sides.
    pub fn embed_both(&self, texts: &[(Side, &str)]) -> Result<Vec<Vec<f32>>> {
        let sequence =
            |(side, text): &(Side, &str)| self.sequence(&self.info.reading.way(*side).prefix, text);
        let sequences = texts.iter().map(sequence).collect::<Result<Vec<_>>>()?;
        let lengths: Vec<usize> = sequences.iter().map(Vec::len).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in pack(&lengths, self.budget) {
            let padded = Padded::new(&sequences, &batch, self.info.pad);
            let rows = self.run(padded)?;
            for (index, row) in batch.into_iter().zip(rows.chunks_exact(self.info.dimension)) {
                vectors[index] = row.to_vec();
                self.info.reading.way(texts[index].0).center(&mut vectors[index]);
            }
        }
        Ok(vectors)
    }

    /// Token ids with the special tokens at both ends, cut before the last where there are too many.
    fn sequence(&self, prefix: &str, text: &str) -> Result<Vec<u32>> {
        let text =
            if prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{prefix}{text}")) };
        let encoding = self.tokenizer.encode_fast(text.as_ref(), true).map_err(Error::Tokenizer)?;
        let ids = encoding.get_ids();
        if ids.len() <= self.info.max_tokens {
            return Ok(ids.to_vec());
        }
        let mut ids_cut = ids[..self.info.max_tokens - 1].to_vec();
        ids_cut.extend(ids.last());
        Ok(ids_cut)
    }

    fn run(&self, batch: Padded) -> Result<Vec<f32>> {
        let rows = batch.rows;
        let shape = [rows, batch.width];
        let failed = Error::inference("embed");
        let embed = || -> ort::Result<Vec<f32>> {
            let ids = Tensor::from_array((shape, batch.ids))?;
            let mask = Tensor::from_array((shape, batch.mask))?;
            let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            let outputs = session.run(ort::inputs!["input_ids" => ids, "attention_mask" => mask])?;
            let (_, values) = outputs["sentence_embedding"].try_extract_tensor::<f32>()?;
            Ok(values.to_vec())
        };
        let values = embed().map_err(failed)?;
        if values.len() != rows * self.info.dimension || values.iter().any(|value| !value.is_finite()) {
            return Err(Error::corrupt(self.folder.join(crate::onnx::MODEL), "it yields no proper vectors"));
        }
        Ok(values)
    }

    /// The number of tokens in `text`, special tokens left out.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.counter.count(text)
    }

    /// A counter for another thread.
    pub fn counter(&self) -> TokenCounter {
        self.counter.clone()
    }

    /// Numbers in a vector.
    pub fn dimension(&self) -> usize {
        self.info.dimension
    }

    /// Most tokens of a text that are looked at, special tokens and what is put before it left out.
    pub fn max_tokens(&self) -> usize {
        self.info.max_tokens - 2 - self.prefixed
    }

    /// What it can read.
    pub fn languages(&self) -> Languages {
        self.info.reading.languages
    }

    /// Whether an adapter has taught it to find passages.
    pub fn is_taught(&self) -> bool {
        self.info.adapter_sha256.is_some()
    }

    /// The numbers that it calculates with.
    pub fn precision(&self) -> Precision {
        self.info.precision
    }

    /// Names everything that vectors depend on: weights, graph, precision, tokenizer, pooling and length.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn budget(options: &SessionOptions) -> usize {
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    match options.device {
        Device::Cpu => TOKENS_PER_THREAD * threads,
        Device::Cuda(_) => TOKENS_ON_GPU,
    }
}

/// Names a model of a `kind` by what is said of it beside its weights, which holds their hashes, and its tokenizer.
pub(crate) fn fingerprint(kind: &str, info: &[u8], tokenizer_sha256: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(info);
    hasher.update(tokenizer_sha256);
    let digest = hasher.finalize();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}:{hex}")
}
