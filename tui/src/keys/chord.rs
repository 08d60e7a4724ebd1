//! Keys as they are pressed and as they are written.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// One key, or two after one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keys(pub Chord, pub Option<Chord>);

const NAMES: [(&str, KeyCode); 16] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("backtab", KeyCode::BackTab),
];

const MODIFIERS: [(&str, KeyModifiers); 3] =
    [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)];

impl Chord {
    /// `code` with `modifiers`, in the one form that is compared: terminals differ in how they tell of Shift.
    pub fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(c) => {
                let shifted = modifiers.contains(KeyModifiers::SHIFT);
                modifiers -= KeyModifiers::SHIFT;
                match c {
                    // With Ctrl, terminals send no case.
                    c if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char(c.to_ascii_lowercase()),
                    c if shifted => KeyCode::Char(c.to_ascii_uppercase()),
                    c => KeyCode::Char(c),
                }
            }
            code => code,
        };
        Self { code, modifiers }
    }

    /// The key of an event.
    pub fn of(key: KeyEvent) -> Self {
        Self::new(key.code, key.modifiers)
    }

    /// The digit, where it is one without modifiers.
    pub fn digit(self) -> Option<usize> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => c.to_digit(10).map(|digit| digit as usize),
            _ => None,
        }
    }

    /// Whether it would be typed as text.
    pub fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }
}

impl FromStr for Chord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((name, modifier)) =
            MODIFIERS.iter().find(|(name, _)| rest.len() > name.len() && rest.starts_with(name))
        {
            modifiers |= *modifier;
            rest = rest.strip_prefix(name).unwrap_or(rest);
        }
        let mut chars = rest.chars();
        let named = NAMES.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let code = match (named, chars.next(), chars.as_str()) {
            (Some(code), _, _) => code,
            (None, Some(c), "") if !c.is_control() && !c.is_whitespace() => KeyCode::Char(c),
            (None, Some('f'), number) => match number.parse() {
                Ok(number @ 1..=12) => KeyCode::F(number),
                _ => return Err(unknown(text)),
            },
            _ => return Err(unknown(text)),
        };
        Ok(Self::new(code, modifiers))
    }
}

fn unknown(text: &str) -> String {
    format!(
        "{text:?} is no key; write a character or a name such as \"enter\", \"page-up\", \"f5\", \"ctrl-r\""
    )
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, modifier) in
            [("Ctrl-", KeyModifiers::CONTROL), ("Alt-", KeyModifiers::ALT), ("Shift-", KeyModifiers::SHIFT)]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => write!(f, "{code:?}"),
        }
    }
}

impl FromStr for Keys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split_whitespace();
        let first = parts.next().ok_or("no key is named")?.parse()?;
        let second = parts.next().map(str::parse).transpose()?;
        match parts.next() {
            Some(_) => Err(format!("{text:?} has more than two keys")),
            None => Ok(Self(first, second)),
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        self.1.map_or(Ok(()), |second| write!(f, " {second}"))
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};
    use proptest::prelude::*;

    use super::{Chord, Keys};

    #[test]
    fn keys_are_written_as_people_write_them() {
        for (text, shown) in [
            ("ctrl-r", "Ctrl-R"),
            ("G", "G"),
            ("shift-g", "G"),
            ("shift-tab", "Shift-Tab"),
            ("backtab", "Shift-Tab"),
            ("alt-enter", "Alt-Enter"),
            ("-", "-"),
            ("ctrl--", "Ctrl--"),
            ("f", "f"),
            ("f12", "F12"),
            ("g g", "g g"),
            ("page-up", "PgUp"),
        ] {
            assert_eq!(text.parse::<Keys>().map(|keys| keys.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for bad in ["", "ctrl-", "f13", "hyper-x", "enterr", "a b c", "\u{7}"] {
            assert!(bad.parse::<Keys>().is_err(), "{bad}");
        }
    }

    #[test]
    fn terminals_agree_on_shift() {
        let plain = Chord::new(KeyCode::Char('G'), KeyModifiers::NONE);
        assert_eq!(plain, Chord::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!(plain, Chord::new(KeyCode::Char('g'), KeyModifiers::SHIFT));
    }

    proptest! {
        #[test]
        fn anything_may_be_written(text in "\\PC{0,12}") {
            let _ = text.parse::<Keys>();
        }
    }
}
