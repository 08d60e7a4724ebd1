//! Editing the question with the letters of vi, where its keys were chosen: insert mode, in which one begins, and normal mode.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::CursorMove;

use super::{Effect, Session};

/// The mode of the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vi {
    /// Letters are typed.
    Insert,
    /// Letters are commands.
    Normal(Held),
}

/// What was typed of a command that is not whole yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How often to do it; 0 where nothing was said.
    count: usize,
    /// `d`, `c` or `y`: what comes next says what to delete, change or copy.
    operator: Option<char>,
}

/// The most often that something is done.
const MOST: usize = 999;

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
                self.vi = Some(Vi::Normal(Held::default()));
                if self.column() > 0 {
                    self.input.move_cursor(CursorMove::Back);
                }
            }
            (Vi::Insert, _) => return None,
            (Vi::Normal(held), KeyCode::Char(c)) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                self.recalled = self.recalled.take().filter(|_| matches!(c, 'h' | 'j' | 'k' | 'l'));
                self.letter(held, c);
                self.stay_on_text();
            }
            (Vi::Normal(held), KeyCode::Esc) if held != Held::default() => {
                self.vi = Some(Vi::Normal(Held::default()));
            }
            (Vi::Normal(_), KeyCode::Char('r')) if key.modifiers == KeyModifiers::CONTROL => {
                self.input.redo();
                self.stay_on_text();
            }
            (Vi::Normal(_), _) => return None,
        }
        Some(Vec::new())
    }

    fn letter(&mut self, held: Held, c: char) {
        let digit = c.to_digit(10).filter(|digit| *digit > 0 || held.count > 0);
        self.vi = Some(Vi::Normal(match (digit, held.operator, c) {
            (Some(digit), ..) => Held { count: (held.count * 10 + digit as usize).min(MOST), ..held },
            (None, None, 'd' | 'c' | 'y') => Held { operator: Some(c), ..held },
            _ => Held::default(),
        }));
        if self.vi != Some(Vi::Normal(Held::default())) {
            return;
        }
        let count = held.count.max(1);
        match held.operator {
            Some(operator) if operator == c => self.lines(operator, count),
            Some(operator) => self.operate(operator, c, count),
            None if matches!(c, 'i' | 'I' | 'a' | 'A' | 'o' | 'O' | 'C' | 'D' | '/' | ':') => self.command(c),
            None => (0..count).for_each(|_| self.command(c)),
        }
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
            'p' => self.put(false),
            'P' => self.put(true),
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

    /// Deletes, changes or copies what `c` spans.
    fn operate(&mut self, operator: char, c: char, count: usize) {
        let (from, before) = (self.input.cursor(), self.columns());
        let mut went = from;
        for _ in 0..count {
            went = self.input.cursor();
            if !self.go(c) {
                return;
            }
        }
        let to = self.input.cursor();
        // A word that ends the line ends what is spanned, and its last letter belongs to it.
        if c == 'w' && (to.0 > went.0 || to == went || to.0 == from.0 && to.1 >= before) {
            self.input.move_cursor(CursorMove::Jump(went.0 as u16, went.1 as u16));
            self.input.move_cursor(CursorMove::End);
        } else if c == 'e' {
            self.input.move_cursor(CursorMove::Forward);
        }
        let to = self.input.cursor();
        self.input.move_cursor(CursorMove::Jump(from.0 as u16, from.1 as u16));
        self.input.start_selection();
        self.input.move_cursor(CursorMove::Jump(to.0 as u16, to.1 as u16));
        if operator == 'y' {
            self.input.copy();
            let first = from.min(to);
            self.input.move_cursor(CursorMove::Jump(first.0 as u16, first.1 as u16));
        } else {
            self.input.cut();
        }
        if operator == 'c' {
            self.insert();
        }
    }

    /// Deletes, changes or copies so many lines from the cursor's on.
    fn lines(&mut self, operator: char, count: usize) {
        let row = self.input.cursor().0;
        let last = (row + count).min(self.input.lines().len());
        let copied: String = self.input.lines()[row..last].iter().flat_map(|line| [line, "\n"]).collect();
        if operator != 'y' {
            for number in (row..last).rev() {
                self.input.move_cursor(CursorMove::Head);
                self.delete_rest();
                // The line itself goes too, unless what is to stand in it is typed next.
                let goes = operator == 'd' || number > row;
                if goes && self.input.lines().len() > 1 && !self.input.delete_next_char() {
                    self.input.delete_char();
                    self.input.move_cursor(CursorMove::Head);
                }
            }
        }
        self.input.set_yank_text(copied);
        if operator == 'c' {
            self.insert();
        }
    }

    /// Puts what was deleted or copied last before the cursor, or behind it; whole lines above it, or below.
    fn put(&mut self, before: bool) {
        let text = self.input.yank_text();
        if let Some(lines) = text.strip_suffix('\n') {
            let row = self.input.cursor().0 + usize::from(!before);
            if before {
                self.input.move_cursor(CursorMove::Head);
                self.input.insert_str(&text);
            } else {
                self.input.move_cursor(CursorMove::End);
                self.input.insert_str(format!("\n{lines}"));
            }
            self.input.move_cursor(CursorMove::Jump(row as u16, 0));
        } else if !text.is_empty() {
            if !before && self.column() < self.columns() {
                self.input.move_cursor(CursorMove::Forward);
            }
            self.input.insert_str(text);
            self.input.move_cursor(CursorMove::Back);
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
