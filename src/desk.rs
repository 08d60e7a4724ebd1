//! The engine behind the terminal UI, with what it keeps.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Answer, AnswerEvent, DocumentId, DocumentRecord, RunRecord};
use generator::Tone;
use tui::{Ask, Backend, BackendError, Conversation, Feedback, Handover, Resumed, Screened, Status, Wording};

use crate::command::ask::footnoted;
use crate::config::{Mode, Settings};
use crate::engine::{Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::filters;
use crate::handover::{self, Note};
use crate::kept::{self, Kept, Opinion};
use crate::records;
use crate::webhook::Webhook;

/// Questions of earlier days that can be searched.
const QUESTIONS: usize = 1000;
/// Answers that wait to be recorded while the disk is full.
const WAITING: usize = 100;

/// The engine behind the terminal.
pub(crate) struct Desk {
    engine: Engine,
    settings: Settings,
    kept: Kept,
    /// Where questions are handed over to, where it is an address.
    webhook: Option<Webhook>,
    /// Answers that could not be recorded yet, with their conversations.
    waiting: Vec<(String, RunRecord)>,
}

impl Desk {
    pub(crate) fn new(engine: Engine, settings: Settings, webhook: Option<Webhook>) -> Self {
        let kept = Kept::beside(&settings.records);
        Self { engine, settings, kept, webhook, waiting: Vec::new() }
    }

    /// What finds passages, as short as a status bar needs it.
    fn model(&self) -> String {
        let models = &self.settings.config.models;
        let folder = models.embedding.as_ref().map(|embedding| embedding.folder.relative());
        match folder.as_deref().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None if models.languages == models::Languages::Many => "multilingual E5".to_owned(),
            None => format!("MiniLM {}", models.precision),
        }
    }

    /// Records an answer and those that wait. What cannot be recorded is tried again with the next one.
    fn record(&mut self, conversation: &str, record: RunRecord) -> Result<(), Failure> {
        self.waiting.push((conversation.to_owned(), record));
        if self.waiting.len() > WAITING {
            self.waiting.remove(0);
        }
        while let Some((conversation, record)) = self.waiting.first() {
            self.kept.add(conversation, record)?;
            self.waiting.remove(0);
        }
        Ok(())
    }
}

/// Whom answers can be worded for, by name.
const TONES: [(&str, Tone); 4] =
    [("plain", Tone::Plain), ("email", Tone::Email), ("chat", Tone::Chat), ("note", Tone::Note)];

/// The names of `choices`, that of what is configured first.
fn first<T: Copy + PartialEq>(choices: &[(&str, T)], configured: T) -> Vec<String> {
    let (first, rest): (Vec<_>, Vec<_>) = choices.iter().partition(|(_, choice)| *choice == configured);
    first.into_iter().chain(rest).map(|(name, _)| (*name).to_owned()).collect()
}

/// An answer as it is worded for others than the one who asks.
fn wordings(answer: &Answer) -> Vec<Wording> {
    let worded = |(name, tone): &(&str, Tone)| {
        let text = tone.reply(answer, &|sentence| sentence.text.clone())?;
        Some(Wording { tone: (*name).to_owned(), text, cited: tone.reply(answer, &footnoted)? })
    };
    TONES.iter().filter(|(_, tone)| *tone != Tone::Plain).filter_map(worded).collect()
}

/// How answers can be worded, by name.
const MODES: [(&str, Mode); 3] = [("quote", Mode::Quote), ("compose", Mode::Compose), ("draft", Mode::Draft)];

impl Backend for Desk {
    fn status(&self) -> Status {
        let generation = self.engine.retriever.generation();
        Status {
            generation: generation.id.to_string(),
            documents: generation.documents,
            device: self.engine.device(),
            model: self.model(),
            modes: first(&MODES, self.settings.config.answer.mode),
            tones: first(&TONES, Tone::from(self.settings.config.answer.tone)),
        }
    }

    fn screen(&mut self, text: &str) -> Screened {
        let masked = self.engine.mask(text);
        let mut counts = BTreeMap::new();
        for finding in &masked.findings {
            *counts.entry(finding.kind.clone()).or_default() += 1;
        }
        Screened { text: masked.text, masked: counts }
    }

    fn ask(
        &mut self,
        ask: &Ask,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<tui::Kept, BackendError> {
        let turn = |turn: &tui::Turn| generator::Turn {
            question: turn.question.clone(),
            answer: turn.answer.clone(),
        };
        let asked = Asked {
            question: ask.question.clone(),
            history: ask.history.iter().map(turn).collect(),
            filters: filters::parse(&ask.filters).map_err(shown)?,
            ..Asked::default()
        };
        let named = MODES.iter().find(|(name, _)| ask.mode.as_deref() == Some(name)).map(|(_, mode)| *mode);
        self.engine.set_mode(named.unwrap_or(self.settings.config.answer.mode)).map_err(shown)?;
        let mut stopped = false;
        let answered = self.engine.ask(&asked, &mut |event| {
            let flow = sink(event);
            stopped |= flow.is_break();
            flow
        });
        let answered = match answered {
            // What the person stopped is no answer, and no error either.
            _ if stopped => return Ok(tui::Kept::default()),
            answered => answered.map_err(shown)?,
        };
        let wordings = wordings(&answered.answer);
        if !self.settings.config.records.enabled {
            return Ok(tui::Kept { wordings, ..tui::Kept::default() });
        }
        let record = self.engine.record(&answered.answer);
        let id = record.id.clone();
        let problem = self.record(&ask.conversation, record).map_err(shown).err();
        Ok(tui::Kept { record: Some(id), problem, wordings })
    }

    fn document(&mut self, id: &DocumentId) -> Result<Option<DocumentRecord>, BackendError> {
        self.engine.retriever.document(id).map_err(|error| shown(error.into()))
    }

    fn questions(&mut self) -> Result<Vec<String>, BackendError> {
        self.kept.questions(QUESTIONS).map_err(shown)
    }

    fn conversations(&mut self) -> Result<Vec<Conversation>, BackendError> {
        let talks = self.kept.talks().map_err(shown)?;
        let conversation = |talk: kept::Talk| Conversation {
            at: talk
                .records
                .last()
                .map_or_else(String::new, |record| record.at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
            questions: talk.records.into_iter().map(|record| record.answer.question).collect(),
            id: talk.id,
        };
        Ok(talks.into_iter().map(conversation).collect())
    }

    fn resume(&mut self, conversation: &str) -> Result<Vec<Resumed>, BackendError> {
        let talks = self.kept.talks().map_err(shown)?;
        let found = talks.into_iter().find(|talk| talk.id == conversation);
        let turn = |record: RunRecord| Resumed {
            record: record.id,
            wordings: wordings(&record.answer),
            answer: record.answer,
        };
        Ok(found.map_or(Vec::new(), |talk| talk.records.into_iter().map(turn).collect()))
    }

    fn feedback(
        &mut self,
        record: Option<&str>,
        answer: &Answer,
        feedback: &Feedback,
    ) -> Result<String, BackendError> {
        let mask = |text: &str| self.engine.mask(text).text;
        let mut opinion = Opinion {
            at: jiff::Timestamp::now(),
            record: record.map(str::to_owned),
            question: answer.question.clone(),
            good: None,
            reason: String::new(),
            correction: None,
        };
        let file = match feedback {
            Feedback::Rating { good, reason } => {
                opinion.good = Some(*good);
                opinion.reason = mask(reason);
                self.kept.rate(&opinion)
            }
            Feedback::Correction(text) => {
                opinion.correction = Some(mask(text));
                self.kept.rate(&opinion)
            }
            Feedback::Golden { history, filters } => {
                let turn = |turn: &tui::Turn| eval::golden::Turn {
                    question: turn.question.clone(),
                    answer: turn.answer.clone(),
                };
                let filters = filters.iter().filter_map(|filter| filter.split_once(':'));
                let filters = filters.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
                let id = record.map_or_else(records::new_id, str::to_owned);
                let history = history.iter().map(turn).collect();
                self.kept.make_golden(&kept::golden(id, answer, history, filters))
            }
        };
        file.map(|file| format!("kept in {}", file.display())).map_err(shown)
    }

    fn escalate(&mut self, handover: &Handover) -> Result<String, BackendError> {
        let id = records::new_id();
        let note = Note::of(handover, &id, &|text| self.engine.mask(text).text).map_err(shown)?;
        let escalation = &self.settings.config.escalation;
        let folder = match &escalation.folder {
            Some(folder) => folder.relative(),
            None => self.kept.notes(),
        };
        // First of all: whoever ends the program while the note is being sent loses nothing.
        let file = handover::to_folder(&folder, &id, &note.text);
        let handed = match &self.webhook {
            Some(webhook) => {
                webhook.post(&id, &note.json).map(|()| Some(format!("handed over to {}", webhook.host())))
            }
            None if escalation.command.is_empty() => Ok(None),
            None => handover::to_command(&escalation.command, &note.text).map(Some),
        };
        match (handed, file) {
            (Ok(None), file) => Ok(format!("handed over in {}", file.map_err(shown)?.display())),
            (Ok(Some(told)), file) => {
                // One that stays is only there twice.
                let _ = file.map(std::fs::remove_file);
                Ok(told)
            }
            (Err(failure), file) => {
                let hint = failure.remedy().map(str::to_owned);
                let kept = match file {
                    Ok(file) => format!("the note is in {}", file.display()),
                    Err(second) => second.to_string(),
                };
                Err(BackendError { message: format!("{failure}; {kept}"), hint })
            }
        }
    }

    fn write(&mut self, file: &Path, text: &str) -> Result<(), BackendError> {
        handover::write_new(file, text).map_err(|error| {
            let failure = Failure::new(Exit::Error, format!("{} was not written: {error}", file.display()));
            shown(failure.hint("name another file: /export md FILE"))
        })
    }

    fn newer(&mut self) -> Option<String> {
        let current = self.settings.store().ok()?.current().ok()??;
        (current.id != self.engine.retriever.generation().id).then(|| current.id.to_string())
    }

    fn switch(&mut self) -> Result<Status, BackendError> {
        self.engine.reopen(&self.settings).map_err(shown)?;
        Ok(self.status())
    }
}

/// A failure as it is shown on the screen.
pub(crate) fn shown(failure: Failure) -> BackendError {
    BackendError { message: failure.to_string(), hint: failure.remedy().map(str::to_owned) }
}
