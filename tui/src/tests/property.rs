//! Whatever happens, in whatever order.

use std::collections::HashSet;

use corpus::{AnswerEvent, Outcome};
use proptest::prelude::*;

use super::*;
use crate::backend::{Conversation, Resumed};
use crate::session::{Focus, Phase};

fn any_event() -> impl Strategy<Value = Event> {
    let keys = prop::sample::select(vec![
        "enter",
        "esc",
        "tab",
        "up",
        "down",
        "page-up",
        "page-down",
        "backspace",
        "f1",
        "1",
        "9",
        "n",
        "N",
        "c",
        "C",
        "y",
        "Y",
        "?",
        "=",
        "d",
        "w",
        "/",
        "+",
        "-",
        "e",
        "*",
        "!",
        "s",
        "g",
        "G",
        "K",
        "J",
        "i",
        "f5",
        "f6",
        "ctrl-r",
        "ctrl-p",
        "ctrl-t",
        "ctrl-o",
        "x",
        " ",
    ]);
    let key = keys.prop_map(|text| if text == " " { code(KeyCode::Char(' ')) } else { key(text) });
    let request = 0u64..6;
    let lines = prop::sample::select(vec![
        "/filter a:b",
        "/mode draft",
        "/tone email",
        "/open 2",
        "/find day",
        "/compare 2 1",
        "/rate up",
        "/export",
        "Why?",
        "2",
        "/",
        "漢字?",
        "/resume",
    ]);
    prop_oneof![
        24 => key,
        1 => Just(key_event_c()),
        1 => any::<String>().prop_map(Event::Paste),
        1 => any::<String>().prop_map(|text| Event::Edited(Ok(text))),
        2 => lines.prop_map(|line| Event::Line(line.into())),
        1 => (-5isize..5).prop_map(Event::Wheel),
        1 => Just(Event::Resized),
        2 => Just(Event::Ready(status())),
        1 => Just(Event::NotReady(problem("gone"))),
        1 => Just(Event::Questions(vec!["Where?".into()])),
        2 => (request.clone(), any::<String>()).prop_map(|(request, text)| Event::Screened {
            request,
            screened: Screened { text, masked: [("email".to_owned(), 1)].into() },
        }),
        2 => request.clone().prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Passages { passages: passages() },
        }),
        3 => request.clone().prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Sentence { sentence: sentences().remove(0) },
        }),
        1 => request.clone().prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Sentence { sentence: unsupported() },
        }),
        3 => request.clone().prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Done { answer: Box::new(answer(Outcome::Answered)) },
        }),
        1 => request.clone().prop_map(|request| Event::Failed { request, error: problem("failed") }),
        2 => request.prop_map(|request| Event::Kept {
            request,
            kept: Kept { record: Some("r".into()), problem: Some(problem("full")), ..Kept::default() },
        }),
        3 => Just(Event::Document { id: record().id, result: Ok(Some(Box::new(record()))) }),
        1 => Just(Event::Document { id: record().id, result: Ok(None) }),
        1 => Just(Event::Conversations(Ok(vec![Conversation {
            id: "a".into(),
            at: "now".into(),
            questions: vec!["Why?".into()],
        }]))),
        1 => Just(Event::Resumed {
            conversation: "a".into(),
            result: Ok(vec![Resumed { record: "r".into(), answer: answer(Outcome::Answered), wordings: Vec::new() }]),
        }),
        1 => Just(Event::Told(Ok("kept".into()))),
        1 => Just(Event::Newer("8".into())),
        1 => Just(Event::Switched(Ok(status()))),
    ]
}

fn key_event_c() -> Event {
    key("ctrl-c")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_happens_the_session_holds(
        events in prop::collection::vec(any_event(), 0..80),
        width in 1u16..140,
        height in 1u16..40,
    ) {
        let mut session = loading();
        let mut kept = Screen::default();
        let mut running = HashSet::new();
        let mut asked = HashSet::new();
        for event in events {
            let finished = match &event {
                Event::Answer { request, event: AnswerEvent::Done { .. } } | Event::Failed { request, .. } => {
                    Some(*request)
                }
                _ => None,
            };
            if let Some(request) = finished {
                running.remove(&request);
            }
            for effect in session.handle(event) {
                match effect {
                    Effect::Ask { request, ask } => {
                        prop_assert!(matches!(session.phase, Phase::Ready(_)));
                        prop_assert!(running.is_empty(), "two questions at once");
                        prop_assert!(asked.insert(request), "a number was used twice");
                        prop_assert!(ask.history.len() <= 3);
                        running.insert(request);
                    }
                    Effect::Cancel { request } => prop_assert!(running.remove(&request)),
                    Effect::Write { text, .. } => prop_assert!(!text.is_empty()),
                    _ => {}
                }
            }
            prop_assert!(session.focus != Focus::Source || session.source.is_some());
            for exchange in &session.exchanges {
                prop_assert!(exchange.sentences.iter().all(|sentence| sentence.verdict.supported));
            }
            // What is remembered from earlier frames must not show.
            let draw = |screen: &mut Screen| {
                let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test terminal");
                let mut settled = Settled::default();
                terminal.draw(|frame| settled = screen.draw(frame, &session)).expect("drawn");
                (terminal.backend().to_string(), settled)
            };
            let (seen, settled) = draw(&mut kept);
            prop_assert_eq!((seen, settled), draw(&mut Screen::default()));
            session.settle(settled);
        }
    }

    #[test]
    fn foreign_text_never_breaks_the_frame(
        question in "[a-z漢😀שלום\u{202e}\u{200d}\u{fe0f}\u{1f3fd}e\u{301}\t\u{1b} ]{1,60}",
        width in 24u16..130,
    ) {
        let mut session = reading();
        session.exchanges[0].question = question;
        session.exchanges[0].version += 1;
        let shown = screen(&mut session, width, 20);
        for row in shown.lines() {
            // What follows the closing quote tells of cells behind wide characters.
            let cells = row.split(" Hidden by").next().unwrap_or_default().trim_matches('"');
            prop_assert_eq!(unicode_width::UnicodeWidthStr::width(cells), width as usize, "{}", row);
        }
    }
}
