//! The conversation: questions, answers with footnotes and verdicts, refusals with the nearest passages.

use std::collections::HashMap;

use corpus::AnswerSentence;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{pane, push};
use crate::backend::BackendError;
use crate::export::{footnotes, heading, numbers};
use crate::keys::Action;
use crate::session::{Exchange, Focus, Phase, Session};
use crate::text::shortened;
use crate::theme::{Role, Theme};

/// Columns of a passage that is shown under a refusal.
const EXCERPT: usize = 160;
/// Passages that are listed before there is an answer, and under a refusal.
const NEAREST: usize = 5;

/// How many rows each exchange takes, as far as it has been laid out at this width.
#[derive(Debug, Default)]
pub(super) struct Heights {
    columns: usize,
    /// By place in the conversation: request and version of the exchange, and its rows.
    known: Vec<Option<(u64, u32, usize)>>,
}

/// A conversation being laid out for one frame.
struct Layout<'a> {
    session: &'a Session,
    columns: usize,
    heights: &'a mut Heights,
    /// What has been laid out for its height and may be drawn as well.
    laid: HashMap<usize, Vec<Line<'static>>>,
}

impl Layout<'_> {
    /// Rows of an exchange with the empty one below it.
    fn rows(&mut self, place: usize) -> usize {
        let exchange = &self.session.exchanges[place];
        let now = (exchange.request, exchange.version);
        if self.heights.known.len() <= place {
            self.heights.known.resize(place + 1, None);
        }
        match self.heights.known[place] {
            Some((request, version, rows)) if (request, version) == now => rows,
            _ => {
                let lines = self.lines(place);
                let rows = lines.len();
                self.laid.insert(place, lines);
                self.heights.known[place] = Some((now.0, now.1, rows));
                rows
            }
        }
    }

    fn lines(&mut self, place: usize) -> Vec<Line<'static>> {
        self.laid.remove(&place).unwrap_or_else(|| {
            let mut lines = exchange_lines(self.session, place, self.columns);
            lines.push(Line::default());
            lines
        })
    }
}

/// Draws the end of the conversation, or what is `session.scroll` rows above it, and says how far that really is.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session, heights: &mut Heights) -> usize {
    let theme = &session.settings.theme;
    let block = pane("citedesk", session.focus == Focus::Answer, theme, area.width);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (columns, rows) = (inner.width as usize, inner.height as usize);
    if heights.columns != columns || heights.known.len() > session.exchanges.len() {
        *heights = Heights { columns, known: Vec::new() };
    }
    let mut tail = Vec::new();
    if let Some(trouble) = &session.trouble {
        error_lines(&mut tail, trouble, columns, theme);
        let key = session.settings.keymap.key(Action::Back);
        push(&mut tail, &format!("{key} puts this away"), "  ", columns, theme.style(Role::Dim));
    }
    if session.exchanges.is_empty() {
        let mut lines = welcome(session, columns);
        lines.append(&mut tail);
        lines.truncate(rows);
        frame.render_widget(Paragraph::new(lines), inner);
        return 0;
    }
    let mut layout = Layout { session, columns, heights, laid: HashMap::new() };
    let last = session.exchanges.len();
    let wanted = match session.reveal {
        // With its first row at the top, as far as there is something below.
        Some(place) => {
            let below: usize = (place..last).map(|place| layout.rows(place)).sum();
            (below + tail.len()).saturating_sub(rows)
        }
        None => session.scroll,
    };
    // From the end up to the first row that is in sight.
    let mut below = tail.len();
    let mut first = last;
    while first > 0 && below < wanted.saturating_add(rows) {
        first -= 1;
        below += layout.rows(first);
    }
    let scroll = wanted.min(below.saturating_sub(rows));
    let mut skip = below.saturating_sub(rows + scroll);
    let mut visible: Vec<Line<'static>> = Vec::with_capacity(rows);
    for place in first..last {
        if visible.len() >= rows {
            break;
        }
        let height = layout.rows(place);
        if skip >= height {
            skip -= height;
            continue;
        }
        visible.extend(layout.lines(place).drain(skip..));
        skip = 0;
    }
    visible.extend(tail.into_iter().skip(skip));
    visible.truncate(rows);
    frame.render_widget(Paragraph::new(visible), inner);
    scroll
}

fn error_lines(lines: &mut Vec<Line<'static>>, error: &BackendError, columns: usize, theme: &Theme) {
    push(lines, &error.message, "! ", columns, theme.style(Role::Bad));
    if let Some(hint) = &error.hint {
        push(lines, &format!("try: {hint}"), "  ", columns, theme.style(Role::Strong));
    }
}

fn welcome(session: &Session, columns: usize) -> Vec<Line<'static>> {
    let theme = &session.settings.theme;
    let mut lines = Vec::new();
    match &session.phase {
        Phase::Broken(error) => error_lines(&mut lines, error, columns, theme),
        Phase::Loading => {
            push(&mut lines, "Loading models. You can type already.", "", columns, theme.style(Role::Dim));
        }
        Phase::Ready(_) => {
            let mut text = "Ask in your own words. Every sentence of an answer names its source; where there is none, there is \
                            no answer."
                .to_owned();
            if session.tour.is_none() {
                let key = session.settings.keymap.key(Action::Tour);
                let tour = if key.is_empty() { format!("/{}", Action::Tour.name()) } else { key };
                text.push_str(&format!(" {tour} shows how, step by step."));
            }
            push(&mut lines, &text, "", columns, theme.style(Role::Dim));
        }
    }
    lines
}

fn exchange_lines(session: &Session, place: usize, columns: usize) -> Vec<Line<'static>> {
    let theme = &session.settings.theme;
    let exchange = &session.exchanges[place];
    let mut lines = Vec::new();
    let sign = if session.chosen == Some(place) { "» " } else { "› " };
    push(&mut lines, &exchange.question, sign, columns, theme.style(Role::Strong));
    about(&mut lines, exchange, columns, theme);
    for sentence in &exchange.sentences {
        sentence_lines(&mut lines, sentence, columns, theme);
    }
    dropped_lines(&mut lines, exchange, columns, theme);
    if let Some(error) = &exchange.error {
        error_lines(&mut lines, error, columns, theme);
    }
    if exchange.cancelled {
        push(&mut lines, "stopped", "! ", columns, theme.style(Role::Bad));
    }
    let answer = exchange.answer.as_ref();
    let refusal = answer.and_then(|answer| match answer.outcome {
        corpus::Outcome::Refused(reason) => Some(reason),
        _ => None,
    });
    if let Some(reason) = refusal {
        let text = format!("No grounded answer. {}", reason.explain());
        push(&mut lines, &text, "✗ ", columns, theme.style(Role::Bad));
    }
    if let Some(note) = answer.and_then(|answer| answer.note.as_ref()) {
        push(&mut lines, note, "  ", columns, theme.style(Role::Dim));
    }
    if refusal.is_some() {
        if !exchange.missing.is_empty() {
            let text = format!("No passage speaks of: {}", exchange.missing.join(", "));
            push(&mut lines, &text, "  ", columns, theme.style(Role::Bad));
        }
        push(&mut lines, "/escalate hands it over", "  ", columns, theme.style(Role::Dim));
    }
    passage_lines(&mut lines, exchange, columns, theme);
    remarks(&mut lines, exchange, columns, theme);
    if exchange.is_running() {
        let state = match (exchange.passages.is_empty(), exchange.tokens) {
            (true, _) => "searching…".to_owned(),
            (false, 0) => "reading the passages…".into(),
            (false, tokens) => format!("writing… {tokens} tokens, shown once they are checked"),
        };
        push(&mut lines, &state, "  ", columns, theme.style(Role::Dim));
    }
    lines
}

/// What was masked in the question, and how it was asked.
fn about(lines: &mut Vec<Line<'static>>, exchange: &Exchange, columns: usize, theme: &Theme) {
    if !exchange.masked.is_empty() {
        let masked: Vec<String> =
            exchange.masked.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
        let text = format!("masked in the question: {}", masked.join(", "));
        push(lines, &text, "  ", columns, theme.style(Role::Dim));
    }
    let mut how: Vec<String> = exchange.filters.iter().map(|filter| format!("[{filter}]")).collect();
    how.extend(exchange.mode.iter().map(|mode| format!("({mode})")));
    if !how.is_empty() {
        push(lines, &how.join(" "), "  ", columns, theme.style(Role::Accent));
    }
}

fn sentence_lines(lines: &mut Vec<Line<'static>>, sentence: &AnswerSentence, columns: usize, theme: &Theme) {
    let marks: String = numbers(&sentence.citations).iter().map(|number| format!("[{number}]")).collect();
    let first = lines.len();
    push(lines, &format!("{} {marks}", sentence.text), "  ", columns, Style::new());
    if let Some(span) = lines.get_mut(first).and_then(|line| line.spans.first_mut()) {
        *span = Span::styled("✓ ", theme.style(Role::Good));
    }
}

/// What failed the check is counted, and shown where it is asked for, never as part of the answer.
fn dropped_lines(lines: &mut Vec<Line<'static>>, exchange: &Exchange, columns: usize, theme: &Theme) {
    if exchange.dropped.is_empty() {
        return;
    }
    if !exchange.shows_dropped {
        let text = format!("{} unsupported left out; /dropped shows", exchange.dropped.len());
        push(lines, &text, "  ", columns, theme.style(Role::Dim));
        return;
    }
    push(lines, "Left out, not supported:", "  ", columns, theme.style(Role::Dim));
    for sentence in &exchange.dropped {
        push(lines, &sentence.text, "✗ ", columns, theme.style(Role::Bad));
        if let Some(problem) = &sentence.verdict.problem {
            push(lines, problem, "    ", columns, theme.style(Role::Dim));
        }
    }
}

/// Footnotes of an answer; what was found, before there is one; the nearest passages of a refusal.
fn passage_lines(lines: &mut Vec<Line<'static>>, exchange: &Exchange, columns: usize, theme: &Theme) {
    if exchange.passages.is_empty() {
        return;
    }
    let refused = exchange.is_refusal();
    let answered = exchange.answer.is_some() && !refused;
    let title = match (answered, refused) {
        (true, _) => "Sources",
        (_, true) => "Nearest passages",
        _ => "Found",
    };
    lines.push(Line::default());
    push(lines, title, "", columns, theme.style(Role::Strong));
    let shown: Vec<(usize, &corpus::Passage)> = if answered {
        footnotes(&exchange.passages, &exchange.sentences).collect()
    } else {
        exchange.passages.iter().enumerate().map(|(index, p)| (index + 1, p)).take(NEAREST).collect()
    };
    for (number, passage) in shown {
        let mut place = heading(passage);
        if let Some(modified) = passage.chunk.modified {
            place.push_str(&format!(" ({})", modified.strftime("%Y-%m-%d")));
        }
        push(lines, &place, &format!("[{number}] "), columns, theme.style(Role::Accent));
        if refused {
            let excerpt = shortened(&passage.chunk.text, EXCERPT);
            push(lines, &excerpt, "    ", columns, theme.style(Role::Dim));
        }
    }
}

/// What the person said of the answer.
fn remarks(lines: &mut Vec<Line<'static>>, exchange: &Exchange, columns: usize, theme: &Theme) {
    let said = [
        exchange.rating.map(|good| if good { "rated good (+)" } else { "rated bad (-)" }),
        exchange.corrected.then_some("corrected"),
        exchange.golden.then_some("golden (*)"),
    ];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    if !said.is_empty() {
        push(lines, &said.join(" · "), "  ", columns, theme.style(Role::Accent));
    }
}
