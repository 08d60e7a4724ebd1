//! Normal form of text: what is hidden is removed, what is written alike becomes the same bytes.

use std::borrow::Cow;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::span::Span;

/// Text in normal form and the way back to the text as given.
pub(super) struct Clean<'a> {
    pub(super) text: Cow<'a, str>,
    /// Pairs of offsets, in the normal form and as given, in order; empty where nothing changed.
    map: Vec<(usize, usize)>,
}

impl<'a> Clean<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if is_clean(text) {
            return Self { text: Cow::Borrowed(text), map: Vec::new() };
        }
        let mut map = Vec::new();
        let clean = normalize(text, |clean, given| map.push((clean, given)));
        map.push((clean.len(), text.len()));
        Self { text: Cow::Owned(clean), map }
    }

    /// The span in the text as given for one in the normal form.
    pub(super) fn given(&self, span: Span) -> Span {
        if self.map.is_empty() {
            return span;
        }
        let from = self.map.partition_point(|(clean, _)| *clean <= span.start).saturating_sub(1);
        let to = self.map.partition_point(|(clean, _)| *clean < span.end).min(self.map.len() - 1);
        Span::new(self.map[from].1, self.map[to].1)
    }
}

/// `text` in Unicode normalization form C, with line feeds for other line ends and without characters that hide
/// text: controls, bidirectional overrides, zero-width characters between letters.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) { Cow::Borrowed(text) } else { Cow::Owned(normalize(text, |_, _| ())) }
}

/// Calls `record` with offsets in the normal form and in `text` where a character of the normal form starts.
fn normalize(text: &str, mut record: impl FnMut(usize, usize)) -> String {
    let mut clean = String::with_capacity(text.len());
    // Characters that may compose with each other, and where they stood.
    let mut cluster = String::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut flush = |cluster: &mut String, starts: &mut Vec<usize>| {
        let composes = !cluster.is_ascii() && !cluster.nfc().eq(cluster.chars());
        let mut at = clean.len();
        if composes {
            record(at, starts[0]);
            clean.extend(cluster.nfc());
        } else {
            for (c, start) in cluster.chars().zip(starts.iter()) {
                record(at, *start);
                at += c.len_utf8();
            }
            clean.push_str(cluster);
        }
        cluster.clear();
        starts.clear();
    };
    let mut before = None;
    let mut chars = text.char_indices().filter(|(_, c)| !hides(*c)).peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map(|(_, next)| *next);
        // Of several joiners the last counts, where both of its neighbors need it.
        let idle = joiner(c) && (latin(before) || latin(after) || after.is_none_or(joiner));
        if idle || (c == '\r' && after == Some('\n')) {
            continue;
        }
        let c = folded(c);
        if !joins(c) {
            flush(&mut cluster, &mut starts);
        }
        cluster.push(c);
        starts.push(at);
        // A mark belongs to its letter, with which it may become one character.
        if canonical_combining_class(c) == 0 {
            before = Some(c);
        }
    }
    flush(&mut cluster, &mut starts);
    clean
}

fn is_clean(text: &str) -> bool {
    let ascii = text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | 0x20..=0x7e));
    ascii
        || (!text.chars().any(|c| hides(c) || joiner(c) || folded(c) != c)
            && is_nfc_quick(text.chars()) == IsNormalized::Yes)
}

/// `span` of a text in normal form, widened to whole letters with their marks.
pub(super) fn whole_letters(text: &str, span: Span) -> Span {
    let before = |at: usize| text[..at].chars().next_back();
    let mut start = span.start;
    while text[start..].starts_with(joins) && start > 0 {
        start -= before(start).map_or(0, char::len_utf8);
    }
    let marks: usize = text[span.end..].chars().take_while(|c| joins(*c)).map(char::len_utf8).sum();
    Span::new(start, span.end + marks)
}

/// Whether `c` belongs to the letter before it: as a mark, or because both may become one character.
fn joins(c: char) -> bool {
    !c.is_ascii() && (canonical_combining_class(c) != 0 || !stands_alone(c))
}

/// Whether the letter `c` composes with nothing before it.
fn stands_alone(c: char) -> bool {
    match is_nfc_quick(std::iter::once(c)) {
        IsNormalized::Yes => true,
        IsNormalized::Maybe => false,
        IsNormalized::No => std::iter::once(c).nfd().next().is_some_and(|first| {
            canonical_combining_class(first) == 0 && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
        }),
    }
}

/// Characters that are never shown and can part or reorder what is.
fn hides(c: char) -> bool {
    (c.is_control() && folded(c) == c && !matches!(c, '\n' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Zero-width joiners: some scripts and emoji need them, Latin text does not.
const fn joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn latin(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii() || matches!(c, '\u{a0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}

/// Full-width letters, digits and signs as their usual forms, line separators as line feeds.
fn folded(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}'
        | '\u{ff20}'..='\u{ff3a}'
        | '\u{ff41}'..='\u{ff5a}'
        | '\u{ff0b}'
        | '\u{ff0d}'
        | '\u{ff0e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        _ => c,
    }
}

/// `text` in normal form, without white space at the ends of lines and without more than two empty lines in a row.
/// `indented` keeps the white space that the first line starts with.
pub(super) fn block(text: &str, indented: bool) -> String {
    let clean = clean(text);
    let mut block = String::with_capacity(clean.len());
    let mut empty = 0;
    for line in clean.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if block.is_empty() {
            block.push_str(if indented { line } else { line.trim_start() });
        } else {
            block.extend(std::iter::repeat_n('\n', empty.min(2) + 1));
            block.push_str(line);
        }
        empty = 0;
    }
    block
}

/// `text` in normal form on one line, white space collapsed.
pub(super) fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go() {
        assert_eq!(clean("a\u{200b}nna@\u{202e}x.\u{0}com"), "anna@x.com");
        assert_eq!(clean("4111\u{2060}1111"), "41111111");
        assert_eq!(clean("jo\u{200d}hn"), "john");
        assert_eq!(clean("a\r\nb\rc\u{2028}d"), "a\nb\nc\nd");
        assert_eq!(clean("４１１１＠Ａ"), "4111@A");
    }

    #[test]
    fn what_needs_joiners_keeps_them() {
        for text in ["می\u{200c}خواهم", "👩\u{200d}💻"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn composes() {
        assert_eq!(clean("Cafe\u{301}"), "Café");
        // The hidden character parted what composes.
        assert_eq!(clean("e\u{200b}\u{301}"), "é");
    }

    #[test]
    fn offsets_lead_back() {
        let text = "x\u{200b}y\r\ne\u{301}z";
        let clean = Clean::of(text);
        assert_eq!(clean.text, "xy\néz");
        let given = |c: char| {
            let at = clean.text.find(c).unwrap();
            clean.given(Span::new(at, at + c.len_utf8())).of(text).unwrap()
        };
        assert_eq!(given('z'), "z");
        assert_eq!(given('é'), "e\u{301}");
        assert_eq!(given('\n'), "\n");
    }

    #[test]
    fn blocks_are_trimmed() {
        assert_eq!(block("\n\n  a  \n\n\n\n\n b\n\n", false), "a\n\n\n b");
        assert_eq!(block("\n    code\n", true), "    code");
        assert_eq!(line(" a \n b "), "a b");
    }

    proptest::proptest! {
        #[test]
        fn clean_text_stays(text in "[a-e\u{301}\u{200b}\u{200d}\u{1100}\u{1161}\u{11a8}\r\né漢٣ -]{0,40}") {
            let once = clean(&text).into_owned();
            proptest::prop_assert_eq!(clean(&once), once.as_str());
            proptest::prop_assert_eq!(once.nfc().collect::<String>(), once.as_str());
            proptest::prop_assert_eq!(Clean::of(&text).text, once);
        }
    }
}
