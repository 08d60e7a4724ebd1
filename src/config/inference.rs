//! `[models]`: which models are used, and how.

use figment::value::magic::RelativePathBuf;
use retriever::embed::Family;
use serde::{Deserialize, Serialize};

/// `[models]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Models {
    /// Where models and the ONNX Runtime library are kept. Default: `citedesk` in the user's cache folder.
    pub(crate) cache: Option<RelativePathBuf>,
    /// ONNX Runtime library to load instead of the cached one.
    pub(crate) runtime: Option<RelativePathBuf>,
    /// Folder of a compiled encoder to use instead of the default.
    pub(crate) encoder: Option<RelativePathBuf>,
    /// Language model to use instead of the default: the folder of a compiled one or of one exported to ONNX, one of the
    /// graphs in that, or a GGUF file, which `setup` compiles.
    pub(crate) decoder: Option<RelativePathBuf>,
    /// Folder of a pair encoder, as `citedesk setup --adapter` compiles it, to use instead of the default.
    pub(crate) pair: Option<RelativePathBuf>,
    /// `cpu`, `cuda` or `cuda:N`.
    pub(crate) device: String,
    /// Threads for inference; 0 means one for each physical core.
    pub(crate) threads: usize,
    /// `fp32`, or `int8` for an encoder that is faster and a little less exact.
    pub(crate) precision: models::Precision,
    /// `english`, or `many` for an encoder that knows about a hundred languages and takes twice as long.
    pub(crate) languages: models::Languages,
    /// Whether the English encoder has what citedesk taught it; without, it is as its makers trained it.
    pub(crate) taught: bool,
    /// `[models.embedding]`: another model to find passages by. The encoder chooses sentences all the same.
    pub(crate) embedding: Option<Embedding>,
}

/// `[models.embedding]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Embedding {
    /// Folder with `model.onnx` or `onnx/model.onnx`, and `tokenizer.json`.
    pub(crate) folder: RelativePathBuf,
    /// `plain`, `e5` or `bge`: what is put before questions and passages, and how tokens become a vector.
    #[serde(default)]
    pub(crate) family: Family,
    /// Tokens of a text that are looked at.
    #[serde(default = "default_max_tokens")]
    pub(crate) max_tokens: usize,
}

const fn default_max_tokens() -> usize {
    512
}

impl Default for Models {
    fn default() -> Self {
        Self {
            cache: None,
            runtime: None,
            encoder: None,
            decoder: None,
            pair: None,
            device: "cpu".into(),
            threads: 0,
            precision: models::Precision::default(),
            languages: models::Languages::default(),
            taught: true,
            embedding: None,
        }
    }
}
