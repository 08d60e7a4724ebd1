//! Words of a question that are spelled a little otherwise than in the passages.

use std::collections::BTreeSet;

use crate::names::is_named;
use crate::question::Question;

/// Fewest letters of a word that is taken for a misspelled one.
const LETTERS: usize = 5;
/// Fewest passages with the name that another is taken for, where the first has it not.
const HOLDERS: usize = 2;

/// The question in which a word that no passage holds may also be one that differs from it by one letter, or by two that
/// have changed places (Damerau, 1964). Codes and words with numbers stay what they are. `known` are the terms of all
/// passages, and `keys` what names are matched with in each: a name is another's where the first passage has that one, or
/// several have.
pub(super) fn corrected(
    question: &Question,
    known: &BTreeSet<String>,
    keys: &[&BTreeSet<String>],
) -> Question {
    let mut question = question.clone();
    for name in question.names.iter_mut().filter(|name| !name.exact) {
        if keys.iter().any(|keys| is_named(name, keys)) {
            continue;
        }
        let near: BTreeSet<&String> =
            keys.iter().flat_map(|keys| keys.iter()).filter(|key| is_near(&name.key, key)).collect();
        let held = |key: &&&String| {
            let has = |keys: &&&BTreeSet<String>| keys.contains(**key);
            keys.first().is_some_and(|first| has(&first)) || keys.iter().filter(has).count() >= HOLDERS
        };
        if let Some(key) = near.iter().find(held) {
            name.key.clone_from(key);
        }
    }
    for concept in &mut question.concepts {
        if concept.within(known) > 0.0 || !concept.parts.is_empty() {
            continue;
        }
        let joins = question.language.joins_words();
        let near = |term: &&String| {
            concept.whole.iter().any(|word| is_near(word, term) || joins && is_within(word, term))
        };
        let found: Vec<String> = known.iter().filter(near).cloned().collect();
        concept.alike.extend(found);
    }
    question
}

/// Whether one word is the beginning or the end of the other: a compound and what it is made of, as German writes them.
fn is_within(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.chars().count() >= LETTERS
        && short.chars().all(char::is_alphabetic)
        && (long.starts_with(short) || long.ends_with(short))
}

/// Whether two words of letters differ by one letter, or by two neighbors in the other order. Their first letters agree.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    let letters = |word: &[char]| word.iter().all(|c| c.is_alphabetic());
    if short.len() < LETTERS
        || long.len() - short.len() > 1
        || short[0] != long[0]
        || !letters(&one)
        || !letters(&other)
    {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let (rest, longer) = (&short[same..], &long[same..]);
    if short.len() < long.len() {
        return rest == &longer[1..];
    }
    match (rest, longer) {
        ([_, rest @ ..], [_, longer @ ..]) if rest == longer => true,
        ([a, b, rest @ ..], [c, d, longer @ ..]) => a == d && b == c && rest == longer,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Tongue;

    #[test]
    fn one_slip_is_near_and_two_are_not() {
        for (one, other) in
            [("warranty", "waranty"), ("router", "roter"), ("router", "ruoter"), ("router", "rauter")]
        {
            assert!(is_near(one, other) && is_near(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("warranty", "warenti"),
            ("house", "mouse"),
            ("hub", "hum"),
            ("e1042", "e1043"),
            ("router", "router2"),
            ("paris", "pairs2"),
            ("abcdef", "abdcfe"),
        ] {
            assert!(!is_near(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_name_is_another_that_the_first_or_several_passages_have() {
        let tongue = Tongue::english();
        let keys: Vec<BTreeSet<String>> =
            ["The Ember T2", "Amber and Alder", "The Alder"].map(crate::names::keys).into_iter().collect();
        let name = |text: &str, held: usize| {
            let question = Question::new(text, "", &tongue);
            let held: Vec<&BTreeSet<String>> = keys.iter().take(held).collect();
            corrected(&question, &BTreeSet::new(), &held).names.into_iter().map(|name| name.key).next()
        };
        assert_eq!(name("Does it work with the Ebmer?", 1).as_deref(), Some("ember"));
        assert_eq!(name("Does it work with the Ember?", 3).as_deref(), Some("ember"));
        assert_eq!(name("Does it work with the Adler?", 3).as_deref(), Some("alder"));
        assert_eq!(name("Does it work with the Adler?", 2).as_deref(), Some("adler"));
        assert_eq!(name("Does it work with the Ambre?", 3).as_deref(), Some("ambre"));
    }

    #[test]
    fn a_compound_is_known_by_what_it_is_made_of() {
        assert!(is_within("garantie", "garantiezeit") && is_within("netzwerkgerät", "gerät"));
        assert!(
            !is_within("netzwerkname", "name") && !is_within("port", "export") && !is_within("1042", "e1042")
        );
    }

    #[test]
    fn only_what_no_passage_holds_is_corrected() {
        let tongue = Tongue::english();
        let question = Question::new("How long is the waranty of the router?", "", &tongue);
        let known: BTreeSet<String> = ["warranty", "router", "route"]
            .iter()
            .flat_map(|text| tongue.analyzer().terms(text))
            .map(|term| term.text)
            .collect();
        let corrected = corrected(&question, &known, &[]);
        let alike: Vec<usize> = corrected.concepts.iter().map(|concept| concept.alike.len()).collect();
        let before: Vec<usize> = question.concepts.iter().map(|concept| concept.alike.len()).collect();
        let added: usize = alike.iter().zip(&before).map(|(after, before)| after - before).sum();
        assert_eq!(added, 1, "{corrected:?}");
        assert!(corrected.concepts.iter().any(|concept| concept.within(&known) > 0.0));
    }
}
