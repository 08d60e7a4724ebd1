//! Drawing, from shared references only.

mod conversation;
mod help;
mod source;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Paragraph};

use crate::session::{Exchange, Focus, Phase, Session};

/// Colors, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's sixteen colors.
    Color,
    /// Bold, dim and reversed only, as `NO_COLOR` asks.
    Plain,
}

impl Theme {
    fn foreground(self, color: Color) -> Style {
        match self {
            Self::Color => Style::new().fg(color),
            Self::Plain => Style::new(),
        }
    }

    pub(crate) fn good(self) -> Style {
        self.foreground(Color::Green)
    }

    pub(crate) fn bad(self) -> Style {
        self.foreground(Color::Yellow)
    }

    pub(crate) fn accent(self) -> Style {
        self.foreground(Color::Cyan)
    }

    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(crate) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(crate) fn marked(self) -> Style {
        match self {
            Self::Color => Style::new().fg(Color::Black).bg(Color::Yellow),
            Self::Plain => Style::new().add_modifier(Modifier::REVERSED),
        }
    }
}

/// Columns from which conversation and source stand side by side.
const WIDE: u16 = 100;
/// Rows and columns below which nothing useful fits.
const SMALLEST: (u16, u16) = (24, 6);

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, session: &Session, theme: Theme) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        frame.render_widget(Paragraph::new("citedesk: make the terminal larger"), area);
        return;
    }
    let lines = session.input.lines().len().clamp(1, 6) as u16;
    let editor = (lines + 2).min(area.height.saturating_sub(3)).max(3);
    let [main, input, status] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(editor), Constraint::Length(1)]).areas(area);
    match &session.source {
        Some(open) if area.width >= WIDE => {
            let [left, right] =
                Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(main);
            conversation::draw(frame, left, session, theme);
            source::draw(frame, right, session, open, theme);
        }
        Some(open) => source::draw(frame, main, session, open, theme),
        None => conversation::draw(frame, main, session, theme),
    }
    draw_input(frame, input, session, theme);
    draw_status(frame, status, session, theme);
    if session.help {
        help::draw(frame, area, theme);
    }
}

/// A frame around a pane; the one that has the keys is marked by weight and, where there is color, by color.
pub(crate) fn pane(title: String, focused: bool, theme: Theme) -> Block<'static> {
    let block = Block::new().borders(Borders::ALL).title(title);
    if focused {
        block.border_type(BorderType::Thick).border_style(theme.accent())
    } else {
        block.border_type(BorderType::Rounded).border_style(theme.dim())
    }
}

fn draw_input(frame: &mut Frame<'_>, area: Rect, session: &Session, theme: Theme) {
    let focused = session.focus == Focus::Input;
    let block = pane(" Question ".into(), focused, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if session.input.is_empty() {
        let hint = if session.is_queued() {
            "Asked as soon as the models are loaded; Esc takes it back."
        } else {
            "Type a question and press Enter."
        };
        frame.render_widget(Paragraph::new(hint).style(theme.dim()), inner);
        if focused {
            frame.set_cursor_position(inner.as_position());
        }
    } else {
        frame.render_widget(&session.input, inner);
    }
}

fn draw_status(frame: &mut Frame<'_>, area: Rect, session: &Session, theme: Theme) {
    let state = match &session.phase {
        Phase::Loading => Span::styled(" loading models… ", theme.bad()),
        Phase::Broken(_) => Span::styled(" not ready ", theme.bad()),
        Phase::Ready(status) if session.exchanges.last().is_some_and(Exchange::is_running) => {
            Span::styled(format!(" answering… · {} documents ", status.documents), theme.accent())
        }
        Phase::Ready(status) => Span::styled(
            format!(
                " {} documents · {} · generation {} ",
                status.documents, status.device, status.generation
            ),
            theme.dim(),
        ),
    };
    let keys = match (&session.notice, session.focus) {
        (Some(notice), _) => notice.clone(),
        (None, Focus::Input) => "Enter ask · Tab read · F1 keys · Ctrl-Q end".into(),
        (None, Focus::Answer) => "1–9 source · n next · y copy · i type · ? keys".into(),
        (None, Focus::Source) => "↑↓ scroll · n next · Esc close · ? keys".into(),
    };
    let keys_width = unicode_width::UnicodeWidthStr::width(keys.as_str()) as u16 + 1;
    let [left, right] = Layout::horizontal([Constraint::Min(0), Constraint::Length(keys_width)]).areas(area);
    frame.render_widget(Line::from(state), left);
    frame.render_widget(Line::from(Span::raw(keys)), right);
}
