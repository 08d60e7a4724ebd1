//! The question being typed, with what it will be confined to and the commands that it could become.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::pane;
use crate::keys::Action;
use crate::session::{Focus, Session, suggestions};
use crate::text::{shortened, wrap};
use crate::theme::Role;

/// Rows of the question that are shown at most.
const ROWS: u16 = 8;

/// Rows that the editor takes with its frame.
pub(super) fn height(session: &Session, area: Rect) -> u16 {
    let columns = area.width.saturating_sub(3).max(1) as usize;
    let mut rows = 0;
    for line in session.input.lines() {
        rows += if line.len() < columns { 1 } else { wrap(line, columns).len() as u16 };
        if rows >= ROWS {
            break;
        }
    }
    // A quarter of a low screen is enough to type in.
    let most = ROWS.min((area.height / 4).max(1));
    rows.clamp(1, most) + 2
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let theme = &session.settings.theme;
    let focused = session.focus == Focus::Input;
    let mut title = "Question".to_owned();
    for filter in &session.filters {
        title.push_str(&format!(" [{filter}]"));
    }
    if let Some(mode) = &session.mode {
        title.push_str(&format!(" ({mode})"));
    }
    if let Some(tone) = &session.tone {
        title.push_str(&format!(" ({tone})"));
    }
    let mut block = pane(&title, focused, theme, area.width);
    let suggested = suggested(session);
    if !suggested.is_empty() {
        let columns = (area.width as usize).saturating_sub(4);
        let line = Line::styled(format!(" {} ", shortened(&suggested, columns)), theme.style(Role::Accent));
        block = block.title_bottom(line);
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if session.input.is_empty() {
        let hint = if session.is_queued() {
            let key = session.settings.keymap.key(Action::Back);
            let when = if session.is_answering() { "this answer is there" } else { "the models are loaded" };
            format!("Asked as soon as {when}; {key} takes it back.")
        } else {
            "Type a question, or / for commands.".to_owned()
        };
        let line = Line::from(Span::styled(shortened(&hint, inner.width as usize), theme.style(Role::Dim)));
        frame.render_widget(Paragraph::new(line), inner);
        if focused && session.overlay.is_none() {
            frame.set_cursor_position(inner.as_position());
        }
    } else {
        let [text, _] = Layout::horizontal([Constraint::Min(1), Constraint::Length(1)]).areas(inner);
        frame.render_widget(&session.input, text);
    }
}

/// The commands that what is typed begins, the first with what it does.
fn suggested(session: &Session) -> String {
    let [first] = session.input.lines() else { return String::new() };
    let found = suggestions(first);
    match found.as_slice() {
        [] => String::new(),
        [one] => format!("/{} {}  {}", one.name(), one.argument(), one.what()),
        many => many.iter().map(|action| format!("/{}", action.name())).collect::<Vec<_>>().join(" "),
    }
}
