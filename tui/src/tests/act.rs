//! Copying, rating, exporting, handing over, resuming.

use corpus::{Outcome, Refusal};

use super::*;
use crate::backend::{Conversation, Feedback, Resumed};

#[test]
fn a_copied_answer_has_its_notice_and_its_sources_where_wanted() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab");
    assert_eq!(
        press(&mut session, "y"),
        [Effect::Copy {
            what: "answer".into(),
            text: "You can return a hub within 30 days of delivery. Lamp L2 | 14 days\n\nWritten with the help of AI.".into()
        }]
    );
    let effects = press(&mut session, "Y");
    let [Effect::Copy { text, .. }] = effects.as_slice() else { panic!("nothing was copied") };
    insta::assert_snapshot!("copied", text);
}

#[test]
fn there_is_nothing_to_copy_of_a_refusal() {
    let mut session = done(Outcome::Refused(Refusal::NothingFound));
    assert_eq!(press(&mut session, "tab y"), []);
    assert_eq!(session.notice.as_deref(), Some("there is no answer"));
}

#[test]
fn an_answer_is_rated_with_a_reason() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab -");
    typed(&mut session, "wrong model");
    screens!("rate", session);
    let effects = press(&mut session, "enter");
    let [Effect::Feedback { record, feedback, .. }] = effects.as_slice() else { panic!("not rated") };
    assert_eq!(record.as_deref(), Some("r1"));
    assert_eq!(*feedback, Feedback::Rating { good: false, reason: "wrong model".into() });
    session.handle(Event::Told(Ok("kept".into())));
    assert!(screen(&mut session, 80, 20).contains("rated bad (-)"));
    typed(&mut session, "i/rate up");
    let effects = press(&mut session, "enter enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Feedback { feedback: Feedback::Rating { good: true, reason }, .. }] if reason.is_empty()
    ));
}

#[test]
fn an_answer_is_corrected_from_what_it_says() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab e");
    assert_eq!(press(&mut session, "enter"), [], "unchanged");
    press(&mut session, "e");
    typed(&mut session, ", too");
    let effects = press(&mut session, "enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Feedback { feedback: Feedback::Correction(text), .. }] if text.ends_with("14 days, too")
    ));
    assert!(matches!(
        press(&mut session, "*").as_slice(),
        [Effect::Feedback { feedback: Feedback::Golden { .. }, .. }]
    ));
}

#[test]
fn a_conversation_is_exported() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "tab");
    let effects = press(&mut session, "s");
    let [Effect::Write { file, text }] = effects.as_slice() else { panic!("nothing is written") };
    assert_eq!(file.to_str(), Some("citedesk-20260301T100000-1.md"));
    insta::assert_snapshot!("exported", text);
    typed(&mut session, "i/export json out.json");
    let effects = press(&mut session, "enter");
    let [Effect::Write { file, text }] = effects.as_slice() else { panic!("nothing is written") };
    assert_eq!(file.to_str(), Some("out.json"));
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(value["turns"][0]["answer"]["sentences"][0]["citations"][0]["number"], 1);
}

#[test]
fn what_is_not_screened_is_not_written() {
    let (mut session, _) = asked();
    press(&mut session, "esc");
    typed(&mut session, "/export");
    let effects = press(&mut session, "enter");
    let [Effect::Write { text, .. }] = effects.as_slice() else { panic!("nothing is written") };
    assert!(!text.contains("return a hub"), "{text}");
}

#[test]
fn a_question_is_handed_over_with_what_was_tried() {
    let mut session = done(Outcome::Refused(Refusal::TooLittleEvidence));
    press(&mut session, "tab !");
    typed(&mut session, "customer waits");
    let effects = press(&mut session, "enter");
    let [Effect::Escalate(handover)] = effects.as_slice() else { panic!("not handed over") };
    insta::assert_snapshot!("handover", handover.text);
    assert_eq!(
        (handover.question.as_str(), handover.remark.as_str()),
        ("How long can I return a hub?", "customer waits")
    );
    let [tried] = handover.tried.as_slice() else { panic!("{handover:?}") };
    assert!(tried.answer.is_empty() && tried.refusal.contains("well enough"), "{tried:?}");
    let nearest = &handover.passages[0];
    assert_eq!((nearest.document.as_str(), nearest.link.as_str()), ("Returns", "returns.md"));
    assert!(nearest.text.starts_with("You can return a hub within 30 days"), "{nearest:?}");
}

#[test]
fn what_is_not_screened_is_not_handed_over() {
    let (mut session, _) = asked();
    press(&mut session, "tab !");
    assert_eq!(press(&mut session, "enter"), []);
    assert!(session.notice.as_deref().is_some_and(|notice| notice.contains("not screened")));
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost_on_screen() {
    let (mut session, request) = asked();
    say(&mut session, request, AnswerEvent::Done { answer: Box::new(answer(Outcome::Answered)) });
    let kept = Kept {
        record: None,
        problem: Some(problem("the answer stands but was not recorded")),
        ..Kept::default()
    };
    session.handle(Event::Kept { request, kept });
    screens!("full_disk", session);
    press(&mut session, "esc");
    assert!(session.trouble.is_none());
}

#[test]
fn conversations_are_listed_searched_and_resumed() {
    let mut session = ready();
    assert_eq!(press(&mut session, "ctrl-t"), [Effect::Conversations]);
    let conversation = |id: &str, question: &str| Conversation {
        id: id.into(),
        at: "2026-03-01 10:00".into(),
        questions: vec![question.into(), "And then?".into()],
    };
    session.handle(Event::Conversations(Ok(vec![
        conversation("b", "Where is my parcel?"),
        conversation("a", "How long can I return a hub?"),
    ])));
    typed(&mut session, "hub");
    screens!("conversations", session);
    assert_eq!(press(&mut session, "enter"), [Effect::Resume("a".into())]);
    let turns =
        vec![Resumed { record: "r1".into(), answer: answer(Outcome::Answered), wordings: Vec::new() }];
    session.handle(Event::Resumed { conversation: "a".into(), result: Ok(turns) });
    assert_eq!(session.conversation, "a");
    typed(&mut session, "And lamps?");
    let effects = press(&mut session, "enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Ask { ask, .. }] if ask.history.len() == 1 && ask.conversation == "a"
    ));
}

#[test]
fn a_new_conversation_forgets_the_old_one() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "f6");
    typed(&mut session, "And lamps?");
    let effects = press(&mut session, "enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Ask { ask, .. }] if ask.history.is_empty() && ask.conversation == "20260301T100000-2"
    ));
}

#[test]
fn an_empty_list_is_told() {
    let mut session = ready();
    press(&mut session, "ctrl-t");
    session.handle(Event::Conversations(Ok(Vec::new())));
    assert!(session.overlay.is_none());
    press(&mut session, "ctrl-t esc");
    session.handle(Event::Conversations(Ok(Vec::new())));
    assert!(session.overlay.is_none(), "a list that comes late opens nothing");
}

#[test]
fn an_answer_is_copied_as_it_is_worded_for_somebody() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "esc");
    typed(&mut session, "/tone letter");
    press(&mut session, "enter");
    assert!(session.notice.as_deref().is_some_and(|notice| notice.contains("one of plain, email")));
    press(&mut session, "ctrl-c");
    typed(&mut session, "/tone email");
    press(&mut session, "enter");
    assert!(screen(&mut session, 120, 24).contains("Question (email)"));
    let copied = |session: &mut Session, key: &str| match press(session, &format!("tab {key} i")).as_slice() {
        [Effect::Copy { text, .. }] => text.clone(),
        other => panic!("nothing was copied: {other:?}"),
    };
    assert_eq!(copied(&mut session, "y"), "Hello,\n\nThirty days.\n\nWritten with the help of AI.");
    let cited = copied(&mut session, "Y");
    assert!(cited.starts_with("Hello,\n\nThirty days. [1]\n\n[1] "), "{cited}");
    typed(&mut session, "/tone");
    press(&mut session, "enter");
    let plain = copied(&mut session, "y");
    assert!(!plain.starts_with("Hello"), "{plain}");
}
