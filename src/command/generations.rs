//! `citedesk generations`: list, promote, roll back.

use retriever::{Generation, Store};

use crate::cli::Generations;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(settings: &Settings, action: &Generations, output: Output) -> Result<Exit, Failure> {
    let store = Store::open(&settings.index)?;
    match action {
        Generations::List => {
            let Some(current) = store.current()? else { return Err(engine::no_index(settings)) };
            for generation in store.generations()?.iter().rev() {
                let live = generation.id == current.id;
                if output.json {
                    output.event(
                        "generation",
                        &serde_json::json!({ "generation": generation, "current": live }),
                    )?;
                } else {
                    let mark = if live { output.good("→") } else { " ".into() };
                    output.line(format!("{mark} {}", describe(generation)))?;
                }
            }
        }
        Generations::Promote { id } => {
            let known = store.generations()?;
            let Some(generation) = known.iter().find(|generation| generation.id.to_string() == *id) else {
                return Err(Failure::new(Exit::Usage, format!("there is no generation {id:?}"))
                    .hint("`citedesk generations list` shows those that are kept"));
            };
            store.promote(&generation.id)?;
            told(generation, output)?;
        }
        Generations::Rollback => told(&store.rollback()?, output)?,
    }
    Ok(Exit::Ok)
}

fn told(generation: &Generation, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.event("promoted", generation);
    }
    output.line(format!("current: {}", describe(generation)))
}

pub(crate) fn describe(generation: &Generation) -> String {
    format!(
        "{}  {}  {} documents, {} chunks",
        generation.id,
        generation.created.strftime("%Y-%m-%d %H:%M"),
        generation.documents,
        generation.chunks
    )
}
