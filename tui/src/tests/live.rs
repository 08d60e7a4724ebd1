//! What happens while one works.

use corpus::Outcome;

use super::*;

#[test]
fn a_newer_generation_is_noticed_and_switched_to_on_demand() {
    let mut session = done(Outcome::Answered);
    assert_eq!(press(&mut session, "f5"), []);
    session.handle(Event::Newer("8".into()));
    screens!("newer", session);
    assert_eq!(press(&mut session, "f5"), [Effect::Switch]);
    let newest = Status { generation: "8".into(), documents: 71, ..status() };
    session.handle(Event::Switched(Ok(newest)));
    let shown = screen(&mut session, 120, 24);
    assert!(shown.contains("71 documents") && shown.contains("generation 8"), "{shown}");
    assert!(session.newer.is_none());
}

#[test]
fn a_switch_that_fails_leaves_the_old_generation() {
    let mut session = done(Outcome::Answered);
    session.handle(Event::Newer("8".into()));
    press(&mut session, "f5");
    session.handle(Event::Switched(Err(problem("the index cannot be read"))));
    let shown = screen(&mut session, 120, 24);
    assert!(shown.contains("the index cannot be read") && shown.contains("70 documents"), "{shown}");
}

#[test]
fn the_system_ends_and_suspends() {
    let mut session = ready();
    assert_eq!(press(&mut session, "ctrl-z"), [Effect::Suspend]);
    assert_eq!(session.handle(Event::Terminate), [Effect::Quit]);
}

#[test]
fn the_wheel_scrolls_what_has_the_keys() {
    let mut session = reading();
    screen(&mut session, 60, 12);
    let top = session.source.as_ref().map(|source| source.top);
    session.handle(Event::Wheel(3));
    screen(&mut session, 60, 12);
    assert!(session.source.as_ref().map(|source| source.top) > top);
}

#[test]
fn a_question_during_an_answer_is_asked_after_it() {
    let (mut session, request) = asked();
    typed(&mut session, "And a lamp?");
    assert_eq!(press(&mut session, "enter"), []);
    let shown = screen(&mut session, 120, 24);
    assert!(shown.contains("Asked as soon as this answer is there"), "{shown}");
    typed(&mut session, "And a door?");
    assert_eq!(press(&mut session, "enter"), []);
    assert_eq!(session.input.lines(), ["And a door?"]);
    let done = AnswerEvent::Done { answer: Box::new(answer(Outcome::Answered)) };
    let effects = session.handle(Event::Answer { request, event: done });
    let [Effect::Ask { ask, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((ask.question.as_str(), ask.history.len()), ("And a lamp?", 1));
    assert!(!session.is_queued() && session.input.lines() == ["And a door?"]);
}

#[test]
fn a_waiting_question_is_taken_back_before_the_answer_is_stopped() {
    let (mut session, request) = asked();
    typed(&mut session, "And a lamp?");
    press(&mut session, "enter");
    assert_eq!(press(&mut session, "esc"), []);
    assert_eq!(session.input.lines(), ["And a lamp?"]);
    assert_eq!(press(&mut session, "esc"), [Effect::Cancel { request }]);
    assert_eq!(press(&mut session, "enter").len(), 1);
}

#[test]
fn what_waits_is_asked_after_an_answer_that_failed() {
    let (mut session, request) = asked();
    typed(&mut session, "And a lamp?");
    press(&mut session, "enter");
    let effects = session.handle(Event::Failed { request, error: problem("the disk is full") });
    assert!(matches!(effects.as_slice(), [Effect::Ask { .. }]), "{effects:?}");
}
