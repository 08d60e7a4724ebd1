//! Answers and records for tests.

use std::collections::BTreeMap;

use corpus::{
    Answer, AnswerSentence, Chunk, ChunkId, Citation, Digest, DocumentId, Format, Outcome, Passage, Refusal,
    RunRecord, Span, Timings, Verdict, Why,
};

use crate::judgement::Judgement;
use crate::record::{Found, Record, VERSION};

/// An answer that quotes `said` from the document `d1`; a refusal where nothing is said.
pub(crate) fn answer(said: &[&str]) -> Answer {
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
    Answer {
        question: "How long?".to_owned(),
        outcome,
        sentences,
        passages: vec![passage],
        confidence: 0.9,
        note: None,
        timings: Timings::default(),
    }
}

/// A line of the log with such an answer.
pub(crate) fn logged(id: &str, said: &[&str]) -> RunRecord {
    RunRecord {
        version: corpus::record::RECORD_VERSION,
        id: id.to_owned(),
        at: jiff::Timestamp::UNIX_EPOCH,
        generation: "g".to_owned(),
        fingerprints: BTreeMap::new(),
        answer: answer(said),
    }
}

/// A record of an answerable question, answered with quotes from the right document; a refusal where nothing is said.
pub(crate) fn record(id: &str, said: &[&str]) -> Record {
    Record {
        version: VERSION,
        id: id.to_owned(),
        set: "set".to_owned(),
        cluster: id.to_owned(),
        slices: BTreeMap::new(),
        ranking: vec![
            Found { document: "d1".to_owned(), score: 1.0 },
            Found { document: "d2".to_owned(), score: 0.5 },
        ],
        written: said.len(),
        judgement: Some(Judgement {
            answerable: Some(true),
            answers: vec!["36 months".to_owned()],
            relevant: BTreeMap::from([("d1".to_owned(), 1)]),
            ..Judgement::default()
        }),
        record: logged(id, said),
    }
}
