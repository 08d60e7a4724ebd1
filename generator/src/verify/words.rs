//! A text as words in order, each with the clause that it stands in.

use std::collections::BTreeSet;

use corpus::terms::Analyzer;

/// Fewest terms of a clause; a shorter one belongs to the one before it.
const SHORTEST_CLAUSE: usize = 2;
/// Most words that are read of one text.
const MOST_WORDS: usize = 2_000;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case.
    pub(super) lower: String,
    /// As the analyzer normalizes it; `None` for stop words.
    pub(super) term: Option<String>,
    /// Number of its clause.
    pub(super) clause: usize,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// Words in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(pub(super) Vec<Word>);

impl Words {
    /// The first words of `text`.
    pub(super) fn of(text: &str, analyzer: &Analyzer) -> Self {
        let mut terms = analyzer.terms(text).into_iter().peekable();
        let mut words: Vec<Word> = Vec::new();
        let (mut clause, mut before) = (0, 0);
        for (at, written) in written(text).take(MOST_WORDS) {
            let lower = written.replace('’', "'").to_lowercase();
            if (opens_clause(&lower) || text.get(before..at).is_some_and(parts)) && before > 0 {
                clause += 1;
            }
            before = at + written.len();
            while terms.next_if(|term| term.span.start < at).is_some() {}
            let mut own = None;
            while let Some(term) = terms.next_if(|term| term.span.start < before) {
                // Of a word and the compound that it begins, the word.
                if own.is_none() || term.span.end <= before {
                    own.get_or_insert(term.text);
                }
            }
            words.push(Word { lower, term: own, clause, at });
        }
        let mut words = Self(words);
        words.join_clauses();
        words
    }

    /// Gives clauses that say too little to the one before, and the first one to the next.
    fn join_clauses(&mut self) {
        let last = self.0.last().map_or(0, |word| word.clause);
        let mut sizes = vec![0; last + 1];
        for word in self.0.iter().filter(|word| word.term.is_some()) {
            sizes[word.clause] += 1;
        }
        let mut named = vec![0; last + 1];
        let (mut current, mut filled) = (0, 0);
        for (clause, size) in sizes.iter().enumerate() {
            if *size >= SHORTEST_CLAUSE && filled >= SHORTEST_CLAUSE {
                current += 1;
                filled = 0;
            }
            filled += size;
            named[clause] = current;
        }
        self.0.iter_mut().for_each(|word| word.clause = named[word.clause]);
    }

    /// How many clauses there are.
    pub(super) fn clauses(&self) -> usize {
        self.0.last().map_or(0, |word| word.clause + 1)
    }

    /// The terms of one clause.
    pub(super) fn clause(&self, clause: usize) -> BTreeSet<&str> {
        self.0.iter().filter(|word| word.clause == clause).filter_map(|word| word.term.as_deref()).collect()
    }

    /// All terms in order.
    pub(super) fn terms(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|word| word.term.as_deref())
    }

    /// Whether the word is among them.
    pub(super) fn has(&self, lower: &str) -> bool {
        self.0.iter().any(|word| word.lower == lower)
    }

    /// Whether the words of `phrase` follow each other at `at`.
    pub(super) fn is_at(&self, at: usize, phrase: &str) -> bool {
        phrase
            .split(' ')
            .enumerate()
            .all(|(i, part)| self.0.get(at + i).is_some_and(|word| word.lower == part))
    }
}

/// Stretches of letters, digits and apostrophes, with their places.
fn written(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    text.split(move |c: char| !inside(c))
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .filter(|(_, word)| word.chars().any(char::is_alphanumeric))
}

/// Whether what stands between two words parts clauses.
fn parts(between: &str) -> bool {
    between.contains([',', ';', ':', '(', ')', '|', '–', '—', '\n', '.', '!', '?'])
}

fn opens_clause(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "but"
            | "or"
            | "because"
            | "if"
            | "unless"
            | "when"
            | "while"
            | "which"
            | "so"
            | "whereas"
            | "who"
            | "although"
            | "though"
            | "where"
            | "until"
            | "then"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clauses(text: &str) -> Vec<Vec<String>> {
        let words = Words::of(text, &Analyzer::new("en"));
        (0..words.clauses())
            .map(|clause| words.clause(clause).into_iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn clauses_are_parted_where_each_says_something() {
        assert_eq!(
            clauses("Refunds take five days, and returns cost nothing."),
            [vec!["day", "five", "refund", "take"], vec!["cost", "noth", "return"]]
        );
        assert_eq!(clauses("Press, hold and release the button."), [["hold", "press"], ["button", "releas"]]);
        assert_eq!(clauses("Wait, then press it."), [["press", "wait"]]);
        assert_eq!(clauses(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn every_word_has_the_term_that_it_gives() {
        let words = Words::of("The Wi-Fi on port 8443 isn't ready.", &Analyzer::new("en"));
        let seen: Vec<(&str, Option<&str>)> =
            words.0.iter().map(|word| (word.lower.as_str(), word.term.as_deref())).collect();
        assert_eq!(seen[0], ("the", None));
        assert!(
            seen.contains(&("8443", Some("8443"))) && seen.contains(&("ready", Some("readi"))),
            "{seen:?}"
        );
        assert!(words.is_at(3, "on port") && !words.is_at(4, "on port"));
    }
}
