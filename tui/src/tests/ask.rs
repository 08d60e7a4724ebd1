//! Typing, asking, recalling, commands.

use corpus::{AnswerEvent, Outcome, Refusal};

use super::*;
use crate::configuration::OneOrMany;
use crate::keys::Preset;
use crate::session::{Focus, Overlay};

#[test]
fn an_answer_names_its_sources_at_every_size() {
    let mut session = done(Outcome::Answered);
    screens!("answer", session);
    insta::assert_snapshot!("answer_tiny", screen(&mut session, 20, 5));
}

#[test]
fn passages_are_on_screen_before_the_answer() {
    let (mut session, request) = asked();
    say(&mut session, request, AnswerEvent::Passages { passages: passages() });
    screens!("passages", session);
}

#[test]
fn a_refusal_says_what_is_missing_and_shows_the_nearest_passages() {
    let (mut session, request) = asked();
    let mut refusal = answer(Outcome::Refused(Refusal::TooLittleEvidence));
    refusal.question = "Is the warranty of a hub transferable?".into();
    say(&mut session, request, AnswerEvent::Done { answer: Box::new(refusal) });
    screens!("refusal", session);
}

#[test]
fn a_question_typed_while_models_load_is_asked_when_they_are_ready() {
    let mut session = loading();
    typed(&mut session, "Why?");
    assert_eq!(press(&mut session, "enter"), []);
    assert!(screen(&mut session, 80, 20).contains("Asked as soon as"));
    let effects = session.handle(Event::Ready(status()));
    assert!(
        matches!(effects.as_slice(), [Effect::Questions, Effect::Ask { ask, .. }] if ask.question == "Why?")
    );
}

#[test]
fn a_waiting_question_comes_back_into_the_editor() {
    let mut session = loading();
    typed(&mut session, "Why?");
    press(&mut session, "enter esc");
    assert_eq!(session.input.lines(), ["Why?"]);
    press(&mut session, "enter");
    session.handle(Event::NotReady(problem("there is no index")));
    assert_eq!(session.input.lines(), ["Why?"]);
}

#[test]
fn a_question_is_kept_when_nothing_can_be_asked() {
    let mut session = loading();
    session.handle(Event::NotReady(problem("there is no index")));
    typed(&mut session, "Why?");
    press(&mut session, "enter");
    assert_eq!(session.input.lines(), ["Why?"]);
    let screen = screen(&mut session, 80, 20);
    assert!(screen.contains("there is no index") && screen.contains("do something"), "{screen}");
}

#[test]
fn escape_stops_the_answer_and_late_events_are_ignored() {
    let (mut session, request) = asked();
    assert_eq!(press(&mut session, "esc"), [Effect::Cancel { request }]);
    say(&mut session, request, AnswerEvent::Sentence { sentence: unsupported() });
    assert!(session.exchanges[0].dropped.is_empty());
}

#[test]
fn what_was_masked_is_shown() {
    let (mut session, request) = asked();
    let masked = [("email".to_owned(), 1), ("person".to_owned(), 2)].into();
    let text = "Why can [PERSON_1] not return a hub?".to_owned();
    session.handle(Event::Screened { request, screened: Screened { text, masked } });
    screens!("masked", session);
}

#[test]
fn a_follow_up_carries_the_conversation_and_what_it_is_confined_to() {
    let mut session = done(Outcome::Answered);
    typed(&mut session, "/filter product:Hub");
    press(&mut session, "enter");
    typed(&mut session, "/mode draft");
    press(&mut session, "enter");
    typed(&mut session, "And for businesses?");
    screens!("chips", session);
    let effects = press(&mut session, "enter");
    let [Effect::Ask { ask, .. }] = effects.as_slice() else { panic!("not asked") };
    assert_eq!(ask.history.len(), 1);
    assert!(ask.history[0].answer.contains("30 days"));
    assert_eq!(ask.filters, ["product:Hub"]);
    assert_eq!(ask.mode.as_deref(), Some("draft"));
    typed(&mut session, "/filter product:Hub");
    press(&mut session, "enter");
    assert!(session.filters.is_empty());
}

#[test]
fn control_c_stops_then_clears_then_ends() {
    let (mut session, request) = asked();
    assert_eq!(press(&mut session, "ctrl-c"), [Effect::Cancel { request }]);
    typed(&mut session, "x");
    assert_eq!(press(&mut session, "ctrl-c"), []);
    assert_eq!(press(&mut session, "ctrl-c"), [Effect::Quit]);
}

#[test]
fn up_and_down_go_through_the_questions_and_back_to_the_draft() {
    let mut session = ready();
    session.handle(Event::Questions(vec!["one?".into(), "two?".into()]));
    typed(&mut session, "draft");
    screen(&mut session, 80, 20);
    for (keys, line) in [("up", "two?"), ("up", "one?"), ("up", "one?"), ("down", "two?"), ("down", "draft")]
    {
        press(&mut session, keys);
        screen(&mut session, 80, 20);
        assert_eq!(session.input.lines(), [line], "{keys}");
    }
}

#[test]
fn earlier_questions_are_searched() {
    let mut session = ready();
    session.handle(Event::Questions(vec!["How do I reset a hub?".into(), "Where is my parcel?".into()]));
    press(&mut session, "ctrl-r");
    typed(&mut session, "hub");
    screens!("history", session);
    press(&mut session, "enter");
    assert_eq!(session.input.lines(), ["How do I reset a hub?"]);
    assert!(session.overlay.is_none());
}

#[test]
fn the_palette_performs_and_completes() {
    let mut session = done(Outcome::Answered);
    press(&mut session, "ctrl-p");
    screens!("palette", session);
    typed(&mut session, "copy the answer with");
    assert!(matches!(press(&mut session, "enter").as_slice(), [Effect::Copy { .. }]));
    press(&mut session, "ctrl-p");
    typed(&mut session, "confine");
    press(&mut session, "enter");
    assert_eq!(session.input.lines(), ["/filter "]);
    assert_eq!(session.focus, Focus::Input);
}

#[test]
fn commands_are_suggested_and_completed() {
    let mut session = ready();
    typed(&mut session, "/fil");
    insta::assert_snapshot!("suggestion", screen(&mut session, 60, 20));
    press(&mut session, "tab");
    assert_eq!(session.input.lines(), ["/filter "]);
    session.input = super::super::session::Session::new(Settings::default(), "x").input;
    typed(&mut session, "/nonsense");
    press(&mut session, "enter");
    assert_eq!(session.input.lines(), ["/nonsense"], "what was typed is kept");
    assert!(session.notice.as_deref().is_some_and(|notice| notice.contains("/nonsense")));
}

#[test]
fn pasted_mail_keeps_its_lines_and_its_bounds() {
    let mut session = ready();
    session.handle(Event::Paste("Hello,\r\nmy hub is broken.\rBye".into()));
    assert_eq!(session.input.lines(), ["Hello,", "my hub is broken.", "Bye"]);
    screens!("pasted", session);
    session.handle(Event::Paste("漢".repeat(100_000)));
    assert!(session.input.lines().join("\n").len() <= 64 * 1024);
    assert!(session.notice.as_deref().is_some_and(|notice| notice.contains("64 KiB")));
}

#[test]
fn the_own_editor_gets_the_question_and_brings_it_back() {
    let mut session = ready();
    typed(&mut session, "Why");
    assert_eq!(press(&mut session, "ctrl-o"), [Effect::Edit("Why".into())]);
    session.handle(Event::Edited(Ok("Why so?\nReally?\n".into())));
    assert_eq!(session.input.lines(), ["Why so?", "Really?"]);
    session.handle(Event::Edited(Err(problem("no editor"))));
    assert_eq!(session.input.lines(), ["Why so?", "Really?"]);
    assert!(screen(&mut session, 80, 20).contains("no editor"));
}

#[test]
fn help_is_made_from_the_keymap() {
    let mut session = ready();
    press(&mut session, "f1");
    screens!("help", session);
    press(&mut session, "page-down");
    assert!(matches!(session.overlay, Some(Overlay::Help(10))));
    press(&mut session, "x");
    assert!(session.overlay.is_none());
}

#[test]
fn keys_can_be_others() {
    let keys = [("copy".to_owned(), OneOrMany::One("x".into()))].into();
    let configuration = Configuration { preset: Preset::Vi, keys, ..Configuration::default() };
    let mut session = done(Outcome::Answered);
    session.settings = settings(&configuration);
    press(&mut session, "tab");
    assert!(matches!(press(&mut session, "x").as_slice(), [Effect::Copy { .. }]));
    assert_eq!(press(&mut session, "y y"), []);
    press(&mut session, "g");
    assert!(screen(&mut session, 80, 20).contains("g …"), "the first of two keys is shown");
}
