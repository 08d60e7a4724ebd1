//! What kind of answer a question wants, and whether a sentence is of that kind.

use super::abroad::Asking;
use crate::lexicon::{dimension, is_calendar, is_imperative, is_time, number_word, unit, words};

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A length of time.
    Duration,
    /// How often.
    Frequency,
    /// A point in time or what it depends on.
    Time,
    /// An amount of money.
    Money,
    /// A number.
    Number,
    /// Steps.
    Procedure,
    /// A place: a room, a menu, an address.
    Place,
    /// A person or a role.
    Person,
    /// A reason.
    Reason,
    /// What a code, a light or a word stands for.
    Meaning,
    /// Anything.
    Anything,
}

/// How well a single step, and a sentence that mentions one, fit where steps are asked for.
const SINGLE_STEP: f32 = 0.9;
const MENTIONS_A_STEP: f32 = 0.5;

impl Wants {
    /// What `question` wants.
    pub fn of(question: &str) -> Self {
        let words = words(question);
        let text = format!(" {} ", words.join(" "));
        let has = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(&format!(" {phrase} ")));
        let money = has(&[
            "cost",
            "costs",
            "price",
            "prices",
            "fee",
            "fees",
            "pay",
            "charge",
            "charged",
            "expensive",
            "discount",
        ]);
        if has(&["what does", "what do"]) && has(&["mean", "stand for"]) {
            Self::Meaning
        } else if has(&[
            "how do i",
            "how do we",
            "how do you",
            "how does one",
            "how can i",
            "how can we",
            "how to",
            "how should i",
            "how would i",
            "how could i",
            "steps",
            "what do i do",
            "what should i do",
            "how can a",
            "how do customers",
            "procedure",
        ]) {
            Self::Procedure
        } else if has(&[
            "how long",
            "how fast",
            "how quickly",
            "how soon",
            "how old",
            "how many days",
            "how many hours",
            "how many minutes",
            "how many weeks",
            "how many months",
            "how many years",
            "how much time",
            "how much longer",
            "how much sooner",
            "what period",
            "what length of time",
        ]) {
            Self::Duration
        } else if has(&["how often can", "how often may", "how often could"]) {
            Self::Number
        } else if has(&["how often", "how frequently", "how many times"]) {
            Self::Frequency
        } else if (money && has(&["how much", "what", "what's", "which", "how high", "is there"]))
            || has(&["what price"])
            || much(&words).is_some_and(is_price)
        {
            Self::Money
        } else if much(&words).is_some_and(|of| !is_comparative(of))
            || has(&[
                "how many",
                "how big",
                "how large",
                "how far",
                "how high",
                "how wide",
                "how deep",
                "how heavy",
                "maximum",
                "minimum",
                "what size",
                "what temperature",
                "limit",
                "what number",
                "which port",
                "which ports",
                "how strong",
            ])
        {
            Self::Number
        } else if has(&[
            "when",
            "what time",
            "what date",
            "what day",
            "which day",
            "what hour",
            "which hour",
            "end date",
            "until when",
            "up to when",
            "since when",
            "what year",
            "which year",
            "deadline",
            "by when",
            "opening hours",
        ]) {
            Self::Time
        } else if has(&["where", "which menu", "which page", "what address", "which address"]) {
            Self::Place
        } else if words.first().is_some_and(|word| matches!(word.as_str(), "who" | "whom" | "whose"))
            || has(&["who can", "who is", "who may", "who pays", "who should"])
        {
            Self::Person
        } else if has(&["why", "what causes", "what caused", "reason"]) {
            Self::Reason
        } else if has(&["mean", "means", "meaning", "stand for", "stands for", "definition of"]) {
            Self::Meaning
        } else {
            Self::Anything
        }
    }

    /// The same of a sentence in another language, whose questions begin as `asking` says: only amounts, and how often, are
    /// told.
    pub(crate) fn fit_abroad(self, sentence: &str, steps: bool, asking: Option<&Asking>) -> f32 {
        let words = words(sentence);
        let number = || sentence.contains(|c: char| c.is_ascii_digit());
        let measured = |test: fn(&'static str) -> bool| {
            number() && words.iter().any(|word| unit(attached(word)).is_some_and(test))
        };
        let often = || asking.is_none_or(|asking| asking.says_how_often(&words));
        let fits = match self {
            Self::Procedure if steps => return 1.0,
            Self::Duration => !steps && measured(is_time),
            Self::Frequency => !steps && (often() || measured(is_time)),
            Self::Money => {
                !steps
                    && (sentence.contains(['€', '$', '£', '%'])
                        || measured(|unit| dimension(unit) == "money"))
            }
            Self::Number => !steps && number(),
            _ => return 0.5,
        };
        f32::from(u8::from(fits))
    }

    /// How well `sentence` is of the kind: 1 where it is, 0 where it is not, 0.5 where nothing is asked for in
    /// particular. `steps` tells of a list of steps.
    pub fn fit(self, sentence: &str, steps: bool) -> f32 {
        // A whole list is no single number, time or place.
        if steps && !matches!(self, Self::Anything | Self::Procedure) {
            return 0.0;
        }
        let words = words(sentence);
        let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|word| test(word));
        let number =
            || sentence.contains(|c: char| c.is_ascii_digit()) || any(&|word| number_word(word).is_some());
        let phrase = |phrases: &[&str]| {
            let text = format!(" {} ", words.join(" "));
            phrases.iter().any(|phrase| text.contains(&format!(" {phrase} ")))
        };
        let timed = || number() && any(&|word| unit(attached(word)).is_some_and(is_time));
        let fits = match self {
            Self::Anything => return 0.5,
            Self::Duration => {
                timed()
                    || phrase(&[
                        "immediately",
                        "at once",
                        "forever",
                        "indefinitely",
                        "instantly",
                        "permanently",
                        "overnight",
                        "same day",
                        "do not expire",
                        "never",
                        "until",
                    ])
            }
            Self::Frequency => phrase(&[
                "every",
                "daily",
                "weekly",
                "monthly",
                "yearly",
                "hourly",
                "each",
                "per day",
                "per week",
                "per month",
                "per year",
                "a day",
                "a week",
                "a month",
                "a year",
                "once",
                "twice",
                "times",
                "always",
                "never",
                "nightly",
                "annually",
            ]),
            Self::Time => {
                number()
                    || any(&is_calendar)
                    || phrase(&[
                        "after",
                        "before",
                        "once",
                        "as soon as",
                        "when",
                        "until",
                        "during",
                        "within",
                        "immediately",
                        "every",
                        "if",
                        "at",
                    ])
            }
            Self::Money => {
                sentence.contains(['€', '$', '£', '%'])
                    || any(&|word| matches!(unit(attached(word)), Some("eur" | "usd" | "gbp")))
                    || phrase(&["free", "no charge", "no extra", "no fee", "included", "no cost", "at no"])
            }
            Self::Number => {
                number()
                    || phrase(&[
                        "unlimited",
                        "no limit",
                        "not limited",
                        "any number",
                        "both",
                        "single",
                        "several",
                    ])
            }
            Self::Procedure => {
                if steps {
                    return 1.0;
                }
                let first = words.first().map(String::as_str).unwrap_or_default();
                let conditional = matches!(
                    first,
                    "to" | "if"
                        | "when"
                        | "in"
                        | "on"
                        | "under"
                        | "at"
                        | "with"
                        | "from"
                        | "first"
                        | "then"
                        | "please"
                );
                if is_imperative(first) {
                    return SINGLE_STEP;
                }
                let leads_there = (conditional && words.iter().skip(1).any(|word| is_imperative(word)))
                    || phrase(&["you can", "you must", "you need", "can be"]);
                return if leads_there { MENTIONS_A_STEP } else { 0.0 };
            }
            Self::Place => {
                sentence.contains('>')
                    || sentence.contains("://")
                    || sentence.contains('@')
                    || phrase(&[
                        "in", "at", "under", "on", "below", "behind", "next to", "near", "inside", "above",
                        "from",
                    ])
            }
            Self::Person => {
                phrase(&[
                    "who",
                    "by",
                    "team",
                    "manager",
                    "customer",
                    "customers",
                    "owner",
                    "administrator",
                    "admin",
                    "agent",
                    "agents",
                    "supervisor",
                    "support",
                    "only",
                    "member",
                    "members",
                    "everyone",
                    "anyone",
                    "person",
                    "user",
                    "users",
                ]) || middle_capital(sentence)
            }
            Self::Meaning => {
                let labels = ["meaning:", "description:", "cause:", "explanation:", "problem:", "reason:"];
                let lower = sentence.to_lowercase();
                labels.iter().any(|label| lower.contains(label))
                    || phrase(&[
                        "means",
                        "meaning",
                        "stands for",
                        "shows that",
                        "says that",
                        "indicates",
                        "tells you",
                        "is short for",
                        "appears when",
                        "refers to",
                    ])
            }
            Self::Reason => phrase(&[
                "because",
                "since",
                "due to",
                "caused",
                "cause",
                "causes",
                "so that",
                "to prevent",
                "to protect",
                "reason",
                "therefore",
                "as",
                "means",
                "happens when",
                "if",
                "otherwise",
                "would",
            ]),
        };
        f32::from(u8::from(fits))
    }
}

/// The unit of `30min`, or the word itself.
fn attached(word: &str) -> &str {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.is_empty() { word } else { rest }
}

/// Whether a word inside the sentence has a capital letter.
fn middle_capital(sentence: &str) -> bool {
    sentence.split_whitespace().skip(1).any(|word| word.chars().next().is_some_and(char::is_uppercase))
}

/// The word after "how much": what there is some amount of, or nothing where the question ends.
fn much(words: &[String]) -> Option<&str> {
    let at = words.windows(2).position(|pair| pair[0] == "how" && pair[1] == "much")?;
    Some(words.get(at + 2).map_or("", String::as_str))
}

/// Whether "how much" asks for a price, by the word after it: "how much is it", but "how much power does it draw".
fn is_price(word: &str) -> bool {
    const PRICED: [&str; 17] = [
        "", "is", "are", "was", "were", "do", "does", "did", "will", "would", "can", "for", "to", "it",
        "extra", "more", "money",
    ];
    PRICED.contains(&word)
}

/// Whether "how much" asks for a difference, which may be of any kind: "how much older may it be".
fn is_comparative(word: &str) -> bool {
    const COMPARATIVES: [&str; 12] = [
        "older", "newer", "later", "earlier", "larger", "bigger", "smaller", "faster", "slower", "higher",
        "lower", "better",
    ];
    COMPARATIVES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::Wants;

    #[test]
    fn tells_what_is_wanted() {
        for (question, wants) in [
            ("How long does a refund take?", Wants::Duration),
            ("How do I reset the hub?", Wants::Procedure),
            ("Is the hub waterproof?", Wants::Anything),
            ("What does the Family plan cost?", Wants::Money),
            ("How many vaults can I have?", Wants::Number),
            ("When does support for T1 end?", Wants::Time),
            ("How often are backups made?", Wants::Frequency),
            ("Who pays for shipping?", Wants::Person),
            ("Where is the reset button?", Wants::Place),
            ("Why does the light blink?", Wants::Reason),
            ("What does error E-1042 mean?", Wants::Meaning),
            ("How much is the N4?", Wants::Money),
            ("The N4: how much?", Wants::Money),
            ("How much do you charge for gift wrap?", Wants::Money),
            ("How much power does the hub draw?", Wants::Number),
            ("How much time do I have to send it back?", Wants::Duration),
            ("How much older may the firmware be?", Wants::Anything),
            ("How often may I type a wrong code?", Wants::Number),
            ("At what hour does it restart?", Wants::Time),
            ("What does payment error PAY-7 mean?", Wants::Meaning),
        ] {
            assert_eq!(Wants::of(question), wants, "{question}");
        }
    }

    #[test]
    fn sentences_are_of_a_kind_or_not() {
        let german =
            crate::language::Tongue::of_question("Wie oft wird das gesichert und wann?", &[]).language();
        let fit = |wants: Wants, sentence: &str| wants.fit_abroad(sentence, false, german.asking());
        assert!(fit(Wants::Duration, "Der Neustart dauert 4 Minuten.") > 0.9);
        assert!(fit(Wants::Duration, "Der Neustart löscht alles.") < 0.1);
        assert!(fit(Wants::Frequency, "Die Sicherung läuft täglich.") > 0.9);
        assert!(
            fit(Wants::Money, "Der Tarif kostet 9 €.") > 0.9 && fit(Wants::Money, "Der Tarif ist neu.") < 0.1
        );
        assert!((fit(Wants::Place, "Der Schalter ist rot.") - 0.5).abs() < 1e-6);
        assert!(Wants::Duration.fit("The restart takes about 4 minutes.", false) > 0.9);
        assert!(Wants::Duration.fit("The restart erases everything.", false) < 0.1);
        assert!(Wants::Money.fit("It costs 49 € a year.", false) > 0.9);
        assert!(Wants::Money.fit("It is sold in shops.", false) < 0.1);
        assert!(Wants::Procedure.fit("Press the button for 3 seconds.", false) > 0.8);
        assert!(Wants::Procedure.fit("The button is red.", false) < 0.1);
    }
}
