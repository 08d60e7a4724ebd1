//! How long a frame takes at 200 × 60: a conversation of 500 messages with a document of 2 MB open, while an answer
//! streams in, a question is typed, and everything is scrolled.
//!
//! `cargo bench -p citedesk-tui [-- RUNS]` prints the median, the 99th percentile and the longest frame of each scene in
//! milliseconds, from the event to the finished buffer with its difference to the one before. Everything is run RUNS
//! times, 5 by default, and the best time of each frame counts, so that what other programs take meanwhile does not.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement may panic and prints"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use corpus::{
    Answer, AnswerEvent, AnswerSentence, BlockKind, BlockSpan, Chunk, ChunkId, Citation, Digest, DocumentId,
    DocumentRecord, Format, Outcome, Passage, Span, Timings, Verdict, Why,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tui::view::Screen;
use tui::{Configuration, Depth, Event, Session, Settled, Status};

const FRAMES: usize = 2000;
/// Questions and answers: 500 messages.
const EXCHANGES: usize = 250;
/// Bytes of the document.
const DOCUMENT: usize = 2 << 20;

fn document() -> DocumentRecord {
    let mut text = String::new();
    let mut blocks = Vec::new();
    let mut number = 0;
    while text.len() < DOCUMENT {
        let (kind, block) = match number % 8 {
            0 => (BlockKind::Heading(2), format!("Section {number}: returns and refunds")),
            1 => (BlockKind::Table, {
                let mut table = String::from("Model | Returns | Refund | Note");
                for row in 0..20 {
                    write!(table, "\nHub N{row} | {row} days | 5 days | keep the box and the receipt {row}")
                        .unwrap();
                }
                table
            }),
            2 => (BlockKind::Code, "citedesk return --order 4711\n    --reason broken\n".repeat(6)),
            3 => (BlockKind::ListItem, "- Größe prüfen, 箱を保管 and keep the receipt 🙂. ".repeat(3)),
            _ => (
                BlockKind::Paragraph,
                "A hub can be returned within thirty days of delivery, unopened or not. ".repeat(12),
            ),
        };
        let start = text.len();
        text.push_str(&block);
        blocks.push(BlockSpan { kind, span: Span::new(start, text.len()), page: None });
        text.push_str("\n\n");
        number += 1;
    }
    DocumentRecord {
        id: DocumentId("kb/long.md".into()),
        digest: Digest::of(text.as_bytes()),
        source: "kb".into(),
        location: "long.md".into(),
        format: Format::Markdown,
        title: "Handbook".into(),
        language: Some("en".into()),
        modified: None,
        metadata: std::collections::BTreeMap::new(),
        text,
        blocks,
        masked: std::collections::BTreeMap::new(),
    }
}

fn passage(document: &DocumentRecord, number: usize) -> Passage {
    let span = document.blocks[number * 8 + 4].span;
    Passage {
        chunk: Chunk {
            id: ChunkId(Default::default()),
            document: document.id.clone(),
            digest: document.digest.clone(),
            ordinal: number as u32,
            span,
            text: span.of(&document.text).unwrap().into(),
            headings: vec![format!("Section {}", number * 8)],
            page: None,
            title: document.title.clone(),
            source: document.source.clone(),
            location: document.location.clone(),
            format: document.format,
            language: document.language.clone(),
            modified: None,
            metadata: std::collections::BTreeMap::new(),
        },
        rank: number + 1,
        score: 0.5,
        why: Why::default(),
    }
}

fn sentence(passage: &Passage, number: usize) -> AnswerSentence {
    AnswerSentence {
        text: "A hub can be returned within thirty days of delivery, unopened or not.".into(),
        citations: vec![Citation {
            number,
            document: passage.chunk.document.clone(),
            digest: passage.chunk.digest.clone(),
            span: Span::new(passage.chunk.span.start, passage.chunk.span.start + 70),
            page: None,
            headings: passage.chunk.headings.clone(),
        }],
        verdict: Verdict { supported: true, score: 1.0, quoted: true, problem: None },
    }
}

struct Bench {
    session: Session,
    screen: Screen,
    terminal: Terminal<TestBackend>,
    document: DocumentRecord,
    request: u64,
    scenes: Vec<(&'static str, Vec<Duration>)>,
}

impl Bench {
    fn new() -> Self {
        let settings = Configuration::default().resolve(Depth::True).unwrap();
        let mut session = Session::new(settings, "bench-1");
        session.handle(Event::Ready(Status::default()));
        let terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
        Self {
            session,
            screen: Screen::default(),
            terminal,
            document: document(),
            request: 0,
            scenes: Vec::new(),
        }
    }

    fn key(&mut self, code: KeyCode) {
        self.session.handle(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    fn say(&mut self, event: AnswerEvent) {
        self.session.handle(Event::Answer { request: self.request, event });
    }

    fn ask(&mut self) {
        self.session.handle(Event::Line("How long can a hub be returned?".into()));
        self.request += 1;
        let passages = (0..8).map(|number| passage(&self.document, number)).collect();
        self.say(AnswerEvent::Passages { passages });
    }

    fn answer(&mut self) {
        self.ask();
        let passages: Vec<Passage> = (0..8).map(|number| passage(&self.document, number)).collect();
        let sentences = (0..6).map(|number| sentence(&passages[number], number + 1)).collect();
        let answer = Answer {
            question: "How long can a hub be returned?".into(),
            outcome: Outcome::Answered,
            sentences,
            passages,
            confidence: 0.9,
            note: None,
            timings: Timings::default(),
        };
        self.say(AnswerEvent::Done { answer: Box::new(answer) });
    }

    fn draw(&mut self) {
        let mut settled = Settled::default();
        let (screen, session) = (&mut self.screen, &self.session);
        self.terminal.draw(|frame| settled = screen.draw(frame, session)).unwrap();
        self.session.settle(settled);
    }

    fn measure(&mut self, name: &'static str, frames: usize, mut step: impl FnMut(&mut Self, usize)) {
        let mut times = Vec::with_capacity(frames);
        for number in 0..frames {
            let started = Instant::now();
            step(self, number);
            self.draw();
            times.push(started.elapsed());
        }
        self.scenes.push((name, times));
    }
}

/// The median, the 99th percentile and the longest, in milliseconds.
fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("p50 {:>6.3}  p99 {:>6.3}  longest {:>7.3}", at(0.5), at(0.99), at(1.0))
}

fn main() {
    let runs = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(5);
    println!(
        "{EXCHANGES} exchanges, document of 2 MB, 200 x 60, {FRAMES} frames a scene, best of {runs}; ms"
    );
    let mut best = run();
    for _ in 1..runs {
        for ((_, best), (_, times)) in best.iter_mut().zip(run()) {
            for (best, time) in best.iter_mut().zip(times) {
                *best = time.min(*best);
            }
        }
    }
    for (name, times) in best {
        println!("{name:<32} {}", summary(times));
    }
}

/// All scenes once: the times of their frames.
fn run() -> Vec<(&'static str, Vec<Duration>)> {
    let mut bench = Bench::new();
    for _ in 0..EXCHANGES {
        bench.answer();
    }
    bench.measure("first frame", 1, |_, _| {});
    bench.key(KeyCode::Tab);
    bench.measure("conversation scrolled by rows", FRAMES, |bench, _| bench.key(KeyCode::Up));
    bench.measure("conversation scrolled by pages", FRAMES, |bench, n| {
        bench.key(if n % 100 < 50 { KeyCode::PageUp } else { KeyCode::PageDown });
    });
    bench.measure("conversation from end to end", 50, |bench, n| {
        bench.key(if n % 2 == 0 { KeyCode::Home } else { KeyCode::End });
    });
    bench.key(KeyCode::Char('5'));
    let (id, record) = (bench.document.id.clone(), bench.document.clone());
    bench.measure("document of 2 MB opened", 1, |bench, _| {
        bench.session.handle(Event::Document { id: id.clone(), result: Ok(Some(Box::new(record.clone()))) });
    });
    bench.measure("document scrolled by rows", FRAMES, |bench, _| bench.key(KeyCode::Down));
    bench.measure("document scrolled by pages", FRAMES, |bench, _| bench.key(KeyCode::PageDown));
    bench.measure("document from end to end", FRAMES, |bench, n| {
        bench.key(if n % 2 == 0 { KeyCode::End } else { KeyCode::Home });
    });
    bench.measure("document searched", 20, |bench, n| {
        bench.session.handle(Event::Line(if n % 2 == 0 { "/find receipt 19" } else { "/find größe" }.into()));
    });
    bench.measure("next match", FRAMES, |bench, _| bench.key(KeyCode::Char('n')));
    bench.key(KeyCode::Char('i'));
    bench.measure("typing with both open", FRAMES, |bench, n| {
        bench.key(if n % 80 == 79 { KeyCode::Backspace } else { KeyCode::Char('x') });
    });
    bench.ask();
    let found = passage(&bench.document, 0);
    bench.measure("sentences streaming in", 200, |bench, _| {
        bench.say(AnswerEvent::Sentence { sentence: sentence(&found, 1) });
    });
    bench.measure("tokens streaming in", FRAMES, |bench, _| {
        bench.say(AnswerEvent::Token { text: "token".into() });
    });
    bench.scenes
}
