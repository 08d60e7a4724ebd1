//! Keys in, screens out.

use corpus::{
    Answer, AnswerEvent, AnswerSentence, BlockKind, BlockSpan, Chunk, ChunkId, Citation, Digest, DocumentId,
    DocumentRecord, Format, Outcome, Passage, Refusal, Span, Timings, Verdict, Why,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::session::{Effect, Event, Focus, Phase, Session};
use crate::view::{Theme, draw};
use crate::{BackendError, Status};

const TEXT: &str =
    "Returns\n\nYou can return a hub within 30 days of delivery. Keep the box.\n\nRefunds take 5 days.";

fn record() -> DocumentRecord {
    DocumentRecord {
        id: DocumentId("kb/returns.md".into()),
        digest: Digest::of(TEXT.as_bytes()),
        source: "kb".into(),
        location: "returns.md".into(),
        format: Format::Markdown,
        title: "Returns".into(),
        language: Some("en".into()),
        modified: Some("2026-03-01T00:00:00Z".parse().expect("a date")),
        metadata: std::collections::BTreeMap::new(),
        text: TEXT.into(),
        blocks: vec![
            BlockSpan { kind: BlockKind::Heading(1), span: Span::new(0, 7), page: None },
            BlockSpan { kind: BlockKind::Paragraph, span: Span::new(9, 68), page: None },
        ],
        masked: std::collections::BTreeMap::new(),
    }
}

fn passage() -> Passage {
    let record = record();
    Passage {
        chunk: Chunk {
            id: ChunkId(Default::default()),
            document: record.id,
            digest: record.digest,
            ordinal: 0,
            span: Span::new(9, 68),
            text: TEXT[9..68].into(),
            headings: vec!["Returns".into()],
            page: None,
            title: record.title,
            source: record.source,
            location: record.location,
            format: record.format,
            language: record.language,
            modified: record.modified,
            metadata: record.metadata,
        },
        rank: 1,
        score: 0.9,
        why: Why::default(),
    }
}

fn sentence() -> AnswerSentence {
    AnswerSentence {
        text: "You can return a hub within 30 days of delivery.".into(),
        citations: vec![Citation {
            number: 1,
            document: DocumentId("kb/returns.md".into()),
            digest: Digest::of(TEXT.as_bytes()),
            span: Span::new(9, 57),
            page: None,
            headings: vec!["Returns".into()],
        }],
        verdict: Verdict { supported: true, score: 1.0, quoted: true, problem: None },
    }
}

fn answer(outcome: Outcome) -> Answer {
    let refused = matches!(outcome, Outcome::Refused(_));
    Answer {
        question: "How long can I return a hub?".into(),
        outcome,
        sentences: if refused { Vec::new() } else { vec![sentence()] },
        passages: vec![passage()],
        confidence: 0.9,
        note: None,
        timings: Timings::default(),
    }
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn control(c: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
}

fn typed(session: &mut Session, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| session.handle(key(KeyCode::Char(c)))).collect()
}

fn ready() -> Session {
    let mut session = Session::new();
    let status = Status { generation: "7".into(), documents: 70, device: "cpu".into() };
    assert!(session.handle(Event::Ready(status)).is_empty());
    session
}

fn asked() -> (Session, u64) {
    let mut session = ready();
    typed(&mut session, "How long can I return a hub?");
    let effects = session.handle(key(KeyCode::Enter));
    let [Effect::Ask { request, .. }] = effects.as_slice() else {
        panic!("no question was asked: {effects:?}")
    };
    (session, *request)
}

fn done(outcome: Outcome) -> Session {
    let (mut session, request) = asked();
    for event in [
        AnswerEvent::Passages { passages: vec![passage()] },
        AnswerEvent::Sentence { sentence: sentence() },
        AnswerEvent::Done { answer: Box::new(answer(outcome)) },
    ] {
        session.handle(Event::Answer { request, event });
    }
    session
}

fn screen(session: &Session, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test terminal");
    terminal.draw(|frame| draw(frame, session, Theme::Plain)).expect("drawn");
    terminal.backend().to_string()
}

#[test]
fn an_answer_names_its_source_at_every_size() {
    let session = done(Outcome::Answered);
    insta::assert_snapshot!("answer_wide", screen(&session, 120, 24));
    insta::assert_snapshot!("answer_narrow", screen(&session, 60, 20));
    insta::assert_snapshot!("answer_tiny", screen(&session, 20, 5));
}

#[test]
fn a_digit_opens_the_cited_document_at_the_cited_sentence() {
    let mut session = done(Outcome::Answered);
    session.handle(key(KeyCode::Tab));
    let effects = session.handle(key(KeyCode::Char('1')));
    assert_eq!(effects, [Effect::Open(DocumentId("kb/returns.md".into()))]);
    let result = Ok(Some(Box::new(record())));
    session.handle(Event::Document { id: DocumentId("kb/returns.md".into()), result });
    assert_eq!(session.focus, Focus::Source);
    insta::assert_snapshot!("source_wide", screen(&session, 120, 24));
    insta::assert_snapshot!("source_narrow", screen(&session, 60, 20));
    session.handle(key(KeyCode::Esc));
    assert!(session.source.is_none());
}

#[test]
fn a_document_that_has_changed_is_not_shown_as_the_cited_one() {
    let mut session = done(Outcome::Answered);
    session.handle(key(KeyCode::Tab));
    session.handle(key(KeyCode::Char('1')));
    let mut changed = record();
    changed.digest = Digest::of(b"something else");
    session.handle(Event::Document { id: changed.id.clone(), result: Ok(Some(Box::new(changed))) });
    assert!(screen(&session, 60, 20).contains("has changed since it was cited"));
}

#[test]
fn a_refusal_shows_the_nearest_passages() {
    let session = done(Outcome::Refused(Refusal::TooLittleEvidence));
    insta::assert_snapshot!("refusal", screen(&session, 80, 20));
}

#[test]
fn help_lists_the_keys() {
    let mut session = ready();
    session.handle(key(KeyCode::F(1)));
    insta::assert_snapshot!("help", screen(&session, 80, 24));
}

#[test]
fn a_question_typed_while_models_load_is_asked_when_they_are_ready() {
    let mut session = Session::new();
    typed(&mut session, "Why?");
    assert!(session.handle(key(KeyCode::Enter)).is_empty());
    let effects = session.handle(Event::Ready(Status::default()));
    assert!(matches!(effects.as_slice(), [Effect::Ask { ask, .. }] if ask.question == "Why?"));
}

#[test]
fn a_question_is_kept_when_nothing_can_be_asked() {
    let mut session = Session::new();
    let error =
        BackendError { message: "there is no index".into(), hint: Some("citedesk ingest FOLDER".into()) };
    session.handle(Event::NotReady(error));
    typed(&mut session, "Why?");
    session.handle(key(KeyCode::Enter));
    assert_eq!(session.input.lines(), ["Why?"]);
    let screen = screen(&session, 80, 20);
    assert!(screen.contains("there is no index") && screen.contains("citedesk ingest FOLDER"), "{screen}");
}

#[test]
fn escape_stops_the_answer_and_late_events_are_ignored() {
    let (mut session, request) = asked();
    assert_eq!(session.handle(key(KeyCode::Esc)), [Effect::Cancel { request }]);
    session.handle(Event::Answer { request, event: AnswerEvent::Sentence { sentence: sentence() } });
    assert!(session.exchanges[0].sentences.is_empty());
}

#[test]
fn unsupported_sentences_are_not_shown() {
    let (mut session, request) = asked();
    let mut sentence = sentence();
    sentence.verdict.supported = false;
    session.handle(Event::Answer { request, event: AnswerEvent::Sentence { sentence } });
    assert!(session.exchanges[0].sentences.is_empty());
}

#[test]
fn a_follow_up_carries_the_conversation() {
    let mut session = done(Outcome::Answered);
    typed(&mut session, "And for businesses?");
    let effects = session.handle(key(KeyCode::Enter));
    let [Effect::Ask { ask, .. }] = effects.as_slice() else { panic!("not asked") };
    assert_eq!(ask.history.len(), 1);
    assert!(ask.history[0].answer.contains("30 days"));
}

#[test]
fn control_c_stops_then_clears_then_ends() {
    let (mut session, request) = asked();
    assert_eq!(session.handle(control('c')), [Effect::Cancel { request }]);
    typed(&mut session, "x");
    assert!(session.handle(control('c')).is_empty());
    assert_eq!(session.handle(control('c')), [Effect::Quit]);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Up, KeyCode::Down, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::Backspace, KeyCode::F(1), KeyCode::Char('1'), KeyCode::Char('9'),
            KeyCode::Char('n'), KeyCode::Char('y'), KeyCode::Char('?'), KeyCode::Char('漢'),
        ]).prop_map(key),
        1 => Just(control('c')),
        1 => any::<String>().prop_map(Event::Paste),
        1 => Just(Event::Resized),
        1 => Just(Event::Ready(Status::default())),
        3 => (0u64..6).prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Sentence { sentence: sentence() },
        }),
        2 => (0u64..6).prop_map(|request| Event::Answer {
            request,
            event: AnswerEvent::Done { answer: Box::new(answer(Outcome::Answered)) },
        }),
        1 => Just(Event::Document { id: record().id, result: Ok(Some(Box::new(record()))) }),
        1 => Just(Event::Document { id: record().id, result: Ok(None) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_the_session_holds(
        events in prop::collection::vec(any_event(), 0..60),
        width in 1u16..140,
        height in 1u16..40,
    ) {
        let mut session = Session::new();
        let mut running = std::collections::HashSet::new();
        for event in events {
            let finished = match &event {
                Event::Answer { request, event: AnswerEvent::Done { .. } } => Some(*request),
                _ => None,
            };
            for effect in session.handle(event) {
                match effect {
                    Effect::Ask { request, .. } => {
                        prop_assert!(matches!(session.phase, Phase::Ready(_)));
                        prop_assert!(running.is_empty(), "two questions at once");
                        running.insert(request);
                    }
                    Effect::Cancel { request } => prop_assert!(running.remove(&request)),
                    Effect::Open(_) | Effect::Copy(_) | Effect::Quit => {}
                }
            }
            if let Some(request) = finished {
                running.remove(&request);
            }
            prop_assert!(session.focus != Focus::Source || session.source.is_some());
            screen(&session, width, height);
        }
    }
}
