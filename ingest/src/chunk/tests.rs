//! What holds for every document's chunks.

use std::collections::BTreeMap;

use corpus::{BlockKind, BlockSpan, Digest, DocumentId, DocumentRecord, Format, Span};
use proptest::prelude::*;

use super::{ChunkOptions, Chunker};

/// A tokenizer with a token for each word, without special ones.
pub(super) fn plain(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A document from lines: `# heading`, `@page`, `|table row`, `> code`, anything else a paragraph.
pub(super) fn record(markup: &str) -> DocumentRecord {
    let mut text = String::new();
    let mut blocks = Vec::new();
    let mut page = None;
    for line in markup.lines() {
        if let Some(number) = line.strip_prefix('@') {
            page = number.parse().ok();
            continue;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        let kind = if level > 0 { BlockKind::Heading(level as u8) } else { BlockKind::Paragraph };
        let body = line.trim_start_matches('#').trim();
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let start = text.len();
        text.push_str(&body.replace("\\n", "\n"));
        blocks.push(BlockSpan { kind, span: Span::new(start, text.len()), page });
    }
    DocumentRecord {
        id: DocumentId("s/a.md".into()),
        digest: Digest::of(text.as_bytes()),
        source: "s".into(),
        location: "a.md".into(),
        format: Format::Markdown,
        title: "Title".into(),
        language: None,
        modified: None,
        metadata: BTreeMap::new(),
        text,
        blocks,
        masked: BTreeMap::new(),
    }
}

fn spans(record: &DocumentRecord, count: &dyn Fn(&str) -> usize, options: ChunkOptions) -> Vec<Span> {
    Chunker::new(count, usize::MAX, options).spans(record)
}

const SMALL: ChunkOptions = ChunkOptions { target_tokens: 50, max_tokens: 60 };

#[test]
fn a_short_document_is_one_chunk() {
    let record = record("# Refunds\nWithin 30 days.\nAsk support.");
    let spans = spans(&record, &plain, ChunkOptions::default());
    assert_eq!(spans, [Span::new(0, record.text.len())]);
}

#[test]
fn an_empty_document_has_no_chunks() {
    assert!(spans(&record(""), &plain, SMALL).is_empty());
}

#[test]
fn a_long_section_is_split_evenly_between_sentences() {
    let body = "One two three four five six seven eight nine ten. ".repeat(9);
    let record = record(&format!("# H\n{body}"));
    let spans = spans(&record, &plain, SMALL);
    let texts: Vec<_> = spans.iter().map(|span| span.of(&record.text).expect("a span")).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts.iter().all(|text| text.ends_with("ten.")), "{texts:?}");
}

#[test]
fn a_table_is_split_between_rows() {
    let rows = (0..30).map(|row| format!("code {row} | means {row}")).collect::<Vec<_>>().join("\\n");
    let record = record(&rows);
    let spans = spans(&record, &plain, SMALL);
    assert!(spans.len() > 1);
    for span in spans {
        let text = span.of(&record.text).expect("a span");
        assert!(text.starts_with("code") && text.lines().all(|line| plain(line) == 5), "{text:?}");
    }
}

#[test]
fn a_tokenizer_that_does_not_part_at_spaces_is_measured_again() {
    // White space costs here, so the sum over words is too low.
    let count = |text: &str| text.chars().count();
    let record = record(&"ab cd ef gh ".repeat(200));
    for span in spans(&record, &count, SMALL) {
        assert!(span.len() + "Title".len() <= 60, "{span:?}");
    }
}

#[test]
fn a_megabyte_without_headings_is_chunked() {
    let record = record(&"word ".repeat(200_000));
    let spans = spans(&record, &plain, ChunkOptions::default());
    assert!(spans.len() > 900 && spans.iter().all(|span| span.len() < 256 * 5));
}

#[test]
fn the_embedders_limit_applies() {
    let record = record(&"word ".repeat(300));
    let chunker = Chunker::new(&plain, 64, ChunkOptions::default());
    assert!(chunker.spans(&record).iter().all(|span| plain(span.of(&record.text).expect("a span")) < 64));
}

/// One line of [`record`]'s markup.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "#{1,4} [a-zé ]{0,20}",
        6 => "([a-zäß]{1,9}[ .,]{1,2}){0,90}",
        1 => "(\\PC{0,12}(\\\\n| )){0,20}",
        1 => "@[1-3]",
        1 => "[a-z]{300}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn chunks_lie_in_order_and_cover_the_text(lines in proptest::collection::vec(line(), 0..24)) {
        let record = record(&lines.join("\n"));
        let spans = spans(&record, &plain, SMALL);
        let mut end = 0;
        for span in &spans {
            prop_assert!(span.start >= end && !span.is_empty());
            let between = Span::new(end, span.start).of(&record.text);
            prop_assert!(between.is_some_and(|text| text.trim().is_empty()), "{between:?} is in no chunk");
            prop_assert!(span.of(&record.text).is_some(), "{span:?} cuts a character");
            end = span.end;
        }
        prop_assert!(record.text[end..].trim().is_empty());
    }

    #[test]
    fn chunks_are_short_enough(lines in proptest::collection::vec(line(), 0..24)) {
        let record = record(&lines.join("\n"));
        for span in spans(&record, &plain, SMALL) {
            let text = span.of(&record.text).expect("a span");
            let (headings, _) = record.place(span.start);
            let prefix = 1 + headings.iter().map(|heading| plain(heading) + 1).sum::<usize>();
            // Below the least room the prefix is allowed to push the end out.
            let most = (SMALL.max_tokens - prefix.min(SMALL.max_tokens)).max(super::LEAST_ROOM);
            prop_assert!(plain(text) <= most, "{} tokens", plain(text));
        }
    }

    #[test]
    fn the_same_document_has_the_same_chunks(lines in proptest::collection::vec(line(), 0..24)) {
        let record = record(&lines.join("\n"));
        prop_assert_eq!(spans(&record, &plain, SMALL), spans(&record, &plain, SMALL));
    }
}
