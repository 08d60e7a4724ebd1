//! The flow of an answer: passages, gate, choice, check.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use corpus::{Answer, AnswerEvent, AnswerSentence, Citation, Outcome, Passage, Refusal, Span, Timings};

use crate::candidate::{Candidate, Shape, table};
use crate::error::Error;
use crate::evidence::{Evidence, Material, Vectors};
use crate::gate;
use crate::language::{Tongue, foreign};
use crate::model::{LanguageModel, PairReader, SentenceEncoder, Writing};
use crate::question::{Question, Wants, asks_about_a_person, asks_for_what_is_masked, essence};
use crate::select::{current, select};
use crate::verify::{Checker, FactChecker, quote};
use crate::weights::WEIGHTS;
use crate::{Tone, Turn, condense};

mod compose;
mod draft;

use self::draft::Drafted;

/// How an answer is worded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The passages' own sentences, as code chooses them.
    #[default]
    Quote,
    /// The same in the order that the language model chooses, with sentences around them that it adds. Without a
    /// model, as quoted, and the answer says so.
    Compose,
    /// Sentences that the language model writes, those that the check does not pass left out.
    Draft,
}

/// What is to be answered from what.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The question, screened.
    pub question: String,
    /// Earlier turns, oldest first.
    pub history: Vec<Turn>,
    /// The passages found, best first.
    pub passages: Vec<Passage>,
    /// How the answer is worded.
    pub mode: Mode,
    /// Whom it is worded for, where a model writes.
    pub tone: Tone,
}

/// How answers are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Probability below which nothing is said. Default: as calibrated.
    pub answerable: f32,
    /// Probability of support below which a drafted sentence is left out. Default: as calibrated.
    pub supported: Option<f32>,
    /// Most tokens that the model writes for one answer.
    pub max_tokens: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { answerable: WEIGHTS.answerable, supported: None, max_tokens: 256 }
    }
}

/// Most sentences of an answer, those of lists not counted.
const MOST_SAID: usize = 7;
/// Best candidates that a trace shows.
const TRACED: usize = 8;
/// Best candidates among which one that is masked shows that the answer is.
const MASKED_AMONG: usize = 8;
/// Cosine similarity of question and passage below which nothing is near.
const NEAR: f32 = 0.15;

/// Answers questions from passages.
pub struct Generator {
    encoder: Arc<dyn SentenceEncoder>,
    chooser: Option<Arc<dyn PairReader>>,
    model: Option<Box<dyn LanguageModel>>,
    checker: Box<dyn Checker>,
    vectors: Vectors,
    options: Options,
}

/// Where events of one answer go, and when it began.
struct Telling<'a> {
    sink: &'a mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    started: Instant,
}

impl Telling<'_> {
    fn tell(&mut self, event: AnswerEvent) -> Result<(), Error> {
        match (self.sink)(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        }
    }

    fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1000.0
    }

    /// Announces a sentence and, where it is supported, lets it into the answer. Says whether it was.
    fn sentence(&mut self, sentence: AnswerSentence, answer: &mut Answer) -> Result<bool, Error> {
        let supported = sentence.verdict.supported && !sentence.citations.is_empty();
        self.tell(AnswerEvent::Sentence { sentence: sentence.clone() })?;
        if supported {
            let elapsed = self.elapsed();
            answer.timings.first_sentence_ms.get_or_insert(elapsed);
            answer.sentences.push(sentence);
        }
        Ok(supported)
    }
}

/// One part of the question with what was found for it.
struct Part {
    question: Question,
    evidence: Evidence,
    order: Vec<usize>,
    probability: f32,
}

impl Generator {
    /// A generator that compares sentences by `encoder` and, where wanted, lets `model` write.
    pub fn new(
        encoder: Arc<dyn SentenceEncoder>,
        model: Option<Box<dyn LanguageModel>>,
        options: Options,
    ) -> Self {
        let checker = checker(&encoder, options);
        let checker = Box::new(checker);
        Self { encoder, chooser: None, model, checker, vectors: Vectors::default(), options }
    }

    /// The same with a model that has a say in what is said: it reads the best sentences together with the question.
    #[must_use]
    pub fn with_chooser(self, reader: Arc<dyn PairReader>) -> Self {
        Self { chooser: Some(reader), ..self }
    }

    /// The same with a check in which a model has a say that reads sentence and sources together.
    #[must_use]
    pub fn with_reader(self, reader: Arc<dyn PairReader>) -> Self {
        let checker = checker(&self.encoder, self.options).with_reader(reader);
        self.with_checker(Box::new(checker))
    }

    /// The same with another judge of what the model writes.
    #[must_use]
    pub fn with_checker(self, checker: Box<dyn Checker>) -> Self {
        Self { checker, ..self }
    }

    /// Answers `request`, or refuses. What happens is passed to `sink`; when that breaks, the answer is stopped.
    ///
    /// `started` is when the question was received; timings count from there.
    pub fn answer(
        &mut self,
        request: &Request,
        started: Instant,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<Answer, Error> {
        let mut telling = Telling { sink, started };
        let mut answer = Answer {
            question: request.question.clone(),
            outcome: Outcome::Refused(Refusal::NothingFound),
            sentences: Vec::new(),
            passages: request.passages.clone(),
            confidence: 0.0,
            note: None,
            timings: Timings { passages_ms: telling.elapsed(), ..Timings::default() },
        };
        telling.tell(AnswerEvent::Passages { passages: request.passages.clone() })?;
        if !request.passages.is_empty() && !request.question.trim().is_empty() {
            answer.outcome = self.reply(request, &mut answer, &mut telling)?;
        }
        let refused = matches!(answer.outcome, Outcome::Refused(_));
        if refused && answer.note.is_none() && !self.encoder.is_multilingual() {
            answer.note = foreign(&request.question, &request.passages);
        }
        answer.timings.total_ms = telling.elapsed();
        telling.tell(AnswerEvent::Done { answer: Box::new(answer.clone()) })?;
        Ok(answer)
    }

    fn reply(
        &mut self,
        request: &Request,
        answer: &mut Answer,
        telling: &mut Telling<'_>,
    ) -> Result<Outcome, Error> {
        let asked = essence(&request.question);
        if asks_about_a_person(&asked) {
            return Ok(Outcome::Refused(Refusal::TooLittleEvidence));
        }
        let tongue = Tongue::of_question(&asked, &request.passages);
        let material = Material::new(&request.passages, &tongue);
        let parts = self.parts(&asked, request, &material, &tongue)?;
        let open = |part: &&Part| part.probability >= self.options.answerable;
        let answered: Vec<&Part> = parts.iter().filter(open).collect();
        let highest = parts.iter().map(|part| part.probability).fold(0.0, f32::max);
        answer.confidence = highest;
        if answered.is_empty() {
            let near =
                request.passages.iter().any(|passage| passage.why.dense.is_none_or(|cosine| cosine >= NEAR));
            let known = parts.iter().any(|part| part.evidence.known_terms > 0.0);
            let nothing = !near && !known;
            return Ok(Outcome::Refused(if nothing {
                Refusal::NothingFound
            } else {
                Refusal::TooLittleEvidence
            }));
        }
        let whole = answered.len() == parts.len();
        if whole {
            answer.confidence = parts.iter().map(|part| part.probability).fold(1.0, f32::min);
        }
        let dropped = match request.mode {
            Mode::Draft => match self.draft(request, &material, &answered, answer, telling)? {
                Drafted::Declined if answer.sentences.is_empty() => {
                    return Ok(Outcome::Refused(Refusal::TooLittleEvidence));
                }
                drafted => drafted != Drafted::Whole,
            },
            Mode::Compose => self.compose(request, &material, &answered, answer, telling)?,
            Mode::Quote => self.quote(request, &material, &answered, answer, telling)?,
        };
        Ok(match (answer.sentences.is_empty(), dropped || !whole) {
            (true, _) => Outcome::Refused(Refusal::NothingSupported),
            (false, true) => Outcome::Partial,
            (false, false) => Outcome::Answered,
        })
    }

    /// The parts of what is `asked`, each with its evidence and the probability that the passages answer it.
    fn parts(
        &mut self,
        asked: &str,
        request: &Request,
        material: &Material<'_>,
        tongue: &Tongue,
    ) -> Result<Vec<Part>, Error> {
        let condensed = condense(asked, &request.history);
        let mut parts = Vec::new();
        for question in Question::parts(asked, &condensed, tongue) {
            let (encoder, chooser) = (self.encoder.as_ref(), self.chooser.as_deref());
            let evidence = material.weigh(&question, &mut self.vectors, encoder, chooser)?;
            let order = current(&evidence, material);
            let probability = order.first().map_or(0.0, |best| {
                let best = &evidence.scored[*best];
                gate::answerable(&evidence, best, &question, &material.candidates[best.index].text)
            });
            tracing::debug!(part = question.text, probability, "weighed");
            for entry in evidence.scored.iter().take(TRACED) {
                let text = &material.candidates[entry.index].text;
                tracing::trace!(score = entry.score, ?entry.features, text, "candidate");
            }
            let probability = if is_masked(&question, &evidence, material) { 0.0 } else { probability };
            parts.push(Part { question, evidence, order, probability });
        }
        Ok(parts)
    }

    /// Says what was chosen for each part. Returns whether something had to be left out.
    fn quote(
        &mut self,
        request: &Request,
        material: &Material<'_>,
        parts: &[&Part],
        answer: &mut Answer,
        telling: &mut Telling<'_>,
    ) -> Result<bool, Error> {
        let mut said: Vec<(usize, Span)> = Vec::new();
        let mut dropped = false;
        for chosen in chosen(parts, material) {
            let candidate = &material.candidates[chosen];
            let passage = &request.passages[candidate.passage];
            for sentence in sentences(candidate, passage, self.checker.as_mut())? {
                let place =
                    (candidate.passage, sentence.citations.first().map_or(candidate.span, |c| c.span));
                if said.iter().any(|(passage, span)| *passage == place.0 && span.contains(place.1)) {
                    continue;
                }
                said.push(place);
                dropped |= !telling.sentence(sentence, answer)?;
            }
        }
        Ok(dropped)
    }
}

fn checker(encoder: &Arc<dyn SentenceEncoder>, options: Options) -> FactChecker {
    let checker = FactChecker::new(Arc::clone(encoder));
    match options.supported {
        Some(threshold) => checker.with_threshold(threshold),
        None => checker,
    }
}

/// Indices of the passages by their best candidate for each part of the question, then those without one.
fn by_evidence(parts: &[&Part], material: &Material<'_>) -> Vec<usize> {
    let deepest = parts.iter().map(|part| part.order.len()).max().unwrap_or(0);
    let ranked = (0..deepest).flat_map(|place| {
        parts.iter().filter_map(move |part| {
            Some(material.candidates[part.evidence.scored[*part.order.get(place)?].index].passage)
        })
    });
    let mut order = Vec::new();
    for passage in ranked.chain(0..material.passages.len()) {
        if !order.contains(&passage) {
            order.push(passage);
        }
    }
    order
}

/// Lets `model` write a reply to the texts, instructions and the rest. Every piece is announced and handed to `take`, which says
/// whether to go on; its error ends the writing and is the result.
fn write(
    model: &mut dyn LanguageModel,
    (system, user): (&str, &str),
    writing: &Writing<'_>,
    answer: &mut Answer,
    telling: &mut Telling<'_>,
    take: &mut dyn FnMut(&str, &mut Answer, &mut Telling<'_>) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut failed = None;
    let reply = model.generate(system, user, writing, &mut |piece| {
        let told = telling.tell(AnswerEvent::Token { text: piece.to_owned() });
        match told.and_then(|()| take(piece, answer, telling)) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    let reply = reply.map_err(Error::Model)?;
    if let Some(error) = failed {
        return Err(error);
    }
    answer.timings.model = Some(reply.pace);
    Ok(())
}

/// Whether the answer stands in one of the best candidates, but masked.
fn is_masked(question: &Question, evidence: &Evidence, material: &Material<'_>) -> bool {
    let a_value = [Wants::Anything, Wants::Number, Wants::Place, Wants::Person, Wants::Time];
    let openings = ["what", "which", "who", "whose", "where", "when", "give", "tell"];
    let asks = crate::lexicon::words(&question.asked)
        .iter()
        .any(|word| openings.iter().any(|opening| word.starts_with(opening)));
    if !a_value.contains(&question.wants) || !asks {
        return false;
    }
    evidence.scored.iter().take(MASKED_AMONG).any(|entry| {
        let candidate = &material.candidates[entry.index];
        candidate.masked && asks_for_what_is_masked(&question.text, &candidate.text)
    })
}

/// What is said for all parts, each candidate once. A part whose best candidates have been said for an earlier one gets
/// the next that speaks of what only that part asks.
fn chosen(parts: &[&Part], material: &Material<'_>) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    let most = MOST_SAID.div_ceil(parts.len().max(1));
    for part in parts {
        let selected = select(&part.question, &part.evidence, material, &part.order);
        let mut new: Vec<usize> = selected.into_iter().filter(|index| !all.contains(index)).collect();
        if new.is_empty() {
            let of_its_own = |at: &usize| {
                let gains = part.evidence.scored[*at].gains.iter();
                gains.clone().any(|(concept, _)| part.question.concepts[*concept].weight >= 1.0)
            };
            let next = part.order.iter().copied().filter(of_its_own);
            new.extend(next.map(|at| part.evidence.scored[at].index).find(|index| !all.contains(index)));
        }
        new.truncate(most);
        all.extend(new);
    }
    all
}

/// A candidate as sentences with their citations, checked against the very bytes that are cited. A list is said item
/// by item; an item after what leads its list in.
fn sentences(
    candidate: &Candidate,
    passage: &Passage,
    checker: &mut dyn Checker,
) -> Result<Vec<AnswerSentence>, Error> {
    if candidate.shape == Shape::Row && !candidate.quoted {
        return Ok(vec![row(candidate, passage, checker)?]);
    }
    let spans: Vec<Span> = if candidate.items.is_empty() {
        candidate.lead.into_iter().chain([candidate.span]).collect()
    } else {
        candidate.items.clone()
    };
    Ok(spans
        .into_iter()
        .map(|span| {
            let bytes = bytes(passage, span);
            // The text comes from the candidate where it is one, so that the check compares two things.
            let text = if span == candidate.span {
                candidate.text.clone()
            } else {
                bytes.unwrap_or_default().to_owned()
            };
            let verdict = quote(&text, bytes);
            AnswerSentence { text, citations: vec![citation(candidate.passage, passage, span)], verdict }
        })
        .collect())
}

/// A row is written out with its column names, which stand in the table's first row.
fn row(candidate: &Candidate, passage: &Passage, checker: &mut dyn Checker) -> Result<AnswerSentence, Error> {
    let start = candidate.span.start.saturating_sub(passage.chunk.span.start);
    let header = table::header_of(&passage.chunk.text, start);
    let cells = bytes(passage, candidate.span).unwrap_or_default();
    let verdict = if table::is_written_out(&candidate.text, header, cells) {
        corpus::Verdict { supported: true, score: 1.0, quoted: false, problem: None }
    } else {
        checker.check(&candidate.text, &[&format!("{header}\n{cells}")])?
    };
    Ok(AnswerSentence {
        text: candidate.text.clone(),
        citations: vec![citation(candidate.passage, passage, candidate.span)],
        verdict,
    })
}

/// The bytes of a passage under a span of its document.
fn bytes(passage: &Passage, span: Span) -> Option<&str> {
    let start = passage.chunk.span.start;
    passage.chunk.text.get(span.start.checked_sub(start)?..span.end.checked_sub(start)?)
}

/// A citation of the bytes under `span` in the passage at `index`.
fn citation(index: usize, passage: &Passage, span: Span) -> Citation {
    let chunk = &passage.chunk;
    Citation {
        number: index + 1,
        document: chunk.document.clone(),
        digest: chunk.digest.clone(),
        span,
        page: chunk.page,
        headings: chunk.headings.clone(),
    }
}

#[cfg(test)]
mod tests;
