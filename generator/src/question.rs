//! What a question asks for.

use std::collections::BTreeSet;

use corpus::lay;

use crate::condense::leans;
use crate::language::{Language, Tongue};
use crate::lexicon::{dimension, is_light, is_time, synonyms, unit, words};
use crate::names::{Name, names};

pub(crate) mod abroad;
mod essence;
mod parts;
mod person;
mod wants;

pub use essence::essence;
pub use person::{asks_about_a_person, asks_for_what_is_masked, lacks_the_identifier, pseudonyms};
pub use wants::Wants;

/// A question, or one part of a question that asks for several things, taken apart.
#[derive(Clone, Debug)]
pub struct Question {
    /// What a reader is asked: the question by itself, after the names that it leans on, so that what answered the turn before,
    /// which it leans on too, is not taken for its answer.
    pub read: String,
    /// The text that is embedded: the part with what it leans on.
    pub text: String,
    /// The same in the words of documents, where people say it in others.
    pub written: Option<String>,
    /// What was asked, without what it leans on.
    pub asked: String,
    /// What it is about.
    pub concepts: Vec<Concept>,
    /// Single things that it names. A passage that holds none of them speaks of something else.
    pub names: Vec<Name>,
    /// What kind of answer is wanted.
    pub wants: Wants,
    /// Numbers, among the concepts, of what is counted: "forwarding" and "rules" in "how many forwarding rules can it
    /// hold".
    pub counted: Vec<usize>,
    /// What the answer is measured in, where the question says so: watts, decibels, bytes.
    pub dimension: Option<&'static str>,
    /// What it is asked in.
    pub language: Language,
}

/// A word or code of a question with the forms in which passages may hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct Concept {
    /// Terms that each stand for the whole.
    pub whole: Vec<String>,
    /// Terms that stand for it together.
    pub parts: Vec<String>,
    /// Terms of the same meaning.
    pub alike: Vec<String>,
    /// Terms that documents use together where people say this.
    pub written: Vec<Vec<String>>,
    /// How much it says about what is asked: 1 for content words, less for common ones and for words that only an
    /// earlier turn used.
    pub weight: f32,
}

/// Weight of words that only an earlier turn used.
const EARLIER: f32 = 0.5;
/// Weight of words that are common in questions.
const LIGHT: f32 = 0.25;
/// How well a word of the same meaning stands for a word.
const ALIKE: f32 = 0.8;
/// How well the words of documents stand for what people say.
const WRITTEN: f32 = 0.6;

impl Question {
    /// Takes `question` apart; `condensed` is the same with what it leans on. A question for several things gives
    /// one `Question` for each, at most three.
    pub fn parts(question: &str, condensed: &str, tongue: &Tongue) -> Vec<Self> {
        let parts = parts::split(question);
        if parts.len() < 2 {
            return vec![Self::new(question, condensed, tongue)];
        }
        let context = condensed.strip_suffix(question.trim()).unwrap_or(condensed);
        let first = Self::new(&parts[0], &format!("{context}{}", parts[0]), tongue);
        let rest = parts[1..].iter().map(|part| {
            // A later part may say "it" of what the first one names.
            if leans(part) { first.goes_on(part, tongue) } else { Self::new(part, part, tongue) }
        });
        std::iter::once(first.clone()).chain(rest).collect()
    }

    /// A `part` that leans on this question. It is compared and read by itself, after the names that it leans on: with the
    /// whole question before it, what answers that would come first once more.
    fn goes_on(&self, part: &str, tongue: &Tongue) -> Self {
        let whole = Self::new(part, &format!("{} {part}", self.text), tongue);
        Self { text: whole.read.clone(), written: lay::written(&whole.read), ..whole }
    }

    /// Takes one question apart.
    pub fn new(question: &str, condensed: &str, tongue: &Tongue) -> Self {
        let (language, analyzer) = (tongue.language(), tongue.analyzer());
        let mut concepts = concepts(question, tongue, 1.0);
        for concept in self::concepts(condensed, tongue, EARLIER) {
            if !concepts.iter().any(|known| known.whole == concept.whole) {
                concepts.push(concept);
            }
        }
        let counted = counted(question)
            .into_iter()
            .filter_map(|word| analyzer.terms(word).into_iter().next())
            .filter_map(|term| concepts.iter().position(|concept| concept.whole.contains(&term.text)))
            .collect();
        let (own, earlier) = (named(question, language), named(condensed, language));
        let leans = condensed.trim() != question.trim() && own.is_empty() && !earlier.is_empty();
        let written: Vec<&str> = earlier.iter().map(|name| name.written.as_str()).collect();
        let read = if leans {
            format!("{} {}", written.join(" "), question.trim())
        } else {
            condensed.trim().to_owned()
        };
        Self {
            counted,
            read,
            text: condensed.trim().to_owned(),
            written: lay::written(condensed.trim()),
            asked: question.trim().to_owned(),
            concepts,
            // A follow-up that names something asks of that, not of what was named before.
            names: if own.is_empty() { earlier } else { own },
            wants: language
                .asking()
                .map_or_else(|| Wants::of(question), |asking| asking.wants(&words(question))),
            dimension: asked_dimension(question),
            language,
        }
    }

    /// How well `sentence`, which is in `language`, is of the kind that is asked for; see [`Wants::fit`].
    pub fn fit(&self, sentence: &str, steps: bool, language: Language) -> f32 {
        let measured = |dimension| {
            words(sentence).iter().any(|word| {
                let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
                unit(word).is_some_and(|unit| self::dimension(unit) == dimension)
            })
        };
        match self.dimension {
            Some(dimension) => f32::from(u8::from(measured(dimension))),
            None if language.is_english() => self.wants.fit(sentence, steps),
            None => self.wants.fit_abroad(sentence, steps, language.asking()),
        }
    }
}

/// The words for what is counted: `forwarding rules` of "how many forwarding rules can it hold".
fn counted(question: &str) -> Vec<&str> {
    const ENDS: [&str; 24] = [
        "do", "does", "did", "can", "could", "may", "must", "should", "will", "would", "is", "are", "was",
        "were", "has", "have", "had", "in", "on", "of", "per", "for", "to", "at",
    ];
    let is_end = |word: &str| ENDS.contains(&word.to_lowercase().as_str());
    let words: Vec<&str> =
        question.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()).collect();
    let many = |pair: &[&str]| pair[0].eq_ignore_ascii_case("how") && pair[1].eq_ignore_ascii_case("many");
    let Some(at) = words.windows(2).position(many) else { return Vec::new() };
    words[at + 2..].iter().take_while(|word| !is_end(word)).take(4).copied().collect()
}

/// The dimension of "how many watts" and "in decibels". Times are told by [`Wants`].
fn asked_dimension(question: &str) -> Option<&'static str> {
    let words = words(question);
    words.windows(2).find_map(|pair| {
        let unit = unit(&pair[1]).filter(|unit| pair[1].len() > 2 && !is_time(unit));
        unit.filter(|_| matches!(pair[0].as_str(), "many" | "in")).map(dimension)
    })
}

/// The single things that a text in `language` names.
fn named(text: &str, language: Language) -> Vec<Name> {
    let mut names = names(text);
    if language.capitalizes_nouns() {
        // `E8` and `FreeBSD`, but neither `Rückgabewert 3` nor `WLAN-Passwort`.
        let capitals = |name: &Name| name.written.chars().filter(|c| c.is_uppercase()).count();
        let written = |name: &Name, mark| name.written.contains(mark);
        names.retain(|name| {
            if name.exact { !written(name, ' ') } else { capitals(name) > 1 && !written(name, '-') }
        });
    }
    names
}

impl Concept {
    /// How well `terms` stand for the concept, 0 to 1.
    pub fn within(&self, terms: &BTreeSet<String>) -> f32 {
        let together = || !self.parts.is_empty() && self.parts.iter().all(|part| terms.contains(part));
        if self.whole.iter().any(|whole| terms.contains(whole)) || together() {
            1.0
        } else if self.alike.iter().any(|alike| terms.contains(alike)) {
            ALIKE
        } else if self.written.iter().any(|terms_of| terms_of.iter().all(|term| terms.contains(term))) {
            WRITTEN
        } else {
            0.0
        }
    }
}

fn concepts(text: &str, tongue: &Tongue, weight: f32) -> Vec<Concept> {
    let analyzer = tongue.analyzer();
    let is_light = |word: &str| {
        tongue.language().asking().map_or_else(|| is_light(word), |asking| asking.is_light(word))
    };
    let mut concepts: Vec<Concept> = Vec::new();
    let terms = analyzer.terms(text);
    let said = lay::said(text);
    let mut at = 0;
    while at < terms.len() {
        // The terms of one compound overlap; the longest stand for all of it.
        let mut end = at + 1;
        let mut span = terms[at].span;
        while end < terms.len() && terms[end].span.overlaps(span) {
            span.end = span.end.max(terms[end].span.end);
            end += 1;
        }
        let group = &terms[at..end];
        let longest = group.iter().map(|term| term.span.len()).max().unwrap_or(0);
        let (whole, parts): (Vec<_>, Vec<_>) = group.iter().partition(|term| term.span.len() == longest);
        let word = span.of(text).unwrap_or_default().to_lowercase();
        let mut alike = Vec::new();
        for synonym in synonyms(&word).chain(whole.iter().flat_map(|term| synonyms(&term.text))) {
            alike.extend(analyzer.terms(synonym).into_iter().next().map(|term| term.text));
        }
        let weight = if is_light(&word) { weight * LIGHT } else { weight };
        let texts = |terms: Vec<&corpus::terms::Term>| -> Vec<String> {
            terms.into_iter().map(|term| term.text.clone()).collect()
        };
        let written = said
            .iter()
            .filter(|(place, _)| place.overlaps(span))
            .map(|(_, meant)| analyzer.terms(meant).into_iter().map(|term| term.text).collect());
        let concept =
            Concept { whole: texts(whole), parts: texts(parts), alike, written: written.collect(), weight };
        if !concepts.iter().any(|known| known.whole == concept.whole) {
            concepts.push(concept);
        }
        at = end;
    }
    concepts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Question;
    use crate::language::Tongue;

    #[test]
    fn what_is_counted_is_known() {
        let tongue = Tongue::english();
        let counted = |question: &str| {
            let question = Question::new(question, question, &tongue);
            let words = question.counted.iter().map(|at| question.concepts[*at].whole.join(" "));
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(counted("How many port forwarding rules can it hold?"), "port forward rule");
        assert_eq!(counted("For the hub, how many guests are allowed?"), "guest");
        assert_eq!(counted("How much is it?"), "");
        assert_eq!(counted("How many?"), "");
    }

    #[test]
    fn nouns_are_no_names_in_german() {
        let names = |question: &str| -> Vec<String> {
            let question = Question::new(question, question, &Tongue::of_question(question, &[]));
            question.names.into_iter().map(|name| name.key).collect()
        };
        assert_eq!(names("Was ist der Rückgabewert 3 und wie hoch ist die Gebühr?"), [""; 0]);
        assert_eq!(names("Wie setze ich das WLAN-Passwort zurück, wenn E-1042 da ist?"), ["e1042"]);
        assert_eq!(names("Gibt es eine Version für FreeBSD, die ich nutzen kann?"), ["freebsd"]);
        assert_eq!(names("Does the Kestrel work with it?"), ["kestrel"]);
    }

    #[test]
    fn a_later_part_that_leans_is_compared_by_itself_after_the_names() {
        let tongue = Tongue::english();
        let texts = |question: &str| -> Vec<String> {
            Question::parts(question, question, &tongue).into_iter().map(|part| part.text).collect()
        };
        let asked = "What does a seat of the Osprey cost and how many devices does it cover?";
        assert_eq!(
            texts(asked),
            ["What does a seat of the Osprey cost", "Osprey how many devices does it cover?"]
        );
        let [_, later] = &Question::parts(asked, asked, &tongue)[..] else { panic!("two parts") };
        let seat = later.concepts.iter().find(|concept| concept.whole.iter().any(|term| term == "seat"));
        assert!(seat.is_some_and(|seat| seat.weight < 1.0), "{later:?}");
        // Without a name, or with one of its own, it stands behind the whole.
        assert_eq!(
            texts("How long is the warranty and what does it cover?")[1],
            "How long is the warranty what does it cover?"
        );
        assert_eq!(
            texts("How many disks does the Osprey need and can the Kestrel do it too?")[1],
            "How many disks does the Osprey need can the Kestrel do it too?"
        );
    }

    #[test]
    fn a_follow_up_is_read_by_itself_after_the_names() {
        let tongue = Tongue::english();
        let read = |earlier: &str, question: &str| {
            Question::new(question, &format!("{earlier} {question}"), &tongue).read
        };
        let warranty = "How long does the warranty of the Osprey last?";
        assert_eq!(read(warranty, "And how do I reset it?"), "Osprey And how do I reset it?");
        assert_eq!(
            read(warranty, "And that of the Kestrel?"),
            format!("{warranty} And that of the Kestrel?")
        );
        assert_eq!(
            read("How long is it?", "And what does it cost?"),
            "How long is it? And what does it cost?"
        );
    }

    #[test]
    fn a_unit_that_is_asked_for_must_be_there() {
        let tongue = Tongue::english();
        let fit = |question: &str, sentence: &str| {
            Question::new(question, question, &tongue).fit(sentence, false, tongue.language())
        };
        assert!(fit("How many watts does the port deliver?", "The hub has 3 ports.") < 0.5);
        assert!(fit("How many watts does the port deliver?", "The port delivers 15 W.") > 0.5);
        assert!(fit("How loud is it in decibels?", "The fan has 2 speeds.") < 0.5);
        assert!(fit("How much does it hold in gigabytes?", "It holds 2 TB.") > 0.5);
    }

    fn within(question: &str, text: &str) -> Vec<f32> {
        let tongue = Tongue::english();
        let terms: BTreeSet<String> =
            tongue.analyzer().terms(text).into_iter().map(|term| term.text).collect();
        Question::new(question, question, &tongue)
            .concepts
            .iter()
            .map(|concept| concept.within(&terms))
            .collect()
    }

    #[test]
    fn a_compound_is_one_concept() {
        assert_eq!(within("E-1042 wifi?", "Error E1042 of the Wi-Fi"), [1.0, 1.0]);
        assert_eq!(within("E-1042", "The E class of 1042"), [1.0]);
        assert_eq!(within("E-1042", "Room 1042"), [0.0]);
    }

    #[test]
    fn words_of_one_meaning_nearly_match() {
        assert_eq!(within("reboot", "Restart the hub."), [0.8]);
        assert_eq!(within("reboot", "Paint the hub."), [0.0]);
    }

    #[test]
    fn what_people_say_stands_a_little_for_what_documents_write() {
        assert_eq!(within("wifi box", "Restart the router."), [0.6, 0.6]);
        assert_eq!(within("wifi box", "The Wi-Fi box is in the loft."), [1.0, 1.0]);
        // "Network name" is one thing: half of it is another.
        assert_eq!(within("ssid", "The name of the network"), [0.6]);
        assert_eq!(within("ssid", "The network"), [0.0]);
        let tongue = Tongue::english();
        let question = Question::new("My ssid is gone", "My ssid is gone", &tongue);
        assert_eq!(question.written.as_deref(), Some("My network name is gone"));
    }

    #[test]
    fn words_of_questions_weigh_little() {
        let tongue = Tongue::english();
        let question = Question::new("Please help me find the invoice", "", &tongue);
        let weights: Vec<f32> = question.concepts.iter().map(|concept| concept.weight).collect();
        assert_eq!(weights, [0.25, 0.25, 1.0]);
    }

    #[test]
    fn several_things_asked_are_several_questions() {
        let tongue = Tongue::english();
        let text = "How long is the warranty of the Osprey, and how do I claim it?";
        let parts = Question::parts(text, text, &tongue);
        assert_eq!(parts.len(), 2);
        assert!(parts[1].names.iter().any(|name| name.key == "osprey"), "{parts:?}");
    }
}
