//! Rows: words on one base line, and lines of text.

use super::letters::is_right_to_left;
use super::words::{Bar, Word};

/// Narrowest gap between words that do not follow each other, for a font of size 1.
const WIDE: f64 = 1.0;

/// Narrowest gap that is a space.
const SPACE: f64 = 0.1;

/// Words on one base line, from left to right.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) words: Vec<Word>,
    pub(super) y: f64,
    pub(super) size: f64,
}

impl Row {
    pub(super) fn x0(&self) -> f64 {
        self.words.first().map_or(0.0, |word| word.x0)
    }

    pub(super) fn x1(&self) -> f64 {
        self.words.iter().map(|word| word.x1).fold(f64::MIN, f64::max)
    }

    pub(super) fn text(&self) -> String {
        text(&self.words)
    }

    /// Stretches of words without a wide gap or a line between them. A list marker goes with what it marks.
    pub(super) fn stretches(&self, bars: &[Bar]) -> Vec<&[Word]> {
        let mut stretches = Vec::new();
        let mut start = 0;
        let walls: Vec<f64> = bars
            .iter()
            .filter(|bar| bar.vertical && bar.from < self.y && bar.to > self.y - self.size * 0.5)
            .map(|bar| bar.at)
            .collect();
        for at in 1..self.words.len() {
            let [before, after] = [&self.words[at - 1], &self.words[at]];
            let size = before.size.max(after.size);
            let wide = after.x0 - before.x1 > WIDE * size;
            let marker = at == start + 1 && start == 0 && is_marker(&before.text);
            let wall =
                walls.iter().any(|wall| *wall > before.x1 - size * 0.2 && *wall < after.x0 + size * 0.2);
            if (wide && !marker) || wall {
                stretches.push(&self.words[start..at]);
                start = at;
            }
        }
        stretches.push(&self.words[start..]);
        stretches
    }
}

/// Sorts words into rows, from top to bottom.
pub(super) fn rows(mut words: Vec<Word>) -> Vec<Row> {
    words.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x0.total_cmp(&b.x0)));
    let mut rows: Vec<Row> = Vec::new();
    for word in words {
        // Raised and lowered words, such as footnote marks, are a little off the base line.
        let found = rows.iter_mut().rev().take(3).find(|row| {
            let reach = (row.size.max(word.size) * 0.5).min(row.size.min(word.size) * 0.75);
            (word.y - row.y).abs() <= reach.max(1.0)
                && (word.size > row.size * 0.9 || row.size - word.size < 0.5 || is_beside(row, &word))
        });
        match found {
            Some(row) => {
                // The larger script sets the base line.
                if word.size > row.size * 1.2 {
                    row.y = word.y;
                }
                row.size = row.size.max(word.size);
                row.words.push(word);
            }
            None => rows.push(Row { y: word.y, size: word.size, words: vec![word] }),
        }
    }
    for row in &mut rows {
        row.words.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        without_shadows(&mut row.words);
        join_spaced_letters(&mut row.words);
    }
    rows.sort_by(|a, b| a.y.total_cmp(&b.y));
    rows
}

/// Whether a small word stands close to one of a row, as footnote marks do.
fn is_beside(row: &Row, word: &Word) -> bool {
    row.words
        .iter()
        .any(|other| (word.x0 - other.x1).abs() < other.size || (other.x0 - word.x1).abs() < other.size)
        || (word.y - row.y).abs() < word.size * 0.25
}

/// Drops words shown twice, a little apart, to look bold or to cast a shadow.
fn without_shadows(words: &mut Vec<Word>) {
    let mut at = 1;
    while at < words.len() {
        let word = &words[at];
        let shadow = words[at.saturating_sub(4)..at].iter().any(|before| {
            before.text == word.text
                && (before.x0 - word.x0).abs() < word.size * 0.2
                && (before.y - word.y).abs() < word.size * 0.2
        });
        if shadow {
            words.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Joins letters that are set apart for emphasis, as in `N O T E`.
fn join_spaced_letters(words: &mut Vec<Word>) {
    let single =
        words.iter().filter(|word| word.chars() == 1 && word.text.chars().all(char::is_alphabetic)).count();
    if words.len() < 5 || single * 5 < words.len() * 4 {
        return;
    }
    let mut gaps: Vec<f64> = words.windows(2).map(|pair| pair[1].x0 - pair[0].x1).collect();
    gaps.sort_by(f64::total_cmp);
    let usual = gaps[gaps.len() / 2];
    if usual > words[0].size * 0.9 {
        return;
    }
    let mut joined: Vec<Word> = Vec::new();
    for word in words.drain(..) {
        match joined.last_mut() {
            Some(last) if word.x0 - last.x1 < usual * 1.6 && word.x0 >= last.x0 => {
                last.text.push_str(&word.text);
                last.x1 = word.x1;
            }
            _ => joined.push(word),
        }
    }
    *words = joined;
}

/// The text of words side by side.
pub(super) fn text(words: &[Word]) -> String {
    let right_to_left: usize =
        words.iter().map(|word| word.text.chars().filter(|c| is_right_to_left(*c)).count()).sum();
    let letters: usize = words.iter().map(Word::chars).sum();
    let backward = right_to_left * 2 > letters;
    let mut order: Vec<&Word> = words.iter().collect();
    if backward {
        order.reverse();
    }
    let mut out = String::new();
    let mut before: Option<&Word> = None;
    for word in order {
        if let Some(before) = before {
            let gap = if backward { before.x0 - word.x1 } else { word.x0 - before.x1 };
            // Words that touch are one, parted by a change of font; unless the font's spaces take no room.
            let size = before.size.min(word.size);
            let spaced = if backward { before.spaced } else { word.spaced };
            if gap > SPACE * size || (spaced && gap > -0.3 * size) {
                out.push(' ');
            }
        }
        out.push_str(&word.text);
        before = Some(word);
    }
    leaders(&out)
}

/// Text without the dots that lead the eye to a page number.
fn leaders(text: &str) -> String {
    if !text.contains("....") && !text.contains(". . . .") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut dots = String::new();
    let flush = |dots: &mut String, out: &mut String| {
        if dots.matches('.').count() >= 4 {
            out.push(' ');
        } else {
            out.push_str(dots);
        }
        dots.clear();
    };
    for c in text.chars() {
        if c == '.' || (c == ' ' && !dots.is_empty()) {
            dots.push(c);
        } else {
            flush(&mut dots, &mut out);
            out.push(c);
        }
    }
    flush(&mut dots, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a word begins an item of a list.
pub(super) fn is_marker(word: &str) -> bool {
    if is_bullet(word) {
        return true;
    }
    let stem = word.trim_end_matches(['.', ')']).trim_start_matches('(');
    if stem.len() == word.len() || !word.ends_with(['.', ')']) {
        return false;
    }
    let digits = !stem.is_empty() && stem.len() <= 3 && stem.bytes().all(|byte| byte.is_ascii_digit());
    let letter = stem.len() == 1 && stem.bytes().all(|byte| byte.is_ascii_alphabetic());
    let roman = stem.len() <= 4 && !stem.is_empty() && stem.bytes().all(|byte| b"ivx".contains(&byte));
    digits || letter || roman
}

/// Whether a word is a bullet.
pub(super) fn is_bullet(word: &str) -> bool {
    matches!(
        word,
        "•" | "●"
            | "○"
            | "◦"
            | "▪"
            | "■"
            | "□"
            | "‣"
            | "➢"
            | "➤"
            | "–"
            | "-"
            | "*"
            | "·"
            | "∙"
            | "◆"
            | "o"
            | "❍"
            | "❖"
            | "✓"
            | "►"
    )
}
