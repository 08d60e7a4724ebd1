//! Plain text and its light markup.

use corpus::BlockKind::{self, Code, Heading, ListItem, Paragraph, Table};
use proptest::prelude::*;

use super::read;

fn blocks(text: &str) -> Vec<(BlockKind, String)> {
    read(text).1.into_iter().map(|block| (block.kind, block.text)).collect()
}

fn check(text: &str, expected: &[(BlockKind, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
    assert_eq!(blocks(text), expected);
}

#[test]
fn paragraphs_are_parted_by_empty_lines() {
    check("One\nline.\n\n\nTwo.", &[(Paragraph, "One line."), (Paragraph, "Two.")]);
}

#[test]
fn lines_with_bars_are_a_table() {
    let rows = "Plan | Price\nSolo | 4\nTeam | ";
    check(
        &format!("Plans\n\n{rows}\n\nSee above."),
        &[(Paragraph, "Plans"), (Table, rows), (Paragraph, "See above.")],
    );
    check("| Plan | Price |\n|:---|---:|\n| Solo | 4 |\n", &[(Table, "Plan | Price\nSolo | 4")]);
    check("|---|---|\n|---|---|\n| a | b |", &[(Paragraph, "|---|---| |---|---| | a | b |")]);
    check("cat a | sort\nls b | wc", &[(Paragraph, "cat a | sort ls b | wc")]);
    check("Either | or.\nBoth.\nNone | one | two", &[(Paragraph, "Either | or. Both. None | one | two")]);
}

#[test]
fn underlined_lines_are_headings_by_order_of_appearance() {
    check(
        "Guide\n=====\n\nText.\n\nPart\n----\nMore.\n\nNext\n====\n",
        &[
            (Heading(1), "Guide"),
            (Paragraph, "Text."),
            (Heading(2), "Part"),
            (Paragraph, "More."),
            (Heading(1), "Next"),
        ],
    );
}

#[test]
fn a_title_between_rules_is_a_heading() {
    check("*****\nTitle\n*****\n\nText.", &[(Heading(1), "Title"), (Paragraph, "Text.")]);
}

#[test]
fn a_rule_is_left_out() {
    check("One.\n\n======\n\nTwo.", &[(Paragraph, "One."), (Paragraph, "Two.")]);
}

#[test]
fn capitals_make_a_heading_where_they_stand_alone() {
    check(
        "RETURN POLICY\n\nWithin 30 days.",
        &[(Heading(1), "RETURN POLICY"), (Paragraph, "Within 30 days.")],
    );
    check(
        "GUIDE (2.x LINE AND LATER ONES)\nText.",
        &[(Heading(1), "GUIDE (2.x LINE AND LATER ONES)"), (Paragraph, "Text.")],
    );
    check("STOP NOW.\n\nOR\nELSE IT", &[(Paragraph, "STOP NOW."), (Paragraph, "OR ELSE IT")]);
    check("Do NOT\nRETURN\nIT", &[(Paragraph, "Do NOT RETURN IT")]);
    check("OK\n\n404", &[(Paragraph, "OK"), (Paragraph, "404")]);
}

#[test]
fn the_first_lines_say_what_a_text_is() {
    let (fields, blocks) =
        read("RELEASE NOTES\nStatus: superseded. Out of support.\nUpdated: 2024-05-01\n\nText.");
    assert_eq!(fields.metadata.get("status").map(String::as_str), Some("superseded"));
    assert!(fields.modified.is_some() && blocks.len() == 3);
}

#[test]
fn list_items_stand_alone() {
    check(
        "Do:\n- this\n  and more\n- that\n2) last",
        &[(Paragraph, "Do:"), (ListItem, "- this and more"), (ListItem, "- that"), (ListItem, "2) last")],
    );
}

#[test]
fn columns_keep_their_lines() {
    check(
        "Code    Meaning\n1       Empty\n2       Full",
        &[(Paragraph, "Code    Meaning\n1       Empty\n2       Full")],
    );
}

#[test]
fn light_markup_is_read() {
    check(
        "= Title\n:product: Router\n\n== Part\n----\ncode\n  here\n----\nText.",
        &[(Heading(1), "Title"), (Heading(2), "Part"), (Code, "code\n  here"), (Paragraph, "Text.")],
    );
    assert_eq!(read(":product: Router").0.metadata.get("product").map(String::as_str), Some("Router"));
    check("#+BEGIN_SRC sh\nls\n#+END_SRC", &[(Paragraph, "ls")]);
    check(".. _label:\n\n.. note:: Careful\n   ``ls`` now.\n", &[(Paragraph, "Note: Careful ls now.")]);
}

proptest! {
    #[test]
    fn every_word_stays(words in proptest::collection::vec("[a-z]{1,8}[.,]?", 0..60), breaks in proptest::collection::vec(0..4_usize, 60)) {
        let mut text = String::new();
        for (word, kind) in words.iter().zip(&breaks) {
            text.push_str(word);
            text.push_str([" ", "\n", "\n\n", "  "][*kind]);
        }
        let found: Vec<_> = blocks(&text).into_iter().map(|(_, text)| text).collect();
        let found = found.join(" ");
        prop_assert_eq!(found.split_whitespace().collect::<Vec<_>>(), words);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}(\n\\PC{0,80}){0,8}") {
        let _ = read(&text);
    }
}
