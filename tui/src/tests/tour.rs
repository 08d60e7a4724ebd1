//! The tour, with the keys that it names.

use corpus::Outcome;

use super::*;

fn touring() -> Session {
    let questions = Some(["How long can I return a hub?".into(), "And a lamp?".into()]);
    let mut session = Session::new(Settings { tour: questions, ..Settings::default() }, "c-1");
    session.handle(Event::Ready(status()));
    session
}

fn guide(session: &Session) -> String {
    session.tour.as_ref().map_or_else(String::new, |tour| tour.text(&session.settings.keymap))
}

#[track_caller]
fn at(session: &Session, number: usize) {
    assert!(guide(session).starts_with(&format!("Tour {number}/8: ")), "{}", guide(session));
}

/// Asks and has it answered.
fn ask(session: &mut Session, question: &str) {
    typed(session, question);
    let effects = press(session, "enter");
    let [Effect::Ask { request, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let event = AnswerEvent::Done { answer: Box::new(answer(Outcome::Answered)) };
    session.handle(Event::Answer { request: *request, event });
}

#[test]
fn every_step_goes_on_when_it_was_done() {
    let mut session = touring();
    at(&session, 1);
    screens!("tour", session);
    typed(&mut session, "How");
    at(&session, 1);
    ask(&mut session, " long can I return a hub?");
    at(&session, 2);
    press(&mut session, "tab 1");
    at(&session, 2);
    session.handle(Event::Document { id: record().id, result: Ok(Some(Box::new(record()))) });
    at(&session, 3);
    press(&mut session, "/");
    typed(&mut session, "days");
    press(&mut session, "enter");
    at(&session, 4);
    press(&mut session, "i");
    ask(&mut session, "And a lamp?");
    at(&session, 5);
    press(&mut session, "tab y");
    at(&session, 6);
    press(&mut session, "+ enter");
    at(&session, 7);
    press(&mut session, "ctrl-p");
    at(&session, 8);
    press(&mut session, "esc f1");
    assert!(guide(&session).starts_with("Tour: that was all."), "{}", guide(&session));
    let shown = screen(&mut session, 60, 20);
    assert!(shown.contains("that was all") && shown.contains("While a question is typed"), "{shown}");
    press(&mut session, "esc i");
    typed(&mut session, "And a door?");
    press(&mut session, "enter");
    assert_eq!(session.tour, None);
}

#[test]
fn it_names_the_keys_that_are_configured() {
    let keys = [("find".to_owned(), crate::configuration::OneOrMany::One("ctrl-f".into()))].into();
    let mut session = reading();
    session.settings = settings(&Configuration { keys, ..Configuration::default() });
    press(&mut session, "f3");
    session.handle(Event::Answer { request: 99, event: AnswerEvent::Token { text: String::new() } });
    assert!(guide(&session).contains("Ctrl-F searches"), "{}", guide(&session));
}

#[test]
fn it_can_be_left_and_begun_at_any_time() {
    let mut session = touring();
    press(&mut session, "f3");
    assert_eq!(session.tour, None);
    typed(&mut session, "/tour");
    press(&mut session, "enter");
    at(&session, 1);
    press(&mut session, "tab esc");
    at(&session, 1);
    press(&mut session, "esc");
    assert_eq!(session.tour, None);
}

#[test]
fn it_leaves_room_on_a_low_screen() {
    let mut session = touring();
    for (width, height) in [(24, 6), (60, 8), (200, 60)] {
        let shown = screen(&mut session, width, height);
        assert!(shown.contains("Tour 1/8") && shown.contains("Question"), "{shown}");
    }
}
