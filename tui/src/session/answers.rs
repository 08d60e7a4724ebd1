//! Asking, and what comes back.

use super::{Effect, Exchange, Focus, Phase, Session, editor};
use crate::backend::{Ask, BackendError, Kept, Status, Turn};

/// How many earlier turns travel with a question.
const HISTORY: usize = 3;

impl Session {
    pub(super) fn ready(&mut self, status: Status) -> Vec<Effect> {
        self.phase = Phase::Ready(status);
        vec![Effect::Questions]
    }

    /// Asks what waits, where nothing is in its way any more.
    pub(super) fn ask_next(&mut self) -> Vec<Effect> {
        if !matches!(self.phase, Phase::Ready(_)) || self.is_answering() {
            return Vec::new();
        }
        self.queued.take().map(|question| self.ask(question)).unwrap_or_default()
    }

    /// Whether an answer is being made.
    pub fn is_answering(&self) -> bool {
        self.exchanges.last().is_some_and(Exchange::is_running)
    }

    pub(super) fn not_ready(&mut self, error: BackendError) {
        self.phase = Phase::Broken(error);
        // The question goes back into the editor: it must not be lost.
        if let Some(question) = self.queued.take() {
            self.set_input(&question);
        }
    }

    pub(super) fn running(&mut self, request: u64) -> Option<&mut Exchange> {
        let exchange = self
            .exchanges
            .iter_mut()
            .find(|exchange| exchange.request == request && exchange.is_running())?;
        exchange.version += 1;
        Some(exchange)
    }

    /// What has been typed, or a line that was entered, as a question.
    pub(super) fn submit(&mut self, question: String) -> Vec<Effect> {
        if question.is_empty() {
            return Vec::new();
        }
        if matches!(self.phase, Phase::Broken(_)) {
            self.notice = Some("nothing can be asked; the question is kept".into());
        } else if self.queued.is_some() {
            self.notice =
                Some(format!("a question is waiting already; {} takes it back", self.key_of_back()));
        } else {
            self.clear_input();
            self.queued = Some(question);
        }
        // With nothing in its way it is asked at once: see `handle`.
        Vec::new()
    }

    fn ask(&mut self, question: String) -> Vec<Effect> {
        let history = self.turns_before(self.exchanges.len());
        let request = self.next_request;
        self.next_request += 1;
        self.scroll = 0;
        self.follows = true;
        self.source = None;
        self.whole = false;
        self.chosen = None;
        self.trouble = None;
        if self.focus == Focus::Source {
            self.focus = Focus::Input;
        }
        let ask = Ask {
            question,
            history,
            mode: self.mode.clone(),
            filters: self.filters.clone(),
            conversation: self.conversation.clone(),
        };
        self.exchanges.push(Exchange::asked(request, &ask));
        vec![Effect::Ask { request, ask }]
    }

    /// The last turns before the exchange at `place`, oldest first.
    pub(super) fn turns_before(&self, place: usize) -> Vec<Turn> {
        let turn = |exchange: &Exchange| {
            let answer = exchange.answer.as_ref()?;
            Some(Turn { question: answer.question.clone(), answer: exchange.said() })
        };
        let before = self.exchanges.iter().take(place);
        let mut turns: Vec<Turn> = before.rev().filter_map(turn).take(HISTORY).collect();
        turns.reverse();
        turns
    }

    pub(super) fn kept(&mut self, request: u64, kept: Kept) {
        let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.request == request) else {
            return;
        };
        exchange.version += 1;
        exchange.record = kept.record;
        exchange.wordings = kept.wordings;
        if exchange.answer.is_some() {
            let question = exchange.question.clone();
            self.asked.retain(|asked| *asked != question);
            self.asked.push(question);
        }
        if let Some(problem) = kept.problem {
            self.fail(problem);
        }
    }

    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        match self.exchanges.last_mut().filter(|exchange| exchange.is_running()) {
            Some(exchange) => {
                exchange.cancelled = true;
                exchange.version += 1;
                vec![Effect::Cancel { request: exchange.request }]
            }
            None => Vec::new(),
        }
    }

    pub(super) fn set_input(&mut self, text: &str) {
        self.input = editor();
        self.input.insert_str(text);
    }

    pub(super) fn clear_input(&mut self) {
        self.insert();
        self.input = editor();
        self.recalled = None;
    }

    pub(super) fn take_back(&mut self) -> bool {
        let Some(question) = self.queued.take() else { return false };
        self.set_input(&question);
        self.notice = Some("the question was taken back".into());
        true
    }
}
