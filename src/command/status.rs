//! `citedesk status`: what is indexed and how the last run went.

use super::generations::describe;
use super::ingest::files;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::reports;

pub(crate) fn run(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let store = settings.store()?;
    let Some(current) = store.current()? else { return Err(engine::no_index(settings)) };
    let kept = store.generations()?.len();
    let last = reports::last(settings)?;
    if output.json {
        output.event(
            "status",
            &serde_json::json!({
                "index": settings.place(), "generation": current, "generations_kept": kept, "last_run": last,
            }),
        )?;
        return Ok(Exit::Ok);
    }
    output.line(format!("index       {}", settings.place().display()))?;
    output.line(format!("generation  {}", describe(&current)))?;
    output.line(format!("kept        {kept}"))?;
    output.line(format!("embedder    {}", current.embedder))?;
    let Some(report) = last else { return Ok(Exit::Ok) };
    let at = report.at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    let outcome = match &report.held {
        Some(held) => output.bad(&format!("generation {} held back", held.generation)),
        None if report.published => "published".to_owned(),
        None => "nothing changed".to_owned(),
    };
    output.line(format!("last run    {at}, {:.1} s, {outcome}", report.seconds))?;
    output.line(format!("            {}", files(&report.counts)))?;
    super::ingest::left_out(&report, output)?;
    Ok(Exit::Ok)
}
