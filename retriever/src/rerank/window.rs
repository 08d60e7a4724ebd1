//! Windows: the part of a text that is most about a question. `training/pair/text.py` cuts them alike.

use std::borrow::Cow;
use std::collections::HashSet;

use corpus::sentence::sentences;

/// Letters of a word that count: a window needs to be near, not exact.
const LETTERS: usize = 5;
/// Shorter words say little.
const SHORTEST: usize = 3;

/// At most about `size` words of whole sentences of `text`, where most words of the question are: the first such run.
/// A single longer sentence is cut after twice as many.
pub(super) fn window<'a>(question: &str, text: &'a str, size: usize) -> Cow<'a, str> {
    if text.split_whitespace().count() <= size {
        return Cow::Borrowed(text);
    }
    let asked: HashSet<String> = marks(question).collect();
    let pieces: Vec<Piece<'_>> = sentences(text)
        .into_iter()
        .filter_map(|span| span.of(text))
        .map(|text| Piece {
            text,
            words: text.split_whitespace().count(),
            found: marks(text).filter(|mark| asked.contains(mark)).collect(),
        })
        .collect();
    let mut best: Option<(usize, &[Piece<'_>])> = None;
    for start in 0..pieces.len() {
        let (mut end, mut used) = (start, 0);
        let mut seen = HashSet::new();
        while let Some(piece) = pieces.get(end) {
            if end > start && used + piece.words > size {
                break;
            }
            used += piece.words;
            seen.extend(&piece.found);
            end += 1;
        }
        if best.is_none_or(|(most, _)| seen.len() > most) {
            best = Some((seen.len(), &pieces[start..end]));
        }
    }
    let chosen = best.map(|(_, pieces)| pieces).unwrap_or_default();
    let words = chosen.iter().flat_map(|piece| piece.text.split_whitespace()).take(2 * size);
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// A sentence with what it has of the question.
struct Piece<'a> {
    text: &'a str,
    words: usize,
    found: HashSet<String>,
}

/// The words of a text as far as they count.
fn marks(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(SHORTEST - 1).is_some())
        .map(|word| word.chars().flat_map(char::to_lowercase).take(LETTERS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Our shop opened long ago in a small town. It sells many things. Refunds take five days. They \
        go to the card that was charged. The cafe upstairs has cake.";

    #[test]
    fn a_short_text_is_read_whole() {
        assert_eq!(window("refunds?", TEXT, 60), TEXT);
        assert_eq!(window("refunds?", "", 60), "");
    }

    #[test]
    fn the_sentences_with_most_of_the_question_are_read() {
        assert_eq!(
            window("When is a refund on my card charged?", TEXT, 12),
            "Refunds take five days. They go to the card that was charged."
        );
        assert_eq!(window("Is there cake in the cafe?", TEXT, 6), "The cafe upstairs has cake.");
        // Without any, the beginning.
        assert_eq!(window("xyzzy", TEXT, 10), "Our shop opened long ago in a small town.");
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        let endless = "word ".repeat(10_000);
        assert_eq!(window("word", &endless, 10).split(' ').count(), 20);
    }
}
