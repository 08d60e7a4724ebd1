//! Foreign text made fit for the screen.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Columns of a tab.
const TAB: &str = "    ";

/// `text` without control characters; tabs become four spaces. Line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str(TAB),
            c if is_hidden(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Marks that reorder or hide text could make a source read as something it is not; variation selectors change widths,
/// and terminals do not agree on how.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    ) || c.is_control()
}

/// `text` on one line.
pub(crate) fn line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The beginning of `text` in at most `width` columns, with an ellipsis where something is missing.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    let text = line(text);
    if text.width() <= width {
        return text;
    }
    let mut out = String::new();
    let mut columns = 1;
    for grapheme in text.graphemes(true) {
        columns += grapheme.width();
        if columns > width {
            break;
        }
        out.push_str(grapheme);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// Columns that a cluster of characters takes once it is clean.
fn columns(grapheme: &str) -> usize {
    match grapheme.as_bytes() {
        [b' '..=b'~'] => 1,
        _ => clean(grapheme).width(),
    }
}

/// The clusters of a line and where they begin. One that falls apart once it is clean, as joined emoji do, is taken apart.
fn clusters(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.grapheme_indices(true).flat_map(|(at, grapheme)| {
        let apart = columns(grapheme) > 2;
        let part = move |(from, c): (usize, char)| (at + from, &grapheme[from..from + c.len_utf8()]);
        let parts = apart.then(|| grapheme.char_indices().map(part));
        (!apart).then_some((at, grapheme)).into_iter().chain(parts.into_iter().flatten())
    })
}

/// A line of the screen: byte range of the text that it was wrapped from.
pub(crate) type Row = Range<usize>;

/// Breaks `text` into rows of at most `width` columns, at spaces where there are any. Rows are in order, their
/// ends lie between clusters of characters, and only white space is left between them.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<Row> {
    let width = width.max(1);
    let mut rows = Vec::new();
    let mut offset = 0;
    for line in text.split('\n') {
        wrap_line(line, offset, width, &mut rows);
        offset += line.len() + 1;
    }
    rows
}

fn wrap_line(line: &str, offset: usize, width: usize, rows: &mut Vec<Row>) {
    let mut start = 0;
    let mut used = 0;
    // Byte just past the last space that fits, and the columns up to there.
    let mut space: Option<(usize, usize)> = None;
    for (at, grapheme) in clusters(line) {
        let wide = columns(grapheme);
        if grapheme == " " && used + wide > width && at > start {
            rows.push(offset + start..offset + at);
            start = at + 1;
            used = 0;
            space = None;
            continue;
        }
        // Twice where the part after the last space is still too long.
        while used + wide > width && at > start {
            let (end, before) = space.filter(|(end, _)| *end > start).unwrap_or((at, used));
            rows.push(offset + start..offset + line[start..end].trim_end().len() + start);
            start = end;
            used -= before;
            space = None;
        }
        used += wide;
        if grapheme == " " {
            space = Some((at + 1, used));
        }
    }
    rows.push(offset + start..offset + line.len());
}

/// Breaks `text` into rows of exactly `width` columns, wherever that is, and only at line ends and there: for code.
pub(crate) fn chop(text: &str, width: usize) -> Vec<Row> {
    let width = width.max(1);
    let mut rows = Vec::new();
    let mut offset = 0;
    for line in text.split('\n') {
        let (mut start, mut used) = (0, 0);
        for (at, grapheme) in clusters(line) {
            let wide = columns(grapheme);
            if used + wide > width && at > start {
                rows.push(offset + start..offset + at);
                (start, used) = (at, 0);
            }
            used += wide;
        }
        rows.push(offset + start..offset + line.len());
        offset += line.len() + 1;
    }
    rows
}

/// Columns that `text` takes once it is clean.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(columns).sum()
}

/// Where `needle` stands in `text`, letter case aside; `limit` places at most.
pub(crate) fn find_all(text: &str, needle: &str, limit: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if needle.is_empty() {
        return found;
    }
    if needle.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        let (small, large) = (needle[0].to_ascii_lowercase(), needle[0].to_ascii_uppercase());
        let mut next = 0;
        for at in memchr::memchr2_iter(small, large, text) {
            let end = at + needle.len();
            if at >= next && text.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(needle)) {
                found.push(at..end);
                next = end;
                if found.len() >= limit {
                    break;
                }
            }
        }
        return found;
    }
    let fold = |c: char| c.to_lowercase().next().unwrap_or(c);
    let needle: Vec<char> = needle.chars().map(fold).collect();
    let mut next = 0;
    for (at, _) in text.char_indices() {
        if at < next || found.len() >= limit {
            continue;
        }
        let mut rest = text[at..].char_indices();
        if needle.iter().all(|wanted| rest.next().is_some_and(|(_, c)| fold(c) == *wanted)) {
            next = at + rest.next().map_or(text.len() - at, |(end, _)| end);
            found.push(at..next);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn wraps_at_spaces() {
        let text = "one two three\nfour";
        let rows: Vec<&str> = wrap(text, 8).into_iter().map(|row| &text[row]).collect();
        assert_eq!(rows, ["one two", "three", "four"]);
    }

    #[test]
    fn breaks_words_that_do_not_fit() {
        let text = "abcdefgh";
        let rows: Vec<&str> = wrap(text, 3).into_iter().map(|row| &text[row]).collect();
        assert_eq!(rows, ["abc", "def", "gh"]);
    }

    #[test]
    fn code_keeps_its_spaces() {
        let text = "  if x {\n    y\n  }";
        let rows: Vec<&str> = chop(text, 5).into_iter().map(|row| &text[row]).collect();
        assert_eq!(rows, ["  if ", "x {", "    y", "  }"]);
    }

    #[test]
    fn drops_what_controls_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\td\n"), "a[31mbc    d\n");
    }

    #[test]
    fn finds_whatever_the_case() {
        let text = "Größe, GRÖSSE, größe";
        let found: Vec<&str> = find_all(text, "größe", 9).into_iter().map(|at| &text[at]).collect();
        assert_eq!(found, ["Größe", "größe"]);
        assert_eq!(find_all("aAaA", "aa", 9), [0..2, 2..4]);
        assert_eq!(find_all("aAaA", "aa", 1).len(), 1);
        assert!(find_all("é", "e", 9).is_empty());
        assert!(find_all("x", "", 9).is_empty());
    }

    #[test]
    fn shortened_text_says_so() {
        assert_eq!(shortened("漢字漢字", 5), "漢字…");
        assert_eq!(shortened("漢字", 4), "漢字");
        assert_eq!(shortened("abc", 0), "");
    }

    fn foreign() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "a",
            "bc",
            " ",
            "  ",
            "\n",
            "\t",
            "漢",
            "字",
            "é",
            "e\u{301}",
            "😀",
            "❤\u{fe0f}",
            "👩\u{200d}👧",
            "🇩🇪",
            "שלום",
            "سلام",
            "\u{202e}",
            "\u{200d}",
            "नि",
            "1\u{fe0f}\u{20e3}",
            "\u{1b}[2J",
        ]);
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn rows_fit_and_hold_everything_but_spaces(text in foreign(), columns in 4usize..20) {
            let rows = wrap(&text, columns);
            let mut end = 0;
            for row in &rows {
                prop_assert!(row.start >= end);
                prop_assert!(text[end..row.start].chars().all(char::is_whitespace));
                prop_assert!(clean(&text[row.clone()]).width() <= columns, "{:?}", &text[row.clone()]);
                end = row.end;
            }
            prop_assert!(text[end..].chars().all(char::is_whitespace));
        }

        #[test]
        fn chopped_rows_hold_everything(text in foreign(), columns in 4usize..20) {
            let mut end = 0;
            for row in chop(&text, columns) {
                prop_assert!(matches!(&text[end..row.start], "" | "\n"));
                prop_assert!(clean(&text[row.clone()]).width() <= columns);
                end = row.end;
            }
            prop_assert_eq!(end, text.len());
        }

        #[test]
        fn shortened_text_fits(text in foreign(), columns in 0usize..20) {
            prop_assert!(shortened(&text, columns).width() <= columns);
        }

        #[test]
        fn what_is_found_is_there(text in foreign(), needle in foreign()) {
            for at in find_all(&text, &needle, 50) {
                prop_assert!(text.get(at).is_some());
            }
        }
    }
}
