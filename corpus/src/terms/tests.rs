use proptest::prelude::*;

use super::*;

fn english(text: &str) -> Vec<String> {
    Analyzer::new("en").terms(text).into_iter().map(|term| term.text).collect()
}

fn has(text: &str, terms: &[&str]) {
    let found = english(text);
    for term in terms {
        assert!(found.iter().any(|other| other == term), "{text:?} lacks {term:?}: {found:?}");
    }
}

#[test]
fn words_are_folded_stopped_and_stemmed() {
    assert_eq!(english("How do I RESET my passwords?"), ["reset", "password"]);
    assert_eq!(english("ﬁles of the Café’s menus"), ["file", "café", "menus"]);
    assert_eq!(english("don't"), Vec::<String>::new());
}

#[test]
fn codes_are_whole_and_in_parts() {
    assert_eq!(english("0x80070005"), ["0x80070005"]);
    assert_eq!(english("E-1042."), ["e-1042", "e1042", "e", "1042"]);
    assert_eq!(english("v2.3.1"), ["v2.3.1", "2.3.1", "v2"]);
    assert_eq!(english("use `--no-cache`"), ["use", "--no-cache", "nocache", "cach"]);
    assert_eq!(english("(config.toml)"), ["config.toml", "config", "toml"]);
    assert_eq!(english("foo_bar"), ["foo_bar", "foobar", "foo", "bar"]);
    assert_eq!(english("KB5034441"), ["kb5034441", "kb", "5034441"]);
    assert_eq!(english("C++ and C#, .NET"), ["c++", "c", "c#", "c", ".net", "net"]);
    assert_eq!(english("maxRetryCount iPhone"), ["maxretrycount", "max", "retri", "count", "iphon"]);
    assert_eq!(english("AT&T"), ["at&t", "t"]);
}

#[test]
fn what_is_written_differently_meets() {
    for (one, other) in [
        ("E1042", "error E-1042"),
        ("email", "e-mail"),
        ("2.3.1", "since v2.3.1"),
        ("5034441", "install KB5034441"),
        ("1000", "1,000 rows"),
        ("no-cache", "--no-cache"),
        ("toml", "config.toml"),
        ("wifi", "Wi-Fi"),
        ("login", "logging in"),
        ("how do I log in", "the login page"),
        ("set up", "setup"),
        ("back-up", "backed up"),
    ] {
        let (one, other) = (english(one), english(other));
        assert!(one.iter().any(|term| other.contains(term)), "{one:?} and {other:?} share nothing");
    }
}

#[test]
fn names_that_look_like_stop_words_stay() {
    has("ask the IT department in the US", &["it", "us"]);
    assert!(!english("send it to us").iter().any(|term| term == "it" || term == "us"));
}

#[test]
fn pseudonyms_count_as_their_kind() {
    assert_eq!(english("[PERSON_1] wrote to [CUSTOMER_NUMBER_12]"), ["person", "wrote", "custom", "number"]);
}

#[test]
fn other_languages() {
    let terms = |language: &str, text: &str| -> Vec<String> {
        Analyzer::new(language).terms(text).into_iter().map(|term| term.text).collect()
    };
    assert_eq!(terms("de", "Wie kann ich die Rechnungen ändern?"), ["rechnung", "and"]);
    assert_eq!(terms("fr", "l’adresse de livraison"), ["adress", "livraison"]);
    assert_eq!(terms("ja", "返品方法"), ["返品", "品方", "方法"]);
    assert_eq!(terms("xx", "Grüße an ALLE"), ["grüße", "an", "alle"]);
}

#[test]
fn spans_point_at_the_text() {
    let text = "Über E-1042, maxRetryCount und KB5034441";
    for term in Analyzer::new("xx").terms(text) {
        let written = term.span.of(text).unwrap().to_lowercase();
        assert!(
            written == term.text || written.replace('-', "") == term.text,
            "{written} is not {}",
            term.text
        );
    }
}

#[test]
fn long_words_are_cut() {
    let terms = english(&"ä".repeat(100_000));
    assert_eq!(terms.len(), 1);
    assert!(terms[0].len() <= LONGEST);
}

#[test]
fn term_numbers_never_change() {
    // The published test vectors of FNV-1a, folded.
    assert_eq!(term_id(""), 0xcbf2_9ce4 ^ 0x8422_2325);
    assert_eq!(term_id("a"), 0xaf63_dc4c ^ 0x8601_ec8c);
    assert_eq!(term_id("foobar"), 0x8594_4171 ^ 0xf739_67e8);
}

proptest! {
    #[test]
    fn never_panics_and_spans_fit(text in "\\PC{0,200}", language in "(en|de|fr|ru|ar|tr|ta|hu|el|fi|xx)") {
        for term in Analyzer::new(&language).terms(&text) {
            prop_assert!(term.span.of(&text).is_some());
            prop_assert!(!term.text.is_empty());
        }
    }

    #[test]
    fn never_panics_on_words(words in prop::collection::vec("[a-zäöüßéèçñğışа-яёα-ωء-ي'’._-]{1,24}", 0..20)) {
        let text = words.join(" ");
        for language in ["en", "de", "fr", "es", "it", "nl", "pt", "ru", "ar", "tr", "ta", "hu", "el", "fi", "ro", "sv", "da", "no"] {
            for term in Analyzer::new(language).terms(&text) {
                prop_assert!(term.span.of(&text).is_some());
            }
        }
    }

    #[test]
    fn case_does_not_matter(text in "[a-hj-tv-z0-9 .-]{0,80}") {
        prop_assert_eq!(english(&text), english(&text.to_uppercase()));
    }
}
