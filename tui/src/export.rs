//! Answers and conversations as text for others.

use std::fmt::Write as _;

use corpus::{AnswerSentence, Citation, Passage};

use crate::backend::{Handover, Nearest, Tried};
use crate::session::Exchange;
use crate::text::{clean, line, shortened};

/// Turns that a hand-over tells of at most, the last ones.
const TRIED: usize = 20;
/// Passages that a hand-over note shows.
const NEAREST: usize = 5;
/// Columns of a passage that a hand-over note shows.
const EXCERPT: usize = 300;

/// The answer as it is sent to somebody: worded for them where that is wanted, with sources where wanted, and the notice that has to be there.
pub(crate) fn reply(exchange: &Exchange, tone: Option<&str>, sources: bool, notice: &str) -> String {
    let wording = exchange.wordings.iter().find(|wording| Some(wording.tone.as_str()) == tone);
    let mut text = match (wording, sources) {
        (Some(wording), true) => wording.cited.clone(),
        (Some(wording), false) => wording.text.clone(),
        (None, true) => cited(exchange),
        (None, false) => clean(&exchange.said()),
    };
    if sources {
        text.push('\n');
        for (number, passage) in footnotes(&exchange.passages, &exchange.sentences) {
            let _ = write!(text, "\n[{number}] {}", place(passage));
        }
    }
    if !notice.is_empty() {
        let _ = write!(text, "\n\n{notice}");
    }
    text
}

/// The sentences with their footnotes.
fn cited(exchange: &Exchange) -> String {
    let sentences = exchange.sentences.iter().map(|sentence| {
        let marks: String = numbers(&sentence.citations).iter().map(|n| format!("[{n}]")).collect();
        format!("{} {marks}", clean(&sentence.text))
    });
    sentences.collect::<Vec<_>>().join(" ")
}

/// The numbers of citations, each once where several stand side by side.
pub(crate) fn numbers(citations: &[Citation]) -> Vec<usize> {
    let mut numbers: Vec<usize> = citations.iter().map(|citation| citation.number).collect();
    numbers.dedup();
    numbers
}

/// The passages that `sentences` cite, with their numbers.
pub(crate) fn footnotes<'a>(
    passages: &'a [Passage],
    sentences: &'a [AnswerSentence],
) -> impl Iterator<Item = (usize, &'a Passage)> {
    let cited = |number: usize| sentences.iter().any(|s| s.citations.iter().any(|c| c.number == number));
    let numbered = passages.iter().enumerate().map(|(index, passage)| (index + 1, passage));
    numbered.filter(move |(number, _)| cited(*number))
}

/// Where a passage stands: title, headings, page, place and date.
pub(crate) fn place(passage: &Passage) -> String {
    let chunk = &passage.chunk;
    let mut text = heading(passage);
    let _ = write!(text, " — {}", chunk.location);
    if let Some(modified) = chunk.modified {
        let _ = write!(text, " ({})", modified.strftime("%Y-%m-%d"));
    }
    line(&text)
}

/// Title, headings and page of a passage.
pub(crate) fn heading(passage: &Passage) -> String {
    let chunk = &passage.chunk;
    let mut text = chunk.title.clone();
    for heading in chunk.headings.iter().filter(|heading| **heading != chunk.title) {
        let _ = write!(text, " › {heading}");
    }
    if let Some(page) = chunk.page {
        let _ = write!(text, ", page {page}");
    }
    line(&text)
}

/// The conversation as Markdown.
pub(crate) fn markdown(exchanges: &[Exchange], notice: &str) -> String {
    let mut text = String::from("# Conversation\n");
    for exchange in exchanges.iter().filter(|exchange| exchange.is_screened) {
        let _ = write!(text, "\n## {}\n\n{}\n", escaped(&exchange.question), outcome(exchange));
        for (number, passage) in footnotes(&exchange.passages, &exchange.sentences) {
            let _ = write!(text, "\n{number}. {}", escaped(&place(passage)));
        }
        if !exchange.sentences.is_empty() {
            text.push('\n');
        }
    }
    if !notice.is_empty() {
        let _ = write!(text, "\n---\n\n{}\n", escaped(notice));
    }
    text
}

/// What was said, or why nothing was.
fn outcome(exchange: &Exchange) -> String {
    match &exchange.answer {
        Some(corpus::Answer { outcome: corpus::Outcome::Refused(reason), .. }) => {
            format!("*No grounded answer. {}*", reason.explain())
        }
        Some(_) => escaped(&cited(exchange)),
        None if exchange.cancelled => "*stopped*".into(),
        None => "*no answer*".into(),
    }
}

/// `text` on one line, with what Markdown and HTML would take as markup made harmless. Footnotes stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '#' | '|' | '!' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The conversation as JSON: its identity and every answer with its passages, verdicts and timings.
pub(crate) fn json(conversation: &str, exchanges: &[Exchange]) -> String {
    let turns: Vec<serde_json::Value> = exchanges
        .iter()
        .filter_map(|exchange| {
            let answer = exchange.whole()?;
            Some(serde_json::json!({
                "record": exchange.record,
                "filters": exchange.filters,
                "mode": exchange.mode,
                "good": exchange.rating,
                "answer": answer,
            }))
        })
        .collect();
    let value = serde_json::json!({ "v": 1, "conversation": conversation, "turns": turns });
    let mut text = format!("{value:#}");
    text.push('\n');
    text
}

/// The hand-over of the last of `exchanges`. What was not screened yet is left out.
pub(crate) fn handover(exchanges: &[Exchange], remark: &str) -> Handover {
    let skipped = exchanges.len().saturating_sub(TRIED);
    let screened: Vec<&Exchange> =
        exchanges.iter().skip(skipped).filter(|exchange| exchange.is_screened).collect();
    let last = screened.last();
    let tried = screened.iter().map(|exchange| Tried {
        question: exchange.question.clone(),
        answer: if exchange.sentences.is_empty() { String::new() } else { cited(exchange) },
        refusal: match &exchange.answer {
            Some(corpus::Answer { outcome: corpus::Outcome::Refused(reason), .. }) => {
                reason.explain().to_owned()
            }
            _ => String::new(),
        },
        filters: exchange.filters.clone(),
    });
    let found = last.map_or(&[][..], |last| &last.passages);
    let nearest = found.iter().take(NEAREST).enumerate().map(|(index, passage)| Nearest {
        number: index + 1,
        document: line(&passage.chunk.title),
        heading: line(&passage.chunk.headings.join(" › ")),
        link: passage.chunk.location.clone(),
        page: passage.chunk.page,
        text: excerpt(passage),
    });
    Handover {
        question: last.map_or_else(String::new, |last| last.question.clone()),
        remark: remark.to_owned(),
        text: note(&screened, remark),
        tried: tried.collect(),
        passages: nearest.collect(),
    }
}

fn excerpt(passage: &Passage) -> String {
    shortened(&passage.chunk.text, EXCERPT)
}

/// A hand-over for people, in Markdown.
fn note(exchanges: &[&Exchange], remark: &str) -> String {
    let mut text = String::from("# Hand-over\n");
    if !remark.is_empty() {
        let _ = write!(text, "\n{}\n", escaped(remark));
    }
    for exchange in exchanges {
        let _ = write!(text, "\n## {}\n\n{}\n", escaped(&exchange.question), outcome(exchange));
        if !exchange.filters.is_empty() {
            let _ = write!(text, "\nConfined to {}.\n", escaped(&exchange.filters.join(", ")));
        }
    }
    if let Some(last) = exchanges.last().filter(|last| !last.passages.is_empty()) {
        text.push_str("\n## Nearest passages\n");
        for (index, passage) in last.passages.iter().take(NEAREST).enumerate() {
            let (place, excerpt) = (escaped(&place(passage)), escaped(&excerpt(passage)));
            let _ = write!(text, "\n{}. {place}\n   > {excerpt}\n", index + 1);
        }
    }
    text
}
