//! Rows for tests.

use std::collections::BTreeMap;

use corpus::{
    Answer, AnswerSentence, Chunk, ChunkId, Citation, Digest, DocumentId, Format, Outcome, Passage, Refusal,
    RunRecord, Span, Timings, Verdict, Why,
};

use super::{Kind, Question, Row};

/// A question that the document `d1` answers.
pub(crate) fn question(id: &str, kind: Kind, answers: &[&str]) -> Question {
    Question {
        id: id.to_owned(),
        question: "How long?".to_owned(),
        history: Vec::new(),
        scope: None,
        kind,
        answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
        gold: if kind == Kind::Answerable { vec!["d1".to_owned()] } else { Vec::new() },
        cluster: id.to_owned(),
    }
}

/// An answer that quotes `said` from `d1`; a refusal where nothing is said.
pub(crate) fn row(question: Question, said: &[&str]) -> Row {
    let text = said.join(" ");
    let digest = Digest::of(text.as_bytes());
    let document = DocumentId("d1".to_owned());
    let mut start = 7;
    let sentence = |text: &&str| {
        let span = Span::new(start, start + text.len());
        start = span.end + 1;
        AnswerSentence {
            text: (*text).to_owned(),
            citations: vec![Citation {
                number: 1,
                document: document.clone(),
                digest: digest.clone(),
                span,
                page: None,
                headings: Vec::new(),
            }],
            verdict: Verdict { supported: true, score: 1.0, quoted: true, problem: None },
        }
    };
    let sentences: Vec<AnswerSentence> = said.iter().map(sentence).collect();
    let passage = Passage {
        chunk: Chunk {
            id: ChunkId(uuid::Uuid::from_u128(1)),
            digest: digest.clone(),
            ordinal: 0,
            span: Span::new(7, 7 + text.len()),
            text,
            headings: Vec::new(),
            page: None,
            title: String::new(),
            source: "corpus".to_owned(),
            location: "d1".to_owned(),
            format: Format::Text,
            language: None,
            modified: None,
            metadata: BTreeMap::new(),
            document: document.clone(),
        },
        rank: 1,
        score: 1.0,
        why: Why::default(),
    };
    let outcome =
        if said.is_empty() { Outcome::Refused(Refusal::NothingSupported) } else { Outcome::Answered };
    Row {
        set: "set".to_owned(),
        written: sentences.len(),
        record: RunRecord {
            version: corpus::record::RECORD_VERSION,
            id: question.id.clone(),
            at: jiff::Timestamp::UNIX_EPOCH,
            generation: "g".to_owned(),
            fingerprints: BTreeMap::new(),
            answer: Answer {
                question: question.question.clone(),
                outcome,
                sentences,
                passages: vec![passage],
                confidence: 0.9,
                note: None,
                timings: Timings::default(),
            },
        },
        question,
    }
}
