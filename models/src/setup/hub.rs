//! Installing a model from a hub.

use std::fs;
use std::path::{Path, PathBuf};

use super::install::{building, place, room, sweep};
use super::manifest::{Manifest, Origin};
use super::{Layout, Part, Progress, lock};
use crate::fetch::Stop;
use crate::fetch::hub::{Hub, HubModel, Wanted};
use crate::{Error, Precision, Result, compile};

/// What an encoder is made of; the first file is the weights.
const ENCODER_FILES: [&str; 3] = ["model.safetensors", "config.json", "tokenizer.json"];
/// Largest weights and largest other file, in bytes.
const MAX_WEIGHTS: u64 = 16 << 30;
const MAX_OTHER: u64 = 64 << 20;
/// Folder of the cache with models from hubs.
const FOLDER: &str = "hub";

/// Fetches and compiles `model`, and returns what it is and its folder, to be named in the configuration.
///
/// A model that is there already is not fetched again; a broken download goes on where it broke off.
pub fn from_hub(
    layout: &Layout,
    hub: &Hub,
    model: &HubModel,
    stop: &Stop,
    watch: &mut dyn FnMut(Progress),
) -> Result<(Part, PathBuf)> {
    let downloads = layout.downloads();
    fs::create_dir_all(&downloads).map_err(Error::io(&downloads))?;
    let _lock = lock(layout, stop, watch)?;
    sweep(layout);
    let part = if model.file.is_some() { Part::Decoder } else { Part::Encoder };
    let target = layout.root().join(FOLDER).join(folder_name(model, layout.precision()));
    if Manifest::read(&target).and_then(|manifest| manifest.check(&target)).is_ok() {
        return Ok((part, target));
    }
    let building = building(layout)?;
    let (raw, made) = (building.path().join("raw"), building.path().join("made"));
    for folder in [&raw, &made] {
        fs::create_dir(folder).map_err(Error::io(folder))?;
    }
    let sha256 = fetch(layout, hub, model, &raw, stop, watch)?;
    watch(Progress::Compiling { name: model.to_string() });
    match &model.file {
        Some(_) => compile::decoder(&raw.join("model.gguf"), &made, &compile::DecoderOptions::default())?,
        None => compile::encoder::encoder(&raw, &made, layout.precision())?,
    }
    let origin = Origin {
        name: &model.repository,
        source: &model.to_string(),
        license: "see the repository",
        sha256: &sha256,
    };
    Manifest::describe(&made, part, &origin)?.write(&made)?;
    place(layout, &made, &target)?;
    watch(Progress::Ready { name: model.to_string() });
    Ok((part, target))
}

/// Fetches the files into `raw` and returns the hash of the weights.
fn fetch(
    layout: &Layout,
    hub: &Hub,
    model: &HubModel,
    raw: &Path,
    stop: &Stop,
    watch: &mut dyn FnMut(Progress),
) -> Result<String> {
    let files: Vec<(&str, &str)> = match &model.file {
        Some(file) => vec![(file.as_str(), "model.gguf")],
        None => ENCODER_FILES.iter().map(|file| (*file, *file)).collect(),
    };
    let mut weights = String::new();
    for (index, (file, name)) in files.iter().enumerate() {
        let limit = if index == 0 { MAX_WEIGHTS } else { MAX_OTHER };
        let about = hub.about(model, file)?;
        let bytes = about.bytes.unwrap_or(0);
        // The file, and what is made of it.
        room(layout.root(), 2 * bytes.min(limit))?;
        watch(Progress::Fetching {
            name: (*file).to_owned(),
            source: model.to_string(),
            license: "see the repository".to_owned(),
            bytes,
        });
        // Under a name of its own, so that a later run finds what has arrived.
        let partial =
            layout.downloads().join(format!("{}.{index}.part", folder_name(model, layout.precision())));
        let mut received = |bytes| watch(Progress::Received { bytes });
        let sha256 = hub.fetch(&Wanted { model, file, limit, stop }, &about, &partial, &mut received)?;
        let target = raw.join(name);
        fs::rename(&partial, &target).map_err(Error::io(&target))?;
        if index == 0 {
            weights = sha256;
        }
    }
    Ok(weights)
}

/// A plain folder name, different for different models.
fn folder_name(model: &HubModel, precision: Precision) -> String {
    let mut hasher = crate::fetch::Hasher::default();
    hasher.update(model.to_string().as_bytes());
    let digest = hasher.finish();
    let revision = match model.file {
        Some(_) => compile::decoder::REVISION.to_string(),
        None => compile::encoder::version(precision),
    };
    format!("{}-{}.{revision}", model.repository.replace('/', "--"), &digest[..8])
}
