//! Foreign text made fit for the screen.

use unicode_width::UnicodeWidthChar as _;

/// `text` without control characters; tabs become four spaces. Line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            // Marks that reorder or hide text could make a source read as something it is not.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line of the screen: byte range of the text that it was wrapped from.
pub(crate) type Row = std::ops::Range<usize>;

/// Breaks `text` into rows of at most `width` columns, at spaces where there are any. Rows are in order, their
/// ends lie on character boundaries, and only white space is left between them.
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
    let mut columns = 0;
    // Byte just past the last space that fits, and the columns up to there.
    let mut space: Option<(usize, usize)> = None;
    for (at, c) in line.char_indices() {
        let wide = c.width().unwrap_or(0);
        if c == ' ' && columns + wide > width && at > start {
            rows.push(offset + start..offset + at);
            start = at + 1;
            columns = 0;
            space = None;
            continue;
        }
        // Twice where the part after the last space is still too long.
        while columns + wide > width && at > start {
            let (end, used) = space.filter(|(end, _)| *end > start).unwrap_or((at, columns));
            rows.push(offset + start..offset + line[start..end].trim_end().len() + start);
            start = end;
            columns -= used;
            space = None;
        }
        columns += wide;
        if c == ' ' {
            space = Some((at + 1, columns));
        }
    }
    rows.push(offset + start..offset + line.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    use super::{clean, wrap};

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
    fn drops_what_controls_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\td\n"), "a[31mbc    d\n");
    }

    proptest! {
        #[test]
        fn rows_fit_and_hold_everything_but_spaces(text in "[a-z 漢é😀\n]{0,80}", width in 2usize..20) {
            let rows = wrap(&text, width);
            let mut end = 0;
            for row in &rows {
                prop_assert!(row.start >= end);
                prop_assert!(text[end..row.start].chars().all(char::is_whitespace));
                prop_assert!(text[row.clone()].width() <= width);
                end = row.end;
            }
            prop_assert!(text[end..].chars().all(char::is_whitespace));
        }
    }
}
