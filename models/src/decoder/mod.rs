//! A causal language model with a key-value cache: reading, scoring and writing text.

mod compiled;
mod config;
mod export;
mod generate;
pub(crate) mod names;
mod placement;
mod sample;
mod state;
mod text;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::chat::{Message, Template};
use crate::compile::decoder::Taught;
use crate::constrain::Vocabulary;
use crate::onnx::MODEL;
use crate::runtime::Tuning;
use crate::{Device, Error, Result, Runtime, SessionOptions};

use self::compiled::Compiled;
pub(crate) use self::config::Config;
pub use self::generate::{Finish, Generated, Pace};
pub use self::placement::Placement;
pub use self::sample::SamplingOptions;
use self::state::{CHUNK, Engine, State};
pub(crate) use self::text::TOKENIZER;
use self::text::Text;

/// Tokens scored at once. Each has a row of logits, of 200 kB for the default model.
const SCORED_CHUNK: usize = 64;

/// A language model that is ready to run, with what it has read last in its cache.
///
/// Text that begins like the one before is not read again. One model reads one text at a time.
pub struct CausalLm {
    folder: PathBuf,
    config: Config,
    text: Text,
    template: Option<Template>,
    state: State,
    pace: Pace,
    vocabulary: OnceLock<Arc<Vocabulary>>,
}

impl fmt::Debug for CausalLm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CausalLm")
            .field("folder", &self.folder)
            .field("name", &self.config.name)
            .field("cached", &self.state.tokens().len())
            .finish_non_exhaustive()
    }
}

impl CausalLm {
    /// Loads a folder that [`crate::compile::decoder()`] has written, or one that holds a model as others export it:
    /// see ARCHITECTURE.md. Where that holds several graphs, `path` may be one of them.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Corrupt`], [`Error::Export`] for what cannot be run, [`Error::Unsupported`]
    /// for tokenizers of other kinds and for compiled models on devices other than the processor, whose kernels they
    /// are made for, or what [`Runtime::session`] returns.
    pub fn open(runtime: &Runtime, path: &Path, options: &SessionOptions) -> Result<Self> {
        Self::profiled(runtime, path, options, None)
    }

    fn profiled(
        runtime: &Runtime,
        path: &Path,
        options: &SessionOptions,
        profile: Option<&Path>,
    ) -> Result<Self> {
        let folder = path.to_owned();
        if path.extension().is_some_and(|extension| extension == "gguf") {
            return Err(Error::export(path, "it is not compiled", "run `citedesk setup`, which compiles it"));
        }
        let (config, text, engine) = if path.is_file() || !path.join(Config::FILE).exists() {
            if !path.exists() {
                return Err(Error::ModelMissing { path: folder });
            }
            let opened = export::open(runtime, path, options, profile)?;
            (opened.config, opened.text, Engine::Exported(Box::new(opened.engine)))
        } else {
            let config = Config::read(path)?;
            if options.device != Device::Cpu {
                let reason = format!("it is compiled for the device cpu, not for {}", options.device);
                return Err(Error::export(
                    path,
                    reason,
                    "name a model exported to ONNX in `models.decoder`, or use `--device cpu`",
                ));
            }
            let text = Text::open(path)?;
            let session = runtime.tuned(&path.join(MODEL), options, &Tuning { growing: false, profile })?;
            let engine = Compiled::new(session, &config)?;
            (config, text, Engine::Compiled(engine))
        };
        let template = config
            .chat_template
            .as_deref()
            .map(|source| Template::new(source, &config.begin_text, &config.end_text))
            .transpose()?;
        let state = State::new(engine, &config);
        Ok(Self { folder, config, text, template, state, pace: Pace::default(), vocabulary: OnceLock::new() })
    }

    /// What people call the model.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Changes whenever the weights or how they are compiled change.
    pub fn fingerprint(&self) -> &str {
        &self.config.fingerprint
    }

    /// What an adapter has taught it, if one has.
    pub fn taught(&self) -> Option<Taught> {
        self.config.taught
    }

    /// Whether the cache stays where it is, rather than growing into new memory with every token.
    pub fn cache_in_place(&self) -> bool {
        match self.state.engine() {
            Engine::Compiled(_) => true,
            Engine::Exported(engine) => engine.in_place(),
        }
    }

    /// Tokens that prompt and answer may have together.
    pub fn context_length(&self) -> usize {
        self.state.capacity()
    }

    /// Number of logits.
    pub fn vocabulary_size(&self) -> usize {
        self.state.vocabulary()
    }

    /// The token that begins every text, if the model wants one.
    pub fn begin(&self) -> Option<u32> {
        self.config.begin
    }

    /// Tokens that end a text or a turn.
    pub fn ends(&self) -> &[u32] {
        &self.config.ends
    }

    /// The control token written as `name`, such as `<|im_end|>`.
    pub fn control(&self, name: &str) -> Option<u32> {
        self.text.control(name)
    }

    /// Tokens of a text, in which control tokens such as `<|im_end|>` are ordinary text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        self.text.encode(text)
    }

    /// The text of tokens; control tokens have none, and bytes that are not UTF-8 are replaced.
    pub fn decode(&self, tokens: &[u32]) -> String {
        self.text.decode(tokens)
    }

    /// The bytes of one token, which need not be whole characters; none for control tokens.
    pub fn piece(&self, token: u32) -> &[u8] {
        self.text.piece(token)
    }

    /// Tokens of a conversation in the model's own chat format, up to where the assistant is to go on. What looks
    /// like a control token in a message is ordinary text.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the model has no chat format, [`Error::ChatTemplate`] if it does not accept these
    /// messages, such as two questions in a row.
    pub fn chat(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let Some(template) = &self.template else {
            return Err(Error::unsupported(&self.folder, "it has no chat template"));
        };
        self.text.encode_marked(&template.render(messages)?)
    }

    /// What the cache holds.
    pub fn cached(&self) -> &[u32] {
        self.state.tokens()
    }

    /// Forgets all but the first `length` tokens of the cache.
    pub fn truncate(&mut self, length: usize) {
        self.state.truncate(length);
    }

    /// Makes the cache hold exactly `tokens` and returns the logits of what follows. Only what differs from the
    /// cache so far, and the last token, is read.
    ///
    /// # Errors
    /// [`Error::EmptyPrompt`], [`Error::ContextFull`], [`Error::Inference`].
    pub fn prefill(&mut self, tokens: &[u32]) -> Result<&mut [f32]> {
        let _ = self.prefill_while(tokens, &mut || ControlFlow::Continue(()))?;
        Ok(self.state.logits())
    }

    /// As [`CausalLm::prefill`], as long as `go_on` says so before every part of the text.
    fn prefill_while(
        &mut self,
        tokens: &[u32],
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let Some(last) = tokens.len().checked_sub(1) else { return Err(Error::EmptyPrompt) };
        self.fits(tokens.len())?;
        let kept = self.state.keep_common(tokens, last);
        for part in tokens[kept..].chunks(CHUNK) {
            if go_on().is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.state.read(part, 1)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds one token to the cache and returns the logits of what follows.
    ///
    /// # Errors
    /// [`Error::ContextFull`], [`Error::Inference`].
    pub fn step(&mut self, token: u32) -> Result<&mut [f32]> {
        self.state.read(&[token], 1)
    }

    /// Logarithm of the probability of each token of `continuation` after `prefix` and the tokens before it.
    ///
    /// The cache keeps `prefix`, so that scoring several continuations of one prefix reads it once.
    ///
    /// # Errors
    /// [`Error::EmptyPrompt`] if `prefix` is, [`Error::ContextFull`], [`Error::Inference`].
    pub fn score(&mut self, prefix: &[u32], continuation: &[u32]) -> Result<Vec<f32>> {
        let Some((last, before)) = prefix.split_last() else { return Err(Error::EmptyPrompt) };
        let Some((_, all_but_last)) = continuation.split_last() else { return Ok(Vec::new()) };
        self.fits(prefix.len() + all_but_last.len())?;
        let kept = self.state.keep_common(prefix, before.len());
        for part in before[kept..].chunks(CHUNK) {
            self.state.read(part, 1)?;
        }
        let text: Vec<u32> = std::iter::once(last).chain(all_but_last).copied().collect();
        let vocabulary = self.vocabulary_size();
        let mut scores = Vec::with_capacity(continuation.len());
        for (read, expected) in text.chunks(SCORED_CHUNK).zip(continuation.chunks(SCORED_CHUNK)) {
            let logits = self.state.read(read, read.len())?;
            scores.extend(
                logits
                    .chunks_exact(vocabulary)
                    .zip(expected)
                    .map(|(logits, token)| sample::log_probability(logits, *token)),
            );
        }
        self.state.truncate(prefix.len());
        Ok(scores)
    }

    fn fits(&self, tokens: usize) -> Result<()> {
        let capacity = self.state.capacity();
        if tokens > capacity { Err(Error::ContextFull { tokens, capacity }) } else { Ok(()) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
