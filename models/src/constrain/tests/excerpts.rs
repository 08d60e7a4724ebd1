//! Excerpts are parts of the passages, whatever is written.

use std::ops::Range;

use super::*;
use crate::Error;

/// Ranges that sentences would have: between full stops, without white space at their ends.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), '.')]) {
        if c == '.' {
            let end = (at + 1).min(text.len());
            let sentence = &text[start..end];
            let skipped = sentence.len() - sentence.trim_start().len();
            if !sentence.trim().is_empty() {
                found.push(start + skipped..start + skipped + sentence.trim().len());
            }
            start = end;
        }
    }
    found
}

fn whole(texts: &[&str], joining: Joining) -> Excerpts {
    let passages: Vec<_> = texts.iter().map(|text| (*text, Cuts::Whole)).collect();
    Excerpts::new(&passages, joining).unwrap()
}

fn place(passage: usize, range: Range<usize>, written: Range<usize>) -> Place {
    Place { passage, range, written }
}

#[test]
fn excerpts_are_found_again() {
    let text = "It is free. Ask us. It is new.";
    let cuts = sentences(text);
    let excerpts =
        Excerpts::new(&[("Ask us.", Cuts::Whole), (text, Cuts::At(&cuts))], Joining::default()).unwrap();
    assert_eq!(
        excerpts.places("It is new. Ask us. It is free. Ask us."),
        Some(vec![
            place(1, 20..30, 0..10),
            place(0, 0..7, 11..18),
            // The longer one, not two.
            place(1, 0..19, 19..38),
        ])
    );
    for text in
        ["", "It is", "It is free. ", " It is free.", "is free.", "It is free.It is new.", "It is fresh."]
    {
        assert_eq!(excerpts.places(text), None, "{text}");
        assert!(!excerpts.contains(text.as_bytes()), "{text}");
    }
}

#[test]
fn words_can_be_cut_at() {
    let excerpts = Excerpts::new(&[("hold the\nbutton é now", Cuts::Words)], Joining::default()).unwrap();
    for text in ["the\nbutton", "now hold", "é", "hold the\nbutton é now"] {
        assert!(excerpts.contains(text.as_bytes()), "{text}");
    }
    for text in ["he", "the\nbut", "now\nhold", "the button hold\nthe", "\u{c3}"] {
        assert!(!excerpts.contains(text.as_bytes()), "{text}");
    }
}

#[test]
fn numbers_are_those_of_the_passage() {
    let joining = Joining { numbered: true, ..Joining::default() };
    let texts: Vec<String> =
        (0..12).map(|at| if at == 11 { "Two.".into() } else { format!("It is {at}.") }).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).chain(["Two."]).collect();
    let excerpts = whole(&texts, joining);
    for text in ["It is 1. [2]", "Two. [12] It is 0. [1]", "Two. [13]"] {
        assert!(excerpts.contains(text.as_bytes()), "{text}");
        assert!(excerpts.places(text).is_some(), "{text}");
    }
    for text in [
        "It is 1.",
        "It is 1. [1]",
        "It is 1. [02]",
        "Two. [1]",
        "Two. [123]",
        "Two. []",
        "Two. [2] Two. [12]",
    ] {
        assert!(!excerpts.contains(text.as_bytes()), "{text}");
        assert_eq!(excerpts.places(text), None, "{text}");
    }
    assert_eq!(excerpts.places("Two. [13]"), Some(vec![place(12, 0..4, 0..4)]));
}

#[test]
fn once_is_once_and_most_is_most() {
    let excerpts = whole(&["a", "b", "a", "ab"], Joining { once: true, most: 3, ..Joining::default() });
    for text in ["a", "a b ab", "ab b a"] {
        assert!(excerpts.contains(text.as_bytes()), "{text}");
        assert!(excerpts.places(text).is_some(), "{text}");
    }
    for text in ["a a", "b ab b", "c"] {
        assert!(!excerpts.contains(text.as_bytes()), "{text}");
        assert_eq!(excerpts.places(text), None, "{text}");
    }
    let two = whole(&["a", "b", "c"], Joining { most: 2, ..Joining::default() });
    assert!(two.contains(b"a a") && !two.contains(b"a b c"));
    assert_eq!(two.places("a b c"), None);
    let many = vec![("a", Cuts::Whole); 65];
    assert!(matches!(Excerpts::new(&many, excerpts.joining), Err(Error::Constraint(_))));
}

#[test]
fn impossible_cuts_are_refused() {
    for range in [0..2, 1..9, 4..5] {
        let cuts = Cuts::At(std::slice::from_ref(&range));
        assert!(
            matches!(Excerpts::new(&[("é1", cuts)], Joining::default()), Err(Error::Constraint(_)))
                == (range != (0..2))
        );
    }
    let nothing = Excerpts::new(&[("", Cuts::Whole), ("  ", Cuts::Words)], Joining::default()).unwrap();
    assert_eq!(write(&vocabulary(1), &nothing, 1, 9, Ends::Random), (vec![], Ends::Stuck));
}

#[test]
fn a_book_of_one_line_is_small_and_quick() {
    let line = "The reset of the hub takes 4 minutes. ";
    let book = line.repeat(10_000);
    let cuts = sentences(&book);
    let excerpts = Excerpts::new(&[(&book, Cuts::At(&cuts))], Joining::default()).unwrap();
    assert_eq!(excerpts.places.len(), 10_000);
    let (text, end) = write(&vocabulary(4), &excerpts, 4, 60, Ends::Random);
    assert_ne!(end, Ends::Stuck);
    assert!(excerpts.places(std::str::from_utf8(&text).unwrap()).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn whatever_the_model_wants_is_copied(
        texts in prop::collection::vec("[ab .€\n]{0,20}|(The button |Hold it |It takes 5 days)[ab]{0,2}\\.( Call\\.)?", 1..6),
        kind in 0..3,
        separator in prop_oneof![Just(b' '), Just(b'\n')],
        numbered: bool,
        once: bool,
        seed: u64,
        most in 1usize..50,
        likes_to_end: bool,
    ) {
        let cuts: Vec<Vec<Range<usize>>> = texts.iter().map(|text| sentences(text)).collect();
        let passages: Vec<(&str, Cuts<'_>)> = texts.iter().zip(&cuts).map(|(text, cuts)| {
            (text.as_str(), match kind { 0 => Cuts::Whole, 1 => Cuts::Words, _ => Cuts::At(cuts) })
        }).collect();
        let excerpts = Excerpts::new(&passages, Joining { separator, numbered, once, most: 5 }).unwrap();
        let ends = if likes_to_end { Ends::Random } else { Ends::Late };
        let (text, end) = write(&vocabulary(seed), &excerpts, seed, most, ends);
        // Stuck at the start only, where nothing that may be said fits.
        if end == Ends::Stuck {
            prop_assert!(text.is_empty());
            prop_assert!(excerpts.places.is_empty() || excerpts.closing(&excerpts.start()) > most);
            return Ok(());
        }
        let text = String::from_utf8(text).unwrap();
        prop_assert!(excerpts.contains(text.as_bytes()), "{text:?}");
        let found = excerpts.places(&text);
        prop_assert!(found.is_some(), "{text:?}");
        let found = found.unwrap_or_default();
        prop_assert!((1..=5).contains(&found.len()));
        for place in &found {
            prop_assert_eq!(&texts[place.passage][place.range.clone()], &text[place.written.clone()]);
            if numbered {
                let number = format!(" [{}]", place.passage + 1);
                prop_assert!(text[place.written.end..].starts_with(&number));
            }
        }
        if once {
            let said: std::collections::BTreeSet<usize> = found.iter().map(|place| place.passage).collect();
            prop_assert_eq!(said.len(), found.len());
        }
    }

    #[test]
    fn excerpts_without_what_is_banned(
        texts in prop::collection::vec("(ab|b|cab| ){1,6}\\.", 1..5),
        banned in "ba|c|b a",
        seed: u64,
    ) {
        let passages: Vec<_> = texts.iter().map(|text| (text.as_str(), Cuts::Words)).collect();
        let both = (
            Excerpts::new(&passages, Joining::default()).unwrap(),
            Automaton::without(&[banned.as_str()], false).unwrap(),
        );
        let (text, end) = write(&vocabulary(seed), &both, seed, 30, Ends::Late);
        if end == Ends::Stuck {
            // Only where every word that could be said is banned.
            let words = texts.iter().flat_map(|text| text.split_whitespace());
            let sayable = words.clone().any(|word| !word.contains(&banned));
            prop_assert!(text.is_empty() && !sayable);
        } else {
            let text = String::from_utf8(text).unwrap();
            prop_assert!(both.contains(text.as_bytes()) && !text.contains(&banned), "{text:?}");
        }
    }
}
