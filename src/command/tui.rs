//! `citedesk` without a command: the terminal UI, or the same line by line.

use std::io::{self, IsTerminal as _};

use tui::{Backend, ConfigurationError, Depth};

use crate::config::Settings;
use crate::desk::{Desk, shown};
use crate::engine::{self, Engine};
use crate::failure::{Exit, Failure};
use crate::locate::locate;
use crate::output::Output;
use crate::progress::Interruptible;
use crate::records;
use crate::webhook::Webhook;

/// `tour` holds the questions of the tour, where it begins with that.
pub(crate) fn run(
    settings: &Settings,
    plain: bool,
    tour: Option<[String; 2]>,
    output: Output,
) -> Result<Exit, Failure> {
    let depth = Depth::detect(|name| std::env::var(name).ok());
    let mut resolved = settings.config.tui.resolve(depth).map_err(|error| misconfigured(settings, &error))?;
    resolved.tour = tour;
    let webhook = Webhook::of(&settings.config.escalation)?;
    // A terminal that cannot move its cursor has lines only.
    let plain = plain || std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let screen = io::stdout().is_terminal() && io::stdin().is_terminal();
    // What is missing is set up before the screen is taken, with its progress and its interrupts.
    if (plain || screen) && settings.store()?.current()?.is_some() {
        engine::assets(settings, output)?;
        Interruptible::hand_over();
    }
    let quiet = Output { progress: false, ..output };
    let conversation = format!("{}-1", records::new_id());
    if plain {
        let mut desk = Desk::new(Engine::open(settings, None, quiet)?, settings.clone(), webhook);
        let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
        tui::plain::run(&mut desk, resolved, &conversation, &mut input, &mut output)?;
        return Ok(Exit::Ok);
    }
    let settings = settings.clone();
    let loader = move || {
        let engine = Engine::open(&settings, None, quiet).map_err(shown)?;
        Ok(Box::new(Desk::new(engine, settings, webhook)) as Box<dyn Backend>)
    };
    match tui::run(Box::new(loader), resolved, &conversation) {
        Ok(()) => Ok(Exit::Ok),
        Err(error @ tui::Error::NotATerminal) => Err(Failure::of(Exit::Usage, &error).hint(
            "`citedesk --plain` asks line by line, `citedesk ask \"…\"` once; `citedesk --help` lists the commands",
        )),
        Err(error) => Err(Failure::of(Exit::Error, &error)),
    }
}

/// Names the line and column of what is wrong below `[tui]`.
fn misconfigured(settings: &Settings, error: &ConfigurationError) -> Failure {
    let mut path = vec!["tui".to_owned()];
    path.extend(error.path.iter().cloned());
    let key = path.join(".");
    // An item of a list has no key of its own.
    let named = path.iter().take_while(|part| part.parse::<usize>().is_err()).cloned().collect::<Vec<_>>();
    let place = settings.file_of(&named.join(".")).map(|file| match locate(&file, &path, error.names_key) {
        Some((line, column)) => format!("{}:{line}:{column}: ", file.display()),
        None => format!("{}: ", file.display()),
    });
    Failure::new(Exit::Usage, format!("{}{key}: {error}", place.unwrap_or_default())).hint(&error.hint)
}
