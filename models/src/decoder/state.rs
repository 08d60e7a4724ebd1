//! What a model has read, and the engine that goes on from there.

use super::compiled::Compiled;
use super::config::Config;
use super::export::Exported;
use crate::{Error, Result};

/// Tokens read at once. More do not read faster, take more memory and longer to stop.
pub(super) const CHUNK: usize = 256;

/// Runs the model and remembers what its cache holds.
pub(super) struct State {
    engine: Engine,
    tokens: Vec<u32>,
    vocabulary: usize,
    capacity: usize,
}

/// What runs a graph and keeps its cache.
#[expect(clippy::large_enum_variant, reason = "a model has one, and every token goes through it")]
pub(super) enum Engine {
    /// A graph of ours, with its cache in place.
    Compiled(Compiled),
    /// A graph that others have exported.
    Exported(Box<Exported>),
}

impl State {
    pub(super) fn new(engine: Engine, config: &Config) -> Self {
        Self {
            engine,
            tokens: Vec::with_capacity(config.capacity),
            vocabulary: config.vocabulary,
            capacity: config.capacity,
        }
    }

    /// What the cache holds.
    pub(super) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Forgets all but the first `length` tokens.
    pub(super) fn truncate(&mut self, length: usize) {
        self.tokens.truncate(length);
    }

    /// Keeps what the cache and `tokens` have in common, at most `limit` tokens, and returns how many these are.
    pub(super) fn keep_common(&mut self, tokens: &[u32], limit: usize) -> usize {
        let common = self.common(tokens).min(limit);
        self.truncate(common);
        common
    }

    /// How many tokens the cache and `tokens` have in common, from the first on.
    pub(super) fn common(&self, tokens: &[u32]) -> usize {
        self.tokens.iter().zip(tokens).take_while(|(ours, theirs)| ours == theirs).count()
    }

    /// Reads at most [`CHUNK`] tokens and returns the logits after each of the last `wanted` ones, row by row.
    ///
    /// # Errors
    /// [`Error::ContextFull`], or [`Error::Inference`]; the cache is as before then.
    pub(super) fn read(&mut self, tokens: &[u32], wanted: usize) -> Result<&mut [f32]> {
        let wanted = wanted.clamp(1, tokens.len().max(1));
        let past = self.tokens.len();
        let total = past + tokens.len();
        if total > self.capacity {
            return Err(Error::ContextFull { tokens: total, capacity: self.capacity });
        }
        if let Some(token) = tokens.iter().find(|token| **token as usize >= self.vocabulary) {
            return Err(Error::Tokenizer(format!("{token} is not a token").into()));
        }
        match &mut self.engine {
            Engine::Compiled(engine) => engine.read(past, tokens, wanted)?,
            Engine::Exported(engine) => engine.read(past, tokens, wanted)?,
        }
        self.tokens.extend_from_slice(tokens);
        Ok(self.logits())
    }

    /// What the last [`State::read`] returned.
    pub(super) fn logits(&mut self) -> &mut [f32] {
        match &mut self.engine {
            Engine::Compiled(engine) => engine.logits(),
            Engine::Exported(engine) => engine.logits(),
        }
    }
}
