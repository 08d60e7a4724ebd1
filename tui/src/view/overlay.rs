//! What lies over the conversation: the list of keys, lists to choose from, lines to fill in.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{blank, pane};
use crate::keys::{Action, Keys, Scope};
use crate::session::{Choice, Picker, Prompt, Session};
use crate::text::{shortened, width};
use crate::theme::{Role, Theme};

/// Columns of a list at most.
const COLUMNS: u16 = 100;

/// Draws the list of keys, made from the keymap, and says how far it is really scrolled.
pub(super) fn help(frame: &mut Frame<'_>, area: Rect, session: &Session, scroll: usize) -> usize {
    let theme = &session.settings.theme;
    let keymap = &session.settings.keymap;
    let mut lines = Vec::new();
    for (scope, title) in [
        (Scope::Question, "While a question is typed"),
        (Scope::Reading, "While reading"),
        (Scope::Everywhere, "Everywhere; a letter only while reading"),
    ] {
        lines.push(Line::styled(format!(" {title}"), theme.style(Role::Accent)));
        let bound = |action: &&Action| action.scope() == scope && !keymap.keys(**action).is_empty();
        for action in Action::ALL.iter().filter(bound) {
            let keys: Vec<String> = keymap.keys(*action).iter().map(Keys::to_string).collect();
            let keys = keys.join("  ");
            let pad = " ".repeat(22_usize.saturating_sub(width(&keys)));
            lines.push(Line::from(vec![
                Span::styled(format!("   {keys}{pad} "), theme.style(Role::Strong)),
                Span::raw(action.what()),
            ]));
        }
    }
    let area = area.centered(Constraint::Max(76), Constraint::Max(lines.len() as u16 + 2));
    let height = area.height.saturating_sub(2) as usize;
    let settled = scroll.min(lines.len().saturating_sub(height));
    let more = lines.len() > height;
    let title = if more { "Keys · ↑ ↓ scroll, any other closes" } else { "Keys · any key closes" };
    blank(frame, area, theme);
    let shown: Vec<Line<'_>> = lines.into_iter().skip(settled).take(height).collect();
    frame.render_widget(Paragraph::new(shown).block(pane(title, true, theme, area.width)), area);
    settled
}

/// Draws a list to choose from, the chosen row in sight.
pub(super) fn picker(frame: &mut Frame<'_>, area: Rect, theme: &Theme, picker: &Picker) {
    let title = match picker.choice {
        Choice::Command => "Commands",
        Choice::Question => "Earlier questions",
        Choice::Conversation => "Conversations",
    };
    let rows = (picker.all() as u16).saturating_add(3).clamp(4, (area.height / 5 * 4).max(4));
    let area = area.centered(Constraint::Max(COLUMNS), Constraint::Length(rows));
    let block = pane(title, true, theme, area.width);
    let inner = block.inner(area);
    blank(frame, area, theme);
    frame.render_widget(block, area);
    let [top, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    let columns = inner.width as usize;
    let query = format!("search: {}", picker.query);
    frame.render_widget(Line::styled(shortened(&query, columns), theme.style(Role::Strong)), top);
    frame.set_cursor_position((top.x + (width(&query) as u16).min(top.width.saturating_sub(1)), top.y));
    let rows = list.height as usize;
    if picker.is_empty() {
        let text = if picker.choice == Choice::Conversation && picker.query.is_empty() {
            "looking…"
        } else {
            "nothing matches"
        };
        frame.render_widget(Line::styled(text, theme.style(Role::Dim)), list);
        return;
    }
    let first = (picker.chosen + 1).saturating_sub(rows);
    let mut lines = Vec::new();
    for (index, row) in picker.matching(first).take(rows).enumerate() {
        let chosen = first + index == picker.chosen;
        let mark = if chosen { "▸ " } else { "  " };
        let room = columns.saturating_sub(2);
        let label = shortened(&row.label, room);
        let detail = shortened(&row.detail, room.saturating_sub(width(&label) + 2));
        let style = if chosen { theme.style(Role::Chosen) } else { theme.style(Role::Text) };
        let dim = if chosen { style } else { theme.style(Role::Dim) };
        lines.push(Line::from(vec![
            Span::styled(format!("{mark}{label}"), style),
            Span::styled(if detail.is_empty() { String::new() } else { format!("  {detail}") }, dim),
        ]));
    }
    frame.render_widget(Paragraph::new(lines), list);
}

/// Draws a line to fill in, above the editor.
pub(super) fn prompt(frame: &mut Frame<'_>, area: Rect, theme: &Theme, prompt: &Prompt) {
    let area = area.centered(Constraint::Max(COLUMNS), Constraint::Length(3));
    let block = pane(prompt.purpose.title(), true, theme, area.width);
    let inner = block.inner(area);
    blank(frame, area, theme);
    frame.render_widget(block, area);
    frame.render_widget(&prompt.text, inner);
}
