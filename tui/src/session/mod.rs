//! The session: everything that the terminal knows, and what it does next.

mod act;
mod answers;
mod command;
mod event;
mod exchange;
mod overlay;
mod perform;
mod picker;
mod press;
mod read;
mod source;
mod tour;
mod vi;

use ratatui_textarea::{TextArea, WrapMode};

use crate::backend::{BackendError, Status};
use crate::configuration::Settings;
use crate::keys::Chord;
pub(crate) use command::suggestions;
pub use event::{Effect, Event};
pub use exchange::Exchange;
pub use overlay::{Compare, Overlay, Prompt, Purpose};
pub use picker::{Choice, Picker, Row};
pub use source::{Place, Search, Segment, Source};
pub use tour::Tour;
pub use vi::Vi;

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

/// What drawing found out: positions that depend on the size of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Rows that the conversation is scrolled up from its end, no more than there are.
    pub scroll: usize,
    /// The row at the top of the source pane.
    pub place: Option<Place>,
    /// Rows that what lies over the conversation is scrolled.
    pub overlay: usize,
}

/// The state of the terminal.
#[derive(Debug)]
pub struct Session {
    /// What keys do and how things look.
    pub settings: Settings,
    /// Whether questions can be asked.
    pub phase: Phase,
    /// What keys go to.
    pub focus: Focus,
    /// The question being typed.
    pub input: TextArea<'static>,
    /// The conversation, oldest first.
    pub exchanges: Vec<Exchange>,
    /// The answer that is acted upon, as a place in the conversation; the latest where none is chosen.
    pub chosen: Option<usize>,
    /// The source pane, where open.
    pub source: Option<Source>,
    /// Whether the source has the whole screen.
    pub whole: bool,
    /// Rows that the conversation is scrolled up from its end.
    pub scroll: usize,
    /// Whether the latest answer is kept in sight, from its question on.
    follows: bool,
    /// The exchange that is to be brought into sight.
    pub reveal: Option<usize>,
    /// What lies over the conversation.
    pub overlay: Option<Overlay>,
    /// A short notice.
    pub notice: Option<String>,
    /// What was told in full and is too long for a notice.
    pub trouble: Option<BackendError>,
    /// What the next questions are confined to, `KEY:VALUE`.
    pub filters: Vec<String>,
    /// How the next answers are worded; none means as configured.
    pub mode: Option<String>,
    /// Whom copied answers are worded for; none means as configured.
    pub tone: Option<String>,
    /// A generation that is newer than the one that is searched.
    pub newer: Option<String>,
    /// Questions that were asked before, oldest first.
    pub asked: Vec<String>,
    /// Where in `asked` one is, and what was typed before one went there.
    recalled: Option<(usize, String)>,
    /// A question that waits for the models or for the answer before it.
    queued: Option<String>,
    /// The first of two keys.
    pub begun: Option<Chord>,
    /// The mode of the editor, where the question is edited as in vi.
    pub vi: Option<Vi>,
    /// The tour, while it is under way.
    pub tour: Option<Tour>,
    /// Whether it goes line by line, without a screen.
    pub by_lines: bool,
    /// Identity of the conversation.
    pub conversation: String,
    conversations: u64,
    next_request: u64,
}

/// Rows that a page key scrolls.
const PAGE: usize = 10;
/// Longest question, in bytes, as for `citedesk ask`.
const MAX_QUESTION: usize = 64 * 1024;

impl Session {
    /// A session that waits for its backend. `conversation` is an identity that no other session has.
    pub fn new(settings: Settings, conversation: &str) -> Self {
        let tour = settings.tour.clone().map(|questions| Tour::new(questions, false));
        let vi = settings.vi.then_some(Vi::Insert);
        Self {
            settings,
            vi,
            tour,
            by_lines: false,
            phase: Phase::Loading,
            focus: Focus::Input,
            input: editor(),
            exchanges: Vec::new(),
            chosen: None,
            source: None,
            whole: false,
            scroll: 0,
            follows: true,
            reveal: None,
            overlay: None,
            notice: None,
            trouble: None,
            filters: Vec::new(),
            mode: None,
            tone: None,
            newer: None,
            asked: Vec::new(),
            recalled: None,
            queued: None,
            begun: None,
            conversation: conversation.to_owned(),
            conversations: 1,
            next_request: 1,
        }
    }

    /// Whether a question waits for the models or for the answer before it.
    pub fn is_queued(&self) -> bool {
        self.queued.is_some()
    }

    /// The place of the answer that is acted upon.
    pub fn current(&self) -> Option<usize> {
        let last = self.exchanges.len().checked_sub(1)?;
        Some(self.chosen.unwrap_or(last).min(last))
    }

    /// The share of sentences that passed the check, of all that were checked in this conversation.
    pub fn grounded(&self) -> Option<f64> {
        let said: usize = self.exchanges.iter().map(|exchange| exchange.sentences.len()).sum();
        let dropped: usize = self.exchanges.iter().map(|exchange| exchange.dropped.len()).sum();
        (said + dropped > 0).then(|| said as f64 / (said + dropped) as f64)
    }

    /// Takes over what drawing found out.
    pub fn settle(&mut self, settled: Settled) {
        self.scroll = settled.scroll;
        self.reveal = None;
        if let (Some(source), Some(place)) = (&mut self.source, settled.place) {
            source.top = place;
            source.moved = 0;
            source.reveal = None;
        }
        match &mut self.overlay {
            Some(Overlay::Help(scroll)) => *scroll = settled.overlay,
            Some(Overlay::Compare(compare)) => compare.scroll = settled.overlay,
            Some(Overlay::Picker(_) | Overlay::Prompt(_)) | None => {}
        }
    }

    /// Takes in what happened and says what to do.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = self.take_in(event);
        effects.extend(self.ask_next());
        self.go_on_with_tour(&effects);
        if self.follows {
            self.reveal = self.exchanges.len().checked_sub(1);
        }
        effects
    }

    /// From now on the conversation stands where it is put.
    fn stop_following(&mut self) {
        self.follows = false;
        self.reveal = None;
    }

    fn take_in(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => return self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Wheel(rows) => self.scroll_by(rows),
            Event::Line(line) => return self.line(&line),
            Event::Edited(result) => self.edited(result),
            Event::Resized => {}
            Event::Ready(status) => return self.ready(status),
            Event::NotReady(error) => self.not_ready(error),
            Event::Questions(questions) => self.asked.splice(0..0, questions).for_each(drop),
            Event::Screened { request, screened } => {
                if let Some(exchange) = self.running(request) {
                    exchange.screened(screened);
                }
            }
            Event::Answer { request, event } => {
                if let Some(exchange) = self.running(request) {
                    exchange.goes_on(event);
                }
            }
            Event::Kept { request, kept } => self.kept(request, kept),
            Event::Failed { request, error } => {
                if let Some(exchange) = self.running(request) {
                    exchange.error = Some(error);
                }
            }
            Event::Document { id, result } => {
                if let Some(source) = self.source.as_mut().filter(|source| source.id == id) {
                    source.came(result);
                }
            }
            Event::Conversations(result) => self.conversations(result),
            Event::Resumed { conversation, result } => self.resumed(conversation, result),
            Event::Told(result) => self.told(result),
            Event::Newer(generation) => self.newer = Some(generation),
            Event::Switched(result) => self.switched(result),
            Event::Terminate => return vec![Effect::Quit],
        }
        Vec::new()
    }
}

/// An empty editor for a question.
fn editor() -> TextArea<'static> {
    let mut editor = TextArea::default();
    editor.set_wrap_mode(WrapMode::WordOrGlyph);
    editor.set_cursor_line_style(ratatui::style::Style::new());
    editor
}
