//! What a question asks for.

use std::collections::BTreeMap;

use corpus::terms::Analyzer;

/// A question, taken apart.
#[derive(Clone, Debug)]
pub struct Question {
    /// The text that is embedded.
    pub text: String,
    /// Content terms with their weight before rarity: 1 for those of the question itself, less for those of the
    /// turns that it leans on.
    pub terms: BTreeMap<String, f32>,
    /// Terms that name one thing: codes, numbers, versions, and names in the middle of a sentence. Passages that
    /// hold none of them speak of something else.
    pub names: Vec<String>,
    /// What kind of answer is wanted.
    pub wants: Wants,
}

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A number, duration, amount or date.
    Quantity,
    /// Steps.
    Procedure,
    /// Anything.
    Anything,
}

/// Weight of terms that only an earlier turn named.
const EARLIER: f32 = 0.5;
/// What asks for a quantity.
const QUANTITY: [&str; 18] = [
    "how long", "how many", "how much", "how often", "how far", "how big", "how large", "how fast", "how soon",
    "how old", "when ", "what time", "what price", "cost", "price", "deadline", "maximum", "limit",
];
/// What asks for steps.
const PROCEDURE: [&str; 8] =
    ["how do i", "how do we", "how can i", "how can we", "how to", "steps", "what do i do", "how should"];

impl Question {
    /// Takes `question` apart; `condensed` is the same with what it leans on.
    pub fn new(question: &str, condensed: &str, analyzer: &Analyzer) -> Self {
        let mut terms: BTreeMap<String, f32> = BTreeMap::new();
        for term in analyzer.terms(condensed) {
            terms.insert(term.text, EARLIER);
        }
        for term in analyzer.terms(question) {
            terms.insert(term.text, 1.0);
        }
        let lower = format!("{} ", question.to_lowercase());
        let wants = if PROCEDURE.iter().any(|opening| lower.contains(opening)) {
            Wants::Procedure
        } else if QUANTITY.iter().any(|opening| lower.contains(opening)) {
            Wants::Quantity
        } else {
            Wants::Anything
        };
        Self { text: condensed.to_owned(), terms, names: names(condensed, analyzer), wants }
    }
}

/// The terms of `text` that name one thing, in order, each once.
fn names(text: &str, analyzer: &Analyzer) -> Vec<String> {
    let mut names = Vec::new();
    for term in analyzer.terms(text) {
        let Some(word) = term.span.of(text) else { continue };
        let coded = word.chars().any(|c| c.is_ascii_digit()) || word.contains('_');
        let first = opens_sentence(&text[..term.span.start]);
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let acronym = word.chars().count() > 1 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        let name = coded || (acronym && word.chars().count() > 2) || (capital && !first);
        if name && !names.contains(&term.text) {
            names.push(term.text);
        }
    }
    names
}

/// Whether what follows `before` begins a sentence, where a capital letter says nothing.
fn opens_sentence(before: &str) -> bool {
    before.trim_end().chars().next_back().is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '"' | '(' | '\n'))
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::{Question, Wants};

    fn question(text: &str) -> Question {
        Question::new(text, text, &Analyzer::new("en"))
    }

    #[test]
    fn codes_and_names_are_told_from_words() {
        let names = question("What does error E-1042 mean on the Kestrel X2?").names;
        assert!(names.iter().any(|name| name.contains("1042")), "{names:?}");
        assert!(names.iter().any(|name| name.starts_with("kestrel")), "{names:?}");
        assert!(question("What does it mean? Please explain.").names.is_empty());
    }

    #[test]
    fn tells_what_is_wanted() {
        assert_eq!(question("How long does a refund take?").wants, Wants::Quantity);
        assert_eq!(question("How do I reset the hub?").wants, Wants::Procedure);
        assert_eq!(question("Is the hub waterproof?").wants, Wants::Anything);
    }
}
