//! What holds for any text.

use proptest::prelude::*;

use super::super::*;
use super::{extracted, keyed, paragraph, screener};

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9 .,:;@/()#+_-]{1,12}",
        "\\PC{1,6}",
        prop::sample::select(vec![
            "Anna",
            "Kowalski",
            "Mr. ",
            "Will",
            "May ",
            "Hi ",
            "my name is ",
            "\n",
            "\n\n",
            "Best regards,\n",
            "a@b.com",
            "(at)",
            "4111 1111 1111 1111",
            "+49 30 901820",
            "650-253-0000",
            "DE89370400440532013000",
            "93.184.216.34",
            "password: hunter2",
            "[PERSON_1]",
            "[EMAIL_7]",
            "[PERSON_482910337716]",
            "[PERSON_",
            "12 Main Street",
            "born on 1.2.1980",
            "AKIAIOSFODNN7ABCDEFG",
            "536-90-4399",
            "Customer: ",
            " wrote:",
            "\u{200b}",
            "e\u{301}",
            "x",
            " ",
            ", ",
            "-",
            "<",
            ">",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn an_identifier_takes_the_marks_of_its_last_letter_with_it() {
    let masked = screener(Policy::default()).mask("a@b.com\u{9dc} and");
    assert_eq!(masked.text, "[EMAIL_1] and");
    assert_eq!(masked.findings[0].span.of("a@b.com\u{9dc} and"), Some("a@b.com\u{9dc}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn masking_masked_text_changes_nothing(text in pieces()) {
        for screener in [screener(Policy::default()), keyed(&[1; 32])] {
            let once = screener.mask(&text);
            let twice = screener.mask(&once.text);
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert_eq!(twice.findings, Vec::new());
        }
    }

    #[test]
    fn findings_rebuild_the_masked_text(text in pieces(), noise in "(?s:.{0,40})") {
        for text in [format!("{text}{noise}"), format!("{noise}{text}"), noise] {
            let masked = screener(Policy::default()).mask(&text);
            let mut rebuilt = String::new();
            let mut end = 0;
            for found in &masked.findings {
                prop_assert!(found.span.start >= end && !found.span.is_empty());
                prop_assert!(found.span.of(&text).is_some(), "{:?} is no part of {text:?}", found.span);
                rebuilt.push_str(&clean::clean(&text[end..found.span.start]));
                rebuilt.push_str(&found.replacement);
                end = found.span.end;
            }
            rebuilt.push_str(&clean::clean(&text[end..]));
            prop_assert_eq!(clean::clean(&rebuilt), masked.text);
        }
    }

    #[test]
    fn documents_hold_together(blocks in prop::collection::vec(pieces(), 1..4)) {
        let numbered = screener(Policy { phone_regions: vec!["US".into(), "DE".into()], ..Policy::default() });
        for screener in [numbered, keyed(&[1; 32])] {
        let item = extracted(blocks.iter().map(|text| paragraph(text)).collect());
        if let Ok(document) = screener.screen(item) {
            let texts: Vec<&str> = document.blocks.iter().map(|block| block.span.of(&document.text).unwrap()).collect();
            prop_assert_eq!(texts.join("\n\n"), document.text.as_str());
            let again = extracted(texts.into_iter().map(paragraph).collect());
            let again = screener.screen(again).expect("masked text has nothing to reject");
            prop_assert_eq!(&again.text, &document.text);
            prop_assert_eq!(&again.digest, &document.digest);
        }
        }
    }
}
