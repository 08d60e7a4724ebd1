//! Sources: opening, moving about, searching, comparing.

use corpus::{AnswerEvent, BlockKind, BlockSpan, Outcome, Span};

use super::*;
use crate::session::{Focus, Overlay};

#[test]
fn a_digit_opens_the_cited_document_at_the_cited_sentence() {
    let mut session = reading();
    assert_eq!(session.focus, Focus::Source);
    screens!("source", session);
    press(&mut session, "esc");
    assert!(session.source.is_none());
}

#[test]
fn a_document_that_has_changed_is_not_shown_as_the_cited_one() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab 1");
    let mut changed = record();
    changed.digest = Digest::of(b"something else");
    session.handle(Event::Document { id: changed.id.clone(), result: Ok(Some(Box::new(changed))) });
    assert!(screen(&mut session, 60, 20).contains("has changed since it was cited"));
}

#[test]
fn citations_are_gone_through_without_fetching_again() {
    let mut session = reading();
    assert_eq!(press(&mut session, "c"), []);
    assert_eq!(session.source.as_ref().map(|source| source.citation.number), Some(2));
    assert!(screen(&mut session, 120, 24).contains("[2] Returns"));
    assert_eq!(press(&mut session, "c"), []);
    assert_eq!(session.source.as_ref().map(|source| source.citation.number), Some(1));
    press(&mut session, "C 9");
    assert_eq!(session.source.as_ref().map(|source| source.citation.number), Some(2));
    assert_eq!(session.notice.as_deref(), Some("there is no source 9"));
}

#[test]
fn a_document_is_searched() {
    let mut session = reading();
    press(&mut session, "w /");
    typed(&mut session, "5 DAYS");
    assert!(matches!(session.overlay, Some(Overlay::Prompt(_))));
    insta::assert_snapshot!("find", screen(&mut session, 60, 20));
    press(&mut session, "enter");
    assert_eq!(session.notice.as_deref(), Some("match 1 of 3"));
    press(&mut session, "n n");
    screens!("found", session);
    press(&mut session, "n");
    assert_eq!(session.notice.as_deref(), Some("match 1 of 3"));
    press(&mut session, "N");
    assert_eq!(session.notice.as_deref(), Some("match 3 of 3"));
}

#[test]
fn passages_are_compared_side_by_side() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab =");
    screens!("compare", session);
    press(&mut session, "1");
    assert!(matches!(&session.overlay, Some(Overlay::Compare(compare)) if compare.numbers == [1, 1]));
    press(&mut session, "esc");
    assert!(session.overlay.is_none());
}

#[test]
fn what_was_left_out_is_shown_where_it_is_asked_for() {
    let (mut session, request) = asked();
    say(&mut session, request, AnswerEvent::Sentence { sentence: unsupported() });
    assert!(session.exchanges[0].sentences.is_empty());
    let hidden = screen(&mut session, 80, 20);
    assert!(hidden.contains("1 unsupported left out") && !hidden.contains("90 days"), "{hidden}");
    say(&mut session, request, AnswerEvent::Done { answer: Box::new(answer(Outcome::Partial)) });
    press(&mut session, "tab d");
    screens!("dropped", session);
    press(&mut session, "d");
    assert!(!screen(&mut session, 80, 20).contains("90 days"));
}

#[test]
fn scrolling_ends_where_the_text_ends() {
    let mut session = reading();
    screen(&mut session, 60, 12);
    press(&mut session, "home");
    screen(&mut session, 60, 12);
    let top = session.source.as_ref().map(|source| source.top);
    press(&mut session, "up up page-up");
    screen(&mut session, 60, 12);
    assert_eq!(session.source.as_ref().map(|source| source.top), top);
    press(&mut session, "end");
    screen(&mut session, 60, 12);
    let bottom = session.source.as_ref().map(|source| source.top);
    assert!(bottom > top);
    press(&mut session, "page-down down");
    screen(&mut session, 60, 12);
    assert_eq!(session.source.as_ref().map(|source| source.top), bottom);
    press(&mut session, "up");
    screen(&mut session, 60, 12);
    assert!(session.source.as_ref().map(|source| source.top) < bottom, "one key goes one row back");
}

#[test]
fn a_long_conversation_scrolls_by_rows_and_by_answers() {
    let mut session = done(Outcome::Answered);
    let one = session.exchanges[0].clone();
    for number in 2..30 {
        let mut next = one.clone();
        next.request = 100 + number;
        next.question = format!("Question {number}?");
        session.exchanges.push(next);
    }
    press(&mut session, "tab home");
    assert!(screen(&mut session, 60, 20).contains("How long can I return a hub?"));
    press(&mut session, "page-up");
    let top = session.scroll;
    screen(&mut session, 60, 20);
    assert!(session.scroll < top, "there is nothing above the beginning");
    press(&mut session, "end");
    assert!(screen(&mut session, 60, 20).contains("Question 29?"));
    press(&mut session, "K K K");
    let shown = screen(&mut session, 60, 20);
    assert!(shown.contains("» Question 26?"), "{shown}");
    press(&mut session, "esc");
    assert!(screen(&mut session, 60, 20).contains("› Question 29?"));
}

#[test]
fn a_long_line_in_a_document_is_read_to_its_end() {
    let mut session = reading();
    let text = format!("{}the end", "word ".repeat(40_000));
    let mut long = record();
    long.blocks = vec![BlockSpan { kind: BlockKind::Paragraph, span: Span::new(0, text.len()), page: None }];
    long.text = text;
    session.source = None;
    press(&mut session, "1");
    session.handle(Event::Document { id: long.id.clone(), result: Ok(Some(Box::new(long))) });
    press(&mut session, "w end");
    assert!(screen(&mut session, 60, 20).contains("the end"));
    press(&mut session, "home");
    screen(&mut session, 60, 20);
    assert_eq!(session.source.as_ref().map(|source| source.top), Some(crate::Place::default()));
}
