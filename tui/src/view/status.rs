//! The bar at the bottom: what is searched with what, how it goes, and the keys that matter now.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::keys::Action;
use crate::session::{Exchange, Focus, Phase, Session};
use crate::text::{shortened, width};
use crate::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session) {
    let theme = &session.settings.theme;
    let columns = area.width as usize;
    let (mut state, role) = state(session);
    let mode = session.vi.filter(|_| session.focus == Focus::Input).map(|vi| vi.name().to_owned());
    let moded = mode.is_some();
    state.splice(0..0, mode);
    // What goes on is told first; what is always the same gives way to the keys.
    let urgent = role != Role::Dim || session.newer.is_some() || moded;
    let first = state.first().map_or(0, |part| width(part) + 2);
    let room = columns.saturating_sub(if urgent { first + 2 } else { 1 });
    let right = match (&session.notice, &session.begun) {
        (Some(notice), _) => shortened(notice, room),
        (None, Some(begun)) => format!("{begun} …"),
        (None, None) => fitting(&hints(session), room),
    };
    let left_columns = columns.saturating_sub(width(&right) + 5);
    let [left_area, right_area] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(width(&right) as u16 + 1)]).areas(area);
    let left =
        if left_columns + 2 < first { String::new() } else { format!(" {}", fitting(&state, left_columns)) };
    frame.render_widget(Line::from(Span::styled(left, theme.style(role))), left_area);
    let role = if session.notice.is_some() { Role::Strong } else { Role::Text };
    frame.render_widget(Line::from(Span::styled(right, theme.style(role))), right_area);
}

/// As many of the parts as fit, the first of them first.
fn fitting(parts: &[String], columns: usize) -> String {
    let mut text = String::new();
    for part in parts {
        let next = if text.is_empty() { part.clone() } else { format!("{text} · {part}") };
        if width(&next) > columns && !text.is_empty() {
            break;
        }
        text = next;
    }
    shortened(&text, columns)
}

/// What there is to say, the most important part first.
fn state(session: &Session) -> (Vec<String>, Role) {
    let status = match &session.phase {
        Phase::Loading => return (vec!["loading models…".into()], Role::Bad),
        Phase::Broken(_) => return (vec!["not ready".into()], Role::Bad),
        Phase::Ready(status) => status,
    };
    let mut parts = Vec::new();
    let mut role = Role::Dim;
    if session.is_answering() {
        parts.push("answering…".to_owned());
        role = Role::Accent;
    }
    if session.newer.is_some() {
        let key = session.settings.keymap.key(Action::Switch);
        parts.push(format!("newer documents: {key}"));
    }
    parts.push(status.holds());
    if let Some(grounded) = session.grounded() {
        parts.push(format!("{:.0} % grounded", grounded * 100.0));
    }
    let pace = |exchange: &Exchange| exchange.answer.as_ref()?.timings.model?.decode_rate();
    if let Some(rate) = session.exchanges.iter().rev().find_map(pace) {
        parts.push(format!("{rate:.0} tokens/s"));
    }
    parts.push(format!("generation {}", status.generation));
    parts.extend([status.device.clone(), status.model.clone()].into_iter().filter(|part| !part.is_empty()));
    (parts, role)
}

/// The keys that matter now, from the keymap.
fn hints(session: &Session) -> Vec<String> {
    let wanted: &[(Action, &str)] = match session.focus {
        Focus::Input => &[
            (Action::Ask, "ask"),
            (Action::Focus, "read"),
            (Action::Palette, "commands"),
            (Action::Help, "keys"),
            (Action::Quit, "end"),
        ],
        Focus::Answer => &[
            (Action::NextCitation, "sources"),
            (Action::Copy, "copy"),
            (Action::RateUp, "good"),
            (Action::RateDown, "bad"),
            (Action::Type, "type"),
            (Action::Help, "keys"),
        ],
        Focus::Source => &[
            (Action::Find, "search"),
            (Action::NextCitation, "next"),
            (Action::Compare, "compare"),
            (Action::Whole, "whole"),
            (Action::Back, "close"),
            (Action::Help, "keys"),
        ],
    };
    let keymap = &session.settings.keymap;
    let shown = wanted.iter().filter(|(action, _)| !keymap.keys(*action).is_empty());
    shown.map(|(action, what)| format!("{} {what}", keymap.key(*action))).collect()
}
