//! A question and what came of it.

use std::collections::{BTreeMap, HashSet};
use std::mem;

use corpus::terms::Analyzer;
use corpus::{Answer, AnswerEvent, AnswerSentence, Citation, Outcome, Passage};

use crate::backend::{Ask, BackendError, Resumed, Screened, Wording};

/// A question and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Number of the request.
    pub request: u64,
    /// The question: as typed, then as screened.
    pub question: String,
    /// Whether it is screened by now: before, it is shown and not written anywhere.
    pub is_screened: bool,
    /// What was masked in it, by kind.
    pub masked: BTreeMap<String, usize>,
    /// How the answer was to be worded, where it was chosen.
    pub mode: Option<String>,
    /// What the search was confined to.
    pub filters: Vec<String>,
    /// The passages found, as soon as they are known.
    pub passages: Vec<Passage>,
    /// Supported sentences so far.
    pub sentences: Vec<AnswerSentence>,
    /// Sentences that failed the check and are no part of the answer.
    pub dropped: Vec<AnswerSentence>,
    /// Whether they are shown.
    pub shows_dropped: bool,
    /// Pieces that the language model has written so far.
    pub tokens: usize,
    /// The answer, at the end. Its sentences and passages are those above and not kept twice: see `whole`.
    pub answer: Option<Answer>,
    /// Identity of its record.
    pub record: Option<String>,
    /// Why there is none, or why it was not kept.
    pub error: Option<BackendError>,
    /// Words of the question that no passage holds, where nothing is said.
    pub missing: Vec<String>,
    /// Whether the person stopped it.
    pub cancelled: bool,
    /// What the person says of it: good or bad.
    pub rating: Option<bool>,
    /// Whether the person has corrected it.
    pub corrected: bool,
    /// Whether the person made it a golden question.
    pub golden: bool,
    /// The answer as it is worded for others.
    pub wordings: Vec<Wording>,
    /// Grows with every change, so that what was laid out can be told from what is outdated.
    pub version: u32,
}

impl Exchange {
    pub(super) fn asked(request: u64, ask: &Ask) -> Self {
        Self {
            request,
            question: ask.question.clone(),
            mode: ask.mode.clone(),
            filters: ask.filters.clone(),
            ..Self::default()
        }
    }

    pub(super) fn resumed(request: u64, resumed: Resumed) -> Self {
        let mut answer = resumed.answer;
        let mut exchange = Self {
            request,
            question: answer.question.clone(),
            is_screened: true,
            passages: mem::take(&mut answer.passages),
            sentences: mem::take(&mut answer.sentences),
            answer: Some(answer),
            record: Some(resumed.record),
            wordings: resumed.wordings,
            ..Self::default()
        };
        exchange.missing = exchange.lacks();
        exchange
    }

    fn lacks(&self) -> Vec<String> {
        if self.is_refusal() { missing(self) } else { Vec::new() }
    }

    /// The answer with its sentences and passages, once it is there.
    pub(crate) fn whole(&self) -> Option<Answer> {
        let answer = self.answer.clone()?;
        Some(Answer { sentences: self.sentences.clone(), passages: self.passages.clone(), ..answer })
    }

    /// Whether more is to come.
    pub fn is_running(&self) -> bool {
        self.answer.is_none() && self.error.is_none() && !self.cancelled
    }

    /// Whether nothing is said.
    pub fn is_refusal(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| matches!(answer.outcome, Outcome::Refused(_)))
    }

    /// The answer as one text, without footnotes.
    pub fn said(&self) -> String {
        self.sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// All citations in the order of the answer.
    pub(super) fn citations(&self) -> Vec<&Citation> {
        self.sentences.iter().flat_map(|sentence| &sentence.citations).collect()
    }

    /// Whether the answer rests on `citation`, and does not merely have found it.
    pub(crate) fn cites(&self, citation: &Citation) -> bool {
        self.citations().contains(&citation)
    }

    /// What footnote `number` points to; where nothing cites it, the passage of that number.
    pub(super) fn citation(&self, number: usize) -> Option<Citation> {
        let cited = self.citations().into_iter().find(|citation| citation.number == number).cloned();
        cited.or_else(|| {
            let chunk = &self.passages.get(number.checked_sub(1)?)?.chunk;
            Some(Citation {
                number,
                document: chunk.document.clone(),
                digest: chunk.digest.clone(),
                span: chunk.span,
                page: chunk.page,
                headings: chunk.headings.clone(),
            })
        })
    }

    pub(super) fn screened(&mut self, screened: Screened) {
        self.question = screened.text;
        self.masked = screened.masked;
        self.is_screened = true;
    }

    pub(super) fn goes_on(&mut self, event: AnswerEvent) {
        match event {
            AnswerEvent::Passages { passages } => self.passages = passages,
            AnswerEvent::Sentence { sentence } if sentence.verdict.supported => self.sentences.push(sentence),
            AnswerEvent::Sentence { sentence } => self.dropped.push(sentence),
            AnswerEvent::Token { .. } => self.tokens += 1,
            AnswerEvent::Done { mut answer } => {
                self.question.clone_from(&answer.question);
                self.is_screened = true;
                self.sentences = mem::take(&mut answer.sentences);
                if !answer.passages.is_empty() {
                    self.passages = mem::take(&mut answer.passages);
                }
                self.answer = Some(*answer);
                self.missing = self.lacks();
            }
        }
    }
}

/// More words that are missing say only that the question is about something else, or in another language.
const MANY: usize = 5;

/// The words of a question that no passage found for it holds in any form; none where they are many.
fn missing(exchange: &Exchange) -> Vec<String> {
    let language = |passage: &corpus::Passage| passage.chunk.language.clone();
    let language = exchange.passages.first().and_then(language).unwrap_or_else(|| "en".into());
    let analyzer = Analyzer::new(&language);
    let held: HashSet<String> = exchange
        .passages
        .iter()
        .flat_map(|passage| analyzer.terms(&passage.chunk.context()))
        .map(|term| term.text)
        .collect();
    let mut missing: Vec<String> = Vec::new();
    for term in analyzer.terms(&exchange.question) {
        let word = term.span.of(&exchange.question).unwrap_or_default().to_owned();
        let before = exchange.question.get(..term.span.start).unwrap_or_default();
        // What stands for something masked is in no passage.
        if before.ends_with('[') {
            continue;
        }
        if !held.contains(&term.text) && !missing.contains(&word) {
            missing.push(word);
        }
    }
    if missing.len() > MANY { Vec::new() } else { missing }
}
