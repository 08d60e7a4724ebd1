//! Questions for what is known of a person. The documents are about products, and what they knew of people is masked.

use crate::lexicon::words;

/// What is personal when it is somebody's.
const PERSONAL: &str = "phone telephone mobile email e-mail mail address birthday birth iban card ssn passport salary \
    password number account invoice order ticket iban diagnosis";
/// What is personal whoever has it.
const ALWAYS: [&str; 6] = [
    "date of birth",
    "home address",
    "social security number",
    "credit card number of",
    "salary of",
    "private address",
];
/// Words for a person who is not the one who asks.
const OTHERS: [&str; 14] = [
    "customer",
    "customer's",
    "customers",
    "colleague",
    "colleague's",
    "colleagues",
    "caller",
    "caller's",
    "employee",
    "employee's",
    "technician's",
    "neighbor's",
    "person",
    "person's",
];
const QUESTIONS: [&str; 11] =
    ["what", "what's", "which", "tell", "give", "show", "who", "where", "when", "look", "find"];

/// Whether a screened question asks for data of a person: somebody's phone number, address or order.
pub fn asks_about_a_person(question: &str) -> bool {
    let lower = question.to_lowercase();
    if ALWAYS.iter().any(|phrase| lower.contains(phrase)) {
        return true;
    }
    let words = words(&lower);
    let personal: Vec<&str> = PERSONAL.split_whitespace().collect();
    let asks = words.first().is_some_and(|word| QUESTIONS.contains(&word.as_str()))
        || words.iter().any(|word| matches!(word.as_str(), "what" | "what's" | "which" | "give" | "tell"));
    if !asks {
        return false;
    }
    let named = lower.contains("[person_");
    // "the phone number of [PERSON_1]", "[PERSON_1]'s address", "where does [PERSON_1] live"
    if named
        && (words.iter().any(|word| personal.contains(&word.as_str()) || word == "live" || word == "lives")
            || lower.starts_with("who is"))
    {
        return true;
    }
    // "where does the customer who called live", "when was the caller born"
    let private = ["live", "lives", "born", "birthday"];
    if words.iter().any(|word| OTHERS.contains(&word.as_str()))
        && words.iter().any(|word| private.contains(&word.as_str()))
    {
        return true;
    }
    // "this customer's phone number", "the address of the customer who called"
    words.iter().enumerate().any(|(at, word)| {
        if !OTHERS.contains(&word.as_str()) {
            return false;
        }
        let possessive = word.ends_with("'s")
            && words.iter().skip(at + 1).take(3).any(|next| personal.contains(&next.as_str()));
        let one = words
            .get(at.wrapping_sub(1))
            .is_some_and(|word| matches!(word.as_str(), "the" | "this" | "that" | "my"));
        let of = one
            && at >= 3
            && words[at - 2] == "of"
            && words[..at - 2].iter().rev().take(3).any(|before| personal.contains(&before.as_str()));
        possessive || of
    })
}

/// What is masked, with the words by which it is asked for.
const MASKED: [(&str, &[&str]); 9] = [
    ("PHONE", &["phone", "telephone", "mobile", "cell", "fax", "number"]),
    ("EMAIL", &["email", "e-mail", "mail"]),
    ("ADDRESS", &["address", "live", "lives", "street"]),
    ("CARD", &["card"]),
    ("IBAN", &["iban", "account"]),
    ("BIRTH_DATE", &["born", "birthday", "birth"]),
    ("PERSON", &["who", "whose", "name"]),
    ("SECRET", &["password", "token", "key", "secret"]),
    ("PASSPORT", &["passport"]),
];

/// Whether what `question` asks for is what has been masked in `text`: a phone number where `[PHONE_1]` stands.
pub fn asks_for_what_is_masked(question: &str, text: &str) -> bool {
    let words = words(question);
    pseudonyms(text).any(|kind| {
        let asked = MASKED.iter().filter(|(masked, _)| *masked == kind).flat_map(|(_, words)| words.iter());
        asked.into_iter().any(|word| words.iter().any(|other| other == word))
    })
}

/// What identifies a line, a mailbox or a card, as it is asked for.
const IDENTIFIERS: [&str; 9] = [
    "phone number",
    "telephone number",
    "mobile number",
    "fax number",
    "email address",
    "e-mail address",
    "mail address",
    "card number",
    "account number",
];

/// Whether `question` asks for a number or address of a line, mailbox or card, and `text` holds none.
pub fn lacks_the_identifier(question: &str, text: &str) -> bool {
    let lower = question.to_lowercase();
    let value =
        ["what is", "what's", "which", "give me", "tell me"].iter().any(|opening| lower.contains(opening));
    let asked = value && IDENTIFIERS.iter().any(|identifier| lower.contains(identifier));
    asked && !text.contains('@') && text.chars().filter(char::is_ascii_digit).count() < 5
}

/// The kinds of the pseudonyms in `text`: `PERSON` of `[PERSON_1]`.
pub fn pseudonyms(text: &str) -> impl Iterator<Item = &str> {
    text.split('[').skip(1).filter_map(|rest| {
        let (kind, number) = rest.split(']').next()?.rsplit_once('_')?;
        let masked = !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        masked.then_some(kind)
    })
}

#[cfg(test)]
mod tests {
    use super::{asks_about_a_person, asks_for_what_is_masked, lacks_the_identifier};

    #[test]
    fn an_identifier_is_there_or_not() {
        let question = "What is the e-mail address of the press office?";
        assert!(lacks_the_identifier(question, "The press office answers within a day."));
        assert!(!lacks_the_identifier(question, "Write to press@example.com."));
        assert!(!lacks_the_identifier("How do I change my e-mail address?", "Open Account > Profile."));
        assert!(!lacks_the_identifier("What is the phone number of support?", "Call 0800 123456."));
    }

    #[test]
    fn what_is_masked_cannot_be_told() {
        let text = "The service manager was [PERSON_1], [PHONE_1].";
        assert!(asks_for_what_is_masked("What is the mobile number of the service manager?", text));
        assert!(asks_for_what_is_masked("Who was the service manager?", text));
        assert!(!asks_for_what_is_masked("When may I call the service manager?", text));
        assert!(!asks_for_what_is_masked("What is the number of the hotline?", "Call 112 or [see] a_1."));
    }

    #[test]
    fn data_of_people_is_told_from_products() {
        for question in [
            "What is the phone number of [PERSON_1]?",
            "Where does [PERSON_1] live?",
            "Give me this customer's email address.",
            "What's the home address of the technician?",
            "What is the address of the customer who called yesterday?",
            "Where does the customer with the broken hub live?",
            "When was the caller born?",
        ] {
            assert!(asks_about_a_person(question), "{question}");
        }
        for question in [
            "What is the phone number of support?",
            "How does a customer change the email address?",
            "Which address do I send the return to?",
            "How do I add a colleague to my account?",
            "What is the address of the setup page?",
            "What does the customer's plan cost?",
            "[PERSON_1] cannot sign in. What can I do?",
        ] {
            assert!(!asks_about_a_person(question), "{question}");
        }
    }
}
