//! Which line breaks end a sentence.

use super::trimmed;
use crate::span::Span;

/// A line longer than this, in characters, is not taken for a heading.
const LONGEST_HEADING: usize = 60;

/// Narrowest column, in bytes, that running text is wrapped to.
const NARROWEST_WRAP: usize = 40;

/// One line and what it looks like.
struct Line<'a> {
    span: Span,
    text: &'a str,
    indent: usize,
    looks: Looks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// Running text.
    Text,
    /// The first line of a list item.
    Item,
    /// A row of a table.
    Row,
    /// Nothing but marks, as under a heading.
    Rule,
    /// A heading with its mark.
    Heading,
    /// `Name: value`.
    Field,
    /// A salutation or a line of a quoted message.
    Apart,
}

/// A stretch of text that no sentence reaches across.
pub(super) struct Piece {
    pub(super) span: Span,
    /// Whether it is one sentence whatever stops it holds: a row of a table or a rule.
    pub(super) whole: bool,
}

/// The pieces of `text` in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut paragraph: Vec<Line<'_>> = Vec::new();
    let mut at = 0;
    for written in text.split_inclusive(['\n', '\u{2028}', '\u{2029}', '\u{0c}']) {
        let span = Span::new(at, at + written.len());
        at = span.end;
        match line(text, span) {
            Some(line) => paragraph.push(line),
            None => close(&mut paragraph, &mut pieces),
        }
    }
    close(&mut paragraph, &mut pieces);
    pieces
}

/// Joins the wrapped lines of one paragraph.
fn close(paragraph: &mut Vec<Line<'_>>, pieces: &mut Vec<Piece>) {
    let width = paragraph.iter().map(|line| line.span.len()).max().unwrap_or(0);
    let mut open: Option<Piece> = None;
    let mut item: Option<usize> = None;
    let mut before: Option<&Line<'_>> = None;
    for line in &*paragraph {
        let parted = before.is_none_or(|before| parts(before, line, item, width));
        match &mut open {
            Some(piece) if !parted => piece.span.end = line.span.end,
            _ => {
                let whole = matches!(line.looks, Looks::Row | Looks::Rule);
                pieces.extend(open.replace(Piece { span: line.span, whole }));
            }
        }
        if line.looks == Looks::Item {
            item = Some(line.indent);
        } else if parted {
            item = None;
        }
        before = Some(line);
    }
    pieces.extend(open);
    paragraph.clear();
}

/// Whether the line break between two lines of a paragraph ends a sentence.
fn parts(before: &Line<'_>, line: &Line<'_>, item: Option<usize>, width: usize) -> bool {
    if line.looks != Looks::Text || !matches!(before.looks, Looks::Text | Looks::Item | Looks::Field) {
        return true;
    }
    let starts_low = line.text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_lowercase);
    if let Some(indent) = item {
        return line.indent <= indent && !starts_low;
    }
    if starts_low
        || line.text.starts_with(['(', '[', '&', '/'])
        || before.text.ends_with([',', '-', '–', '—', '/', '('])
    {
        return false;
    }
    if before.text.ends_with(':') {
        return true;
    }
    // A wrapped line breaks only where the next word does not fit; one that breaks early was meant to.
    let next_word = line.text.split_whitespace().next().map_or(0, str::len);
    let fits = before.span.len() + next_word < width.max(NARROWEST_WRAP) - width.max(NARROWEST_WRAP) / 8;
    let ended = before.text.ends_with(['.', '!', '?', '…', '"', '”', ')', ';']);
    fits && !ended && before.text.chars().take(LONGEST_HEADING + 1).count() <= LONGEST_HEADING
}

fn line(text: &str, span: Span) -> Option<Line<'_>> {
    let inner = trimmed(text, span)?;
    let written = inner.of(text)?;
    Some(Line { span, text: written, indent: inner.start - span.start, looks: looks(written) })
}

fn looks(line: &str) -> Looks {
    if line.contains(" | ")
        || (line.len() > 1 && line.starts_with('|') && line.ends_with('|'))
        || line.contains('\t')
    {
        Looks::Row
    } else if !line.chars().any(char::is_alphanumeric) {
        Looks::Rule
    } else if line.trim_start_matches('#').len() < line.len() && line.trim_start_matches('#').starts_with(' ')
    {
        Looks::Heading
    } else if marker(line) > 0 {
        Looks::Item
    } else if line.starts_with('>') || salutes(line) {
        Looks::Apart
    } else if field(line) {
        Looks::Field
    } else {
        Looks::Text
    }
}

/// Length of the list marker, with the space after it, that `line` starts with; 0 where there is none.
pub(super) fn marker(line: &str) -> usize {
    let mut chars = line.char_indices();
    let Some((_, first)) = chars.next() else { return 0 };
    let end = if matches!(first, '-' | '*' | '+' | '•' | '‣' | '◦' | '▪' | '●' | '–' | '·' | '○' | '■')
    {
        first.len_utf8()
    } else {
        let open = usize::from(first == '(');
        let label: usize = line[open..].bytes().take_while(u8::is_ascii_alphanumeric).take(4).count();
        let letters = &line[open..open + label];
        let digits = letters.bytes().all(|byte| byte.is_ascii_digit()) && label <= 3;
        let roman = label <= 4 && letters.bytes().all(|byte| b"ivx".contains(&byte));
        if label == 0
            || !(digits || roman || (label == 1 && letters.bytes().all(|byte| byte.is_ascii_alphabetic())))
        {
            return 0;
        }
        match line.as_bytes().get(open + label) {
            Some(b')') => open + label + 1,
            // `A.` may be an initial; a letter is a label before a full stop only in lower case.
            Some(b'.') if open == 0 && (digits || letters.bytes().all(|byte| byte.is_ascii_lowercase())) => {
                label + 1
            }
            _ => return 0,
        }
    };
    let spaces = line[end..].len() - line[end..].trim_start_matches([' ', '\t', '\u{a0}']).len();
    if spaces > 0 { end + spaces } else { 0 }
}

/// `Hi Anna,` and the like on a line of their own.
fn salutes(line: &str) -> bool {
    const WORDS: [&str; 16] = [
        "hi",
        "hello",
        "hey",
        "dear",
        "good",
        "greetings",
        "hallo",
        "liebe",
        "lieber",
        "sehr",
        "bonjour",
        "cher",
        "chère",
        "hola",
        "estimado",
        "estimada",
    ];
    line.len() <= 60
        && line.ends_with([',', '!', ':'])
        && line
            .split([' ', ',', '!'])
            .next()
            .is_some_and(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// `Name: value`, the name at most three words that start with a capital.
fn field(line: &str) -> bool {
    let Some((name, value)) = line.split_once(": ") else { return false };
    !value.is_empty()
        && name.len() <= 30
        && name.starts_with(char::is_uppercase)
        && name.split(' ').count() <= 3
        && name.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-')
}
