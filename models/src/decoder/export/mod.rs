//! Graphs that others have exported, in the common layouts:
//!
//! * by Hugging Face Optimum and Transformers.js: `model.onnx`, `decoder_model_merged.onnx`, or `decoder_model.onnx` and
//!   `decoder_with_past_model.onnx`, in the folder itself or in `onnx/`;
//! * by ONNX Runtime's own generator: `genai_config.json` names the graph, its inputs and its outputs.
//!
//! Everything else is read off the graph and the JSON files beside it.

mod about;
mod cache;
mod folder;
mod graph;
mod signature;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use ort::session::Session;
use sha2::{Digest as _, Sha256};

use self::about::About;
use self::cache::{Cache, Memory};
use self::folder::Files;
use self::graph::Graph;
use self::signature::Signature;
use super::config::Config;
use super::text::{TOKENIZER, Text};
use crate::runtime::Tuning;
use crate::{Error, Result, Runtime, SessionOptions};

/// What makes a folder that can be run out of one that cannot.
const REEXPORT: &str =
    "export it anew: `optimum-cli export onnx --model MODEL --task text-generation-with-past FOLDER`";
/// Most tokens that prompt and answer may have together, whatever a model was trained for: a cache in place takes memory
/// for all of them.
const MAX_CONTEXT: usize = 4096;
/// Bytes at both ends of a file that go into the fingerprint.
const ENDS: u64 = 1 << 20;

/// Runs an exported graph.
pub(super) struct Exported {
    /// Reads the beginning of a text where `graph` cannot.
    first: Option<Graph>,
    graph: Graph,
    cache: Cache,
    /// Goes on from a cache one token at a time only.
    single: bool,
    /// Of the last reading, row by row.
    logits: Vec<f32>,
}

/// A model that is ready to run.
pub(super) struct Opened {
    pub(super) config: Config,
    pub(super) text: Text,
    pub(super) engine: Exported,
}

/// Opens `path`: a folder, or one of several graphs in it. `profile` is a folder for profiles, if they are wanted.
pub(super) fn open(
    runtime: &Runtime,
    path: &Path,
    options: &SessionOptions,
    profile: Option<&Path>,
) -> Result<Opened> {
    let root = if path.is_file() { folder::root(path) } else { path.to_owned() };
    let about = About::read(&root)?;
    about.check(path)?;
    let files = Files::find(path, about.genai.as_ref())?;
    if !root.join(TOKENIZER).is_file() {
        let remedy = "save the model's tokenizer in that form with `AutoTokenizer.from_pretrained(MODEL).save_pretrained(FOLDER)`";
        return Err(Error::export(&root, format!("it has no {TOKENIZER:?}"), remedy));
    }
    let text = Text::open(&root)?;
    let ends = about.ends(&text);
    about::some_end(path, &ends)?;
    let load = |file: &Path, beginning: bool| {
        let session = runtime.tuned(file, options, &Tuning { growing: true, profile })?;
        let signature = Signature::read(&session, file, &about, beginning)?;
        Graph::new(session, signature).map_err(Error::inference("bind the model"))
    };
    let first = files.first.as_deref().map(|file| load(file, true)).transpose()?;
    let graph = load(&files.graph, false)?;
    if first.as_ref().is_some_and(|first| first.signature.slots.len() != graph.signature.slots.len()) {
        return Err(Error::export(path, "its two graphs are of different models", REEXPORT));
    }
    let capacity = about.context().min(MAX_CONTEXT);
    let share =
        about.genai.as_ref().is_some_and(|genai| genai["search"]["past_present_share_buffer"] == true);
    let memory =
        Memory::new(&graph.session, options.device).map_err(Error::inference("find the device's memory"))?;
    let mut engine =
        Exported { first, graph, cache: Cache::empty(memory), single: false, logits: Vec::new() };
    let vocabulary = engine.settle(runtime, options, share.then_some(capacity))?;
    let (begin_text, begin) = about.begin(&text);
    let config = Config {
        format: Config::FORMAT,
        name: format!(
            "{} ({})",
            root.file_name().unwrap_or(root.as_os_str()).to_string_lossy(),
            files.graph_name()
        ),
        fingerprint: fingerprint(&files)?,
        vocabulary,
        layers: engine.graph.signature.slots.len() / 2,
        kv_heads: engine.graph.signature.slots[0].heads,
        head_size: engine.graph.signature.slots[0].size,
        trained_context: about.context(),
        capacity,
        begin,
        end_text: about.end_text(&text),
        ends,
        begin_text,
        chat_template: about.chat_template().map(str::to_owned),
        taught: None,
    };
    Ok(Opened { config, text, engine })
}

impl Exported {
    /// Chooses the kind of cache by trying, learns how many logits there are, and makes sure that what is read in parts
    /// is read right.
    fn settle(
        &mut self,
        runtime: &Runtime,
        options: &SessionOptions,
        shared: Option<usize>,
    ) -> Result<usize> {
        let run = |this: &mut Self| this.read(0, &[0], 1);
        // A graph that does not write into the same memory refuses it, as the sizes do not fit.
        let in_place = match shared {
            Some(capacity) => self.cache.share(&mut self.graph, capacity).is_ok() && run(self).is_ok(),
            None => false,
        };
        if !in_place {
            self.cache.grow(&mut self.graph, runtime, options)?;
            run(self)?;
        }
        let vocabulary = self.logits.len();
        let two_in_one = self.first.is_some() || self.graph.signature.branch.is_some();
        self.single = self.graph.signature.single || (two_in_one && !self.reads_on(vocabulary)?);
        Ok(vocabulary)
    }

    /// Whether several tokens after a cache are read as one after the other. Older exports of the graph that goes on
    /// were traced with one token and let it look ahead in several.
    fn reads_on(&mut self, vocabulary: usize) -> Result<bool> {
        let token = |at: usize| (vocabulary * at / 7) as u32;
        let (start, rest) = ([token(1), token(2)], [token(3), token(4), token(5)]);
        self.read(0, &start, 1)?;
        let several = match self.read(2, &rest, 3) {
            Ok(()) => self.logits.clone(),
            // It may be unable to, rather than wrong.
            Err(_) => return Ok(false),
        };
        self.read(0, &start, 1)?;
        let mut one_by_one = Vec::with_capacity(several.len());
        for (at, token) in rest.iter().enumerate() {
            self.read(2 + at, &[*token], 1)?;
            one_by_one.extend_from_slice(&self.logits);
        }
        let mean = one_by_one.iter().sum::<f32>() / one_by_one.len() as f32;
        let spread = one_by_one.iter().map(|logit| (logit - mean).abs()).sum::<f32>();
        let difference = several.iter().zip(&one_by_one).map(|(a, b)| (a - b).abs()).sum::<f32>();
        // Rounding in eight bits is far below this, another meaning far above.
        Ok(several.len() == one_by_one.len() && difference < 0.2 * spread)
    }

    pub(super) fn in_place(&self) -> bool {
        self.cache.values().is_none()
    }

    pub(super) fn sessions(&mut self) -> impl Iterator<Item = &mut Session> {
        self.first.iter_mut().chain([&mut self.graph]).map(|graph| &mut graph.session)
    }

    /// Reads `tokens` after the first `past` ones of the cache, for the logits of the last `wanted`.
    pub(super) fn read(&mut self, past: usize, tokens: &[u32], wanted: usize) -> Result<()> {
        let failed = Error::inference("run the language model");
        self.logits.clear();
        let whole = !self.single || (past == 0 && (self.first.is_some() || !self.graph.signature.single));
        let parts = if whole { tokens.len().max(1) } else { 1 };
        let mut done = 0;
        let mut read = |this: &mut Self| -> ort::Result<()> {
            for part in tokens.chunks(parts) {
                let after = done + part.len();
                let wanted = wanted.saturating_sub(tokens.len() - after).min(part.len());
                this.cache.keep(past + done)?;
                let graph = match &mut this.first {
                    Some(first) if past + done == 0 => first,
                    _ => &mut this.graph,
                };
                graph.run(&mut this.cache, past + done, part, wanted, &mut this.logits)?;
                done = after;
            }
            Ok(())
        };
        read(self).map_err(failed)
    }

    /// Of the last reading, row by row.
    pub(super) fn logits(&mut self) -> &mut [f32] {
        &mut self.logits
    }
}

/// Stands for a model's files: their names, sizes and both ends, as gigabytes are not read for it.
fn fingerprint(files: &Files) -> Result<String> {
    let mut hash = Sha256::new();
    for path in files.weights().into_iter().chain([files.root.join(TOKENIZER)]) {
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        let length = file.metadata().map_err(Error::io(&path))?.len();
        hash.update(format!("{:?} {length}\n", path.file_name()));
        for start in [0, length.saturating_sub(ENDS)] {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(start)).map_err(Error::io(&path))?;
            (&mut file).take(ENDS).read_to_end(&mut bytes).map_err(Error::io(&path))?;
            hash.update(&bytes);
        }
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
