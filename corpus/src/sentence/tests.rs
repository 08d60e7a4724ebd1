use proptest::prelude::*;

use super::*;

fn split(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(|span| span.of(text).unwrap()).collect()
}

/// The sentences are written with `¦` between them.
fn check(marked: &str) {
    let expected: Vec<&str> = marked.split('¦').map(str::trim).collect();
    let text = marked.replace('¦', "");
    assert_eq!(split(&text), expected, "in {text:?}");
}

#[test]
fn plain_sentences() {
    check("It works. ¦Does it? ¦Yes! ¦Good");
    check("One sentence only.");
    check("it crashed. ¦please help me. ¦thanks");
    check("hi! ¦i have a problem");
}

#[test]
fn abbreviations() {
    check("Use a tool, e.g. Git, i.e. a client. ¦Ask Dr. Smith vs. Mr. Jones at approx. 5 pm.");
    check("See No. 5 and Fig. 3 in Sec. 2. ¦Is it on? ¦No. ¦Try again.");
    check("We ship to the U.S. Government. ¦We ship to the U.S. ¦The rest comes later.");
    check("Tools, cables, etc. are included. ¦We are Acme Inc. ¦We sell anvils at 5 p.m. ¦Then we close.");
    check("Das gilt z.B. für Bücher. ¦Es kostet ca. 5 Euro inkl. MwSt. ab dem 3. Oktober. ¦Danke.");
}

#[test]
fn numbers_versions_and_addresses() {
    check("It costs 3.50 dollars. ¦Version 2.3.1 fixes it. ¦Use v2. ¦Then restart.");
    check("See https://example.com/a.b?c=d.e for more. ¦Write to help@example.com. ¦Edit config.toml.");
    check("1. Open the app. ¦2. Click Save. ¦Done.");
}

#[test]
fn ellipses() {
    check("Wait... it works. ¦Wait... ¦It works … at last.");
}

#[test]
fn initials() {
    check("George W. Bush met J. R. R. Tolkien. ¦Choose option A. ¦Then press B. ¦It ends.");
    check("It was written by J. Smith.");
}

#[test]
fn quotes_and_brackets() {
    check("He said \"stop.\" ¦Then he left. ¦(See below.) ¦\"Really?\" she asked. ¦**Note.** ¦Be careful.");
}

#[test]
fn wide_stops() {
    check("返品できますか？¦はい。¦三十日以内です。");
}

#[test]
fn line_breaks() {
    check("Refund policy¦\n\nYou may return an item within\nthirty days. ¦It must be\nunused.");
    check("You need:¦\n- a phone¦\n- a cable that is\n  long enough¦\n* a charger");
    check("Plan | Price¦\nBasic | $5. Or more¦\nPro | $9");
    check("# Heading¦\nText follows the heading. ¦More of it.");
    check("Installation¦\nDownload the package from the site and run the installer as an administrator.");
    check("Title¦\n=====¦\nText.");
    check("Hi Anna,¦\nThank you for writing. ¦We will look into it.");
    check("Status: open¦\nPriority: high");
    check("1. Open the settings\n   and wait. ¦Then go on.¦\n2. Close them.");
    check(
        "The quick brown fox jumps over the lazy dog and runs into\nParis where it meets the other foxes and they all live\nhappily.",
    );
}

#[test]
fn long_input_takes_linear_time() {
    let lines = "word. ".repeat(10) + "\n";
    assert_eq!(sentences(&lines.repeat(10_000)).len(), 100_000);
    let line = "A. b.c ".repeat(300_000);
    assert!(!sentences(&line).is_empty());
    assert_eq!(sentences(&".".repeat(2_000_000)).len(), 1);
    assert_eq!(sentences(&"x".repeat(2_000_000)).len(), 1);
    assert_eq!(sentences(&"\n \n".repeat(500_000)), Vec::new());
    let _ = sentences(&"a. ".repeat(500_000));
    let _ = sentences(&".\" ".repeat(500_000));
    let _ = sentences(&"1. ".repeat(500_000));
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let spans = sentences(text);
    let mut end = 0;
    let mut kept = String::new();
    for span in &spans {
        prop_assert!(span.start >= end && span.end <= text.len() && !span.is_empty());
        end = span.end;
        let sentence = span.of(text).expect("spans lie on character boundaries");
        prop_assert_eq!(sentence.trim(), sentence);
        kept.push_str(sentence);
    }
    let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    prop_assert_eq!(solid(&kept), solid(text));
    Ok(())
}

proptest! {
    #[test]
    fn spans_cover_any_text(text in "\\PC{0,200}") {
        holds(&text)?;
    }

    #[test]
    fn spans_cover_texts_of_stops(text in "[a-zA-Z0-9 .!?…。\"'()*:,|#>\n\t-]{0,200}") {
        holds(&text)?;
    }
}
