//! `citedesk` without a command: the terminal UI.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;

use corpus::{AnswerEvent, DocumentId, DocumentRecord};
use tui::view::Theme;
use tui::{Ask, Backend, BackendError, Status};

use crate::config::Settings;
use crate::engine::{self, Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress::Interruptible;
use crate::records;

pub(crate) fn run(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let theme = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        Theme::Plain
    } else {
        Theme::Color
    };
    // What is missing is set up before the screen is taken, with its progress and its interrupts.
    if std::io::stdout().is_terminal() && settings.store()?.current()?.is_some() {
        engine::assets(settings, output)?;
        Interruptible::hand_over();
    }
    let settings = settings.clone();
    let quiet = Output { progress: false, ..output };
    let loader = move || {
        let engine = Engine::open(&settings, None, quiet).map_err(shown)?;
        Ok(Box::new(Desk { engine, settings }) as Box<dyn Backend>)
    };
    match tui::run(Box::new(loader), theme) {
        Ok(()) => Ok(Exit::Ok),
        Err(error @ tui::Error::NotATerminal) => Err(Failure::of(Exit::Usage, &error)
            .hint("`citedesk ask \"…\"` answers without one; `citedesk --help` lists the commands")),
        Err(error) => Err(Failure::of(Exit::Error, &error)),
    }
}

/// The engine behind the terminal.
struct Desk {
    engine: Engine,
    settings: Settings,
}

impl Backend for Desk {
    fn status(&self) -> Status {
        let generation = self.engine.retriever.generation();
        Status {
            generation: generation.id.to_string(),
            documents: generation.documents,
            device: self.engine.device(),
        }
    }

    fn ask(
        &mut self,
        ask: &Ask,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<(), BackendError> {
        let history = ask
            .history
            .iter()
            .map(|turn| generator::Turn { question: turn.question.clone(), answer: turn.answer.clone() })
            .collect();
        let asked = Asked { question: ask.question.clone(), history, ..Asked::default() };
        let answered = self.engine.ask(&asked, sink).map_err(shown)?;
        if self.settings.config.records.enabled {
            records::append(&self.settings.records, &self.engine.record(&answered.answer)).map_err(shown)?;
        }
        Ok(())
    }

    fn document(&mut self, id: &DocumentId) -> Result<Option<DocumentRecord>, BackendError> {
        self.engine.retriever.document(id).map_err(|error| shown(error.into()))
    }
}

fn shown(failure: Failure) -> BackendError {
    BackendError { message: failure.to_string(), hint: failure.remedy().map(str::to_owned) }
}
