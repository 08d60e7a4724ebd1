//! Any embedding model that the `fastembed` crate can run, from a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ::fastembed::{
    InitOptionsUserDefined, Pooling, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel,
};
use models::Runtime;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Embedder;
use crate::{Cause, Error};

/// Texts that go through the model at once.
const BATCH: usize = 32;
/// Texts of one call: the crate keeps the outputs of all batches of a call until its end.
const SLICE: usize = 64;

/// How a model wants its texts and gives its vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Texts as they are, mean of the tokens: sentence-transformers, GTE, Nomic without a task.
    #[default]
    Plain,
    /// `query: ` and `passage: ` before the texts, mean of the tokens.
    E5,
    /// An instruction before questions, the first token: BGE in English, mxbai, Snowflake Arctic.
    Bge,
}

impl Family {
    const fn question(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::E5 => "query: ",
            Self::Bge => "Represent this sentence for searching relevant passages: ",
        }
    }

    const fn passage(self) -> &'static str {
        match self {
            Self::Plain | Self::Bge => "",
            Self::E5 => "passage: ",
        }
    }

    const fn pooling(self) -> Pooling {
        match self {
            Self::Plain | Self::E5 => Pooling::Mean,
            Self::Bge => Pooling::Cls,
        }
    }
}

/// Which model to load, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FastEmbedModel {
    /// Folder with `model.onnx` (or `onnx/model.onnx`), `tokenizer.json` and, where the model has them,
    /// `config.json`, `tokenizer_config.json`, `special_tokens_map.json` and the weights beside the model.
    pub folder: PathBuf,
    /// How it wants its texts.
    #[serde(default)]
    pub family: Family,
    /// Tokens of a text that are looked at, special tokens included.
    #[serde(default = "default_max_tokens")]
    pub max_tokens: usize,
    /// Threads for one inference; 0 means one for each core.
    #[serde(default)]
    pub threads: usize,
}

const fn default_max_tokens() -> usize {
    512
}

/// An embedder that runs on the CPU by way of the `fastembed` crate.
pub struct FastEmbed {
    model: Mutex<TextEmbedding>,
    counter: Box<dyn Fn(&str) -> usize + Send + Sync>,
    family: Family,
    dimension: usize,
    max_tokens: usize,
    fingerprint: String,
}

impl FastEmbed {
    /// Loads a model into the ONNX Runtime of this process.
    pub fn open(runtime: &Runtime, model: &FastEmbedModel) -> Result<Self, Error> {
        let folder = &model.folder;
        let file = ["model.onnx", "onnx/model.onnx"].map(|name| folder.join(name));
        let file = file.iter().find(|file| file.is_file()).unwrap_or(&file[0]);
        let onnx = read(file)?;
        let tokenizer = read(&folder.join("tokenizer.json"))?;
        let mut hash = Sha256::new();
        hash.update(&onnx);
        hash.update(&tokenizer);
        hash.update(format!("{:?} {}", model.family, model.max_tokens));

        let fallback = serde_json::json!({ "model_max_length": model.max_tokens, "pad_token": "[PAD]" });
        let files = TokenizerFiles {
            tokenizer_file: tokenizer,
            config_file: read_or(&folder.join("config.json"), "{}")?,
            special_tokens_map_file: read_or(&folder.join("special_tokens_map.json"), "{}")?,
            tokenizer_config_file: read_or(&folder.join("tokenizer_config.json"), &fallback.to_string())?,
        };
        let mut defined = UserDefinedEmbeddingModel::new(onnx, files).with_pooling(model.family.pooling());
        for weights in weights_beside(file)? {
            let content = read(&weights)?;
            hash.update(&content);
            let name = weights.file_name().unwrap_or_default().to_string_lossy().into_owned();
            defined = defined.with_external_initializer(name, content);
        }
        let mut options = InitOptionsUserDefined::new()
            .with_environment(runtime.environment().clone())
            .with_max_length(model.max_tokens);
        if model.threads > 0 {
            options = options.with_intra_threads(model.threads);
        }
        let mut loaded = TextEmbedding::try_new_from_user_defined(defined, options).map_err(failed)?;

        let mut counter = loaded.tokenizer.clone();
        counter.with_padding(None);
        counter.with_truncation(None).map_err(|source| Error::Embed { source })?;
        let special = counter.encode("", true).map_err(|source| Error::Embed { source })?.len();
        let dimension = loaded.embed(["dimension"], None).map_err(failed)?.first().map_or(0, Vec::len);
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut digest = corpus::Digest::of(&hash.finalize()).0;
        digest.truncate(32);
        Ok(Self {
            model: Mutex::new(loaded),
            counter: Box::new(move |text| counter.encode(text, false).map_or(0, |tokens| tokens.len())),
            family: model.family,
            dimension,
            max_tokens: model.max_tokens.saturating_sub(special),
            fingerprint: format!("fastembed:{name}:{digest}"),
        })
    }

    fn run(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Error> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let mut vectors = Vec::with_capacity(texts.len());
        for slice in texts.chunks(SLICE) {
            vectors.extend(model.embed(slice, Some(BATCH)).map_err(failed)?);
        }
        Ok(vectors)
    }
}

impl Embedder for FastEmbed {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        // Texts of one length share a batch, so that little of it is padding.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|at| texts[*at].len());
        let sorted: Vec<String> =
            order.iter().map(|at| format!("{}{}", self.family.passage(), texts[*at])).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        for (at, vector) in order.into_iter().zip(self.run(&sorted)?) {
            vectors[at] = vector;
        }
        Ok(vectors)
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error> {
        let vectors = self.run(&[format!("{}{text}", self.family.question())])?;
        vectors.into_iter().next().ok_or_else(|| Error::BadEmbedding {
            model: self.fingerprint.clone(),
            problem: "no vector".to_owned(),
        })
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn count_tokens(&self, text: &str) -> usize {
        (self.counter)(self.family.passage()) + (self.counter)(text)
    }

    fn max_tokens(&self) -> usize {
        self.max_tokens
    }
}

fn failed(error: ::fastembed::Error) -> Error {
    Error::Embed { source: Cause::from(error) }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::io("read", path))
}

fn read_or(path: &Path, fallback: &str) -> Result<Vec<u8>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(fallback.into()),
        other => other.map_err(Error::io("read", path)),
    }
}

/// The files that hold the weights of models beyond 2 GB, or of those that were exported so.
fn weights_beside(model: &Path) -> Result<Vec<PathBuf>, Error> {
    let (Some(folder), Some(name)) = (model.parent(), model.file_name().and_then(|name| name.to_str()))
    else {
        return Ok(Vec::new());
    };
    let names = [format!("{name}.data"), format!("{name}_data")];
    Ok(crate::store::files::entries(folder)?
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|found| names.iter().any(|name| found == name.as_str())))
        .collect())
}
