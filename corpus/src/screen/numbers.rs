//! Groups of digits: what cards, telephone numbers, national ids and IP addresses are made of.

use crate::span::Span;

/// Most groups of digits that are looked at together.
const MOST_GROUPS: usize = 24;

/// Groups of digits with at most two characters between them, such as `+49 (30) 1234-567`.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    /// The groups, at least one.
    pub(super) groups: Vec<Span>,
}

impl Run<'_> {
    /// The digits of the groups `from..to`.
    pub(super) fn digits(&self, from: usize, to: usize) -> String {
        self.groups[from..to].iter().filter_map(|group| group.of(self.text)).collect()
    }

    /// How many digits the groups `from..to` have.
    pub(super) fn count(&self, from: usize, to: usize) -> usize {
        self.groups[from..to].iter().map(|group| group.len()).sum()
    }

    /// From the first byte of group `from` to the last of group `to - 1`.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.groups[from].start, self.groups[to - 1].end)
    }

    /// What stands between group `index` and the next.
    pub(super) fn separator(&self, index: usize) -> &str {
        self.text.get(self.groups[index].end..self.groups[index + 1].start).unwrap_or_default()
    }

    /// Whether the same separator stands between all of the groups `from..to`.
    pub(super) fn even(&self, from: usize, to: usize) -> bool {
        (from..to.saturating_sub(1)).all(|index| self.separator(index) == self.separator(from))
    }

    /// Lengths of the groups `from..to`.
    pub(super) fn lengths(&self, from: usize, to: usize) -> Vec<usize> {
        self.groups[from..to].iter().map(|group| group.len()).collect()
    }
}

/// The runs of `text` in order. A long run comes in pieces that overlap, so that no number is cut.
pub(super) fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while !bytes.get(at)?.is_ascii_digit() {
            at += 1;
        }
        let mut groups = Vec::new();
        let mut next = at;
        while groups.len() < MOST_GROUPS {
            let end = next + bytes[next..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            groups.push(Span::new(next, end));
            let gap = separator(&text[end..]);
            if gap == 0 {
                break;
            }
            next = end + gap;
        }
        let last = groups[groups.len() - 1].end;
        at = if groups.len() == MOST_GROUPS { groups[MOST_GROUPS / 2].start } else { last };
        Some(Run { text, groups })
    })
}

/// Length of the separator that `rest` starts with, where a digit follows it; else 0.
fn separator(rest: &str) -> usize {
    let mut length = 0;
    for (index, c) in rest.chars().take(4).enumerate() {
        if c.is_ascii_digit() {
            return length;
        }
        let parts = matches!(
            c,
            ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '-' | '\u{2010}'
                ..='\u{2013}' | '.' | '/' | '(' | ')' | '\n'
        );
        if index == 3 || !parts {
            return 0;
        }
        length += c.len_utf8();
    }
    0
}

/// Whether `c` is one of the dashes that part digits.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}')
}

/// Whether a separator is one space, no matter which, or one line break.
pub(super) fn is_space(separator: &str) -> bool {
    matches!(separator, " " | "\u{a0}" | "\u{2009}" | "\u{202f}" | "\n")
}

/// Whether a separator is one dash.
pub(super) fn is_dashed(separator: &str) -> bool {
    let mut chars = separator.chars();
    chars.next().is_some_and(is_dash) && chars.next().is_none()
}

/// Whether `span` stands alone: no letter, digit or underscore touches it, nor a point or a dash with one behind.
pub(super) fn stands_alone(text: &str, span: Span) -> bool {
    parted(text, span, |c| c.is_alphanumeric() || c == '_')
}

/// The same for another idea of what makes a word.
pub(super) fn parted(text: &str, span: Span, word: impl Fn(char) -> bool) -> bool {
    let joint = |c: char| matches!(c, '.' | '/' | '\\' | ':') || is_dash(c);
    let mut before = text[..span.start].chars().rev();
    let free_before = match before.next() {
        Some(c) if word(c) => false,
        Some(c) if joint(c) && c != ':' => !before.next().is_some_and(&word),
        _ => true,
    };
    let mut after = text[span.end..].chars();
    free_before
        && match after.next() {
            Some(c) if word(c) => false,
            Some(c) if joint(c) => !after.next().is_some_and(&word),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_separators() {
        let found: Vec<Run<'_>> = runs("call +49 (30) 1234-567, room 12").collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].lengths(0, 4), [2, 2, 4, 3]);
        assert_eq!(found[0].separator(0), " (");
        assert_eq!(found[0].digits(0, 4), "49301234567");
        assert_eq!(found[1].digits(0, 1), "12");
    }

    #[test]
    fn long_runs_overlap() {
        let text = "12 ".repeat(100);
        let found: Vec<Run<'_>> = runs(&text).collect();
        assert!(
            found.windows(2).all(|pair| pair[1].groups[0].start < pair[0].span(0, pair[0].groups.len()).end)
        );
    }

    #[test]
    fn alone() {
        let alone = |text: &str| {
            let at = text.find("123").unwrap();
            stands_alone(text, Span::new(at, at + 3))
        };
        for text in ["123", "is 123.", "(123)", "no: 123, and", "-123", "123-"] {
            assert!(alone(text), "{text}");
        }
        for text in ["a123", "123a", "_123", "X-123", "123-X", "9.123", "123.9", "a/123"] {
            assert!(!alone(text), "{text}");
        }
    }
}
