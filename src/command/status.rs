//! `citedesk status`: what is indexed.

use retriever::Store;

use super::generations::describe;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let store = Store::open(&settings.index)?;
    let Some(current) = store.current()? else { return Err(engine::no_index(settings)) };
    let kept = store.generations()?.len();
    if output.json {
        output.event(
            "status",
            &serde_json::json!({ "index": settings.index, "generation": current, "generations_kept": kept }),
        )?;
        return Ok(Exit::Ok);
    }
    output.line(format!("index       {}", settings.index.display()))?;
    output.line(format!("generation  {}", describe(&current)))?;
    output.line(format!("kept        {kept}"))?;
    output.line(format!("embedder    {}", current.embedder))?;
    Ok(Exit::Ok)
}
