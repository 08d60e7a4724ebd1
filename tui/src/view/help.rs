//! The list of keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::{Theme, pane};

const KEYS: [(&str, &str); 13] = [
    ("Enter", "ask"),
    ("Alt-Enter", "new line in the question"),
    ("Tab", "to the answer, the source, the question"),
    ("1 … 9", "open a source (in the answer)"),
    ("n", "next citation"),
    ("↑ ↓ PgUp PgDn", "scroll"),
    ("y", "copy the answer"),
    ("i", "back to the question"),
    ("Esc", "stop the answer, close the source"),
    ("Ctrl-C", "stop, clear, then end"),
    ("Ctrl-Q", "end"),
    ("F1 or ?", "this list"),
    ("any key", "closes it"),
];

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let area = area.centered(Constraint::Max(58), Constraint::Max(KEYS.len() as u16 + 2));
    let lines: Vec<Line<'_>> = KEYS
        .iter()
        .map(|(key, what)| {
            Line::from(vec![Span::styled(format!(" {key:<15}"), theme.bold()), Span::raw(*what)])
        })
        .collect();
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(pane(" Keys ".into(), true, theme)), area);
}
