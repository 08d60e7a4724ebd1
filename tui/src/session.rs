//! The session: everything that the terminal knows, and what it does next.

use corpus::{Answer, AnswerEvent, AnswerSentence, Citation, DocumentId, DocumentRecord, Outcome, Passage};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui_textarea::TextArea;

use crate::backend::{Ask, BackendError, Status, Turn};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal changed its size.
    Resized,
    /// The models and the index are ready.
    Ready(Status),
    /// They cannot be had.
    NotReady(BackendError),
    /// The answer to request `request` goes on.
    Answer {
        /// The request.
        request: u64,
        /// What happened.
        event: AnswerEvent,
    },
    /// Request `request` ended without an answer.
    Failed {
        /// The request.
        request: u64,
        /// Why.
        error: BackendError,
    },
    /// A document came, or is not there.
    Document {
        /// Which.
        id: DocumentId,
        /// The document.
        result: Result<Option<Box<DocumentRecord>>, BackendError>,
    },
    /// The program was told to end.
    Terminate,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask a question; what comes of it bears the request's number.
    Ask {
        /// Number of the request.
        request: u64,
        /// The question.
        ask: Ask,
    },
    /// Stop working on a request.
    Cancel {
        /// Number of the request.
        request: u64,
    },
    /// Fetch a document.
    Open(DocumentId),
    /// Put text on the clipboard.
    Copy(String),
    /// End.
    Quit,
}

/// Whether questions can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Models are being loaded.
    Loading,
    /// Ready.
    Ready(Status),
    /// Nothing can be asked.
    Broken(BackendError),
}

/// What keys go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The question being typed.
    Input,
    /// The conversation.
    Answer,
    /// The source pane.
    Source,
}

/// A question and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Number of the request.
    pub request: u64,
    /// The question: as typed, then as screened.
    pub question: String,
    /// The passages found, as soon as they are known.
    pub passages: Vec<Passage>,
    /// Supported sentences so far.
    pub sentences: Vec<AnswerSentence>,
    /// The whole answer, at the end.
    pub answer: Option<Answer>,
    /// Why there is none.
    pub error: Option<BackendError>,
    /// Whether the person stopped it.
    pub cancelled: bool,
}

impl Exchange {
    /// Whether more is to come.
    pub fn is_running(&self) -> bool {
        self.answer.is_none() && self.error.is_none() && !self.cancelled
    }
}

/// The document shown in the source pane.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which.
    pub id: DocumentId,
    /// The citation that led there.
    pub citation: Citation,
    /// The document, once it came.
    pub document: Option<Box<DocumentRecord>>,
    /// Why it did not.
    pub error: Option<String>,
}

/// The state of the terminal.
#[derive(Debug)]
pub struct Session {
    /// Whether questions can be asked.
    pub phase: Phase,
    /// What keys go to.
    pub focus: Focus,
    /// The question being typed.
    pub input: TextArea<'static>,
    /// The conversation, oldest first.
    pub exchanges: Vec<Exchange>,
    /// The source pane, where open.
    pub source: Option<Source>,
    /// Rows that the conversation is scrolled up from its end.
    pub scroll: usize,
    /// Rows that the source pane is scrolled from the cited passage.
    pub source_scroll: isize,
    /// Whether the list of keys is shown.
    pub help: bool,
    /// A short notice.
    pub notice: Option<String>,
    /// A question that waits for the models.
    queued: Option<String>,
    next_request: u64,
}

/// How many earlier turns travel with a question.
const HISTORY: usize = 3;
/// Rows that a page key scrolls.
const PAGE: usize = 10;

impl Default for Session {
    fn default() -> Self {
        Self {
            phase: Phase::Loading,
            focus: Focus::Input,
            input: TextArea::default(),
            exchanges: Vec::new(),
            source: None,
            scroll: 0,
            source_scroll: 0,
            help: false,
            notice: None,
            queued: None,
            next_request: 1,
        }
    }
}

impl Session {
    /// A session in which models are still being loaded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a question waits for the models.
    pub fn is_queued(&self) -> bool {
        self.queued.is_some()
    }

    /// Takes an event in and says what to do. Events of requests that are over are passed over.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(key),
            Event::Paste(text) => {
                if self.focus == Focus::Input {
                    self.input
                        .insert_str(crate::text::clean(&text.replace("\r\n", "\n").replace('\r', "\n")));
                }
                Vec::new()
            }
            Event::Ready(status) => {
                self.phase = Phase::Ready(status);
                self.queued.take().map_or_else(Vec::new, |question| self.ask(question))
            }
            Event::NotReady(error) => {
                self.phase = Phase::Broken(error);
                self.queued = None;
                Vec::new()
            }
            Event::Answer { request, event } => {
                self.answer(request, event);
                Vec::new()
            }
            Event::Failed { request, error } => {
                if let Some(exchange) = self.running(request) {
                    exchange.error = Some(error);
                }
                Vec::new()
            }
            Event::Document { id, result } => {
                self.document(&id, result);
                Vec::new()
            }
            Event::Terminate => vec![Effect::Quit],
            Event::Key(_) | Event::Resized => Vec::new(),
        }
    }

    fn running(&mut self, request: u64) -> Option<&mut Exchange> {
        self.exchanges.iter_mut().find(|exchange| exchange.request == request && exchange.is_running())
    }

    fn answer(&mut self, request: u64, event: AnswerEvent) {
        let Some(exchange) = self.running(request) else { return };
        match event {
            AnswerEvent::Passages { passages } => exchange.passages = passages,
            AnswerEvent::Sentence { sentence } if sentence.verdict.supported => {
                exchange.sentences.push(sentence)
            }
            AnswerEvent::Sentence { .. } | AnswerEvent::Token { .. } => {}
            AnswerEvent::Done { answer } => {
                exchange.question.clone_from(&answer.question);
                exchange.sentences.clone_from(&answer.sentences);
                if !answer.passages.is_empty() {
                    exchange.passages.clone_from(&answer.passages);
                }
                exchange.answer = Some(*answer);
            }
        }
    }

    fn document(&mut self, id: &DocumentId, result: Result<Option<Box<DocumentRecord>>, BackendError>) {
        let Some(source) = self.source.as_mut().filter(|source| source.id == *id) else { return };
        match result {
            Ok(Some(document)) if document.digest == source.citation.digest => {
                source.document = Some(document)
            }
            Ok(Some(_)) => source.error = Some("the document has changed since it was cited".into()),
            Ok(None) => source.error = Some("the document is no longer in the index".into()),
            Err(error) => source.error = Some(error.message),
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.notice = None;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if self.help {
            self.help = false;
            return if control && key.code == KeyCode::Char('c') { self.leave() } else { Vec::new() };
        }
        match key.code {
            KeyCode::Char('c') if control => return self.interrupt(),
            KeyCode::Char('q') if control => return self.leave(),
            KeyCode::F(1) => self.help = true,
            KeyCode::Tab => self.focus_next(),
            KeyCode::Esc => return self.escape(),
            _ => {
                return match self.focus {
                    Focus::Input => self.input_key(key),
                    Focus::Answer | Focus::Source => self.reading_key(key),
                };
            }
        }
        Vec::new()
    }

    /// Ctrl-C stops an answer, then clears the question, then ends.
    fn interrupt(&mut self) -> Vec<Effect> {
        let effects = self.cancel();
        if !effects.is_empty() {
            return effects;
        }
        if self.input.is_empty() && self.queued.is_none() {
            return vec![Effect::Quit];
        }
        self.queued = None;
        self.input = TextArea::default();
        self.notice = Some("Ctrl-C again ends".into());
        Vec::new()
    }

    fn leave(&mut self) -> Vec<Effect> {
        let mut effects = self.cancel();
        effects.push(Effect::Quit);
        effects
    }

    fn cancel(&mut self) -> Vec<Effect> {
        match self.exchanges.last_mut().filter(|exchange| exchange.is_running()) {
            Some(exchange) => {
                exchange.cancelled = true;
                vec![Effect::Cancel { request: exchange.request }]
            }
            None => Vec::new(),
        }
    }

    fn escape(&mut self) -> Vec<Effect> {
        let effects = self.cancel();
        if effects.is_empty() {
            if self.queued.take().is_some() {
                self.notice = Some("the question was taken back".into());
            } else if self.source.take().is_none() {
                self.focus = Focus::Input;
            } else if self.focus == Focus::Source {
                self.focus = Focus::Answer;
            }
        }
        effects
    }

    fn focus_next(&mut self) {
        self.focus = match self.focus {
            Focus::Input => Focus::Answer,
            Focus::Answer if self.source.is_some() => Focus::Source,
            Focus::Answer | Focus::Source => Focus::Input,
        };
    }

    fn input_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Enter if key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SHIFT) => {
                self.input.insert_newline();
            }
            KeyCode::Enter => {
                let question = self.input.lines().join("\n").trim().to_owned();
                if question.is_empty() {
                    return Vec::new();
                }
                if self.exchanges.last().is_some_and(Exchange::is_running) {
                    self.notice = Some("an answer is being made; Esc stops it".into());
                    return Vec::new();
                }
                match &self.phase {
                    Phase::Ready(_) => {
                        self.input = TextArea::default();
                        return self.ask(question);
                    }
                    Phase::Loading => {
                        self.input = TextArea::default();
                        self.queued = Some(question);
                    }
                    // The question stays in the editor: it must not be lost.
                    Phase::Broken(_) => self.notice = Some("nothing can be asked; see above".into()),
                }
            }
            KeyCode::PageUp => self.scroll = self.scroll.saturating_add(PAGE),
            KeyCode::PageDown => self.scroll = self.scroll.saturating_sub(PAGE),
            _ => {
                self.input.input(key);
            }
        }
        Vec::new()
    }

    fn reading_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.scroll_by(-1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll_by(1),
            KeyCode::PageUp => self.scroll_by(-(PAGE as isize)),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll_by(PAGE as isize),
            KeyCode::Char('?') => self.help = true,
            KeyCode::Char('q') => return self.leave(),
            KeyCode::Char('i') | KeyCode::Enter => self.focus = Focus::Input,
            KeyCode::Char('y') => return self.copy(),
            KeyCode::Char('n') => return self.next_citation(),
            KeyCode::Char(digit @ '1'..='9') => return self.open(digit as usize - '0' as usize),
            _ => {}
        }
        Vec::new()
    }

    fn scroll_by(&mut self, rows: isize) {
        if self.focus == Focus::Source {
            self.source_scroll = self.source_scroll.saturating_add(rows);
        } else {
            self.scroll = self.scroll.saturating_add_signed(-rows);
        }
    }

    fn copy(&mut self) -> Vec<Effect> {
        let Some(exchange) = self.exchanges.last().filter(|exchange| !exchange.sentences.is_empty()) else {
            self.notice = Some("there is no answer to copy".into());
            return Vec::new();
        };
        let text: Vec<&str> = exchange.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        self.notice = Some("answer copied".into());
        vec![Effect::Copy(text.join(" "))]
    }

    fn ask(&mut self, question: String) -> Vec<Effect> {
        let history: Vec<Turn> = self
            .exchanges
            .iter()
            .filter_map(|exchange| {
                let answer = exchange.answer.as_ref()?;
                let said: Vec<&str> = answer.sentences.iter().map(|s| s.text.as_str()).collect();
                Some(Turn { question: answer.question.clone(), answer: said.join(" ") })
            })
            .collect();
        let history = history.into_iter().rev().take(HISTORY).rev().collect();
        let request = self.next_request;
        self.next_request += 1;
        self.scroll = 0;
        self.source = None;
        self.exchanges.push(Exchange {
            request,
            question: question.clone(),
            passages: Vec::new(),
            sentences: Vec::new(),
            answer: None,
            error: None,
            cancelled: false,
        });
        vec![Effect::Ask { request, ask: Ask { question, history } }]
    }

    /// Opens what footnote `number` of the latest answer rests on; in a refusal, the nearest passages.
    fn open(&mut self, number: usize) -> Vec<Effect> {
        let Some(exchange) = self.exchanges.last() else { return Vec::new() };
        let cited =
            exchange.sentences.iter().flat_map(|s| &s.citations).find(|c| c.number == number).cloned();
        let citation = cited.or_else(|| {
            let passage = exchange.passages.get(number.checked_sub(1)?)?;
            Some(Citation {
                number,
                document: passage.chunk.document.clone(),
                digest: passage.chunk.digest.clone(),
                span: passage.chunk.span,
                page: passage.chunk.page,
                headings: passage.chunk.headings.clone(),
            })
        });
        match citation {
            Some(citation) => self.show(citation),
            None => {
                self.notice = Some(format!("there is no source {number}"));
                Vec::new()
            }
        }
    }

    /// Opens the citation after the one that is open.
    fn next_citation(&mut self) -> Vec<Effect> {
        let Some(exchange) = self.exchanges.last() else { return Vec::new() };
        let all: Vec<&Citation> = exchange.sentences.iter().flat_map(|s| &s.citations).collect();
        let open = self.source.as_ref().and_then(|source| all.iter().position(|c| **c == source.citation));
        let next = open.map_or(0, |index| index + 1);
        match all.get(next).or_else(|| all.first()).copied().cloned() {
            Some(citation) => self.show(citation),
            None => Vec::new(),
        }
    }

    fn show(&mut self, citation: Citation) -> Vec<Effect> {
        let id = citation.document.clone();
        let document = self
            .source
            .take()
            .filter(|source| source.id == id && source.citation.digest == citation.digest)
            .and_then(|source| source.document);
        let missing = document.is_none();
        self.source = Some(Source { id: id.clone(), citation, document, error: None });
        self.source_scroll = 0;
        self.focus = Focus::Source;
        if missing { vec![Effect::Open(id)] } else { Vec::new() }
    }
}

/// Whether an answer says nothing.
pub(crate) fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Refused(_))
}
