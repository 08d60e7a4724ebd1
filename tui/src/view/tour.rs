//! The line that guides through the tour, above everything else.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::session::Session;
use crate::text::wrap;
use crate::theme::Role;

/// Draws what to do next, where a tour is under way, and says what is left of the screen.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session) -> Rect {
    let Some(tour) = &session.tour else { return area };
    let theme = &session.settings.theme;
    let text = tour.text(&session.settings.keymap);
    let rows = wrap(&text, area.width.saturating_sub(2) as usize);
    // On a low screen the conversation needs the rows more.
    let most = (area.height / 6).max(1);
    let height = (rows.len() as u16).min(most);
    let [guide, rest] = Layout::vertical([Constraint::Length(height), Constraint::Min(1)]).areas(area);
    let lines =
        rows.into_iter().map(|row| Line::styled(format!(" {}", &text[row]), theme.style(Role::Accent)));
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), guide);
    rest
}
