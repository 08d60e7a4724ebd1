//! Two passages side by side, with the words marked that only one of them has.

use std::collections::HashSet;
use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::pane;
use crate::export::place;
use crate::session::{Compare, Session};
use crate::text::{clean, wrap};
use crate::theme::{Role, Theme};

/// Words of a passage that are compared in order; what is longer is compared as a set.
const WORDS: usize = 600;

/// Draws both and says how far they are really scrolled.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, session: &Session, compare: &Compare) -> usize {
    let theme = &session.settings.theme;
    let Some(exchange) = session.exchanges.get(compare.exchange) else { return 0 };
    let passages = compare.numbers.map(|number| exchange.passages.get(number.wrapping_sub(1)));
    let [Some(left), Some(right)] = passages else { return 0 };
    let halves: [Rect; 2] = if area.width >= 60 {
        Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(area)
    } else {
        Layout::vertical([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(area)
    };
    let texts = [&left.chunk.text, &right.chunk.text].map(|text| clean(text));
    let own = differing(&texts[0], &texts[1]);
    let mut settled = 0;
    let parts = [left, right].into_iter().zip(&texts).zip(own.iter()).zip(halves).zip(compare.numbers);
    for ((((passage, text), own), half), number) in parts {
        let block = pane(&format!("[{number}] {}", place(passage)), true, theme, half.width);
        let inner = block.inner(half);
        frame.render_widget(block, half);
        let rows = wrap(text, inner.width as usize);
        let scroll = compare.scroll.min(rows.len().saturating_sub(inner.height as usize));
        settled = settled.max(scroll);
        let shown = rows.into_iter().skip(scroll).take(inner.height as usize);
        let lines: Vec<Line<'_>> = shown.map(|row| marked(text, row, own, theme)).collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }
    settled
}

fn marked(text: &str, row: Range<usize>, own: &[Range<usize>], theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    let mut at = row.start;
    let first = own.partition_point(|word| word.end <= row.start);
    for word in own[first..].iter().take_while(|word| word.start < row.end) {
        let (from, to) = (word.start.max(row.start), word.end.min(row.end));
        spans.push(Span::raw(text[at..from].to_owned()));
        spans.push(Span::styled(text[from..to].to_owned(), theme.style(Role::Match)));
        at = to;
    }
    spans.push(Span::raw(text[at..row.end].to_owned()));
    Line::from(spans)
}

/// The words of each text that are not part of what both have in common, in order: the longest common subsequence.
fn differing(left: &str, right: &str) -> [Vec<Range<usize>>; 2] {
    let (a, b) = (words(left), words(right));
    if a.len() > WORDS || b.len() > WORDS {
        let only = |own: &[(Range<usize>, String)], other: &[(Range<usize>, String)]| {
            let other: HashSet<&String> = other.iter().map(|(_, word)| word).collect();
            own.iter().filter(|(_, word)| !other.contains(word)).map(|(at, _)| at.clone()).collect()
        };
        return [only(&a, &b), only(&b, &a)];
    }
    // `common[i][j]`: how many words the rest of `a` from `i` and of `b` from `j` have in common.
    let wide = b.len() + 1;
    let mut common = vec![0_u16; (a.len() + 1) * wide];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * wide + j] = if a[i].1 == b[j].1 {
                common[(i + 1) * wide + j + 1] + 1
            } else {
                common[(i + 1) * wide + j].max(common[i * wide + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut own = [Vec::new(), Vec::new()];
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i].1 == b[j].1 {
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && common[(i + 1) * wide + j] >= common[i * wide + j + 1]) {
            own[0].push(a[i].0.clone());
            i += 1;
        } else {
            own[1].push(b[j].0.clone());
            j += 1;
        }
    }
    own
}

/// The words of a text in lower case, without the punctuation around them, and where they stand.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split(char::is_whitespace) {
        if !word.is_empty() {
            let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
            words.push((at..at + word.len(), bare.to_lowercase()));
        }
        // The white space behind a word may be wider than a byte.
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_only_one_says_is_marked() {
        let (left, right) = ("You have 30 days, no more.", "You have 14 days no less");
        let [a, b] = differing(left, right);
        let shown = |text: &str, own: &[Range<usize>]| {
            own.iter().map(|at| text[at.clone()].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown(left, &a), ["30", "more."]);
        assert_eq!(shown(right, &b), ["14", "less"]);
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_same(left in "([ab漢] ?){0,20}", right in "([ab漢] ?){0,20}") {
            let [a, b] = differing(&left, &right);
            let rest = |text: &str, own: &[Range<usize>]| {
                words(text).into_iter().filter(|(at, _)| !own.contains(at)).map(|(_, word)| word).collect::<Vec<_>>()
            };
            prop_assert_eq!(rest(&left, &a), rest(&right, &b));
        }
    }
}
