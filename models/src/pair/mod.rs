//! The pair encoder: whether a text answers a question, and how well evidence supports a claim.

mod sequence;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::session::Session;
use ort::value::Tensor;
use tokenizers::Tokenizer;

use crate::compile::encoder::PairInfo;
use crate::encoder::{fingerprint, pack, tokens};
use crate::fetch::hash_file;
use crate::{Device, Error, Precision, Result, Runtime, SessionOptions};
use sequence::{Padded, Sequence};

/// Tokens in one inference, padding included: a few passages, so that the caller can stop in between.
const TOKENS: usize = 512;

/// What the heads say of one pair; both are logits, and 0 is undecided.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairScore {
    /// Whether the second text answers the first, or is about what it asks: see [`PairInfo::tells_answers`].
    pub relevance: f32,
    /// Whether all that the first text claims is in the second.
    pub support: f32,
}

/// A compiled pair encoder, ready to run. Calls from several threads take turns.
pub struct PairEncoder {
    session: Mutex<Session>,
    tokenizer: Tokenizer,
    info: PairInfo,
    fingerprint: String,
    folder: PathBuf,
}

impl PairEncoder {
    /// Loads the pair encoder that was compiled into `folder`. One of 8-bit integers runs on the processor, whatever
    /// the device: GPUs have no such operators in ONNX Runtime.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Corrupt`], [`Error::Unsupported`], [`Error::Tokenizer`],
    /// [`Error::DeviceUnavailable`] or [`Error::Inference`].
    pub fn open(runtime: &Runtime, folder: &Path, options: &SessionOptions) -> Result<Self> {
        let path = folder.join(PairInfo::FILE);
        let json = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::ModelMissing { path: path.clone() },
            _ => Error::io(&path)(error),
        })?;
        let info = PairInfo::parse(&json, &path)?;
        let tokenizer_file = folder.join("tokenizer.json");
        let tokenizer = tokens::load(&tokenizer_file)?;
        let fingerprint = fingerprint("pair", &json, &hash_file(&tokenizer_file)?);
        let device = match info.precision() {
            Precision::Fp32 => options.device,
            Precision::Int8 => Device::Cpu,
        };
        let session = runtime
            .session(&folder.join(crate::onnx::MODEL), &SessionOptions { device, ..options.clone() })?;
        Ok(Self { session: Mutex::new(session), tokenizer, info, fingerprint, folder: folder.to_owned() })
    }

    /// What the heads say of each pair, in order. The first text is a question or a claim, the second a passage; both
    /// are cut where they are too long.
    ///
    /// # Errors
    /// [`Error::Tokenizer`], [`Error::Inference`], or [`Error::Corrupt`] where the model yields no numbers.
    pub fn score(&self, pairs: &[(&str, &str)]) -> Result<Vec<PairScore>> {
        let (first, all) = (self.info.max_first, self.info.max_tokens);
        let sequence = |(one, two): &(&str, &str)| Sequence::of(&self.tokenizer, one, two, first, all);
        let sequences = pairs.iter().map(sequence).collect::<Result<Vec<_>>>()?;
        let lengths: Vec<usize> = sequences.iter().map(|sequence| sequence.ids.len()).collect();
        let mut scores = vec![PairScore::default(); pairs.len()];
        for batch in pack(&lengths, TOKENS) {
            let rows = self.run(Padded::of(&sequences, &batch))?;
            for (index, row) in batch.into_iter().zip(rows.chunks_exact(2)) {
                scores[index] = PairScore { relevance: row[0], support: row[1] };
            }
        }
        Ok(scores)
    }

    fn run(&self, batch: Padded) -> Result<Vec<f32>> {
        let shape = [batch.rows, batch.width];
        let score = || -> ort::Result<Vec<f32>> {
            let ids = Tensor::from_array((shape, batch.ids))?;
            let mask = Tensor::from_array((shape, batch.mask))?;
            let types = Tensor::from_array((shape, batch.types))?;
            let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            let inputs =
                ort::inputs!["input_ids" => ids, "attention_mask" => mask, "token_type_ids" => types];
            let outputs = session.run(inputs)?;
            let (_, values) = outputs["scores"].try_extract_tensor::<f32>()?;
            Ok(values.to_vec())
        };
        let values = score().map_err(Error::inference("score pairs"))?;
        if values.len() != 2 * shape[0] || values.iter().any(|value| !value.is_finite()) {
            return Err(Error::corrupt(self.folder.join(crate::onnx::MODEL), "it yields no proper scores"));
        }
        Ok(values)
    }

    /// Names everything that scores depend on: weights, adapter, precision, tokenizer and lengths.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What it is and how its scores are meant.
    pub fn info(&self) -> &PairInfo {
        &self.info
    }
}
