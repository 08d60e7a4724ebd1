//! Follow-up questions made to stand on their own.

use corpus::terms::Analyzer;

use crate::Turn;
use crate::names::names;

/// Content terms above which a question is taken to stand on its own.
const ENOUGH_TERMS: usize = 4;
/// Openings by which a question leans on the turn before it.
const OPENINGS: [&str; 32] = [
    "and ",
    "and,",
    "but ",
    "or ",
    "also ",
    "so ",
    "then ",
    "what about",
    "how about",
    "what if",
    "same ",
    "does that",
    "is that",
    "is it",
    "does it",
    "why not",
    "und ",
    "aber ",
    "oder ",
    "was ist mit",
    "wie ist es",
    "et ",
    "mais ",
    "qu'en est-il",
    "y ",
    "¿y ",
    "pero ",
    "e ",
    "ed ",
    "en ",
    "maar ",
    "mas ",
];
/// Words that point at something said before.
const POINTERS: [&str; 14] = [
    "it", "its", "they", "them", "their", "that", "this", "those", "these", "one", "ones", "there",
    "instead", "either",
];

/// The question as it should be searched: itself where it stands on its own, else behind the questions that it
/// leans on.
pub fn condense(question: &str, history: &[Turn]) -> String {
    let mut text = question.trim().to_owned();
    let mut turns = history.iter().rev();
    let mut newest = question.trim().to_owned();
    while leans(&newest) {
        let Some(turn) = turns.next() else { break };
        let asked =
            put_in_place(turn.question.trim(), &newest).unwrap_or_else(|| turn.question.trim().to_owned());
        text = format!("{asked} {text}");
        turn.question.trim().clone_into(&mut newest);
    }
    text
}

/// What of a conversation is searched for its newest question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The question; where it asks of another thing what the one before asked of its like, behind that one turned to
    /// the new thing.
    pub text: String,
    /// Earlier turns, newest first, without the one that was turned.
    pub earlier: Vec<Turn>,
    /// Whether its wording points back.
    pub leans: bool,
}

impl FollowUp {
    /// Of `question` after `history`, oldest first.
    pub fn new(question: &str, history: &[Turn]) -> Self {
        let question = question.trim();
        let leans = leans(question);
        let mut earlier: Vec<Turn> = history.iter().rev().cloned().collect();
        let newest = earlier.first().filter(|_| leans);
        let turned = newest.and_then(|turn| put_in_place(turn.question.trim(), question));
        let text = if let Some(turned) = turned {
            // Its answer is of the old thing.
            earlier.remove(0);
            format!("{turned} {question}")
        } else {
            question.to_owned()
        };
        Self { text, earlier, leans }
    }
}

/// The earlier question asked of what the follow-up names: "How much memory does the N2 have?" and "What about the N4?"
/// make "How much memory does the N4 have?". `None` where nothing can be put in place of a name.
fn put_in_place(earlier: &str, follow_up: &str) -> Option<String> {
    let new = names(follow_up);
    let [name] = new.as_slice() else { return None };
    let old = names(earlier);
    // The last name of the kind: "the fee of Business for the AX4" is rather of the AX4.
    let replaced = old.iter().rev().find(|other| other.exact == name.exact && other.key != name.key)?;
    earlier.contains(&replaced.written).then(|| earlier.replace(&replaced.written, &name.written))
}

/// Whether a question cannot be understood without the turn before it.
pub(crate) fn leans(question: &str) -> bool {
    let lower = question.trim().to_lowercase();
    if OPENINGS.iter().any(|opening| lower.starts_with(opening)) {
        return true;
    }
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let points = words.clone().any(|word| POINTERS.contains(&word));
    let terms = Analyzer::new("en").terms(question).len();
    (points && terms <= ENOUGH_TERMS) || terms <= 1
}

#[cfg(test)]
mod tests {
    use super::{FollowUp, condense};
    use crate::Turn;

    fn turn(question: &str) -> Turn {
        Turn { question: question.into(), answer: String::new() }
    }

    #[test]
    fn a_question_that_stands_alone_stays() {
        let history = [turn("How long is the warranty of the Kestrel?")];
        let question = "Which ports does the Osprey camera need for video upload?";
        assert_eq!(condense(question, &history), question);
    }

    #[test]
    fn a_follow_up_may_be_in_another_language() {
        let history = [turn("Wie lange gilt die Garantie des Routers?")];
        assert_eq!(
            condense("Und für Firmenkunden in der Schweiz oder in Österreich?", &history),
            "Wie lange gilt die Garantie des Routers? Und für Firmenkunden in der Schweiz oder in Österreich?"
        );
    }

    #[test]
    fn a_follow_up_takes_the_question_before_along() {
        let history = [turn("How long is the warranty of the Kestrel?"), turn("And for business customers?")];
        assert_eq!(
            condense("What about refurbished ones?", &history),
            "How long is the warranty of the Kestrel? And for business customers? What about refurbished ones?"
        );
    }

    #[test]
    fn a_name_takes_the_place_of_its_like() {
        let history = [turn("How much memory does the Granary N2 have?")];
        assert_eq!(
            condense("What about the N4?", &history),
            "How much memory does the Granary N4 have? What about the N4?"
        );
        let history = [turn("How fast is support on Business?")];
        assert_eq!(
            condense("And on Enterprise?", &history),
            "How fast is support on Enterprise? And on Enterprise?"
        );
    }

    #[test]
    fn what_was_said_of_another_thing_is_not_searched() {
        let fees = Turn { question: "How high is the fee?".into(), answer: "It is 5 EUR.".into() };
        let memory = Turn { question: "How much memory has the N2?".into(), answer: "It has 4 GB.".into() };
        let history = [fees.clone(), memory.clone()];
        let turned = FollowUp::new(" What about the N4?", &history);
        assert_eq!(turned.text, "How much memory has the N4? What about the N4?");
        assert_eq!((turned.earlier, turned.leans), (vec![fees.clone()], true));
        let other = FollowUp::new("And how long does it last?", &history);
        assert_eq!(other.text, "And how long does it last?");
        assert_eq!((other.earlier, other.leans), (vec![memory.clone(), fees.clone()], true));
        let alone = "Which ports does the Osprey N4 need for video upload over wireless?";
        let alone = FollowUp::new(alone, &history);
        assert_eq!((alone.earlier, alone.leans), (vec![memory, fees], false));
        assert_eq!(FollowUp::new("What about the N4?", &[]).text, "What about the N4?");
    }

    #[test]
    fn without_history_nothing_is_added() {
        assert_eq!(condense(" And then? ", &[]), "And then?");
    }
}
