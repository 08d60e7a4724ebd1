//! The passages of the chosen answer in a pane of their own, where there is room and no source is open.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{pane, push};
use crate::export::heading;
use crate::session::Session;
use crate::text::shortened;
use crate::theme::Role;

/// Columns of a passage that are shown.
const EXCERPT: usize = 400;

/// Whether passages are known while there is no answer yet: then they are what there is to read.
pub(super) fn are_worth_a_pane(session: &Session) -> bool {
    session.exchanges.last().is_some_and(|exchange| exchange.is_running() && !exchange.passages.is_empty())
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let theme = &session.settings.theme;
    let block = pane("Passages", false, theme, area.width);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(exchange) = session.exchanges.last() else { return };
    let (columns, rows) = (inner.width as usize, inner.height as usize);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (index, passage) in exchange.passages.iter().enumerate() {
        if lines.len() >= rows {
            break;
        }
        let first = format!("[{}] ", index + 1);
        push(&mut lines, &heading(passage), &first, columns, theme.style(Role::Accent));
        let excerpt = shortened(&passage.chunk.text, EXCERPT);
        push(&mut lines, &excerpt, "    ", columns, theme.style(Role::Text));
        lines.push(Line::default());
    }
    lines.truncate(rows);
    frame.render_widget(Paragraph::new(lines), inner);
}
