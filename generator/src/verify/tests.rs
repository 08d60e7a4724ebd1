use super::*;
use crate::testing::WordBag;

fn checker() -> FactChecker {
    FactChecker::new(Arc::new(WordBag)).with_threshold(0.5)
}

fn supported(sentence: &str, evidence: &str) -> bool {
    checker().check(sentence, &[evidence]).expect("a verdict").supported
}

fn problem(sentence: &str, evidence: &[&str]) -> String {
    checker().check(sentence, evidence).expect("a verdict").problem.unwrap_or_default()
}

#[test]
fn a_quote_is_the_bytes_or_nothing() {
    assert!(quote("It takes 5 days.", Some("It takes 5 days.")).supported);
    assert!(!quote("It takes 6 days.", Some("It takes 5 days.")).supported);
    assert!(!quote("", Some("")).supported);
    assert!(!quote("It takes 5 days.", None).quoted);
}

#[test]
fn numbers_units_codes_and_negations_must_agree() {
    let evidence = "Refunds reach the card within 5 days and cannot be sped up.";
    assert!(supported("Refunds cannot be sped up and reach the card within 5 days.", evidence));
    assert!(supported("Refunds cannot be sped up and reach the card within five days.", evidence));
    assert!(!supported("Refunds cannot be sped up and reach the card within 7 days.", evidence));
    assert!(!supported("Refunds cannot be sped up and reach the card within 5 weeks.", evidence));
    assert!(!supported("Refunds reach the card within 5 days and can be sped up.", evidence));
    assert!(!supported("Error E-1043 means the disk is full.", "Error E-1042 means the disk is full."));
    assert!(!supported("Ask the Osprey team for a refund.", "Ask the Kestrel team for a refund."));
}

#[test]
fn opposites_and_strict_words_must_agree() {
    assert!(!supported("Switch the light off before the reset.", "Switch the light on before the reset."));
    assert!(!supported("Returns must be sent in the box.", "Returns can be sent in the box."));
    assert!(!supported("Returns are free in the box.", "Returns are sent in the box."));
}

#[test]
fn what_goes_beyond_the_source_is_not_supported() {
    assert!(!supported(
        "Refunds reach the bank account by courier.",
        "Refunds reach the card within 5 days."
    ));
    assert!(!supported("of the", "of the"));
    assert!(!checker().check("Refunds take 5 days.", &[]).expect("a verdict").supported);
}

#[test]
fn a_row_written_out_is_supported_by_the_row_and_its_header() {
    assert!(supported("Code: E-1042; Meaning: disk full", "Code | Meaning\nE-1042 | disk full"));
}

#[test]
fn a_problem_is_told_in_plain_words() {
    for (sentence, evidence, expected) in [
        ("Refunds take 7 days.", "Refunds take 5 days.", "the source does not say \"7 day\""),
        ("Send at least 5 files.", "Send up to 5 files.", "the source sets \"5\" as a limit of another kind"),
        (
            "Returns are accepted.",
            "Returns are accepted only for new boxes.",
            "the source restricts this: \"only for\" …",
        ),
        (
            "Press the red button.",
            "Press the green button.",
            "the sentence says \"red\" where the source says \"green\"",
        ),
        (
            "Move it from the phone to the tablet.",
            "Move it from the tablet to the phone.",
            "the source says it of \"phone\" the other way round",
        ),
        (
            "Refunds take days of waiting.",
            "Refunds take no days of waiting.",
            "the source denies something about \"days\", the sentence does not",
        ),
    ] {
        assert_eq!(problem(sentence, &[evidence]), expected, "{sentence}");
    }
    let beeps = ["One short beep: the device is ready to be used.", "Three short beeps: a disk has failed."];
    assert_eq!(
        problem("Three short beeps mean the device is ready to be used.", &beeps),
        "the source says this of another entry of its list"
    );
    let two = ["A refund takes 5 days to reach the card.", "The trial lasts 14 days."];
    assert_eq!(
        problem("A refund takes 14 days to reach the card.", &two),
        "the source says \"14 day\" of something else"
    );
}

#[test]
fn a_text_is_as_good_as_its_worst_sentence() {
    let mut checker = checker();
    let context = "Refunds take 5 days. Returns are sent in the box.";
    let mut check = |text: &str| check_text(&mut checker, text, context).expect("a verdict");
    assert!(check("Returns are sent in the box. Refunds take 5 days.").supported);
    let verdict = check("Returns are sent in the box. Refunds take 6 days.");
    assert!(!verdict.supported && verdict.problem.is_some_and(|problem| problem.contains("6 day")));
    assert!(!check("").supported && !check(&"Refunds take 5 days. ".repeat(50)).supported);
}

#[test]
fn hostile_lengths_are_bounded() {
    let long = "refund ".repeat(5_000);
    assert!(!supported(&long, &long));
    let many: Vec<String> = (0..1_000).map(|at| format!("{at} {long}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(!checker().check("Refunds take 7 weeks.", &many).expect("a verdict").supported);
}

proptest::proptest! {
    #[test]
    fn nothing_brings_it_down(
        sentence in "([A-Z]?[a-z]{1,4}|[0-9]{1,5}|[-,.:;|$€%/’\n ]|no|not|from|to|may|monday|3rd|pm|é|本){0,24}",
        evidence in "([A-Z]?[a-z]{1,4}|[0-9]{1,5}|[-,.:;|$€%/’\n ]|no|not|from|to|may|monday|only for|é|本){0,40}",
    ) {
        let verdict = checker().check(&sentence, &[&evidence, &sentence]).expect("a verdict");
        proptest::prop_assert!((0.0..=1.0).contains(&verdict.score));
        proptest::prop_assert_eq!(verdict.supported, verdict.problem.is_none());
        proptest::prop_assert!(!supported(&sentence, ""));
    }
}
