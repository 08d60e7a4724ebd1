//! Keys in, screens out.

mod act;
mod ask;
mod live;
mod plain;
mod property;
mod read;
mod tour;
mod vi;

use corpus::{
    Answer, AnswerEvent, AnswerSentence, BlockKind, BlockSpan, Chunk, ChunkId, Citation, Digest, DocumentId,
    DocumentRecord, Format, Outcome, Passage, Span, Timings, Verdict, Why,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::configuration::{Configuration, Settings};
use crate::keys::{Chord, Keys};
use crate::session::{Effect, Event, Session, Settled};
use crate::theme::Depth;
use crate::view::Screen;
use crate::{BackendError, Kept, Screened, Status, Wording};

const TEXT: &str = "Returns\n\nYou can return a hub within 30 days of delivery. Keep the box.\n\n\
    Model | Returns | Refund\nHub N4 | 30 days | 5 days\nLamp L2 | 14 days | 5 days, to the card that paid\n\n\
    - Print the label.\n\n- Bring the parcel to any post office that takes parcels and ask for a receipt.\n\n\
    citedesk return --order 4711 \\\n    --reason broken\n\nRefunds take 5 days. 返品は30日以内です。 ההחזרה תוך 30 יום.";

const TABLE: &str =
    "Model | Returns | Refund\nHub N4 | 30 days | 5 days\nLamp L2 | 14 days | 5 days, to the card that paid";

fn record() -> DocumentRecord {
    let mut blocks = Vec::new();
    let mut start = 0;
    let kinds = [
        BlockKind::Heading(1),
        BlockKind::Paragraph,
        BlockKind::Table,
        BlockKind::ListItem,
        BlockKind::ListItem,
        BlockKind::Code,
        BlockKind::Paragraph,
    ];
    for (part, kind) in TEXT.split("\n\n").zip(kinds) {
        blocks.push(BlockSpan { kind, span: Span::new(start, start + part.len()), page: Some(3) });
        start += part.len() + 2;
    }
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
        blocks,
        masked: std::collections::BTreeMap::new(),
    }
}

fn passage(start: usize, end: usize) -> Passage {
    let record = record();
    Passage {
        chunk: Chunk {
            id: ChunkId(Default::default()),
            document: record.id,
            digest: record.digest,
            ordinal: 0,
            span: Span::new(start, end),
            text: TEXT[start..end].into(),
            headings: vec!["Returns".into()],
            page: Some(3),
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

/// The paragraph about 30 days, and the table that says 14 for the lamp.
fn passages() -> Vec<Passage> {
    ["You can return a hub within 30 days of delivery. Keep the box.", TABLE]
        .into_iter()
        .map(|part| {
            TEXT.find(part).map(|start| passage(start, start + part.len())).expect("it is in the text")
        })
        .collect()
}

fn cited(number: usize, text: &str) -> AnswerSentence {
    let start = TEXT.find(text).expect("it is in the text");
    AnswerSentence {
        text: text.into(),
        citations: vec![Citation {
            number,
            document: DocumentId("kb/returns.md".into()),
            digest: Digest::of(TEXT.as_bytes()),
            span: Span::new(start, start + text.len()),
            page: Some(3),
            headings: vec!["Returns".into()],
        }],
        verdict: Verdict { supported: true, score: 1.0, quoted: true, problem: None },
    }
}

fn sentences() -> Vec<AnswerSentence> {
    vec![cited(1, "You can return a hub within 30 days of delivery."), cited(2, "Lamp L2 | 14 days")]
}

fn unsupported() -> AnswerSentence {
    let mut sentence = cited(1, "Keep the box.");
    sentence.text = "You can return anything within 90 days.".into();
    sentence.verdict =
        Verdict { supported: false, score: 0.1, quoted: false, problem: Some("90 is not in [1]".into()) };
    sentence
}

fn answer(outcome: Outcome) -> Answer {
    let refused = matches!(outcome, Outcome::Refused(_));
    Answer {
        question: "How long can I return a hub?".into(),
        outcome,
        sentences: if refused { Vec::new() } else { sentences() },
        passages: passages(),
        confidence: 0.9,
        note: None,
        timings: Timings::default(),
    }
}

fn code(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// The event of a key as it is written in the configuration.
fn key(text: &str) -> Event {
    let Keys(chord, None) = text.parse().expect("a key") else { panic!("two keys") };
    Event::Key(event(chord))
}

/// The key event that has this chord; found by trying, as chords do not lead back.
fn event(wanted: Chord) -> KeyEvent {
    let codes = (' '..='~').map(KeyCode::Char).chain((1..=12).map(KeyCode::F)).chain([
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Backspace,
    ]);
    let modifiers = [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT];
    codes
        .flat_map(|code| modifiers.map(|modifiers| KeyEvent::new(code, modifiers)))
        .find(|event| Chord::of(*event) == wanted)
        .expect("such a key")
}

fn wordings() -> Vec<Wording> {
    vec![Wording {
        tone: "email".into(),
        text: "Hello,\n\nThirty days.".into(),
        cited: "Hello,\n\nThirty days. [1]".into(),
    }]
}

fn press(session: &mut Session, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|text| session.handle(key(text))).collect()
}

fn typed(session: &mut Session, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| session.handle(code(KeyCode::Char(c)))).collect()
}

fn settings(configuration: &Configuration) -> Settings {
    configuration.resolve(Depth::None).expect("a configuration")
}

fn loading() -> Session {
    let configuration =
        Configuration { notice: "Written with the help of AI.".into(), ..Configuration::default() };
    Session::new(settings(&configuration), "20260301T100000-1")
}

fn status() -> Status {
    Status {
        generation: "7".into(),
        documents: 70,
        device: "cpu".into(),
        model: "minilm".into(),
        modes: vec!["quote".into(), "draft".into()],
        tones: vec!["plain".into(), "email".into()],
    }
}

fn ready() -> Session {
    let mut session = loading();
    assert_eq!(session.handle(Event::Ready(status())), [Effect::Questions]);
    session
}

fn asked() -> (Session, u64) {
    let mut session = ready();
    typed(&mut session, "How long can I return a hub?");
    let effects = press(&mut session, "enter");
    let [Effect::Ask { request, .. }] = effects.as_slice() else {
        panic!("no question was asked: {effects:?}")
    };
    (session, *request)
}

fn say(session: &mut Session, request: u64, event: AnswerEvent) {
    assert_eq!(session.handle(Event::Answer { request, event }), []);
}

fn done(outcome: Outcome) -> Session {
    let (mut session, request) = asked();
    let masked = std::collections::BTreeMap::new();
    let screened = Screened { text: "How long can I return a hub?".into(), masked };
    session.handle(Event::Screened { request, screened });
    say(&mut session, request, AnswerEvent::Passages { passages: passages() });
    for sentence in sentences() {
        say(&mut session, request, AnswerEvent::Sentence { sentence });
    }
    say(&mut session, request, AnswerEvent::Done { answer: Box::new(answer(outcome)) });
    let kept = Kept { record: Some("r1".into()), wordings: wordings(), ..Kept::default() };
    session.handle(Event::Kept { request, kept });
    session
}

/// An answered question whose first source is open.
fn reading() -> Session {
    let mut session = done(Outcome::Answered);
    let effects = press(&mut session, "tab 1");
    assert_eq!(effects, [Effect::Open(record().id)]);
    let result = Ok(Some(Box::new(record())));
    session.handle(Event::Document { id: record().id, result });
    session
}

/// Draws as the runtime does.
fn screen(session: &mut Session, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test terminal");
    let mut screen = Screen::default();
    let mut settled = Settled::default();
    terminal.draw(|frame| settled = screen.draw(frame, session)).expect("drawn");
    session.settle(settled);
    terminal.backend().to_string()
}

/// Whole screens at a wide, a narrow and a low size.
macro_rules! screens {
    ($name:literal, $session:expr) => {
        insta::assert_snapshot!(concat!($name, "_wide"), super::screen(&mut $session, 120, 24));
        insta::assert_snapshot!(concat!($name, "_narrow"), super::screen(&mut $session, 60, 20));
        insta::assert_snapshot!(concat!($name, "_low"), super::screen(&mut $session, 80, 10));
    };
}
use screens;

fn problem(message: &str) -> BackendError {
    BackendError { message: message.into(), hint: Some("do something about it".into()) }
}
