//! Judging one answer against its golden question.

use corpus::{Answer, DocumentRecord, Outcome, Passage};
use serde::{Deserialize, Serialize};

use crate::golden::{Kind, Question};

/// What one answer is worth. Measures that do not apply are `None`, never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Id of the question.
    pub question: String,
    /// What makes the question hard.
    pub kind: Kind,
    /// Whether the documents answer the question.
    pub answerable: bool,
    /// Whether the answer was a refusal.
    pub refused: bool,
    /// Rank, from 1, of the first passage that holds each piece of evidence.
    pub ranks: Vec<Option<usize>>,
    /// Whether every required string stands in the answer; `None` where none is required or it was refused.
    pub contains: Option<bool>,
    /// Whether a citation points into a passage that holds evidence; `None` where nothing was said.
    pub cites_evidence: Option<bool>,
    /// Citations that do not resolve: no such passage or document, or bytes that are not there.
    pub broken_citations: usize,
    /// Sentences said without support. Must be 0.
    pub unsupported: usize,
}

impl Grade {
    /// A right refusal, or an answer with what is required and nothing broken.
    pub fn is_right(&self) -> bool {
        if self.broken_citations > 0 || self.unsupported > 0 {
            return false;
        }
        if self.answerable {
            !self.refused && self.contains.or(self.cites_evidence).unwrap_or(false)
        } else {
            self.refused
        }
    }
}

/// Judges `answer` to `question`. `ranking` is what retrieval found, best first; `document` looks up a cited
/// document by id in the generation that was searched.
pub fn grade(
    question: &Question,
    ranking: &[Passage],
    answer: &Answer,
    mut document: impl FnMut(&corpus::DocumentId) -> Option<DocumentRecord>,
) -> Grade {
    let ranks = question
        .evidence
        .iter()
        .map(|evidence| ranking.iter().position(|passage| evidence.is_in(&passage.chunk)).map(|i| i + 1))
        .collect();
    let refused = matches!(answer.outcome, Outcome::Refused(_));
    let said = answer.sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ");
    let said = fold(&said);
    let contains = (!refused && !question.must_contain.is_empty()).then(|| {
        question.must_contain.iter().all(|needed| needed.split('|').any(|part| said.contains(&fold(part))))
    });
    let mut broken_citations = 0;
    let mut cites = false;
    for sentence in &answer.sentences {
        if sentence.citations.is_empty() {
            broken_citations += 1;
        }
        for citation in &sentence.citations {
            let passage = citation.number.checked_sub(1).and_then(|index| answer.passages.get(index));
            let resolves = passage.is_some_and(|passage| {
                passage.chunk.document == citation.document && passage.chunk.digest == citation.digest
            }) && document(&citation.document).is_some_and(|record| {
                record.digest == citation.digest
                    && citation.span.of(&record.text).is_some_and(|text| {
                        !text.is_empty()
                            && (!sentence.verdict.quoted || fold(text).contains(&fold(&sentence.text)))
                    })
            });
            if !resolves {
                broken_citations += 1;
            }
            cites |= passage.is_some_and(|passage| {
                question.evidence.iter().any(|evidence| evidence.is_in(&passage.chunk))
            });
        }
    }
    Grade {
        question: question.id.clone(),
        kind: question.kind,
        answerable: question.answerable,
        refused,
        ranks,
        contains,
        cites_evidence: (!answer.sentences.is_empty()).then_some(cites),
        broken_citations,
        unsupported: answer.sentences.iter().filter(|sentence| !sentence.verdict.supported).count(),
    }
}

/// Lower case, every run of white space one space.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
