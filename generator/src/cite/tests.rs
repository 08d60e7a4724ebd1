use proptest::prelude::*;

use super::*;

fn read(draft: &str, passages: usize, size: usize) -> Vec<Written> {
    let mut reader = Reader::new(passages);
    let chars: Vec<char> = draft.chars().collect();
    let mut written: Vec<Written> =
        chars.chunks(size).flat_map(|piece| reader.push(&piece.iter().collect::<String>())).collect();
    written.extend(reader.finish());
    written
}

fn one(text: &str, numbers: &[usize]) -> Written {
    Written { text: text.to_owned(), numbers: numbers.to_vec() }
}

#[test]
fn markers_belong_to_their_sentence() {
    for size in [1, 3, 1_000] {
        assert_eq!(
            read("It takes 5 days [1]. Then it ends. [2][3] It is free [1, 3].", 3, size),
            [one("It takes 5 days.", &[1]), one("Then it ends.", &[2, 3]), one("It is free.", &[1, 3])]
        );
    }
}

#[test]
fn markers_that_do_not_resolve_are_dropped() {
    assert_eq!(read("It takes 5 days [7].", 3, 1), [one("It takes 5 days.", &[])]);
    assert_eq!(read("It takes 5 days [0] [99999999999999999999999].", 3, 2), [one("It takes 5 days.", &[])]);
    assert_eq!(read("See [1-999999999].", 3, 4), [one("See.", &[1, 2, 3])]);
}

#[test]
fn markers_stand_at_odd_places() {
    for (draft, text, numbers) in [
        ("It is free [1][2].", "It is free.", vec![1, 2]),
        ("It is free. [1]", "It is free.", vec![1]),
        ("It is free.[1]", "It is free.", vec![1]),
        ("It is free [1-3].", "It is free.", vec![1, 2, 3]),
        ("It is free [1–2] .", "It is free .", vec![1, 2]),
        ("It is [2] free.", "It is free.", vec![2]),
        ("It is[2]free.", "It is free.", vec![2]),
        ("[1] It is free.", "It is free.", vec![1]),
        ("It is free (1).", "It is free.", vec![1]),
        ("It is free (1, 2).", "It is free.", vec![1, 2]),
        ("It is free【1】.", "It is free.", vec![1]),
        ("It is free【1†source】.", "It is free.", vec![1]),
        ("It is free ［１］.", "It is free.", vec![1]),
        ("It is free [^1].", "It is free.", vec![1]),
        ("It is free [Source 1, source 2].", "It is free.", vec![1, 2]),
        ("It is free [1 and 3].", "It is free.", vec![1, 3]),
        ("It is free [[2]].", "It is free.", vec![2]),
        ("It is free [1], [2].", "It is free.", vec![1, 2]),
        ("It is free (9).", "It is free (9).", vec![]),
        ("It is free (1) of charge.", "It is free (1) of charge.", vec![]),
        ("It is free [see below].", "It is free [see below].", vec![]),
        ("It is free [Error 5].", "It is free [Error 5].", vec![]),
        ("It is free [1a].", "It is free [1a].", vec![]),
        ("It is free [3-1].", "It is free.", vec![]),
    ] {
        for size in [1, 2, 1_000] {
            assert_eq!(read(draft, 3, size), [one(text, &numbers)], "{draft} by {size}");
        }
    }
}

#[test]
fn a_marker_that_begins_a_line_belongs_to_it() {
    for size in [1, 4, 1_000] {
        assert_eq!(
            read("It is free.\n\n[2] It takes 5 days.\n\n[3]", 3, size),
            [one("It is free.", &[]), one("It takes 5 days.", &[2, 3])],
            "by {size}"
        );
    }
}

#[test]
fn other_brackets_are_text() {
    assert_eq!(read("Ask [PERSON_1] for array[i].", 3, 1), [one("Ask [PERSON_1] for array[i].", &[])]);
    assert_eq!(read("An open [1", 3, 1), [one("An open [1", &[])]);
}

#[test]
fn what_lays_out_a_reply_is_no_part_of_a_statement() {
    for (sentence, expected) in [
        ("5. Use the reset button.", "Use the reset button."),
        ("12) Wait.", "Wait."),
        ("- Wait.", "Wait."),
        ("• Wait.", "Wait."),
        ("Answer: 2. Wait.", "Wait."),
        ("Question: How do I reset it?", ""),
        ("How do I reset it?", ""),
        ("3.2 GB are free.", "3.2 GB are free."),
        ("2026. was a year.", "2026. was a year."),
        ("-5 degrees are too cold.", "-5 degrees are too cold."),
        ("Note: it is free.", "Note: it is free."),
        ("7.", "7."),
        ("", ""),
    ] {
        assert_eq!(statement(sentence), expected, "{sentence}");
    }
}

proptest! {
    #[test]
    fn a_statement_is_a_part_of_its_sentence(sentence in "\\PC{0,20}|[(]?[0-9]{0,3}[.):•-]? ?(Answer|Q)?:? ?[a-z?]{0,5}") {
        prop_assert!(sentence.contains(statement(&sentence)));
    }

    #[test]
    fn how_it_is_cut_does_not_matter(
        draft in "([a-cé .\\[\\]【】0-9,;\n(^)-]|\\[[0-9]\\]|\\. ){0,60}",
        size in 1usize..9,
    ) {
        let (whole, cut) = (read(&draft, 4, 1_000), read(&draft, 4, size));
        prop_assert!(whole.iter().chain(&cut).all(|w| w.numbers.iter().all(|n| (1..=4).contains(n))));
        let text = |written: &[Written]| -> String {
            written.iter().flat_map(|w| w.text.chars()).filter(|c| c.is_alphabetic()).collect()
        };
        prop_assert_eq!(text(&whole), text(&cut));
        // Nothing but markers is lost.
        let letters: String = draft.chars().filter(|c| c.is_alphabetic()).collect();
        prop_assert_eq!(text(&whole), letters);
    }

    #[test]
    fn anything_can_be_read(draft in "\\PC{0,200}", passages in 0usize..5, size in 1usize..20) {
        for written in read(&draft, passages, size) {
            prop_assert!(!written.text.trim().is_empty());
            prop_assert!(written.numbers.iter().all(|number| (1..=passages).contains(number)));
        }
    }
}
