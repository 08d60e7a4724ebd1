//! The conversation: questions, answers with footnotes and verdicts, refusals with the nearest passages.

use corpus::{AnswerSentence, Passage};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Theme, pane};
use crate::session::{Exchange, Focus, Phase, Session, is_refusal};
use crate::text::{clean, wrap};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session, theme: Theme) {
    let block = pane(" citedesk ".into(), session.focus == Focus::Answer, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let width = inner.width as usize;
    let height = inner.height as usize;
    let mut lines = Vec::new();
    // Later exchanges are drawn first and the earlier ones only as far as they can be seen.
    let wanted = height + session.scroll;
    for exchange in session.exchanges.iter().rev() {
        let mut part = exchange_lines(exchange, width, theme);
        part.push(Line::default());
        part.append(&mut lines);
        lines = part;
        if lines.len() > wanted {
            break;
        }
    }
    if session.exchanges.is_empty() {
        lines = welcome(session, width, theme);
    }
    let top = lines.len().saturating_sub(height);
    let skip = top.saturating_sub(session.scroll);
    let visible: Vec<Line<'_>> = lines.into_iter().skip(skip).take(height).collect();
    frame.render_widget(Paragraph::new(visible), inner);
}

fn welcome(session: &Session, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match &session.phase {
        Phase::Broken(error) => {
            push(&mut lines, &error.message, "", width, theme.bad());
            if let Some(hint) = &error.hint {
                push(&mut lines, &format!("try: {hint}"), "", width, theme.bold());
            }
        }
        Phase::Loading => push(&mut lines, "Loading models. You can type already.", "", width, theme.dim()),
        Phase::Ready(_) => push(
            &mut lines,
            "Ask in your own words. Every sentence of an answer names its source; where there is none, there is no answer.",
            "",
            width,
            theme.dim(),
        ),
    }
    lines
}

fn exchange_lines(exchange: &Exchange, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    push(&mut lines, &exchange.question, "› ", width, theme.bold());
    for sentence in &exchange.sentences {
        sentence_lines(&mut lines, sentence, width, theme);
    }
    if let Some(error) = &exchange.error {
        push(&mut lines, &error.message, "! ", width, theme.bad());
        if let Some(hint) = &error.hint {
            push(&mut lines, &format!("try: {hint}"), "  ", width, theme.bold());
        }
    }
    if exchange.cancelled {
        push(&mut lines, "stopped", "! ", width, theme.bad());
    }
    let refused = exchange.answer.as_ref().is_some_and(is_refusal);
    if refused && let Some(corpus::Outcome::Refused(reason)) = exchange.answer.as_ref().map(|a| &a.outcome) {
        push(&mut lines, &format!("No grounded answer. {}", reason.explain()), "✗ ", width, theme.bad());
    }
    if let Some(note) = exchange.answer.as_ref().and_then(|answer| answer.note.as_ref()) {
        push(&mut lines, note, "  ", width, theme.dim());
    }
    passage_lines(&mut lines, exchange, refused, width, theme);
    if exchange.is_running() {
        let state = if exchange.passages.is_empty() { "searching…" } else { "reading the passages…" };
        push(&mut lines, state, "  ", width, theme.dim());
    }
    lines
}

fn sentence_lines(lines: &mut Vec<Line<'static>>, sentence: &AnswerSentence, width: usize, theme: Theme) {
    let mut numbers: Vec<usize> = sentence.citations.iter().map(|citation| citation.number).collect();
    numbers.dedup();
    let marks: String = numbers.iter().map(|number| format!("[{number}]")).collect();
    let (sign, style) =
        if sentence.verdict.supported { ("✓ ", theme.good()) } else { ("✗ ", theme.bad()) };
    let first = lines.len();
    push(lines, &format!("{} {marks}", sentence.text), "  ", width, ratatui::style::Style::new());
    if let Some(span) = lines.get_mut(first).and_then(|line| line.spans.first_mut()) {
        *span = Span::styled(sign, style);
    }
}

/// Footnotes of an answer; what was found, before there is one; the nearest passages of a refusal.
fn passage_lines(
    lines: &mut Vec<Line<'static>>,
    exchange: &Exchange,
    refused: bool,
    width: usize,
    theme: Theme,
) {
    if exchange.passages.is_empty() {
        return;
    }
    let answered = exchange.answer.is_some() && !refused;
    let title = match (answered, refused) {
        (true, _) => "Sources",
        (_, true) => "Nearest passages",
        _ => "Found",
    };
    lines.push(Line::default());
    push(lines, title, "", width, theme.bold());
    let cited = |number: usize| {
        exchange.sentences.iter().any(|s| s.citations.iter().any(|citation| citation.number == number))
    };
    let shown = exchange.passages.iter().enumerate().filter(|(index, _)| !answered || cited(index + 1));
    for (index, passage) in shown.take(if answered { usize::MAX } else { 5 }) {
        push(lines, &place(passage), &format!("[{}] ", index + 1), width, theme.accent());
        if refused {
            let line = passage.chunk.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let excerpt: String = line.chars().take(160).collect();
            push(lines, &excerpt, "    ", width, theme.dim());
        }
    }
}

/// Title, headings, page and date of a passage.
fn place(passage: &Passage) -> String {
    let chunk = &passage.chunk;
    let mut text = chunk.title.clone();
    for heading in chunk.headings.iter().filter(|heading| **heading != chunk.title) {
        text.push_str(" › ");
        text.push_str(heading);
    }
    if let Some(page) = chunk.page {
        text.push_str(&format!(", page {page}"));
    }
    if let Some(modified) = chunk.modified {
        text.push_str(&format!(" ({})", modified.strftime("%Y-%m-%d")));
    }
    text
}

/// `text` in rows of `width` columns behind `first`, later rows indented as far.
fn push(lines: &mut Vec<Line<'static>>, text: &str, first: &str, width: usize, style: ratatui::style::Style) {
    let text = clean(text);
    let indent = unicode_width::UnicodeWidthStr::width(first);
    for (index, row) in wrap(&text, width.saturating_sub(indent)).into_iter().enumerate() {
        let lead = if index == 0 { first.to_owned() } else { " ".repeat(indent) };
        lines.push(Line::from(vec![Span::styled(lead, style), Span::styled(text[row].to_owned(), style)]));
    }
}
