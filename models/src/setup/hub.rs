//! Installing a model from a hub.

use std::fs;
use std::path::{Path, PathBuf};

use super::install::{building, place, room, sweep};
use super::manifest::{Manifest, Origin};
use super::{Layout, Part, Progress, lock};
use crate::compile::encoder::Reading;
use crate::fetch::Stop;
use crate::fetch::hub::{About, Hub, HubModel, Wanted, is_missing};
use crate::{Error, Precision, Result, compile};

/// What an encoder is made of; the first file is the weights.
const ENCODER_FILES: [&str; 3] = ["model.safetensors", "config.json", "tokenizer.json"];
/// Ends of the names of an exported graph's weights, which begin like the graph.
const EXPORT_WEIGHTS: [&str; 4] = [".data", "_data", "_data_1", "_data_2"];
/// What may say something of an exported graph, beside the tokenizer.
const EXPORT_FILES: [&str; 6] = [
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
];
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
    let made = match kind(model) {
        Kind::Exported => raw,
        kind => {
            watch(Progress::Compiling { name: model.to_string() });
            match kind {
                Kind::Encoder => {
                    compile::encoder::encoder(&raw, &made, layout.precision(), &Reading::default(), None)?
                }
                _ => compile::decoder(&raw.join("model.gguf"), &made, &compile::DecoderOptions::default())?,
            }
            made
        }
    };
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

/// What a repository is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A sentence encoder, to be compiled.
    Encoder,
    /// A language model in a GGUF file, to be compiled.
    Gguf,
    /// A language model that is exported to ONNX already.
    Exported,
}

fn kind(model: &HubModel) -> Kind {
    match &model.file {
        None => Kind::Encoder,
        Some(file) if Path::new(file).extension().is_some_and(|kind| kind == "onnx") => Kind::Exported,
        Some(_) => Kind::Gguf,
    }
}

/// A file to be fetched.
struct Item {
    /// Where it may be, the likeliest first.
    files: Vec<String>,
    name: String,
    limit: u64,
    needed: bool,
}

/// What `model` consists of; the first one is the weights.
fn items(model: &HubModel) -> Vec<Item> {
    let item = |file: &str, name: &str, limit, needed| Item {
        files: vec![file.to_owned()],
        name: name.to_owned(),
        limit,
        needed,
    };
    let Some(file) = &model.file else {
        let limit = |name| if name == ENCODER_FILES[0] { MAX_WEIGHTS } else { MAX_OTHER };
        return ENCODER_FILES.into_iter().map(|name| item(name, name, limit(name), true)).collect();
    };
    if kind(model) == Kind::Gguf {
        return vec![item(file, "model.gguf", MAX_WEIGHTS, true)];
    }
    let (folder, graph) =
        file.rsplit_once('/').map_or(("", file.as_str()), |(folder, graph)| (folder, graph));
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut items = vec![item(file, graph, MAX_WEIGHTS, true)];
    for end in EXPORT_WEIGHTS {
        items.push(item(&format!("{file}{end}"), &format!("{graph}{end}"), MAX_WEIGHTS, false));
    }
    // Speaks of the graph in its own folder only.
    items.push(item(&beside("genai_config.json"), "genai_config.json", MAX_OTHER, false));
    for name in ["tokenizer.json"].into_iter().chain(EXPORT_FILES) {
        let mut files = vec![beside(name), name.to_owned()];
        files.dedup();
        let needed = name == "tokenizer.json";
        items.push(Item { files, name: name.to_owned(), limit: MAX_OTHER, needed });
    }
    items
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
    let mut weights = String::new();
    for (index, item) in items(model).iter().enumerate() {
        stop.check()?;
        let Some((file, about)) = find(hub, model, item)? else { continue };
        let limit = item.limit;
        let bytes = about.bytes.unwrap_or(0);
        // The file, and what is made of it.
        room(layout.root(), 2 * bytes.min(limit))?;
        watch(Progress::Fetching {
            name: file.to_owned(),
            source: model.to_string(),
            license: "see the repository".to_owned(),
            bytes,
        });
        // Under a name of its own, so that a later run finds what has arrived.
        let partial =
            layout.downloads().join(format!("{}.{index}.part", folder_name(model, layout.precision())));
        let mut received = |bytes| watch(Progress::Received { bytes });
        let sha256 = hub.fetch(&Wanted { model, file, limit, stop }, &about, &partial, &mut received)?;
        let target = raw.join(&item.name);
        fs::rename(&partial, &target).map_err(Error::io(&target))?;
        if index == 0 {
            weights = sha256;
        }
    }
    Ok(weights)
}

/// Where an item is and what the hub says of it; nothing where the hub does not have it and it is not needed.
fn find<'a>(hub: &Hub, model: &HubModel, item: &'a Item) -> Result<Option<(&'a str, About)>> {
    let mut missing = None;
    for file in &item.files {
        match hub.about(model, file) {
            Ok(about) => return Ok(Some((file, about))),
            Err(error) if is_missing(&error) => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    missing.filter(|_| item.needed).map_or(Ok(None), Err)
}

/// A plain folder name, different for different models.
fn folder_name(model: &HubModel, precision: Precision) -> String {
    let mut hasher = crate::fetch::Hasher::default();
    hasher.update(model.to_string().as_bytes());
    let digest = hasher.finish();
    let revision = match kind(model) {
        Kind::Gguf => compile::decoder::REVISION.to_string(),
        Kind::Encoder => compile::encoder::version(precision),
        Kind::Exported => "onnx".to_owned(),
    };
    format!("{}-{}.{revision}", model.repository.replace('/', "--"), &digest[..8])
}
