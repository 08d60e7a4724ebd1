//! The source pane: the cited document, opened at the cited bytes, which are marked.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Theme, pane};
use crate::session::{Focus, Session, Source};
use crate::text::{clean, wrap};

/// Rows shown above the cited passage.
const LEAD: usize = 4;
/// Bytes of the document that are laid out around the citation. More would make a frame of a huge document slow.
const WINDOW: usize = 64 * 1024;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session, source: &Source, theme: Theme) {
    let title = source.document.as_ref().map_or_else(
        || format!(" [{}] {} ", source.citation.number, source.id),
        |document| format!(" [{}] {} — {} ", source.citation.number, document.title, document.location),
    );
    let block = pane(clean(&title), session.focus == Focus::Source, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let mut lines = Vec::new();
    let mut place: Vec<String> = source.citation.headings.clone();
    if let Some(page) = source.citation.page {
        place.push(format!("page {page}"));
    }
    if let Some(modified) = source.document.as_ref().and_then(|document| document.modified) {
        place.push(modified.strftime("%Y-%m-%d").to_string());
    }
    lines.push(Line::from(Span::styled(clean(&place.join(" › ")), theme.dim())));
    if let Some(error) = &source.error {
        lines.push(Line::from(Span::styled(clean(error), theme.bad())));
    } else if let Some(document) = &source.document {
        let rows = (inner.height as usize).saturating_sub(1);
        lines.extend(body(&document.text, source, session.source_scroll, inner.width as usize, rows, theme));
    } else {
        lines.push(Line::from(Span::styled("opening…", theme.dim())));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn body(
    text: &str,
    source: &Source,
    scroll: isize,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let cited = source.citation.span;
    let start = floor(text, cited.start.saturating_sub(WINDOW));
    let end = floor(text, cited.end.saturating_add(WINDOW).min(text.len()));
    let window = text.get(start..end).unwrap_or_default();
    let rows = wrap(window, width);
    let first = rows.iter().position(|row| start + row.end > cited.start).unwrap_or(0);
    let last = rows.len().saturating_sub(height);
    let top = first.saturating_sub(LEAD).saturating_add_signed(scroll).min(last);
    rows.into_iter()
        .skip(top)
        .take(height)
        .map(|row| {
            let (from, to) = (start + row.start, start + row.end);
            let (a, b) = (cited.start.clamp(from, to), cited.end.clamp(from, to));
            let piece = |range: std::ops::Range<usize>| clean(text.get(range).unwrap_or_default());
            Line::from(vec![
                Span::raw(piece(from..a)),
                Span::styled(piece(a..b), theme.marked()),
                Span::raw(piece(b..to)),
            ])
        })
        .collect()
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
