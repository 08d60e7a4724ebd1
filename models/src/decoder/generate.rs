//! Writing text token by token.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::CausalLm;
use super::sample::{Sampler, SamplingOptions};
use super::text::Utf8Stream;
use crate::{Error, Result};

/// Changes the logits of the next token, given the tokens written so far: negative infinity rules a token out.
pub type Mask<'a> = &'a mut dyn FnMut(&[u32], &mut [f32]);

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
    /// The mask ruled out every token.
    RuledOut,
}

impl CausalLm {
    /// Goes on from `prompt` and pushes text into `sink` as soon as it is certain; a sink that breaks ends it
    /// before the next token. While the prompt is read, the sink is asked with empty texts.
    ///
    /// # Errors
    /// [`Error::EmptyPrompt`], [`Error::ContextFull`] if the prompt leaves no room for a token, or
    /// [`Error::Inference`].
    pub fn generate(
        &mut self,
        prompt: &[u32],
        options: &SamplingOptions,
        mask: Option<Mask<'_>>,
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
            self.write(options, mask, sink)?
        };
        pace.written = generated.tokens.len();
        pace.decode = started.elapsed().saturating_sub(pace.prefill);
        self.pace = pace;
        Ok(generated)
    }

    /// How long the latest [`CausalLm::generate`] took.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Goes on from what has been read.
    fn write(
        &mut self,
        options: &SamplingOptions,
        mut mask: Option<Mask<'_>>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Generated> {
        let capacity = self.context_length();
        let mut tokens = Vec::with_capacity(options.max_tokens.min(capacity));
        let stopped = |tokens| Ok(Generated { tokens, finish: Finish::Stopped });
        let mut sampler = Sampler::new(options);
        let mut stream = Utf8Stream::default();
        let finish = loop {
            if tokens.len() >= options.max_tokens || self.cached().len() >= capacity {
                break Finish::Length;
            }
            let logits = match tokens.last() {
                None => self.state.logits(),
                Some(token) => self.state.read(&[*token], 1)?,
            };
            if let Some(mask) = mask.as_mut() {
                mask(&tokens, logits);
            }
            let Some(token) = sampler.choose(logits, &tokens) else { break Finish::RuledOut };
            if self.config.ends.contains(&token) {
                break Finish::End;
            }
            tokens.push(token);
            let text = stream.push(self.text.piece(token));
            if !text.is_empty() && sink(text).is_break() {
                return stopped(tokens);
            }
        };
        let rest = stream.finish();
        if !rest.is_empty() && sink(rest).is_break() {
            return stopped(tokens);
        }
        Ok(Generated { tokens, finish })
    }
}
