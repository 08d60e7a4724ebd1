//! Asking the questions of a set of an index of their own, as users ask them.

use std::fs::File;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use corpus::{AnswerEvent, RunRecord};
use serde::Serialize;

use crate::config::{Mode, Settings};
use crate::engine::{Asked, Engine, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// An engine on the index in `folder`, which holds the documents of a set and nothing else.
pub(super) fn engine(
    settings: &Settings,
    folder: &Path,
    mode: Option<Mode>,
    models: Models,
) -> Result<Engine, Failure> {
    let mut settings = settings.in_folder(folder.to_owned());
    // What users are confined to is not in a set.
    settings.config.search.filters.clear();
    Engine::on(&settings, mode, models, None)
}

/// The record of an answer, and how many sentences were written for it, those left out included.
pub(super) fn ask(engine: &mut Engine, asked: &Asked) -> Result<(RunRecord, usize), Failure> {
    let mut written = 0;
    let answered = engine.ask(asked, &mut |event| {
        written += usize::from(matches!(event, AnswerEvent::Sentence { .. }));
        ControlFlow::Continue(())
    })?;
    Ok((engine.record(&answered.answer), written))
}

/// A file of JSON lines, where one is wanted.
pub(super) struct Lines(Option<File>);

impl Lines {
    /// `name` in `folder`, which is made.
    pub(super) fn create(folder: Option<&Path>, name: &str) -> Result<Self, Failure> {
        let Some(folder) = folder else { return Ok(Self(None)) };
        let path = folder.join(name);
        let create = || {
            std::fs::create_dir_all(folder)?;
            File::create(&path)
        };
        let file = create().map_err(|error| {
            Failure::new(Exit::Error, format!("cannot write {path:?}: {error}"))
                .hint("name a folder that can be written with --out")
        })?;
        Ok(Self(Some(file)))
    }

    pub(super) fn write(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let line = serde_json::to_string(value).map_err(|error| Failure::of(Exit::Error, &error))?;
        // Not buffered: a run takes long, and what it has is worth keeping when it is interrupted.
        Ok(file.write_all(format!("{line}\n").as_bytes())?)
    }
}

/// One value of a table, with its interval.
pub(super) fn cell(estimate: Option<eval::answers::Estimate>) -> String {
    estimate.map_or_else(String::new, |e| format!("{:.3} [{:.3}, {:.3}]", e.mean, e.low, e.high))
}

/// Prints a row of a table of two columns.
pub(super) fn row(output: Output, name: &str, value: &str) -> Result<(), Failure> {
    if value.is_empty() { Ok(()) } else { output.line(format!("  {name:<44} {value}")) }
}
