//! Drawing, from shared references only. What a frame costs depends on what is visible, not on what there is.

mod compare;
mod conversation;
mod document;
mod input;
mod overlay;
mod passages;
mod source;
mod status;
mod table;
mod tour;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Paragraph};

use crate::session::{Focus, Overlay, Session, Settled};
use crate::text::{clean, shortened, width, wrap};
use crate::theme::{Role, Theme};
use conversation::Heights;

/// Columns from which conversation and source stand side by side.
const WIDE: u16 = 100;
/// Rows and columns below which nothing useful fits.
const SMALLEST: (u16, u16) = (24, 6);

/// What is remembered between frames: how high each exchange is.
#[derive(Debug, Default)]
pub struct Screen {
    heights: Heights,
}

impl Screen {
    /// Draws `session`, and says where that put what depends on the size of the screen: hand it to [`Session::settle`].
    pub fn draw(&mut self, frame: &mut Frame<'_>, session: &Session) -> Settled {
        let theme = &session.settings.theme;
        let area = frame.area();
        let mut settled = Settled { scroll: session.scroll, ..Settled::default() };
        frame.buffer_mut().set_style(area, theme.style(Role::Text));
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let rows = wrap("citedesk: make the terminal larger", area.width as usize);
            let text: Vec<Line<'_>> =
                rows.into_iter().map(|row| Line::raw(&"citedesk: make the terminal larger"[row])).collect();
            frame.render_widget(Paragraph::new(text), area);
            return settled;
        }
        let area = tour::draw(frame, area, session);
        let editor = input::height(session, area);
        let [main, input, bar] =
            Layout::vertical([Constraint::Min(1), Constraint::Length(editor), Constraint::Length(1)])
                .areas(area);
        if let Some(Overlay::Compare(compare)) = &session.overlay {
            settled.overlay = compare::draw(frame, main, session, compare);
        } else {
            self.panes(frame, main, session, &mut settled);
        }
        input::draw(frame, input, session);
        status::draw(frame, bar, session);
        match &session.overlay {
            Some(Overlay::Help(scroll)) => settled.overlay = overlay::help(frame, area, session, *scroll),
            Some(Overlay::Picker(picker)) => overlay::picker(frame, area, theme, picker),
            Some(Overlay::Prompt(prompt)) => overlay::prompt(frame, area, theme, prompt),
            Some(Overlay::Compare(_)) | None => {}
        }
        settled
    }

    fn panes(&mut self, frame: &mut Frame<'_>, area: Rect, session: &Session, settled: &mut Settled) {
        let halves =
            || Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas::<2>(area);
        match &session.source {
            Some(open) if area.width >= WIDE && !session.whole => {
                let [left, right] = halves();
                settled.scroll = conversation::draw(frame, left, session, &mut self.heights);
                settled.place = source::draw(frame, right, session, open);
            }
            Some(open) if session.focus == Focus::Source || session.whole => {
                settled.place = source::draw(frame, area, session, open);
            }
            None if area.width >= WIDE && passages::are_worth_a_pane(session) => {
                let [left, right] = halves();
                settled.scroll = conversation::draw(frame, left, session, &mut self.heights);
                passages::draw(frame, right, session);
            }
            _ => settled.scroll = conversation::draw(frame, area, session, &mut self.heights),
        }
    }
}

/// Takes away what is drawn in `area`.
fn blank(frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, theme.style(Role::Text));
}

/// A frame around a pane; the one that has the keys is marked by weight and, where there is color, by color.
fn pane(title: &str, focused: bool, theme: &Theme, columns: u16) -> Block<'static> {
    let title = shortened(title, (columns as usize).saturating_sub(4));
    let block = Block::new().borders(Borders::ALL).title(format!(" {title} "));
    if focused {
        block.border_type(BorderType::Thick).border_style(theme.style(Role::Focus))
    } else {
        block.border_type(BorderType::Rounded).border_style(theme.style(Role::Border))
    }
}

/// `text` in rows of `columns` behind `first`, later rows indented as far.
fn push(lines: &mut Vec<Line<'static>>, text: &str, first: &str, columns: usize, style: Style) {
    let text = clean(text);
    let indent = width(first);
    for (index, row) in wrap(&text, columns.saturating_sub(indent)).into_iter().enumerate() {
        let lead = if index == 0 { first.to_owned() } else { " ".repeat(indent) };
        lines.push(Line::from(vec![Span::styled(lead, style), Span::styled(text[row].to_owned(), style)]));
    }
}
