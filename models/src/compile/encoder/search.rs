//! The adapter that has taught an encoder to find passages: `training/search` makes it.

use std::path::Path;

use safetensors::SafeTensors;
use serde::Deserialize;

use super::int8::Measured;
use crate::compile::safetensors::{Tensors, entry};
use crate::fetch::Hasher;
use crate::{Error, Result};

/// The version of the metadata's own format.
const FORMAT: u32 = 1;
/// What the adapter is for.
const KIND: &str = "search";

/// What an adapter says of itself.
#[derive(Deserialize)]
struct About {
    format: u32,
    kind: String,
    base_sha256: String,
    int8: Measured,
}

/// What training added to an encoder's weights, as in Hu et al., "`LoRA`" (2021).
pub(crate) struct Adapter<'a> {
    pub(super) tensors: Tensors<'a>,
    /// SHA-256 of the weights that it was trained on top of.
    pub(super) base_sha256: String,
    /// What is known of the activations of the encoder that it makes.
    pub(super) measured: Measured,
    /// SHA-256 of the file.
    pub(super) sha256: String,
}

impl<'a> Adapter<'a> {
    /// Reads `bytes`, the content of the safetensors file `path`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Unsupported`] where it is no adapter of this kind.
    pub(crate) fn read(path: &'a Path, bytes: &'a [u8]) -> Result<Self> {
        let about: About = serde_json::from_str(&entry(path, bytes)?)
            .map_err(|error| Error::corrupt(path, error.to_string()))?;
        if about.format != FORMAT || about.kind != KIND {
            let found = format!("an adapter of format {} for {:?}", about.format, about.kind);
            return Err(Error::unsupported(path, format!("{found}; only {FORMAT} for {KIND:?} is read")));
        }
        if !about.int8.is_sound() {
            return Err(Error::corrupt(path, "its ranges of activations are none"));
        }
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| Error::corrupt(path, error.to_string()))?;
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        Ok(Self {
            tensors: Tensors::new(path, tensors),
            base_sha256: about.base_sha256,
            measured: about.int8,
            sha256: hasher.finish(),
        })
    }
}
