//! Keys, pasted text and entered lines.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui_textarea::CursorMove;

use super::command;
use super::{Choice, Effect, Focus, MAX_QUESTION, Overlay, PAGE, Purpose, Session};
use crate::backend::BackendError;
use crate::keys::{Action, Chord, Found, Scope};

impl Session {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if key.kind == KeyEventKind::Release {
            return Vec::new();
        }
        self.notice = None;
        let chord = Chord::of(key);
        let scope = if self.focus == Focus::Input { Scope::Question } else { Scope::Reading };
        if let Some(overlay) = self.overlay.take() {
            return self.overlay_key(overlay, key, chord);
        }
        let begun = self.begun.take();
        if scope == Scope::Question
            && begun.is_none()
            && let Some(effects) = self.vi_key(key)
        {
            return effects;
        }
        match self.settings.keymap.find(scope, begun, chord) {
            Found::Action(action) => self.perform(action, ""),
            Found::Begun => {
                self.begun = Some(chord);
                Vec::new()
            }
            // The first of two keys may have a meaning of its own to the editor, but then it is none of ours.
            Found::Nothing if scope == Scope::Question => {
                if key.code == KeyCode::Tab {
                    return Vec::new();
                }
                if self.input.input(key) {
                    self.recalled = None;
                }
                Vec::new()
            }
            Found::Nothing => match chord.digit() {
                Some(number @ 1..) => self.open(number),
                _ => Vec::new(),
            },
        }
    }

    /// What lies over the conversation takes the keys; those that mean something everywhere go on meaning it.
    fn overlay_key(&mut self, overlay: Overlay, key: KeyEvent, chord: Chord) -> Vec<Effect> {
        let types = matches!(overlay, Overlay::Picker(_) | Overlay::Prompt(_)) && chord.is_text();
        let found = match self.settings.keymap.find(Scope::Reading, None, chord) {
            Found::Action(action) if !types => Some(action),
            _ => None,
        };
        match found {
            Some(Action::Quit) if !chord.is_text() => return self.leave(),
            Some(Action::Back | Action::Interrupt) => return Vec::new(),
            Some(Action::Suspend) => {
                self.overlay = Some(overlay);
                return vec![Effect::Suspend];
            }
            _ => {}
        }
        match overlay {
            Overlay::Help(scroll) => {
                let rows = match found {
                    Some(Action::Up) => -1,
                    Some(Action::Down) => 1,
                    Some(Action::PageUp) => -(PAGE as isize),
                    Some(Action::PageDown) => PAGE as isize,
                    // Any other key closes it.
                    _ => return Vec::new(),
                };
                self.overlay = Some(Overlay::Help(scroll.saturating_add_signed(rows)));
            }
            Overlay::Picker(mut picker) => match key.code {
                KeyCode::Enter => return self.picked(picker.choice, picker.take()),
                code => {
                    match code {
                        KeyCode::Up => picker.step(-1),
                        KeyCode::Down => picker.step(1),
                        KeyCode::PageUp => picker.step(-(PAGE as isize)),
                        KeyCode::PageDown => picker.step(PAGE as isize),
                        KeyCode::Backspace => picker.erase(),
                        KeyCode::Char('p' | 'k') if key.modifiers == KeyModifiers::CONTROL => picker.step(-1),
                        KeyCode::Char('n' | 'j' | 'r') if key.modifiers == KeyModifiers::CONTROL => {
                            picker.step(1);
                        }
                        KeyCode::Char(c) if chord.is_text() => picker.typed(c.encode_utf8(&mut [0; 4])),
                        _ => {}
                    }
                    self.overlay = Some(Overlay::Picker(picker));
                }
            },
            Overlay::Prompt(mut prompt) => {
                if key.code == KeyCode::Enter {
                    return self.filled_in(prompt);
                }
                prompt.text.input(key);
                self.overlay = Some(Overlay::Prompt(prompt));
            }
            Overlay::Compare(mut compare) => {
                match (found, chord.digit()) {
                    (Some(Action::Up), _) => compare.scroll = compare.scroll.saturating_sub(1),
                    (Some(Action::Down), _) => compare.scroll += 1,
                    (Some(Action::PageUp), _) => compare.scroll = compare.scroll.saturating_sub(PAGE),
                    (Some(Action::PageDown), _) => compare.scroll += PAGE,
                    (Some(Action::Compare), _) => return Vec::new(),
                    (_, Some(number @ 1..)) => {
                        let last = self.exchanges.get(compare.exchange).map_or(0, |e| e.passages.len());
                        if number <= last {
                            compare.numbers[1] = number;
                        } else {
                            self.notice = Some(format!("there is no passage {number}"));
                        }
                    }
                    _ => {}
                }
                self.overlay = Some(Overlay::Compare(compare));
            }
        }
        Vec::new()
    }

    fn picked(&mut self, choice: Choice, row: Option<super::Row>) -> Vec<Effect> {
        let Some(row) = row else { return Vec::new() };
        match choice {
            Choice::Question => {
                self.set_input(&row.value);
                self.focus = Focus::Input;
                Vec::new()
            }
            Choice::Conversation => vec![Effect::Resume(row.value)],
            Choice::Command => match Action::named(&row.value) {
                Some(action @ (Action::Mode | Action::Tone | Action::Filter | Action::Open)) => {
                    self.set_input(&format!("/{} ", action.name()));
                    self.focus = Focus::Input;
                    Vec::new()
                }
                Some(action) => self.perform(action, ""),
                None => Vec::new(),
            },
        }
    }

    fn filled_in(&mut self, prompt: super::Prompt) -> Vec<Effect> {
        let text = prompt.typed();
        match prompt.purpose {
            Purpose::Find => {
                self.find(&text);
                Vec::new()
            }
            Purpose::Reason { good } => self.rate(prompt.exchange, good, text),
            Purpose::Correction => self.correct(prompt.exchange, text),
            Purpose::Remark => self.escalate(prompt.exchange, &text),
        }
    }

    /// Pasted text goes where typed text would go.
    pub(super) fn paste(&mut self, text: &str) {
        self.notice = None;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        match &mut self.overlay {
            Some(Overlay::Picker(picker)) => picker.typed(&text.replace('\n', " ")),
            Some(Overlay::Prompt(prompt)) => {
                prompt.text.insert_str(text.replace('\n', " "));
            }
            Some(Overlay::Help(_) | Overlay::Compare(_)) => {}
            None => {
                let room = MAX_QUESTION.saturating_sub(self.typed().len());
                let end = (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                if end < text.len() {
                    self.notice = Some("a question has 64 KiB at most; the rest was left out".into());
                }
                self.focus = Focus::Input;
                self.recalled = None;
                self.input.insert_str(text.get(..end).unwrap_or_default());
            }
        }
    }

    pub(super) fn edited(&mut self, result: Result<String, BackendError>) {
        match result {
            Ok(text) => {
                self.clear_input();
                self.paste(text.trim_end());
            }
            Err(error) => self.fail(error),
        }
    }

    /// A line that was entered where there is no screen: a question or a command.
    pub(super) fn line(&mut self, line: &str) -> Vec<Effect> {
        self.notice = None;
        let line = line.trim();
        match self.overlay.take() {
            Some(Overlay::Picker(mut picker)) if !line.starts_with('/') => {
                return match line.parse::<usize>() {
                    Ok(number @ 1..) if number <= picker.len() => {
                        picker.step(number as isize - 1);
                        self.picked(picker.choice, picker.take())
                    }
                    _ => {
                        self.notice = Some("nothing was chosen".into());
                        Vec::new()
                    }
                };
            }
            Some(Overlay::Prompt(mut prompt)) if !line.starts_with('/') => {
                prompt.text.select_all();
                prompt.text.cut();
                prompt.text.insert_str(line);
                return self.filled_in(prompt);
            }
            _ => {}
        }
        match command::parse(line) {
            Some(Ok((action, argument))) => self.perform(action, &argument),
            Some(Err(message)) => {
                self.notice = Some(format!("{message}; /help lists all"));
                Vec::new()
            }
            None => self.submit(line.to_owned()),
        }
    }

    /// What has been typed in the editor.
    pub(super) fn typed(&self) -> String {
        self.input.lines().join("\n")
    }

    pub(super) fn enter(&mut self) -> Vec<Effect> {
        let typed = self.typed().trim().to_owned();
        match command::parse(&typed) {
            Some(Ok((action, argument))) => {
                self.clear_input();
                self.perform(action, &argument)
            }
            Some(Err(message)) => {
                self.notice = Some(message);
                Vec::new()
            }
            None => self.submit(typed),
        }
    }

    /// Up and down move the cursor first, and at the edge go through the questions.
    pub(super) fn recall(&mut self, back: bool) {
        let before = self.input.screen_cursor();
        self.input.move_cursor(if back { CursorMove::Up } else { CursorMove::Down });
        if self.input.screen_cursor() != before {
            return;
        }
        let at = self.recalled.as_ref().map_or(self.asked.len(), |(at, _)| *at);
        let next = if back { at.checked_sub(1) } else { Some(at + 1).filter(|_| self.recalled.is_some()) };
        let Some(next) = next else { return };
        let draft = self.recalled.take().map_or_else(|| self.typed(), |(_, draft)| draft);
        match self.asked.get(next).cloned() {
            Some(question) => {
                self.set_input(&question);
                self.recalled = Some((next, draft));
            }
            None => self.set_input(&draft),
        }
    }

    /// Completes the command that is being typed; otherwise the focus goes on.
    pub(super) fn complete_or_go_on(&mut self) {
        let typed = self.typed();
        if self.focus == Focus::Input
            && let [action, ..] = command::suggestions(&typed).as_slice()
        {
            let completed = format!("/{} ", action.name());
            if !typed.starts_with(&completed) {
                self.set_input(&completed);
                return;
            }
        }
        self.focus = match self.focus {
            Focus::Input => Focus::Answer,
            Focus::Answer if self.source.is_some() => Focus::Source,
            Focus::Answer | Focus::Source => Focus::Input,
        };
    }
}
