//! Editing the question with the letters of vi, where its keys were chosen: insert mode, in which one begins, and normal mode.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::CursorMove;

use super::{Effect, Session};

/// The mode of the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vi {
    /// Letters are typed.
    Insert,
    /// Letters are commands; after `d` or `c`, which is held, they say what to delete or change.
    Normal(Option<char>),
}

impl Vi {
    /// As the status bar shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Normal(_) => "NORMAL",
        }
    }
}

impl Session {
    /// Letters are typed from now on.
    pub(super) fn insert(&mut self) {
        self.vi = self.vi.map(|_| Vi::Insert);
    }

    /// What vi makes of a key in the question; nothing where the key means what it always does.
    pub(super) fn vi_key(&mut self, key: KeyEvent) -> Option<Vec<Effect>> {
        match (self.vi?, key.code) {
            // What goes on is stopped first.
            (Vi::Insert, KeyCode::Esc) if !self.is_answering() && !self.is_queued() => {
                self.vi = Some(Vi::Normal(None));
                if self.column() > 0 {
                    self.input.move_cursor(CursorMove::Back);
                }
            }
            (Vi::Insert, _) => return None,
            (Vi::Normal(held), KeyCode::Char(c)) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                self.vi = Some(Vi::Normal(None));
                self.recalled = self.recalled.take().filter(|_| matches!(c, 'h' | 'j' | 'k' | 'l'));
                match held {
                    Some(operator) => self.operate(operator, c),
                    None => self.command(c),
                }
                self.stay_on_text();
            }
            (Vi::Normal(Some(_)), KeyCode::Esc) => self.vi = Some(Vi::Normal(None)),
            (Vi::Normal(_), _) => return None,
        }
        Some(Vec::new())
    }

    fn command(&mut self, c: char) {
        match c {
            'i' => self.insert(),
            'I' => self.insert_at(CursorMove::Head),
            'A' => self.insert_at(CursorMove::End),
            'a' if self.column() < self.columns() => self.insert_at(CursorMove::Forward),
            'a' => self.insert(),
            'o' => {
                self.insert_at(CursorMove::End);
                self.input.insert_newline();
            }
            'O' => {
                self.insert_at(CursorMove::Head);
                self.input.insert_newline();
                self.input.move_cursor(CursorMove::Up);
            }
            'j' => self.recall(false),
            'k' => self.recall(true),
            'x' if self.column() < self.columns() => {
                self.input.delete_next_char();
            }
            'D' => self.delete_rest(),
            'C' => {
                self.delete_rest();
                self.insert();
            }
            'u' => {
                self.input.undo();
            }
            'd' | 'c' => self.vi = Some(Vi::Normal(Some(c))),
            // A command of ours begins, as `/` does while nothing is typed.
            '/' | ':' if self.input.is_empty() => {
                self.insert();
                self.input.insert_char('/');
            }
            c => {
                self.go(c);
            }
        }
    }

    fn insert_at(&mut self, place: CursorMove) {
        self.input.move_cursor(place);
        self.insert();
    }

    /// Moves the cursor; whether `c` is a way to move.
    fn go(&mut self, c: char) -> bool {
        let way = match c {
            'h' if self.column() > 0 => CursorMove::Back,
            'l' if self.column() < self.columns() => CursorMove::Forward,
            'w' => CursorMove::WordForward,
            'b' => CursorMove::WordBack,
            'e' => CursorMove::WordEnd,
            '0' => CursorMove::Head,
            '$' => CursorMove::End,
            _ => return false,
        };
        self.input.move_cursor(way);
        true
    }

    /// Deletes or changes what `c` spans: the same letter twice is the line.
    fn operate(&mut self, operator: char, c: char) {
        if c == operator {
            self.input.move_cursor(CursorMove::Head);
            self.delete_rest();
            // The line itself goes too, unless what is to stand in it is typed next.
            if operator == 'd' && self.input.lines().len() > 1 && !self.input.delete_next_char() {
                self.input.delete_char();
                self.input.move_cursor(CursorMove::Head);
            }
        } else {
            let (from, before) = (self.input.cursor(), self.columns());
            if !self.go(c) {
                return;
            }
            // A word that ends the line ends what is deleted, and its last letter belongs to it.
            let to = self.input.cursor();
            if c == 'w' && (to.0 > from.0 || self.column() + 1 >= before) {
                self.input.move_cursor(CursorMove::Jump(from.0 as u16, from.1 as u16));
                self.delete_rest();
            } else {
                if c == 'e' {
                    self.input.move_cursor(CursorMove::Forward);
                }
                let to = self.input.cursor();
                self.input.move_cursor(CursorMove::Jump(from.0 as u16, from.1 as u16));
                self.input.start_selection();
                self.input.move_cursor(CursorMove::Jump(to.0 as u16, to.1 as u16));
                self.input.cut();
            }
        }
        if operator == 'c' {
            self.insert();
        }
    }

    fn delete_rest(&mut self) {
        // At its end it would delete the end of the line.
        if self.column() < self.columns() {
            self.input.delete_line_by_end();
        }
    }

    /// In normal mode the cursor is on a character, where there is one.
    fn stay_on_text(&mut self) {
        if matches!(self.vi, Some(Vi::Normal(_))) && self.column() > 0 && self.column() >= self.columns() {
            self.input.move_cursor(CursorMove::Back);
        }
    }

    fn column(&self) -> usize {
        self.input.cursor().1
    }

    /// Characters of the line that the cursor is in.
    fn columns(&self) -> usize {
        self.input.lines().get(self.input.cursor().0).map_or(0, |line| line.chars().count())
    }
}
