//! A causal language model with a key-value cache: reading, scoring and writing text.

mod config;
mod generate;
pub(crate) mod names;
mod sample;
mod state;
mod text;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::chat::{Message, Part, Template};
use crate::onnx::MODEL;
use crate::{Device, Error, Result, Runtime, SessionOptions};

pub(crate) use self::config::Config;
pub use self::generate::{Finish, Generated, Mask, Pace};
pub use self::sample::SamplingOptions;
use self::state::{CHUNK, State};
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
    /// Loads a folder that [`crate::compile::decoder()`] has written.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Corrupt`], [`Error::Unsupported`] for devices other than the processor,
    /// whose kernels the compiled graph is made for, or what [`Runtime::session`] returns.
    pub fn open(runtime: &Runtime, folder: &Path, options: &SessionOptions) -> Result<Self> {
        let config = Config::read(folder)?;
        if options.device != Device::Cpu {
            let reason = format!("language models run on the device cpu only, not on {}", options.device);
            return Err(Error::unsupported(folder, reason));
        }
        let text = Text::open(folder)?;
        let template = config
            .chat_template
            .as_deref()
            .map(|source| Template::new(source, &config.begin_text, &config.end_text))
            .transpose()?;
        let session = runtime.session(&folder.join(MODEL), options)?;
        let state = State::new(session, &config)?;
        Ok(Self { folder: folder.to_owned(), config, text, template, state, pace: Pace::default() })
    }

    /// What people call the model.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Changes whenever the weights or how they are compiled change.
    pub fn fingerprint(&self) -> &str {
        &self.config.fingerprint
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
        self.text.controls().iter().find(|(text, _)| text == name).map(|(_, token)| *token)
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
        let mut tokens = Vec::new();
        // Text between two control tokens is encoded as one, as in training.
        let mut text = String::new();
        for part in template.render(messages)? {
            match part {
                Part::Content(content) => text.push_str(content),
                Part::Format(format) => {
                    let mut rest = format.as_str();
                    while let Some((at, name, token)) = self.first_control(rest) {
                        text.push_str(&rest[..at]);
                        tokens.append(&mut self.encode(&text)?);
                        text.clear();
                        tokens.push(token);
                        rest = &rest[at + name..];
                    }
                    text.push_str(rest);
                }
            }
        }
        tokens.append(&mut self.encode(&text)?);
        Ok(tokens)
    }

    /// Position, length and id of the first control token in `text`; of two at one place, the longer.
    fn first_control(&self, text: &str) -> Option<(usize, usize, u32)> {
        let found =
            self.text.controls().iter().filter_map(|(name, id)| Some((text.find(name)?, name.len(), *id)));
        found.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length)))
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
