//! Words of a text with what stands between them, for the recognizers of names and postal addresses.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher as _};

use super::lexicon::{FIXED, Fnv, Roles, SEEN_LOW, roles};
use crate::span::Span;

/// Longest word, in bytes, that can be a part of a name.
const LONGEST: usize = 40;

/// One word or number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    start: usize,
    length: u16,
    pub(super) roles: Roles,
    pub(super) case: Case,
    /// What stands before it.
    pub(super) gap: Gap,
}

impl Token {
    pub(super) fn span(self) -> Span {
        Span::new(self.start, self.start + usize::from(self.length))
    }

    pub(super) fn is(self, roles: Roles) -> bool {
        self.roles & roles != 0
    }

    /// Whether it is written as a name is: a capital and small letters, or capitals only.
    pub(super) fn capitalized(self) -> bool {
        matches!(self.case, Case::Capital | Case::Upper | Case::Initial)
    }
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// `Anna`, `McDonald`, `O'Brien`.
    Capital,
    /// `ANNA`.
    Upper,
    /// `A`.
    Initial,
    /// `anna`.
    Lower,
    /// `iPhone`.
    Mixed,
    /// Digits only.
    Number,
    /// Letters and digits.
    Code,
}

/// What stands between a token and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: the text starts here.
    Start,
    /// Spaces.
    Space,
    /// A full stop and spaces.
    Stop,
    /// A full stop alone.
    Point,
    /// A hyphen.
    Hyphen,
    /// A comma and spaces.
    Comma,
    /// A colon and spaces.
    Colon,
    /// A line break.
    Line,
    /// An empty line.
    Break,
    /// Anything else.
    Other,
}

impl Gap {
    /// Whether a line starts after it.
    pub(super) const fn starts_line(self) -> bool {
        matches!(self, Self::Start | Self::Line | Self::Break)
    }
}

/// The tokens of `text` in order. Those that overlap one of `fixed`, which are in order, are marked.
pub(super) fn tokens(text: &str, fixed: &[Span]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 6);
    let mut low: HashSet<u64, BuildHasherDefault<Fnv>> = HashSet::default();
    let mut lower = String::new();
    let mut end = 0;
    let mut at = 0;
    let mut fixed = fixed.iter().peekable();
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let Some(start) = next_word(text, at) else { break };
        let (stop, letters, digits) = word(text, start);
        at = stop;
        let gap = gap(text, end, start);
        end = unpossessed(text, start, stop);
        if end - start > LONGEST {
            continue;
        }
        let written = &text[start..end];
        let case = case(written, letters, digits);
        lower.clear();
        if written.is_ascii() {
            lower.extend(written.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            lower.extend(written.chars().flat_map(char::to_lowercase));
        }
        let mut roles = if matches!(case, Case::Number | Case::Code) { 0 } else { roles(&lower) };
        while fixed.next_if(|span| span.end <= start).is_some() {}
        if fixed.peek().is_some_and(|span| span.start < end) {
            roles |= FIXED;
        }
        if case == Case::Lower && lower.len() >= 3 && plain(bytes, start, stop) {
            low.insert(hash(&lower));
        }
        tokens.push(Token { start, length: (end - start) as u16, roles, case, gap });
    }
    for token in &mut tokens {
        if matches!(token.case, Case::Capital | Case::Upper) {
            let written = token.span().of(text).unwrap_or_default();
            lower.clear();
            lower.extend(written.chars().flat_map(char::to_lowercase));
            if low.contains(&hash(&lower)) {
                token.roles |= SEEN_LOW;
            }
        }
    }
    tokens
}

fn hash(word: &str) -> u64 {
    let mut hasher = Fnv::default();
    hasher.write(word.as_bytes());
    hasher.finish()
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

fn next_word(text: &str, at: usize) -> Option<usize> {
    text[at..].find(is_letter).map(|found| at + found)
}

/// The end of the word at `start`, and whether it has letters and digits.
fn word(text: &str, start: usize) -> (usize, bool, bool) {
    let mut end = start;
    let (mut letters, mut digits) = (false, false);
    let mut chars = text[start..].chars().peekable();
    while let Some(c) = chars.next() {
        if is_letter(c) {
            digits |= c.is_numeric();
            letters |= !c.is_numeric();
        } else if !(matches!(c, '\'' | '’') && chars.peek().is_some_and(|next| next.is_alphabetic())) {
            break;
        }
        end += c.len_utf8();
    }
    (end, letters, digits)
}

/// The end of a word without `'s`.
fn unpossessed(text: &str, start: usize, end: usize) -> usize {
    let word = &text[start..end];
    let stem =
        word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).or_else(|| word.strip_suffix("'S"));
    start + stem.map_or(word.len(), str::len)
}

fn case(word: &str, letters: bool, digits: bool) -> Case {
    if digits {
        return if letters { Case::Code } else { Case::Number };
    }
    let mut chars = word.chars();
    let first = chars.next().unwrap_or(' ');
    if !first.is_uppercase() {
        return if chars.any(char::is_uppercase) { Case::Mixed } else { Case::Lower };
    }
    let rest = chars.as_str();
    if rest.is_empty() {
        return Case::Initial;
    }
    let upper = rest.chars().filter(|c| c.is_uppercase()).count();
    if upper == 0 {
        return Case::Capital;
    }
    if rest.chars().all(|c| !c.is_lowercase()) {
        return Case::Upper;
    }
    // `McDonald`, `MacLeod`, `DeLuca`, `O'Brien`: one capital after a known beginning.
    let second = word.char_indices().skip(1).find(|(_, c)| c.is_uppercase()).map_or(0, |(at, _)| at);
    let head = &word[..second];
    let known =
        matches!(head, "Mc" | "Mac" | "De" | "Di" | "Da" | "La" | "Le" | "Van" | "Fitz" | "Du" | "Lo")
            || head.ends_with(['\'', '’']);
    if upper == 1 && known { Case::Capital } else { Case::Mixed }
}

/// Whether a word stands in running text rather than in an address, a path or a name of a program.
fn plain(bytes: &[u8], start: usize, end: usize) -> bool {
    let joint = |byte: Option<&u8>| byte.is_some_and(|byte| b"@_/\\-=#".contains(byte));
    let dotted = bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !joint(before) && before != Some(&b'.') && !joint(bytes.get(end)) && !dotted
}

fn gap(text: &str, end: usize, start: usize) -> Gap {
    let between = &text[end..start];
    if end == 0 && !between.contains('\n') && between.trim().is_empty() {
        return Gap::Start;
    }
    let breaks = between.bytes().filter(|byte| *byte == b'\n').count();
    if breaks > 0 {
        return if breaks > 1 { Gap::Break } else { Gap::Line };
    }
    let space = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}');
    match between.trim_matches(space) {
        "" if !between.is_empty() => Gap::Space,
        "." if between.ends_with(space) => Gap::Stop,
        "." => Gap::Point,
        "-" | "\u{2010}" | "\u{2011}" if !between.ends_with(space) => Gap::Hyphen,
        "," => Gap::Comma,
        ":" => Gap::Colon,
        _ if end == 0 => Gap::Start,
        _ => Gap::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::lexicon::GIVEN;
    use Case::{Capital, Code, Initial, Mixed, Number, Upper};
    use Gap::{Break, Hyphen, Line, Other, Space, Start, Stop};

    #[test]
    fn words_and_gaps() {
        let text = "Dear Anna O'Brien-Smith,\nMcDonald's iPhone X. 42 b2\n\nSMITH";
        let found = tokens(text, &[]);
        let words: Vec<&str> = found.iter().map(|token| token.span().of(text).unwrap()).collect();
        assert_eq!(
            words,
            ["Dear", "Anna", "O'Brien", "Smith", "McDonald", "iPhone", "X", "42", "b2", "SMITH"]
        );
        let cases: Vec<Case> = found.iter().map(|token| token.case).collect();
        assert_eq!(cases, [Capital, Capital, Capital, Capital, Capital, Mixed, Initial, Number, Code, Upper]);
        let gaps: Vec<Gap> = found.iter().map(|token| token.gap).collect();
        assert_eq!(gaps, [Start, Space, Space, Hyphen, Line, Other, Space, Stop, Space, Break]);
        assert!(found[1].is(GIVEN));
    }

    #[test]
    fn marks() {
        let text = "Settings and settings, [PERSON_1] x";
        let found = tokens(text, &[Span::new(23, 33)]);
        assert!(found[0].is(SEEN_LOW));
        assert!(found[3].is(FIXED) && !found[2].is(FIXED));
    }
}
