//! Questions as data of the page, which draws only those in sight. Texts become text there, never markup.

use std::collections::HashMap;

use corpus::{Answer, Citation, Passage};
use serde::Serialize;

use crate::record::Record;
use crate::score::Score;

/// What the page is given; names are short, as there are many.
#[derive(Serialize)]
struct Page<'a> {
    measures: Vec<&'static str>,
    questions: Vec<Question<'a>>,
    passages: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    set: &'a str,
    text: &'a str,
    slices: &'a std::collections::BTreeMap<String, String>,
    outcome: &'static str,
    note: Option<&'a str>,
    confidence: f64,
    /// By place in `measures`, rounded.
    values: Vec<Option<f64>>,
    said: Vec<Sentence<'a>>,
    /// Places in the passages of the page.
    passages: Vec<usize>,
    references: &'a [String],
    required: &'a [String],
    relevant: Vec<&'a str>,
    found: Vec<&'a str>,
    answerable: Option<bool>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Sentence<'a> {
    text: &'a str,
    supported: bool,
    quoted: bool,
    score: f32,
    citations: Vec<Cited>,
}

/// A citation: number of the passage, and where in its text, in UTF-16 units, as the page counts.
#[derive(Serialize)]
struct Cited {
    number: usize,
    range: Option<(usize, usize)>,
}

#[derive(Serialize)]
struct Shown<'a> {
    document: &'a str,
    title: &'a str,
    location: &'a str,
    headings: &'a [String],
    page: Option<u32>,
    text: &'a str,
}

/// Documents of a ranking that are shown.
const RANKED: usize = 10;

/// The data as JSON that can stand in a script element.
pub(super) fn embed(records: &[Record], scores: &[Score]) -> String {
    let mut passages = Vec::new();
    let mut places = HashMap::new();
    let questions: Vec<Question<'_>> = records
        .iter()
        .zip(scores)
        .map(|(record, score)| question(record, score, &mut passages, &mut places))
        .collect();
    let page = Page {
        measures: crate::measure::MEASURES.iter().map(|measure| measure.id).collect(),
        questions,
        passages,
    };
    // Numbers, texts and maps with texts as keys: this cannot fail.
    let json = serde_json::to_string(&page).unwrap_or_default();
    let mut safe = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn question<'a>(
    record: &'a Record,
    score: &'a Score,
    passages: &mut Vec<Shown<'a>>,
    places: &mut HashMap<(&'a str, &'a str), usize>,
) -> Question<'a> {
    let answer = record.answer();
    let mut place = |passage: &'a Passage| {
        let chunk = &passage.chunk;
        *places.entry((chunk.document.0.as_str(), chunk.text.as_str())).or_insert_with(|| {
            passages.push(Shown {
                document: &chunk.document.0,
                title: &chunk.title,
                location: &chunk.location,
                headings: &chunk.headings,
                page: chunk.page,
                text: &chunk.text,
            });
            passages.len() - 1
        })
    };
    let shown = answer.passages.iter().map(&mut place).collect();
    let judgement = record.judgement.as_ref();
    let relevant = judgement.into_iter().flat_map(|judgement| &judgement.relevant);
    let sentence = |sentence: &'a corpus::AnswerSentence| Sentence {
        text: &sentence.text,
        supported: sentence.verdict.supported,
        quoted: sentence.verdict.quoted,
        score: sentence.verdict.score,
        citations: sentence.citations.iter().map(|citation| cited(citation, answer)).collect(),
    };
    Question {
        id: &record.id,
        set: &record.set,
        text: &answer.question,
        slices: &record.slices,
        outcome: score.outcome,
        note: answer.note.as_deref(),
        confidence: round(score.confidence),
        values: score.values.0.iter().map(|value| value.map(round)).collect(),
        said: answer.sentences.iter().map(sentence).collect(),
        passages: shown,
        references: judgement.map_or(&[], |judgement| &judgement.answers),
        required: judgement.map_or(&[], |judgement| &judgement.must_contain),
        relevant: relevant.filter(|(_, grade)| **grade > 0).map(|(document, _)| document.as_str()).collect(),
        found: record.ranking.iter().take(RANKED).map(|found| found.document.as_str()).collect(),
        answerable: judgement.and_then(|judgement| judgement.answerable),
        reason: judgement.map_or("", |judgement| &judgement.reason),
    }
}

fn cited(citation: &Citation, answer: &Answer) -> Cited {
    let range = || {
        let chunk = &answer.passages.get(citation.number.checked_sub(1)?)?.chunk;
        let units = |end: usize| Some(chunk.text.get(..end)?.encode_utf16().count());
        let start = units(citation.span.start.checked_sub(chunk.span.start)?)?;
        let end = units(citation.span.end.checked_sub(chunk.span.start)?)?;
        (start < end).then_some((start, end))
    };
    Cited { number: citation.number, range: range() }
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
