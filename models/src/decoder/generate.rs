//! Writing text token by token.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::CausalLm;
use super::sample::{Sampler, SamplingOptions};
use super::state::CHUNK;
use super::text::Utf8Stream;
use crate::constrain::{Guide, Vocabulary};
use crate::{Error, Result};

/// Fewest bytes that are read at once rather than chosen.
const WORTH_LEAPING: usize = 8;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The tokens, without the one that ends the text.
    pub tokens: Vec<u32>,
    /// Why there are no more.
    pub finish: Finish,
}

/// How long the latest [`CausalLm::generate`] took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Tokens of the prompt.
    pub prompt: usize,
    /// How many of these were in the cache.
    pub reused: usize,
    /// Time for reading the others.
    pub prefill: Duration,
    /// Tokens written.
    pub written: usize,
    /// Time for writing them.
    pub decode: Duration,
}

/// Why writing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model ended the text.
    End,
    /// As many tokens were written as were asked for, or as the context holds.
    Length,
    /// The sink asked to stop.
    Stopped,
    /// Nothing that is allowed fits.
    RuledOut,
}

impl CausalLm {
    /// Goes on from `prompt` and pushes text into `sink` as soon as it is certain; a sink that breaks ends it
    /// before the next token. While the prompt is read, the sink is asked with empty texts. A guide limits what may be
    /// written; see [`crate::constrain`].
    ///
    /// # Errors
    /// [`Error::EmptyPrompt`], [`Error::ContextFull`] if the prompt leaves no room for a token, or
    /// [`Error::Inference`].
    pub fn generate(
        &mut self,
        prompt: &[u32],
        options: &SamplingOptions,
        guide: Option<&mut dyn Guide>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Generated> {
        let capacity = self.context_length();
        if prompt.len() >= capacity {
            return Err(Error::ContextFull { tokens: prompt.len() + 1, capacity });
        }
        let mut pace = Pace { prompt: prompt.len(), reused: self.state.common(prompt), ..Pace::default() };
        let started = Instant::now();
        let read = self.prefill_while(prompt, &mut || sink(""))?;
        pace.prefill = started.elapsed();
        let generated = if read.is_break() {
            Generated { tokens: Vec::new(), finish: Finish::Stopped }
        } else {
            self.write(options, guide, sink)?
        };
        pace.written = generated.tokens.len();
        pace.decode = started.elapsed().saturating_sub(pace.prefill);
        self.pace = pace;
        Ok(generated)
    }

    /// The tokens by their bytes, for [`crate::constrain::Guided`]; made on the first call.
    pub fn vocabulary(&self) -> Arc<Vocabulary> {
        let made = self.vocabulary.get_or_init(|| {
            let tokens = 0..self.vocabulary_size() as u32;
            Arc::new(Vocabulary::new(tokens.map(|token| self.piece(token)), &self.config.ends))
        });
        Arc::clone(made)
    }

    /// How long the latest [`CausalLm::generate`] took.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Goes on from what has been read.
    fn write(
        &mut self,
        options: &SamplingOptions,
        mut guide: Option<&mut dyn Guide>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Generated> {
        // The last token need not be read.
        let limit = options.max_tokens.min(self.context_length() + 1 - self.cached().len());
        let mut tokens = Vec::with_capacity(limit);
        let stopped = |tokens| Ok(Generated { tokens, finish: Finish::Stopped });
        let mut sampler = Sampler::new(options);
        let mut stream = Utf8Stream::default();
        // Written and not read yet.
        let mut fresh: Vec<u32> = Vec::new();
        let finish = loop {
            if tokens.len() >= limit {
                break Finish::Length;
            }
            for part in fresh.chunks(CHUNK) {
                self.state.read(part, 1)?;
            }
            let logits = self.state.logits();
            sampler.penalize(logits, &tokens);
            let left = limit - tokens.len();
            let token = match guide.as_mut() {
                Some(guide) => guide.choose(logits, left, &mut |logits| sampler.choose(logits)),
                None => sampler.choose(logits),
            };
            let Some(token) = token else { break Finish::RuledOut };
            if self.config.ends.contains(&token) {
                break Finish::End;
            }
            fresh.clear();
            fresh.push(token);
            if let Some(guide) = guide.as_mut() {
                self.leap(*guide, left - 1, &mut fresh)?;
            }
            for token in &fresh {
                tokens.push(*token);
                let text = stream.push(self.text.piece(*token));
                if !text.is_empty() && sink(text).is_break() {
                    return stopped(tokens);
                }
            }
        };
        let rest = stream.finish();
        if !rest.is_empty() && sink(rest).is_break() {
            return stopped(tokens);
        }
        Ok(Generated { tokens, finish })
    }

    /// Adds the tokens that come next whatever the model wants, at most `left`. Reading them at once is many times as
    /// fast as choosing one after the other (Zheng et al., "`SGLang`: Efficient Execution of Structured Language Model
    /// Programs", 2024).
    fn leap(&self, guide: &mut dyn Guide, left: usize, fresh: &mut Vec<u32>) -> Result<()> {
        let sure = guide.sure();
        if sure.len() < WORTH_LEAPING {
            return Ok(());
        }
        for (token, left) in self.encode(&sure)?.into_iter().zip((0..left).rev()) {
            if !guide.take(token, left) {
                break;
            }
            fresh.push(token);
        }
        Ok(())
    }
}
