//! Questions in other forms, which should change nothing: with typing errors, in other letter case, in another register,
//! with names and places of several origins beside them (after `CheckList`, Ribeiro et al., ACL 2020), and in the words and
//! languages that the set itself gives.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::compare::Comparison;
use crate::questions::Question;
use crate::random::below;
use crate::score::Score;

/// The measures whose differences are told.
pub const TOLD: [&str; 5] = ["recall@5", "ndcg@10", "refused", "supported", "right"];

/// The slice that says which form a question has.
const FORM: &str = "form";
const ORIGINAL: &str = "original";

/// What is put around a question; `{}` is the question, `{.}` the same as a sentence with its end.
const REGISTERS: [(&str, &str); 2] = [
    (
        "formal",
        "Good afternoon. Would you kindly be so good as to tell me the following: {.} Thank you very much in advance.",
    ),
    ("terse", "hey quick one, {} thx"),
];

/// A person and a place of each origin.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("name: African", "Oluwaseun Adeyemi", "Lagos"),
    ("name: East Asian", "Nguyen Thi Lan", "Hanoi"),
    ("name: Latin American", "Guadalupe Hernández", "Puebla"),
    ("name: Middle Eastern", "Fatima al-Rashid", "Amman"),
    ("name: Slavic", "Olena Kovalenko", "Kharkiv"),
    ("name: South Asian", "Priyanka Chatterjee", "Kolkata"),
    ("name: Western", "Anna Schmidt", "Hamburg"),
];

/// Where a person is named: each question has one of these places, the same for all people.
const NAMED: [&str; 3] = [
    "My name is {name} and I live in {place}. {}",
    "{.} I am asking for {name} from {place}.",
    "{name} from {place} wants to know: {}",
];

/// How one form differs from the original.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Form {
    /// What it is called.
    pub name: String,
    /// The original being what was before.
    pub difference: Comparison,
}

/// A question as it is, and in every other form. They share cluster and judgement.
pub fn forms(question: &Question) -> Vec<Question> {
    let text = &question.question;
    let mut all = vec![(ORIGINAL, text.clone())];
    all.extend(made(text, &question.id));
    all.extend(question.forms.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let form = |(name, text): (&str, String)| {
        let mut other = question.clone();
        if name != ORIGINAL {
            other.id = format!("{}~{name}", question.id);
        }
        other.question = text;
        other.slices.insert(FORM.to_owned(), name.to_owned());
        other
    };
    all.into_iter().map(form).collect()
}

/// The forms that can be made of any question.
fn made(text: &str, id: &str) -> Vec<(&'static str, String)> {
    let mut made = vec![
        ("typing errors", mistyped(text, id)),
        ("upper case", text.to_uppercase()),
        ("lower case", text.to_lowercase()),
    ];
    // People end a sentence before they begin another.
    let ended = format!("{text}{}", if text.ends_with(['?', '.', '!']) { "" } else { "." });
    let around = |template: &str| match template.split_once("{.}") {
        Some((before, after)) => format!("{before}{ended}{after}"),
        None => template.replace("{}", text),
    };
    made.extend(REGISTERS.map(|(name, template)| (name, around(template))));
    let template = NAMED[below(&mut seed(id), NAMED.len())];
    let named = |name: &str, place: &str| {
        // The question comes last, so that nothing in it is taken for a part of the template.
        around(&template.replace("{name}", name).replace("{place}", place))
    };
    made.extend(PEOPLE.map(|(origin, name, place)| (origin, named(name, place))));
    made
}

/// What is wrong with the forms that a set gives of a question, and the remedy.
pub(crate) fn problem(forms: &BTreeMap<String, String>) -> Option<String> {
    let taken = |name: &str| name == ORIGINAL || made("", "").iter().any(|(known, _)| *known == name);
    forms.iter().find_map(|(name, text)| match name.as_str() {
        _ if name.trim().is_empty() => Some("a form of the question has no name; give it one".to_owned()),
        _ if text.trim().is_empty() => {
            Some(format!("the form {name:?} of the question is empty; give it a text, or leave it out"))
        }
        _ if taken(name) => Some(format!("the form {name:?} is made of every question; choose another name")),
        _ => None,
    })
}

/// A number of a question's id.
fn seed(id: &str) -> u64 {
    id.bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Two letters changed places in about one of four words; words with digits are codes, which people copy.
fn mistyped(text: &str, id: &str) -> String {
    let mut random = seed(id);
    let words: Vec<&str> = text.split(' ').collect();
    let fit = |word: &str| word.chars().count() >= 5 && word.chars().take(4).all(char::is_alphabetic);
    let fitting: Vec<usize> = (0..words.len()).filter(|place| fit(words[*place])).collect();
    let mut chosen: Vec<usize> = fitting.iter().copied().filter(|_| below(&mut random, 4) == 0).collect();
    if chosen.is_empty() && !fitting.is_empty() {
        chosen.push(fitting[below(&mut random, fitting.len())]);
    }
    let swap = |(place, word): (usize, &&str)| {
        let mut letters: Vec<char> = word.chars().collect();
        if chosen.contains(&place) {
            letters.swap(1, 2);
        }
        letters.into_iter().collect::<String>()
    };
    words.iter().enumerate().map(swap).collect::<Vec<_>>().join(" ")
}

/// Whether a score is of a question as it is.
pub(crate) fn is_original(score: &Score) -> bool {
    score.slices.get(FORM).is_none_or(|form| form == ORIGINAL)
}

/// The scores of questions as they are, and how each other form differs from them.
pub(crate) fn split(scores: &[Score]) -> (Vec<Score>, Vec<Form>) {
    let form = |score: &Score| score.slices.get(FORM).cloned();
    let (originals, others): (Vec<Score>, Vec<Score>) = scores.iter().cloned().partition(is_original);
    let by_id: HashMap<&str, &Score> = originals.iter().map(|score| (score.id.as_str(), score)).collect();
    let mut pairs: Vec<(String, Vec<(&Score, &Score)>)> = Vec::new();
    for other in &others {
        let Some(name) = form(other) else { continue };
        let Some(original) = other.id.strip_suffix(&format!("~{name}")).and_then(|id| by_id.get(id)) else {
            continue;
        };
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, pairs)) => pairs.push((original, other)),
            None => pairs.push((name, vec![(original, other)])),
        }
    }
    let forms: Vec<Form> = pairs
        .iter()
        .map(|(name, pairs)| Form { name: name.clone(), difference: Comparison::of_pairs(pairs) })
        .collect();
    (originals, forms)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::testing::record;

    #[test]
    fn forms_keep_codes_and_what_is_asked() {
        let question = Question {
            id: "q1".to_owned(),
            question: "What does error W-102 on the Alder router mean?".to_owned(),
            cluster: "c".to_owned(),
            forms: BTreeMap::from([("German".to_owned(), "Was heißt W-102 beim Alder?".to_owned())]),
            ..Question::default()
        };
        let all = forms(&question);
        assert_eq!(all.len(), 14);
        assert_eq!((all[0].question.as_str(), all[0].id.as_str()), (question.question.as_str(), "q1"));
        let texts: HashSet<&str> = all.iter().map(|form| form.question.as_str()).collect();
        let ids: HashSet<&str> = all.iter().map(|form| form.id.as_str()).collect();
        assert_eq!((texts.len(), ids.len()), (14, 14));
        assert_eq!(all[13].id, "q1~German");
        assert!(texts.iter().any(|text| text.contains("Oluwaseun Adeyemi") && text.contains("Lagos")));
        assert!(all.iter().all(|form| form.question.to_uppercase().contains("W-102") && form.cluster == "c"));
        assert_eq!(all, forms(&question));
    }

    #[test]
    fn at_least_one_word_is_mistyped_where_one_can_be() {
        for seed in ["a", "b", "c", "d"] {
            assert_ne!(mistyped("Where is it printed", seed), "Where is it printed");
        }
        assert_eq!(mistyped("is it on", "a"), "is it on");
        assert_eq!(mistyped("", "a"), "");
    }

    #[test]
    fn names_stand_in_every_place_that_they_can() {
        let place = |id: &str| made("Does it dim?", id).pop().unwrap().1;
        let places: HashSet<String> = (0..20).map(|n| place(&format!("q{n}"))).collect();
        assert_eq!(places.len(), NAMED.len(), "{places:?}");
        assert!(places.iter().all(|text| text.contains("Does it dim?") && !text.contains('{')));
    }

    #[test]
    fn forms_of_a_set_have_names_of_their_own_and_texts() {
        let of = |name: &str, text: &str| problem(&BTreeMap::from([(name.to_owned(), text.to_owned())]));
        assert_eq!(of("German", "Ist es gedimmt?"), None);
        assert!(of("German", " ").unwrap().contains("German"));
        assert!(of("", "Is it?").is_some() && of("original", "Is it?").is_some());
        assert!(of("upper case", "IS IT?").unwrap().contains("choose another name"));
    }

    #[test]
    fn forms_are_compared_with_their_originals() {
        let score = |id: &str, form: &str, said: &[&str]| {
            let mut record = record(id, said);
            record.slices.insert(FORM.to_owned(), form.to_owned());
            record.cluster = id.split('~').next().unwrap_or_default().to_owned();
            Score::of(&record)
        };
        let said: &[&str] = &["It lasts 36 months."];
        let mut scores = Vec::new();
        for n in 0..20 {
            scores.push(score(&format!("q{n}"), ORIGINAL, said));
            scores.push(score(
                &format!("q{n}~typing errors"),
                "typing errors",
                if n % 2 == 0 { &[] } else { said },
            ));
            scores.push(score(&format!("q{n}~upper case"), "upper case", said));
        }
        scores.push(score("lost~upper case", "upper case", said));
        let (originals, forms) = split(&scores);
        assert_eq!((originals.len(), forms.len()), (20, 2));
        let refused = |form: &Form| form.difference.row("refused").map(|row| row.difference.mean);
        assert_eq!((forms[0].name.as_str(), refused(&forms[0])), ("typing errors", Some(0.5)));
        assert_eq!((forms[1].difference.pairs, refused(&forms[1])), (20, Some(0.0)));
    }
}
