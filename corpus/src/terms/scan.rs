//! Finding words and codes in text.

use unicode_normalization::char::is_combining_mark;

use crate::span::Span;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word without connectors.
    Word,
    /// Words joined by hyphens, such as `sign-in`.
    Joined,
    /// A code, path or name of a program: kept whole.
    Code,
    /// A number with thousands separators.
    Number,
    /// What stands for a masked identifier, such as `PERSON_1` in brackets.
    Pseudonym,
}

/// A stretch of word characters and the connectors between them.
#[derive(Debug)]
pub(super) struct Compound {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The words between the connectors; empty for [`Kind::Word`].
    pub(super) parts: Vec<Span>,
}

/// The compounds of `text` in order.
pub(super) fn compounds(text: &str, elides: bool) -> impl Iterator<Item = Compound> {
    Compounds { text, at: 0, elides }
}

struct Compounds<'a> {
    text: &'a str,
    at: usize,
    elides: bool,
}

impl Iterator for Compounds<'_> {
    type Item = Compound;

    fn next(&mut self) -> Option<Compound> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(is_word)?;
        let mut parts = Vec::new();
        let mut part = start;
        let mut at = start;
        let (mut hyphen, mut code, mut digit, mut comma) = (false, false, false, false);
        let bytes = self.text.as_bytes();
        loop {
            while let Some(c) = self.text[at..].chars().next().filter(|c| is_word(*c)) {
                digit |= c.is_ascii_digit();
                at += c.len_utf8();
            }
            let Some(connector) = self.text[at..].chars().next() else { break };
            let joins = match connector {
                '.' | '-' | '&' | '_' => true,
                '\'' | '’' => !self.elides,
                ',' => groups(bytes, at),
                _ => false,
            };
            let mut after = at + connector.len_utf8();
            if connector == '_' {
                while bytes.get(after) == Some(&b'_') {
                    after += 1;
                }
            }
            if !joins || !self.text[after..].chars().next().is_some_and(is_word) {
                break;
            }
            match connector {
                '-' => hyphen = true,
                ',' => comma = true,
                '\'' | '’' => {
                    at = after;
                    continue;
                }
                _ => code = true,
            }
            parts.push(Span::new(part, at));
            part = after;
            at = after;
        }
        if !parts.is_empty() {
            parts.push(Span::new(part, at));
        }
        let mut span = Span::new(start, at);
        let flag = flag(bytes, start);
        let suffix = suffix(bytes, span);
        if flag > 0 || suffix > 0 {
            if parts.is_empty() {
                parts.push(span);
            }
            span = Span::new(start - flag, at + suffix);
            code = true;
        }
        self.at = span.end;
        let kind = if comma {
            Kind::Number
        } else if pseudonym(self.text, span) {
            Kind::Pseudonym
        } else if parts.is_empty() {
            Kind::Word
        } else if code || (hyphen && digit) {
            Kind::Code
        } else {
            Kind::Joined
        };
        Some(Compound { kind, span, parts })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

/// Whether the comma at `at` parts thousands: three digits and no fourth follow.
fn groups(bytes: &[u8], at: usize) -> bool {
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4)
}

/// Length of what makes a command-line option (`-x`, `--no-cache`) or a hidden file (`.env`) of the word at `start`.
fn flag(bytes: &[u8], start: usize) -> usize {
    let before = &bytes[..start];
    let mark = if before.ends_with(b"--") {
        2
    } else if before.ends_with(b"-") || before.ends_with(b".") {
        1
    } else {
        return 0;
    };
    let opens = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`([{=|".contains(byte);
    let letter = bytes[start].is_ascii_alphabetic();
    if letter && before[..before.len() - mark].last().is_none_or(opens) { mark } else { 0 }
}

/// Length of the `++` or `#` after names such as `C++` and `C#`.
fn suffix(bytes: &[u8], span: Span) -> usize {
    let after = &bytes[span.end..];
    let mark = if after.starts_with(b"++") {
        2
    } else if after.starts_with(b"#") || after.starts_with(b"+") {
        1
    } else {
        return 0;
    };
    let ends = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"+#".contains(byte);
    let letter = span.len() == 1 && bytes[span.start].is_ascii_alphabetic();
    if letter && after.get(mark).is_none_or(ends) { mark } else { 0 }
}

/// Whether `span` stands for a masked identifier: upper case, a number, brackets around.
fn pseudonym(text: &str, span: Span) -> bool {
    let bytes = text.as_bytes();
    let bracketed = span.start > 0 && bytes[span.start - 1] == b'[' && bytes.get(span.end) == Some(&b']');
    bracketed
        && text[span.start..span.end].rsplit_once('_').is_some_and(|(kind, number)| {
            kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// Whether a word is of a script that puts no space between words.
pub(super) fn spaceless(word: &str) -> bool {
    !word.is_ascii() && word.chars().any(is_spaceless)
}

fn is_spaceless(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff        // Thai, Lao
        | 0x1000..=0x109f      // Myanmar
        | 0x1780..=0x17ff      // Khmer
        | 0x3040..=0x30ff      // Hiragana, Katakana
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3134f) // Han
}

/// The humps of a `camelCase` identifier, each of three letters or more; nothing for other words.
pub(super) fn humps(word: &str) -> Vec<Span> {
    let bytes = word.as_bytes();
    if !word.is_ascii() || !bytes.first().is_some_and(u8::is_ascii_lowercase) {
        return Vec::new();
    }
    let mut starts: Vec<usize> = vec![0];
    starts.extend(
        (1..bytes.len()).filter(|at| bytes[*at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase()),
    );
    starts.push(bytes.len());
    let humps: Vec<Span> = starts.windows(2).map(|ends| Span::new(ends[0], ends[1])).collect();
    if humps.len() < 2 || humps.iter().any(|hump| hump.len() < 3) { Vec::new() } else { humps }
}
