//! The flow of an answer.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use corpus::terms::Analyzer;
use corpus::{Answer, AnswerEvent, AnswerSentence, Citation, Outcome, Passage, Refusal, Timings};

use crate::candidate::{Candidate, candidates};
use crate::error::Error;
use crate::evidence::{self, SentenceEncoder};
use crate::gate::WEIGHTS;
use crate::question::Question;
use crate::select::select;
use crate::verify::{Checker, ExactChecker};

/// What is to be answered from what.
#[derive(Clone, Debug)]
pub struct Request {
    /// The question, screened.
    pub question: String,
    /// The question with what it leans on, as it was searched; see [`crate::condense()`].
    pub condensed: String,
    /// The passages found, best first.
    pub passages: Vec<Passage>,
}

/// Answers questions from passages.
pub struct Generator {
    encoder: Arc<dyn SentenceEncoder>,
    checker: Box<dyn Checker + Send>,
    analyzer: Analyzer,
}

impl Generator {
    /// A generator that compares sentences by `encoder`.
    pub fn new(encoder: Arc<dyn SentenceEncoder>) -> Self {
        Self { encoder, checker: Box::new(ExactChecker::default()), analyzer: Analyzer::new("en") }
    }

    /// Answers `request`, or refuses. What happens is passed to `sink`; when that breaks, the answer is stopped.
    ///
    /// `started` is when the question was received; timings count from there.
    pub fn answer(
        &self,
        request: &Request,
        started: Instant,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<Answer, Error> {
        let elapsed = || started.elapsed().as_secs_f64() * 1000.0;
        let mut tell = |event| match sink(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        };
        let mut answer = Answer {
            question: request.question.clone(),
            outcome: Outcome::Refused(Refusal::NothingFound),
            sentences: Vec::new(),
            passages: request.passages.clone(),
            confidence: 0.0,
            timings: Timings { passages_ms: elapsed(), ..Timings::default() },
        };
        tell(AnswerEvent::Passages { passages: request.passages.clone() })?;
        if !request.passages.is_empty() {
            answer.outcome = self.compose(request, &mut answer, &mut |sentence| {
                tell(AnswerEvent::Sentence { sentence })
            }, &elapsed)?;
        }
        answer.timings.total_ms = elapsed();
        tell(AnswerEvent::Done { answer: Box::new(answer.clone()) })?;
        Ok(answer)
    }

    fn compose(
        &self,
        request: &Request,
        answer: &mut Answer,
        tell: &mut dyn FnMut(AnswerSentence) -> Result<(), Error>,
        elapsed: &dyn Fn() -> f64,
    ) -> Result<Outcome, Error> {
        let passages = &request.passages;
        let question = Question::new(&request.question, &request.condensed, &self.analyzer);
        let evidence =
            evidence::weigh(&question, passages, candidates(passages), &self.analyzer, self.encoder.as_ref())?;
        answer.confidence = WEIGHTS.answerable(&evidence);
        tracing::debug!(confidence = answer.confidence, best = ?evidence.scored.first(), "weighed");
        if answer.confidence < WEIGHTS.threshold {
            return Ok(Outcome::Refused(Refusal::TooLittleEvidence));
        }
        let chosen = select(&evidence, passages);
        let mut dropped = false;
        for index in chosen {
            let candidate = &evidence.scored[index].candidate;
            let sentence = self.cite(candidate, &passages[candidate.passage]);
            tell(sentence.clone())?;
            if sentence.verdict.supported {
                answer.timings.first_sentence_ms.get_or_insert_with(elapsed);
                answer.sentences.push(sentence);
            } else {
                dropped = true;
            }
        }
        Ok(match (answer.sentences.is_empty(), dropped) {
            (true, _) => Outcome::Refused(Refusal::NothingSupported),
            (false, true) => Outcome::Partial,
            (false, false) => Outcome::Answered,
        })
    }

    /// The candidate as a sentence with its citation, checked against the very bytes that are cited.
    fn cite(&self, candidate: &Candidate, passage: &Passage) -> AnswerSentence {
        let chunk = &passage.chunk;
        let start = candidate.span.start.saturating_sub(chunk.span.start);
        let end = candidate.span.end.saturating_sub(chunk.span.start);
        let bytes = chunk.text.get(start..end).unwrap_or_default();
        let verdict = if candidate.quoted {
            self.checker.check(&candidate.text, bytes, true)
        } else {
            // A row is written out with its column names, which stand in the table's first row.
            self.checker.check(&candidate.text, &format!("{}\n{bytes}", header_of(&chunk.text, start)), false)
        };
        AnswerSentence {
            text: candidate.text.clone(),
            citations: vec![Citation {
                number: candidate.passage + 1,
                document: chunk.document.clone(),
                digest: chunk.digest.clone(),
                span: candidate.span,
                page: chunk.page,
                headings: chunk.headings.clone(),
            }],
            verdict,
        }
    }
}

/// The first of the table rows that end at `start`.
fn header_of(text: &str, start: usize) -> &str {
    let before = text.get(..start).unwrap_or_default();
    before.lines().rev().take_while(|line| line.contains(" | ")).last().unwrap_or_default()
}
