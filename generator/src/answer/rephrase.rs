//! One sentence in the model's words, where the check passes them.

use std::ops::ControlFlow;

use corpus::{AnswerEvent, AnswerSentence, Passage, Timings};

use super::{Generator, Telling, citation};
use crate::candidate::{Candidate, Shape};
use crate::cite::Reader;
use crate::error::Error;
use crate::model::Writing;
use crate::prompt;

/// Probability of support from which on the model's words take the place of the source's.
const STRICT: f32 = 0.95;
/// Most tokens that one sentence is rephrased with.
const TOKENS: usize = 64;

impl Generator {
    /// `candidate` in the model's words, or `None` where its own are better: there is no model, what it writes is
    /// longer, or the check does not pass it by a wide margin.
    pub(super) fn rephrased(
        &mut self,
        question: &str,
        candidate: &Candidate,
        passage: &Passage,
        timings: &mut Timings,
        telling: &mut Telling<'_>,
    ) -> Result<Option<AnswerSentence>, Error> {
        if candidate.shape != Shape::Sentence {
            return Ok(None);
        }
        let Some(model) = &mut self.model else { return Ok(None) };
        let heads = [passage.chunk.headings.last(), candidate.head.as_ref()];
        let heads: Vec<&str> = std::iter::once(&passage.chunk.title)
            .chain(heads.into_iter().flatten())
            .map(String::as_str)
            .collect();
        let prompt = prompt::rephrase(question, &heads.join(", "), &candidate.text, model.as_ref());
        let writing = Writing { max_tokens: TOKENS, ..Writing::default() };
        let mut stopped = false;
        let reply = model
            .generate(&prompt.system, &prompt.user, &writing, &mut |piece| {
                let told = telling.tell(AnswerEvent::Token { text: piece.to_owned() });
                stopped = told.is_err();
                if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .map_err(Error::Model)?;
        timings.model = Some(reply.pace);
        if stopped {
            return Err(Error::Stopped);
        }
        let mut reader = Reader::new(0);
        let mut sentences = reader.push(&reply.text);
        sentences.extend(reader.finish());
        let [sentence] = sentences.as_slice() else { return Ok(None) };
        if sentence.text.len() > candidate.text.len() {
            return Ok(None);
        }
        let verdict = self.checker.check(&sentence.text, &[&candidate.text])?;
        if !verdict.supported || verdict.score < STRICT {
            return Ok(None);
        }
        let citations = vec![citation(candidate.passage, passage, candidate.span)];
        Ok(Some(AnswerSentence { text: sentence.text.clone(), citations, verdict }))
    }
}
