//! Questions that ask for several things.

use crate::lexicon::words;

/// Most parts that a question is split into.
const MOST: usize = 3;
/// Fewest words of a part: less is an afterthought such as "and why?".
const LEAST_WORDS: usize = 3;
/// Words that open a question of their own after a conjunction.
const OPENERS: [&str; 22] = [
    "how", "what", "what's", "when", "where", "which", "who", "why", "can", "could", "do", "does", "is",
    "are", "will", "should", "must", "may", "would", "did", "has", "have",
];

const PREPOSITIONS: [&str; 8] = ["by", "since", "until", "at", "in", "for", "from", "on"];
const AUXILIARIES: [&str; 12] =
    ["can", "could", "do", "does", "is", "are", "will", "should", "must", "may", "did", "has"];
/// Words of a sentence that tells something, beside auxiliaries.
const SAYING: [&str; 12] =
    ["i", "i'm", "i've", "we", "we've", "my", "our", "am", "was", "were", "have", "cannot"];
/// What stands after the verb of a question.
const SUBJECTS: [&str; 14] =
    ["i", "we", "you", "it", "they", "he", "she", "the", "a", "there", "that", "this", "my", "our"];

/// The parts of `question`, each a question of its own; one where there is nothing to split.
pub(super) fn split(question: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for sentence in question.split_inclusive('?') {
        for clause in clauses(sentence) {
            let clause = clause.trim().trim_end_matches([',', ';']);
            let asks = parts.is_empty() || opens(clause);
            match parts.last_mut() {
                // What asks nothing sets the scene for what follows or belongs to what was asked.
                Some(last) if words(clause).len() < LEAST_WORDS || !asks => {
                    last.push(' ');
                    last.push_str(clause);
                }
                _ if !clause.is_empty() => parts.push(clause.to_owned()),
                _ => {}
            }
        }
    }
    // A scene before the question is no part of its own.
    let asks = |part: &str| {
        part.contains('?')
            || is_named_alone(part)
            || part.split(['.', '!', ':']).any(|from| opens(from.trim()))
    };
    if parts.len() > 1 && !asks(&parts[0]) {
        let scene = parts.remove(0);
        parts[0] = format!("{scene} {}", parts[0]);
    }
    if parts.len() > MOST || parts.is_empty() { vec![question.trim().to_owned()] } else { parts }
}

/// Whether a clause begins like a question.
fn opens(clause: &str) -> bool {
    let words = words(clause);
    let asks = |word: &String| OPENERS.contains(&word.as_str());
    words.first().is_some_and(asks)
        || (words.first().is_some_and(|word| {
            matches!(
                word.as_str(),
                "and" | "also" | "for" | "in" | "at" | "on" | "or" | "by" | "since" | "until" | "from"
            )
        }) && words.get(1).is_some_and(asks))
}

/// Whether a clause asks by naming what is wanted: "yearly price of the plan". It does not begin like a sentence and has nothing
/// that looks like a verb.
fn is_named_alone(clause: &str) -> bool {
    let words = words(clause);
    let says = |word: &String| {
        let word = word.as_str();
        SAYING.contains(&word) || AUXILIARIES.contains(&word) || word.ends_with("ed") || word.ends_with("n't")
    };
    words.len() >= LEAST_WORDS && !SUBJECTS.contains(&words[0].as_str()) && !words.iter().any(says)
}

/// Splits before "and" where a question follows.
fn clauses(sentence: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, conjunction) in sentence.match_indices(" and ") {
        let after = &sentence[at + conjunction.len()..];
        let next = after
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let mut following = words(after).into_iter().skip(1);
        let second = following.next().unwrap_or_default();
        let strong = matches!(next.as_str(), "how" | "what" | "when" | "where" | "which" | "who" | "why")
            || (PREPOSITIONS.contains(&next.as_str()) && OPENERS.contains(&second.as_str()))
            || (AUXILIARIES.contains(&next.as_str()) && SUBJECTS.contains(&second.as_str()));
        let comma = sentence[..at].ends_with(',') && OPENERS.contains(&next.as_str());
        // "Where and when": one thing with two sides.
        let long = words(&sentence[from..at]).len() > LEAST_WORDS;
        if (strong || comma) && long {
            clauses.push(&sentence[from..at]);
            from = at + conjunction.len();
        }
    }
    clauses.push(&sentence[from..]);
    clauses
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn one_question_stays_whole() {
        for question in [
            "How do I reset the hub and the camera?",
            "Where and when can I pick it up?",
            "I have lost my key. What can I do?",
            "My hub blinks red. I have tried everything!",
            "Is it waterproof? Thanks",
            "Our hub in the loft and how do I reset it?",
            "Hub reset twice since noon, it blinked red, and what now?",
            "The red light on the hub and what does it mean?",
            "",
        ] {
            assert_eq!(split(question).len(), 1, "{question}: {:?}", split(question));
        }
    }

    #[test]
    fn several_questions_are_parted() {
        assert_eq!(
            split("How long is the warranty and what does it cover?"),
            ["How long is the warranty", "what does it cover?"]
        );
        assert_eq!(
            split("Can I return it? How much does that cost?"),
            ["Can I return it?", "How much does that cost?"]
        );
        assert_eq!(
            split("how many modules does a cache need and can the N2 do it too"),
            ["how many modules does a cache need", "can the N2 do it too"]
        );
        assert_eq!(split("How big is the credit and by when must we ask for it?").len(), 2);
        assert_eq!(
            split("Yearly price of the plan, and until when is it refunded?"),
            ["Yearly price of the plan", "until when is it refunded?"]
        );
        assert_eq!(split("Starter plan: what's a seat and how do the users sign in there").len(), 2);
        assert_eq!(split("I moved. How do I cancel, and is there a fee for it?").len(), 2);
    }
}
