//! `decoder.json`: what must be known of a compiled language model besides its graph.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::compile::decoder::Taught;
use crate::{Error, Result};

/// Chat templates make up most of it; the longest have some kilobytes.
const MAX_BYTES: u64 = 8 << 20;

/// The content of `decoder.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) format: u32,
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    /// Number of logits.
    pub(crate) vocabulary: usize,
    pub(crate) layers: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_size: usize,
    /// Tokens that the model was trained for.
    pub(crate) trained_context: usize,
    /// Tokens that the graph can hold.
    pub(crate) capacity: usize,
    pub(crate) begin: Option<u32>,
    pub(crate) ends: Vec<u32>,
    pub(crate) begin_text: String,
    pub(crate) end_text: String,
    pub(crate) chat_template: Option<String>,
    /// What an adapter that is merged into its weights has taught it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) taught: Option<Taught>,
}

impl Config {
    /// Name of the file in a model's folder.
    pub(crate) const FILE: &str = "decoder.json";
    /// Version of the file's own format.
    pub(crate) const FORMAT: u32 = 1;

    /// Reads it from `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::ModelMissing { path: folder.to_owned() },
            _ => Error::Io { path: path.clone(), source: error },
        })?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(Error::io(&path))?;
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|error| Error::corrupt(&path, error.to_string()))?;
        if config.format != Self::FORMAT {
            let reason = format!("its format is {}, this version reads {}", config.format, Self::FORMAT);
            return Err(Error::unsupported(&path, reason));
        }
        let sizes = [config.vocabulary, config.layers, config.kv_heads, config.head_size, config.capacity];
        if sizes.iter().any(|size| !(1..=1 << 22).contains(size)) {
            return Err(Error::corrupt(&path, "it has impossible sizes"));
        }
        Ok(config)
    }
}
