//! Which files of a folder are the model.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::REEXPORT;
use crate::onnx::MODEL;
use crate::{Error, Result};

/// Folder for graphs beside the other files, in the layout of Transformers.js.
const ONNX: &str = "onnx";
const MERGED: &str = "decoder_model_merged.onnx";
const FIRST: &str = "decoder_model.onnx";
const NEXT: &str = "decoder_with_past_model.onnx";

/// A model's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    /// Where tokenizer and configuration are.
    pub(super) root: PathBuf,
    /// The graph that reads the beginning of a text, where the other one cannot.
    pub(super) first: Option<PathBuf>,
    /// The graph that goes on from a cache.
    pub(super) graph: PathBuf,
}

impl Files {
    /// Finds them from `path`: the folder, or one of several graphs in it. `genai` is the folder's
    /// `genai_config.json`.
    pub(super) fn find(path: &Path, genai: Option<&Value>) -> Result<Self> {
        if path.is_file() {
            return Ok(Self::of(root(path), path.to_owned()));
        }
        let root = path.to_owned();
        if let Some(name) = genai.and_then(|genai| genai["model"]["decoder"]["filename"].as_str()) {
            // A name, not a path that leads elsewhere.
            let graph =
                Path::new(name).file_name().map(|name| path.join(name)).filter(|graph| graph.is_file());
            return match graph {
                Some(graph) => Ok(Self::of(root, graph)),
                None => Err(Error::ModelMissing { path: path.join(name) }),
            };
        }
        let folders = [path.to_owned(), path.join(ONNX)];
        for folder in &folders {
            for name in [MODEL, MERGED] {
                if folder.join(name).is_file() {
                    return Ok(Self::of(root, folder.join(name)));
                }
            }
            let pair = [FIRST, NEXT].map(|name| folder.join(name));
            match pair.each_ref().map(|file| file.is_file()) {
                [true, true] => {
                    let [first, graph] = pair;
                    return Ok(Self { root, first: Some(first), graph });
                }
                [false, false] => {}
                [found, _] => {
                    let missing = if found { NEXT } else { FIRST };
                    let reason =
                        format!("{missing:?} is missing, without which its other graph is of no use");
                    return Err(Error::export(path, reason, REEXPORT));
                }
            }
        }
        let graphs: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| names(folder).into_iter().map(|name| folder.join(name)))
            .filter(|file| file.extension().is_some_and(|extension| extension == "onnx"))
            .collect();
        match graphs.as_slice() {
            [graph] => Ok(Self::of(root, graph.clone())),
            [] => Err(without_graph(path)),
            graphs => {
                let names: Vec<String> = graphs
                    .iter()
                    .map(|graph| graph.strip_prefix(path).unwrap_or(graph).display().to_string())
                    .collect();
                Err(Error::export(
                    path,
                    format!("it holds several graphs and none of them is plain: {}", names.join(", ")),
                    "name one of these files itself in `models.decoder`",
                ))
            }
        }
    }

    fn of(root: PathBuf, graph: PathBuf) -> Self {
        Self { root, first: None, graph }
    }

    /// Name of the graph.
    pub(super) fn graph_name(&self) -> String {
        self.graph.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The graphs and everything beside them whose name begins like theirs, as their weights do.
    pub(super) fn weights(&self) -> Vec<PathBuf> {
        let stems: Vec<String> = self
            .first
            .iter()
            .chain([&self.graph])
            .map(|graph| graph.file_stem().unwrap_or_default().to_string_lossy().into_owned())
            .collect();
        let folder = self.graph.parent().unwrap_or(&self.root);
        let ours = |name: &String| stems.iter().any(|stem| name.starts_with(stem.as_str()));
        names(folder).into_iter().filter(ours).map(|name| folder.join(name)).collect()
    }
}

/// The folder that a graph belongs to.
pub(super) fn root(graph: &Path) -> PathBuf {
    let folder = graph.parent().unwrap_or(Path::new(""));
    let above = folder.parent().filter(|_| folder.file_name().is_some_and(|name| name == ONNX));
    match above {
        Some(above) if !folder.join(crate::decoder::TOKENIZER).is_file() => above.to_owned(),
        _ => folder.to_owned(),
    }
}

/// Names of the files in `folder`, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// What a folder without a graph is.
fn without_graph(path: &Path) -> Error {
    let names = names(path);
    let ends = |extension: &str| {
        names.iter().find(|name| Path::new(name).extension().is_some_and(|found| found == extension))
    };
    if let Some(name) = ends("gguf") {
        let reason = format!("it holds {name:?}, which is not an ONNX graph");
        return Error::export(
            path,
            reason,
            "name that file itself in `models.decoder` and run `citedesk setup`, which compiles it",
        );
    }
    if let Some(name) = ends("safetensors").or_else(|| ends("bin")) {
        return Error::export(path, format!("it holds {name:?}, weights without an ONNX graph"), REEXPORT);
    }
    Error::ModelMissing { path: path.to_owned() }
}
