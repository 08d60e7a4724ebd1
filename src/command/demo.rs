//! `citedesk demo`: from nothing to cited answers over the sample knowledge base.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;

use super::{ask, ingest, tui};
use crate::cli::Demo;
use crate::config::Settings;
use crate::engine::{Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::sample;

pub(crate) fn run(settings: &Settings, args: &Demo, output: Output) -> Result<Exit, Failure> {
    // The demo has an index and a log of its own: it must not touch those in use.
    let home = settings.index.parent().unwrap_or(&settings.index).join("demo");
    let mut settings = settings.in_folder(home.join("index"));
    settings.records = home.join("records.jsonl");
    let documents = sample::unpack(&home)?;
    let report = ingest::ingest(
        &settings,
        ingest::given(&settings, std::slice::from_ref(&documents)),
        &ingest::Flags::default(),
        output,
    )?;
    ingest::print(&report, output)?;
    if args.tour {
        return tui::run(&settings, args.plain, Some(sample::TOUR.map(str::to_owned)), output);
    }

    let mut engine = Engine::open(&settings, None, output)?;
    for question in sample::questions() {
        let asked = Asked { question: question.to_owned(), ..Asked::default() };
        let answered = engine.ask(&asked, &mut |_| ControlFlow::Continue(()))?;
        if output.json {
            output.event("done", &answered.answer)?;
            continue;
        }
        output.line(format!("\n{}", output.bold(&format!("› {question}"))))?;
        ask::print(&answered, output)?;
        let timings = answered.answer.timings;
        output.line(output.dim(&format!(
            "{} · passages {:.0} ms, total {:.0} ms",
            ask::supported(&answered.answer),
            timings.passages_ms,
            timings.total_ms
        )))?;
    }
    let screen = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if args.no_tui || output.json || !(screen || args.plain) {
        if !output.json {
            output.line(format!(
                "\nAsk on: citedesk --index {:?} ask \"…\"   Your own documents: citedesk ingest FOLDER",
                settings.index
            ))?;
        }
        return Ok(Exit::Ok);
    }
    if !args.plain {
        output.line("\nPress Enter to open the terminal UI.")?;
        std::io::stdin().read_line(&mut String::new())?;
    }
    drop(engine);
    tui::run(&settings, args.plain, None, output)
}
