//! The source pane: the cited document, opened at the cited bytes, which are marked; what is looked for is marked too.

use std::ops::Range;

use corpus::DocumentRecord;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::document::{Piece, Walk};
use super::pane;
use crate::session::{Focus, Place, Session, Source};
use crate::text::{clean, shortened, width};
use crate::theme::{Role, Theme};

/// Rows shown above what is brought into sight.
const LEAD: isize = 4;

/// Draws the source and says which row is at the top.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session, source: &Source) -> Option<Place> {
    let theme = &session.settings.theme;
    let title = source.document.as_ref().map_or_else(
        || format!("[{}] {}", source.citation.number, source.id),
        |document| format!("[{}] {} — {}", source.citation.number, document.title, document.location),
    );
    let block = pane(&title, session.focus == Focus::Source, theme, area.width);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let columns = inner.width as usize;
    let body = (inner.height as usize).saturating_sub(1);
    let mut lines = Vec::new();
    let mut settled = None;
    let mut in_sight = source.citation.span.start;
    if let Some(error) = &source.error {
        lines.push(Line::from(Span::styled(shortened(error, columns), theme.style(Role::Bad))));
    } else if let Some(document) = &source.document {
        let walk = Walk::new(&document.text, source, columns);
        let place = settle(&walk, source, body);
        settled = Some(place);
        let last;
        (lines, last) = visible(&walk, document, source, place, body, theme);
        // While the citation is in sight, it is what one reads.
        if !(place.segment..=last).contains(&source.segment_of(in_sight)) {
            in_sight = source.segments.get(place.segment).map_or(0, |segment| segment.span.start);
        }
    } else {
        lines.push(Line::from(Span::styled("opening…", theme.style(Role::Dim))));
    }
    lines.insert(0, where_one_is(source, in_sight, columns, theme));
    frame.render_widget(Paragraph::new(lines), inner);
    settled
}

/// Headings above byte `at`, page, date and source.
fn where_one_is(source: &Source, at: usize, columns: usize, theme: &Theme) -> Line<'static> {
    let (headings, page) = match &source.document {
        Some(document) if at != source.citation.span.start => document.place(at),
        _ => (source.citation.headings.clone(), source.citation.page),
    };
    let mut rest = String::new();
    if let Some(page) = page {
        rest.push_str(&format!(" · page {page}"));
    }
    if let Some(modified) = source.document.as_ref().and_then(|document| document.modified) {
        rest.push_str(&format!(" · {}", modified.strftime("%Y-%m-%d")));
    }
    // Page and date are short, and what headings begin with stands in the title as well.
    let headings = shortened(&headings.join(" › "), columns.saturating_sub(width(&rest)));
    Line::from(Span::styled(shortened(&format!("{headings}{rest}"), columns), theme.style(Role::Dim)))
}

/// The row at the top, after everything that was asked for since the last frame.
fn settle(walk: &Walk<'_>, source: &Source, height: usize) -> Place {
    let top = match source.reveal {
        Some(at) => walk.moved(walk.place_of(at), -LEAD.min(height as isize / 3)),
        None => source.top,
    };
    walk.moved(top, source.moved).min(walk.lowest(height))
}

/// The rows from `top` on, and the last segment of which one is shown.
fn visible(
    walk: &Walk<'_>,
    document: &DocumentRecord,
    source: &Source,
    top: Place,
    height: usize,
    theme: &Theme,
) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::with_capacity(height);
    let mut skip = top.row;
    let mut last = top.segment;
    for segment in top.segment..source.segments.len() {
        if lines.len() >= height {
            break;
        }
        for row in walk.rows(segment).iter().skip(skip) {
            lines.push(draw_row(row, &document.text, source, theme));
        }
        skip = 0;
        last = segment;
    }
    lines.truncate(height);
    (lines, last)
}

fn draw_row(row: &[Piece], text: &str, source: &Source, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for piece in row {
        let style = theme.style(piece.role);
        if !piece.drawn.is_empty() {
            spans.push(Span::styled(piece.drawn, style));
            continue;
        }
        for (bytes, mark) in marked(piece.bytes.clone(), source) {
            let style = mark.map_or(style, |role| theme.style(role));
            spans.push(Span::styled(clean(text.get(bytes).unwrap_or_default()), style));
        }
        let used =
            if piece.columns > 0 { width(text.get(piece.bytes.clone()).unwrap_or_default()) } else { 0 };
        if piece.columns > used {
            spans.push(Span::raw(" ".repeat(piece.columns - used)));
        }
    }
    Line::from(spans)
}

/// `bytes` in stretches that are marked in one way: what is cited, and over that what is looked for.
fn marked(bytes: Range<usize>, source: &Source) -> Vec<(Range<usize>, Option<Role>)> {
    let cited = source.citation.span.start..source.citation.span.end;
    let matches = source.search.as_ref().map_or(&[][..], |search| &search.matches);
    let first = matches.partition_point(|found| found.end <= bytes.start);
    let here: Vec<&Range<usize>> =
        matches[first..].iter().take_while(|found| found.start < bytes.end).collect();
    let mut edges = vec![bytes.start, bytes.end];
    for range in here.iter().copied().chain([&cited]) {
        edges.extend([range.start.clamp(bytes.start, bytes.end), range.end.clamp(bytes.start, bytes.end)]);
    }
    edges.sort_unstable();
    edges.dedup();
    let mut next = here.iter().peekable();
    edges
        .windows(2)
        .map(|edge| {
            let stretch = edge[0]..edge[1];
            while next.peek().is_some_and(|found| found.end <= stretch.start) {
                next.next();
            }
            let role = if next.peek().is_some_and(|found| found.start <= stretch.start) {
                Some(Role::Match)
            } else if cited.start <= stretch.start && stretch.end <= cited.end {
                Some(Role::Cited)
            } else {
                None
            };
            (stretch, role)
        })
        .collect()
}
