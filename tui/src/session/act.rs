//! What is done with an answer.

use std::path::PathBuf;

use super::{Choice, Effect, Exchange, Overlay, Phase, Picker, Purpose, Row, Session};
use crate::backend::{BackendError, Conversation, Feedback, Resumed, Status};
use crate::export;

impl Session {
    /// The chosen answer, once it is whole and says something.
    fn answered(&mut self) -> Option<usize> {
        let at = self.current().filter(|at| !self.exchanges[*at].sentences.is_empty());
        if at.is_none() {
            self.notice = Some("there is no answer".into());
        }
        at
    }

    /// The chosen exchange, once it has ended.
    fn ended(&mut self) -> Option<usize> {
        let at = self.current().filter(|at| self.exchanges[*at].answer.is_some());
        if at.is_none() {
            self.notice = Some("there is no whole answer yet".into());
        }
        at
    }

    /// Whom copied answers are worded for, as chosen or else as configured.
    fn tone(&self) -> Option<&str> {
        let Phase::Ready(status) = &self.phase else { return None };
        self.tone.as_deref().or(status.tones.first().map(String::as_str))
    }

    pub(super) fn copy(&mut self, sources: bool) -> Vec<Effect> {
        let Some(at) = self.answered() else { return Vec::new() };
        let exchange = &self.exchanges[at];
        let tone = self.tone();
        let text = export::reply(exchange, tone, sources, &self.settings.notice);
        let what = if sources { "answer and sources" } else { "answer" };
        let worded = tone.filter(|tone| exchange.wordings.iter().any(|wording| wording.tone == *tone));
        let what = worded.map_or_else(|| what.to_owned(), |tone| format!("{what} as {tone}"));
        vec![Effect::Copy { what, text }]
    }

    pub(super) fn begin_rate(&mut self, good: bool, reason: &str) -> Vec<Effect> {
        let Some(at) = self.ended() else { return Vec::new() };
        if reason.is_empty() {
            self.prompt(Purpose::Reason { good }, at, "");
            return Vec::new();
        }
        self.rate(at, good, reason.to_owned())
    }

    pub(super) fn rate(&mut self, at: usize, good: bool, reason: String) -> Vec<Effect> {
        self.feedback(at, Feedback::Rating { good, reason }, |exchange| exchange.rating = Some(good))
    }

    pub(super) fn begin_correct(&mut self, text: &str) -> Vec<Effect> {
        let Some(at) = self.ended() else { return Vec::new() };
        if text.is_empty() {
            let said = self.exchanges[at].said();
            self.prompt(Purpose::Correction, at, &said);
            return Vec::new();
        }
        self.correct(at, text.to_owned())
    }

    pub(super) fn correct(&mut self, at: usize, text: String) -> Vec<Effect> {
        if text.is_empty() || self.exchanges.get(at).is_some_and(|exchange| exchange.said() == text) {
            self.notice = Some("nothing was corrected".into());
            return Vec::new();
        }
        self.feedback(at, Feedback::Correction(text), |exchange| exchange.corrected = true)
    }

    pub(super) fn golden(&mut self) -> Vec<Effect> {
        let Some(at) = self.ended() else { return Vec::new() };
        let filters = self.exchanges[at].filters.clone();
        let feedback = Feedback::Golden { history: self.turns_before(at), filters };
        self.feedback(at, feedback, |exchange| exchange.golden = true)
    }

    fn feedback(&mut self, at: usize, feedback: Feedback, mark: impl FnOnce(&mut Exchange)) -> Vec<Effect> {
        let Some(exchange) = self.exchanges.get_mut(at) else { return Vec::new() };
        let Some(answer) = exchange.whole() else { return Vec::new() };
        mark(exchange);
        exchange.version += 1;
        vec![Effect::Feedback { record: exchange.record.clone(), answer: Box::new(answer), feedback }]
    }

    /// Writes the conversation as Markdown or JSON, into the named file or one that the conversation names.
    pub(super) fn export(&mut self, argument: &str) -> Vec<Effect> {
        if self.exchanges.is_empty() {
            self.notice = Some("there is nothing to export".into());
            return Vec::new();
        }
        let (format, file) = match argument.split_once(char::is_whitespace) {
            Some((format @ ("md" | "json"), file)) => (format, file.trim()),
            None if matches!(argument, "md" | "json") => (argument, ""),
            _ if std::path::Path::new(argument).extension().is_some_and(|end| end == "json") => {
                ("json", argument)
            }
            _ => ("md", argument),
        };
        let file = if file.is_empty() {
            PathBuf::from(format!("citedesk-{}.{format}", self.conversation))
        } else {
            PathBuf::from(file)
        };
        let text = match format {
            "json" => export::json(&self.conversation, &self.exchanges),
            _ => export::markdown(&self.exchanges, &self.settings.notice),
        };
        vec![Effect::Write { file, text }]
    }

    pub(super) fn begin_escalate(&mut self, remark: &str) -> Vec<Effect> {
        let Some(at) = self.current() else {
            self.notice = Some("there is no question to hand over".into());
            return Vec::new();
        };
        if remark.is_empty() {
            self.prompt(Purpose::Remark, at, "");
            return Vec::new();
        }
        self.escalate(at, remark)
    }

    pub(super) fn escalate(&mut self, at: usize, remark: &str) -> Vec<Effect> {
        let last = at.min(self.exchanges.len().saturating_sub(1));
        match self.exchanges.get(..=last) {
            Some(tried) => {
                let handover = export::handover(tried, remark);
                if handover.tried.is_empty() {
                    self.notice = Some("the question is not screened yet".into());
                    return Vec::new();
                }
                self.notice = Some("handing over…".into());
                vec![Effect::Escalate(Box::new(handover))]
            }
            None => Vec::new(),
        }
    }

    pub(super) fn told(&mut self, result: Result<String, BackendError>) {
        match result {
            Ok(notice) => self.notice = Some(notice),
            Err(error) => {
                self.notice = None;
                self.fail(error);
            }
        }
    }

    /// Tells at the end of the conversation what is too long for a notice.
    pub(super) fn fail(&mut self, error: BackendError) {
        self.trouble = Some(error);
        self.stop_following();
        self.scroll = 0;
    }

    pub(super) fn switched(&mut self, result: Result<Status, BackendError>) {
        match result {
            Ok(status) => {
                self.notice = Some(format!("generation {} from now on", status.generation));
                self.phase = Phase::Ready(status);
                self.newer = None;
            }
            Err(error) => {
                self.notice = None;
                self.fail(error);
            }
        }
    }

    pub(super) fn conversations(&mut self, result: Result<Vec<Conversation>, BackendError>) {
        let Some(Overlay::Picker(picker)) = &self.overlay else { return };
        if picker.choice != Choice::Conversation {
            return;
        }
        let query = picker.query.clone();
        match result {
            Ok(conversations) => {
                let row = |conversation: Conversation| Row {
                    label: format!(
                        "{}  {}",
                        conversation.at,
                        conversation.questions.first().map_or("", String::as_str)
                    ),
                    detail: conversation.questions.get(1..).unwrap_or_default().join(" · "),
                    value: conversation.id,
                };
                let rows: Vec<Row> = conversations.into_iter().map(row).collect();
                if rows.is_empty() {
                    self.overlay = None;
                    self.notice = Some("no conversation has been kept yet".into());
                } else {
                    self.overlay = Some(Overlay::Picker(Picker::new(Choice::Conversation, rows, &query)));
                }
            }
            Err(error) => {
                self.overlay = None;
                self.fail(error);
            }
        }
    }

    pub(super) fn resumed(&mut self, conversation: String, result: Result<Vec<Resumed>, BackendError>) {
        match result {
            Ok(turns) if turns.is_empty() => {
                self.notice = Some("nothing of this conversation is left".into());
            }
            Ok(_) if self.is_answering() => {
                self.notice = Some("an answer is being made".into());
            }
            Ok(turns) => {
                self.clear_conversation();
                let first = self.next_request;
                self.next_request += turns.len() as u64;
                self.exchanges =
                    (first..).zip(turns).map(|(request, turn)| Exchange::resumed(request, turn)).collect();
                self.conversation = conversation;
                self.notice = Some("the conversation goes on".into());
            }
            Err(error) => self.fail(error),
        }
    }
}
