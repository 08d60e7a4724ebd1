//! What people say instead of the words that support documents use.
//!
//! Customers ask about a "wifi box" that "froze"; documents speak of a router that does not react. `lay.txt` holds some
//! hundred such phrases of English. What is said so is not the same as what is written: it finds, and weighs less.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::span::Span;

/// The phrases, stemmed, with what is meant.
static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("lay.txt")));

struct Lexicon {
    stemmer: Stemmer,
    meant: HashMap<String, &'static str>,
    /// Words of the longest phrase.
    longest: usize,
}

impl Lexicon {
    fn read(file: &'static str) -> Self {
        let mut lexicon =
            Self { stemmer: Stemmer::create(Algorithm::English), meant: HashMap::new(), longest: 0 };
        let lines = file.lines().filter(|line| !line.starts_with('#'));
        for (meant, phrases) in lines.filter_map(|line| line.split_once(':')) {
            for phrase in phrases.split(',') {
                let stems = lexicon.stems(phrase);
                lexicon.longest = lexicon.longest.max(stems.len());
                let key: Vec<String> = stems.into_iter().map(|(stem, _)| stem).collect();
                lexicon.meant.insert(key.join(" "), meant.trim());
            }
        }
        lexicon
    }

    /// The words of `text`, stemmed, with their places.
    fn stems(&self, text: &str) -> Vec<(String, Span)> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
        let mut stems = Vec::new();
        let mut rest = 0;
        while let Some(from) = text[rest..].find(part).map(|at| rest + at) {
            let end = text[from..].find(|c| !part(c)).map_or(text.len(), |at| from + at);
            let word = text[from..end].replace('’', "'").to_lowercase();
            stems.push((self.stemmer.stem(&word).into_owned(), Span::new(from, end)));
            rest = end;
        }
        stems
    }
}

/// The phrases in `text` with what is meant by them, in order; of those that overlap, the first, and of these the longest.
pub fn said(text: &str) -> Vec<(Span, &'static str)> {
    let lexicon = &*LEXICON;
    let stems = lexicon.stems(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < stems.len() {
        let phrase = (1..=lexicon.longest.min(stems.len() - at)).rev().find_map(|length| {
            let words = &stems[at..at + length];
            let key: Vec<&str> = words.iter().map(|(stem, _)| stem.as_str()).collect();
            let meant = lexicon.meant.get(&key.join(" "))?;
            Some((length, Span::new(words[0].1.start, words[length - 1].1.end), *meant))
        });
        match phrase {
            Some((length, span, meant)) => {
                found.push((span, meant));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// `text` with the phrases that people say put in the words of documents; `None` where it has none.
pub fn written(text: &str) -> Option<String> {
    written_where(text, |_, _| true)
}

/// The same with those phrases only of which `better` holds, given what is said and what is meant.
pub fn written_where(text: &str, better: impl Fn(&str, &str) -> bool) -> Option<String> {
    let mut said = said(text);
    said.retain(|(span, meant)| better(&text[span.start..span.end], meant));
    let mut written = String::with_capacity(text.len());
    let mut rest = 0;
    for (span, meant) in &said {
        written.push_str(&text[rest..span.start]);
        written.push_str(meant);
        rest = span.end;
    }
    written.push_str(&text[rest..]);
    (!said.is_empty()).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_put_in_the_words_of_documents() {
        for (text, expected) in [
            ("My WiFi box froze!", Some("My router does not react!")),
            ("do I get my money back", Some("do I refund")),
            ("We can’t get online", Some("We no internet connection")),
            ("Reset the N4", None),
            ("", None),
        ] {
            assert_eq!(written(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn phrases_can_be_left_as_they_are() {
        let text = "My WiFi box froze!";
        assert_eq!(
            written_where(text, |said, _| said == "froze").as_deref(),
            Some("My WiFi box does not react!")
        );
        assert_eq!(written_where(text, |_, _| false), None);
    }

    #[test]
    fn of_phrases_that_overlap_the_longest_counts() {
        let found = said("hang it up, then hang up the wifi router");
        let meant: Vec<&str> = found.iter().map(|(_, meant)| *meant).collect();
        assert_eq!(meant, ["does not react", "wall mounting", "router"]);
    }

    #[test]
    fn every_line_is_read_and_no_phrase_means_two_things() {
        let mut seen = HashMap::new();
        for line in include_str!("lay.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let (meant, phrases) = line.split_once(':').expect("a line without a colon");
            assert!(!meant.trim().is_empty(), "{line}");
            for phrase in phrases.split(',') {
                let stems: Vec<String> = LEXICON.stems(phrase).into_iter().map(|(stem, _)| stem).collect();
                assert!(!stems.is_empty(), "{line}");
                if let Some(other) = seen.insert(stems.join(" "), meant) {
                    assert_eq!(other, meant, "{phrase}");
                }
            }
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        for text in ["Ünser wifi–box ist kaput", "''’", "wifi", "🙂 laptop 🙂"] {
            for (span, _) in said(text) {
                assert!(span.of(text).is_some(), "{text}");
            }
        }
    }
}
